"""Reading a result off a certificate: bounds are bounds, and what cannot be read never passes."""

import datetime as dt
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.catalogue import certificate
from exovigil.catalogue.release import Outcome, judge, within_limit

ENDOTOXIN = certificate.test_of("endotoxin")
SHARE = certificate.test_of("particle_concentration")


@pytest.mark.parametrize(
    ("text", "inside"),
    [("0.05", True), ("<0.05", True), ("< 0.5", True), ("≤0.5", False), ("0.5", False), ("<1", False)],
)
def test_a_bound_at_the_limit_passes_and_one_above_does_not(text: str, inside: bool) -> None:
    value = certificate.read_value(ENDOTOXIN, text)
    assert value is not None
    assert within_limit(ENDOTOXIN, value) is inside


def test_the_unit_may_stand_behind_the_figure() -> None:
    assert certificate.read_value(ENDOTOXIN, "0.12 EU/mL") == 0.12


@pytest.mark.parametrize("text", ["negative", "0,05", ">0.1", "nan", "-1", "1e999", "0.1 EU/kg"])
def test_what_is_no_figure_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        certificate.read_value(ENDOTOXIN, text)


def test_an_upper_bound_cannot_lie_between_two_limits() -> None:
    with pytest.raises(ValueError, match="between"):
        certificate.read_value(SHARE, "<100")


def test_words_are_fine_where_no_figure_is_asked() -> None:
    assert certificate.read_value(certificate.test_of("sterility"), "no growth after 14 days") is None


def test_a_stored_figure_that_cannot_be_read_fails() -> None:
    line = SimpleNamespace(test="endotoxin", outcome="passed", result="a little")
    (result,) = certificate.results([line])
    assert result.outcome is Outcome.PASSED
    reasons = judge([result], last_day=None, on=dt.date(2026, 1, 1)).blocking
    assert ("endotoxin", "failed") in {(r.code, r.kind) for r in reasons}


@given(st.floats(min_value=0, max_value=1e6, allow_nan=False))
def test_a_plain_figure_reads_as_itself(value: float) -> None:
    assert certificate.read_value(ENDOTOXIN, repr(value)) == value
