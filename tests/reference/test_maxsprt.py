"""Poisson MaxSPRT critical values as published; these numbers never change to fit the code.

No minimum number of events: Kulldorff et al. 2011, Sequential Analysis 30:58-78, table 1.
With a minimum: Kulldorff & Silva 2017, REVSTAT 15:373-394, as tabulated in the R package
Sequential (CRAN), which computes alpha to 1e-8.
"""

import pytest

from exovigil.statistics.maxsprt import poisson_critical_value

WITHOUT_MINIMUM = {  # upper limit: critical values at alpha 0.05, 0.01, 0.001
    0.1: (2.044069, 4.119293, 6.579669),
    0.2: (2.266893, 4.179630, 6.754862),
    0.5: (2.637928, 4.483740, 7.034472),
    1: (2.853937, 4.670428, 7.172614),
    2: (3.046977, 4.862223, 7.341453),
    5: (3.297183, 5.091907, 7.569312),
    10: (3.467952, 5.260513, 7.724863),
    20: (3.628123, 5.414770, 7.877573),
    50: (3.819903, 5.605972, 8.067072),
    100: (3.952321, 5.738974, 8.199403),
    200: (4.074828, 5.862113, 8.322983),
    500: (4.222632, 6.011088, 8.473183),
    1000: (4.324917, 6.114225, 8.577253),
}
MINIMUMS = (1, 2, 3, 4, 6, 8, 10)
WITH_MINIMUM = {  # upper limit: critical values at alpha 0.05, one a minimum number of events
    1: (2.853937, 2.366638, 1.774218),
    1.5: (2.964971, 2.576390, 2.150707, 1.683209),
    2: (3.046977, 2.689354, 2.349679, 2.000158),
    3: (3.162106, 2.849327, 2.565320, 2.317139, 1.766485),
    10: (3.467952, 3.238009, 3.064248, 2.921561, 2.690586, 2.484834, 2.281441),
    50: (3.819903, 3.657142, 3.544826, 3.455521, 3.317955, 3.210428, 3.117553),
    200: (4.074828, 3.948930, 3.862762, 3.796835, 3.696511, 3.619825, 3.556799),
    1000: (4.324917, 4.226412, 4.160022, 4.109665, 4.034210, 3.977453, 3.931529),
}


@pytest.mark.parametrize("upper_limit", WITHOUT_MINIMUM)
def test_table_1_of_kulldorff_2011(upper_limit):
    for alpha, published in zip((0.05, 0.01, 0.001), WITHOUT_MINIMUM[upper_limit], strict=True):
        found = poisson_critical_value(upper_limit=upper_limit, alpha=alpha)
        assert found.value == pytest.approx(published, abs=1e-5 if alpha > 0.001 else 3e-5)
        assert found.attained


@pytest.mark.parametrize("upper_limit", WITH_MINIMUM)
def test_minimum_events_of_kulldorff_and_silva_2017(upper_limit):
    for minimum, published in zip(MINIMUMS, WITH_MINIMUM[upper_limit], strict=False):
        found = poisson_critical_value(upper_limit=upper_limit, alpha=0.05, min_events=minimum)
        assert found.value == pytest.approx(published, abs=1e-5)
