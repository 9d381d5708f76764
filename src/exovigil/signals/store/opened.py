"""Reading a store: where its tables lie, the same as Ibis tables on DuckDB, and what each import changed."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from exovigil.signals.store.manifest import NAME, Manifest, read_manifest
from exovigil.signals.store.problems import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

TABLES = ("reports", "report_products", "report_reactions", "deleted_cases")


@dataclass(frozen=True)
class Store:
    """An opened store, fixed to the version it had when it was opened.

    ``paths`` gives the Parquet file of each table. ``report`` is the key of all: one number names one version of one
    report for ever. Products and reactions may repeat in a report: count distinct reports, not rows.
    """

    directory: Path
    manifest: Manifest
    memory: str = "4GB"
    _tables: dict[Path, "ir.Table"] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def backend(self) -> "Backend":
        """The database that reads the tables; opened when first asked for, as Ibis is slow to import."""
        return on_duckdb(self.memory)

    @property
    def encoded(self) -> Path:
        """Folder of the copies that the scan makes for counting; they may be deleted at any time."""
        return self.directory / "encoded"

    @property
    def scanned(self) -> Path:
        """Where a scan of this store goes unless it is told otherwise, and where the scan page looks for it."""
        return self.directory / "scan" / "pairs.parquet"

    @property
    def snapshot(self) -> str:
        """The SHA-256 that names these tables."""
        return self.manifest.snapshot

    @property
    def paths(self) -> "Mapping[str, Path]":
        """Parquet file of each table."""
        folder = self.directory / "versions" / str(self.manifest.version)
        return MappingProxyType({name: folder / f"{name}.parquet" for name in TABLES})

    def reports(self) -> "ir.Table":
        """One row a report."""
        return self._table("reports")

    def products(self) -> "ir.Table":
        """Products of reports, with role and lot."""
        return self._table("report_products")

    def reactions(self) -> "ir.Table":
        """Reactions of reports."""
        return self._table("report_reactions")

    def changes(self, number: int) -> "ir.Table":
        """What import ``number`` did: ``report`` and ``change`` (added or removed).

        A report that was replaced under its own number stands there twice, removed and added.
        """
        return self._parquet(self.change_file(number))

    def change_file(self, number: int) -> Path:
        """Parquet file of the same."""
        return self.directory / "changes" / f"{self._done(number)}.parquet"

    def removed(self, number: int, table: str) -> "ir.Table":
        """Rows of one of the ``TABLES`` that import ``number`` took out, as they were."""
        return self._parquet(self.directory / "history" / str(self._done(number)) / f"{table}.parquet")

    def named_file(self, number: int, table: str) -> Path:
        """Parquet file of what the reports that import ``number`` added name, each name once a report.

        ``report_products``: report, product and role; ``report_reactions``: report and reaction.
        """
        return self.directory / "history" / str(self._done(number)) / f"named_{table}.parquet"

    def _done(self, number: int) -> int:
        if not 1 <= number <= self.manifest.version:
            raise StoreError(f"{self.directory}: no import {number}; there were {self.manifest.version}")
        return number

    def _table(self, name: str) -> "ir.Table":
        return self._parquet(self.paths[name])

    def _parquet(self, path: Path) -> "ir.Table":
        """Give a table, the same one each time, so that expressions on it fit together."""
        if path not in self._tables:
            self._tables[path] = self.backend.read_parquet(path)
        return self._tables[path]


def open_store(directory: Path, *, memory: str = "4GB") -> Store:
    """Open a store for reading. Raises StoreError when the directory holds none, or not the whole of it."""
    if not (directory / NAME).exists():
        raise StoreError(
            f"{directory / NAME} is missing: fill the store with 'exovigil signals import' first"
        )
    store = Store(directory, read_manifest(directory / NAME), memory)
    for path in store.paths.values():
        if not path.is_file():
            raise StoreError(f"{path} is missing: import the sources into a new store")
    return store


def on_duckdb(memory: str | None = None) -> "Backend":
    """An Ibis backend on DuckDB that draws no progress bar between our lines; no limit of memory unless given."""
    import ibis

    backend = ibis.duckdb.connect(**({"memory_limit": memory} if memory else {}))
    backend.raw_sql("SET enable_progress_bar = false")
    return backend
