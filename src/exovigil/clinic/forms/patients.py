"""Form that adds a patient."""

from collections.abc import Iterable
from typing import Any

from django import forms

from exovigil.clinic.models import Patient
from exovigil.foundation.forms import ActionForm, PartialDateField
from exovigil.governance.models import Site


class PatientForm(ActionForm):
    """Who the patient is; everything but sex and year of birth is kept encrypted, apart from clinical rows."""

    name = forms.CharField(
        max_length=200,
        help_text="Kept encrypted. Everywhere else the patient is known by a number.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter the patient's name."},
    )
    date_of_birth = PartialDateField(
        label="Date of birth",
        required=False,
        help_text="For example 1987-03-12, or 1987 if only the year is known. Leave empty if not known.",
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off"}),
    )
    sex = forms.ChoiceField(
        choices=Patient.Sex.choices,
        widget=forms.RadioSelect(attrs={"across": True}),
        error_messages={"required": "Choose an answer; “Not asked” is one."},
    )
    email = forms.EmailField(
        label="E-mail address",
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Enter an e-mail address, such as name@mail.example, or leave it empty."},
    )
    phone = forms.RegexField(
        regex=r"^\+?[0-9 ()\-]{6,24}$",
        label="Telephone",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        error_messages={"invalid": "Enter a telephone number in figures, or leave it empty."},
    )

    def __init__(self, *args: Any, sites: Iterable[Site] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = list(sites)
        if len(found) > 1:
            self.fields["site"] = forms.TypedChoiceField(
                choices=[(site.pk, site.name) for site in found],
                coerce=int,
                label="Clinic",
                widget=forms.RadioSelect,
                error_messages={
                    "required": "Choose the clinic.",
                    "invalid_choice": "Choose one of your clinics.",
                },
            )
