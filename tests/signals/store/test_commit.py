"""A version of a store comes whole or not at all."""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from exovigil.signals.store import TABLES, StoreError, commit, import_files, open_store
from tests.signals.store.quarters import brought, of_cases, quarter, rows

STEPS = ["_write_tables", "_copy", "sha256_of", "_sync", "_switch", "_link", "_tidy"]
KILLED = """
import os, sys
from pathlib import Path
from exovigil.signals.store import commit, import_files
step, store, zipped = sys.argv[1:]
original = getattr(commit, step)
def last(*args, **more):
    if step == "_tidy":
        original(*args, **more)
    os._exit(9)
setattr(commit, step, last)
import_files(Path(store), "faers", [Path(zipped)])
"""


def content(store: Path) -> dict[str, str]:
    """Hash of every file that the store's links lead to."""
    opened = open_store(store)
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in opened.paths.items()}


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_import_leaves_the_old_store_or_the_whole_new_one(tmp_path, step):
    first = of_cases(tmp_path / "a.zip", "17Q1", ("10000001", 1, "20170105"))
    second = of_cases(tmp_path / "b.zip", "17Q2", ("10000001", 2, "20170405"))
    store, _ = brought(tmp_path / "s", first)
    before, snapshot = content(tmp_path / "s"), store.snapshot
    ended = subprocess.run([sys.executable, "-c", KILLED, step, tmp_path / "s", second], check=False)
    assert ended.returncode == 9
    after = open_store(tmp_path / "s")
    if step == "_tidy":
        assert after.manifest.version == 2
        return
    assert (after.snapshot, content(tmp_path / "s")) == (snapshot, before)
    again, done = brought(tmp_path / "s", second)
    whole, _ = brought(tmp_path / "whole", first, second)
    assert again.snapshot == whole.snapshot
    assert (done.added, done.removed) == (1, 1)
    assert not list((tmp_path / "s").glob(".import-*"))


def test_the_manifest_names_its_tables_by_their_hashes(tmp_path):
    store, _ = brought(tmp_path / "s", quarter(tmp_path / "q.zip"))
    assert content(tmp_path / "s") == store.manifest.tables
    assert (
        store.manifest.sources[0]["sha256"] == hashlib.sha256((tmp_path / "q.zip").read_bytes()).hexdigest()
    )
    together = "".join(f"{name} {store.manifest.tables[name]}\n" for name in TABLES)
    assert store.snapshot == hashlib.sha256(together.encode()).hexdigest()
    for name in TABLES:
        assert (tmp_path / "s/current" / f"{name}.parquet").samefile(store.paths[name])


def test_a_reader_keeps_its_version_while_the_next_one_comes(tmp_path):
    store, _ = brought(tmp_path / "s", of_cases(tmp_path / "a.zip", "17Q1", ("10000001", 1, "20170105")))
    brought(tmp_path / "s", of_cases(tmp_path / "b.zip", "17Q2", ("10000002", 1, "20170405")))
    assert [r["case_id"] for r in rows(store, "reports")] == ["10000001"]
    brought(tmp_path / "s", of_cases(tmp_path / "c.zip", "17Q3", ("10000003", 1, "20170705")))
    assert sorted(os.listdir(tmp_path / "s/versions")) == ["2", "3"]


def test_two_imports_at_once_are_one_too_many(tmp_path):
    path = quarter(tmp_path / "q.zip")
    (tmp_path / "s").mkdir()
    with (tmp_path / "s/.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="another import is at work"):
            import_files(tmp_path / "s", "faers", [path])


def test_a_folder_with_other_things_is_no_store(tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s/letter.txt").write_text("dear")
    with pytest.raises(StoreError, match="not empty and no report store"):
        import_files(tmp_path / "s", "faers", [quarter(tmp_path / "q.zip")])
    with pytest.raises(
        StoreError, match=r"manifest.json is missing: fill the store with 'exovigil signals import'"
    ):
        open_store(tmp_path / "s")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"schema": 1, "imports": []}',
        *(
            f'{{"schema": 1, "imports": [], "version": {version}, "snapshot": {snapshot}}}'
            for version, snapshot in ((1, 3), (1, '"../up"'), (1, '""'), ('"1"', '"a"'), (-1, '"a"'))
        ),
    ],
)
def test_a_manifest_that_names_no_usable_version_or_snapshot_is_refused(tmp_path, text):
    brought(tmp_path / "s", quarter(tmp_path / "q.zip"))
    (tmp_path / "s/versions/1/manifest.json").write_text(text)
    with pytest.raises(StoreError, match="no manifest of a report store"):
        open_store(tmp_path / "s")


def test_a_store_without_one_of_its_tables_is_refused_by_name(tmp_path):
    brought(tmp_path / "s", quarter(tmp_path / "q.zip"))
    (tmp_path / "s/versions/1/report_products.parquet").unlink()
    with pytest.raises(StoreError, match=r"report_products.parquet is missing: import the sources"):
        open_store(tmp_path / "s")


def test_a_store_of_a_later_schema_is_not_touched(tmp_path):
    brought(tmp_path / "s", quarter(tmp_path / "q.zip"))
    manifest = tmp_path / "s/versions/1/manifest.json"
    manifest.write_text(manifest.read_text().replace('"schema": 1', '"schema": 99'))
    with pytest.raises(StoreError, match="schema 99, this program knows 1"):
        open_store(tmp_path / "s")


def test_a_count_that_does_not_add_up_stops_the_import(tmp_path, monkeypatch):
    monkeypatch.setattr(
        commit.Workbench, "_refuse_rows", lambda work: work.con.execute("DELETE FROM raw_products")
    )
    with pytest.raises(StoreError, match=r"DRUG17Q2.txt: 2 rows were read, but 0 kept and 0 rejected"):
        import_files(tmp_path / "s", "faers", [quarter(tmp_path / "q.zip")])


def test_a_format_that_nobody_reads_is_named(tmp_path):
    with pytest.raises(StoreError, match="'xls' is no format that files have"):
        import_files(tmp_path / "s", "xls", [quarter(tmp_path / "q.zip")])
    with pytest.raises(StoreError, match=r"nowhere.zip: cannot be read"):
        import_files(tmp_path / "s", "faers", [tmp_path / "nowhere.zip"])
