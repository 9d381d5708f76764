"""Forms of the catalogue room."""

from exovigil.catalogue.forms.lots import ExpiryForm, LotForm, ReleaseTestForm
from exovigil.catalogue.forms.products import CompositionForm, LegalStandingForm, ProductForm
from exovigil.catalogue.forms.safety import OverrideForm, ReasonForm
from exovigil.catalogue.forms.stock import ReceiveForm, RemoveForm

__all__ = [
    "CompositionForm",
    "ExpiryForm",
    "LegalStandingForm",
    "LotForm",
    "OverrideForm",
    "ProductForm",
    "ReasonForm",
    "ReceiveForm",
    "ReleaseTestForm",
    "RemoveForm",
]
