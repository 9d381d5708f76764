"""Forms for decisions about the use of a lot."""

from django import forms

from exovigil.catalogue.forms.at_site import SiteForm
from exovigil.foundation.forms import ActionForm

_REQUIRED = {"required": "Give the reason, so that others can follow the decision."}


class ReasonForm(ActionForm):
    """A decision that needs nothing but its reason."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        help_text="At least 20 characters. It is kept and shown on the lot's page. Name no patient.",
        error_messages=_REQUIRED,
    )


class OverrideForm(SiteForm):
    """Allows a blocked lot at one site."""

    reason = forms.CharField(
        label="Why may this lot be used all the same?",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        help_text="At least 20 characters. It is kept with your name and shown wherever the lot is used.",
        error_messages=_REQUIRED,
    )
