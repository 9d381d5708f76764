"""Seriousness regime by regime: each has its own criteria, some of them the ICH ones under another name.

Source of the criteria: ``content/seriousness_regimes.toml``. The ICH scale itself is ``vigilance.seriousness``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from exovigil.foundation.content import Source, load_toml
from exovigil.vigilance import seriousness
from exovigil.vigilance.seriousness import Answer

Scale = Literal["ich", "sue", "mocra", "device"]
SCALES: dict[Scale, str] = {
    "ich": "ICH (medicines)",
    "sue": "EU and UK cosmetics: serious undesirable effect",
    "mocra": "US cosmetics: MoCRA, section 605",
    "device": "EU and UK devices: serious incident",
}


@dataclass(frozen=True, slots=True)
class ScaleCriterion:
    """One criterion of one scale.

    ``same_as`` is the ICH criterion it equals; any of ``implied_by`` answered yes makes it yes, their no says nothing.
    """

    scale: Literal["sue", "mocra", "device"]
    code: str
    label: str
    help: str
    source: Source
    same_as: str = ""
    implied_by: tuple[str, ...] = ()


@cache
def scale_criteria() -> tuple[ScaleCriterion, ...]:
    """Every criterion of the scales other than ICH, in the order of the file."""
    return load_toml("exovigil.vigilance", "seriousness_regimes.toml", "criterion", ScaleCriterion)


@cache
def own_questions() -> tuple[ScaleCriterion, ...]:
    """Criteria that must be asked because no ICH criterion equals them, each code once."""
    found: dict[str, ScaleCriterion] = {}
    for row in scale_criteria():
        if not row.same_as:
            found.setdefault(row.code, row)
    return tuple(found.values())


def answer_of(criterion: ScaleCriterion, answers: Mapping[str, Answer]) -> Answer:
    """Answer of one criterion, from the ICH answers and the ones of its own."""
    if criterion.same_as:
        return answers.get(criterion.same_as, Answer.UNKNOWN)
    if any(answers.get(code) is Answer.YES for code in criterion.implied_by):
        return Answer.YES
    return answers.get(criterion.code, Answer.UNKNOWN)


def is_serious_in(scale: Scale, answers: Mapping[str, Answer]) -> Answer:
    """Say whether a reaction is serious in a regime: one yes is enough, a no needs every criterion answered no.

    ``answers`` holds ICH criteria and own questions together, by code.
    """
    given = [answer for _, answer in answers_in(scale, answers)]
    if Answer.YES in given:
        return Answer.YES
    return Answer.NO if all(answer is Answer.NO for answer in given) else Answer.UNKNOWN


def answers_in(scale: Scale, answers: Mapping[str, Answer]) -> tuple[tuple[str, Answer], ...]:
    """Label and answer of every criterion of a scale."""
    if scale == "ich":
        return tuple((c.label, answers.get(c.code, Answer.UNKNOWN)) for c in seriousness.criteria())
    return tuple((c.label, answer_of(c, answers)) for c in scale_criteria() if c.scale == scale)


def sources_of(scale: Scale) -> tuple[Source, ...]:
    """Where the criteria of a scale were read."""
    rows = seriousness.criteria() if scale == "ich" else scale_criteria()
    found = {
        row.source.key: row.source for row in rows if scale == "ich" or getattr(row, "scale", "") == scale
    }
    return tuple(found.values())
