"""The four minimum criteria of a valid report: which are met, and since when all of them are.

A report from outside is valid once somebody can say who told it, about whom, after what, and what happened. What is
lacking is asked for; nothing is guessed. Source: ``content/minimum.toml``.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from exovigil.foundation.content import Source, load_toml


@dataclass(frozen=True, slots=True)
class MinimumCriterion:
    """One of the four; ``ask`` says what to ask for, in words that follow "ask"."""

    code: str
    label: str
    ask: str
    source: Source


@lru_cache(maxsize=1)
def minimum_criteria() -> tuple[MinimumCriterion, ...]:
    """Give the four criteria: reporter, patient, product, reaction."""
    return load_toml("exovigil.vigilance", "minimum.toml", "criterion", MinimumCriterion)


def met_by(told: Mapping[str, object]) -> tuple[str, ...]:
    """Give the codes of the criteria that what was told meets, in the order of the list.

    ``told`` holds, for each code, everything that could meet it; white space meets nothing. Raises ValueError for a
    code that is no criterion.

    >>> met_by({"reporter": "Dr Nemo", "product": "  "})
    ('reporter',)
    """
    known = [criterion.code for criterion in minimum_criteria()]
    strangers = sorted(set(told) - set(known))
    if strangers:
        raise ValueError(f"{strangers[0]!r} is no minimum criterion; use one of {known}")
    return tuple(code for code in known if str(told.get(code) or "").strip())


def missing_of(met: tuple[str, ...] | list[str]) -> tuple[MinimumCriterion, ...]:
    """Give the criteria that are not among those met."""
    return tuple(criterion for criterion in minimum_criteria() if criterion.code not in met)


def day_zero(
    met: tuple[str, ...],
    heard_on: dt.date,
    earlier: dt.date | None = None,
    never_before: dt.date | None = None,
) -> dt.date | None:
    """Day on which all four were first known: ``earlier`` if they were, else ``heard_on`` if they are now, else None.

    A day before ``never_before``, when the report first came, counts as that day.
    """
    if earlier is not None:
        return earlier
    if missing_of(met):
        return None
    return max(heard_on, never_before) if never_before else heard_on
