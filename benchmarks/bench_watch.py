"""A night's watch over 10,000 lots: CPU seconds, against an exact critical value for each.

Every lot has its own share of alpha. An exact critical value for each is what a night would cost if shares were
not rounded down to a grid; the night itself, second opinion included, has 10 CPU seconds.
"""

import datetime as dt
import random
import time

from exovigil.signals.second_opinion import second_opinions
from exovigil.signals.watch import (
    Event,
    Exposure,
    WatchDesign,
    open_streams,
    watch,
    watch_designs,
)
from exovigil.statistics.maxsprt import poisson_critical_value

LOTS, PRODUCTS, TREATMENTS_A_LOT = 10_000, 40, 12
AS_OF = dt.date(2026, 6, 30)
CEILING = 10.0  # CPU seconds allowed for a night


def registry(seed: int = 7) -> tuple[list[Exposure], list[Event]]:
    """Two years of treatments over all lots, with background events at twice the null risk."""
    rng = random.Random(seed)
    exposures: list[Exposure] = []
    events: list[Event] = []
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


def exact_seconds(exposures: list[Exposure], events: list[Event], design: WatchDesign) -> float:
    """CPU seconds for a critical value at every stream's own share of alpha, computed afresh."""
    streams = open_streams(exposures, events, design, AS_OF)
    start = time.process_time()
    for stream in streams:
        of_kind = design.of(stream.key.kind)
        poisson_critical_value(
            upper_limit=of_kind.upper_limit, alpha=stream.alpha, min_events=of_kind.min_events
        )
    return time.process_time() - start


def main() -> None:
    (design, *_), (exposures, events) = watch_designs(), registry()
    exact = exact_seconds(exposures, events, design)
    for words in ("watch", "the next night in the same process"):
        start = time.process_time()
        found = watch(exposures, events, events, design, AS_OF)
        second_opinions(found, design)
        seconds = time.process_time() - start
        boundaries = len({result.critical.value for _, result in found.streams})
        print(
            f"{words}: {len(found.streams):,} streams, {len(exposures):,} treatments, {len(events):,} events: "
            f"{seconds:.2f} CPU s of {CEILING:g} allowed, with {boundaries:,} boundaries; "
            f"{seconds / exact:.2f} x an exact critical value for each stream ({exact:.2f} s)"
        )


if __name__ == "__main__":
    main()
