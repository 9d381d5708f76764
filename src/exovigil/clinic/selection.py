"""Screening before treatment: cited questions in, a decision with its reasons out.

The decision is what the cited sources would do, not advice of our own. An answer that is missing can
never make somebody eligible.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from exovigil.foundation.content import Source, load_toml

PACKAGE = "exovigil.clinic"
FILE = "selection.toml"


class Answer(enum.StrEnum):
    """What the patient said; the last three are kept apart from ``NO``."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "not known"
    NOT_ASKED = "not asked"
    REFUSED = "refused"

    @property
    def given(self) -> bool:
        """True when the question was answered yes or no."""
        return self in {Answer.YES, Answer.NO}


class Outcome(enum.StrEnum):
    """What follows for treatment, from lightest to heaviest."""

    ELIGIBLE = "eligible"
    CAUTION = "caution"
    EXCLUDED = "excluded"


_WEIGHT = {outcome: weight for weight, outcome in enumerate(Outcome)}


@dataclass(frozen=True, slots=True)
class Question:
    """One question; yes is always the answer that speaks against treatment."""

    code: str
    question: str
    help: str
    on_yes: Literal["excluded", "caution"]
    on_unknown: Literal["excluded", "caution"]
    reason: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a question weighs against treatment, with the answer that was given."""

    question: Question
    answer: Answer
    outcome: Outcome

    @property
    def text(self) -> str:
        """The reason in words; for an answer that is missing, what is missing comes first."""
        if self.answer is Answer.YES:
            return self.question.reason
        return f"{self.answer.value.capitalize()}: {self.question.question} {self.question.reason}"


@dataclass(frozen=True, slots=True)
class Decision:
    """The heaviest outcome of all questions, its reasons, and whether every question was answered."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    complete: bool


@cache
def questions() -> tuple[Question, ...]:
    """Load the questions in the order in which they are asked."""
    return load_toml(PACKAGE, FILE, "question", Question)


def decide(answers: Mapping[str, Answer]) -> Decision:
    """Decide from the answers, by question code; a question without an answer counts as not asked.

    ``eligible`` needs a no to every question. Raises KeyError when a code is no question, so that an
    answer is never dropped.
    """
    known = {question.code for question in questions()}
    for code in answers:
        if code not in known:
            raise KeyError(f"no question {code!r} in {FILE}; known are {sorted(known)}")
    reasons = [
        reason
        for question in questions()
        if (reason := _weigh(question, answers.get(question.code, Answer.NOT_ASKED)))
    ]
    reasons.sort(key=lambda reason: -_WEIGHT[reason.outcome])
    return Decision(
        outcome=reasons[0].outcome if reasons else Outcome.ELIGIBLE,
        reasons=tuple(reasons),
        complete=all(reason.answer.given for reason in reasons),
    )


def _weigh(question: Question, answer: Answer) -> Reason | None:
    if answer is Answer.NO:
        return None
    outcome = question.on_yes if answer is Answer.YES else question.on_unknown
    return Reason(question, answer, Outcome(outcome))
