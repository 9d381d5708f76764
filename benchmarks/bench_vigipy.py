"""EBGM side by side with vigipy: on FDA's CAERS reports of 2012, and on about 100,000 synthetic pairs.

Both get the same table of pairs with their counts, and both expect what N = the sum of the counts gives, as vigipy
counts pairs and not reports. CPU seconds are those of fit and scores; vigipy's include making its dense table.
"""

import csv
import gzip
import importlib.util
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from exovigil.statistics.expected_counts import Margins
from exovigil.statistics.shrinkage import FitRefused, fit_prior
from exovigil.statistics.shrunken_ratio import shrunken_ratios

CAERS = Path(__file__).resolve().parents[2] / "shared/data/signals/caers/caers.csv.gz"


def caers() -> pd.DataFrame:
    """Pairs of CAERS with the distinct reports of each."""
    with gzip.open(CAERS, "rt", encoding="utf-8", newline="") as file:
        triples = {(row["id"], row["var1"], row["var2"]) for row in csv.DictReader(file)}
    pairs = sorted(Counter((product, event) for _, product, event in triples).items())
    return pd.DataFrame(
        [(product, event, count) for (product, event), count in pairs], columns=["name", "AE", "count"]
    )


def synthetic() -> pd.DataFrame:
    """A table like that of a quarter of FAERS: Zipf margins, most cells empty, a tenth of the ratios raised."""
    rng = np.random.default_rng(2022)
    rows = 20_000 * (1 + np.arange(1300) / 5) ** -1.2
    columns = 20_000 * (1 + np.arange(2600) / 5) ** -1.1
    mean = np.outer(rows, columns) / 400_000
    raised = rng.random(mean.shape) < 0.1
    ratio = np.where(raised, rng.gamma(0.5, 10.0, mean.shape), rng.gamma(0.6, 1 / 0.9, mean.shape))
    product, event = np.nonzero(counts := rng.poisson(ratio * mean))
    return pd.DataFrame({"name": product, "AE": event, "count": counts[product, event]})


def ours(table: pd.DataFrame) -> None:
    product, products = pd.factorize(table["name"])
    event, events = pd.factorize(table["AE"])
    counts = table["count"].to_numpy()
    margins = Margins.of(
        np.bincount(product, counts, len(products)), np.bincount(event, counts, len(events)), counts.sum()
    )
    start = time.process_time()
    expected = margins.expected(product, event)
    try:
        fit = fit_prior(counts, expected, margins=margins)
    except FitRefused as refused:
        print(f"  exovigil: {time.process_time() - start:.1f} CPU s, refused: {refused}")
        return
    found = shrunken_ratios(counts, expected, fit.prior)
    print(
        f"  exovigil: {time.process_time() - start:.1f} CPU s, "
        f"{np.count_nonzero(found.eb05 >= 2):,} pairs with EB05 ≥ 2, {fit.likelihood}, "
        f"{fit.agreeing} of {fit.starts} starts agree"
    )


def theirs(table: pd.DataFrame) -> None:
    import vigipy

    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = vigipy.gps(
            vigipy.convert(table),
            min_events=1,
            decision_metric="rank",
            decision_thres=2,
            ranking_statistic="quantile",
        )
    print(
        f"  vigipy:   {time.process_time() - start:.1f} CPU s, {found.num_signals:,} pairs with EB05 ≥ 2, "
        f"one start: {found.param['convergence']}"
    )


def main() -> None:
    installed = importlib.util.find_spec("vigipy") is not None
    tables = {"synthetic": synthetic, "CAERS 2012": caers} if CAERS.exists() else {"synthetic": synthetic}
    if not CAERS.exists():
        print("CAERS is not on this machine; the synthetic pairs only.")
    for name, make in tables.items():
        table = make()
        print(f"{name}, {len(table):,} pairs")
        ours(table)
        if installed:
            theirs(table)
    if not installed:
        print("vigipy is not installed, so there is nothing to compare with: make bench installs it.")


if __name__ == "__main__":
    main()
