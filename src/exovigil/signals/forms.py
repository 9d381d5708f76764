"""Forms of the signals room."""

from typing import Any

from django import forms

from exovigil.foundation.forms import ActionForm
from exovigil.signals.models import Alarm, DuplicateDecision


class RunForm(ActionForm):
    """Runs the watch as of today; nothing to fill in, only the key that keeps a double click from running twice."""


class AlarmForm(ActionForm):
    """Decides about an alarm."""

    decision = forms.ChoiceField(
        label="What do you decide?",
        choices=[
            (Alarm.State.CONFIRMED, "Confirm: it needs action"),
            (Alarm.State.DISMISSED, "Dismiss: it is explained otherwise"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether the alarm is confirmed or dismissed."},
    )
    note = forms.CharField(
        label="Why, and what will be done",
        help_text="Others act on this. Name no patient.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Say why, and what will be done."},
    )
    quarantine = forms.BooleanField(
        label="Quarantine the lot",
        help_text="Stops the lot at every site at once. It can be released again on the lot’s page.",
        required=False,
    )

    def __init__(self, *args: Any, can_quarantine: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not can_quarantine:
            del self.fields["quarantine"]


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
