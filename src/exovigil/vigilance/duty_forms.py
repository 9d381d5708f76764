"""Forms for the clocks of a case: the facts they turn on, and a submission."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from exovigil.foundation.forms import ActionForm, DayField
from exovigil.foundation.unknown import Missing
from exovigil.vigilance.duty_models import DutyFacts, NewInformation
from exovigil.vigilance.models import Report
from exovigil.vigilance.regimes import Claim, Region, ReporterRole, Status
from exovigil.vigilance.regimes.scales import own_questions

_ANSWERS = (
    ("yes", "Yes"),
    ("no", "No"),
    (Missing.UNKNOWN.value, Missing.UNKNOWN.label),
    (Missing.NOT_ASKED.value, Missing.NOT_ASKED.label),
)
_MISSING = {"required": "Choose one, “Not known” if nobody knows."}


class DutyFactsForm(ActionForm):
    """What decides who must hear, and the criteria that ICH does not have."""

    region = forms.ChoiceField(
        label="Where it happened",
        required=False,
        choices=[("", "In the country of the site"), *((r.value, r.label) for r in Region)],
    )
    role = forms.ChoiceField(
        label="As what this place reports",
        choices=[(r.value, r.label) for r in ReporterRole],
        error_messages=_MISSING,
        help_text="A place that only treats reports as a clinic. Firms and sponsors have clocks of their own.",
    )
    status = forms.ChoiceField(
        label="What the product is in law",
        choices=[(s.value, s.label) for s in Status],
        error_messages=_MISSING,
        help_text="“Not known” takes what the catalogue states. Nothing stated is filed under medicine, with a flag.",
    )
    claim = forms.ChoiceField(
        label="What the product is said to do",
        choices=[(c.value, c.label) for c in Claim],
        error_messages=_MISSING,
        help_text="By its label, leaflet or seller.",
    )
    day_zero = DayField(
        label="Day 0",
        required=False,
        help_text="The day on which reporter, patient, product and reaction were all first known. Leave empty if that "
        "was the day the reaction was first known.",
    )
    expected = forms.ChoiceField(
        label="Does the product's declared information list this reaction?",
        choices=DutyFacts.Expected.choices,
        error_messages=_MISSING,
    )
    compared_with = forms.CharField(
        label="Compared with",
        required=False,
        max_length=200,
        help_text="Leaflet, label or investigator's brochure, with its date.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in own_questions():
            self.fields[question.code] = forms.ChoiceField(
                label=question.label,
                choices=_ANSWERS,
                help_text=question.help,
                widget=forms.RadioSelect(attrs={"across": True}),
                error_messages={"required": "Choose an answer, “not asked” if it was not."},
            )

    def values(self) -> dict[str, Any]:
        """Facts, with the criteria gathered in one mapping."""
        given = super().values()
        answers = {question.code: given.pop(question.code) for question in own_questions()}
        return {**given, "answers": answers}


class NewsForm(ActionForm):
    """Information that came after a report had left."""

    received_on = DayField(
        label="When it came", help_text="The clock of a follow-up report starts on this day."
    )
    what = forms.CharField(
        label="What is new",
        help_text="No names, please.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2_000,
        error_messages={"required": "Say what is new."},
    )
    significant = forms.ChoiceField(
        label="Is it significant?",
        choices=NewInformation.Significant.choices,
        widget=forms.RadioSelect(attrs={"across": True}),
        error_messages={"required": "Choose whether it is significant, “Not known” if nobody can say yet."},
        help_text="Would it change how the reported reaction is seen: its diagnosis, seriousness, cause or outcome?",
    )


class SubmissionForm(ActionForm):
    """A report that was sent."""

    rule = forms.ChoiceField(
        label="For which duty", error_messages={"required": "Choose the duty that this submission meets."}
    )
    sent_on = DayField(label="Sent on")
    sent_to = forms.CharField(
        label="To whom",
        max_length=160,
        error_messages={"required": "Say to whom it was sent."},
    )
    reference = forms.CharField(
        label="Reference number",
        required=False,
        max_length=80,
        help_text="The one the receiver gave, if any.",
    )
    report: "forms.ModelChoiceField[Report]" = forms.ModelChoiceField(
        label="Which file was sent",
        queryset=None,
        required=False,
        empty_label="None of ours: a form on paper or in a portal",
        help_text="The receiver's answer to this file then finds the submission.",
        error_messages={"invalid_choice": "Choose a report of this case."},
    )
    proof = forms.FileField(
        label="Proof",
        required=False,
        help_text="The receipt or a copy of what was sent: PDF, XML, e-mail, text or picture, up to 5 MB. "
        "It is kept sealed.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.xml,.eml,.txt,.png,.jpg,.jpeg"}),
        error_messages={"empty": "This file is empty. Choose it again."},
    )

    def __init__(
        self, *args: Any, duties: list[tuple[str, str]], reports: QuerySet[Report], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        sent = self.fields["report"]
        if isinstance(sent, forms.ModelChoiceField):
            sent.queryset = reports
        field = self.fields["rule"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "Choose the duty"), *duties]
