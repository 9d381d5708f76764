"""Reports to be expected of each pair if product and event had nothing to do with each other.

Counts are of distinct reports. Within a stratum (a sex, an age band, a year) the expected count is
the product's reports times the event's reports over all reports; strata are added up, so that a
product and an event that share only their kind of patient are not taken for a pair. Mantel &
Haenszel 1959; DuMouchel 1999 (American Statistician 53:177-190) for its use with reports.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SQUASH_WIDTH = 0.02  # natural-log width of the bins of expected count that share one point
_LARGEST_TABLE = 4_000_000_000  # cells of a table of margins that one machine walks through
_CHUNK = 4_000_000  # cells held at a time


@dataclass(frozen=True, slots=True)
class Margins:
    """Distinct reports by product (products × strata), by event (events × strata) and in all (strata)."""

    products: FloatArray
    events: FloatArray
    totals: FloatArray

    @classmethod
    def of(cls, products: ArrayLike, events: ArrayLike, totals: ArrayLike) -> "Margins":
        """Check and shape the margins; one-dimensional products and events mean a single stratum.

        Raises ValueError when the strata do not match, when a margin is negative or larger than its
        stratum, or when nothing was reported.
        """
        total = np.atleast_1d(np.asarray(totals, dtype=np.float64))
        rows, columns = (_two_dimensional(margin) for margin in (products, events))
        if rows.shape[1] != len(total) or columns.shape[1] != len(total):
            raise ValueError("products, events and totals must have the same strata")
        for margin in (rows, columns):
            if not (np.all(margin >= 0) and np.all(margin <= total)):
                raise ValueError("a margin must lie between 0 and the reports of its stratum")
        if not total.sum() > 0:
            raise ValueError("there must be at least one report")
        return cls(rows, columns, total)

    def expected(self, product: IntArray, event: IntArray) -> FloatArray:
        """Expected reports of each pair, given as row numbers into products and events."""
        return _expected(self.products[product], self.events[event], self.totals)


@dataclass(frozen=True, slots=True)
class Points:
    """Counts with their expected counts; ``weights`` says how many cells each point stands for."""

    counts: IntArray
    expected: FloatArray
    weights: FloatArray

    @property
    def cells(self) -> int:
        """Cells that the points stand for."""
        return round(float(self.weights.sum()))


def squash(counts: IntArray, expected: FloatArray, *, width: float = SQUASH_WIDTH) -> Points:
    """Cells of equal count and nearly equal expected count as one point at their mean expected count.

    Bins are ``width`` wide in the natural logarithm, so the error is of second order in it: with the
    default the log-likelihood of a cell moves by less than 1e-4. Cells and sums are kept exactly.
    """
    levels, level = np.unique(counts, return_inverse=True)
    bins = _bins(expected, width)
    span = int(bins.max()) + 1
    keys, point = np.unique(level * span + bins, return_inverse=True)
    weights = np.bincount(point, minlength=len(keys)).astype(np.float64)
    means = np.bincount(point, weights=expected, minlength=len(keys)) / weights
    return Points(np.asarray(levels[keys // span], dtype=np.int64), means, weights)


def zero_cells(margins: Margins, expected: FloatArray, *, width: float = SQUASH_WIDTH) -> Points:
    """Squash the cells of the whole product × event table that hold no report.

    ``expected`` holds what ``margins.expected`` gave for every observed pair; those cells are
    taken out. Cells without any expected report say nothing and are left out. Raises ValueError when
    the observed pairs are not cells of this table, or the table is too large to walk through.
    """
    rows, row_weights = np.unique(margins.products, axis=0, return_counts=True)
    columns, column_weights = np.unique(margins.events, axis=0, return_counts=True)
    if len(rows) * len(columns) > _LARGEST_TABLE:
        raise ValueError("the table has too many different margins; use fewer strata")
    slots = 1 + int(_bins(np.asarray([margins.totals.sum()]), width)[0])
    cells, sums = np.zeros(slots), np.zeros(slots)
    step = max(1, _CHUNK // len(columns))
    for start in range(0, len(rows), step):
        part = _expected(rows[start : start + step, np.newaxis, :], columns[np.newaxis, :, :], margins.totals)
        weight = np.multiply.outer(row_weights[start : start + step], column_weights)[part > 0].ravel()
        part = part[part > 0].ravel()
        where = _bins(part, width)
        cells += np.bincount(where, weights=weight, minlength=slots)
        sums += np.bincount(where, weights=weight * part, minlength=slots)
    taken = _bins(expected, width)
    cells -= np.bincount(taken, minlength=slots)
    sums -= np.bincount(taken, weights=expected, minlength=slots)
    if np.any(cells < 0):
        raise ValueError("the observed pairs are not cells of the table that these margins make")
    kept = (cells > 0) & (sums > 0)
    return Points(np.zeros(int(kept.sum()), dtype=np.int64), sums[kept] / cells[kept], cells[kept])


def _two_dimensional(margin: ArrayLike) -> FloatArray:
    array = np.asarray(margin, dtype=np.float64)
    return array[:, np.newaxis] if array.ndim == 1 else array


def _expected(products: FloatArray, events: FloatArray, totals: FloatArray) -> FloatArray:
    """One order of operations for pairs and for whole tables, so that the same cell gives the same float."""
    found = np.zeros(np.broadcast_shapes(products.shape[:-1], events.shape[:-1]))
    for stratum, total in enumerate(totals):
        if total > 0:
            found += products[..., stratum] * events[..., stratum] / total
    return found


_SMALLEST_EXPECTED = 1e-12


def _bins(expected: FloatArray, width: float) -> IntArray:
    logs = np.log(np.maximum(expected, _SMALLEST_EXPECTED) / _SMALLEST_EXPECTED)
    return np.asarray(logs / width, dtype=np.int64)
