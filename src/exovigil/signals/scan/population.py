"""Which reports a scan counts, and what is expected of them: roles, and strata of alike patients."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import ibis
from ibis import _
from ibis.expr.types import StringColumn, StringValue, Table

ROLES = ("suspect", "interacting", "concomitant", "unknown")
AGE_BANDS = ((2, "0-1"), (12, "2-11"), (18, "12-17"), (45, "18-44"), (65, "45-64"), (75, "65-74"))
OLDEST = "75 and over"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Population:
    """What is counted: products in these ``roles``; expected counts within these ``strata``."""

    roles: tuple[str, ...] = ("suspect",)
    strata: tuple[str, ...] = ()

    @classmethod
    def of(cls, roles: Iterable[str], strata: Iterable[str]) -> "Population":
        """Check the names and put them in one order; raises ValueError for one that is not known."""
        return cls(_known("role", roles, ROLES), _known("stratum", strata, tuple(STRATA)))


def _known(what: str, given: Iterable[str], allowed: Sequence[str]) -> tuple[str, ...]:
    chosen = set(given)
    strange = sorted(chosen - set(allowed))
    if strange:
        raise ValueError(f"no {what} {strange[0]!r}; choose from {', '.join(allowed)}")
    if what == "role" and not chosen:
        raise ValueError(f"name at least one role of {', '.join(allowed)}")
    return tuple(name for name in allowed if name in chosen)


def stratum(reports: Table, names: Sequence[str]) -> Table:
    """Each report with its stratum as one text, such as ``female, 18-44``; blanks are a stratum of their own."""
    texts = [STRATA[name](reports) for name in names]
    label: StringValue = texts[0]
    for text in texts[1:]:
        label = label + ", " + text
    return reports.select(_.report, stratum=label)


def sex(reports: Table) -> StringColumn:
    """Sex of each report as text; a blank is unknown."""
    return reports.sex.nullif("").fill_null(UNKNOWN)


def age_band(reports: Table) -> StringValue:
    """Age band of each report; no age, and an impossible one, is unknown."""
    age = reports.age_years
    bands = [(age < upper, label) for upper, label in AGE_BANDS]
    return ibis.cases((age.isnull() | (age < 0), UNKNOWN), *bands, else_=OLDEST)


def _year(reports: Table) -> StringValue:
    return reports.received.year().cast("string").fill_null(UNKNOWN)


STRATA = {"sex": sex, "age": age_band, "year": _year}
