"""A scan from store to file: its columns, what it says of EBGM, and how it refuses."""

import csv
import gzip
import json

import numpy as np
import pytest

from exovigil.signals.scan import run as run_module
from exovigil.signals.scan.population import Population
from exovigil.signals.scan.run import Choice, scan
from exovigil.signals.scan.table import COLUMNS
from exovigil.signals.store import StoreError
from exovigil.statistics import shrinkage
from exovigil.statistics.shrinkage import OBSERVED, RULE
from tests.signals.scan.parity import assert_same, rows
from tests.signals.scan.stores import Reports, some_reports


def many_pairs(seed=4):
    """A store with pairs enough for a prior: a few products go with reactions of their own."""
    rng = np.random.default_rng(seed)
    made = Reports()
    for number in range(4000):
        made.people[number] = (None, None, None)
        product = min(int(rng.zipf(1.4)), 200)
        reaction = product if rng.random() < 0.08 else min(int(rng.zipf(1.4)), 300)
        made.products.append((number, f"P{product:03d}", "suspect"))
        made.reactions.append((number, f"R{reaction:03d}"))
    return made


def test_columns_are_those_promised(tmp_path):
    promised = (
        "product, reaction, n, expected, prr, prr_low, prr_high, ror, ror_low, ror_high, chi2, ic, ic025, "
        "ebgm, eb05, eb95"
    )
    out = tmp_path / "pairs.csv"
    scan(some_reports(50, 1).write(tmp_path / "store"), out, Choice())
    with out.open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == promised.split(", ") == list(COLUMNS)


def test_csv_and_parquet_hold_the_same(tmp_path):
    store = many_pairs().write(tmp_path / "store")
    for ending in ("csv", "parquet"):
        scan(store, tmp_path / f"pairs.{ending}", Choice())
    one, two = rows(tmp_path / "pairs.csv"), rows(tmp_path / "pairs.parquet")
    assert_same(one, two)


def test_what_the_numbers_rest_on_is_said(tmp_path):
    out = tmp_path / "pairs.parquet"
    summary = scan(many_pairs().write(tmp_path / "store", snapshot="abc"), out, Choice(min_n=3))
    said = json.loads((tmp_path / "pairs.parquet.about.json").read_text(encoding="utf-8"))
    assert said["ebgm"]["likelihood"] == summary.ebgm["likelihood"] == OBSERVED
    assert said["ebgm"]["rule"] == RULE
    assert said["ebgm"]["agreeing"] >= 3
    assert (said["snapshot"], said["engine"], said["roles"]) == ("abc", "kernel", ["suspect"])
    assert "faster" in said["engine_because"]
    assert 0 < said["rows"] == len(rows(out)) < said["pairs"]
    assert all(row["n"] >= 3 for row in rows(out))
    assert said["eb05_at_least_2"] == sum(row["eb05"] >= 2 for row in rows(out)) > 0


def test_the_fewest_reports_listed_do_not_change_the_fit(tmp_path):
    store = many_pairs().write(tmp_path / "store")
    scan(store, tmp_path / "all.parquet", Choice())
    scan(store, tmp_path / "some.parquet", Choice(min_n=3))
    assert_same(
        [row for row in rows(tmp_path / "all.parquet") if row["n"] >= 3], rows(tmp_path / "some.parquet")
    )


@pytest.mark.parametrize("engine", ["kernel", "duckdb"])
def test_a_refused_fit_gives_no_numbers_and_says_why(tmp_path, monkeypatch, engine):
    ends = iter(range(1000))
    monkeypatch.setattr(
        shrinkage, "_descend", lambda objective, start: shrinkage._End(5.0 + 0.1 * next(ends), start)
    )
    out = tmp_path / "pairs.parquet"
    summary = scan(many_pairs().write(tmp_path / "store"), out, Choice(engine=engine))
    assert summary.refused
    assert summary.eb05_at_least_2 is None
    assert "only 1 of 6 starts agree" in summary.ebgm["reason"]
    assert "all cells" in summary.ebgm["reason"]
    assert all(row["ebgm"] is row["eb05"] is row["eb95"] is None for row in rows(out))
    assert all(row["ic"] is not None for row in rows(out))


def test_too_few_pairs_for_a_prior_are_no_refusal(tmp_path):
    summary = scan(some_reports(8, 1).write(tmp_path / "store"), tmp_path / "pairs.csv", Choice())
    assert summary.ebgm["state"] == "too few pairs"
    assert not summary.refused
    assert all(row["ebgm"] in (None, "") for row in rows(tmp_path / "pairs.csv"))


@pytest.mark.parametrize("engine", ["kernel", "duckdb"])
def test_a_store_without_any_pair_gives_an_empty_table(tmp_path, engine):
    empty = Reports({1: (None, None, None)}, [(1, "A", "concomitant")], [(1, "x")])
    summary = scan(
        empty.write(tmp_path / "store"),
        tmp_path / "pairs.parquet",
        Choice(Population(("suspect",), ("sex",)), engine),
    )
    assert (summary.rows, summary.pairs, summary.reports) == (0, 0, 0)
    assert rows(tmp_path / "pairs.parquet") == []


def test_a_scan_that_fails_leaves_the_table_before_it(tmp_path, monkeypatch):
    store, out = some_reports(50, 1).write(tmp_path / "store"), tmp_path / "pairs.csv"
    scan(store, out, Choice())
    before = out.read_bytes()
    monkeypatch.setattr(run_module, "_write", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        scan(store, out, Choice(min_n=2))
    assert out.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs.csv", "pairs.csv.about.json", "store"]


@pytest.mark.parametrize(
    ("choice", "name", "words"),
    [
        (Choice(engine="abacus"), "pairs.csv", "no engine 'abacus'"),
        (Choice(min_n=0), "pairs.csv", "1 or more"),
        (Choice(), "pairs.xlsx", r"\.csv or \.parquet"),
    ],
)
def test_impossible_choices_are_refused(tmp_path, choice, name, words):
    with pytest.raises(ValueError, match=words):
        scan(some_reports(5, 1).write(tmp_path / "store"), tmp_path / name, choice)


def test_an_empty_folder_is_no_store(tmp_path):
    with pytest.raises(StoreError, match="signals import"):
        scan(tmp_path, tmp_path / "pairs.csv", Choice())


def test_a_store_too_large_for_memory_is_given_to_duckdb(tmp_path, monkeypatch):
    monkeypatch.setattr(run_module, "_BYTES_A_ROW", 1e15)
    summary = scan(some_reports(50, 1).write(tmp_path / "store"), tmp_path / "pairs.csv", Choice())
    assert summary.engine == "duckdb"
    assert "would not fit" in summary.engine_because


@pytest.fixture
def caers(shared, tmp_path):
    """FDA's CAERS reports of 2012 as a store."""
    path = shared / "data/signals/caers/caers.csv.gz"
    if not path.exists():
        pytest.skip("the CAERS reports are not here")
    made = Reports()
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            number = int(row["id"])
            made.people[number] = (row["strat1"], None, None)
            made.products.append((number, row["var1"], "suspect"))
            made.reactions.append((number, row["var2"]))
    return made.write(tmp_path / "store")


@pytest.fixture
def published(shared):
    path = shared / "data/signals/caers/caers_openEBGM_0.9.1_scores.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return {(row["var1"], row["var2"]): row for row in csv.DictReader(file)}


def test_caers_from_store_to_table(caers, published, tmp_path):
    """As openEBGM 0.9.1 gives it: 17,189 pairs, every EBGM and EB05 within 0.01, 131 signals."""
    summary = scan(caers, tmp_path / "pairs.parquet", Choice())
    assert (summary.reports, summary.pairs, summary.eb05_at_least_2) == (3356, 17_189, 131)
    found = rows(tmp_path / "pairs.parquet")
    for row in found:
        told = published[row["product"], row["reaction"]]
        assert row["n"] == int(told["N"])
        assert row["expected"] == pytest.approx(float(told["E"]), rel=1e-9)
        for name in ("ebgm", "eb05"):
            assert row[name] == pytest.approx(float(told[name.upper()]), abs=0.01)


def test_caers_by_sex(caers, tmp_path):
    summary = scan(caers, tmp_path / "pairs.parquet", Choice(Population(("suspect",), ("sex",))))
    assert summary.eb05_at_least_2 == 61
    prior = summary.ebgm["prior"]
    assert tuple(prior.values()) == pytest.approx((24.3530, 2.3410, 3.5117, 2.9125, 0.0318), rel=3e-3)
