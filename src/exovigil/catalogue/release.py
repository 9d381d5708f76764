"""May this lot be used? Release tests against cited limits, with every reason named.

The answer is about the paper that came with a lot. It never says that a product is safe or licensed.
"""

import datetime as dt
import enum
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from exovigil.foundation.content import Source, load_toml

PACKAGE = "exovigil.catalogue"
FILE = "release_tests.toml"


class Outcome(enum.StrEnum):
    """What the certificate says of one test; ``NOT_DONE`` and ``UNKNOWN`` both mean missing."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_DONE = "not done"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class ReleaseTest:
    """One test that a certificate should show.

    ``limit`` and ``lower`` are in ``unit``: ``below`` accepts values under ``limit``, ``between`` those
    from ``lower`` to ``limit``, both included.
    """

    code: str
    label: str
    unit: str
    acceptance: str
    level: Literal["mandatory", "expected", "report"]
    kind: Literal["pass or fail", "below", "between", "figure"]
    method: str
    source: Source
    limit: float | None = None
    lower: float | None = None


@dataclass(frozen=True, slots=True)
class PaperRule:
    """A reason to block that is about the papers of a lot rather than a test."""

    code: str
    label: str
    reason: str
    source: Source


@dataclass(frozen=True, slots=True)
class TestResult:
    """One line of a certificate; ``value`` is in the unit of the test."""

    __test__ = False  # not a test case, whatever pytest makes of the name

    code: str
    outcome: Outcome
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a lot is blocked, or what is worth knowing about it, with the source of the rule."""

    code: str
    kind: Literal["failed", "missing", "expired", "expiry not known", "contradiction"]
    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class ReleaseDecision:
    """``blocking`` is empty exactly when the lot is usable; ``notes`` never block."""

    blocking: tuple[Reason, ...]
    notes: tuple[Reason, ...]

    @property
    def usable(self) -> bool:
        """True when nothing blocks the lot."""
        return not self.blocking


@cache
def release_tests() -> tuple[ReleaseTest, ...]:
    """Load the tests in the order of a certificate, the mandatory ones first."""
    return load_toml(PACKAGE, FILE, "test", ReleaseTest)


@cache
def certificate_rule() -> PaperRule:
    """Load the rule that a lot needs a number and an expiry date."""
    return load_toml(PACKAGE, FILE, "paper", PaperRule)[0]


def judge(results: Iterable[TestResult], *, last_day: dt.date | None, on: dt.date) -> ReleaseDecision:
    """Decide whether a lot may be used on the day ``on``.

    ``last_day`` is the last day of use (for an expiry known to the month, its last day), None when it
    is not known. A mandatory test blocks when it failed or is missing, an expected one when it failed.
    A value outside its limit fails whatever the certificate concludes. Several results of one test
    are all judged, and the worst counts. Raises KeyError when a result names no known test.
    """
    by_code = _by_code(results)
    blocking = _expiry(last_day, on)
    notes: list[Reason] = []
    for test in release_tests():
        for reason in _judge_one(test, by_code.get(test.code, [])):
            blocks = test.level == "mandatory" or (test.level == "expected" and reason.kind == "failed")
            (blocking if blocks and reason.kind != "contradiction" else notes).append(reason)
    return ReleaseDecision(tuple(blocking), tuple(notes))


def within_limit(test: ReleaseTest, value: float) -> bool:
    """Say whether a value meets the limit of its test; a test without a limit accepts any number."""
    if not math.isfinite(value):
        return False
    if test.kind == "below":
        return test.limit is None or value < test.limit
    if test.kind == "between":
        return (test.lower is None or value >= test.lower) and (test.limit is None or value <= test.limit)
    return True


def _by_code(results: Iterable[TestResult]) -> dict[str, list[TestResult]]:
    known = {test.code for test in release_tests()}
    grouped: dict[str, list[TestResult]] = {}
    for result in results:
        if result.code not in known:
            raise KeyError(f"no release test {result.code!r} in {FILE}; known are {sorted(known)}")
        grouped.setdefault(result.code, []).append(result)
    return grouped


def _expiry(last_day: dt.date | None, on: dt.date) -> list[Reason]:
    rule = certificate_rule()
    if last_day is None:
        return [Reason("expiry", "expiry not known", f"Expiry date not known: {rule.reason}", rule.source)]
    if on > last_day:
        return [Reason("expiry", "expired", f"Lot expired on {last_day.isoformat()}", rule.source)]
    return []


def _judge_one(test: ReleaseTest, results: Sequence[TestResult]) -> list[Reason]:
    if test.level == "report":
        return []
    failed = [r for r in results if _failed(test, r)]
    if failed:
        reasons = [Reason(test.code, "failed", _failed_text(test, failed[0]), test.source)]
        if any(r.outcome is Outcome.PASSED for r in results):
            text = f"{test.label}: the certificate says passed, but a result fails"
            reasons.append(Reason(test.code, "contradiction", text, test.source))
        return reasons
    if any(r.outcome is Outcome.PASSED for r in results):
        return []
    return [
        Reason(test.code, "missing", f"{test.label}: no result; required: {test.acceptance}", test.source)
    ]


def _failed(test: ReleaseTest, result: TestResult) -> bool:
    outside = result.value is not None and not within_limit(test, result.value)
    return result.outcome is Outcome.FAILED or outside


def _failed_text(test: ReleaseTest, result: TestResult) -> str:
    found = f" ({result.value:g} {test.unit})".replace(" )", ")") if result.value is not None else ""
    return f"{test.label}: failed{found}; required: {test.acceptance}"
