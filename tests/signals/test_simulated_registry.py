"""The simulation behind the operating characteristics says what the real watch says, and keeps the level."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.simulated_registry import (
    DAY_0,
    boundaries,
    draw_registry,
    fall_ill,
    first_alarms,
    is_bad,
    picked_by_e_values,
    replay,
)
from exovigil.signals.watch import watch_designs

(DESIGN,) = watch_designs()
RISKY = dataclasses.replace(DESIGN, null_risk=0.01)


@given(seed=st.integers(0, 10_000), lots=st.integers(1, 25), bad=st.sampled_from([0.0, 0.3, 1.0]))
@settings(max_examples=15, deadline=None)
def test_every_alarm_and_pick_is_that_of_the_real_watch(seed, lots, bad):
    registry = draw_registry(RISKY, lots=lots, products=min(3, lots), sizes=(5, 80), seed=seed)
    cases, _ = fall_ill(registry, RISKY, worlds=2, risk=0.01, bad_share=bad, bad_risk=0.3, seed=seed)
    alarms = first_alarms(registry, cases, RISKY, boundaries(registry, RISKY))
    last = registry.whole.shape[1] - 1
    picked = picked_by_e_values(registry, cases, RISKY, worlds=2, night=last, risk=0.01)
    for world in range(2):
        own = alarms.world == world
        ours = dict(
            zip(
                alarms.stream[own].tolist(),
                zip(alarms.day[own].tolist(), alarms.events[own].tolist(), strict=True),
                strict=True,
            )
        )
        found, second = replay(registry, cases, RISKY, world)
        assert len(found.streams) == len(registry.rank)
        for stream, result in found.streams:
            row = int(stream.key.name) + (lots if stream.key.kind == "product" else 0)
            real = result.raw
            assert ours.get(row) == (
                ((real.alarm_on - DAY_0).days, real.alarm_event) if real.alarm_on else None
            )
            assert stream.rank == registry.rank[row]
            assert result.expected == pytest.approx(0.01 * registry.whole[row, last])
            assert (stream.key in second and second[stream.key].picked) == picked[world, row]


def test_risks_of_good_and_bad_lots_are_those_asked_for():
    registry = draw_registry(DESIGN, lots=40, products=4, sizes=(100, 100), seed=1)
    cases, bad = fall_ill(registry, DESIGN, worlds=400, risk=0.002, bad_share=0.1, bad_risk=0.2, seed=1)
    of_bad = bad[cases.world, cases.lot]
    assert of_bad.sum() / (bad.sum() * 100) == pytest.approx(0.2, rel=0.05)
    assert (~of_bad).sum() / ((~bad).sum() * 100) == pytest.approx(0.002, rel=0.1)
    assert np.all((cases.onset - cases.treated >= 14) & (cases.onset - cases.treated <= 92))
    assert np.all(cases.received >= cases.onset)


@pytest.mark.slow
@pytest.mark.parametrize("risk", [DESIGN.null_risk, DESIGN.null_risk_upper])
def test_family_wise_error_and_false_discoveries_stay_under_alpha(risk):
    design = dataclasses.replace(DESIGN, null_risk=risk)
    registry = draw_registry(design, lots=300, products=12, sizes=(60, 240), seed=2)
    cases, bad_lots = fall_ill(registry, design, worlds=400, risk=risk, bad_share=0.02, bad_risk=0.1, seed=2)
    bad = is_bad(registry, bad_lots)
    alarms = first_alarms(registry, cases, design, boundaries(registry, design))
    alarmed = np.zeros_like(bad)
    alarmed[alarms.world, alarms.stream] = True
    assert (alarmed & ~bad).any(axis=1).mean() <= design.alpha
    assert (alarmed & bad).sum() > 0.3 * bad_lots.sum()
    night = registry.whole.shape[1] - 1
    picked = picked_by_e_values(registry, cases, design, worlds=400, night=night, risk=risk)
    assert ((picked & ~bad).sum(axis=1) / np.maximum(picked.sum(axis=1), 1)).mean() <= design.alpha
