"""The skin conditions of the evidence map, with a name for clinicians and one for everybody."""

from dataclasses import dataclass
from functools import cache

from exovigil.foundation.content import Source, load_toml


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition; ``of_the_twelve`` marks those for which the 2025 review claims promise."""

    key: str
    name: str
    plain: str
    of_the_twelve: bool
    source: Source
    note: str = ""


@cache
def conditions() -> tuple[Condition, ...]:
    """Load every condition, the twelve of the 2025 review first."""
    return load_toml("exovigil.evidence", "conditions.toml", "condition", Condition)


def the_twelve() -> tuple[Condition, ...]:
    """Return the conditions for which the 2025 review (10.1111/jocd.16761) claims promise."""
    return tuple(row for row in conditions() if row.of_the_twelve)


def condition(key: str) -> Condition:
    """Return one condition; raises KeyError naming the key."""
    for row in conditions():
        if row.key == key:
            return row
    raise KeyError(f"no condition {key!r} in conditions.toml")
