"""Partial dates keep exactly what is known."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.foundation.partial_date import PartialDate


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2024", dt.date(2024, 1, 1), dt.date(2024, 12, 31)),
        ("2024-02", dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        (" 2026-03-12 ", dt.date(2026, 3, 12), dt.date(2026, 3, 12)),
    ],
)
def test_what_it_can_have_been(text, earliest, latest):
    date = PartialDate.parse(text)
    assert (date.earliest, date.latest) == (earliest, latest)


@pytest.mark.parametrize("text", ["", "12/03/2026", "2026-13", "2026-02-30", "26", "2026-3-1", "0000"])
def test_what_is_not_a_date_is_refused_with_the_way_out(text):
    with pytest.raises(ValueError, match=r"write a date as|not a date in the calendar"):
        PartialDate.parse(text)


@pytest.mark.parametrize(
    ("text", "words"), [("2026", "2026"), ("2026-03", "Mar 2026"), ("2026-03-02", "2 Mar 2026")]
)
def test_how_people_read_it(text, words):
    assert PartialDate.parse(text).words == words


def test_a_day_needs_its_month():
    with pytest.raises(ValueError, match="month"):
        PartialDate(2026, None, 3)


@given(st.dates(), st.sampled_from([4, 7, 10]))
def test_reading_what_was_written_gives_it_back(day, length):
    text = day.isoformat()[:length]
    date = PartialDate.parse(text)
    assert str(date) == text
    assert date.earliest <= day <= date.latest
    assert date.is_full == (length == 10)
