"""Reactions that every follow-up asks for, and which answers the clinic must hear of at once.

A red flag is a reason to look, not a diagnosis.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from exovigil.foundation.content import Source, load_toml

PACKAGE = "exovigil.clinic"
FILE = "reactions.toml"


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction asked for.

    ``red_flag_at`` is the severity grade from which it is a red flag at any time, None for never.
    ``late_from_day`` is the day after treatment from which any severity is, None for never.
    """

    code: str
    label: str
    help: str
    scope: Literal["local", "general"]
    reason: str
    sources: tuple[Source, ...]
    red_flag_at: int | None = None
    late_from_day: int | None = None


@dataclass(frozen=True, slots=True)
class Severity:
    """One grade of the scale, 0 (none) to 3 (severe), with words a patient can choose by."""

    grade: int
    label: str
    plain: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class RedFlag:
    """A reaction that the clinic must hear of at once; ``late`` when only its lateness makes it so."""

    reaction: Reaction
    grade: int
    late: bool


@cache
def reactions() -> tuple[Reaction, ...]:
    """Load the reactions in the order in which they are asked."""
    return load_toml(PACKAGE, FILE, "reaction", Reaction)


@cache
def severities() -> tuple[Severity, ...]:
    """Load the severity scale from none to severe."""
    return load_toml(PACKAGE, FILE, "severity", Severity)


def red_flags(answers: Mapping[str, int | None], days_since_treatment: int | None) -> tuple[RedFlag, ...]:
    """Return the answers that must be seen at once.

    ``answers`` maps reaction code to severity grade; None or absent is not known. Where the days since
    treatment are not known, a reaction that would be a red flag when late is treated as late. Raises
    KeyError for an unknown reaction and ValueError for a grade outside the scale.
    """
    by_code = {reaction.code: reaction for reaction in reactions()}
    grades = {severity.grade for severity in severities()}
    for code, grade in answers.items():
        if code not in by_code:
            raise KeyError(f"no reaction {code!r} in {FILE}; known are {sorted(by_code)}")
        if grade is not None and grade not in grades:
            raise ValueError(f"{code}: severity {grade} is not on the scale {sorted(grades)}")
    return tuple(
        flag
        for reaction in reactions()
        if (flag := _flag(reaction, answers.get(reaction.code), days_since_treatment))
    )


def _flag(reaction: Reaction, grade: int | None, days: int | None) -> RedFlag | None:
    if not grade:
        return None
    if reaction.red_flag_at is not None and grade >= reaction.red_flag_at:
        return RedFlag(reaction, grade, late=False)
    if reaction.late_from_day is not None and (days is None or days >= reaction.late_from_day):
        return RedFlag(reaction, grade, late=True)
    return None
