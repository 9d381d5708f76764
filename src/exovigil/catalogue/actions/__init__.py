"""Writes of the catalogue room."""

from exovigil.catalogue.actions.lots import CertificateEntry, add_lot, record_release_test, state_expiry
from exovigil.catalogue.actions.products import add_product, state_composition, state_legal_standing
from exovigil.catalogue.actions.safety import override_lot, quarantine_lot, recall_lot, release_quarantine
from exovigil.catalogue.actions.stock import receive_stock, remove_stock, use_stock

__all__ = [
    "CertificateEntry",
    "add_lot",
    "add_product",
    "override_lot",
    "quarantine_lot",
    "recall_lot",
    "receive_stock",
    "record_release_test",
    "release_quarantine",
    "remove_stock",
    "state_composition",
    "state_expiry",
    "state_legal_standing",
    "use_stock",
]
