"""Exact MaxSPRT critical values: CPU seconds, against the convolutions the recursion cannot avoid.

The floor is the bare carrying of the count distribution over every boundary time, once an
evaluation, with nothing else around it. A ratio near one leaves little to win but the algorithm.
"""

import time

import numpy as np

from exovigil.statistics import maxsprt

DESIGNS = ((10.0, 1.25e-5, 3), (50.0, 0.05, 1), (1000.0, 0.001, 6))
CASES = 200  # nightly streams, each with its own alpha
CEILING = 1.0  # CPU seconds allowed to the largest design


def floor_seconds(upper_limit: float, evaluations: int) -> float:
    """CPU seconds for the convolutions alone, on windows as wide as the process really is."""
    steps, kernel = int(upper_limit + 4 * upper_limit**0.5 + 8), np.full(26, 1 / 26)
    window = np.full(int(min(upper_limit, 8 * upper_limit**0.5)) + 8, 1e-3)
    start = time.process_time()
    for _ in range(evaluations * steps):
        np.convolve(window, kernel)
    return time.process_time() - start


def evaluations_of(design: tuple[float, float, int]) -> tuple[float, int]:
    """CPU seconds of one critical value and how often it walked the process."""
    walks, original = 0, maxsprt.crossing_probability

    def counted(value: float, *, upper_limit: float, min_events: int = 1) -> float:
        nonlocal walks
        walks += 1
        return original(value, upper_limit=upper_limit, min_events=min_events)

    maxsprt.crossing_probability = counted
    try:
        start = time.process_time()
        maxsprt.poisson_critical_value(upper_limit=design[0], alpha=design[1], min_events=design[2])
        return time.process_time() - start, walks
    finally:
        maxsprt.crossing_probability = original


def main() -> None:
    maxsprt.poisson_critical_value(upper_limit=1.0, alpha=0.05)  # warm up
    for design in DESIGNS:
        seconds, walks = evaluations_of(design)
        floor = max(floor_seconds(design[0], walks), 1e-9)
        limit, alpha, minimum = design
        print(
            f"critical value T={limit:g} alpha={alpha:g} M={minimum}: {seconds:.4f} CPU s, "
            f"{seconds / floor:.2f} x the floor of {walks} bare walks ({floor:.4f} s)"
        )
    print(f"largest design: {seconds / CEILING:.3f} of the {CEILING:g} s allowed")
    start = time.process_time()
    for rank in range(1, CASES + 1):
        maxsprt.poisson_critical_value(upper_limit=10.0, alpha=0.025 / (rank * (rank + 1)), min_events=3)
    each = (time.process_time() - start) / CASES
    print(
        f"{CASES} streams, one alpha each: {each * 1000:.2f} CPU ms a stream, 10,000 in {each * 10_000:.1f} s"
    )


if __name__ == "__main__":
    main()
