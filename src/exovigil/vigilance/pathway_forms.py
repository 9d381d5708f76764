"""Forms of the care pathway: a step of the site, what became of it in a case, and lesions counted on one day."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms

from exovigil.clinic.body_map import MapView, body_map
from exovigil.foundation.forms import ActionForm, DayField
from exovigil.vigilance.forms import radio
from exovigil.vigilance.labels import region_choices, region_labels
from exovigil.vigilance.lesions import LARGEST, MOST, Lesion, LesionKind, Seen, by_region
from exovigil.vigilance.models import PathwayRecord
from exovigil.vigilance.steps import Step

LINES = 3  # kinds of lesion a region
_WRONG = {"invalid": "Enter a whole number.", "min_value": "Enter a number from %(limit_value)s."}


class StepForm(ActionForm):
    """How the site has a step."""

    text = forms.CharField(
        label="In the site's own words",
        required=False,
        max_length=2_000,
        help_text="Empty: the cited words.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    due_days = forms.IntegerField(
        label="Days from the first report",
        required=False,
        min_value=0,
        help_text="Empty: the cited step's reminder.",
        error_messages=_WRONG,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    is_skipped = forms.TypedChoiceField(
        label="Does the site do it?",
        choices=(("no", "Yes"), ("yes", "No: leave it out")),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect(attrs={"across": True}),
        error_messages={"required": "Choose whether the site does it."},
    )
    reason = forms.CharField(
        label="Why",
        max_length=250,
        help_text="Kept with your name and the day, and shown beside the cited step.",
        error_messages={"required": "Say why the site does it this way."},
    )


class RecordStepForm(ActionForm):
    """What became of a step in a case."""

    state = radio("What became of it", PathwayRecord.State.choices, missing="Choose what became of it.")
    done_on = DayField(label="Done on", required=False, help_text="Only for what was done.")
    words = forms.CharField(
        label="Result, or why it will not be done",
        required=False,
        max_length=250,
        help_text="Such as “12 photographs in the patient's file”, or “the patient declined”.",
    )

    def __init__(self, *args: Any, step: Step, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state = self.fields["state"]
        if step.evidence != "person" and isinstance(state, forms.ChoiceField):
            state.choices = [c for c in PathwayRecord.State.choices if c[0] != PathwayRecord.State.DONE]
            del self.fields["done_on"]


class RegionsForm(forms.Form):
    """Chooses the regions to count in; it changes nothing."""

    regions = forms.MultipleChoiceField(choices=region_choices, required=False)

    @property
    def map(self) -> tuple[MapView, ...]:
        """The body map with the regions now chosen."""
        return body_map(self["regions"].value() or ())


class CountField(forms.CharField):
    """How many; ``?`` for lesions that nobody counted. Cleans to a number, "?" or an empty text."""

    def clean(self, value: Any) -> str:
        """Check that it is a number that can be."""
        text = str(super().clean(value) or "").strip()
        if text in {"", "?"}:
            return text
        if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= MOST):
            raise forms.ValidationError(f"Enter a number from 0 to {MOST}, or ? if nobody counted.")
        return text


class Line(NamedTuple):
    """The three fields of one line."""

    kind: forms.BoundField
    number: forms.BoundField
    size_mm: forms.BoundField


class LesionsForm(ActionForm):
    """Lesions seen on one day: for each chosen region, a line for each kind."""

    seen_on = DayField(label="Seen on")
    found = radio(
        "What was seen",
        (("lesions", "Lesions, counted below"), ("none", "I looked, and there was no lesion")),
        missing="Choose what was seen.",
    )
    note = forms.CharField(label="Remarks", required=False, max_length=250)

    def __init__(self, *args: Any, regions: list[str], earlier: Seen | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.regions, self.earlier = regions, earlier
        for region in regions:
            kinds = [row.kind for row in earlier.lesions if row.region == region] if earlier else []
            for number in range(LINES):
                kind = kinds[number] if number < len(kinds) else ""
                self._add_line(f"{region}-{number}", kind)

    def _add_line(self, name: str, kind: str) -> None:
        choices = [("", "–"), *((k.value, k.label) for k in LesionKind)]
        self.fields[f"{name}-kind"] = forms.ChoiceField(
            label="Kind", choices=choices, required=False, initial=kind
        )
        self.fields[f"{name}-count"] = CountField(label="Number", required=False, max_length=8)
        self.fields[f"{name}-size_mm"] = forms.IntegerField(
            label="Largest, mm",
            required=False,
            min_value=1,
            max_value=LARGEST,
            error_messages=_WRONG | {"max_value": f"Enter at most {LARGEST} mm."},
        )

    @property
    def lines(self) -> list[tuple[str, str, list[Line]]]:
        """Each region's label, what was seen there before, and its lines."""
        before = dict(by_region(self.earlier.lesions, region_labels)) if self.earlier else {}
        labels = region_labels(self.regions)
        return [
            (label, before.get(label, ""), [self._line(f"{region}-{n}") for n in range(LINES)])
            for region, label in zip(self.regions, labels, strict=True)
        ]

    def _line(self, name: str) -> Line:
        return Line(self[f"{name}-kind"], self[f"{name}-count"], self[f"{name}-size_mm"])

    def clean(self) -> dict[str, Any]:
        """A line has a kind and a number, or nothing; the same kind stands once in a region."""
        given = super().clean() or self.cleaned_data
        if given.get("found") == "lesions":
            for region in self.regions:
                self._check_region(region, given)
        return given

    def _check_region(self, region: str, given: Mapping[str, Any]) -> None:
        seen = set()
        for name in (f"{region}-{n}" for n in range(LINES)):
            kind, count = given.get(f"{name}-kind"), given.get(f"{name}-count", "?")
            if kind and not count:
                self.add_error(f"{name}-count", "How many? 0 if they have gone, ? if nobody counted.")
            if not kind and (count not in {"", "?"} or given.get(f"{name}-size_mm")):
                self.add_error(f"{name}-kind", "Choose the kind of lesion.")
            if kind and kind in seen:
                self.add_error(f"{name}-kind", "This kind is there already. Put them in one line.")
            seen.add(kind)

    def values(self) -> dict[str, Any]:
        """What the action takes: the lines as lesions."""
        given, none_seen = self.cleaned_data, self.cleaned_data["found"] == "none"
        names = [(region, f"{region}-{n}") for region in self.regions for n in range(LINES)]
        lesions = [
            Lesion(
                region,
                LesionKind(given[f"{name}-kind"]),
                None if given[f"{name}-count"] == "?" else int(given[f"{name}-count"]),
                given[f"{name}-size_mm"],
            )
            for region, name in names
            if given[f"{name}-kind"] and not none_seen
        ]
        kept = {"seen_on": given["seen_on"], "note": given["note"]}
        return kept | {"none_seen": none_seen, "lesions": lesions}
