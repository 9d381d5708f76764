"""The Ibis expression on DuckDB against plain Python on 1,000 reports, and against the kernel."""

import math

import pytest
from scipy.stats import gamma

from exovigil.signals.scan.population import Population
from exovigil.signals.scan.run import Choice, scan
from tests.signals.scan.parity import assert_same, rows
from tests.signals.scan.stores import Reports, slow_count, slow_measures, some_reports

CHOICES = [
    Population(),
    Population(("suspect", "interacting"), ("sex",)),
    Population(("suspect",), ("sex", "age", "year")),
    Population(("concomitant",), ("age",)),
]


@pytest.mark.parametrize("engine", ["duckdb", "kernel"])
@pytest.mark.parametrize("population", CHOICES)
def test_every_number_is_that_of_plain_python(tmp_path, engine, population):
    reports = some_reports(1000, 11)
    out = tmp_path / "pairs.parquet"
    scan(reports.write(tmp_path / "store"), out, Choice(population, engine, ebgm=False))
    counted = slow_count(reports, population.roles, population.strata)
    found = {(row["product"], row["reaction"]): row for row in rows(out)}
    assert list(found) == sorted(counted.pairs)
    for pair, row in found.items():
        assert row["n"] == counted.pairs[pair]
        assert row["expected"] == pytest.approx(counted.expected[pair], rel=1e-12)
        measures = slow_measures(counted, pair)
        for name in ("prr", "prr_low", "prr_high", "ror", "ror_low", "ror_high", "chi2", "ic"):
            assert name in measures if row[name] is not None else name not in measures
            assert row[name] is None or row[name] == pytest.approx(measures[name], rel=1e-9, abs=1e-9)
        quantile = gamma.ppf(0.025, row["n"] + 0.5, scale=1 / (row["expected"] + 0.5))
        assert row["ic025"] == pytest.approx(math.log2(quantile), rel=1e-9)


@pytest.mark.parametrize("population", CHOICES)
def test_kernel_and_expression_agree(tmp_path, population):
    store = some_reports(2000, 12, products=40, reactions=60).write(tmp_path / "store")
    for engine in ("kernel", "duckdb"):
        scan(store, tmp_path / f"{engine}.parquet", Choice(population, engine))
    assert_same(rows(tmp_path / "kernel.parquet"), rows(tmp_path / "duckdb.parquet"))


def edge(products, reactions):
    numbers = {report for report, _ in (*products, *reactions)}
    return Reports(
        {number: (None, None, None) for number in numbers},
        [(r, p, "suspect") for r, p in products],
        reactions,
    )


EDGES = {
    "one report": edge([(1, "A")], [(1, "x")]),
    "product in every report": edge([(1, "A"), (2, "A"), (3, "A")], [(1, "x"), (2, "y"), (3, "y")]),
    "reaction in every report": edge([(1, "A"), (2, "B"), (3, "B")], [(1, "x"), (2, "x"), (3, "x")]),
    "apart": edge([(1, "A"), (2, "B")], [(1, "x"), (2, "y")]),
}


@pytest.mark.parametrize("name", EDGES)
@pytest.mark.parametrize("engine", ["duckdb", "kernel"])
def test_tables_with_empty_cells(tmp_path, engine, name):
    """Nothing is filled with a half: over zero is infinite, and what cannot be said is missing."""
    reports, out = EDGES[name], tmp_path / "pairs.csv"
    scan(reports.write(tmp_path / "store"), out, Choice(engine=engine))
    counted = slow_count(reports)
    for row in rows(out):
        measures = slow_measures(counted, (row["product"], row["reaction"]))
        for column in ("prr", "prr_low", "prr_high", "ror", "ror_low", "ror_high", "chi2", "ic"):
            expected = measures.get(column)
            assert row[column] in ("", None) if expected is None else row[column] == pytest.approx(expected)
