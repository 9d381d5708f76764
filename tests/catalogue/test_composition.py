"""Declared against verified composition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.catalogue import composition
from exovigil.catalogue.composition import Agreement, SourceClass, agreement

answers = st.sampled_from(["", "human", "plant", "Plant", "not stated", "not known"])


def test_every_row_has_a_source_and_a_read_depth() -> None:
    for row in (*composition.attributes(), *composition.all_codes()):
        assert row.source.citation
        assert row.source.read_depth


def test_codes_are_unique_within_their_attribute() -> None:
    for attribute in composition.attributes():
        codes = [row.code for row in composition.codes(attribute.code)]
        assert len(codes) == len(set(codes))
        assert bool(codes) is (attribute.kind == "code")


def test_every_coded_attribute_can_be_left_unstated() -> None:
    for attribute in composition.attributes():
        if attribute.kind == "code":
            assert "not stated" in {row.code for row in composition.codes(attribute.code)}


def test_source_organism_codes_are_the_source_classes() -> None:
    assert {row.code for row in composition.codes("source_species")} == {c.value for c in SourceClass}
    assert all(row.source_class == row.code for row in composition.codes("source_species"))


@pytest.mark.parametrize(
    ("declared", "verified", "expected"),
    [
        ("plant", "Plant ", Agreement.AGREES),
        ("plant", "human", Agreement.DIFFERS),
        ("plant", "", Agreement.DECLARED_ONLY),
        ("not stated", "plant", Agreement.VERIFIED_ONLY),
        ("", "not known", Agreement.UNKNOWN),
    ],
)
def test_agreement(declared: str, verified: str, expected: Agreement) -> None:
    assert agreement(declared, verified) is expected


@given(answers, answers)
def test_agreement_is_symmetric(one: str, other: str) -> None:
    mirror = {
        Agreement.DECLARED_ONLY: Agreement.VERIFIED_ONLY,
        Agreement.VERIFIED_ONLY: Agreement.DECLARED_ONLY,
    }
    result = agreement(one, other)
    assert agreement(other, one) is mirror.get(result, result)
