"""The declared layouts: which file is which table, which columns it has, what its codes mean.

Content: ``content/report_layouts.toml`` and ``content/report_columns.csv``. Names of columns compare without case,
spaces and a byte-order mark; the first name of a row is the present one, the others were used in other years.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from exovigil.foundation.content import Source, load_csv, load_toml
from exovigil.signals.store.problems import Unreadable

_PACKAGE = "exovigil.signals"


@dataclass(frozen=True, slots=True)
class FileLayout:
    """One file of a format: the pattern its name follows, and whether an import can do without it.

    ``kept`` is false for a file that is only counted; ``joined_lines`` where rows are known to lack line breaks.
    """

    format: str
    table: str
    pattern: str
    source: Source
    needed: bool = False
    kept: bool = True
    joined_lines: bool = False

    def period(self, name: str) -> str | None:
        """Give the period in a member's name (``2017Q2``), empty without one; None when the name is another's."""
        found = re.fullmatch(self.pattern, name.rsplit("/", 1)[-1], re.IGNORECASE)
        if found is None:
            return None
        period = (found.groupdict().get("period") or "").upper()
        return ("20" if re.fullmatch(r"\d\dQ\d", period) else "") + period


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: the store's name, and every name it has had."""

    format: str
    table: str
    column: str
    names: tuple[str, ...]
    needed: bool
    source: str


@dataclass(frozen=True, slots=True)
class Value:
    """Ways of writing one value of a column, in capitals."""

    column: str
    means: str
    written: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class AgeUnit:
    """A unit of age, in years."""

    years: float
    written: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Quirk:
    """An oddity of files, and what the import does about it."""

    key: str
    does: str
    source: Source


@dataclass(frozen=True, slots=True)
class Header:
    """A file's columns: where each of the store's stands, how many have a name, and what was odd."""

    places: dict[str, int]
    width: int
    named: int
    quirks: dict[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def file_layouts() -> tuple[FileLayout, ...]:
    """Every file of every format."""
    return load_toml(_PACKAGE, "report_layouts.toml", "file", FileLayout)


@lru_cache(maxsize=1)
def values() -> tuple[Value, ...]:
    """Every coded value."""
    return load_toml(_PACKAGE, "report_layouts.toml", "value", Value)


@lru_cache(maxsize=1)
def age_units() -> tuple[AgeUnit, ...]:
    """Every unit of age."""
    return load_toml(_PACKAGE, "report_layouts.toml", "age_unit", AgeUnit)


@lru_cache(maxsize=1)
def quirks() -> dict[str, Quirk]:
    """Every known quirk by its key."""
    return {row.key: row for row in load_toml(_PACKAGE, "report_layouts.toml", "quirk", Quirk)}


@lru_cache(maxsize=1)
def _columns() -> tuple[Column, ...]:
    return load_csv(_PACKAGE, "report_columns.csv", Column)


def is_serious(outcome: str) -> bool:
    """Whether an outcome in words is one that makes a report serious."""
    return any(outcome.strip().upper() in row.written for row in values() if row.column == "serious")


def columns(format_: str, table: str) -> tuple[Column, ...]:
    """Columns of one table of a format."""
    return tuple(c for c in _columns() if (c.format, c.table) == (format_, table))


def read_header(file: str, cells: list[str], wanted: tuple[Column, ...]) -> Header:
    """Find the wanted columns in a header line. Raises Unreadable when a needed one is missing or stands twice."""
    plain = [_plain(cell) for cell in cells]
    odd: dict[str, list[str]] = {"space in the header": [cell for cell in cells if cell != cell.strip()]}
    places: dict[str, int] = {}
    for column in wanted:
        names = [_plain(name) for name in column.names]
        found = [place for place, cell in enumerate(plain) if cell in names]
        if len(found) > 1:
            raise Unreadable(file, f"the column {cells[found[1]]!r} stands twice", 1)
        if found:
            places[column.column] = found[0]
            if plain[found[0]] != names[0]:
                odd.setdefault("renamed column", []).append(f"{cells[found[0]].strip()} is {column.names[0]}")
        elif column.needed:
            raise Unreadable(
                file, f"no column {' or '.join(column.names)}; the file has {', '.join(cells)}", 1
            )
    named = len(cells)
    while named and re.fullmatch(r"(v\d+)?", plain[named - 1]):
        named -= 1
    odd["unnamed last column"] = [cell or "without a name" for cell in cells[named:]]
    odd["column not read"] = [c.strip() for n, c in enumerate(cells[:named]) if n not in places.values()]
    return Header(places, len(cells), named, {quirk: tuple(names) for quirk, names in odd.items() if names})


def _plain(name: str) -> str:
    return name.replace("\ufeff", "").strip().lower()
