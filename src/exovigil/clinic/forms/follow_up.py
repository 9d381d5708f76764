"""Forms of follow-up: the reactions asked for, an answer by phone, and its review."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from exovigil.clinic import solicited
from exovigil.clinic.photos import ACCEPT
from exovigil.clinic.solicited import Reaction
from exovigil.foundation.forms import ActionForm, DayField, PartialDateField


@dataclass(frozen=True, slots=True)
class Row:
    """One reaction of the form: the box to tick and the question how bad it is."""

    reaction: Reaction
    has: BoundField
    severity: BoundField


class ReactionFields(forms.Form):
    """One tick box and one severity for each reaction; cleans to ``reactions``, code to grade."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grades = [(s.grade, f"{s.label}: {s.plain}") for s in solicited.severities() if s.grade > 0]
        for reaction in solicited.reactions():
            self.fields[f"has_{reaction.code}"] = forms.BooleanField(label=reaction.label, required=False)
            self.fields[f"severity_{reaction.code}"] = forms.TypedChoiceField(
                label=f"How bad is it? ({reaction.label})",
                choices=grades,
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": "Choose one of the answers."},
            )

    @property
    def groups(self) -> list[tuple[str, list[Row]]]:
        """Reactions of the treated skin, then of the whole body, each group with its heading."""
        return [("On the treated skin", self._rows("local")), ("Anywhere else", self._rows("general"))]

    def _rows(self, scope: str) -> list[Row]:
        return [
            Row(reaction, self[f"has_{reaction.code}"], self[f"severity_{reaction.code}"])
            for reaction in solicited.reactions()
            if reaction.scope == scope
        ]

    def clean(self) -> dict[str, Any]:
        """Gather what was ticked; a tick without a severity is asked about, a severity without a tick is not kept."""
        cleaned = super().clean() or self.cleaned_data
        reactions: dict[str, int] = {}
        for reaction in solicited.reactions():
            grade = cleaned.pop(f"severity_{reaction.code}", None)
            if not cleaned.pop(f"has_{reaction.code}", False):
                continue
            if grade is None:
                if f"severity_{reaction.code}" not in self.errors:
                    self.add_error(f"severity_{reaction.code}", f"{reaction.label}: choose how bad it is.")
                continue
            reactions[reaction.code] = grade
        cleaned["reactions"] = reactions
        return cleaned


def initial_of(reactions: dict[str, int]) -> dict[str, Any]:
    """Initial values of the reaction fields for what was chosen before."""
    return {f"has_{code}": True for code in reactions} | {f"severity_{c}": g for c, g in reactions.items()}


class PhotoField(forms.FileField):
    """A photograph; what it really is, the action finds out."""

    widget = forms.FileInput(attrs={"accept": ACCEPT})

    def __init__(self, **kwargs: Any) -> None:
        messages = {
            "required": "Choose a photograph, or finish without one.",
            "empty": "This file is empty. Choose the photograph again.",
            "missing": "The photograph did not arrive. Choose it again.",
            "invalid": "The photograph did not arrive. Choose it again.",
        }
        super().__init__(**{"error_messages": messages, **kwargs})


def too_large_message(limit: int) -> str:
    """What to say about a file that was not kept because of its size; ``limit`` in bytes."""
    return (
        f"This photograph is larger than {limit // (1024 * 1024)} MB, so it was not kept. "
        "Send a smaller one, for example a screenshot of it."
    )


class RecordForm(ReactionFields, ActionForm):
    """An answer that the clinic writes down for the patient."""

    answered_on = DayField(label="Day of the answer")
    all_well = forms.TypedChoiceField(
        label="How is the skin?",
        choices=[("yes", "All well"), ("no", "Something is wrong")],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether all is well or something is wrong."},
    )
    onset = PartialDateField(
        label="When did it begin?",
        required=False,
        help_text="As far as it is known: 2026-03-12, 2026-03 or 2026.",
        widget=forms.TextInput(attrs={"class": "short"}),
    )
    words = forms.CharField(
        label="In the patient's words", required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    photo = PhotoField(label="Photograph", required=False, help_text="JPEG, PNG or WebP, up to 20 MB.")

    def clean(self) -> dict[str, Any]:
        """Refuse an answer that says both."""
        cleaned = super().clean()
        if cleaned.get("all_well") and (cleaned["reactions"] or cleaned.get("onset")):
            self.add_error(
                "all_well", "You chose all well, but something is filled in below. Correct one of them."
            )
        return cleaned


class LinkForm(ActionForm):
    """One press of a button: nothing to fill in, but sent only once."""


class ReviewForm(ActionForm):
    """What was decided about an answer."""

    note = forms.CharField(
        label="What was decided",
        help_text="For example: called, seen today; or: expected, no action.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write what you decided, for example “called, seen today”."},
    )
