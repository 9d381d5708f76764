"""The report store: spontaneous reports of every source in one schema, as versioned and hashed Parquet.

``import_files`` brings files in, ``open_store`` reads. See the module ``commit`` for how a version is made, and
``sql/merge.sql`` for which of a case's reports stands for it.
"""

from exovigil.signals.store.flat import Flat
from exovigil.signals.store.importing import READERS, Source, import_files, import_sources
from exovigil.signals.store.manifest import Import, Manifest
from exovigil.signals.store.opened import TABLES, Store, on_duckdb, open_store
from exovigil.signals.store.problems import Hostile, StoreError, Unreadable

__all__ = [
    "READERS",
    "TABLES",
    "Flat",
    "Hostile",
    "Import",
    "Manifest",
    "Source",
    "Store",
    "StoreError",
    "Unreadable",
    "import_files",
    "import_sources",
    "on_duckdb",
    "open_store",
]
