"""Proposed duplicates: a cluster of distinct patients is never proposed; a person's word stands."""

import dataclasses
import datetime as dt
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.foundation.partial_date import PartialDate
from exovigil.signals.duplicates import (
    Band,
    CaseKey,
    ProposedPair,
    blocked_because,
    deduplicated,
    propose,
)

DAY = dt.date(2026, 3, 2)
BASE = CaseKey(
    "A", DAY, None, "female", PartialDate(1984, 5, 6), "P", "L1", "nodule", PartialDate(2026, 2, 20), "S1"
)


def like(case_id: str, **changes) -> CaseKey:
    return dataclasses.replace(BASE, case_id=case_id, **changes)


def same(*ids: str) -> dict:
    return {frozenset(pair): "same" for pair in combinations(ids, 2)}


def the_pair(*cases: CaseKey) -> ProposedPair:
    (pair,) = propose(cases)
    return pair


def test_eight_distinct_women_of_one_lot_give_no_proposal():
    """Eight women, 26-52 years, papules or nodules 2 weeks to 3 months after one product."""
    births = [PartialDate(1974 + 3 * n, 1 + n, 3 + n) for n in range(8)]
    women = [like(f"C{n}", birth=birth, patient_id=f"R{n}") for n, birth in enumerate(births)]
    assert propose(women) == ()
    unregistered = [dataclasses.replace(woman, patient_id=None) for woman in women]
    assert propose(unregistered) == ()
    faceless = [dataclasses.replace(woman, patient_id=None, birth=None) for woman in women]
    assert propose(faceless) == ()
    twins_in_age = [dataclasses.replace(woman, birth=PartialDate(1984)) for woman in women]
    assert propose(twins_in_age) == ()  # eight registry patients stay eight
    assert deduplicated(faceless).representatives == tuple(woman.case_id for woman in faceless)


def test_the_same_report_number_is_near_certain():
    pair = the_pair(
        CaseKey("1", DAY, numbers=frozenset({"W-9", "X"})),
        CaseKey("2", DAY, numbers=frozenset({"W-9"})),
    )
    assert (pair.band, pair.reasons) == (Band.NEAR_CERTAIN, ("the same case number (W-9, C.1.9.1)",))


def test_numbers_come_first_and_in_their_order_and_a_link_alone_is_only_possible():
    named = frozenset({"W9000"})
    bare = {"patient_id": None, "birth": None, "sex": None, "onset": None, "lot": None}
    cases = [
        like("A", **bare, worldwide=named),
        like("B", **bare, worldwide=named),
        like("C", **bare, numbers=frozenset({"N9000"})),
        like("D", **bare, linked=frozenset({"N9000"})),
        like("E", patient_id="R1"),
        like("F", patient_id="R1"),
        like("G", **bare, numbers=named),
    ]
    pairs = propose(cases[:6])
    assert [(p.first, p.second, p.band) for p in pairs] == [
        ("A", "B", Band.NEAR_CERTAIN), ("C", "D", Band.POSSIBLE), ("E", "F", Band.NEAR_CERTAIN),
    ]  # fmt: skip
    assert pairs[0].reasons[0] == "the same worldwide case identification (W9000, C.1.8.1)"
    assert pairs[1].reasons[0] == "one report names the other as linked (N9000, C.1.10)"
    assert [p.link.element for p in propose([*cases[:2], cases[6]])] == ["C.1.8.1", "C.1.9.1", "C.1.9.1"]
    assert deduplicated(cases[2:4]).groups == ()


def test_two_that_name_the_same_third_are_no_pair():
    third = frozenset({"N9000"})
    assert propose([CaseKey("1", DAY, linked=third), CaseKey("2", DAY, linked=third)]) == ()


def test_a_link_beside_a_likeness_is_told_with_it():
    pair = the_pair(
        like("A", patient_id="R1", numbers=frozenset({"N9000"})),
        like("B", patient_id="R1", linked=frozenset({"N9000"})),
    )
    assert (pair.band, pair.link.element) == (Band.NEAR_CERTAIN, "C.1.10")
    assert [reason[:8] for reason in pair.reasons[:2]] == ["one repo", "same pat"]


def test_one_patient_told_twice_and_one_patient_ill_twice():
    first = like("A", patient_id="R1")
    close = like("B", patient_id="R1", onset=PartialDate(2026, 2, 25))
    pair = the_pair(first, close)
    assert pair.band is Band.NEAR_CERTAIN
    assert "onset within a week" in pair.reasons
    assert "same lot (L1)" in pair.reasons
    vague = the_pair(first, like("B", patient_id="R1", onset=PartialDate(2026, 2)))
    assert vague.band is Band.LIKELY
    assert propose([first, like("B", patient_id="R1", onset=PartialDate(2026, 4, 1))]) == ()
    assert propose([first, like("B", patient_id="R1", reaction_class="infection")]) == ()


def test_an_outside_report_is_matched_by_birth_date():
    pair = the_pair(like("A", patient_id="R1"), like("B", site=None, onset=PartialDate(2026, 2, 22)))
    assert (pair.band, pair.reasons[0]) == (Band.LIKELY, "same date of birth")
    assert propose([BASE, like("B", lot="L2")]) == ()
    assert propose([BASE, like("B", onset=None)]) == ()


def test_a_year_of_birth_is_enough_only_with_everything_else():
    pair = the_pair(BASE, like("B", birth=PartialDate(1984), site=None))
    assert pair.band is Band.POSSIBLE
    for change in ({"lot": None}, {"site": "S2"}, {"onset": PartialDate(2026, 2, 21)}, {"sex": None}):
        assert propose([BASE, like("B", birth=PartialDate(1984), **change)]) == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"patient_id": "R2"}, "two different patients"),
        ({"sex": "male"}, "different sex"),
        ({"birth": PartialDate(1984, 5, 7)}, "different dates of birth"),
        ({"birth": PartialDate(1986)}, "more than one apart"),
    ],
)
def test_a_known_difference_blocks_even_the_same_report_number(change, reason):
    number = frozenset({"W-9"})
    first = like("A", patient_id="R1", numbers=number)
    second = dataclasses.replace(like("B", numbers=number), **change)
    assert reason in blocked_because(first, second)
    assert propose([first, second]) == ()


def test_groups_are_complete_links_so_a_chain_does_not_collapse():
    ends = like("A", birth=PartialDate(1984, 5, 6)), like("C", birth=PartialDate(1984, 5, 7))
    middle = like("B", birth=PartialDate(1984, 5), numbers=frozenset({"W-9"}))
    chain = [ends[0], middle, dataclasses.replace(ends[1], numbers=frozenset({"W-9"}))]
    assert deduplicated(chain).groups == (("B", "C"),)
    assert deduplicated([like("A"), like("B"), like("C")]).groups == (("A", "B", "C"),)


def test_the_earliest_received_stands_for_its_group():
    later, sooner, other = like("A"), like("B", received_on=DAY - dt.timedelta(days=3)), like("C", sex="male")
    found = deduplicated([later, sooner, other])
    assert found.representatives == ("B", "C")
    assert found.groups == (("A", "B"),)
    assert [(p.first, p.second) for p in found.undecided] == [("A", "B")]


def test_a_possible_pair_stays_two_cases_until_somebody_decides():
    cases = [BASE, like("B", birth=PartialDate(1984))]
    assert deduplicated(cases).representatives == ("A", "B")
    assert deduplicated(cases, same("A", "B")).representatives == ("A",)


def test_a_person_overrides_proposals_both_ways():
    pair = [BASE, like("B")]
    apart = deduplicated(pair, {frozenset({"A", "B"}): "different"})
    assert (apart.representatives, apart.undecided) == (("A", "B"), ())
    blocked = [BASE, like("B", sex="male")]
    assert deduplicated(blocked, same("A", "B")).representatives == ("A",)


def test_contradicting_decisions_keep_cases_apart_and_say_so():
    cases = [like("A", sex=None, birth=None), like("B", birth=None), like("C", birth=None)]
    decisions = {
        frozenset({"A", "B"}): "same",
        frozenset({"B", "C"}): "same",
        frozenset({"A", "C"}): "different",
    }
    found = deduplicated(cases, decisions)
    assert (found.groups, found.conflicts) == ((("A", "B"),), (("B", "C"),))
    assert found.representatives == ("A", "C")


def test_two_rows_of_one_case_are_refused():
    with pytest.raises(ValueError, match="unique"):
        propose([BASE, BASE])


maybe = st.sampled_from
CASES = st.lists(
    st.builds(
        CaseKey,
        case_id=st.uuids().map(str),
        received_on=st.dates(dt.date(2026, 1, 1), dt.date(2026, 1, 9)),
        patient_id=maybe([None, "R1", "R2"]),
        sex=maybe([None, "female", "male"]),
        birth=maybe([None, PartialDate(1984), PartialDate(1984, 5, 6), PartialDate(1985)]),
        product=maybe([None, "P"]),
        lot=maybe([None, "L1", "L2"]),
        reaction_class=maybe(["nodule", None]),
        onset=maybe([None, PartialDate(2026, 2), PartialDate(2026, 2, 20)]),
        worldwide=maybe([frozenset(), frozenset({"W"})]),
        numbers=maybe([frozenset(), frozenset({"W"}), frozenset({"N"})]),
        linked=maybe([frozenset(), frozenset({"N"}), frozenset({"W", "X"})]),
    ),
    max_size=9,
    unique_by=lambda case: case.case_id,
)


@given(CASES)
@settings(max_examples=150, deadline=None)
def test_no_blocked_pair_is_proposed_or_joined_and_no_case_is_lost(cases):
    by_id = {case.case_id: case for case in cases}
    for pair in propose(cases):
        assert blocked_because(by_id[pair.first], by_id[pair.second]) is None
        assert pair.reasons
    found = deduplicated(cases)
    for group in found.groups:
        assert all(blocked_because(by_id[a], by_id[b]) is None for a, b in combinations(group, 2))
    hidden = sum(len(group) - 1 for group in found.groups)
    assert len(found.representatives) + hidden == len(cases)


@given(CASES)
@settings(max_examples=60, deadline=None)
def test_blocking_candidates_loses_no_pair_and_order_does_not_matter(cases):
    """Brute force: every pair compared alone gives the same proposals as all at once."""
    alone = {pair for a, b in combinations(cases, 2) for pair in propose([a, b])}
    assert set(propose(cases)) == alone
    assert set(propose(cases[::-1])) == alone


def test_groups_do_not_depend_on_the_order_of_cases():
    cases = [like("A"), like("B"), like("C", onset=PartialDate(2026, 2, 27)), like("D", onset=None)]
    results = {deduplicated(order).groups for order in permutations(cases)}
    assert len(results) == 1
