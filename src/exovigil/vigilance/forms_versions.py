"""Forms about versions: why one is frozen, and why a case is nullified."""

from django import forms

from exovigil.foundation.forms import ActionForm
from exovigil.vigilance.models import CaseVersion


def _reason() -> forms.CharField:
    return forms.CharField(
        label="Why",
        help_text="One sentence, without names: it goes into the report.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why, in a sentence: it goes into the report."},
    )


class NullifyForm(ActionForm):
    """Why the case should never have been one."""

    reason = _reason()


class VersionForm(ActionForm):
    """What kind of version is frozen, and why."""

    kind = forms.ChoiceField(
        label="Kind of version",
        choices=[
            (CaseVersion.Kind.FOLLOW_UP.value, "Follow-up: something new was heard"),
            (CaseVersion.Kind.AMENDMENT.value, "Amendment: we correct what we wrote"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose follow-up or amendment."},
    )
    reason = _reason()
