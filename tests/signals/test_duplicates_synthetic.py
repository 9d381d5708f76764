"""The targets held on synthetic reports with labels: right, complete, and no outbreak taken for one woman."""

import duckdb
import pyarrow.compute as pc
import pytest

from benchmarks.synthetic_duplicates import synthetic_reports
from exovigil.signals.duplicates.scorer import find

REPORTS = 12_000


@pytest.fixture(scope="module")
def labelled():
    """Pairs found, joined to the labels that the scorer does not see."""
    told = synthetic_reports(REPORTS, seed=90_210)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("told", told)
        connection.execute("create temp view duplicate_report as select * from told")
        found = find(connection)
        rows = connection.execute(
            "select a.person = b.person as same, s.band, a.outbreak >= 0 and a.outbreak = b.outbreak as mates"
            " from duplicate_scored s join told a on a.id = s.first join told b on b.id = s.second"
        ).fetchall()
    return told, found, rows


def test_precision_and_recall(labelled):
    told, found, rows = labelled
    right = sum(same for same, _, _ in rows)
    assert found.reports == REPORTS
    assert found.certain + found.review == len(rows)
    assert right / len(rows) >= 0.92
    assert right / pc.sum(told["copy"]).as_py() >= 0.80


def test_distinct_women_of_an_outbreak_are_not_certain(labelled):
    told, _, rows = labelled
    women = [w for w in told["outbreak"].to_pylist() if w >= 0]
    pairs = sum(women.count(number) * (women.count(number) - 1) / 2 for number in set(women))
    assert pairs >= 6 * 28
    wrong = [band for same, band, mates in rows if mates and not same]
    assert wrong.count("certain") <= 0.01 * pairs


def test_the_same_seed_makes_the_same_reports():
    assert synthetic_reports(500, 3).equals(synthetic_reports(500, 3))
    assert not synthetic_reports(500, 3).equals(synthetic_reports(500, 4))
