"""Making a new version of a store: all of it or nothing.

Tables are written beside the old ones as ``versions/<n>/``, with their manifest. The store changes at one moment, when
the link ``current`` is replaced; ``manifest.json`` is a link through it. A process killed before leaves the old
version whole, one killed after has finished. ``changes/<n>.parquet`` and ``history/<n>/`` count only up to the
manifest's version; ``history/<n>/`` keeps the rows that import ``n`` took out, and the names that it brought, so that
counts are brought up to date without reading the tables.
"""

import fcntl
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from exovigil.signals.store.manifest import NAME, Manifest, read_manifest
from exovigil.signals.store.opened import TABLES
from exovigil.signals.store.problems import StoreError
from exovigil.signals.store.unpack import sha256_of
from exovigil.signals.store.workbench import Workbench, script

_KEPT = 2  # versions that stay on disk: a reader may still hold the one before
_ORDER = {
    "reports": "report",
    "report_products": "report, seq, lot_key, hash(t)",  # a narrow key; only equal rows can tie
    "report_reactions": "ALL",
}
_STAGED = {
    "reports": "SELECT s.* EXCLUDE (stage, nullified) FROM staged_reports s SEMI JOIN coming USING (stage, report)",
    "report_products": "SELECT s.* EXCLUDE (stage) FROM staged_products s SEMI JOIN coming USING (stage, report)",
    "report_reactions": "SELECT s.* EXCLUDE (stage) FROM staged_reactions s SEMI JOIN coming USING (stage, report)",
}
_NAMED = {
    "report_products": "SELECT DISTINCT report, product, role FROM staged_products",
    "report_reactions": "SELECT DISTINCT report, reaction FROM staged_reactions",
}


@contextmanager
def held(directory: Path) -> Iterator[Path]:
    """Hold a store for one import and give a private folder in it, which goes when the import ends.

    Raises StoreError when another import holds it, or the directory has other things in it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if not (directory / NAME).exists() and any(not _ours(path) for path in directory.iterdir()):
        raise StoreError(f"{directory}: not empty and no report store; give a new folder")
    with (directory / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(f"{directory}: another import is at work here; wait until it is done") from error
        for left in directory.glob(".import-*"):  # of an import that was killed
            shutil.rmtree(left, ignore_errors=True)
        folder = directory / f".import-{uuid.uuid4().hex}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def current(directory: Path) -> Manifest:
    """Read the manifest of the store, or an empty one when nothing was imported yet."""
    return read_manifest(directory / NAME) if (directory / NAME).exists() else Manifest()


def judge(work: Workbench, directory: Path) -> None:
    """Decide which staged reports come in and which held ones go out (``sql/merge.sql``)."""
    version = current(directory).version
    columns = {
        "reports": "SELECT * EXCLUDE (stage, nullified) FROM staged_reports LIMIT 0",
        "report_products": "SELECT * EXCLUDE (stage) FROM staged_products LIMIT 0",
        "report_reactions": "SELECT * EXCLUDE (stage) FROM staged_reactions LIMIT 0",
        "deleted_cases": "SELECT * FROM staged_deleted LIMIT 0",
    }
    for table, empty in columns.items():
        path = directory / "versions" / str(version) / f"{table}.parquet"
        there = f"SELECT * FROM '{_quoted(path)}'" if version else empty  # noqa: S608
        work.con.execute(f"CREATE VIEW held_{table} AS {there}")
    work.con.execute(script("merge"))
    twice = work.rows(script("clash"))
    if twice:
        raise StoreError(
            f"two reports have the number {twice[0][0]}; import one of their sources under another name"
        )


def write(work: Workbench, directory: Path, manifest: Manifest) -> Manifest:
    """Write the next version and make it the store's; returns its manifest, snapshot filled in."""
    number = manifest.version
    folder = directory / "versions" / str(number)
    for path in (folder, directory / "history" / str(number)):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
    (directory / "changes").mkdir(exist_ok=True)
    _write_tables(work, folder, directory / "history" / str(number))
    (directory / "rejects").mkdir(exist_ok=True)
    _copy(work, "FROM rejects ORDER BY ALL", directory / "rejects" / f"{number}.parquet")
    _copy(
        work,
        "SELECT report, 'added' AS change FROM coming UNION ALL SELECT report, 'removed' FROM going ORDER BY ALL",
        directory / "changes" / f"{number}.parquet",
    )
    tables = {name: sha256_of(folder / f"{name}.parquet") for name in TABLES}
    rows = {name: pq.read_metadata(folder / f"{name}.parquet").num_rows for name in TABLES}
    together = "".join(f"{name} {digest}\n" for name, digest in tables.items())
    manifest = replace(
        manifest, tables=tables, rows=rows, snapshot=hashlib.sha256(together.encode()).hexdigest()
    )
    (folder / NAME).write_text(manifest.text(), encoding="utf-8")
    _sync(folder)
    _switch(directory, number)
    _tidy(directory, number)
    return manifest


def _write_tables(work: Workbench, folder: Path, history: Path) -> None:
    for table, staged in _STAGED.items():
        _copy(
            work,
            f"FROM held_{table} SEMI JOIN going USING (report) ORDER BY ALL",
            history / f"{table}.parquet",
        )
        _copy(
            work,
            f"FROM (FROM held_{table} ANTI JOIN going USING (report) UNION ALL BY NAME {staged}) t "
            f"ORDER BY {_ORDER[table]}",
            folder / f"{table}.parquet",
        )
    for table, named in _NAMED.items():
        _copy(
            work,
            f"{named} SEMI JOIN coming USING (stage, report) ORDER BY ALL",
            history / f"named_{table}.parquet",
        )
    _copy(work, "SELECT family, case_id FROM gone ORDER BY ALL", folder / "deleted_cases.parquet")
    _copy(
        work,
        "FROM gone ANTI JOIN held_deleted_cases USING (family, case_id) ORDER BY ALL",
        history / "deleted_cases.parquet",
    )


def _copy(work: Workbench, query: str, path: Path) -> None:
    work.con.execute(
        f"COPY ({query}) TO '{_quoted(path)}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"
    )


def _switch(directory: Path, number: int) -> None:
    """Replace the link ``current`` at one moment; the manifest's link is made once and goes through it."""
    if not (directory / NAME).is_symlink():
        _link(directory, f"current/{NAME}", NAME)
    _link(directory, f"versions/{number}", "current")
    _sync(directory)


def _link(directory: Path, target: str, name: str) -> None:
    fresh = directory / f".{name}-new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    os.replace(fresh, directory / name)


def _sync(folder: Path) -> None:
    """Have the disk hold the files before the store points at them."""
    for path in (*(p for p in folder.iterdir() if p.is_file()), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _tidy(directory: Path, number: int) -> None:
    for path in (directory / "versions").iterdir():
        if not number - _KEPT < int(path.name) <= number:
            shutil.rmtree(path, ignore_errors=True)


def _ours(path: Path) -> bool:
    return path.name.startswith(".") or path.name in {
        NAME,
        "current",
        "versions",
        "changes",
        "history",
        "rejects",
    }


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
