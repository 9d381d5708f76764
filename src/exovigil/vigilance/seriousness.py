"""Seriousness in the ICH sense: six criteria, each answered yes, no or unknown.

Source of the criteria: ICH E2B(R3) E.i.3.2a to E.i.3.2f, in ``content/seriousness.toml``. An E2B file can
only say "true" or "no information", so "no" and "unknown" are kept apart here and become one there.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from exovigil.foundation.content import Source, load_toml


class Answer(enum.StrEnum):
    """An answer to a yes-or-no question; unknown is a value of its own, never a no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One seriousness criterion; ``letter`` is its place in E.i.3.2 (``a`` to ``f``)."""

    code: str
    letter: str
    label: str
    help: str
    source: Source

    @property
    def element(self) -> str:
        """The E2B(R3) data element, such as ``E.i.3.2a``."""
        return f"E.i.3.2{self.letter}"


@lru_cache(maxsize=1)
def criteria() -> tuple[Criterion, ...]:
    """Give the six ICH criteria in the order of E2B(R3)."""
    return load_toml("exovigil.vigilance", "seriousness.toml", "criterion", Criterion)


def is_serious(answers: Mapping[str, Answer]) -> Answer:
    """Say whether a reaction is serious, from answers keyed by criterion code.

    One yes makes it serious. It is not serious only when all six were answered no; a criterion that
    was not asked counts as unknown. Raises ValueError for a code that is not a criterion.
    """
    _refuse_strangers(answers)
    given = [answers.get(criterion.code, Answer.UNKNOWN) for criterion in criteria()]
    if Answer.YES in given:
        return Answer.YES
    return Answer.NO if all(answer is Answer.NO for answer in given) else Answer.UNKNOWN


def e2b_letters(answers: Mapping[str, Answer]) -> frozenset[str]:
    """Give the letters of E.i.3.2 to send as true; everything else goes out as nullFlavor NI."""
    _refuse_strangers(answers)
    return frozenset(c.letter for c in criteria() if answers.get(c.code) is Answer.YES)


def _refuse_strangers(answers: Mapping[str, Answer]) -> None:
    known = {criterion.code for criterion in criteria()}
    strangers = sorted(set(answers) - known)
    if strangers:
        raise ValueError(f"{strangers[0]!r} is not a seriousness criterion; use one of {sorted(known)}")
