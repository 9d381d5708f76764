"""EBGM, EB05 and EB95 of 4 million pairs: CPU seconds of the fit and of the scores, against a floor.

The floor is what no exact method can avoid: for two quantiles of a mixture of two components, one
evaluation each of the incomplete gamma function, to prove that the root is one.
"""

import time

import numpy as np
from scipy.special import gammainc

from exovigil.statistics.shrinkage import FitRefused, fit_observed
from exovigil.statistics.shrunken_ratio import shrunken_ratios

PAIRS = 4_000_000
CEILING = 60.0  # CPU seconds allowed


def synthetic(pairs: int) -> tuple[np.ndarray, np.ndarray]:
    """Observed pairs whose ratios come from a mixture, each component truncated at zero."""
    rng = np.random.default_rng(2012)
    expected = np.exp(rng.normal(-1.0, 2.0, pairs))
    first = rng.random(pairs) < 0.1
    shape, rate = np.where(first, 2.0, 2.5), np.where(first, 0.25, 2.5)
    counts = np.zeros(pairs, dtype=np.int64)
    while len(unseen := np.flatnonzero(counts == 0)):
        counts[unseen] = rng.poisson(rng.gamma(shape[unseen], 1 / rate[unseen]) * expected[unseen])
        if len(unseen) < pairs // 200:  # the last few have next to nothing expected; report them once
            counts[counts == 0] = 1
    return counts, expected


def main() -> None:
    counts, expected = synthetic(PAIRS)
    start = time.process_time()
    try:
        fit = fit_observed(counts, expected)
    except FitRefused as refused:
        print(f"the fit was refused: {refused}")
        return
    fitted = time.process_time()
    found = shrunken_ratios(counts, expected, fit.prior)
    scored = time.process_time()
    gammainc(fit.prior.shape1 + counts, found.eb05 * expected)
    floor = 4 * (time.process_time() - scored)
    total = scored - start
    print(
        f"{PAIRS:,} pairs: fit {fitted - start:.1f} CPU s ({fit.points:,} points, {fit.agreeing} of {fit.starts} agree)"
    )
    print(f"scores {scored - fitted:.1f} CPU s, {(scored - fitted) / floor:.2f} x the floor ({floor:.1f} s)")
    print(f"together {total:.1f} CPU s, {total / CEILING:.2f} of the {CEILING:g} s allowed")


if __name__ == "__main__":
    main()
