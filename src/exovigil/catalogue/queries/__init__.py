"""Reads of the catalogue room."""

from exovigil.catalogue.queries.checks import LotCheck, covered_in_words, lot_check, lot_checks
from exovigil.catalogue.queries.composition import CompositionRow, answer_text, composition_of, stated_answers
from exovigil.catalogue.queries.legal import Jurisdiction, Standing, legal_statements
from exovigil.catalogue.queries.lots import (
    CertificateLine,
    certificate_lines,
    lot,
    lots,
    overrides,
    products_of_lots,
    quarantines,
    same_source_lots,
)
from exovigil.catalogue.queries.products import product, products, products_with_lots
from exovigil.catalogue.queries.regulatory import claimed_bases
from exovigil.catalogue.queries.stock import movements, stock, stock_by_lot

__all__ = [
    "CertificateLine",
    "CompositionRow",
    "Jurisdiction",
    "LotCheck",
    "Standing",
    "answer_text",
    "certificate_lines",
    "claimed_bases",
    "composition_of",
    "covered_in_words",
    "legal_statements",
    "lot",
    "lot_check",
    "lot_checks",
    "lots",
    "movements",
    "overrides",
    "product",
    "products",
    "products_of_lots",
    "products_with_lots",
    "quarantines",
    "same_source_lots",
    "stated_answers",
    "stock",
    "stock_by_lot",
]
