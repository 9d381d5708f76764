"""Forms of consent: what it is for, the signature, and the withdrawal."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict

from exovigil.clinic.models import Treatment
from exovigil.clinic.queries.consents import CONFIRMATIONS, REGISTRY_QUESTION, REPORTING_QUESTION
from exovigil.foundation.forms import ActionForm

if TYPE_CHECKING:
    from exovigil.catalogue.models import Product

LotGroups = list[tuple[str, list[tuple[str, str]]]]
YES_NO = (("yes", "Yes"), ("no", "No"))


class SubjectForm(forms.Form):
    """What the patient would consent to; sent in the address, since it only opens the text."""

    product = forms.TypedChoiceField(
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the product.", "invalid_choice": "Choose one of the products."},
    )
    route = forms.ChoiceField(
        choices=[("", "Not chosen yet"), *Treatment.Route.choices],
        required=False,
        help_text="How it will be given. The text names it.",
        error_messages={"invalid_choice": "Choose one of the routes."},
    )
    lot = forms.TypedChoiceField(
        coerce=int,
        empty_value=None,
        required=False,
        help_text="Only lots in stock here are listed. The text names the lot.",
        error_messages={"invalid_choice": "Choose one of the lots in stock."},
    )

    use_required_attribute = False

    def __init__(self, *args: Any, products: "list[Product]", lots: LotGroups, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = [(row.pk, row.name) for row in products]  # type: ignore[attr-defined]
        self.fields["lot"].choices = [("", "Not chosen yet"), *lots]  # type: ignore[attr-defined]


class SignatureForm(ActionForm):
    """The patient's own answers and signature; the registry questions stand apart from the consent."""

    seen_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    confirmed = forms.MultipleChoiceField(
        label="Please tick each sentence",
        choices=list(CONFIRMATIONS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "The patient ticks every sentence before signing."},
    )
    agrees_to_registry = forms.ChoiceField(
        label=REGISTRY_QUESTION,
        choices=YES_NO,
        widget=forms.RadioSelect(attrs={"across": True}),
        error_messages={"required": "Choose yes or no. Either is fine."},
    )
    agrees_to_reporting = forms.ChoiceField(
        label=REPORTING_QUESTION,
        choices=YES_NO,
        widget=forms.RadioSelect(attrs={"across": True}),
        error_messages={"required": "Choose yes or no. Either is fine."},
    )
    signed_name = forms.CharField(
        label="Signature: the patient types their full name",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "The patient types their full name to sign."},
    )

    def show_text(self, sha256: str) -> None:
        """Name the words that the page shows now, after the ones read before turned out to have changed."""
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["seen_sha256"] = sha256

    def values(self) -> dict[str, Any]:
        """Answers as the action takes them."""
        found = super().values()
        for name in ("agrees_to_registry", "agrees_to_reporting"):
            found[name] = found[name] == "yes"
        return found


class WithdrawalForm(ActionForm):
    """Who the patient told."""

    to = forms.CharField(
        label="Who did the patient tell?",
        max_length=120,
        help_text="The time is kept as now.",
        error_messages={"required": "Enter who the patient told."},
    )
