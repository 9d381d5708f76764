"""Disproportionality of a product-event pair among spontaneous reports, from its 2 × 2 table.

All counts are of distinct reports: ``a`` with product and event, ``b`` with the product only, ``c`` with
the event only, ``d`` with neither. Such ratios say that a pair is reported out of proportion, not
that the product causes the event, and not how often.

PRR: Evans, Waller & Davis 2001 (Pharmacoepidemiology and Drug Safety 10:483-486), chi-square with
Yates' correction. ROR: van Puijenbroek et al. 2002 (same journal 11:3-10); both with 95 % Wald
intervals on the logarithm. IC: Norén, Hopstadius & Bate 2013 (Statistical Methods in Medical Research
22:57-69), log2((a + 1/2) / (E + 1/2)), its bounds the exact 2.5 % and 97.5 % quantiles of the
gamma(a + 1/2, E + 1/2) posterior (not the normal or the closed-form approximation).

Zero cells are never filled with a made-up half. A ratio over zero is infinite, zero over zero is not a
number, and an interval that rests on a zero cell is not a number; ``zero_cell`` marks those pairs. IC and
chi-square need no such exception, except where a margin is empty (chi-square: not a number).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv

FloatArray = NDArray[np.float64]

Z = 1.959963984540054  # standard normal quantile at 0.975
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Tables:
    """2 × 2 tables, one a pair, as floats that hold whole numbers of reports."""

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray

    @classmethod
    def of(cls, pairs: ArrayLike, products: ArrayLike, events: ArrayLike, total: ArrayLike) -> "Tables":
        """Tables from reports of the pair, of its product, of its event and in all, broadcast together.

        Raises ValueError when the counts cannot come from one set of distinct reports; the usual
        cause is counting rows in place of reports.
        """
        a, product, event, everything = np.broadcast_arrays(
            *(np.asarray(counts, dtype=np.float64) for counts in (pairs, products, events, total))
        )
        b, c, d = product - a, event - a, everything - product - event + a
        for cell in (a, b, c, d):
            if not (np.all(cell >= 0) and np.all(cell == np.floor(cell)) and np.all(np.isfinite(cell))):
                raise ValueError("these counts are not of distinct reports: a cell is negative or not whole")
        return cls(a.copy(), b, c, d)

    @property
    def expected(self) -> FloatArray:
        """Reports of the pair to be expected if product and event were independent."""
        total = self.a + self.b + self.c + self.d
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((self.a + self.b) * (self.a + self.c) / total, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Disproportionality:
    """Measures with 95 % intervals, one value a pair; see the module for methods and zero cells.

    ``observed``, ``expected``: reports. ``prr``, ``ror``: ratios. ``chi_squared``: one degree of
    freedom, Yates. ``ic``, ``ic025``, ``ic975``: base-2 logarithms. ``zero_cell``: a cell is zero.
    """

    observed: FloatArray
    expected: FloatArray
    prr: FloatArray
    prr_low: FloatArray
    prr_high: FloatArray
    ror: FloatArray
    ror_low: FloatArray
    ror_high: FloatArray
    chi_squared: FloatArray
    ic: FloatArray
    ic025: FloatArray
    ic975: FloatArray
    zero_cell: NDArray[np.bool_]


def disproportionality(tables: Tables, expected: FloatArray | None = None) -> Disproportionality:
    """PRR, ROR, chi-square and IC of every table at once.

    ``expected``: reports to be expected of each pair when they come from strata; then the IC rests on
    them. PRR, ROR and chi-square are always those of the table.

    >>> found = disproportionality(Tables.of(25, 100, 500, 20_000))
    >>> round(float(found.prr), 3), round(float(found.ror), 3), round(float(found.ic), 3)
    (10.474, 13.632, 3.087)
    """
    a, b, c, d = tables.a, tables.b, tables.c, tables.d
    expected = tables.expected if expected is None else expected
    with np.errstate(divide="ignore", invalid="ignore"):
        prr = a * (c + d) / ((a + b) * c)
        prr_spread = Z * np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
        ror = a * d / (b * c)
        ror_spread = Z * np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        no_prr_interval, no_ror_interval = (a == 0) | (c == 0), (a == 0) | (b == 0) | (c == 0) | (d == 0)
        prr_bounds = _bounds(prr, prr_spread, no_prr_interval)
        ror_bounds = _bounds(ror, ror_spread, no_ror_interval)
    ic, ic025, ic975 = information_component(a, expected)
    return Disproportionality(
        observed=a,
        expected=expected,
        prr=np.asarray(prr),
        prr_low=prr_bounds[0],
        prr_high=prr_bounds[1],
        ror=np.asarray(ror),
        ror_low=ror_bounds[0],
        ror_high=ror_bounds[1],
        chi_squared=_yates(tables),
        ic=ic,
        ic025=ic025,
        ic975=ic975,
        zero_cell=np.asarray(no_ror_interval, dtype=np.bool_),
    )


def _bounds(
    ratio: FloatArray, spread: FloatArray, missing: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    low = np.where(missing, np.nan, ratio * np.exp(-spread))
    high = np.where(missing, np.nan, ratio * np.exp(spread))
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)


def _yates(tables: Tables) -> FloatArray:
    """Chi-square with Yates' correction, which never takes more than the whole difference away."""
    a, b, c, d = tables.a, tables.b, tables.c, tables.d
    total = a + b + c + d
    gap = np.maximum(np.abs(a * d - b * c) - total / 2, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        squared = (gap / (a + b)) * (gap / (c + d)) / (a + c) / (b + d) * total
    return np.asarray(squared, dtype=np.float64)


def information_component(
    observed: FloatArray, expected: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """IC with its 2.5 % and 97.5 % posterior quantiles (base-2 logarithms)."""
    levels, which = distinct_counts(observed.ravel())
    tail = (1 - LEVEL) / 2
    above = (levels + 0.5, gammaincinv(levels + 0.5, tail), gammaincinv(levels + 0.5, 1 - tail))
    below = np.log2(expected + 0.5)
    ic, low, high = (np.log2(values)[which].reshape(observed.shape) - below for values in above)
    return ic, low, high


_LONGEST_LADDER = 16  # counts that repeat are looked up in a ladder up to this many times as long as they


def distinct_counts(counts: ArrayLike) -> tuple[FloatArray, NDArray[np.intp]]:
    """Distinct counts, ascending, and the place of each count among them.

    As ``np.unique`` with its inverse, but without a sort when the counts are low, as most are: what is
    dear to compute from a count is computed once a distinct count. Counts are whole and not negative.
    """
    whole = np.asarray(counts).astype(np.int64)
    most = int(whole.max(initial=0))
    if most > _LONGEST_LADDER * len(whole) + 1000:
        levels, which = np.unique(whole, return_inverse=True)
        return levels.astype(np.float64), which
    there = np.zeros(most + 1, np.bool_)
    there[whole] = True
    return np.flatnonzero(there).astype(np.float64), (np.cumsum(there) - 1)[whole]
