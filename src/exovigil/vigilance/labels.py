"""Labels of the codes that a case holds: its reaction, the regions affected, why the product was given.

A code that the content no longer lists is shown as it was stored, never dropped.
"""

from collections.abc import Iterable
from functools import cache

from exovigil.clinic import places
from exovigil.vigilance.terms import reaction_terms


@cache
def term_choices() -> tuple[tuple[str, str], ...]:
    """Every reaction class with its label."""
    return tuple((term.code, term.label) for term in reaction_terms())


def term_label(code: str) -> str:
    """Label of a reaction class."""
    return dict(term_choices()).get(code, code)


@cache
def region_choices() -> tuple[tuple[str, str], ...]:
    """Every region of the body map with its label, in the map's order."""
    return tuple((region.code, region.label) for region in places.regions())


def region_labels(codes: Iterable[str]) -> list[str]:
    """Labels of region codes, in the order given."""
    known = dict(region_choices())
    return [known.get(code, code) for code in codes]


def indication_label(key: str) -> str:
    """Label of an indication."""
    return next((i.label for i in places.indications() if i.key == key), key)
