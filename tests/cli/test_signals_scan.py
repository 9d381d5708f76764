"""``exovigil signals scan`` from the command line: what it prints, and how it ends."""

import datetime as dt
import json

import pytest
from typer.testing import CliRunner

from exovigil import __version__
from exovigil.cli.app import app
from exovigil.signals.scan import spark
from exovigil.signals.store import open_store
from exovigil.statistics import shrinkage
from tests.signals.scan.parity import rows
from tests.signals.scan.stores import some_reports
from tests.signals.scan.test_run import many_pairs


def ran(*arguments):
    return CliRunner().invoke(app, ["signals", "scan", *(str(argument) for argument in arguments)])


@pytest.fixture
def store(tmp_path):
    return many_pairs().write(tmp_path / "store")


def test_a_scan_says_what_it_did(store, tmp_path):
    out = tmp_path / "pairs.csv"
    done = ran("--store", store, "--out", out)
    assert done.exit_code == 0
    assert "engine kernel" in done.output
    assert "observed pairs, each component truncated at zero" in done.output
    assert f"{len(rows(out)):,} pairs among 4,000 reports" in done.output


def test_without_a_name_the_table_goes_where_the_scan_page_looks(store):
    done = ran("--store", store, "--json")
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert said["out"] == str(store / "scan" / "pairs.parquet") == str(open_store(store).scanned)
    assert said["version"] == __version__
    assert dt.datetime.fromisoformat(said["made_at"]).utcoffset() == dt.timedelta(0)
    assert json.loads((store / "scan" / "pairs.parquet.about.json").read_text()) == said


def test_choices_reach_the_scan(tmp_path):
    store = some_reports(200, 2).write(tmp_path / "store")
    choices = (
        "--engine",
        "duckdb",
        "--role",
        "interacting",
        "--role",
        "suspect",
        "--stratum",
        "sex",
        "--min-n",
        2,
    )
    done = ran("--store", store, "--out", tmp_path / "pairs.parquet", "--json", "--no-ebgm", *choices)
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert (said["engine"], said["roles"], said["strata"]) == ("duckdb", ["suspect", "interacting"], ["sex"])
    assert said["ebgm"]["state"] == "not asked for"
    assert min(row["n"] for row in rows(tmp_path / "pairs.parquet")) == said["min_n"] == 2


def test_a_refused_fit_ends_with_1_and_leaves_the_other_numbers(store, tmp_path, monkeypatch):
    ends = iter(range(1000))
    monkeypatch.setattr(
        shrinkage, "_descend", lambda objective, start: shrinkage._End(5.0 + 0.1 * next(ends), start)
    )
    done = ran("--store", store, "--out", tmp_path / "pairs.parquet", "--json")
    assert done.exit_code == 1
    assert "No EBGM" in done.stderr
    assert json.loads(done.stdout)["ebgm"]["state"] == "refused"
    found = rows(tmp_path / "pairs.parquet")
    assert all(row["eb05"] is None and row["ic"] is not None for row in found)


def test_too_few_pairs_are_said_and_end_with_0(tmp_path):
    store = some_reports(5, 1).write(tmp_path / "store")
    done = ran("--store", store, "--out", tmp_path / "pairs.csv")
    assert done.exit_code == 0
    assert "too few" in done.stderr


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("--engine", "abacus"), "no engine 'abacus'"),
        (("--role", "primary"), "no role 'primary'"),
        (("--stratum", "weight"), "no stratum 'weight'"),
        (("--min-n", 0), "1 or more"),
        (("--out", "pairs.xlsx"), ".csv or .parquet"),
    ],
)
def test_wrong_use_ends_with_2(store, tmp_path, wrong, words):
    done = ran("--store", store, "--out", tmp_path / "pairs.csv", *wrong)
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())


def test_a_folder_that_is_no_store_says_what_to_do(tmp_path):
    done = ran("--store", tmp_path, "--out", tmp_path / "pairs.csv")
    assert done.exit_code == 2
    assert "exovigil signals import" in " ".join(done.stderr.split())


def test_a_folder_that_is_not_there_for_the_table_is_named(store, tmp_path):
    done = ran("--store", store, "--out", tmp_path / "nowhere" / "pairs.csv")
    assert done.exit_code == 1
    assert "nowhere" in done.stderr


def test_without_spark_the_way_to_it_is_said(store, tmp_path, monkeypatch):
    def missing(master):
        raise spark.SparkMissing("Spark is not installed: pip install 'exovigil[spark]'")

    monkeypatch.setattr(spark, "connect", missing)
    done = ran("--store", store, "--out", tmp_path / "pairs.csv", "--engine", "spark")
    assert done.exit_code == 1
    assert "exovigil[spark]" in done.stderr
