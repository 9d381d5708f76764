"""A scan from the store to the file: which engine, which pairs, what was found, and what it rests on."""

import datetime as dt
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from exovigil import __version__
from exovigil.signals.scan import spark
from exovigil.signals.scan.cache import prepare
from exovigil.signals.scan.population import Population
from exovigil.signals.scan.shrinker import Shrinker
from exovigil.signals.scan.sources import Batch, FromExpression, FromKernel, Source
from exovigil.signals.scan.table import TableWriter, about_file
from exovigil.signals.store import Store, on_duckdb, open_store

ENGINES = ("auto", "kernel", "duckdb", "spark")
_BYTES_A_ROW = 48  # memory that the kernel takes for a row of either table (measured: 38)
WHY = {
    "kernel": "the kernel is faster at every size that fits into memory",
    "duckdb": "the encoded store would not fit into memory; DuckDB can use the disk",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """How to scan. ``min_n``: fewest reports of a pair that is listed (all pairs go into the fit of EBGM)."""

    population: Population = field(default_factory=Population)
    engine: str = "auto"
    min_n: int = 1
    ebgm: bool = True
    spark_master: str = spark.ON_THIS_MACHINE


@dataclass(frozen=True, slots=True)
class Summary:
    """What a scan did: see the field names; ``ebgm`` says which likelihood was used, or why there are no numbers.

    ``made_at`` is in UTC, ISO 8601; ``version`` is that of Exovigil.
    """

    made_at: str
    version: str
    snapshot: str
    engine: str
    engine_because: str
    counts: str
    roles: tuple[str, ...]
    strata: tuple[str, ...]
    reports: int
    pairs: int
    min_n: int
    rows: int
    eb05_at_least_2: int | None
    ebgm: dict[str, Any]
    out: str

    @property
    def refused(self) -> bool:
        """Whether EBGM was tried and gave no numbers."""
        return bool(self.ebgm["state"] == "refused")


def scan(directory: Path, out: Path | None, choice: Choice) -> Summary:
    """Write the table of a scan to ``out`` and what it rests on to ``out`` with ``.about.json``.

    Without ``out`` both go into the store, where the scan page shows them.
    Raises StoreError for a store that cannot be read, ValueError for an impossible choice, and
    SparkMissing where Spark was asked for and is not there.
    """
    store = open_store(directory)
    if choice.engine not in ENGINES:
        raise ValueError(f"no engine {choice.engine!r}; choose from {', '.join(ENGINES)}")
    if choice.min_n < 1:
        raise ValueError("the fewest reports of a pair must be 1 or more")
    engine, because = _engine(store, choice.engine)
    if out is None:
        out = store.scanned
        out.parent.mkdir(exist_ok=True)
    with TableWriter(out) as writer, _source(engine, store, choice) as source:
        pairs, strong, shrinker = _write(source, writer, choice)
    summary = Summary(
        made_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        version=__version__,
        snapshot=store.snapshot,
        engine=source.engine,
        engine_because=because,
        counts=source.how,
        roles=choice.population.roles,
        strata=choice.population.strata,
        reports=source.reports,
        pairs=pairs,
        min_n=choice.min_n,
        rows=writer.rows,
        eb05_at_least_2=strong if shrinker.fit else None,
        ebgm=dict(shrinker.said()),
        out=str(out),
    )
    about_file(out).write_text(json.dumps(asdict(summary), indent=1) + "\n", encoding="utf-8")
    return summary


def _write(source: Source, writer: TableWriter, choice: Choice) -> tuple[int, int, Shrinker]:
    shrinker = _shrinker(source, choice)
    pairs = strong = 0
    for batch in source.batches():
        pairs += len(batch.n)
        kept = _kept(batch, choice.min_n)
        scores = shrinker.scores(kept.n, kept.expected)
        strong += int(np.count_nonzero(scores["eb05"] >= 2))
        writer.write(
            kept.product, kept.reaction, kept.n, {"expected": kept.expected, **kept.measures, **scores}
        )
    return pairs, strong, shrinker


def _shrinker(source: Source, choice: Choice) -> Shrinker:
    if not choice.ebgm:
        return Shrinker("not asked for")
    return (
        Shrinker.of(source.whole())
        if source.reports
        else Shrinker("too few pairs", reason="there is no pair")
    )


def _kept(batch: Batch, min_n: int) -> Batch:
    if min_n == 1:
        return batch
    kept = batch.n >= min_n
    return Batch(
        batch.product.filter(pa.array(kept)),
        batch.reaction.filter(pa.array(kept)),
        batch.n[kept],
        batch.expected[kept],
        {name: values[kept] for name, values in batch.measures.items()},
    )


def _engine(store: Store, asked: str) -> tuple[str, str]:
    if asked != "auto":
        return asked, "it was asked for"
    tables = (store.paths["report_products"], store.paths["report_reactions"])
    rows = sum(pq.read_metadata(path).num_rows for path in tables)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    chosen = "kernel" if rows * _BYTES_A_ROW < memory / 2 else "duckdb"
    return chosen, WHY[chosen]


@contextmanager
def _source(engine: str, store: Store, choice: Choice) -> Iterator[Source]:
    if engine == "kernel":
        yield FromKernel(store, choice.population, prepare(store, choice.population.roles))
        return
    backend = on_duckdb() if engine == "duckdb" else spark.connect(choice.spark_master)
    try:
        with tempfile.TemporaryDirectory(dir=store.directory, prefix=".scan-") as scratch:
            yield FromExpression(backend, store, choice.population, Path(scratch))
    finally:
        backend.disconnect()
