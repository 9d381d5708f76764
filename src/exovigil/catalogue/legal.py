"""What sources say of the legal standing of exosome products: dated statements, never a verdict.

Statements that contradict each other are returned together and know of each other. Choosing between
them is for the reader; a missing statement means that none was found, not that a product is allowed.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from exovigil.catalogue.composition import SourceClass
from exovigil.foundation.content import ContentError, Source, load_toml
from exovigil.foundation.partial_date import PartialDate

FILE = "legal.toml"


@dataclass(frozen=True, slots=True)
class LegalStatement:
    """One statement of one source.

    ``date`` is what the source is dated, possibly partial, empty when not known (``date_note`` says
    what is). ``source_classes`` may hold ``any``: the statement does not depend on the source.
    """

    key: str
    jurisdictions: tuple[str, ...]
    subject: Literal["licence", "cosmetic ingredient", "route", "advertising", "enforcement"]
    source_classes: tuple[Literal["human", "plant", "animal", "bacterial", "any"], ...]
    statement: str
    date: str
    source_kind: Literal[
        "regulator",
        "copy of a regulator",
        "summary of a regulator",
        "public health body",
        "university",
        "legal press",
        "consultancy",
        "manufacturer",
        "press",
        "trade press",
    ]
    confidence: Literal["high", "medium", "low"]
    source: Source
    date_note: str = ""
    confidence_note: str = ""
    conflicts_with: tuple[str, ...] = ()

    @property
    def partial_date(self) -> PartialDate | None:
        """The date to the day, month or year, None when it is not known."""
        return PartialDate.parse(self.date) if self.date else None

    def applies_to(self, source_class: SourceClass) -> bool:
        """Tell whether the statement is about products of this source.

        Where the source is not stated, every statement may apply.
        """
        if source_class is SourceClass.NOT_STATED or "any" in self.source_classes:
            return True
        return source_class.value in self.source_classes


@cache
def statements() -> tuple[LegalStatement, ...]:
    """Load every statement; raises ContentError when a conflict is not known to both sides."""
    rows = load_toml("exovigil.catalogue", FILE, "statement", LegalStatement)
    by_key = {row.key: row for row in rows}
    for row in rows:
        for other in row.conflicts_with:
            if other not in by_key or row.key not in by_key[other].conflicts_with:
                raise ContentError(
                    f"{FILE}: {row.key!r} conflicts with {other!r}, which must name it in turn"
                )
    return rows


def jurisdictions() -> tuple[str, ...]:
    """Name the jurisdictions that any statement is about, in order of the alphabet."""
    return tuple(sorted({place for row in statements() for place in row.jurisdictions}))


def find(
    *, jurisdiction: str | None = None, source_class: SourceClass | None = None
) -> tuple[LegalStatement, ...]:
    """Return the statements for a jurisdiction and a source, the latest first and undated ones last.

    Nothing that contradicts another statement is left out.
    """
    found = [
        row
        for row in statements()
        if (jurisdiction is None or jurisdiction in row.jurisdictions)
        and (source_class is None or row.applies_to(source_class))
    ]
    return tuple(sorted(found, key=lambda row: row.date, reverse=True))


def conflicts(rows: tuple[LegalStatement, ...]) -> tuple[tuple[LegalStatement, LegalStatement], ...]:
    """Pair the statements among ``rows`` that contradict each other, each pair once."""
    return tuple(
        (one, other)
        for position, one in enumerate(rows)
        for other in rows[position + 1 :]
        if other.key in one.conflicts_with
    )
