"""Seriousness: all 729 combinations of answers against the rule written out again."""

import itertools

import pytest

from exovigil.vigilance.e2b.elements import elements
from exovigil.vigilance.seriousness import Answer, criteria, e2b_letters, is_serious


def test_the_six_criteria_are_those_of_e2b():
    assert [criterion.letter for criterion in criteria()] == list("abcdef")
    known = {element.element for element in elements()}
    assert all(criterion.element in known for criterion in criteria())


def test_every_combination_of_answers():
    codes = [criterion.code for criterion in criteria()]
    for answers in itertools.product("ynu", repeat=6):
        given = {
            c: {"y": Answer.YES, "n": Answer.NO, "u": Answer.UNKNOWN}[a]
            for c, a in zip(codes, answers, strict=True)
        }
        text = "".join(answers)
        expected = Answer.YES if "y" in text else Answer.UNKNOWN if "u" in text else Answer.NO
        assert is_serious(given) is expected
        assert e2b_letters(given) == {letter for letter, a in zip("abcdef", text, strict=True) if a == "y"}


def test_what_was_not_asked_is_unknown_and_never_no():
    assert is_serious({}) is Answer.UNKNOWN
    assert is_serious({"death": Answer.NO}) is Answer.UNKNOWN
    assert is_serious({"death": Answer.YES}) is Answer.YES


def test_a_criterion_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="inconvenience"):
        is_serious({"inconvenience": Answer.YES})
