"""Importing a quarter of FAERS: CPU seconds, wall, text read a second, against plain DuckDB reading the same text.

The quarter is synthetic (see ``faers_quarter``). ``EXOVIGIL_IMPORT_REPORTS`` sets its size; 400,000 unless told
otherwise. The floor reads the same lines with DuckDB's CSV reader and writes nothing.
"""

import os
import resource
import tempfile
import time
import zipfile
from pathlib import Path

import duckdb

from benchmarks.faers_quarter import write_quarter
from exovigil.signals.store import import_files

REPORTS = int(os.environ.get("EXOVIGIL_IMPORT_REPORTS", "400000"))


def spent() -> float:
    """CPU seconds of this process so far, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def floor(source: Path, folder: Path) -> tuple[float, int]:
    """Read every file of the zip with DuckDB's CSV reader; gives CPU seconds without unpacking, and rows."""
    with zipfile.ZipFile(source) as archive:
        archive.extractall(folder)
    con, start, rows = duckdb.connect(), spent(), 0
    for path in sorted(folder.rglob("*.txt")):
        con.execute(
            "CREATE OR REPLACE TABLE t AS SELECT * FROM read_csv(?, delim = '$', quote = '', escape = '', "
            "all_varchar = true, null_padding = true, store_rejects = true, header = true)",
            [str(path)],
        )
        rows += con.execute("SELECT count(*) FROM t").fetchone()[0]
    return spent() - start, rows


def measure(what: str, store: Path, source: Path, size: int) -> float:
    """Import one zip and print what it took."""
    cpu, wall = spent(), time.perf_counter()
    manifest = import_files(store, "faers", [source])
    cpu, wall = spent() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    done = manifest.imports[-1]
    print(
        f"{what}: {done.added:,} reports added, {done.removed:,} taken out, {size / 2**20:.0f} MB of text in "
        f"{cpu:.1f} CPU s, {wall:.1f} s wall, {size / 2**20 / cpu:.0f} MB/CPU s, peak {peak:.0f} MB"
    )
    return cpu


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        first, second = here / "first.zip", here / "second.zip"
        size = write_quarter(first, REPORTS)
        # A tenth of the second quarter's cases are new versions of the first one's.
        more = write_quarter(second, REPORTS, quarter=4, first=20_000_000 + REPORTS * 9 // 10)
        cpu = measure("a synthetic quarter into an empty store", here / "store", first, size)
        measure("the next one, a tenth of it new versions", here / "store", second, more)
        least, rows = floor(first, here / "text")
        print(
            f"floor: DuckDB reads the same {rows:,} rows in {least:.1f} CPU s; the import is {cpu / least:.1f} x that"
        )


if __name__ == "__main__":
    main()
