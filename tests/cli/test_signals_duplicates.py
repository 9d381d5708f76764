"""``exovigil signals duplicates``: what it says, in words and as JSON, and how it refuses."""

import json

import pytest
from typer.testing import CliRunner

from exovigil.cli.app import app
from tests.signals.test_duplicates_from_store import TWICE, table


def ran(*arguments):
    return CliRunner().invoke(app, ["signals", "duplicates", *map(str, arguments)])


@pytest.fixture
def store(tmp_path):
    return table(tmp_path, *TWICE)


def test_it_says_how_many_pairs_among_how_many_reports(store, tmp_path):
    done = ran("--store", store, "--out", tmp_path / "pairs.csv")
    assert done.exit_code == 0
    assert "pairs.csv: pairs that may be one case: 1, of them certain: 0" in done.stdout
    assert "among 302 reports" in done.stdout


def test_choices_reach_the_search_and_json_tells_them(store, tmp_path):
    done = ran("--store", store, "--out", tmp_path / "p.parquet", "--min-chance", 0.9999999, "--json")
    said = json.loads(done.stdout)
    assert (done.exit_code, said["pairs"], said["min_chance"]) == (0, 0, 0.9999999)
    assert (tmp_path / "p.parquet").is_file()


def test_reports_too_much_alike_are_named(tmp_path):
    crowd = [f"c{n},Vesiculin,Granuloma,VX-1,20260220,F,{20 + n % 60}" for n in range(310)]
    done = ran("--store", table(tmp_path, *crowd), "--out", tmp_path / "p.csv")
    assert (
        "not compared by onset and lot: 310 reports too much alike (groups: 1, the fullest of 310)"
        in done.stdout
    )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("--min-chance", 2), "between 0 and 1"),
        (("--out", "pairs.xlsx"), ".csv or .parquet"),
        (("--store", "nowhere"), "nowhere"),
    ],
)
def test_wrong_use_ends_with_2(store, tmp_path, wrong, words):
    done = ran("--store", store, "--out", tmp_path / "p.csv", *wrong)
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())


def test_a_folder_that_is_not_there_for_the_table_is_named(store, tmp_path):
    done = ran("--store", store, "--out", tmp_path / "no_folder" / "p.csv")
    assert done.exit_code == 1
    assert "no_folder" in done.stderr
