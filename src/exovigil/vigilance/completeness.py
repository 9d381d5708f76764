"""How complete a report is: the vigiGrade completeness score.

C is the product of (1 - penalty) over ten dimensions; a report is well documented when C is above 0.8. Dimensions and
penalties are content (``content/completeness.toml``), as published in PMC9503115. Where several product-reaction pairs
are in a report the score is the mean over them; a case of this registry is one pair.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from exovigil.foundation.content import Source, load_toml

GIVEN = "given"
MISSING = "missing"
WELL_DOCUMENTED = Decimal("0.8")
_ROOM, _FILE = "exovigil.vigilance", "completeness.toml"


@dataclass(frozen=True, slots=True)
class Penalty:
    """What one dimension costs when it stands at ``level``; ``todo`` says what would win it back."""

    dimension: str
    label: str
    level: str
    words: str
    penalty: Decimal
    todo: str
    source: Source


@dataclass(frozen=True, slots=True)
class Completeness:
    """The score from 0.01 or so to 1, exact, and every penalty that lowered it, the dearest first."""

    score: Decimal
    lost: tuple[Penalty, ...]

    @property
    def well_documented(self) -> bool:
        """True above 0.8, not at it."""
        return self.score > WELL_DOCUMENTED

    @property
    def rounded(self) -> str:
        """The score in two digits, for people; cut, never rounded up past the mark."""
        return f"{self.score:.3f}"[:-1]


@lru_cache(maxsize=1)
def penalties() -> tuple[Penalty, ...]:
    """Every penalty of the published table."""
    return load_toml(_ROOM, _FILE, "penalty", Penalty)


@lru_cache(maxsize=1)
def levels() -> Mapping[str, tuple[str, ...]]:
    """The levels that each dimension may stand at, ``given`` first."""
    found: dict[str, tuple[str, ...]] = {}
    for row in penalties():
        found[row.dimension] = (*found.get(row.dimension, (GIVEN,)), row.level)
    return found


def completeness(standing: Mapping[str, str]) -> Completeness:
    """Score a report from the level at which each dimension stands.

    Raises ValueError for a dimension left out, and for a level that the dimension does not have.
    """
    allowed = levels()
    if set(standing) != set(allowed):
        wrong = sorted(set(standing) ^ set(allowed))
        raise ValueError(f"give a level for every dimension and no other; check {', '.join(wrong)}")
    for dimension, level in standing.items():
        if level not in allowed[dimension]:
            raise ValueError(f"{dimension}: {level!r} is not one of {', '.join(allowed[dimension])}")
    lost = tuple(row for row in penalties() if standing[row.dimension] == row.level)
    score = Decimal(1)
    for row in lost:
        score *= 1 - row.penalty
    return Completeness(score, tuple(sorted(lost, key=lambda row: -row.penalty)))
