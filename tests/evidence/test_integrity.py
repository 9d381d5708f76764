"""Checks of published numbers, against worked examples and a brute-force oracle."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.evidence import integrity
from exovigil.evidence.integrity import grim


def _rules(key: str) -> list[str]:
    return [flag.rule for flag in integrity.flags_of(key)]


def test_wyles_percentage_does_not_fit_56_people_but_55() -> None:
    result = grim(Decimal("87.3"), 56)
    assert not result.consistent
    assert result.fitting == (55,)


@pytest.mark.parametrize(("percentage", "down"), [("80", False), ("87", True)])
def test_wan_percentages_do_not_fit_16_people_but_15(percentage: str, down: bool) -> None:
    result = grim(Decimal(percentage), 16)
    assert not result.consistent
    assert result.rounding_down_only is down
    assert 15 in result.fitting


@pytest.mark.parametrize(
    ("percentage", "n"), [("90", 20), ("10", 20), ("68.2", 85), ("0", 3), ("100", 7), ("55", 20)]
)
def test_percentages_that_fit(percentage: str, n: int) -> None:
    assert grim(Decimal(percentage), n).consistent


def test_decimals_matter() -> None:
    assert grim(Decimal("33"), 3).consistent
    assert not grim(Decimal("33.0"), 3).consistent


@given(st.integers(1, 300), st.integers(0, 1000), st.integers(0, 2))
def test_grim_agrees_with_trying_every_count(n: int, thousandths: int, places: int) -> None:
    step = Decimal(1).scaleb(-places)
    percentage = (Decimal(thousandths) / 10).quantize(step, rounding=ROUND_HALF_UP)
    half = Fraction(step) / 2
    low, high = Fraction(percentage) - half, Fraction(percentage) + half
    expected = any(low <= Fraction(100 * k, n) < high for k in range(n + 1))
    assert grim(percentage, n).consistent is expected


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), st.integers(0, 3))
def test_a_true_percentage_always_fits(people: tuple[int, int], places: int) -> None:
    n, count = people
    share = (Decimal(100 * count) / n).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    assert grim(share, n).consistent


@pytest.mark.parametrize(("percentage", "n"), [("101", 5), ("-1", 5), ("50", 0)])
def test_impossible_input_is_refused(percentage: str, n: int) -> None:
    with pytest.raises(ValueError, match="percentage from 0 to 100"):
        grim(Decimal(percentage), n)


def test_grim_flags_of_the_evidence_base() -> None:
    grim_rule = "percentage does not fit the number of people"
    flagged = [flag.study for flag in integrity.flags() if flag.rule == grim_rule]
    assert flagged == ["wyles2024", "wan2025", "wan2025"]


def test_registered_and_published_numbers() -> None:
    assert "registered and published numbers differ" in _rules("amini2025")
    (flag,) = integrity.flags_of("NCT06677931")
    assert flag.reason == "60 people planned in one copy of the record, 30 in a later one"
    assert "registered and published numbers differ" not in _rules("chandran2025")


def test_records_later_than_the_study() -> None:
    rule = "possibly registered after the study ended"
    assert {flag.study for flag in integrity.flags() if flag.rule == rule} == {"amini2025", "kishta2025_dfu"}


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("pak_pso_vit_85", "change over time from a cross-sectional design"),
        ("pmsc_aga_rs5252508", "hair density rose faster than hair grows"),
        ("johnson2023_plexoval2", "identical results in both arms"),
        ("imcas2025_300", "no event of any kind in many people"),
        ("liang2022_cm", "conditioned medium counted as exosomes"),
    ],
)
def test_other_flags(key: str, rule: str) -> None:
    assert _rules(key) == [rule]


def test_every_flag_has_a_reason_and_a_link() -> None:
    assert len(integrity.flags()) == 12
    for flag in integrity.flags():
        assert flag.reason
        assert flag.link.startswith("http")


def test_the_rise_in_density_is_sixty_nine_per_cent() -> None:
    (flag,) = integrity.flags_of("pmsc_aga_rs5252508")
    assert "+69%" in flag.reason
