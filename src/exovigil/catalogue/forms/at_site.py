"""Forms whose answer belongs to one site."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from exovigil.foundation.forms import ActionForm
from exovigil.governance.models import Site


class SiteForm(ActionForm):
    """Asks for the site only when the person acts at several."""

    site = forms.ModelChoiceField(
        queryset=Site.objects.none(),
        empty_label="Choose…",
        error_messages={
            "required": "Choose the site.",
            "invalid_choice": "Choose one of your own sites.",
        },
    )

    def __init__(self, *args: Any, sites: QuerySet[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["site"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = sites
        self.only = sites[0] if len(sites) == 1 else None
        if self.only:
            field.required, field.widget = False, forms.HiddenInput()

    def clean_site(self) -> Site | None:
        """Take the only site for granted."""
        chosen: Site | None = self.cleaned_data.get("site")
        return chosen or self.only
