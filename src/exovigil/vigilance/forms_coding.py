"""Forms about MedDRA: importing a release, looking for a term, choosing it."""

from typing import Any

from django import forms

from exovigil.foundation.forms import ActionForm
from exovigil.vigilance.models import MeddraTerm


class ImportForm(ActionForm):
    """A zip of the MedAscii folder of one release."""

    source = forms.FileField(
        label="Zip of the MedAscii folder",
        help_text="From your own licence, up to 20 MB. llt.asc, pt.asc, mdhier.asc and meddra_release.asc are read.",
        widget=forms.ClearableFileInput(attrs={"accept": ".zip"}),
        error_messages={
            "required": "Choose the zip of the MedAscii folder.",
            "empty": "This file is empty. Choose the zip of the MedAscii folder.",
        },
    )


class SearchForm(forms.Form):
    """Words of a lowest level or preferred term, or a code."""

    q = forms.CharField(label="Words of the term, or its code", max_length=100, required=False)


class CodeForm(ActionForm):
    """One of the terms that were found."""

    term = forms.ChoiceField(
        label="Term",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose a term.",
            "invalid_choice": "Choose one of the terms that were found, or search again.",
        },
    )

    def __init__(self, *args: Any, found: list[MeddraTerm], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = {str(term.pk): term for term in found if term.is_current}
        field = self.fields["term"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [(pk, _words(term)) for pk, term in self.found.items()]


def _words(term: MeddraTerm) -> str:
    above = "" if term.pt_code == term.code else f", under {term.pt_name}"
    return f"{term.name} ({term.code}){above}; {term.soc_name}"
