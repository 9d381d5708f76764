"""From the lines of a stored certificate to the results that ``release`` judges."""

import math
import re
from collections.abc import Iterable
from typing import Protocol

from exovigil.catalogue.release import Outcome, ReleaseTest, TestResult, release_tests

_NUMBER = re.compile(r"^(?P<sign>[<≤>≥]?)\s*(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$")
_OUTCOMES = {"passed": Outcome.PASSED, "failed": Outcome.FAILED, "not_done": Outcome.NOT_DONE}


class Line(Protocol):
    """What a line of a certificate must have, whatever table or form it comes from."""

    test: str
    outcome: str
    result: str


def test_of(code: str) -> ReleaseTest:
    """Return the release test with this code; raises KeyError when there is none."""
    for test in release_tests():
        if test.code == code:
            return test
    raise KeyError(f"no release test {code!r}; known are {[t.code for t in release_tests()]}")


def is_numeric(test: ReleaseTest) -> bool:
    """Tell whether the test's limit is a number, so that its result must be one."""
    return test.kind in {"below", "between"}


def read_value(test: ReleaseTest, text: str) -> float | None:
    """Read a result in the test's unit; None when there is none or the test has no number.

    ``<0.05`` states an upper bound: it counts as the largest number below 0.05, so that a bound at the
    limit itself passes and one above it does not. Raises ValueError when a numeric test's result is no
    number.
    """
    text = text.strip().removesuffix(test.unit).strip()
    if not text or not is_numeric(test):
        return None
    match = _NUMBER.match(text)
    if not match or not math.isfinite(float(match["number"])):
        raise ValueError(f"write the result in figures, such as {_example(test)}")
    value = float(match["number"])
    if match["sign"] in {"<", "≤"} and test.kind == "between":
        raise ValueError("write the measured figure; an upper bound does not lie between two limits")
    if match["sign"] in {">", "≥"}:
        raise ValueError("write the measured figure; a lower bound cannot be held against the limit")
    return math.nextafter(value, -math.inf) if match["sign"] == "<" else value


def results(lines: Iterable[Line]) -> list[TestResult]:
    """Turn stored lines into results to judge; a figure that cannot be read counts as outside its limit."""
    return [TestResult(line.test, _OUTCOMES[line.outcome], _stored_value(line)) for line in lines]


def _stored_value(line: Line) -> float | None:
    try:
        return read_value(test_of(line.test), line.result)
    except ValueError:
        return math.nan


def _example(test: ReleaseTest) -> str:
    return "0.05 or <0.05" if test.kind == "below" else "98.5"
