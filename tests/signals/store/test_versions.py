"""One report a case, whatever comes first: a step at a time is the same as all at once."""

import shutil
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exovigil.signals.store import StoreError, import_files, open_store
from tests.signals.store.quarters import brought, lines, of_cases, old_demo, quarter, rows, write_zip

CASES = ("10000001", "10000002", "10000003")
PERIODS = ("19Q1", "19Q2", "19Q3")


def old_quarter(path: Path, *reports: tuple[str, str, str]) -> Path:
    return write_zip(
        path,
        {
            "DEMO12Q1.TXT": lines(
                "isr$case$i_f_cod$event_dt$fda_dt$age$age_cod$gndr_cod$occp_cod$reporter_country",
                *(old_demo(*report) for report in reports),
            ),
            "DRUG12Q1.TXT": lines(
                "isr$drug_seq$role_cod$drugname$lot_num", *(f"{r[0]}$1$PS$OLD$" for r in reports)
            ),
            "REAC12Q1.TXT": lines("isr$pt", *(f"{r[0]}$NODULE" for r in reports)),
        },
    )


def numbers(store) -> list[str]:
    return [r["report_number"] for r in rows(store, "reports")]


def test_the_latest_version_stands_for_a_case_and_the_reasons_are_counted(tmp_path):
    first = of_cases(tmp_path / "a.zip", "17Q1", ("10000001", 1, "20170105"), ("10000002", 1, "20170106"))
    second = of_cases(tmp_path / "b.zip", "17Q2", ("10000001", 2, "20170405"), ("10000003", 1, "20170406"))
    brought(tmp_path / "s", first)
    store, done = brought(tmp_path / "s", second)
    assert numbers(store) == ["100000012", "100000021", "100000031"]
    assert (done.added, done.removed) == (2, 1)
    _, late = brought(tmp_path / "late", second)
    _, late = brought(tmp_path / "late", first)
    assert late.reports == {"read": 2, "kept": 1, "older version": 1}


def test_a_case_of_aers_that_went_on_in_faers_counts_once(tmp_path):
    aers = old_quarter(
        tmp_path / "a.zip", ("7000001", "10000001", "20120301"), ("7000002", "9000009", "20120301")
    )
    faers = of_cases(tmp_path / "b.zip", "12Q4", ("10000001", 2, "20121015"))
    store, done = brought(tmp_path / "s", faers, aers)
    assert [(r["source"], r["case_id"]) for r in rows(store, "reports")] == [
        ("AERS", "9000009"),
        ("FAERS", "10000001"),
    ]
    assert done.reports == {"read": 3, "kept": 2, "older version": 1}


def test_a_number_that_both_use_names_two_reports(tmp_path):
    aers = old_quarter(tmp_path / "a.zip", ("100000011", "9000009", "20120301"))
    faers = of_cases(tmp_path / "b.zip", "12Q4", ("10000001", 1, "20121015"))
    store, _ = brought(tmp_path / "s", aers, faers)
    assert numbers(store) == ["100000011", "100000011"]
    assert len({r["report"] for r in rows(store, "reports")}) == 2


def test_a_deleted_case_goes_even_from_aers_and_even_when_its_list_came_first(tmp_path):
    aers = old_quarter(tmp_path / "a.zip", ("7000001", "9000009", "20120301"))
    listed = of_cases(tmp_path / "b.zip", "19Q1", ("10000001", 1, "20190102"), deleted=("09000009",))
    store, done = brought(tmp_path / "s", aers)
    store, done = brought(tmp_path / "s", listed)
    assert numbers(store) == ["100000011"]
    assert (done.added, done.removed) == (1, 1)
    brought(tmp_path / "t", listed)
    store, done = brought(tmp_path / "t", aers)
    assert done.reports == {"read": 1, "kept": 0, "deleted case": 1}
    assert store.manifest.rows["deleted_cases"] == 1


def test_what_went_out_can_still_be_read(tmp_path):
    brought(tmp_path / "s", of_cases(tmp_path / "a.zip", "17Q1", ("10000001", 1, "20170105")))
    store, _ = brought(tmp_path / "s", of_cases(tmp_path / "b.zip", "17Q2", ("10000001", 2, "20170405")))
    changes = store.changes(2).to_pyarrow().to_pylist()
    old, new = 2_000_000_100_000_011, 2_000_000_100_000_012
    assert sorted((c["report"], c["change"]) for c in changes) == [(old, "removed"), (new, "added")]
    products = store.removed(2, "report_products").to_pyarrow().to_pylist()
    assert [(p["report"], p["product"]) for p in products] == [(old, "DRUG 10000001V1")]
    assert store.removed(2, "report_reactions").to_pyarrow().to_pylist()[0]["reaction"] == "GRANULOMA"
    assert store.removed(1, "reports").to_pyarrow().num_rows == 0
    with pytest.raises(StoreError, match="no import 3; there were 2"):
        store.changes(3)


def test_changes_lead_from_one_version_to_the_next(tmp_path):
    """Take away what is listed as removed, add what is listed as added: the reports that are there now."""
    held = set()
    for n, cases in enumerate(
        [[("10000001", 1, "20190101")], [("10000001", 2, "20190401"), ("10000002", 1, "20190401")]], start=1
    ):
        zipped = of_cases(
            tmp_path / f"{n}.zip", PERIODS[n - 1], *cases, deleted=("10000002",) if n == 3 else ()
        )
        store, _ = brought(tmp_path / "s", zipped)
        for change in store.changes(n).to_pyarrow().to_pylist():
            (held.add if change["change"] == "added" else held.remove)(change["report"])
        assert held == {r["report"] for r in rows(store, "reports")}


def test_every_order_and_one_go_give_the_same_snapshot(tmp_path):
    zips = [
        of_cases(tmp_path / "1.zip", "19Q1", ("10000001", 1, "20190101"), ("10000002", 1, "20190102")),
        of_cases(tmp_path / "2.zip", "19Q2", ("10000001", 2, "20190401"), deleted=("10000002",)),
        old_quarter(
            tmp_path / "3.zip", ("7000001", "10000001", "20120301"), ("7000002", "10000003", "20120302")
        ),
    ]
    whole, _ = brought(tmp_path / "whole", *zips)
    for n, order in enumerate(permutations(zips)):
        for path in order:
            step, _ = brought(tmp_path / str(n), path)
        assert step.snapshot == whole.snapshot
        assert step.manifest.tables == whole.manifest.tables


QUARTER = st.tuples(
    st.lists(
        st.tuples(st.sampled_from(CASES), st.integers(1, 3), st.sampled_from(["20190101", "20190401", ""])),
        max_size=4,
        unique_by=lambda case: case[:2],
    ),
    st.lists(st.sampled_from(CASES), max_size=1),
)


def by_hand(quarters) -> list[str]:
    """The plain reading of the rule, case by case."""
    deleted = {case for _, gone in quarters for case in gone}
    best: dict[str, tuple] = {}
    for period, (cases, _) in zip(PERIODS, quarters, strict=True):
        for case, version, day in cases:
            best[case] = max(best.get(case, ()), (version, day, period))
    return sorted(f"{case}{key[0]}" for case, key in best.items() if case not in deleted)


@given(st.tuples(QUARTER, QUARTER, QUARTER), st.permutations(range(3)))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_quarters_in_any_order_agree_with_the_rule_read_by_hand(quarters, order):
    with TemporaryDirectory() as folder:
        here = Path(folder)
        zips = [
            of_cases(here / f"{n}.zip", PERIODS[n], *cases, deleted=tuple(gone))
            for n, (cases, gone) in enumerate(quarters)
        ]
        for n in order:
            import_files(here / "steps", "faers", [zips[n]])
        import_files(here / "whole", "faers", zips)
        steps, whole = open_store(here / "steps"), open_store(here / "whole")
        assert sorted(numbers(steps)) == by_hand(quarters)
        assert steps.snapshot == whole.snapshot


def test_the_same_file_and_the_same_quarter_come_in_once(tmp_path):
    path = quarter(tmp_path / "q.zip")
    store, _ = brought(tmp_path / "s", path)
    with pytest.raises(StoreError, match=r"q.zip: already imported, as q.zip"):
        brought(tmp_path / "s", path)
    shutil.copy(path, tmp_path / "copy.zip")
    with pytest.raises(StoreError, match=r"copy.zip: already imported, as q.zip"):
        brought(tmp_path / "t", path, tmp_path / "copy.zip")
    again = of_cases(tmp_path / "again.zip", "17Q2", ("10000009", 1, "20170405"))
    with pytest.raises(StoreError, match=r"again.zip: 2017Q2 was already imported from q.zip"):
        brought(tmp_path / "s", again)
    assert open_store(tmp_path / "s").snapshot == store.snapshot
