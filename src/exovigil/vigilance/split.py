"""The cause split: was it the product, a defect of its lot, how it was given, anxiety, or something that coincided?

The six answers follow the causes that the WHO manual on events following immunisation (2018) keeps apart; questions and
rules are this project's own, in ``content/split.toml``. A category is met when every point of one of its ways is. One
category met is the answer. None met, or several, leaves the case unclassifiable, and the result says why.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from exovigil.foundation.content import Source, load_toml

_ROOM, _FILE = "exovigil.vigilance", "split.toml"


class Cause(enum.StrEnum):
    """What the reaction is put down to."""

    PRODUCT = "product"
    QUALITY_DEFECT = "quality defect"
    ADMINISTRATION = "administration"
    ANXIETY = "anxiety"
    COINCIDENTAL = "coincidental"
    UNCLASSIFIABLE = "unclassifiable"


@dataclass(frozen=True, slots=True)
class SplitQuestion:
    """What is asked, and the answers it may have."""

    key: str
    question: str
    help: str
    answers: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class SplitPoint:
    """One point of one way to a category: the answers to question ``key`` that meet it."""

    category: Cause
    way: int
    key: str
    accepts: tuple[str, ...]
    point: str
    source: Source


@dataclass(frozen=True, slots=True)
class CauseRow:
    """One cause in words, and where the distinction comes from."""

    cause: Cause
    meaning: str
    source: Source


@dataclass(frozen=True, slots=True)
class PromptRule:
    """Something of the record that must be weighed at a question, with the fact that makes it matter."""

    code: str
    question: str
    title: str
    fact: str
    source: Source


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rule that the record of a case calls up, and what in the record did."""

    rule: PromptRule
    because: str


@dataclass(frozen=True, slots=True)
class SplitFacts:
    """What the prompts look at; an empty text or tuple means that the record holds nothing of it."""

    nodule: bool = False
    microneedling: bool = False
    topical_agents: str = ""
    mycobacteria: str = "not recorded"
    other_products: tuple[str, ...] = ()
    lot_faults: tuple[str, ...] = ()
    lot_override: str = ""
    off_label: bool = False
    route: str = ""


@dataclass(frozen=True, slots=True)
class SplitResult:
    """The cause, every category that was met, and in words why it is unclassifiable when it is."""

    cause: Cause
    met: tuple[Cause, ...]
    why: str = ""


@lru_cache(maxsize=1)
def questions() -> tuple[SplitQuestion, ...]:
    """Give the questions in order."""
    return load_toml(_ROOM, _FILE, "question", SplitQuestion)


@lru_cache(maxsize=1)
def points() -> tuple[SplitPoint, ...]:
    """Give every point of every way."""
    return load_toml(_ROOM, _FILE, "point", SplitPoint)


@lru_cache(maxsize=1)
def causes() -> tuple[CauseRow, ...]:
    """Give the six causes, each with what it means here."""
    return load_toml(_ROOM, _FILE, "cause", CauseRow)


@lru_cache(maxsize=1)
def prompt_rules() -> Mapping[str, PromptRule]:
    """Give the rules for prompts by code."""
    return {rule.code: rule for rule in load_toml(_ROOM, _FILE, "prompt", PromptRule)}


def split(answers: Mapping[str, str]) -> SplitResult:
    """Place a reaction by the answers keyed by question.

    Raises ValueError for a missing, unknown or impossible answer.
    """
    _check(answers)
    ways: dict[tuple[Cause, int], bool] = {}
    for point in points():
        way = (point.category, point.way)
        ways[way] = ways.get(way, True) and answers[point.key] in point.accepts
    met = tuple(dict.fromkeys(cause for (cause, _), holds in ways.items() if holds))
    if Cause.UNCLASSIFIABLE in met:
        return SplitResult(
            Cause.UNCLASSIFIABLE, met, "There is too little information, or it contradicts itself."
        )
    if len(met) == 1:
        return SplitResult(met[0], met)
    if met:
        several = ", ".join(met)
        return SplitResult(Cause.UNCLASSIFIABLE, met, f"More than one cause is shown: {several}.")
    return SplitResult(Cause.UNCLASSIFIABLE, (), "No cause is shown in full, and none can be preferred.")


def prompts(facts: SplitFacts) -> tuple[Prompt, ...]:
    """Say what in the record must be weighed, in the order of the questions."""
    called = {
        "lot_failed": f"The lot: {'; '.join(facts.lot_faults)}." if facts.lot_faults else "",
        "lot_override": f"The lot was used by override: {facts.lot_override}" if facts.lot_override else "",
        "microneedling": "The product was needled in." if facts.microneedling and facts.nodule else "",
        "topical_agents": f"Also used in the sitting: {facts.topical_agents}."
        if facts.topical_agents
        else "",
        "off_label": f"The route was off-label: {facts.route}." if facts.off_label else "",
        "ntm_window": f"Mycobacterial tests: {facts.mycobacteria}." if _ntm_open(facts) else "",
        "other_products": f"Also given before the reaction began: {'; '.join(facts.other_products)}."
        if facts.other_products
        else "",
    }
    return tuple(Prompt(rule, called[code]) for code, rule in prompt_rules().items() if called[code])


def _ntm_open(facts: SplitFacts) -> bool:
    """Whether mycobacteria have not been ruled out for a nodule."""
    return facts.nodule and facts.mycobacteria != "negative"


def _check(answers: Mapping[str, str]) -> None:
    asked = {question.key: question for question in questions()}
    if set(answers) != set(asked):
        wrong = sorted(set(answers) ^ set(asked))
        raise ValueError(f"answer every question of the split and no other; check {', '.join(wrong)}")
    for key, answer in answers.items():
        if answer not in asked[key].answers:
            raise ValueError(f"{key}: {answer!r} is not one of {', '.join(asked[key].answers)}")
