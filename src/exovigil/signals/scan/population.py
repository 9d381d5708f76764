"""Which reports a scan counts, and what is expected of them: roles, and strata of alike patients."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
from ibis import _
from ibis.expr.types import StringColumn, StringValue, Table

ROLES = ("suspect", "interacting", "concomitant", "unknown")
AGE_BANDS = ((2, "0-1"), (12, "2-11"), (18, "12-17"), (45, "18-44"), (65, "45-64"), (75, "65-74"))
OLDEST = "75 and over"
UNKNOWN = "unknown"


class StoreError(ValueError):
    """The report store cannot be scanned; the message names the file and the way out."""


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


@dataclass(frozen=True, slots=True)
class Store:
    """Where the tables of one version of a report store lie; a later import does not change them underfoot."""

    directory: Path
    current: Path
    manifest: Path

    @classmethod
    def at(cls, directory: Path) -> "Store":
        """Open a store; raises StoreError when it has not been filled."""
        current = (directory / "current").resolve()  # the link moves when an import is done
        inside = current / "manifest.json"
        store = cls(directory, current, inside if inside.is_file() else directory / "manifest.json")
        for file in (store.manifest, store.reports, store.products, store.reactions):
            if not file.is_file():
                raise StoreError(f"{file} is missing: fill the store with 'exovigil signals import' first")
        return store

    @property
    def reports(self) -> Path:
        """One row a report."""
        return self.current / "reports.parquet"

    @property
    def products(self) -> Path:
        """Products of the reports, duplicates included."""
        return self.current / "report_products.parquet"

    @property
    def reactions(self) -> Path:
        """Reactions of the reports, duplicates included."""
        return self.current / "report_reactions.parquet"

    @property
    def encoded(self) -> Path:
        """Copies made for counting; they may be deleted at any time."""
        return self.directory / "encoded"

    def about(self) -> dict[str, Any]:
        """What the manifest says; raises StoreError when it is none or names no snapshot."""
        try:
            said = json.loads(self.manifest.read_text(encoding="utf-8"))
            snapshot = said["snapshot"]
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{self.manifest} names no snapshot; import the store again") from error
        if not isinstance(snapshot, str) or not re.fullmatch(r"[\w-]{1,128}", snapshot):
            raise StoreError(f"{self.manifest}: the snapshot must be letters, digits and dashes")
        return dict(said)

    @property
    def snapshot(self) -> str:
        """Name of the tables as they are."""
        return str(self.about()["snapshot"])

    def changes(self) -> list[Path]:
        """Which reports each import touched, a file an import; what an unfinished import left is not among them."""
        files = [path for path in (self.directory / "changes").glob("*.parquet") if path.stem.isdigit()]
        version = self.about().get("version")
        done = [path for path in files if not isinstance(version, int) or int(path.stem) <= version]
        return sorted(done, key=lambda path: int(path.stem))


def stratum(reports: Table, names: Sequence[str]) -> Table:
    """Each report with its stratum as one text, such as ``female, 18-44``; blanks are a stratum of their own."""
    texts = [STRATA[name](reports) for name in names]
    label: StringValue = texts[0]
    for text in texts[1:]:
        label = label + ", " + text
    return reports.select(_.report, stratum=label)


def _sex(reports: Table) -> StringColumn:
    return reports.sex.nullif("").fill_null(UNKNOWN)


def _age_band(reports: Table) -> StringValue:
    age = reports.age_years
    bands = [(age < upper, label) for upper, label in AGE_BANDS]
    return ibis.cases((age.isnull() | (age < 0), UNKNOWN), *bands, else_=OLDEST)


def _year(reports: Table) -> StringValue:
    return reports.received.year().cast("string").fill_null(UNKNOWN)


STRATA = {"sex": _sex, "age": _age_band, "year": _year}
