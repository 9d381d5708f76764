"""Weighing 10,000 streams by e-values, and designing a watch: CPU seconds against their floors."""

import time

import numpy as np
from scipy.special import gammaincc, gammaln

from exovigil.statistics.bernoulli_maxsprt import bernoulli_design, bernoulli_performance
from exovigil.statistics.conditional_maxsprt import conditional_critical_value
from exovigil.statistics.evidence_process import e_bh, log_e_value

STREAMS = 10_000


def a_night() -> None:
    rng = np.random.default_rng(1)
    expected = rng.uniform(0.02, 2.0, STREAMS)
    events = rng.poisson(expected)
    tested = time.process_time()
    picked = e_bh(log_e_value(events, expected), level=0.05).picked
    weighed = time.process_time()
    for _ in range(100):
        gammaln(1.0 + events)
        gammaincc(1.0 + events, 0.1 + expected)
    floor = max((time.process_time() - weighed) / 100, 1e-9)
    print(
        f"{STREAMS:,} streams by e-values and e-BH ({np.count_nonzero(picked)} picked): "
        f"{(weighed - tested) * 1000:.2f} CPU ms, "
        f"{(weighed - tested) / floor:.1f} x the floor of its two special functions"
    )


def designs() -> None:
    for treatments, alpha, minimum in ((1000, 0.001, 3), (10_000, 0.001, 3)):
        start = time.process_time()
        design = bernoulli_design(treatments=treatments, null_risk=0.001, alpha=alpha, min_events=minimum)
        found = time.process_time()
        bernoulli_performance(design, 0.05)
        walked = time.process_time()
        alive = np.zeros(design.alarms[-1][0] + 1)
        for _ in range(treatments):
            alive = alive * 0.95
        floor = max(time.process_time() - walked, 1e-9)
        print(
            f"Bernoulli design N={treatments}: {found - start:.3f} CPU s; its performance {walked - found:.3f} s, "
            f"{(walked - found) / floor:.1f} x the floor of one array operation a treatment"
        )
    start = time.process_time()
    conditional_critical_value(history=50, max_events=100, alpha=0.001, min_events=3)
    print(
        f"conditional critical value, 50 earlier and at most 100 events: {time.process_time() - start:.3f} CPU s"
    )


def main() -> None:
    log_e_value(1, 0.5)  # warm up
    a_night()
    designs()


if __name__ == "__main__":
    main()
