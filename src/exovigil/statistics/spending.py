"""Sharing one chance of a false alarm among tests that open one after another, without end."""

import math


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
