"""A status as word and shape, a date in words."""

import datetime as dt

import pytest

from exovigil.foundation.marks import day_words, nowrap, status_mark, status_marks

DAY = dt.date(2026, 3, 12)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (DAY, "12 Mar 2026"),
        ("2026-03-12", "12 Mar 2026"),
        ("2026-03-12T23:30:00", "12 Mar 2026"),
        ("2026-03", "Mar 2026"),
        ("2026", "2026"),
        (None, "not known"),
        ("", "not known"),
    ],
)
def test_a_day_in_words(value, words):
    assert day_words(value) == words


def test_what_is_missing_is_said_as_asked():
    assert day_words(None, missing="–") == "–"


def test_a_moment_belongs_to_the_day_of_the_place(settings):
    late = dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC)  # half past midnight in British summer
    settings.TIME_ZONE = "Europe/London"
    assert day_words(late) == "2 Jul 2026"


@pytest.mark.parametrize(("tone", "shape"), [("good", "✓"), ("warn", "!"), ("stop", "✕"), ("neutral", "○")])
def test_a_status_is_a_word_and_a_shape(tone, shape):
    mark = status_mark("Open", tone)
    assert f'aria-hidden="true">{shape}</span>Open</span>' in mark
    assert f"status-{tone}" in mark


def test_marks_escape_what_they_are_given():
    assert "<b>" not in status_mark("<b>", "good")
    assert "<b>" not in nowrap("<b>")
    assert status_marks([("a", "good"), ("<b>", "stop")]).count("&lt;b&gt;") == 1
