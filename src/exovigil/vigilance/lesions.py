"""Lesions as counted at visits: kinds, totals and words.

A count or a size that nobody took is None and never zero; a total over a count that is not known is not known.
"""

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

MOST = 500  # lesions of a kind in a region
LARGEST = 300  # mm


class LesionKind(enum.StrEnum):
    """What a lesion is by the look of it."""

    PAPULE = "papule"
    NODULE = "nodule"
    PLAQUE = "plaque"
    ULCER = "ulcer"
    ABSCESS = "abscess"
    SCAR = "scar"
    PIGMENT = "pigment"
    OTHER = "other"

    @property
    def label(self) -> str:
        """Words for people."""
        return {"pigment": "Change of pigment"}.get(self.value, self.value.capitalize())

    def words(self, count: int | None) -> str:
        """One or several of them, in a sentence."""
        one, many = _WORDS.get(self, (self.value, f"{self.value}s"))
        return one if count == 1 else many

    @property
    def is_active(self) -> bool:
        """False for what a lesion leaves behind: a scar or a change of pigment."""
        return self not in {LesionKind.SCAR, LesionKind.PIGMENT}


_WORDS = {
    LesionKind.ABSCESS: ("abscess", "abscesses"),
    LesionKind.PIGMENT: ("change of pigment", "changes of pigment"),
    LesionKind.OTHER: ("other lesion", "other lesions"),
}


@dataclass(frozen=True, slots=True)
class Lesion:
    """Lesions of one kind in one region: how many, and the largest diameter in mm; None where nobody took it."""

    region: str
    kind: LesionKind
    count: int | None = None
    size_mm: int | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """Read a stored row; raises ValueError for a kind, number or size that cannot be."""
        row = cls(stored["region"], LesionKind(stored["kind"]), stored["count"], stored["size_mm"])
        if row.count is not None and not 0 <= row.count <= MOST:
            raise ValueError(f"the number of lesions must be 0 to {MOST}")
        if row.size_mm is not None and not 1 <= row.size_mm <= LARGEST:
            raise ValueError(f"the size must be 1 to {LARGEST} mm")
        return row

    def stored(self) -> dict[str, Any]:
        """As it is kept."""
        return {"region": self.region, "kind": self.kind.value, "count": self.count, "size_mm": self.size_mm}

    @property
    def words(self) -> str:
        """Number, kind and size."""
        named = self.kind.words(self.count)
        size = f", largest {self.size_mm} mm" if self.size_mm else ""
        if self.count is None:
            return f"{named}, not counted{size}"
        return f"{self.count or 'no'} {named}{size if self.count else ''}"


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything seen on one day; nothing at all means that the skin was looked at and was clear."""

    on: dt.date
    lesions: tuple[Lesion, ...]

    def total(self, *, active: bool = True) -> int | None:
        """Number of lesions, active ones or what they left behind; None when one was not counted."""
        counts = [row.count for row in self.lesions if row.kind.is_active is active]
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    @property
    def largest_mm(self) -> int | None:
        """Largest diameter of an active lesion, where any was measured."""
        sizes = [row.size_mm for row in self.lesions if row.kind.is_active and row.count != 0]
        return max((size for size in sizes if size is not None), default=None)

    @property
    def is_clear(self) -> bool:
        """True when no active lesion was left."""
        return self.total() == 0

    @property
    def regions(self) -> tuple[str, ...]:
        """Regions with something to draw, each once."""
        return tuple(dict.fromkeys(row.region for row in self.lesions if row.count != 0))


def by_region(
    lesions: Iterable[Lesion], labels: Callable[[Iterable[str]], list[str]]
) -> list[tuple[str, str]]:
    """Each region's label with its lesions in words."""
    found: dict[str, list[str]] = {}
    for row in lesions:
        found.setdefault(row.region, []).append(row.words)
    return [(name, "; ".join(words)) for name, words in zip(labels(found), found.values(), strict=True)]


def sentence(seen: Seen, labels: Callable[[Iterable[str]], list[str]]) -> str:
    """What was seen, for a narrative."""
    if not seen.lesions:
        return "No lesion was seen."
    return "; ".join(f"{name}: {words}" for name, words in by_region(seen.lesions, labels)) + "."
