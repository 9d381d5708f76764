"""The consent text: frozen versions, nothing left blank, values put in once."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.clinic import consent, schedule

VALUES = {
    "product": "Example serum",
    "practitioner": "Nurse Example",
    "clinic": "Example Clinic",
    "route": "needling",
    "lot": "not known",
    "source_class": "plant",
    "contact": "01632 960000",
}

#: Fingerprints of released versions. One that changes means an agreed text was edited: add a version instead.
FROZEN = {1: "3a9c9c1bc10bfc9161745b5f4c08ee264ade981b38523a26ef8e150016fc9470"}


def test_released_versions_are_never_edited() -> None:
    versions = {paragraph.version for paragraph in consent.all_paragraphs()}
    assert {version: consent.version_fingerprint(version) for version in versions} == FROZEN


def test_every_paragraph_has_a_source_and_a_read_depth() -> None:
    for paragraph in consent.all_paragraphs():
        assert paragraph.sources
        assert all(source.read_depth and source.read_on for source in paragraph.sources)


def test_the_text_says_what_guidance_asks_for() -> None:
    text = consent.render(VALUES).plain
    for words in (
        "not a licensed medicine",
        "experimental",
        "Example serum",
        "no treatment at all",
        "two weeks and three months",
        "effects over years are unknown",
        "not the people treated",
        "call 01632 960000",
        "asked separately",
    ):
        assert words in text


def test_the_visits_named_are_those_of_the_protocol() -> None:
    assert [visit.target_day for visit in schedule.visits()] == [2, 14, 28, 56, 84, 168, 365]
    assert "at 1 to 3 days, at 2, 4, 8, 12 and 24 weeks and at 12 months" in consent.render(VALUES).plain


def test_fingerprint_is_that_of_the_words() -> None:
    text = consent.render(VALUES)
    assert text.sha256 == hashlib.sha256(text.plain.encode()).hexdigest()
    assert text.version_sha256 == FROZEN[1]
    assert text.sha256 != text.version_sha256


def test_no_field_is_left_in_the_text() -> None:
    assert consent._FIELD.search(consent.render(VALUES).plain) is None
    assert consent.fields(1) == set(VALUES)


@pytest.mark.parametrize("name", sorted(VALUES))
def test_a_blank_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"needs {name}"):
        consent.render(VALUES | {name: " "})


@given(st.sampled_from(sorted(VALUES)), st.text(min_size=1).filter(str.strip))
def test_values_are_put_in_once_as_they_are(name: str, value: str) -> None:
    assert value.strip() in consent.render(VALUES | {name: value}).plain
    braces = consent.render(VALUES | {name: "{contact}" + value})
    assert "{contact}" in braces.plain


@given(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip))
def test_other_words_other_fingerprint(one: str, other: str) -> None:
    prints = [consent.render(VALUES | {"product": value}).sha256 for value in (one, other)]
    assert (prints[0] == prints[1]) is (one.strip() == other.strip())


def test_unknown_version_is_named() -> None:
    with pytest.raises(KeyError, match="no version 99"):
        consent.render(VALUES, 99)
