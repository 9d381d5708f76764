"""Forms of selection: the questions, and the note under a caution."""

from typing import Any

from django import forms

from exovigil.clinic import selection
from exovigil.foundation.forms import ActionForm, DayField

ANSWERS = (
    (selection.Answer.YES.value, "Yes"),
    (selection.Answer.NO.value, "No"),
    (selection.Answer.UNKNOWN.value, "Not known"),
    (selection.Answer.NOT_ASKED.value, "Not asked"),
    (selection.Answer.REFUSED.value, "Refused"),
)


class ScreeningForm(ActionForm):
    """One question a field, with no answer chosen beforehand; the field's name is the question's code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in selection.questions():
            self.fields[question.code] = forms.ChoiceField(
                choices=ANSWERS,
                label=question.question,
                help_text=question.help,
                widget=forms.RadioSelect,
                error_messages={"required": f"Choose an answer to: {question.question}"},
            )
        self.fields["screened_on"] = DayField(label="Day of screening")
        self.fields["note"] = forms.CharField(
            label="Note",
            required=False,
            max_length=4000,
            help_text="If the answers call for caution, write why treatment can go ahead. It can be added later.",
            widget=forms.Textarea(attrs={"rows": 4}),
        )

    def answers(self) -> dict[str, str]:
        """Answers by question code."""
        return {question.code: self.cleaned_data[question.code] for question in selection.questions()}

    def questions(self) -> list[dict[str, Any]]:
        """Pairs of question and bound field, for the page."""
        return [{"question": question, "field": self[question.code]} for question in selection.questions()]


class NoteForm(ActionForm):
    """Why treatment goes ahead in spite of a caution."""

    note = forms.CharField(
        label="Why treatment can go ahead",
        max_length=4000,
        help_text="Name the caution, what was considered and what the patient was told. It cannot be changed later.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Write why treatment can go ahead."},
    )
