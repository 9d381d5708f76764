"""Legal statements: all sixteen kept, conflicts side by side, undated ones not dated by guess."""

import pytest

from exovigil.catalogue import legal
from exovigil.catalogue.composition import SourceClass


def test_all_sixteen_statements_with_source_and_read_depth() -> None:
    rows = legal.statements()
    assert len(rows) == 16
    for row in rows:
        assert row.source.url.startswith("http")
        assert row.source.read_on
        assert row.source.verified
        assert row.jurisdictions


def test_jurisdictions() -> None:
    expected = ("Brazil", "Canada", "EU", "Japan", "Saudi Arabia", "South Korea", "Taiwan", "UK", "US")
    assert legal.jurisdictions() == expected


def test_an_undated_statement_stays_undated() -> None:
    undated = [row for row in legal.statements() if row.partial_date is None]
    assert len(undated) == 7
    assert all(row.date_note for row in undated)


def test_uk_sources_that_contradict_each_other_stay_together() -> None:
    rows = legal.find(jurisdiction="UK", source_class=SourceClass.HUMAN)
    pairs = {frozenset((a.key, b.key)) for a, b in legal.conflicts(rows)}
    assert frozenset(("uk_business_department", "uk_clinic_director")) in pairs
    assert {"uk_business_department", "uk_clinic_director"} <= {row.key for row in rows}


def test_plant_products_in_the_uk() -> None:
    rows = legal.find(jurisdiction="UK", source_class=SourceClass.PLANT)
    assert {row.key for row in rows} == {"uk_trade_article", "eu_uk_non_human"}


def test_a_statement_for_two_jurisdictions_is_found_in_both() -> None:
    for place in ("UK", "EU"):
        assert "uk_eu_maker_summary" in {row.key for row in legal.find(jurisdiction=place)}


def test_unstated_source_may_meet_every_statement() -> None:
    assert len(legal.find(source_class=SourceClass.NOT_STATED)) == 16


def test_latest_first_and_undated_last() -> None:
    dates = [row.date for row in legal.find()]
    assert dates == sorted(dates, reverse=True)
    assert dates[0] == "2025-11-03"


@pytest.mark.parametrize("source_class", list(SourceClass))
def test_nothing_approved_in_the_us_holds_for_every_source(source_class: SourceClass) -> None:
    keys = {row.key for row in legal.find(jurisdiction="US", source_class=source_class)}
    assert "us_none_approved" in keys


def test_no_statement_is_no_permission() -> None:
    assert legal.find(jurisdiction="Atlantis") == ()
