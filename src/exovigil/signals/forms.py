"""Forms of the signals room."""

from typing import TYPE_CHECKING, Any

from django import forms

from exovigil.foundation.forms import ActionForm
from exovigil.signals.models import AlarmDecision, DuplicateDecision

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from exovigil.catalogue.models import Lot

Kind = AlarmDecision.Kind


class RunForm(ActionForm):
    """Runs the watch as of today; nothing to fill in, only the key that keeps a double click from running twice."""


def _note(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text="At least 20 characters. Others act on this. Name no patient.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Say why, so that others can follow the decision."},
    )


class LotsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Lots of one product to choose from, each with its number and whether it is held."""

    def label_from_instance(self, obj: Any) -> str:
        """Name a lot on its own product's form."""
        return f"Lot {obj.number}{', stopped already' if obj.is_quarantined else ''}"


class AlarmForm(ActionForm):
    """Decides on an alarm; the lots of its product are there to choose from."""

    decision = forms.ChoiceField(
        label="What do you decide?",
        choices=[
            (Kind.LOOK_INTO, "Look into it: more has to be found out first"),
            (Kind.QUARANTINE, "Quarantine: stop the lots chosen below at every site at once"),
            (Kind.RECALL, "Recall: stop the lots chosen below, and have what is left sent back or discarded"),
            (
                Kind.INFORM,
                "Inform: send every clinic that used the lot or product a notice with your words below",
            ),
            (Kind.NO_ACTION, "No action: it is explained otherwise"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is decided."},
    )
    lots = LotsField(
        label="Lots, for a quarantine or a recall",
        help_text="None chosen means the lot in alarm, if the alarm is on a lot.",
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note = _note("Why, and what will be done")

    def __init__(self, *args: Any, lots: "QuerySet[Lot]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lots"].queryset = lots  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Cleaned answers, the lots as a list so that the form's digest names them."""
        found = super().values()
        return {**found, "lots": list(found["lots"])}


class ClosingForm(ActionForm):
    """Closes or reopens an investigation with the reason."""

    note = _note("Why?")


class OwnCountForm(forms.Form):
    """One's own count of microneedling without any product; it is compared and not kept."""

    own_events = forms.IntegerField(
        label="People with this reaction",
        min_value=0,
        max_value=1_000_000,
        error_messages={"required": "Enter how many had the reaction, 0 if nobody."},
    )
    own_treatments = forms.IntegerField(
        label="Treatments, each followed for the whole window",
        min_value=1,
        max_value=1_000_000,
        error_messages={"required": "Enter how many treatments were given."},
    )

    def clean(self) -> dict[str, Any]:
        """Refuse more reactions than treatments."""
        found = super().clean() or {}
        events, treatments = found.get("own_events"), found.get("own_treatments")
        if events is not None and treatments is not None and events > treatments:
            self.add_error("own_events", "There cannot be more people with a reaction than treatments.")
        return found


class DuplicateForm(ActionForm):
    """Decides whether two cases are one."""

    decision = forms.ChoiceField(
        label="Are these one reaction of one patient?",
        choices=[
            (DuplicateDecision.Decision.SAME, "Same: count them once in the de-duplicated line"),
            (DuplicateDecision.Decision.DIFFERENT, "Different: count both"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether they are the same or different."},
    )
    reason = forms.CharField(
        label="How do you know?",
        help_text="Name no patient.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say how you know."},
    )
