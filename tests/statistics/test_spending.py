"""Alpha shared among tests that keep opening: the shares never sum to more than one."""

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.statistics.spending import spending_weight


def test_decay_one_is_one_over_k_times_k_plus_one():
    for rank in (1, 2, 3, 1000):
        assert spending_weight(rank, 1.0) == pytest.approx(float(Fraction(1, rank * (rank + 1))))


@given(tests=st.integers(1, 3000), decay=st.floats(0.01, 1))
def test_shares_telescope_fall_and_never_exceed_one(tests, decay):
    shares = [spending_weight(rank, decay) for rank in range(1, tests + 1)]
    assert math.fsum(shares) == pytest.approx(1 - (tests + 1) ** -decay)
    assert math.fsum(shares) < 1
    assert all(earlier > later > 0 for earlier, later in pairwise(shares))


@pytest.mark.parametrize(("rank", "decay"), [(0, 0.5), (1, 0.0), (1, 1.1)])
def test_out_of_range_is_refused(rank, decay):
    with pytest.raises(ValueError, match="must"):
        spending_weight(rank, decay)
