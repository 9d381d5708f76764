"""Scanning synthetic reports: CPU seconds, peak memory and ratios, from the same run.

Counts of all pairs with PRR, ROR, chi-square and IC from an encoded snapshot, against the bare SciPy product
``drugs.T @ reactions`` (the floor of a sparse product) and against DuckDB's join (at 500,000 reports at most); a
quarter of 400,000 reports added to the counts, against counting anew; cost against size. Set

- ``EXOVIGIL_BENCH_REPORTS`` to the largest size (default 2,000,000; the full run is 20,000,000),
- ``EXOVIGIL_BENCH_FOLDER`` to a folder that keeps the reports (25 bytes each) for the next run,
- ``EXOVIGIL_BENCH_SVG`` to a file for the plot of cost against size.

Each step runs in a process of its own, so that its CPU seconds and its peak memory are its own.
"""

import multiprocessing
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import altair as alt
import duckdb
import numpy as np
import pyarrow as pa
import vl_convert
from scipy import sparse

from benchmarks.synthetic_reports import publish, write_change, write_store
from exovigil.signals.scan import kernel, segments
from exovigil.signals.scan.cache import Prepared, prepare
from exovigil.signals.scan.population import Population
from exovigil.signals.scan.sources import FromExpression, FromKernel
from exovigil.signals.store import Manifest, on_duckdb, open_store

LARGEST = int(os.environ.get("EXOVIGIL_BENCH_REPORTS", "2000000"))
SIZES = (200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000)
QUARTER, REPLACED = 400_000, 20_000
JOINED = 500_000  # DuckDB's join is dear; larger sizes are not joined
CEILING, MEMORY, QUARTER_CEILING = 30.0, 6.0, 5.0  # CPU seconds, GB and CPU seconds allowed at 20 million
ROLES = ("suspect",)

Step = Callable[[Path], dict[str, Any]]


def timed(step: Step, folder: Path) -> dict[str, Any]:
    """Run one step in a fresh process; what it returns, with its peak memory in GB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (step, folder))


def _timed(step: Step, folder: Path) -> dict[str, Any]:
    found = step(folder)
    return {**found, "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}


def cold(folder: Path) -> dict[str, Any]:
    """Read and encode the whole store."""
    store = open_store(folder)
    shutil.rmtree(store.encoded, ignore_errors=True)
    start = time.process_time()
    prepare(store, ROLES)
    return {"cpu": time.process_time() - start}


def warm(folder: Path) -> dict[str, Any]:
    """Count and measure every pair from the encoded snapshot; each batch is measured and let go, as for a file."""
    store = open_store(folder)
    start = time.process_time()
    copy = segments.load(store.encoded / store.snapshot)
    counts = kernel.count(copy.whole(), ROLES)
    counted = time.process_time()
    source = FromKernel(store, Population(ROLES), Prepared(copy, counts, "counted"))
    strong = sum(int(np.count_nonzero(batch.measures["ic025"] > 0)) for batch in source.batches())
    end = time.process_time()
    return {
        "cpu": end - start,
        "counting": counted - start,
        "pairs": counts.pairs.nnz,
        "meetings": int(counts.pairs.sum(dtype=np.int64)),
        "strong": strong,
    }


def floor(folder: Path) -> dict[str, Any]:
    """The bare sparse product, on matrices that are ready: no duplicates, transposed."""
    store = open_store(folder)
    chosen = kernel.exposed(segments.load(store.encoded / store.snapshot).whole(), ROLES)
    left, right = chosen.products.T.tocsr().astype(np.int32), chosen.reactions.astype(np.int32)
    start = time.process_time()
    product = sparse.csr_array(left @ right)
    return {
        "cpu": time.process_time() - start,
        "pairs": product.nnz,
        "meetings": int(product.sum(dtype=np.int64)),
    }


def join(folder: Path) -> dict[str, Any]:
    """DuckDB's join and grouping of the same rows, by hand."""
    store = open_store(folder)
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        start = time.process_time()
        (found,) = connection.execute(
            f"""SELECT struct_pack(pairs := count(*), meetings := sum(n)::BIGINT) FROM (
                SELECT product, reaction, count(*) AS n
                FROM (SELECT DISTINCT report, product FROM '{store.paths["report_products"]}')
                JOIN (SELECT DISTINCT report, reaction FROM '{store.paths["report_reactions"]}') USING (report)
                GROUP BY ALL)"""
        ).fetchone() or ({},)
        return {"cpu": time.process_time() - start, **found}


def expression(folder: Path) -> dict[str, Any]:
    """The Ibis expression on DuckDB, measures included."""
    start = time.process_time()
    backend = on_duckdb()
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        source = FromExpression(backend, open_store(folder), Population(ROLES), Path(scratch))
        pairs = sum(len(batch.n) for batch in source.batches())
    return {"cpu": time.process_time() - start, "pairs": pairs}


def quarter(folder: Path) -> dict[str, Any]:
    """Bring the last counts up to the store as it is after an import."""
    start = time.process_time()
    found = prepare(open_store(folder), ROLES)
    assert found.how == "last counts brought up to date", found.how
    return {"cpu": time.process_time() - start, "pairs": found.counts.pairs.nnz, **_sums(found.counts)}


def anew(folder: Path) -> dict[str, Any]:
    """The same store read, encoded and counted from nothing."""
    store = open_store(folder)
    shutil.rmtree(store.encoded)
    start = time.process_time()
    counts = prepare(store, ROLES).counts
    return {"cpu": time.process_time() - start, "pairs": counts.pairs.nnz, **_sums(counts)}


def _sums(counts: kernel.PairCounts) -> dict[str, int]:
    weights = np.arange(counts.pairs.nnz) % 1009  # so that counts in other places give other sums
    return {
        "meetings": int(counts.pairs.sum(dtype=np.int64)),
        "mark": int((counts.pairs.data * weights).sum()),
    }


def add_quarter(folder: Path, grown: Path, reports: int) -> None:
    """A copy of the store in which a quarter came in: 380,000 new reports, and 20,000 old ones replaced."""
    replaced = np.arange(0, reports, max(1, reports // REPLACED))[:REPLACED]
    came = np.concatenate([replaced, np.arange(reports, reports + QUARTER - len(replaced))])
    more = grown / "more"
    write_store(more, came)
    version, history = grown / "versions" / "2", grown / "history" / "2"
    version.mkdir(parents=True)
    history.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.register("gone", pa.table({"report": replaced}))
        for table in ("reports", "report_products", "report_reactions"):
            new = f"'{more}/current/{table}.parquet'"
            connection.execute(
                f"""COPY (FROM '{folder}/current/{table}.parquet' ANTI JOIN gone USING (report)
                UNION ALL FROM {new}) TO '{version}/{table}.parquet' (COMPRESSION zstd)"""
            )
            if table != "reports":
                connection.execute(
                    f"COPY (SELECT DISTINCT * FROM {new} ORDER BY ALL) TO '{history}/named_{table}.parquet'"
                )
    shutil.copy(more / "current" / "deleted_cases.parquet", version)
    shutil.rmtree(more)
    shutil.copytree(folder / "changes", grown / "changes")
    write_change(grown, 2, added=came, removed=replaced)
    publish(grown, Manifest(2, "with-a-quarter-more"))
    shutil.copytree(folder / "encoded", grown / "encoded")


def one_size(folder: Path, reports: int) -> dict[str, Any]:
    """Cold and warm cost at one size."""
    if not (folder / "manifest.json").is_file():
        write_store(folder, np.arange(reports))
    made = timed(cold, folder)
    found = timed(warm, folder)
    print(
        f"{reports:>10,} reports: {found['pairs']:>10,} pairs, {found['meetings']:>11,} meetings; encode and count "
        f"{made['cpu']:6.1f} CPU s, {made['gb']:.1f} GB; from the encoded copy {found['cpu']:5.1f} CPU s "
        f"({found['counting']:.1f} counting), {found['gb']:.1f} GB",
        flush=True,
    )
    return {"reports": reports, "cold": made["cpu"], **found}


def compare(folder: Path, reports: int, ours: dict[str, Any]) -> None:
    """The floor, and DuckDB where it does not take too long."""
    bare = timed(floor, folder)
    assert (bare["pairs"], bare["meetings"]) == (ours["pairs"], ours["meetings"])
    print(
        f"{reports:,} reports: counts and measures {ours['cpu'] / bare['cpu']:.2f} x the bare SciPy product "
        f"({bare['cpu']:.1f} CPU s, {bare['gb']:.1f} GB), the counts alone {ours['counting'] / bare['cpu']:.2f} x"
    )
    if reports <= JOINED:
        hand, written = timed(join, folder), timed(expression, folder)
        assert (hand["pairs"], hand["meetings"], written["pairs"]) == (
            ours["pairs"],
            ours["meetings"],
            ours["pairs"],
        )
        print(
            f"{reports:,} reports: DuckDB's join takes {hand['cpu'] / ours['counting']:.1f} x our counting "
            f"({hand['cpu']:.1f} CPU s, {hand['gb']:.1f} GB); the Ibis expression on DuckDB, measures and all, "
            f"{written['cpu'] / ours['cpu']:.1f} x ({written['cpu']:.1f} CPU s, {written['gb']:.1f} GB)"
        )


def increment(folder: Path, grown: Path, reports: int) -> None:
    """A quarter added to the counts, against counting anew; both must give the same counts."""
    add_quarter(folder, grown, reports)
    added = timed(quarter, grown)
    full = timed(anew, grown)
    assert {name: added[name] for name in ("pairs", "meetings", "mark")} == {
        name: full[name] for name in ("pairs", "meetings", "mark")
    }
    times = full["cpu"] / added["cpu"]
    print(
        f"a quarter of {QUARTER:,} reports added to {reports:,}, {REPLACED:,} of them replacing others: "
        f"{added['cpu']:.1f} CPU s, {added['gb']:.1f} GB, {times:.1f} times as fast as anew ({full['cpu']:.1f} CPU s), "
        f"equal; {added['cpu'] / QUARTER_CEILING:.2f} of the {QUARTER_CEILING:g} s allowed"
    )


def plot(found: list[dict[str, Any]], path: Path) -> None:
    """Cost against size as a picture, both scales logarithmic."""
    rows = [
        {"reports": one["reports"], "CPU seconds": one[name], "what": label}
        for one in found
        for name, label in (("cold", "read, encode and count"), ("cpu", "count and measure the encoded copy"))
    ]
    chart = (
        alt.Chart(alt.Data(values=rows), title="Cost of a scan against its size (synthetic reports)")
        .mark_line(point=True)
        .encode(
            x=alt.X(
                "reports:Q",
                scale=alt.Scale(type="log", nice=False),
                axis=alt.Axis(values=[one["reports"] for one in found], format=".1s", title="reports"),
            ),
            y=alt.Y("CPU seconds:Q", scale=alt.Scale(type="log")),
            color=alt.Color("what:N", title=None, legend=alt.Legend(orient="top-left", labelLimit=0)),
        )
        .properties(width=480, height=300)
    )
    path.write_text(vl_convert.vegalite_to_svg(chart.to_dict()), encoding="utf-8")
    print(f"the plot is in {path}")


def main() -> None:
    kept = os.environ.get("EXOVIGIL_BENCH_FOLDER")
    with tempfile.TemporaryDirectory(prefix="exovigil-bench-") as scratch:
        home = Path(kept or scratch)
        found = []
        for reports in (*(size for size in SIZES if size < LARGEST), LARGEST):
            folder = home / f"reports-{reports}"
            found.append(one_size(folder, reports))
            if reports == JOINED or reports == LARGEST:
                compare(folder, reports, found[-1])
        last = found[-1]
        print(
            f"largest: {last['cpu'] / CEILING:.2f} of the {CEILING:g} CPU s and {last['gb'] / MEMORY:.2f} of the "
            f"{MEMORY:g} GB allowed to 20,000,000 reports"
        )
        increment(home / f"reports-{last['reports']}", Path(scratch) / "grown", last["reports"])
    if picture := os.environ.get("EXOVIGIL_BENCH_SVG"):
        plot(found, Path(picture))


if __name__ == "__main__":
    main()
