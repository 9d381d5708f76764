"""From rows to what is compared: event classes, partial onsets, hashes."""

import datetime as dt

import pytest

from exovigil.foundation.content import ContentError
from exovigil.signals import inputs
from exovigil.signals.watch import watch_designs
from exovigil.vigilance.queries import ReactionRow
from exovigil.vigilance.terms import reaction_terms

(DESIGN,) = watch_designs()
TREATED = dt.date(2026, 1, 1)  # the window is 15 January to 3 April


def row(**change):
    fields = {
        "case_id": 1,
        "case_number": "OAK-1",
        "site_id": 1,
        "site_code": "oak",
        "product_id": 1,
        "lot_id": 2,
        "term": "nodule",
        "treated_on": TREATED,
        "onset": "2026-02-20",
        "received_on": dt.date(2026, 6, 1),
        "patient_key": 5,
        "sex": "female",
        "birth_year": 1984,
    }
    return ReactionRow(**{**fields, **change})


@pytest.mark.parametrize(
    ("onset", "received", "expected"),
    [
        ("2026-02-20", "2026-06-01", "2026-02-20"),
        ("2026-02", "2026-06-01", "2026-02-01"),  # the whole month lies inside
        ("2026-01", "2026-06-01", None),  # on both sides of the opening
        ("2026-04", "2026-06-01", None),  # on both sides of the closing
        ("2026-04", "2026-04-02", "2026-04-01"),  # it was reported before the window closed
        ("2025-12", "2026-06-01", "2025-12-01"),  # all before: outside, and said to be
        ("2026-05", "2026-06-01", "2026-05-01"),  # all after
        ("2026", "2026-06-01", None),
        ("", "2026-06-01", None),
    ],
)
def test_a_partial_onset_counts_only_when_every_day_agrees(onset, received, expected):
    found = inputs.onset_day(row(onset=onset, received_on=dt.date.fromisoformat(received)), DESIGN)
    assert found == (dt.date.fromisoformat(expected) if expected else None)


@pytest.mark.parametrize(
    ("onset", "by"), [("2026-02", "2026-02-28"), ("2026-02-20", "2026-02-20"), ("2026-01", None), ("", None)]
)
def test_an_event_knows_the_last_day_its_onset_can_mean(onset, by):
    found = inputs.event_of(row(onset=onset), DESIGN, {})
    assert found.onset_by == (dt.date.fromisoformat(by) if by else None)


def test_a_partial_onset_without_a_treatment_date_tells_nothing():
    assert inputs.onset_day(row(onset="2026-02", treated_on=None), DESIGN) is None
    assert inputs.onset_day(row(onset="2026-07", received_on=dt.date(2026, 6, 1)), DESIGN) is None


def test_every_term_of_an_event_class_is_a_reaction_class():
    known = {term.code for term in reaction_terms()}
    for design in watch_designs():
        found = inputs.event_class(design.key)
        assert set(found.terms) <= known
        assert {"granuloma", "nodule", "papule"} <= set(found.terms)
        assert not found.source.verified  # a design choice must show as one


def test_a_design_without_an_event_class_is_named():
    with pytest.raises(ContentError, match="'ulcer'"):
        inputs.event_class("ulcer")


def test_a_known_lot_tells_the_product_and_unknown_stays_unknown():
    found = inputs.event_of(row(product_id=None), DESIGN, {2: 7})
    assert (found.product, found.lot) == ("7", "2")
    lost = inputs.event_of(row(product_id=None, lot_id=None), DESIGN, {2: 7})
    assert (lost.product, lost.lot) == (None, None)


def test_what_is_not_known_of_a_person_matches_nothing():
    key = inputs.case_key(row(sex="refused", birth_year=None, patient_key=None, lot_id=None))
    assert (key.sex, key.birth, key.patient_id, key.lot) == (None, None, None, None)
    assert inputs.case_key(row(term="papule")).reaction_class == inputs.case_key(row()).reaction_class
    assert inputs.case_key(row(term="fever")).reaction_class == "fever"


def test_a_fingerprint_does_not_depend_on_the_order_of_keys():
    one, other = {"a": 1, "b": TREATED}, {"b": TREATED, "a": 1}
    assert inputs.fingerprint(one) == inputs.fingerprint(other)
    assert inputs.fingerprint(one) != inputs.fingerprint({**one, "a": 2})


def test_report_numbers_are_compared_by_what_they_say():
    found = inputs.case_key(row(worldwide=("W1000",), numbers=("S2000", "S3000"), linked=("L4000",)))
    assert (found.worldwide, found.linked) == ({"W1000"}, {"L4000"})
    assert found.numbers == {"S2000", "S3000"}
