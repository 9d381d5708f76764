"""The four minimum criteria: what meets them, what is missing, and the day on which all were first known."""

import datetime as dt
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.vigilance.minimum import day_zero, met_by, minimum_criteria, missing_of

CODES = ("reporter", "patient", "product", "reaction")
CAME, LATER = dt.date(2026, 3, 2), dt.date(2026, 3, 9)


def test_there_are_four_each_with_a_source():
    assert tuple(criterion.code for criterion in minimum_criteria()) == CODES
    assert all(criterion.source.citation and criterion.ask for criterion in minimum_criteria())
    assert not minimum_criteria()[0].source.verified  # the guideline itself was not read for this file


@pytest.mark.parametrize("told", list(product(("", "  ", "said"), repeat=4)))
def test_every_way_of_telling_four_things(told):
    met = met_by(dict(zip(CODES, told, strict=True)))
    assert met == tuple(code for code, text in zip(CODES, told, strict=True) if text == "said")
    assert {c.code for c in missing_of(met)} == set(CODES) - set(met)
    assert day_zero(met, CAME) == (CAME if len(met) == 4 else None)


def test_something_else_than_the_four_is_refused():
    with pytest.raises(ValueError, match="'weather' is no minimum criterion"):
        met_by({"weather": "rain"})


def test_day_zero_is_the_day_the_last_criterion_became_known_and_never_moves():
    assert day_zero(CODES[:3], CAME) is None
    assert day_zero(CODES, LATER, None, CAME) == LATER
    assert day_zero(CODES, LATER, CAME, CAME) == CAME
    assert day_zero(CODES[:3], LATER, CAME, CAME) == CAME
    assert day_zero(CODES, dt.date(2026, 1, 1), None, CAME) == CAME


@given(st.lists(st.tuples(st.sets(st.sampled_from(CODES)), st.dates()), min_size=1, max_size=6))
def test_day_zero_is_that_of_the_first_telling_with_all_four(tellings):
    tellings.sort(key=lambda row: row[1])
    day, known = None, set()
    for said, heard in tellings:
        known |= said
        day = day_zero(tuple(code for code in CODES if code in known), heard, day)
    reached, expected = set(), None
    for said, heard in tellings:
        reached |= said
        if reached == set(CODES):
            expected = heard
            break
    assert day == expected
