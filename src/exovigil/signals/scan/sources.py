"""Where the measured pairs come from: the counting kernel, or the Ibis expression on DuckDB or Spark.

Both hand over the same columns, batch by batch in order of the names, and what the shrinker needs of
all pairs: counts, expected counts and margins.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from exovigil.signals.scan.cache import Prepared
from exovigil.signals.scan.encoding import IntArray
from exovigil.signals.scan.expression import MEASURES, Counted
from exovigil.signals.scan.kernel import Exposed, PairCounts, exposed
from exovigil.signals.scan.population import Population, stratum
from exovigil.signals.store import Store
from exovigil.statistics.disproportionality import Tables, disproportionality, information_component
from exovigil.statistics.expected_counts import Margins

FloatArray = NDArray[np.float64]
BATCH = 250_000  # pairs measured at a time


@dataclass(frozen=True, slots=True)
class Batch:
    """Measured pairs: their names, reports ``n``, ``expected``, and measures by name (missing: not a number)."""

    product: pa.Array
    reaction: pa.Array
    n: IntArray
    expected: FloatArray
    measures: dict[str, FloatArray]


@dataclass(frozen=True, slots=True)
class WholeTable:
    """Counts and expected counts of every pair in the order of the batches, with the margins of their table."""

    n: IntArray
    expected: FloatArray
    margins: Margins


class Source(Protocol):
    """Measured pairs of one population."""

    engine: str
    how: str
    reports: int

    def whole(self) -> WholeTable:
        """Give what the shrinker needs."""

    def batches(self) -> Iterator[Batch]:
        """Give the pairs in order of their names."""


class FromKernel:
    """Pairs counted by the kernel, measured in NumPy."""

    engine = "kernel"

    def __init__(self, store: Store, population: Population, prepared: Prepared) -> None:
        self.how: str = prepared.how
        self.counts = prepared.counts
        self.reports = prepared.counts.reports
        self._asked = (store, population, prepared)

    @cached_property
    def margins(self) -> Margins:
        """Reports of each product and of each reaction, by stratum."""
        return _margins(*self._asked)

    def whole(self) -> WholeTable:
        """Give what the shrinker needs."""
        expected = np.empty(self.counts.pairs.nnz)
        for part, product, reaction in _ranges(self.counts):
            expected[part] = self.margins.expected(product, reaction)
        return WholeTable(self.counts.pairs.data, expected, self.margins)

    def batches(self) -> Iterator[Batch]:
        """Give the pairs in order of their names."""
        counts = self.counts
        names = pa.array(counts.products, pa.string()), pa.array(counts.reactions, pa.string())
        for part, product, reaction in _ranges(counts):
            n = counts.pairs.data[part]
            expected = self.margins.expected(product, reaction)
            tables = Tables.of(
                n, counts.product_reports[product], counts.reaction_reports[reaction], counts.reports
            )
            found = disproportionality(tables, expected)
            measures = {
                name: getattr(found, "chi_squared" if name == "chi2" else name)
                for name in (*MEASURES, "ic025")
            }
            yield Batch(
                pa.DictionaryArray.from_arrays(pa.array(product.astype(np.int32)), names[0]),
                pa.DictionaryArray.from_arrays(pa.array(reaction.astype(np.int32)), names[1]),
                n,
                expected,
                measures,
            )


def _ranges(counts: PairCounts) -> Iterator[tuple[slice, IntArray, IntArray]]:
    """Stretches of pairs with the product and the reaction of each."""
    start = counts.pairs.indptr
    for first in range(0, counts.pairs.nnz, BATCH):
        part = slice(first, min(first + BATCH, counts.pairs.nnz))
        product = np.searchsorted(start, np.arange(part.start, part.stop), side="right") - 1
        yield part, product, counts.pairs.indices[part].astype(np.int64)


def _margins(store: Store, population: Population, prepared: Prepared) -> Margins:
    counts = prepared.counts
    if not population.strata:
        return Margins.of(counts.product_reports, counts.reaction_reports, [counts.reports])
    encoded = prepared.encoded()
    chosen = exposed(encoded, population.roles)
    place, strata = _strata(store, population, encoded.reports)
    totals = np.bincount(place[chosen.taking_part], minlength=strata)
    return Margins.of(
        _by_stratum(chosen, "products", place, strata),
        _by_stratum(chosen, "reactions", place, strata),
        totals,
    )


def _by_stratum(chosen: Exposed, side: str, place: IntArray, strata: int) -> IntArray:
    matrix = getattr(chosen, side)
    of_row = np.repeat(place, np.diff(matrix.indptr))
    kinds = matrix.shape[1]
    found = np.bincount(matrix.indices.astype(np.int64) * strata + of_row, minlength=kinds * strata)
    return found.reshape(kinds, strata)


def _strata(store: Store, population: Population, encoded: IntArray) -> tuple[IntArray, int]:
    """Place of the stratum of each encoded report, and how many strata there are."""
    rows = stratum(store.reports(), population.strata).to_pyarrow()
    labels = rows.column("stratum").combine_chunks().dictionary_encode()
    reports = rows.column("report").to_numpy()
    order = np.argsort(reports, kind="stable")
    where = order[np.searchsorted(reports, encoded, sorter=order)]
    return labels.indices.to_numpy().astype(np.int64)[where], len(labels.dictionary)


class FromExpression:
    """Pairs counted and measured by the Ibis expression on a backend, kept in a scratch folder meanwhile."""

    how = "counted"

    def __init__(self, backend: Any, store: Store, population: Population, scratch: Path) -> None:
        self.engine = "duckdb" if backend.name == "duckdb" else "spark"
        names = ("reports", "report_products", "report_reactions")
        tables = [backend.read_parquet(str(store.paths[name])) for name in names]
        counted = Counted(tables[0], tables[1], tables[2], population)
        self.strata = bool(population.strata)
        self.tables = {
            name: _write(backend, expression, scratch / name)
            for name, expression in (
                ("pairs", counted.pairs()),
                ("product", counted.by_product()),
                ("reaction", counted.by_reaction()),
                ("all", counted.in_all()),
            )
        }
        self.reports = int(_read(self.tables["all"]).column("reports").to_numpy().sum())

    def whole(self) -> WholeTable:
        """Give what the shrinker needs."""
        pairs = _read(self.tables["pairs"], ["n", "expected"])
        everyone = _read(self.tables["all"])
        strata = everyone.column("stratum").to_pylist() if self.strata else [""]
        margins = Margins.of(
            self._margin("product", strata),
            self._margin("reaction", strata),
            everyone.column("reports").to_numpy(),
        )
        return WholeTable(pairs.column("n").to_numpy(), pairs.column("expected").to_numpy(), margins)

    def _margin(self, kind: str, strata: list[str]) -> FloatArray:
        table = _read(self.tables[kind])
        name = table.column(kind).combine_chunks().dictionary_encode()
        margin = np.zeros((len(name.dictionary), len(strata)))
        where = {stratum: place for place, stratum in enumerate(strata)}
        column = [where[text] for text in table.column("stratum").to_pylist()] if self.strata else 0
        margin[name.indices.to_numpy(), column] = table.column(f"{kind}_reports").to_numpy()
        return margin

    def batches(self) -> Iterator[Batch]:
        """Give the pairs in order of their names."""
        for path in sorted(self.tables["pairs"].glob("*.parquet")):
            with pq.ParquetFile(path, read_dictionary=["product", "reaction"]) as file:
                for batch in file.iter_batches(batch_size=BATCH):
                    n, expected = batch.column("n").to_numpy(), batch.column("expected").to_numpy()
                    measures = {name: batch.column(name).to_numpy(zero_copy_only=False) for name in MEASURES}
                    measures["ic025"] = information_component(n.astype(np.float64), expected)[1]
                    yield Batch(batch.column("product"), batch.column("reaction"), n, expected, measures)


def _write(backend: Any, expression: ibis.Table, folder: Path) -> Path:
    """Run an expression into Parquet files whose names are in the order of their rows."""
    if backend.name == "pyspark":
        expression.to_parquet_dir(str(folder))
    else:
        folder.mkdir()
        expression.to_parquet(str(folder / "part-0.parquet"))
    return folder


def _read(folder: Path, columns: list[str] | None = None) -> pa.Table:
    return pa.concat_tables(
        [pq.read_table(path, columns=columns) for path in sorted(folder.glob("*.parquet"))]
    )
