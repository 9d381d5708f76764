"""Causality: the Naranjo scale and the WHO-UMC categories.

Questions, scores, bands and criteria are content (``content/causality.toml``) with their sources: PMC5774610
Table 2 and PMC6039921 Box 2. Neither method was made for a single injection, where stopping and giving again
seldom tell anything, so an assessment always shows its answers beside its category.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from exovigil.foundation.content import Source, load_toml
from exovigil.vigilance.seriousness import Answer

_ROOM, _FILE = "exovigil.vigilance", "causality.toml"


@dataclass(frozen=True, slots=True)
class NaranjoItem:
    """One of the ten questions, with the points for each answer."""

    number: int
    question: str
    yes: int
    no: int
    unknown: int
    source: Source

    def points(self, answer: Answer) -> int:
        """Points for an answer."""
        return {Answer.YES: self.yes, Answer.NO: self.no, Answer.UNKNOWN: self.unknown}[answer]


@dataclass(frozen=True, slots=True)
class NaranjoBand:
    """A category and the lowest total that reaches it."""

    category: str
    lowest: int
    source: Source


@dataclass(frozen=True, slots=True)
class NaranjoResult:
    """A total (-4 to 13), its category, and how many answers were unknown."""

    score: int
    category: str
    unknown: int


class Umc(enum.StrEnum):
    """The WHO-UMC categories."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    CONDITIONAL = "conditional"
    UNASSESSABLE = "unassessable"


@dataclass(frozen=True, slots=True)
class UmcQuestion:
    """What is asked for a WHO-UMC assessment, and the answers it may have."""

    key: str
    question: str
    answers: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class UmcPoint:
    """One point of a category: the answers to question ``key`` that meet it."""

    category: Umc
    key: str
    accepts: tuple[str, ...]
    point: str
    source: Source


@dataclass(frozen=True, slots=True)
class UmcResult:
    """A category, the points met for it, and the points that kept it from a stronger one."""

    category: Umc
    met: tuple[str, ...]
    held_back_by: tuple[str, ...]


@lru_cache(maxsize=1)
def naranjo_items() -> tuple[NaranjoItem, ...]:
    """Give the ten questions in order."""
    return load_toml(_ROOM, _FILE, "naranjo_item", NaranjoItem)


@lru_cache(maxsize=1)
def naranjo_bands() -> tuple[NaranjoBand, ...]:
    """Give the categories from the strongest down."""
    return load_toml(_ROOM, _FILE, "naranjo_band", NaranjoBand)


@lru_cache(maxsize=1)
def umc_questions() -> tuple[UmcQuestion, ...]:
    """Give the questions of a WHO-UMC assessment in order."""
    return load_toml(_ROOM, _FILE, "umc_question", UmcQuestion)


@lru_cache(maxsize=1)
def umc_points() -> tuple[UmcPoint, ...]:
    """Give every point of every category."""
    return load_toml(_ROOM, _FILE, "umc_point", UmcPoint)


def naranjo(answers: Mapping[int, Answer]) -> NaranjoResult:
    """Score the ten answers, keyed 1 to 10.

    Raises ValueError when an answer is missing: an unasked question must be entered as unknown on purpose.
    """
    items = naranjo_items()
    expected = {item.number for item in items}
    if set(answers) != expected:
        wrong = sorted(expected ^ set(answers))
        raise ValueError(f"answer questions 1 to 10, with unknown where not asked; check {wrong}")
    score = sum(item.points(answers[item.number]) for item in items)
    category = next(band.category for band in naranjo_bands() if score >= band.lowest)
    return NaranjoResult(score, category, sum(a is Answer.UNKNOWN for a in answers.values()))


def who_umc(answers: Mapping[str, str]) -> UmcResult:
    """Place a product-reaction pair in a WHO-UMC category, from answers keyed by question.

    Information that cannot be supplemented makes it unassessable, and information still expected makes it
    conditional. Otherwise the strongest category whose points are all met applies; when none is, more data
    are needed and it is conditional. Raises ValueError for a missing, unknown or impossible answer.
    """
    _check_umc(answers)
    held_back: tuple[str, ...] = ()
    for category in (Umc.UNASSESSABLE, Umc.CONDITIONAL):
        met, missing = _compare(category, answers)
        if not missing:
            return UmcResult(category, met, ())
    for category in (Umc.CERTAIN, Umc.PROBABLE, Umc.POSSIBLE, Umc.UNLIKELY):
        met, missing = _compare(category, answers)
        if not missing:
            return UmcResult(category, met, held_back)
        held_back = missing
    return UmcResult(Umc.CONDITIONAL, (), held_back)


def _compare(category: Umc, answers: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split a category's points into those met and those not."""
    points = [point for point in umc_points() if point.category is category]
    met = tuple(p.point for p in points if answers[p.key] in p.accepts)
    return met, tuple(p.point for p in points if answers[p.key] not in p.accepts)


def _check_umc(answers: Mapping[str, str]) -> None:
    questions = {question.key: question for question in umc_questions()}
    if set(answers) != set(questions):
        wrong = sorted(set(answers) ^ set(questions))
        raise ValueError(f"answer every WHO-UMC question and no other; check {wrong}")
    for key, answer in answers.items():
        if answer not in questions[key].answers:
            raise ValueError(f"{key}: {answer!r} is not one of {', '.join(questions[key].answers)}")
