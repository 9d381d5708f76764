"""Forms for the stock ledger."""

from typing import Any

from django import forms
from django.utils import timezone

from exovigil.catalogue.forms.at_site import SiteForm
from exovigil.catalogue.models import StockMovement
from exovigil.foundation.forms import DayField


class _MovementForm(SiteForm):
    vials = forms.IntegerField(
        label="Number of vials",
        min_value=1,
        max_value=100_000,
        error_messages={
            "required": "Enter the number of vials.",
            "invalid": "Enter the number of vials in figures.",
            "min_value": "Enter at least one vial.",
            "max_value": "That is more than one delivery can hold. Check the number.",
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    reference = forms.CharField(
        max_length=60, required=False, help_text="Delivery note or order number, if there is one."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"on": timezone.localdate(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)


class ReceiveForm(_MovementForm):
    """Vials that arrived."""

    on = DayField(label="Received on")
    field_order = ["site", "vials", "on", "reference"]  # noqa: RUF012


class RemoveForm(_MovementForm):
    """Vials that were discarded or returned."""

    reason = forms.ChoiceField(
        label="What happened to them?",
        choices=[
            (StockMovement.Reason.DISCARDED, "Discarded"),
            (StockMovement.Reason.RETURNED, "Returned to the supplier"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether the vials were discarded or returned."},
    )
    on = DayField(label="Taken out on")
    field_order = ["site", "vials", "reason", "on", "reference"]  # noqa: RUF012
