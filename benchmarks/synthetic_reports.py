"""Synthetic reports of the size and shape of FAERS, for benchmarks: nothing in them is about anybody.

Products and reactions are drawn independently from Zipf–Mandelbrot laws (s = 1.05, q = 20): 6,000
products, 20,000 terms, on average 3.2 products and 3 reactions a report, duplicates included. Independent
draws meet in far more pairs than real reports do (34 million, where all of FAERS has 4), so this is a hard case.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from exovigil.signals.store import Manifest
from exovigil.signals.store.manifest import NAME

PRODUCTS, TERMS = 6_000, 20_000
_S, _Q = 1.05, 20.0
_CHUNK = 1_000_000  # reports written at a time


def write_store(directory: Path, numbers: np.ndarray, *, seed: int = 2026) -> None:
    """Write a report store of synthetic reports with these numbers, as if imported at once."""
    version = directory / "versions" / "1"
    version.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, int(numbers[-1])])
    writers: dict[str, pq.ParquetWriter] = {}
    try:
        for start in range(0, len(numbers), _CHUNK):
            for name, table in _tables(rng, numbers[start : start + _CHUNK]):
                if name not in writers:
                    path = version / f"{name}.parquet"
                    writers[name] = pq.ParquetWriter(path, table.schema, compression="zstd")
                writers[name].write_table(table)
    finally:
        for writer in writers.values():
            writer.close()
    nobody = pa.table({"family": pa.array([], pa.string()), "case_id": pa.array([], pa.string())})
    pq.write_table(nobody, version / "deleted_cases.parquet")
    write_change(directory, 1, added=numbers, removed=numbers[:0])
    publish(directory, Manifest(1, f"synthetic-{seed}-{numbers[0]}-{len(numbers)}"))


def write_change(directory: Path, number: int, *, added: np.ndarray, removed: np.ndarray) -> None:
    """Note what an import did, as the store does."""
    (directory / "changes").mkdir(exist_ok=True)
    words = np.repeat(np.array([0, 1], np.int8), [len(added), len(removed)])
    change = pa.DictionaryArray.from_arrays(words, ["added", "removed"])
    table = pa.table({"report": np.concatenate([added, removed]), "change": change})
    pq.write_table(table, directory / "changes" / f"{number}.parquet", compression="zstd")


def publish(directory: Path, manifest: Manifest) -> None:
    """Make a version that is written the store's."""
    (directory / "versions" / str(manifest.version) / NAME).write_text(manifest.text(), encoding="utf-8")
    for name, target in (("current", f"versions/{manifest.version}"), (NAME, f"current/{NAME}")):
        (directory / name).unlink(missing_ok=True)
        (directory / name).symlink_to(target)


def _tables(rng: np.random.Generator, numbers: np.ndarray) -> Iterator[tuple[str, pa.Table]]:
    size = len(numbers)
    sexes = pa.DictionaryArray.from_arrays(rng.integers(0, 3, size, dtype=np.int8), ["female", "male", ""])
    days = rng.integers(12_418, 20_454, size, dtype=np.int32)  # 2004 to 2025
    yield (
        "reports",
        pa.table(
            {
                "report": numbers,
                "source": pa.DictionaryArray.from_arrays(np.zeros(size, np.int8), ["synthetic"]),
                "sex": sexes,
                "age_years": pa.array(rng.integers(0, 100, size).astype(np.float64)),
                "received": pa.array(days).cast(pa.date32()),
            }
        ),
    )
    report, product = _drawn(rng, numbers, PRODUCTS, 2.2)
    roles = pa.DictionaryArray.from_arrays(np.zeros(len(report), np.int8), ["suspect"])
    names = pa.array([f"PRODUCT {number:05d}" for number in range(PRODUCTS)])
    yield (
        "report_products",
        pa.table(
            {"report": report, "product": pa.DictionaryArray.from_arrays(product, names), "role": roles}
        ),
    )
    report, term = _drawn(rng, numbers, TERMS, 2.0)
    names = pa.array([f"Term {number:05d}" for number in range(TERMS)])
    yield (
        "report_reactions",
        pa.table({"report": report, "reaction": pa.DictionaryArray.from_arrays(term, names)}),
    )


def _drawn(
    rng: np.random.Generator, numbers: np.ndarray, kinds: int, more: float
) -> tuple[np.ndarray, np.ndarray]:
    """One and on average ``more`` further kinds for each report."""
    report = np.repeat(numbers, 1 + rng.poisson(more, len(numbers)))
    shares = 1.0 / (np.arange(kinds) + 1 + _Q) ** _S
    ladder = np.cumsum(shares / shares.sum())
    ladder[-1] = 1.0
    return report, np.searchsorted(ladder, rng.random(len(report))).astype(np.int32)
