"""A night's watch over 10,000 lots: CPU seconds, against the critical values it cannot avoid.

Every lot has its own share of alpha and so its own exact critical value; those alone are the floor. What is
above it is the sorting, counting and looking of the watch itself.
"""

import datetime as dt
import random
import time

from exovigil.signals.watch import (
    Event,
    Exposure,
    WatchDesign,
    open_streams,
    stream_alpha,
    watch,
    watch_designs,
)
from exovigil.statistics.maxsprt import poisson_critical_value

LOTS, PRODUCTS, TREATMENTS_A_LOT = 10_000, 40, 12
AS_OF = dt.date(2026, 6, 30)


def registry(seed: int = 7) -> tuple[list[Exposure], list[Event]]:
    """Two years of treatments over all lots, with background events at twice the null risk."""
    rng, exposures, events = random.Random(seed), [], []
    for lot in range(LOTS):
        opened = dt.date(2024, 7, 1) + dt.timedelta(days=rng.randrange(640))
        product = str(lot % PRODUCTS)
        for _ in range(TREATMENTS_A_LOT):
            treated = opened + dt.timedelta(days=rng.randrange(90))
            exposures.append(Exposure(treated, product, str(lot)))
            if rng.random() < 0.002:
                onset = treated + dt.timedelta(days=rng.randrange(14, 93))
                events.append(Event(str(len(events)), onset, onset, treated, product, str(lot)))
    return exposures, events


def floor_seconds(exposures: list[Exposure], events: list[Event], design: WatchDesign) -> float:
    """CPU seconds for the exact critical values alone, computed afresh."""
    alphas = {
        stream_alpha(design, s.key.kind, s.rank) for s in open_streams(exposures, events, design, AS_OF)
    }
    start = time.process_time()
    for alpha in alphas:
        poisson_critical_value(upper_limit=design.upper_limit, alpha=alpha, min_events=design.min_events)
    return time.process_time() - start


def main() -> None:
    (design, *_), (exposures, events) = watch_designs(), registry()
    floor = floor_seconds(exposures, events, design)
    start = time.process_time()
    found = watch(exposures, events, events, design, AS_OF)
    seconds = time.process_time() - start
    print(
        f"watch over {len(found.streams):,} streams, {len(exposures):,} treatments, {len(events):,} events: "
        f"{seconds:.2f} CPU s, {seconds / floor:.2f} x the floor of their critical values ({floor:.2f} s)"
    )
    start = time.process_time()
    watch(exposures, events, events, design, AS_OF)
    again = time.process_time() - start
    print(f"the next night in the same process: {again:.2f} CPU s, {again / floor:.2f} x the floor")


if __name__ == "__main__":
    main()
