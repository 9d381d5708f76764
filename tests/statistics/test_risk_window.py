"""The elapsed share of a risk window against counting its days."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.statistics.risk_window import elapsed_share


@given(start=st.integers(0, 60), length=st.integers(0, 120), day=st.integers(-30, 400))
def test_share_is_the_days_of_the_window_gone_by_over_its_days(start, length, day):
    window = range(start, start + length + 1)
    (found,) = elapsed_share(np.array([day]), start=start, end=start + length)
    assert found == pytest.approx(sum(d <= day for d in window) / len(window))


def test_the_last_day_completes_the_window():
    assert elapsed_share(np.array([13, 14, 92, 93]), start=14, end=92).tolist() == [0.0, 1 / 79, 1.0, 1.0]


def test_a_window_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="must not end"):
        elapsed_share(np.array([1]), start=5, end=4)
