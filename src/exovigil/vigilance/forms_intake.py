"""Forms about reports from outside: the public one, those of the safety officer, and what is decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms

from exovigil.catalogue import queries as catalogue
from exovigil.foundation.forms import ActionForm, DayField, PartialDateField
from exovigil.foundation.unknown import Missing
from exovigil.vigilance import seriousness
from exovigil.vigilance.actions.intake import LONGEST
from exovigil.vigilance.forms import HappenedForm
from exovigil.vigilance.intake_models import SEXES
from exovigil.vigilance.models import Case, CaseLink, Chase

_ONSET = "Such as 2026-03-12, or 2026-03 or 2026 if that is all that is known. Leave empty if not known."
_ACROSS = {"across": True}


@dataclass(frozen=True, slots=True)
class FormSection:
    """A part of a form under one heading."""

    heading: str
    words: str
    fields: tuple[forms.BoundField, ...]


class SectionedForm(ActionForm):
    """A form whose fields stand under headings; ``SECTIONS`` gives heading, words and names of fields."""

    SECTIONS: ClassVar[tuple[tuple[str, str, str], ...]] = ()

    @property
    def sections(self) -> Iterator[FormSection]:
        """The form in its parts."""
        for heading, words, names in self.SECTIONS:
            yield FormSection(heading, words, tuple(self[name] for name in names.split()))


def _area(label: str, help_text: str = "", rows: int = 4, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        **({"max_length": LONGEST} | more),
    )


def _line(label: str, help_text: str = "", length: int = 250, **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(
        label=label, help_text=help_text, max_length=length, required=False, widget=widget, **more
    )


def _radio(label: str, choices: Any, help_text: str = "", **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        help_text=help_text,
        widget=forms.RadioSelect(attrs=_ACROSS),
        **({"error_messages": {"required": "Choose one."}} | more),
    )


def _age(help_text: str = "In years. About right is fine.") -> forms.IntegerField:
    return forms.IntegerField(
        label="Age",
        required=False,
        min_value=0,
        max_value=130,
        help_text=help_text,
        error_messages={
            "invalid": "Write the age in figures, in years.",
            "max_value": "Check the age: it is given in years.",
            "min_value": "Check the age: it is given in years.",
        },
    )


def _serious(label: str, help_text: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        help_text=help_text,
        required=False,
        choices=lambda: [(c.code, c.label) for c in seriousness.criteria()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from the list."},
    )


def _onset() -> PartialDateField:
    return PartialDateField(
        label="When it began",
        required=False,
        help_text=_ONSET,
        widget=forms.TextInput(attrs={"class": "short", "inputmode": "numeric", "autocomplete": "off"}),
    )


class OutsideForm(SectionedForm):
    """What somebody without an account tells of a reaction; only what happened must be said."""

    words = _area(
        "What happened",
        "In your own words: what you saw or felt, where on the body, and what was done about it.",
        rows=6,
        error_messages={"required": "Tell us what happened."},
    )
    onset = _onset()
    serious = _serious("Did any of these happen?", "Tick all that did.")
    outcome = _radio("How is it now?", Case.Outcome.choices, initial=Case.Outcome.UNKNOWN)
    product_words = _line("Product", "The name on the box or vial, or what you were told it was.")
    lot_words = _line("Lot or batch number", "It stands on the box or vial.", 80)
    more = _area(
        "When, where and how it was used", "And other products used in the same sitting.", 3, required=False
    )
    patient_name = _line("Initials or name", "Kept encrypted.", 200)
    age = _age()
    sex = _radio("Sex", SEXES, initial=Missing.UNKNOWN.value)
    reporter = _radio(
        "Who are you?",
        [choice for choice in Case.Reporter.choices if choice[0] != Case.Reporter.UNKNOWN],
        error_messages={"required": "Choose who you are."},
    )
    reporter_name = _line("Your name", "Kept encrypted.", 200)
    reporter_contact = _line(
        "E-mail address or telephone number",
        "Kept encrypted. Without a name or a way to reach you the report is kept, but may be of little use.",
        200,
    )
    may_contact = forms.TypedChoiceField(
        label="May we contact you with questions?",
        choices=[("yes", "Yes"), ("no", "No")],
        coerce=lambda answer: answer == "yes",
        widget=forms.RadioSelect(attrs=_ACROSS),
        error_messages={"required": "Choose yes or no. Either is fine."},
    )
    agreed = forms.BooleanField(
        label="I have read how my report is used, and send it of my own free will.",
        error_messages={"required": "Tick this to send the report."},
    )

    SECTIONS = (
        ("What happened", "", "words onset serious outcome"),
        (
            "The product",
            "As far as you know. Leave empty what you do not know.",
            "product_words lot_words more",
        ),
        (
            "The person it happened to",
            "Anything that shows that this is one real person.",
            "patient_name age sex",
        ),
        ("You", "", "reporter reporter_name reporter_contact may_contact"),
        ("Before you send it", "", "agreed"),
    )

    def values(self) -> dict[str, Any]:
        """What was told; that the words about privacy were read is needed to send it and says nothing more."""
        return {name: value for name, value in super().values().items() if name != "agreed"}


class _TypedIn(SectionedForm):
    """What a safety officer types in of a report."""

    words = _area("What happened", "As the report puts it.", required=False)
    onset = _onset()
    serious = _serious("Serious because", "Tick what the report says.")
    outcome = _radio("Outcome", Case.Outcome.choices, initial=Case.Outcome.UNKNOWN)
    product_words = _line("Product, as the report names it")
    product: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        label="The same in the catalogue",
        queryset=None,
        required=False,
        empty_label="Not in the catalogue, or not certain",
        error_messages={"invalid_choice": "Choose a product from the list."},
    )
    lot_words = _line("Lot, as the report gives it", length=80)
    patient_note = _line(
        "What tells that this is one real patient", "Such as “patient 2 of the series”.", 120
    )
    age = _age("In years.")
    sex = _radio("Sex", SEXES, initial=Missing.UNKNOWN.value)
    reporter = _radio("Who reported", Case.Reporter.choices, initial=Case.Reporter.UNKNOWN)
    more = _area("What else it says", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["product"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = catalogue.products()


class LiteratureForm(_TypedIn):
    """A case described in a publication."""

    citation = _area("Citation", "Authors, title, journal, year.", 2, max_length=500, required=False)
    doi = _line("DOI", "Such as 10.1002/der2.242.", 160)
    received_on = DayField(
        label="When this place first learnt of it", help_text="The clocks of reporting start on this day."
    )

    SECTIONS = (
        ("The publication", "One form for each patient it describes.", "citation doi received_on reporter"),
        ("The patient", "", "patient_note age sex"),
        ("The product", "", "product_words product lot_words"),
        ("The reaction", "", "words onset serious outcome more"),
    )

    def values(self) -> dict[str, Any]:
        """The day it was learnt of, and what was told."""
        told = super().values()
        return {"received_on": told.pop("received_on"), "told": told}


class CompleteForm(_TypedIn):
    """What was learnt since about a report that waits."""

    heard_on = DayField(
        label="When this was learnt",
        help_text="If it is what was missing for a valid report, the clocks start on this day.",
    )
    reporter_name = _line("Name of the reporter", "Leave empty to keep what is held. Kept encrypted.", 200)
    reporter_contact = _line(
        "How to reach the reporter", "Leave empty to keep what is held. Kept encrypted.", 200
    )
    patient_name = _line(
        "Initials or name of the patient", "Leave empty to keep what is held. Kept encrypted.", 200
    )

    SECTIONS = (
        ("When", "", "heard_on"),
        ("The reporter", "", "reporter reporter_name reporter_contact"),
        ("The patient", "", "patient_name patient_note age sex"),
        ("The product", "", "product_words product lot_words"),
        ("The reaction", "", "words onset serious outcome more"),
    )

    def values(self) -> dict[str, Any]:
        """The day, and what was told; a name left empty is not told."""
        told = super().values()
        for name in ("reporter_name", "reporter_contact", "patient_name"):
            if not told[name]:
                del told[name]
        return {"heard_on": told.pop("heard_on"), "told": told}


class FileForm(ActionForm):
    """A file of reports from another sender."""

    source = forms.FileField(
        label="File",
        help_text="An E2B file, with one report or several, up to 20 MB.",
        widget=forms.FileInput(attrs={"accept": ".xml"}),
        error_messages={"required": "Choose the file.", "empty": "This file is empty. Choose it again."},
    )
    received_on = DayField(
        label="When this place received it", help_text="The clocks of reporting start on this day."
    )


class ChaseForm(ActionForm):
    """One attempt to get what a report lacks."""

    chased_on = DayField(label="When")
    how = _radio("How", Chase.How.choices, error_messages={"required": "Choose how it was tried."})
    outcome = _area(
        "What came of it",
        "“No answer” if nothing did. No names, please.",
        3,
        error_messages={"required": "Write what came of it, “no answer” if nothing did."},
    )
    next_on = DayField(
        label="When to try again",
        required=False,
        allow_future=True,
        help_text="It appears on the list of what is due. Leave empty if this was the last attempt.",
    )


class AsideForm(ActionForm):
    """Why a report is set aside, or taken up again."""

    reason = _area(
        "Why", "It stays with the report.", 3, error_messages={"required": "Say why, in a sentence."}
    )


class OpenFromReportForm(HappenedForm):
    """Opens a case from a valid report."""

    product: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        label="Product in the catalogue",
        queryset=None,
        required=False,
        empty_label="Not in the catalogue, or not certain",
        help_text="The report's own words for it are kept either way.",
        error_messages={"invalid_choice": "Choose a product from the list."},
    )
    lot: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        label="Lot in the catalogue",
        queryset=None,
        required=False,
        empty_label="Not in the catalogue, or not certain",
        error_messages={"invalid_choice": "Choose a lot from the list."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("product", catalogue.products()), ("lot", catalogue.lots())):
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = rows
        field = self.fields["lot"]
        if isinstance(field, forms.ModelChoiceField):
            field.label_from_instance = lambda obj: f"{obj.product.name}: {obj.number}"  # type: ignore[method-assign]


class CaseNumberForm(ActionForm):
    """Names another case of the site by its number."""

    case_number = forms.CharField(
        label="Number of the case",
        max_length=24,
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off"}),
        error_messages={"required": "Enter the number of the case, such as OAK-2026-0001."},
    )

    def clean_case_number(self) -> str:
        """Give the number as it is stored."""
        return str(self.cleaned_data["case_number"]).strip().upper()


class AddToCaseForm(CaseNumberForm):
    """Adds a report to a case, with what the case takes over of it."""

    take = forms.MultipleChoiceField(
        label="What the case takes over",
        required=False,
        choices=(),
        widget=forms.CheckboxSelectMultiple,
        help_text="Everything else stays in the report, which stays with the case.",
        error_messages={"invalid_choice": "Choose from what the report says."},
    )
    reason = _area("Why they are one", "", 3, error_messages={"required": "Say why, in a sentence."})

    def __init__(self, *args: Any, says: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["take"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = says


class LinkForm(CaseNumberForm):
    """Links a sister case."""

    kind = _radio(
        "What ties them together",
        CaseLink.Kind.choices,
        error_messages={"required": "Choose what ties them together."},
    )
    reason = _area(
        "Why", "It stays with the link.", 3, error_messages={"required": "Say why, in a sentence."}
    )


class AcknowledgementForm(ActionForm):
    """A receiver's answer to a report."""

    source = forms.FileField(
        label="Acknowledgement",
        help_text="The file that the receiver sent back. It is kept sealed.",
        widget=forms.FileInput(attrs={"accept": ".xml,.ack"}),
        error_messages={"required": "Choose the file.", "empty": "This file is empty. Choose it again."},
    )
