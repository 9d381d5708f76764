"""Reads of the evidence room for its own pages and for the rooms above.

Everything here is published fact from the content files; nothing touches a patient. Names of the pure modules
that others may use are handed on from here, so that no other room needs to know which file holds what.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from exovigil.catalogue.composition import SourceClass
from exovigil.evidence import gapmap, integrity
from exovigil.evidence import studies as published
from exovigil.evidence.conditions import Condition, condition, conditions, the_twelve
from exovigil.evidence.gapmap import Cell, CellState, GapMap
from exovigil.evidence.harms import (
    Ascertained,
    Harm,
    ascertained,
    exosome_harms,
    harms,
    look_alikes,
)
from exovigil.evidence.integrity import Flag
from exovigil.evidence.studies import (
    PACKAGE,
    Direction,
    Outcome,
    Review,
    Study,
    Trial,
    outcomes_of,
    reviews,
    studies,
    study,
    trials,
)
from exovigil.evidence.words import DirectionWord, result_words, word_of
from exovigil.foundation.content import content_path

__all__ = [
    "PRODUCT_CLASSES",
    "Ascertained",
    "Cell",
    "CellState",
    "Condition",
    "ContentFile",
    "Counts",
    "Direction",
    "DirectionWord",
    "Flag",
    "GapMap",
    "Harm",
    "Outcome",
    "ProductClass",
    "Review",
    "Study",
    "Trial",
    "ascertained",
    "ascertained_of",
    "cell",
    "condition",
    "conditions",
    "content_files",
    "counts",
    "direction_of",
    "exosome_harms",
    "flags",
    "flags_of",
    "gap_map",
    "harms",
    "harms_of",
    "look_alikes",
    "manufacturing_failures",
    "outcomes_of",
    "product_class",
    "result_words",
    "reviews",
    "reviews_of",
    "studies",
    "study",
    "the_twelve",
    "trials",
    "trials_of",
    "why_not_pooled",
    "with_both_spreads",
    "word_of",
]

CONTENT = ("conditions.toml", "harms.csv", "outcomes.csv", "reviews.csv", "studies.csv", "trials.csv")


@dataclass(frozen=True, slots=True)
class ProductClass:
    """A class of products by the organism of their source; ``key`` is the one the catalogue uses for a product."""

    key: str
    source: SourceClass
    label: str
    plain: str


PRODUCT_CLASSES = (
    ProductClass("human", SourceClass.HUMAN, "Human", "made from human cells or blood"),
    ProductClass("plant", SourceClass.PLANT, "Plant", "made from plants"),
    ProductClass("animal", SourceClass.ANIMAL, "Animal", "made from animals"),
    ProductClass("bacterial", SourceClass.BACTERIAL, "Bacterial", "made from bacteria"),
    ProductClass("unknown", SourceClass.NOT_STATED, "Source not stated", "whose source nobody states"),
)


@dataclass(frozen=True, slots=True)
class ContentFile:
    """A content file and the digest of its bytes, so that a result can name what it was made from."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is held: studies of any kind, the randomised among them, conditions of the twelve without one, flags."""

    studies: int
    randomised: int
    gaps: int
    flags: int


def counts() -> Counts:
    """Counts for a reviewer's first page."""
    return Counts(
        studies=len(studies()),
        randomised=sum(row.is_randomised for row in studies()),
        gaps=sum(row.of_the_twelve for row in gap_map().gaps()),
        flags=len(flags()),
    )


def product_class(key: str) -> ProductClass:
    """Return one product class; raises KeyError naming the key."""
    for row in PRODUCT_CLASSES:
        if row.key == key:
            return row
    raise KeyError(f"no product class {key!r}; known are {', '.join(row.key for row in PRODUCT_CLASSES)}")


@cache
def gap_map() -> GapMap:
    """Return the evidence gap map over every study."""
    return gapmap.build()


@cache
def direction_of(key: str) -> Direction:
    """Direction of the study with this key."""
    return published.direction_of(key)


@cache
def flags() -> tuple[Flag, ...]:
    """Return every question about published numbers."""
    return integrity.flags()


def flags_of(key: str) -> tuple[Flag, ...]:
    """Return the questions about one study key or registry number."""
    return tuple(flag for flag in flags() if flag.study == key)


def cell(condition_key: str, class_key: str) -> Cell:
    """Studies of one condition and product class; raises KeyError when either is not known."""
    return gap_map().cell(condition_key, product_class(class_key).source)


def trials_of(condition_key: str, class_key: str = "") -> tuple[Trial, ...]:
    """Registered trials of a condition, and of a product class when one is named."""
    source = product_class(class_key).source if class_key else None
    return tuple(
        row
        for row in trials()
        if condition_key in row.conditions and (source is None or source in row.source_classes)
    )


def reviews_of(condition_key: str) -> tuple[Review, ...]:
    """Earlier reviews that speak of a condition."""
    return tuple(row for row in reviews() if condition_key in row.conditions)


def manufacturing_failures() -> tuple[Harm, ...]:
    """Failures of manufacture that a regulator published; not counts of people."""
    return tuple(row for row in harms() if row.kind == "manufacturing failure")


def harms_of(class_key: str) -> tuple[Harm, ...]:
    """Published harms and manufacturing failures that are, or may be, of a product class.

    Where a source does not say what the product was made from, the harm may belong to any class and is kept.
    """
    wanted = {product_class(class_key).source, SourceClass.NOT_STATED}
    return tuple(row for row in harms() if row.exosome and wanted & set(row.source_classes))


def ascertained_of(class_key: str) -> tuple[Ascertained, ...]:
    """Studies of a product class, for any condition, that give adverse events and people treated."""
    source = product_class(class_key).source
    return tuple(row for row in ascertained() if source in row.study.source_classes)


def with_both_spreads(rows: Iterable[Study]) -> tuple[Study, ...]:
    """Studies that give a mean and a standard deviation in both arms for some outcome."""
    return tuple(row for row in rows if any(_both_spreads(o) for o in outcomes_of(row.key)))


def why_not_pooled(rows: Iterable[Study]) -> str:
    """Say why the results of some studies are not combined into one number."""
    rows = tuple(rows)
    if not rows:
        return "There is nothing to combine."
    if len(rows) == 1:
        return "There is one study: nothing can be combined with it."
    usable = with_both_spreads(rows)
    found = {0: "none gives", 1: f"only one ({usable[0].label if usable else ''}) gives"}.get(
        len(usable), f"{len(usable)} give"
    )
    return (
        f"No pooled estimate is given. Of these {len(rows)} studies {found} a mean and a standard deviation in both"
        " arms, and combining results needs at least two that measure the same thing in the same way. What can be"
        " said is where each study points."
    )


@cache
def content_files() -> tuple[ContentFile, ...]:
    """Name every content file of the evidence room with its digest."""
    return tuple(
        ContentFile(f"evidence/{name}", hashlib.sha256(content_path(PACKAGE, name).read_bytes()).hexdigest())
        for name in CONTENT
    )


def _both_spreads(row: Outcome) -> bool:
    values = (row.exosome_value, row.exosome_spread, row.comparator_value, row.comparator_spread)
    return row.spread_kind == "SD" and None not in values
