"""The evidence gap map: condition by source of the product, with empty cells said aloud.

A cell counts human studies of vesicles in people who have the condition. Conditioned medium and
healthy-volunteer studies are shown in the cell but not counted. A study of two conditions or two
sources stands in each of its cells; row totals count it once.
"""

import enum
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from exovigil.catalogue.composition import SourceClass
from exovigil.evidence.conditions import Condition, conditions
from exovigil.evidence.studies import Direction, Study, direction_of, studies


class CellState(enum.StrEnum):
    """What a reader should take from a cell at a glance."""

    NONE_FOUND = "no human study found"
    NOT_RANDOMISED = "human studies, none randomised"
    RANDOMISED = "randomised studies"


@dataclass(frozen=True, slots=True)
class Cell:
    """Human studies of one condition and source; ``set_aside`` are shown but not counted."""

    studies: tuple[Study, ...]
    set_aside: tuple[Study, ...]
    directions: Mapping[Direction, int]

    @property
    def human_studies(self) -> int:
        """Number of human studies counted."""
        return len(self.studies)

    @property
    def randomised(self) -> int:
        """Number of studies that say they were randomised."""
        return sum(row.is_randomised for row in self.studies)

    @property
    def participants(self) -> int:
        """People in the studies that give a number; whole studies, arms cannot be told apart."""
        return sum(row.participants or 0 for row in self.studies)

    @property
    def size_unknown(self) -> int:
        """Number of studies that give no number of people."""
        return sum(row.participants is None for row in self.studies)

    @property
    def state(self) -> CellState:
        """The cell's message."""
        if not self.studies:
            return CellState.NONE_FOUND
        return CellState.RANDOMISED if self.randomised else CellState.NOT_RANDOMISED


@dataclass(frozen=True, slots=True)
class GapMap:
    """The matrix; read it with :meth:`cell`, :meth:`row` and :meth:`gaps`."""

    conditions: tuple[Condition, ...]
    sources: tuple[SourceClass, ...]
    cells: Mapping[tuple[str, SourceClass], Cell]
    rows: Mapping[str, Cell]

    def cell(self, condition: str, source: SourceClass) -> Cell:
        """Return one cell; raises KeyError when the condition is not on the map."""
        return self.cells[condition, source]

    def row(self, condition: str) -> Cell:
        """Return all sources of one condition, each study counted once."""
        return self.rows[condition]

    def gaps(self) -> tuple[Condition, ...]:
        """Return the conditions without any human study of vesicles."""
        return tuple(c for c in self.conditions if self.rows[c.key].state is CellState.NONE_FOUND)


def build(rows: Iterable[Study] | None = None) -> GapMap:
    """Build the map from the given studies, or from all of them.

    Raises ValueError when a study names a condition that is not on the map, so that none is lost.
    """
    rows = tuple(studies() if rows is None else rows)
    shown = conditions()
    known = {c.key for c in shown}
    for row in rows:
        if not set(row.conditions) <= known:
            raise ValueError(
                f"study {row.key}: {sorted(set(row.conditions) - known)[0]!r} is not in conditions.toml"
            )
    return GapMap(
        shown,
        tuple(SourceClass),
        MappingProxyType({(c.key, s): _cell(rows, c.key, s) for c in shown for s in SourceClass}),
        MappingProxyType({c.key: _cell(rows, c.key) for c in shown}),
    )


def _cell(rows: Iterable[Study], condition: str, source: SourceClass | None = None) -> Cell:
    here = [r for r in rows if condition in r.conditions and (source is None or source in r.source_classes)]
    counted = tuple(r for r in here if r.counts)
    return Cell(
        studies=counted,
        set_aside=tuple(r for r in here if not r.counts),
        directions=MappingProxyType(Counter(direction_of(r.key) for r in counted)),
    )
