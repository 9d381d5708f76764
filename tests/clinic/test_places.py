"""Regions of the body map and indications."""

from exovigil.clinic import places
from exovigil.evidence import conditions


def test_every_row_has_a_source_and_a_read_depth() -> None:
    for row in (*places.regions(), *places.indications()):
        assert row.sources
        assert all(source.read_depth and source.read_on for source in row.sources)


def test_codes_are_unique() -> None:
    assert len({row.code for row in places.regions()}) == len(places.regions())
    assert len({row.key for row in places.indications()}) == len(places.indications())


def test_every_left_has_its_right() -> None:
    left = {row.code for row in places.regions() if row.side == "left"}
    right = {row.code for row in places.regions() if row.side == "right"}
    assert {code.replace("left", "right") for code in left} == right


def test_indications_are_the_conditions_of_the_evidence_map() -> None:
    keys = {row.key for row in places.indications()}
    assert keys == {row.key for row in conditions.conditions()} | {"other"}
