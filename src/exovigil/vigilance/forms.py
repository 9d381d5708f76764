"""Forms of the vigilance room: one thing each."""

from typing import Any

from django import forms

from exovigil.clinic.body_map import MapView, body_map
from exovigil.foundation.forms import ActionForm, DayField, PartialDateField
from exovigil.foundation.unknown import Missing
from exovigil.vigilance import causality, seriousness, split
from exovigil.vigilance.labels import region_choices, term_choices
from exovigil.vigilance.models import Case, Investigation, Management
from exovigil.vigilance.seriousness import Answer

_PARTIAL_HELP = (
    "Such as 2026-03-12, or 2026-03 or 2026 if that is all that is known. Leave empty if not known."
)
_TRISTATE = (
    ("yes", "Yes"),
    ("no", "No"),
    (Missing.UNKNOWN.value, Missing.UNKNOWN.label),
    (Missing.NOT_ASKED.value, Missing.NOT_ASKED.label),
)


def radio(label: str, choices: Any, help_text: str = "", missing: str = "Choose one.") -> forms.ChoiceField:
    """Choices side by side, one of them."""
    return forms.ChoiceField(
        label=label,
        choices=choices,
        help_text=help_text,
        widget=forms.RadioSelect(attrs={"across": True}),
        error_messages={"required": missing},
    )


class HappenedForm(ActionForm):
    """What happened: the reaction, in whose words, when it began, where, and what was seen."""

    term = forms.ChoiceField(
        label="Reaction",
        choices=[("", "Choose the nearest"), *term_choices()],
        help_text="The class it is counted under. The reporter's own words are kept beside it.",
        error_messages={"required": "Choose the reaction from the list."},
    )
    words = forms.CharField(
        label="In the reporter's own words",
        help_text="No names, please: this text goes into the report.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
        error_messages={"required": "Write what was reported, in the reporter's own words."},
    )
    onset = PartialDateField(
        label="When it began",
        required=False,
        help_text=_PARTIAL_HELP,
        widget=forms.TextInput(attrs={"class": "short", "inputmode": "numeric", "autocomplete": "off"}),
    )
    regions = forms.MultipleChoiceField(
        label="Where",
        choices=region_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"across": True}),
        error_messages={"invalid_choice": "%(value)s is not a region of the body map. Choose from the list."},
    )
    lesion = forms.CharField(
        label="What a clinician saw on examination",
        required=False,
        help_text="Number, size, colour, firmness. Leave empty if nobody has looked yet.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=5_000,
    )

    @property
    def map(self) -> tuple[MapView, ...]:
        """The body map with the regions now chosen."""
        return body_map(self["regions"].value() or ())


class OpenFromAnswerForm(HappenedForm):
    """Opens a case from what was said at a follow-up; patient, product and lot are those of the treatment."""


class OpenFromClinicAnswerForm(HappenedForm):
    """As above, when the clinic recorded the answer: who told it is then a question."""

    reporter = radio("Who told the clinic", Case.Reporter.choices, missing="Choose who told the clinic.")
    field_order = ["key", "reporter"]


class OpenFromTreatmentForm(OpenFromClinicAnswerForm):
    """Opens a case from a treatment, when the reaction came to light outside a follow-up."""

    received_on = DayField(
        label="When the clinic first heard of it", help_text="The clocks of reporting start on this day."
    )
    field_order = ["key", "reporter", "received_on"]


class SeriousnessForm(ActionForm):
    """The six ICH criteria, each with its own answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for criterion in seriousness.criteria():
            self.fields[criterion.code] = radio(
                criterion.label, _TRISTATE, criterion.help, "Choose an answer, “not asked” if it was not."
            )


class OutcomeForm(ActionForm):
    """How the reaction stood when last looked at."""

    outcome = radio("Outcome", Case.Outcome.choices, missing="Choose the outcome.")
    ended_on = DayField(
        label="Over on",
        required=False,
        help_text="The day it was over, for a recovery or a death. Leave empty if not known, or if it is not over.",
    )


class InvestigationForm(ActionForm):
    """One investigation and what came of it."""

    kind = radio("Investigation", Investigation.Kind.choices, missing="Choose the investigation.")
    result = radio(
        "Result", Investigation.Result.choices, missing="Choose the result, “Not done” if it was not."
    )
    taken_on = DayField(label="Taken on", required=False, help_text="Leave empty if not known.")
    resulted_on = DayField(
        label="Final result on", required=False, help_text="Leave empty if it is awaited or not known."
    )
    finding = forms.CharField(
        label="Finding",
        required=False,
        max_length=250,
        help_text="The laboratory's conclusion, such as “necrotising granuloma”.",
    )


class ManagementForm(ActionForm):
    """One treatment tried for the reaction."""

    kind = radio("Treatment tried", Management.Kind.choices, missing="Choose the treatment that was tried.")
    dose = forms.CharField(
        label="Product and dose",
        required=False,
        max_length=120,
        help_text="Such as “prednisolone 20 mg daily”. Leave empty if not known.",
    )
    started_on = DayField(label="Started on", required=False, help_text="Leave empty if not known.")
    course = radio(
        "Does it still go on?",
        Management.Course.choices,
        missing="Choose whether it still goes on, “Not known” if nobody has said.",
    )
    stopped_on = DayField(
        label="Stopped on", required=False, help_text="Leave empty if it goes on, or if not known."
    )
    response = radio(
        "Response",
        Management.Response.choices,
        missing="Choose the response, “Not known” if nobody has said.",
    )
    note = forms.CharField(label="Remarks", required=False, max_length=250)


class NaranjoForm(ActionForm):
    """The ten questions of the Naranjo scale, each with the points of its answers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in causality.naranjo_items():
            points = f"Yes {item.yes:+d}, no {item.no:+d}, not known {item.unknown:+d}".replace("+0", "0")
            self.fields[f"q{item.number}"] = radio(
                f"{item.number}. {item.question}",
                ((Answer.YES, "Yes"), (Answer.NO, "No"), (Answer.UNKNOWN, "Not known")),
                f"{points.replace('-', '−')}.",
                f"Question {item.number}: choose yes, no or not known.",
            )

    def values(self) -> dict[str, Any]:
        """Answers keyed by the question's number."""
        return {name.removeprefix("q"): value for name, value in super().values().items()}


class WhoUmcForm(ActionForm):
    """What the WHO-UMC categories ask."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in causality.umc_questions():
            choices = [(answer, answer.capitalize()) for answer in question.answers]
            self.fields[question.key] = radio(question.question, choices, missing="Choose an answer.")


class SplitForm(ActionForm):
    """What the cause split asks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in split.questions():
            choices = [(answer, answer.capitalize()) for answer in question.answers]
            self.fields[question.key] = radio(question.question, choices, question.help, "Choose an answer.")


class NarrativeForm(ActionForm):
    """The narrative of the report."""

    narrative = forms.CharField(
        required=False,
        strip=True,
        help_text="Empty it and save to go back to the draft made from the record.",
        widget=forms.Textarea(attrs={"rows": 22}),
    )
