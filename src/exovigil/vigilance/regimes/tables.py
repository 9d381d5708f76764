"""The two tables of ``content/regimes.toml``: what a product is filed under, and who then owes a report to whom."""

import enum
from dataclasses import dataclass
from functools import cache
from typing import Literal

from exovigil.foundation.content import ContentError, Source, load_toml
from exovigil.vigilance.regimes.calendar import Unit

FILE = "regimes.toml"
ANY = "any"


class Category(enum.StrEnum):
    """A heading under which a product is reported; one product may stand under several."""

    LICENSED = "licensed medicine"
    UNLICENSED = "unlicensed medicine"
    TRIAL = "trial medicine"
    COSMETIC = "cosmetic"
    PROHIBITED = "prohibited cosmetic"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class FilingRow:
    """A product with these properties is filed under ``category``; every row that fits counts.

    ``flag`` is set where a person should look before relying on it.
    """

    key: str
    category: Category
    because: str
    source: Source
    statuses: tuple[str, ...] = (ANY,)
    origins: tuple[str, ...] = (ANY,)
    claims: tuple[str, ...] = (ANY,)
    routes: tuple[str, ...] = (ANY,)
    regions: tuple[str, ...] = (ANY,)
    flag: bool = False


Need = Literal[
    "serious", "not serious", "grave", "not grave", "death", "not death", "unexpected", "not unexpected",
    "health threat", "no health threat", "death or unexpected", "neither death nor unexpected",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One duty: who (``roles``) owes which ``form`` to whom, when ``needs`` are met on ``scale``, within ``days``.

    ``days`` 0 is a duty without a number of days in the source; ``aim_days`` is then this project's own reminder, never
    law. ``source`` is where the duty was read, ``clock_source`` where the number of days was. ``again_days`` is the
    clock of significant new information after the first report, for ``again_years`` after it (0: without an end).
    """

    key: str
    title: str
    regime: Literal["medicine", "trial", "cosmetic", "device", "other"]
    categories: tuple[str, ...]
    regions: tuple[str, ...]
    roles: tuple[str, ...]
    strength: Literal["law", "professional duty", "voluntary", "advice"]
    form: str
    addressee: str
    how: str
    source: Source
    scale: Literal["ich", "sue", "mocra", "device"] = "ich"
    needs: tuple[Need, ...] = ()
    days: int = 0
    unit: Unit = "calendar"
    clock_source: Source | None = None
    clock_note: str = ""
    aim_days: int = 0
    again_days: int = 0
    again_unit: Unit = "calendar"
    again_years: int = 0
    again_source: Source | None = None
    again_note: str = ""
    in_force: str = ""
    fallback: bool = False

    @property
    def verified(self) -> bool:
        """True when the duty, and its number of days if it has one, were read in a source."""
        return self.source.verified and (self.clock_source is None or self.clock_source.verified)

    @property
    def period(self) -> str:
        """The clock in words."""
        if not self.days:
            return "no number of days in the source"
        return _period(self.days, self.unit)

    @property
    def again_period(self) -> str:
        """The clock of new information in words."""
        return _period(self.again_days, self.again_unit)


def _period(days: int, unit: Unit) -> str:
    return f"{days} {'working days' if unit == 'business' else 'calendar days'}"


@cache
def filing_rows() -> tuple[FilingRow, ...]:
    """What products are filed under."""
    return load_toml("exovigil.vigilance", FILE, "filing", FilingRow)


@cache
def rules() -> tuple[Rule, ...]:
    """Every duty; raises ContentError for a clock without a source or two rows of one key."""
    rows = load_toml("exovigil.vigilance", FILE, "rule", Rule)
    keys = [row.key for row in rows]
    for row in rows:
        if row.days and row.clock_source is None:
            raise ContentError(f"{FILE}: {row.key!r} has a clock; name its clock_source")
        if row.again_days and row.again_source is None:
            raise ContentError(f"{FILE}: {row.key!r} has a clock for new information; name its again_source")
        if keys.count(row.key) > 1:
            raise ContentError(f"{FILE}: two rules are called {row.key!r}")
    return rows


def rule(key: str) -> Rule | None:
    """The duty of a key, None when the table no longer has it."""
    return next((row for row in rules() if row.key == key), None)
