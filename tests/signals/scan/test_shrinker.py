"""The prior of a scan: from the pairs, from all cells where the pairs fail, or none, with the reason."""

import numpy as np
import pytest

from exovigil.signals.scan.shrinker import Shrinker
from exovigil.signals.scan.sources import WholeTable
from exovigil.statistics.shrinkage import ALL_CELLS, CONSENSUS, RULE
from tests.statistics.test_shrinkage import zipf_table


def like_faers(rng, size):
    raised = rng.random(size) < 0.1
    return np.where(raised, rng.gamma(0.5, 10.0, size), rng.gamma(0.6, 1 / 0.9, size))


def test_a_table_like_faers_falls_to_all_cells_and_says_so():
    """About 100,000 pairs, on which the fit of the observed pairs degenerates."""
    counts, expected, margins = zipf_table(1, ratios=like_faers)
    shrinker = Shrinker.of(WholeTable(counts, expected, margins))
    said = shrinker.said()
    assert said["state"] == "fitted"
    assert said["likelihood"] == ALL_CELLS
    assert "runs to its bound" in said["other"]
    assert (said["rule"], said["consensus"]) == (RULE, CONSENSUS)
    scores = shrinker.scores(counts[:1000], expected[:1000])
    assert np.all(scores["eb05"] < scores["ebgm"])
    assert np.all(scores["ebgm"] < scores["eb95"])


@pytest.mark.parametrize("pairs", [0, 3])
def test_no_prior_no_numbers(pairs):
    shrinker = Shrinker("refused", reason="because")
    assert all(
        np.isnan(values).all() and len(values) == pairs
        for values in shrinker.scores(np.ones(pairs, np.int64), np.ones(pairs)).values()
    )
    assert shrinker.said()["reason"] == "because"


def test_a_table_without_any_signal_is_refused():
    counts, expected, margins = zipf_table(
        2, ratios=lambda rng, size: np.ones(size), products=300, events=600, reports=20_000
    )
    shrinker = Shrinker.of(WholeTable(counts, expected, margins))
    assert (shrinker.state, shrinker.fit) == ("refused", None)
    assert "observed pairs" in shrinker.reason
    assert "all cells" in shrinker.reason
