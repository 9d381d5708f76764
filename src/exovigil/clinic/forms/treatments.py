"""Form that records a treatment."""

from collections.abc import Iterable
from typing import Any

from django import forms

from exovigil.clinic import places
from exovigil.clinic.body_map import MapView, body_map
from exovigil.clinic.forms.consent import LotGroups
from exovigil.clinic.models import Treatment
from exovigil.foundation.forms import ActionForm, DayField
from exovigil.governance.models import User


class TreatmentForm(ActionForm):
    """One product, given once; the lot says which product it was, so nothing is entered twice."""

    treated_on = DayField(label="Day of treatment")
    lot = forms.TypedChoiceField(
        label="Product and lot",
        coerce=int,
        help_text="Products this patient has consented to, with the lots in stock here.",
        error_messages={
            "required": "Choose the lot on the vial.",
            "invalid_choice": "Choose one of the lots listed.",
        },
    )
    dose = forms.DecimalField(
        min_value=0,
        max_digits=7,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"class": "short", "step": "0.01", "inputmode": "decimal"}),
        error_messages={"required": "Enter the dose.", "invalid": "Enter the dose in figures, such as 2.5."},
    )
    dose_unit = forms.ChoiceField(
        label="Unit",
        choices=Treatment.DoseUnit.choices,
        widget=forms.RadioSelect(attrs={"across": True}),
        error_messages={"required": "Choose the unit."},
    )
    vials = forms.IntegerField(
        label="Vials opened",
        min_value=0,
        max_value=99,
        help_text="They leave the stock. Enter 0 if the vial was opened for an earlier record of this sitting.",
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
        error_messages={
            "required": "Enter how many vials were opened; 0 if none was opened for this record.",
            "invalid": "Enter a whole number of vials.",
        },
    )
    route = forms.ChoiceField(
        choices=Treatment.Route.choices,
        widget=forms.RadioSelect(attrs={"across": True}),
        error_messages={"required": "Choose how it was given."},
    )
    device = forms.CharField(
        max_length=80, required=False, help_text="For example the needling pen with its depth, or the laser."
    )
    topical_agents = forms.CharField(
        label="Other agents used in the sitting",
        max_length=200,
        required=False,
        help_text="Anaesthetic cream, antiseptic, vitamin C, anything that went on or into the skin.",
    )
    indication = forms.ChoiceField(
        label="Reason for treatment",
        choices=lambda: [("", "Choose"), *((row.key, row.label) for row in places.indications())],
        help_text="Being listed is no sign that it works.",
        error_messages={"required": "Choose the reason for treatment."},
    )
    regions = forms.MultipleChoiceField(
        label="Area treated",
        choices=lambda: [(region.code, region.label) for region in places.regions()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one area of the map.",
            "invalid_choice": "Choose areas of the map only.",
        },
    )
    practitioner = forms.TypedChoiceField(
        label="Given by",
        coerce=int,
        error_messages={
            "required": "Choose who gave it.",
            "invalid_choice": "Choose somebody who treats here.",
        },
    )
    note = forms.CharField(required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, lots: LotGroups, practitioners: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lot"].choices = [("", "Choose"), *lots]  # type: ignore[attr-defined]
        self.fields["practitioner"].choices = [(user.pk, user.name) for user in practitioners]  # type: ignore[attr-defined]

    def map(self) -> tuple[MapView, ...]:
        """The body map with what is ticked so far."""
        return body_map(self["regions"].value() or ())
