"""Sharing one chance of a false alarm among tests that open one after another, without end."""

import math

STEPS_A_HALVING = 64  # of the grid that alpha is rounded down to: neighbours differ by 1.09 %


def spending_weight(rank: int, decay: float) -> float:
    """Share (0-1) of alpha for the ``rank``-th test to open: ``rank^-decay - (rank+1)^-decay``.

    The shares telescope: the first K sum to ``1 - (K+1)^-decay``, so they never exceed one however
    many tests open, no number of tests need be fixed beforehand, and a share once given never
    changes. By Bonferroni all tests together keep the alpha. ``decay`` (above 0, at most 1) says how
    fast shares fall: 1 gives ``1/(k(k+1))``; 1/2 falls as ``k^-1.5``, kinder to late tests and less
    generous to the first. Raises ValueError outside these ranges.

    >>> round(spending_weight(1, 1.0), 12), round(spending_weight(2, 1.0), 12)
    (0.5, 0.166666666667)
    """
    if rank < 1 or not 0 < decay <= 1:
        raise ValueError("rank must be 1 or more, and decay above 0 and at most 1")
    lost = -math.expm1(-decay * math.log1p(1 / rank))
    return math.pow(rank, -decay) * lost


def round_alpha_down(alpha: float) -> float:
    """Return the largest power of 2^(1/64) that is not above ``alpha`` (above 0, at most 1).

    Critical values are costly and many tests have nearly the same alpha; on this grid they share them. A
    smaller alpha than allowed can only make false alarms rarer. Raises ValueError outside the range.

    >>> round_alpha_down(0.05) <= 0.05, round(round_alpha_down(0.05), 5)
    (True, 0.04979)
    """
    if not 0 < alpha <= 1:
        raise ValueError("alpha must be above 0 and at most 1")
    step = math.ceil(-math.log2(alpha) * STEPS_A_HALVING)
    found = math.pow(2.0, -step / STEPS_A_HALVING)
    return found if found <= alpha else math.pow(2.0, -(step + 1) / STEPS_A_HALVING)
