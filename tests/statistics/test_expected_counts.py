"""Expected counts over strata and squashing, against the whole table written out cell by cell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.statistics.expected_counts import Margins, squash, zero_cells


def a_table(seed, products=7, events=9, strata=2):
    rng = np.random.default_rng(seed)
    totals = rng.integers(50, 200, strata)
    rows = rng.integers(0, totals // 2, (products, strata))
    columns = rng.integers(0, totals // 2, (events, strata))
    return rows, columns, totals


def every_cell(rows, columns, totals):
    """Expected reports of each cell by plain loops."""
    return {
        (i, j): sum(row[s] * column[s] / totals[s] for s in range(len(totals)))
        for i, row in enumerate(rows.tolist())
        for j, column in enumerate(columns.tolist())
    }


@given(seed=st.integers(0, 10_000), strata=st.integers(1, 4))
@settings(max_examples=50, deadline=None)
def test_expected_counts_and_empty_cells_make_up_the_whole_table(seed, strata):
    rows, columns, totals = a_table(seed, strata=strata)
    cells = every_cell(rows, columns, totals)
    margins = Margins.of(rows, columns, totals)
    possible = [cell for cell, expected in cells.items() if expected > 0]
    seen = [possible[k] for k in np.random.default_rng(seed).permutation(len(possible))[: len(possible) // 3]]
    product, event = (np.array([cell[side] for cell in seen], dtype=int) for side in (0, 1))
    expected = margins.expected(product, event)
    np.testing.assert_allclose(expected, [cells[cell] for cell in seen], rtol=1e-12)
    empty = zero_cells(margins, expected)
    assert empty.cells == len(possible) - len(seen)
    assert np.all(empty.counts == 0)
    wanted = sum(cells[cell] for cell in possible) - sum(cells[cell] for cell in seen)
    assert (empty.expected * empty.weights).sum() == pytest.approx(wanted, rel=1e-9)


def test_one_stratum_is_the_product_of_the_margins_over_all_reports():
    margins = Margins.of([10, 20], [5, 8], 100)
    assert margins.expected(np.array([1]), np.array([1])).tolist() == [20 * 8 / 100]


def test_strata_part_a_confounded_pair():
    """All of the product's and of the event's reports are of women: within women they are independent."""
    apart = Margins.of([[20, 0]], [[10, 0]], [40, 60])
    together = Margins.of([20], [10], [100])
    first = np.array([0])
    assert apart.expected(first, first).tolist() == [5.0]
    assert together.expected(first, first).tolist() == [2.0]


@given(
    counts=st.lists(st.integers(1, 5), min_size=1, max_size=60),
    seed=st.integers(0, 1000),
)
@settings(deadline=None)
def test_squashing_keeps_cells_sums_and_counts_and_hardly_moves_expected_counts(counts, seed):
    counts = np.array(counts)
    expected = np.exp(np.random.default_rng(seed).normal(-1, 3, len(counts)))
    points = squash(counts, expected)
    assert points.cells == len(counts)
    assert (points.weights * points.expected).sum() == pytest.approx(expected.sum())
    for count in np.unique(counts):
        assert points.weights[points.counts == count].sum() == np.count_nonzero(counts == count)
    for count, mean in zip(counts, expected, strict=True):
        assert np.min(np.abs(np.log(points.expected[points.counts == count] / mean))) < 0.0201


@pytest.mark.parametrize(
    ("rows", "columns", "totals", "words"),
    [
        ([[1, 2]], [[1]], [3], "same strata"),
        ([4], [1], [3], "between 0 and the reports"),
        ([-1], [1], [3], "between 0 and the reports"),
        ([0], [0], [0], "at least one report"),
    ],
)
def test_impossible_margins_are_refused(rows, columns, totals, words):
    with pytest.raises(ValueError, match=words):
        Margins.of(rows, columns, totals)


def test_pairs_of_another_table_are_refused():
    with pytest.raises(ValueError, match="not cells of the table"):
        zero_cells(Margins.of([10, 20], [5, 8], 100), np.array([17.0]))
