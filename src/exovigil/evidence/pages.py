"""What the evidence pages show, put together from the queries: one small shape for each page."""

from dataclasses import dataclass

from exovigil.evidence import queries
from exovigil.evidence.queries import Cell, CellState, Condition, DirectionWord, ProductClass, Study
from exovigil.evidence.words import WORDS


@dataclass(frozen=True, slots=True)
class DirectionCount:
    """How many studies of a cell point one way."""

    said: DirectionWord
    count: int


@dataclass(frozen=True, slots=True)
class MapCell:
    """One cell of the map ready to draw; ``tone`` is its class in the stylesheet."""

    product_class: ProductClass
    cell: Cell
    tone: str
    directions: tuple[DirectionCount, ...]


@dataclass(frozen=True, slots=True)
class MapRow:
    """One condition with its cells, in the order of the product classes."""

    condition: Condition
    cells: tuple[MapCell, ...]


@dataclass(frozen=True, slots=True)
class StudyLine:
    """One study in a table: its direction and its flags beside it."""

    study: Study
    said: DirectionWord
    flags: tuple[queries.Flag, ...]
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClassGroup:
    """The studies of one product class for one condition."""

    product_class: ProductClass
    cell: Cell
    lines: tuple[StudyLine, ...]
    set_aside: tuple[StudyLine, ...]


def map_rows() -> tuple[tuple[MapRow, ...], tuple[MapRow, ...]]:
    """Return the rows of the twelve conditions of the 2025 review, and the rows of the others."""
    rows = [
        MapRow(c, tuple(map_cell(c.key, p) for p in queries.PRODUCT_CLASSES)) for c in queries.conditions()
    ]
    return tuple(r for r in rows if r.condition.of_the_twelve), tuple(
        r for r in rows if not r.condition.of_the_twelve
    )


def map_cell(condition: str, product_class: ProductClass) -> MapCell:
    """Make one cell ready to draw."""
    cell = queries.gap_map().cell(condition, product_class.source)
    tone = {CellState.NONE_FOUND: "none", CellState.RANDOMISED: "rct"}.get(cell.state, "")
    return MapCell(product_class, cell, tone, direction_counts(cell))


def direction_counts(cell: Cell) -> tuple[DirectionCount, ...]:
    """Directions that occur in a cell, comparisons first."""
    return tuple(
        DirectionCount(word, cell.directions[word.direction])
        for word in WORDS
        if cell.directions.get(word.direction)
    )


def line(study: Study) -> StudyLine:
    """Put a study beside its direction, flags and results."""
    said = queries.word_of(queries.direction_of(study.key))
    results = tuple(queries.result_words(row) for row in queries.outcomes_of(study.key))
    return StudyLine(study, said, queries.flags_of(study.key), results)


def groups(condition: str) -> tuple[ClassGroup, ...]:
    """Studies of one condition by product class; every class is there, the empty ones too."""
    found = []
    for product_class in queries.PRODUCT_CLASSES:
        cell = queries.gap_map().cell(condition, product_class.source)
        lines = tuple(line(study) for study in cell.studies)
        found.append(ClassGroup(product_class, cell, lines, tuple(line(study) for study in cell.set_aside)))
    return tuple(found)
