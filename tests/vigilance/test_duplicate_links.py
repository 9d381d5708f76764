"""Links by number: what counts as one, in which order, and that likeness alone proposes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.vigilance.duplicate_links import Identified, normal, shared_numbers

A = Identified("A", frozenset({"W1000"}), frozenset({"S2000"}), frozenset({"L3000"}))


@pytest.mark.parametrize(
    ("said", "compared"),
    [
        ("GB-MADEUP-77001", "GBMADEUP77001"),
        (" gb madeup/77001 ", "GBMADEUP77001"),
        ("unknown", ""),
        ("N/A", ""),
        ("", ""),
        ("12", ""),
        ("pending", ""),
        ("NOFIGURES", ""),
        ("ÄÖ-2026-7", "ÄÖ20267"),
    ],
)
def test_a_number_is_compared_without_its_punctuation_and_counts_only_when_it_points(said, compared):
    assert normal(said) == compared


@pytest.mark.parametrize(
    ("other", "element", "same"),
    [
        (Identified("B", worldwide=frozenset({"W1000"}), own=frozenset({"S2000"})), "C.1.8.1", True),
        (Identified("B", own=frozenset({"S2000"})), "C.1.9.1", True),
        (Identified("B", own=frozenset({"W1000"})), "C.1.9.1", True),  # our worldwide number is their own
        (Identified("B", own=frozenset({"L3000"})), "C.1.10", False),
        (Identified("B", linked=frozenset({"W1000"})), "C.1.10", False),
    ],
)
def test_the_strongest_reason_is_given(other, element, same):
    (found,) = shared_numbers(A, [other])
    assert (found.key, found.element, found.same) == ("B", element, same)


def test_the_strongest_reasons_come_first():
    others = [
        Identified("B", own=frozenset({"L3000"})),
        Identified("C", own=frozenset({"S2000"})),
        Identified("D", worldwide=frozenset({"W1000"})),
    ]
    assert [link.key for link in shared_numbers(A, others)] == ["D", "C", "B"]


def test_two_that_name_the_same_third_are_not_the_same():
    assert shared_numbers(A, [Identified("B", linked=frozenset({"L3000"}))]) == ()


def test_nothing_in_common_and_itself_propose_nothing():
    assert shared_numbers(A, [A, Identified("B", frozenset({"W9"}), frozenset({"S9"}))]) == ()
    assert shared_numbers(Identified("A", own=frozenset({""})), [Identified("B", own=frozenset({""}))]) == ()


_few = st.frozensets(st.sampled_from(["N1000", "N2000", "N3000", "N4000"]), max_size=3)
_reports = st.lists(st.tuples(_few, _few, _few), min_size=2, max_size=6)


@given(_reports)
def test_against_a_plain_reading_of_the_rules(rows):
    reports = [Identified(str(place), *row) for place, row in enumerate(rows)]
    expected = set()
    for other in reports[1:]:
        one = reports[0]
        if one.worldwide & other.worldwide:
            expected.add((other.key, "C.1.8.1"))
        elif (one.worldwide | one.own) & (other.worldwide | other.own):
            expected.add((other.key, "C.1.9.1"))
        elif one.linked & (other.worldwide | other.own) or other.linked & (one.worldwide | one.own):
            expected.add((other.key, "C.1.10"))
    assert {(link.key, link.element) for link in shared_numbers(reports[0], reports)} == expected
