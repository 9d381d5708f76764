"""Counts kept up with what the store's own imports do, however quarters come."""

from itertools import permutations

import pyarrow.parquet as pq
import pytest

from exovigil.signals.scan.cache import prepare
from exovigil.signals.scan.encoding import encode
from exovigil.signals.scan.kernel import count
from tests.signals.scan.test_kernel import as_dicts
from tests.signals.store.quarters import REAC, brought, lines, of_cases, quarter, reac

ROLES = ("suspect",)
A, B, C, D = "10000001", "10000002", "10000003", "10000004"


@pytest.fixture
def quarters(tmp_path):
    """New cases, new versions of old ones, a case that comes twice in one version, and a deleted one."""
    return (
        of_cases(tmp_path / "a.zip", "17Q1", (A, 1, "20170105"), (B, 1, "20170106"), (C, 2, "20170107")),
        of_cases(tmp_path / "b.zip", "17Q2", (A, 2, "20170405"), (C, 2, "20170408"), (D, 1, "20170406")),
        of_cases(tmp_path / "c.zip", "17Q3", (D, 2, "20170705"), deleted=(B,)),
    )


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_counts_follow_the_imports_in_any_order(tmp_path, quarters, order):
    for step, place in enumerate(order):
        store, done = brought(tmp_path / "s", quarters[place])
        found = prepare(store, ROLES)
        changed = (
            "last counts brought up to date" if done.added or done.removed else "kept from the last scan"
        )
        assert found.how == (changed if step else "counted")
        assert as_dicts(found.counts) == as_dicts(count(encode(store), ROLES))
        assert found.copy.reports == store.manifest.rows["reports"]
    names = {pair[0] for pair in as_dicts(found.counts)[0]}
    assert names == {f"DRUG {A}V2", f"DRUG {C}V2", f"DRUG {D}V2"}


def test_an_import_keeps_each_name_that_its_reports_brought_once(tmp_path):
    twice = lines(REAC, reac(A), reac(A), reac(B), reac(B, term="Nodule"))
    store, _ = brought(tmp_path / "s", quarter(tmp_path / "a.zip", REAC=twice))
    held = pq.ParquetFile(store.named_file(1, "report_reactions")).read().to_pylist()
    assert [(row["report"] % 10**9, row["reaction"]) for row in held] == [
        (100000011, "GRANULOMA"),
        (100000021, "GRANULOMA"),
        (100000021, "NODULE"),
    ]
    held = pq.ParquetFile(store.named_file(1, "report_products")).read().to_pylist()
    assert [(row["report"] % 10**9, row["product"], row["role"]) for row in held] == [
        (100000011, "VESICULIN", "suspect"),
        (100000021, "VESICULIN", "suspect"),
    ]


def test_the_benchmarks_store_is_one_that_opens(tmp_path):
    import numpy as np

    from benchmarks.synthetic_reports import write_store
    from exovigil.signals.store import open_store

    write_store(tmp_path, np.arange(50))
    found = prepare(open_store(tmp_path), ROLES)
    assert found.counts.reports == 50
