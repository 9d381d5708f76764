"""Explanations: the weights add up and read well; the registry's rules have the last word over weights."""

import dataclasses
import datetime as dt

import duckdb
import pytest

from exovigil.foundation.partial_date import PartialDate
from exovigil.signals.duplicates import Band, CaseKey, propose
from exovigil.signals.duplicates.explain import (
    Explanation,
    Weight,
    beyond_rules,
    explain_cases,
    explanations,
    groups,
)
from exovigil.signals.duplicates.scorer import Report, find, load

FIRST = Report(
    "A",
    sex="female",
    birth="1984-05-06",
    country="KR",
    site="S1",
    products=("P1", "P2"),
    lots=("L1",),
    reactions=("nodule", "pain"),
    onset="2026-02-20",
)
CASE = CaseKey(
    "1",
    dt.date(2026, 3, 2),
    None,
    "female",
    PartialDate(1984),
    "P",
    "L1",
    "nodule",
    PartialDate(2026, 2, 20),
    "S1",
)


@pytest.fixture
def connection():
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def explained(connection, *reports: Report) -> list[Explanation]:
    load(connection, reports)
    find(connection, also=[(a.id, b.id) for a in reports for b in reports if a.id < b.id])
    return explanations(connection)


def words(explanation: Explanation) -> dict[str, str]:
    return {weight.field: weight.words for weight in explanation.weights}


def test_weights_add_up_to_the_odds_and_read_well(connection):
    (found,) = explained(connection, FIRST, dataclasses.replace(FIRST, id="B", reactions=("fever",)))
    assert sum(weight.bits for weight in found.weights) == pytest.approx(found.bits, abs=1e-9)
    assert found.probability == pytest.approx(1 / (1 + 2**-found.bits))
    told = words(found)
    assert told["prior"] == "before looking: any two of 2 reports"
    assert told["birth"] == "same date of birth"
    assert told["lot"] == "same lot"
    assert told["reaction"] == "no reaction in common"
    assert told["onset"] == "same day of onset"
    assert "2 reports of one lot, or one product and clinic, share within 30 days" in told["scene"]
    assert next(w.bits for w in found.weights if w.field == "scene") < 0


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"birth": "1985"}, "birth", "years of birth 1 apart"),
        ({"birth": "1984"}, "birth", "same year of birth"),
        ({"onset": "2026-02-21"}, "onset", "onset 1 day apart"),
        ({"onset": "2026-03-01"}, "onset", "onset 9 days apart"),
        ({"onset": "2026-02"}, "onset", "same month of onset"),
        ({"onset": "2026-04"}, "onset", "different months of onset"),
        ({"onset": "2026"}, "onset", "same year of onset"),
        ({"onset": "2025"}, "onset", "different years of onset"),
        ({"site": "S2"}, "site", "different clinic"),
        ({"country": "FR"}, "country", "different country"),
        ({"lots": ("L2",)}, "lot", "no lot in common"),
        ({"products": ("P1",), "lots": ()}, "product", "same product"),
        ({"lots": ()}, "product", "2 products in common"),
    ],
)
def test_every_kind_of_difference_has_its_words(connection, change, field, expected):
    (found,) = explained(connection, FIRST, dataclasses.replace(FIRST, id="B", **change))
    assert words(found)[field] == expected
    assert sum(weight.bits for weight in found.weights) == pytest.approx(found.bits, abs=1e-9)


def test_what_is_blank_has_no_weight(connection):
    (found,) = explained(connection, FIRST, Report("B", sex="female"))
    assert set(words(found)) <= {"prior", "sex", "scene"}


def test_a_link_of_the_sender_is_told_and_joins_no_group(connection):
    (found,) = explained(connection, Report("A", numbers=("W1",)), Report("B", linked=("W1",)))
    assert (found.band, words(found)["linked"]) == ("review", "a sender asks to see the two together")
    assert groups(connection) == ()


def test_groups_are_complete_links_of_proposals_and_decisions(connection):
    """A and C are told by two dates of birth; B, which tells none, shares a number with both."""
    ends = [
        dataclasses.replace(FIRST, id=i, birth=b, numbers=("W",))
        for i, b in (("A", "1984-05-06"), ("C", "1985-01-02"))
    ]
    explained(connection, *ends, dataclasses.replace(FIRST, id="B", birth=None, numbers=("W",)))
    assert [len(group) for group in groups(connection)] == [2]
    apart = {frozenset({"A", "B"}): "different", frozenset({"B", "C"}): "different"}
    assert groups(connection, decisions=apart) == ()
    assert groups(connection, decisions={frozenset({"A", "C"}): "same"}) != ()


def test_the_chance_is_never_told_as_certain():
    tell = lambda chance: Explanation("1", "2", None, chance, 0.0, ()).chance  # noqa: E731
    assert [tell(p) for p in (0.9999, 0.5, 0.001)] == ["over 99 %", "50 %", "under 1 %"]
    assert [Weight("lot", "same lot", bits).signed for bits in (6.54, -1.74)] == ["+6.5", "−1.7"]


def test_cases_of_the_registry_are_weighed_by_the_same_scorer():
    twice = (
        dataclasses.replace(CASE, case_id="2", patient_id="R1"),
        dataclasses.replace(CASE, case_id="10", patient_id="R1"),
    )
    (pair,) = propose(twice)
    found = explain_cases(twice, ((pair.first, pair.second),))
    assert list(found) == [("10", "2")]
    assert found[("10", "2")].weights[1].words == "same patient of the registry"
    assert found[("10", "2")].probability > 0.99


def test_weights_propose_only_where_a_patient_is_not_known():
    """Two episodes of one patient, and two patients, are what the rules say they are, however alike."""
    outside = dataclasses.replace(CASE, case_id="2", birth=PartialDate(1984, 5, 6), lot=None)
    inside = dataclasses.replace(outside, case_id="1", patient_id="R1", lot="L1", reaction_class="fever")
    assert propose((inside, outside)) == ()
    found = explain_cases((inside, outside), ())
    (pair,) = beyond_rules((inside, outside), found)
    assert (pair.first, pair.second, pair.band) == ("1", "2", Band.POSSIBLE)
    assert "same date of birth" in pair.reasons
    assert "no reaction in common" not in pair.reasons
    again = dataclasses.replace(inside, case_id="3", onset=PartialDate(2026, 5, 20))
    known = (inside, again)
    assert explain_cases(known, ())
    assert beyond_rules(known, explain_cases(known, ())) == ()
    other = dataclasses.replace(inside, case_id="4", patient_id="R2")
    assert explain_cases((inside, other), (("1", "4"),)) == {}


def test_a_year_that_the_rules_forbid_is_not_explained():
    """The rules refuse years of birth more than one apart; weights do not bring such a pair back."""
    pair = CASE, dataclasses.replace(CASE, case_id="2", birth=PartialDate(1990))
    assert explain_cases(pair, (("1", "2"),)) == {}
