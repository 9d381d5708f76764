"""Reactions by attribute over the whole network: no site, no patient, and free text only as its group."""

import datetime as dt
from dataclasses import asdict, astuple, dataclass

from exovigil.catalogue import composition
from exovigil.catalogue import queries as catalogue
from exovigil.clinic import queries as clinic
from exovigil.signals import attributes, inputs
from exovigil.signals.attributes import Attribute, Comparison, Given
from exovigil.signals.watch import WatchDesign, watch_designs
from exovigil.vigilance import queries as vigilance


@dataclass(frozen=True, slots=True)
class ByAttribute:
    """One attribute on each of its bases, and cases that have no denominator. ``lots`` names lots by key."""

    attribute: Attribute
    design: WatchDesign
    as_of: dt.date
    comparisons: tuple[Comparison, ...]
    without_treatment: int
    lots: dict[int, str]


def by_attribute(key: str, as_of: dt.date) -> ByAttribute:
    """Count the event of the first design by an attribute; raises KeyError when there is no such attribute.

    Saline and other carriers have no attribute to compare and are left out.
    """
    of, design = attributes.attribute(key), watch_designs()[0]
    terms = inputs.event_class(design.key).terms
    carriers = {product for product, is_carrier in catalogue.products_of_lots().values() if is_carrier}
    given = [row for row in circumstances(as_of, terms) if row.product_id not in carriers]
    comparisons = tuple(
        attributes.compare(
            of,
            basis,
            given,
            catalogue.stated_answers(basis) if of.kind == "stated" else {},
            {code.code: code.label for code in composition.codes(key)},
            design,
            as_of,
        )
        for basis in of.bases
    )
    worst = {row.worst_lot for found in comparisons for row in found.rows}
    named = catalogue.lots().filter(pk__in=[pk for pk in worst if pk]).order_by("pk")
    return ByAttribute(
        of,
        design,
        as_of,
        comparisons,
        vigilance.without_treatment(as_of, terms),
        {lot.pk: str(lot) for lot in named},
    )


def circumstances(as_of: dt.date, terms: tuple[str, ...]) -> list[Given]:
    """Treatments with how many of them were affected, alike in everything that is compared."""
    affected = {astuple(row)[:-1]: row.treatments for row in vigilance.affected(as_of, terms)}
    return [
        Given(**asdict(row), affected=affected.get(astuple(row)[:-1], 0))
        for row in clinic.circumstances(as_of)
    ]
