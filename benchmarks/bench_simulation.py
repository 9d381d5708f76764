"""How often the watch is wrong and how soon it is right: 1,000 lots gone through many times.

The design is that of ``signals/content/watch.toml``. EXOVIGIL_SIMULATION_WORLDS sets how many worlds are drawn
(1,000 unless set). Lots of 60 to 240 treatments, used up within 90 days, 25 to a product; onset uniform over
the risk window; the registry learns of a case a week after its onset on average, and looks at the end of each
day, so that cases told on one day count together. Intervals are of the simulation (95 %), not of the world.
"""

import dataclasses
import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulated_registry import (
    DAY_0,
    Alarms,
    Cases,
    Registry,
    boundaries,
    draw_registry,
    fall_ill,
    first_alarms,
    is_bad,
    picked_by_e_values,
    replay,
)
from exovigil.signals.watch import WatchDesign, watch_designs
from exovigil.statistics.intervals import proportion_interval

WORLDS = int(os.environ.get("EXOVIGIL_SIMULATION_WORLDS", "1000"))
LOTS, PRODUCTS, SIZES = 1_000, 40, (60, 240)
AT_ONCE = 100  # worlds held in memory together; each hundred has a registry of its own
NIGHTS = 4  # on which e-BH is asked, evenly over the years
RANKS = ((1, 1), (1, 10), (11, 100), (101, 1000), (1, 1000))
TARGET_EVENTS, TARGET_TREATMENTS = 3.0, 60.0

Chunks = list[tuple[Registry, int]]


@dataclass
class Errors:
    """What went wrong in each world: a false alarm of the watch, shares of false ones among those picked."""

    family: list[NDArray[np.bool_]]
    false_share: list[NDArray[np.float64]]
    e_false_share: list[NDArray[np.float64]]
    e_found: list[float]
    found: list[float]


def chunks(design: WatchDesign, sizes: tuple[int, int] = SIZES, worlds: int = WORLDS) -> Chunks:
    """Draw the registries, one for every hundred worlds."""
    seeds = range(math.ceil(worlds / AT_ONCE))
    return [
        (
            draw_registry(design, lots=LOTS, products=PRODUCTS, sizes=sizes, seed=seed),
            min(AT_ONCE, worlds - seed * AT_ONCE),
        )
        for seed in seeds
    ]


def errors(
    drawn: Chunks, design: WatchDesign, *, risk: float, bad_share: float = 0.0, bad_risk: float = 0.05
) -> Errors:
    """Go through every world and count false alarms among good streams, and who is found among bad ones."""
    found = Errors([], [], [], [], [])
    for seed, (registry, worlds) in enumerate(drawn):
        cases, bad_lots = fall_ill(
            registry, design, worlds=worlds, risk=risk, bad_share=bad_share, bad_risk=bad_risk, seed=seed
        )
        bad = is_bad(registry, bad_lots)
        alarms = first_alarms(registry, cases, design, boundaries(registry, design))
        alarmed = np.zeros_like(bad)
        alarmed[alarms.world, alarms.stream] = True
        found.family.append(np.any(alarmed & ~bad, axis=1))
        found.false_share.append(_false_share(alarmed, bad))
        found.found.append(_share(alarmed & bad, bad))
        last = registry.whole.shape[1] - 1
        for night in np.linspace(0, last, NIGHTS + 1)[1:].astype(int).tolist():
            picked = picked_by_e_values(
                registry, cases, design, worlds=worlds, night=night, risk=design.null_risk
            )
            found.e_false_share.append(_false_share(picked, bad))
        found.e_found.append(_share(picked & bad, bad))
    return found


def _false_share(picked: NDArray[np.bool_], bad: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray((picked & ~bad).sum(axis=1) / np.maximum(picked.sum(axis=1), 1), dtype=np.float64)


def _share(some: NDArray[np.bool_], of: NDArray[np.bool_]) -> float:
    return float(some.sum() / of.sum()) if of.any() else math.nan


def say_errors(drawn: Chunks, design: WatchDesign) -> None:
    worst = dataclasses.replace(design, null_risk=design.null_risk_upper)
    p0, p1 = design.null_risk, design.null_risk_upper
    rows = [
        (f"nothing wrong, risk {p0:g}", design, p0, 0.0),
        (f"nothing wrong, risk {p1:g}, tested against its upper bound", worst, p1, 0.0),
        ("1 % of lots bad (5 %)", design, p0, 0.01),
        ("5 % of lots bad (5 %)", design, p0, 0.05),
    ]
    print(f"nominal {design.alpha:g} over {LOTS:,} lots and {PRODUCTS} products, {WORLDS:,} worlds:")
    for words, of, risk, share in rows:
        found = errors(drawn, of, risk=risk, bad_share=share)
        family = np.concatenate(found.family)
        interval = proportion_interval(int(family.sum()), len(family))
        told = f"family-wise error {interval.estimate:.4f} ({interval.low:.4f} to {interval.high:.4f})"
        rate = np.concatenate(found.false_share)
        e_rates = np.stack([np.concatenate(found.e_false_share[night::NIGHTS]) for night in range(NIGHTS)])
        e_rate = e_rates[np.argmax(e_rates.mean(axis=1))]
        more = f"false discoveries {_mean(rate)}; e-BH, worst of {NIGHTS} nights, {_mean(e_rate)}"
        power = f"; bad streams found {np.mean(found.found):.2f}, by e-BH {np.mean(found.e_found):.2f}"
        print(f"  {words}: {told}; {more}{power if share else ''}")


def _mean(values: NDArray[np.float64]) -> str:
    error = 1.96 * float(values.std(ddof=1)) / math.sqrt(len(values))
    return f"{values.mean():.4f} ± {error:.4f}"


def say_wrong_null(drawn: Chunks, design: WatchDesign) -> None:
    """The design believes its null risk, and the truth is another."""
    for factor in (0.2, 0.5, 2.0, 5.0):
        truth = design.null_risk * factor
        found = errors(drawn, design, risk=truth)
        family = np.concatenate(found.family)
        lots = proportion_interval(int(family.sum()), len(family))
        print(
            f"  true risk {truth:g} where {design.null_risk:g} is believed: some alarm in {lots.estimate:.3f}"
            f" ({lots.low:.3f} to {lots.high:.3f}) of the worlds"
        )


@dataclass
class Speed:
    """Alarms on bad lots, by column; ``prompt`` ones are those of a registry told on the day of onset."""

    rank: NDArray[np.int64]
    events: NDArray[np.int64]
    at_risk: NDArray[np.float64]
    given: NDArray[np.float64]
    since_onset: NDArray[np.int64]
    delay: NDArray[np.float64]
    onset_delay: NDArray[np.float64]
    prompt_rank: NDArray[np.int64]
    prompt_events: NDArray[np.int64]
    prompt_at_risk: NDArray[np.float64]


def speeds(drawn: Chunks, design: WatchDesign, risk: float) -> Speed:
    """Let every lot be bad, one at a time as it were: the test of a lot looks at its own events only."""
    columns: list[list[NDArray[np.generic]]] = [[] for _ in dataclasses.fields(Speed)]
    for seed, (registry, worlds) in enumerate(drawn):
        limits = boundaries(registry, design)
        for at in range(0, worlds, 20):
            some = min(20, worlds - at)
            cases, _ = fall_ill(registry, design, worlds=some, risk=risk, seed=10_000 * seed + at)
            for column, values in zip(columns, _speed(registry, cases, design, limits), strict=True):
                column.append(values)
    return Speed(*(np.concatenate(column) for column in columns))


def _speed(
    registry: Registry, cases: Cases, design: WatchDesign, limits: NDArray[np.float64]
) -> Iterator[NDArray[np.generic]]:
    alarms = first_alarms(registry, cases, design, limits, products=False)
    oracle = first_alarms(
        registry, cases, design, limits, seen=cases.treated, at_risk=registry.treatments, products=False
    )
    prompt = first_alarms(registry, cases, design, limits, seen=cases.onset, products=False)
    keys, every = alarms.world * LOTS + alarms.stream, cases.world * LOTS + cases.lot
    onset: NDArray[np.int64] = np.full(int(every.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(onset, every, cases.onset)
    yield registry.rank[alarms.stream]
    yield alarms.events
    yield alarms.at_risk
    yield alarms.given
    yield alarms.day - onset[keys]
    yield alarms.day - _days(oracle, keys)
    yield _days(prompt, keys) - _days(oracle, keys)
    yield registry.rank[prompt.stream]
    yield prompt.events
    yield prompt.at_risk


def _days(alarms: Alarms, keys: NDArray[np.int64]) -> NDArray[np.float64]:
    """Day of each alarm; NaN for a lot on which this way of looking raises none."""
    days = dict(zip((alarms.world * LOTS + alarms.stream).tolist(), alarms.day.tolist(), strict=True))
    return np.array([days.get(key, math.nan) for key in keys.tolist()], dtype=np.float64)


def say_speed(drawn: Chunks, design: WatchDesign, risk: float, words: str = "") -> None:
    found, worlds = speeds(drawn, design, risk), sum(worlds for _, worlds in drawn)
    print(f"  true risk {risk:g}{words}:")
    for low, high in RANKS:
        own = (found.rank >= low) & (found.rank <= high)
        prompt = (found.prompt_rank >= low) & (found.prompt_rank <= high)
        lots = (high - low + 1) * worlds
        if not (own.any() and prompt.any()):
            print(f"    lots {low}-{high}: {own.sum() / lots:.3f} alarmed")
            continue
        events, at_risk = found.events[own], found.at_risk[own]
        print(
            f"    lots {low}-{high}: {own.sum() / lots:.3f} alarmed, {np.sum(events <= 3) / lots:.3f} by the 3rd event;"
            f" at the alarm {events.mean():.2f} events (median {np.median(events):.0f}),"
            f" {at_risk.mean():.1f} treatments at risk (median {np.median(at_risk):.0f}),"
            f" {found.given[own].mean():.0f} given, {found.since_onset[own].mean():.0f} days after the first onset,"
            f" {np.nanmean(found.delay[own]):.0f} later than if seen at treatment"
            f" ({np.nanmean(found.onset_delay[own]):.0f} for the onset); if told at onset"
            f" {found.prompt_events[prompt].mean():.2f} events, {found.prompt_at_risk[prompt].mean():.1f} treatments"
        )


def say_target(drawn: Chunks, design: WatchDesign) -> None:
    """The goal for a 5 % lot: over how many lots of a registry it holds, on their average.

    With three events as the fewest, a mean of at most three can only hold to one decimal: cases told on one day
    count together.
    """
    found = speeds(drawn, design, 0.05)
    ranks = np.arange(1, LOTS + 1)
    alarms = np.bincount(found.rank, minlength=LOTS + 1)[1:].cumsum()
    events = np.bincount(found.rank, found.events, LOTS + 1)[1:].cumsum() / alarms
    at_risk = np.bincount(found.rank, found.at_risk, LOTS + 1)[1:].cumsum() / alarms
    few, soon = events < TARGET_EVENTS + 0.05, at_risk <= TARGET_TREATMENTS
    both, treatments = (int(ranks[rows][-1]) if rows.any() else 0 for rows in (few & soon, soon))
    print(
        f"  at most {TARGET_EVENTS:.1f} events and {TARGET_TREATMENTS:g} treatments at risk on average, at a true risk"
        f" of 0.05: holds over the first {both} lots of a registry (for the treatments alone, the first {treatments});"
        f" over {LOTS:,} it is missed with {events[-1]:.1f} events and {at_risk[-1]:.0f} treatments"
    )


def say_bound(design: WatchDesign, risk: float = 0.05) -> None:
    """What no sequential test can beat that is sure to find a lot of this risk (Wald 1945)."""
    null = design.null_risk
    information = risk * math.log(risk / null) - (risk - null)
    fewest = math.log(LOTS / design.alpha) / information
    most = design.alpha * math.exp(TARGET_TREATMENTS * information)
    print(
        f"  Wald's bound: sharing {design.alpha:g} evenly over {LOTS:,} lots, no test sure to find such a lot needs"
        f" fewer than {fewest:.0f} treatments ({fewest * risk:.1f} events) on average; {TARGET_TREATMENTS:g}"
        f" treatments are out of reach beyond {most:.0f} lots"
    )


def say_same(registry: Registry, design: WatchDesign) -> None:
    """Give worlds to the real watch, and stop unless every alarm, expected count and pick is the same."""
    for share in (0.0, 0.05):
        cases, _ = fall_ill(
            registry, design, worlds=1, risk=design.null_risk, bad_share=share, bad_risk=0.05, seed=99
        )
        alarms = first_alarms(registry, cases, design, boundaries(registry, design))
        ours = {
            int(s): (int(d), int(n)) for s, d, n in zip(alarms.stream, alarms.day, alarms.events, strict=True)
        }
        last = registry.whole.shape[1] - 1
        picked = picked_by_e_values(registry, cases, design, worlds=1, night=last, risk=design.null_risk)[0]
        found, second = replay(registry, cases, design, 0)
        for stream, result in found.streams:
            row = int(stream.key.name) + (registry.lots if stream.key.kind == "product" else 0)
            tally = result.raw
            real = ((tally.alarm_on - DAY_0).days, tally.alarm_event) if tally.alarm_on else None
            expected = design.null_risk * registry.whole[row, last]
            same = real == ours.get(row) and stream.rank == registry.rank[row]
            same &= math.isclose(result.expected, expected, rel_tol=1e-9)
            same &= (stream.key in second and second[stream.key].picked) == bool(picked[row])
            if not same:
                raise AssertionError(f"{stream.key} differs from the real watch: {real} and {ours.get(row)}")
        print(
            f"  {len(found.streams):,} streams with {len(cases.world)} events, {len(ours)} alarms,"
            f" {picked.sum()} picked: the real watch says the same"
        )


def main() -> None:
    start, (design, *_) = time.process_time(), watch_designs()
    drawn = chunks(design)
    people = sum(len(registry.day) for registry, _ in drawn) / len(drawn)
    print(f"{LOTS:,} lots with {people:,.0f} treatments, {WORLDS:,} worlds each")
    say_same(drawn[0][0], design)
    say_errors(drawn, design)
    print("if the null risk is wrong:")
    say_wrong_null(drawn, design)
    print(
        f"how soon, at a null risk of {design.null_risk:g}, by place in the order of opening (means of those found):"
    )
    for risk in (0.01, 0.02, 0.05, 0.1):
        say_speed(drawn, design, risk)
    for factor in (2, 5):
        wrong = dataclasses.replace(design, null_risk=design.null_risk * factor)
        say_speed(drawn[:1], wrong, 0.05, f", {wrong.null_risk:g} believed")
    large = chunks(design, (600, 600), min(WORLDS, AT_ONCE))
    say_speed(large, design, 0.05, ", lots of 600 treatments")
    print("the goal:")
    say_target(drawn, design)
    say_bound(design)
    print(f"{time.process_time() - start:.1f} CPU s")


if __name__ == "__main__":
    main()
