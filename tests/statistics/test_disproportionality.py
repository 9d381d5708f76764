"""Disproportionality against counting single reports, plain formulas in Fractions, and invariants."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from exovigil.statistics.disproportionality import Tables, disproportionality

cells = st.integers(0, 400)


def measures(a, b, c, d):
    found = disproportionality(Tables.of(a, a + b, a + c, a + b + c + d))
    return {name: float(getattr(found, name)) for name in found.__slots__}


def test_worked_example_by_hand():
    """25 of 100 reports of the product and 475 of 19,900 others name the event."""
    found = measures(25, 75, 475, 19_425)
    assert found["prr"] == pytest.approx((25 / 100) / (475 / 19_900))
    spread = 1.959964 * math.sqrt(1 / 25 - 1 / 100 + 1 / 475 - 1 / 19_900)
    assert found["prr_low"] == pytest.approx(found["prr"] / math.exp(spread), rel=1e-6)
    assert found["ror"] == pytest.approx(25 * 19_425 / (75 * 475))
    spread = 1.959964 * math.sqrt(1 / 25 + 1 / 75 + 1 / 475 + 1 / 19_425)
    assert found["ror_high"] == pytest.approx(found["ror"] * math.exp(spread), rel=1e-6)
    assert found["expected"] == 2.5
    assert found["ic"] == pytest.approx(math.log2(25.5 / 3))


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80))
@settings(deadline=None)
def test_against_counting_reports_one_by_one(reports):
    a = sum(product and event for product, event in reports)
    b = sum(product and not event for product, event in reports)
    c = sum(event and not product for product, event in reports)
    d = len(reports) - a - b - c
    found = measures(a, b, c, d)
    if c and a + b:
        assert found["prr"] == pytest.approx(float(Fraction(a, a + b) / Fraction(c, c + d)))
    if b and c:
        assert found["ror"] == pytest.approx(float(Fraction(a * d, b * c)))
    if min(a + b, c + d, a + c, b + d):
        expected = [Fraction(r * k, len(reports)) for r in (a + b, c + d) for k in (a + c, b + d)]
        gaps = [abs(o - e) - Fraction(1, 2) for o, e in zip((a, b, c, d), expected, strict=True)]
        squared = sum(max(gap, 0) ** 2 / e for gap, e in zip(gaps, expected, strict=True))
        assert found["chi_squared"] == pytest.approx(float(squared), abs=1e-12)


@given(a=cells, b=cells, c=cells, d=cells)
@settings(deadline=None)
def test_exchanging_product_and_event_keeps_what_does_not_take_sides(a, b, c, d):
    if a + b + c + d == 0:
        return
    one, other = measures(a, b, c, d), measures(a, c, b, d)
    for name in ("expected", "ror", "ror_low", "ror_high", "chi_squared", "ic", "ic025", "ic975"):
        assert one[name] == pytest.approx(other[name], rel=1e-9, nan_ok=True)


@given(a=cells, b=cells, c=cells, d=cells)
@settings(deadline=None)
def test_intervals_surround_and_zero_cells_are_never_filled(a, b, c, d):
    if a + b + c + d == 0:
        return
    found = measures(a, b, c, d)
    assert found["zero_cell"] == (0 in (a, b, c, d))
    if found["zero_cell"]:
        assert math.isnan(found["ror_low"])
        assert math.isnan(found["ror_high"])
    else:
        assert found["ror_low"] < found["ror"] < found["ror_high"]
        assert found["prr_low"] < found["prr"] < found["prr_high"]
        assert found["ic025"] < found["ic"] < found["ic975"]
    if a and d and not c:
        assert found["prr"] == math.inf
        assert math.isnan(found["prr_low"])
    if not a and c and a + b:
        assert found["prr"] == 0


def test_ic_bounds_hold_the_gamma_posterior():
    found = measures(4, 60, 30, 3000)
    shape, rate = 4.5, found["expected"] + 0.5

    def density(ratio):
        return rate**shape / math.gamma(shape) * ratio ** (shape - 1) * math.exp(-rate * ratio)

    assert quad(density, 0, 2 ** found["ic025"])[0] == pytest.approx(0.025, abs=1e-8)
    assert quad(density, 0, 2 ** found["ic975"])[0] == pytest.approx(0.975, abs=1e-8)


def test_many_tables_at_once_equal_each_alone():
    rng = np.random.default_rng(4)
    a, b, c, d = rng.integers(0, 50, (4, 200))
    found = disproportionality(Tables.of(a, a + b, a + c, a + b + c + d))
    for at in range(200):
        alone = measures(a[at], b[at], c[at], d[at])
        for name, value in alone.items():
            assert float(getattr(found, name)[at]) == pytest.approx(value, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("counts", [(5, 4, 9, 20), (1, 15, 10, 20), (-1, 4, 5, 20), (1.5, 4, 5, 20)])
def test_counts_that_are_not_of_distinct_reports_are_refused(counts):
    with pytest.raises(ValueError, match="not of distinct reports"):
        Tables.of(*counts)
