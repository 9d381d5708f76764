"""Shrunken rates of levels: a worked example, a simulation from the prior as oracle, and what must always hold."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.statistics.lot_rates import PRIOR_SPREAD, VARIATION_SCALE, LotCount, lot_rates

CENTRE = 0.001
QUIET = [LotCount("plant", 0, 240.0)] * 3
ONE_BAD_LOT = [LotCount("human", 8, 60.0), *[LotCount("human", 0, 50.0)] * 4]
SPREAD_OUT = [LotCount("human", n, 52.0) for n in (2, 1, 2, 1, 2)]

lot = st.builds(
    LotCount, st.sampled_from("abc"), st.integers(0, 12), st.floats(1, 500, allow_nan=False)
).filter(lambda row: row.events <= row.exposure)


def simulated(rows: list[LotCount], draws: int, seed: int) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation of each level's log rate: draw from the prior, weigh by the likelihood."""
    chance = np.random.default_rng(seed)
    common = math.log(CENTRE) + PRIOR_SPREAD * chance.standard_normal(draws)
    between_levels = VARIATION_SCALE * np.abs(chance.standard_normal(draws))
    between_lots = VARIATION_SCALE * np.abs(chance.standard_normal(draws))
    names = sorted({row.level for row in rows})
    logs = {name: common + between_levels * chance.standard_normal(draws) for name in names}
    weight = np.zeros(draws)
    for row in rows:
        factor = chance.gamma(between_lots**-2, between_lots**2)
        mean = np.maximum(row.exposure * np.exp(logs[row.level]) * factor, 1e-300)
        weight += row.events * np.log(mean) - mean
    weight = np.exp(weight - weight.max())
    found = {}
    for name in names:
        mean = np.average(logs[name], weights=weight)
        found[name] = mean, math.sqrt(np.average((logs[name] - mean) ** 2, weights=weight))
    return found


def test_one_bad_lot_is_no_property_of_its_source():
    """Eight events of one lot leave the source open; the same eight over five lots point at it."""
    one, spread = (lot_rates([*rows, *QUIET], centre=CENTRE) for rows in (ONE_BAD_LOT, SPREAD_OUT))
    assert [row.events for row in one.rates] == [row.events for row in spread.rates] == [8, 0]
    assert one.rates[0].largest_share == 1.0
    assert one.between_lots.median > 2 * spread.between_lots.median
    assert one.rates[0].rate.low < one.rates[1].rate.high
    assert one.bayes_factor < spread.bayes_factor
    width = [math.log(found.rates[0].rate.high / found.rates[0].rate.low) for found in (one, spread)]
    assert width[0] > 1.5 * width[1]
    alike = lot_rates([*ONE_BAD_LOT, *QUIET], centre=CENTRE, lots_vary=False)
    assert alike.rates[0].rate.low > alike.rates[1].rate.high  # what a model blind to lots would claim


def test_one_lot_without_events_gives_the_prior_drawn_down():
    (row,) = lot_rates([LotCount("a", 0, 1e-9)], centre=CENTRE).rates
    assert row.rate.median == pytest.approx(CENTRE, rel=0.02)  # next to no observation: the prior is left
    (row,) = lot_rates([LotCount("a", 0, 10_000)], centre=CENTRE).rates
    assert row.rate.median < CENTRE / 3


@pytest.mark.parametrize("rows", [[*ONE_BAD_LOT, *QUIET], [LotCount("a", 3, 50), LotCount("b", 0, 90)]])
def test_against_draws_from_the_prior(rows):
    found = lot_rates(rows, centre=CENTRE, level=0.6826895)
    for row in found.rates:
        mean, deviation = simulated(rows, 1_500_000, 7)[row.level]
        middle = math.log(row.rate.median)
        width = math.log(row.rate.high / row.rate.low) / 2
        assert middle == pytest.approx(mean, abs=0.2 * deviation)
        assert width == pytest.approx(deviation, rel=0.15)


@settings(max_examples=40, deadline=None)
@given(st.lists(lot, min_size=1, max_size=8))
def test_what_always_holds(rows):
    found = lot_rates(rows, centre=0.01)
    for row in found.rates:
        assert 0 < row.rate.low < row.rate.median < row.rate.high
        assert 1 <= row.effective_lots <= row.lots + 1e-9
    again = lot_rates(rows[::-1], centre=0.01)
    turned = {row.level: row.rate.median for row in again.rates}
    for row in found.rates:
        assert turned[row.level] == pytest.approx(row.rate.median, rel=1e-9)
    worse = lot_rates([LotCount(rows[0].level, rows[0].events + 3, rows[0].exposure), *rows[1:]], centre=0.01)
    assert worse.rates[0].rate.median > found.rates[0].rate.median


@pytest.mark.parametrize(
    ("rows", "more", "words"),
    [
        ([], {}, "at least one lot"),
        ([LotCount("a", -1, 10)], {}, "zero or more"),
        ([LotCount("a", 1, 0)], {}, "positive number"),
        ([LotCount("a", 1, 10)], {"centre": 0}, "centre"),
        ([LotCount("a", 1, 10)], {"centre": 1e-9}, "too far from the centre"),
        ([LotCount("a", 1, 10)], {"level": 1}, "level"),
    ],
)
def test_what_cannot_be_is_refused(rows, more, words):
    with pytest.raises(ValueError, match=words):
        lot_rates(rows, **{"centre": 0.01, **more})
