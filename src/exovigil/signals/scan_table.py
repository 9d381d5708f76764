"""The pairs of a scan's file as a list: searched, filtered, ordered and read a page at a time.

A scan of a large store has millions of pairs, so nothing is held in memory: the file is Parquet, and each question goes
to DuckDB as an Ibis expression that reads the columns and rows it needs.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import ibis
import ibis.expr.types as ir

RULES = {
    "eb05": "EB05 is 2 or more",
    "ic025": "IC025 is above 0",
    "evans": "PRR is 2 or more, chi-square 4 or more, 3 reports or more",
}
ORDERS = ("n", "expected", "prr", "ror", "chi2", "ic", "ic025", "ebgm", "eb05")
DEFAULT_ORDER = "-eb05"


@dataclass(frozen=True, slots=True)
class PairRow:
    """One pair with its measures; None where the table or the fit gives no number."""

    product: str
    reaction: str
    n: int
    expected: float | None
    prr: float | None
    prr_low: float | None
    prr_high: float | None
    ror: float | None
    ror_low: float | None
    ror_high: float | None
    chi2: float | None
    ic: float | None
    ic025: float | None
    ebgm: float | None
    eb05: float | None
    eb95: float | None


COLUMNS = tuple(field.name for field in fields(PairRow))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pairs, in which order: words of the product or reaction, fewest reports, a rule's name, an order."""

    words: str = ""
    at_least: int = 1
    rule: str = ""
    order: str = DEFAULT_ORDER


class ScanTable:
    """The pairs wanted, as a paginator and a file export meet them: a length, slices and rows one by one."""

    def __init__(self, file: Path, wanted: Wanted) -> None:
        self._pairs = _ordered(_chosen(_pairs(file), wanted), wanted.order)

    @functools.cached_property
    def _length(self) -> int:
        return int(self._pairs.count().to_pyarrow().as_py())

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice) -> list[PairRow]:
        start, stop = part.start or 0, part.stop if part.stop is not None else self._length
        page = self._pairs.limit(max(stop - start, 0), offset=start)
        return [PairRow(**row) for row in page.to_pyarrow().to_pylist()]

    def __iter__(self) -> Iterator[PairRow]:
        for batch in self._pairs.to_pyarrow_batches(chunk_size=10_000):
            yield from (PairRow(**row) for row in batch.to_pylist())


def counted(file: Path) -> dict[str, int]:
    """Return how many pairs the file has, and how many each rule would pick out."""
    pairs = _pairs(file)
    found = pairs.aggregate(
        all=pairs.count(), **{name: _rule(pairs, name).fill_null(False).sum() for name in RULES}
    )
    row = found.to_pyarrow().to_pylist()[0]
    return {name: int(value or 0) for name, value in row.items()}


def row_of(file: Path, product: str, reaction: str) -> PairRow | None:
    """Return one pair's row, or None when the scan has no such pair."""
    pairs = _pairs(file)
    found = pairs.filter((pairs["product"] == product) & (pairs["reaction"] == reaction)).limit(1)
    rows = found.to_pyarrow().to_pylist()
    return PairRow(**rows[0]) if rows else None


def _pairs(file: Path) -> ir.Table:
    """Open the file; what is not a number in it is missing here, so that it sorts last and compares as unknown."""
    pairs = ibis.duckdb.connect().read_parquet(file).select(*COLUMNS)
    numbers = {n: ibis.ifelse(pairs[n].isnan(), None, pairs[n]) for n in COLUMNS[3:]}
    return pairs.mutate(**numbers)


def _chosen(pairs: ir.Table, wanted: Wanted) -> ir.Table:
    pairs = pairs.filter(pairs.n >= wanted.at_least)
    for word in wanted.words.upper().split():
        found = pairs["product"].upper().contains(word) | pairs["reaction"].upper().contains(word)
        pairs = pairs.filter(found)
    return pairs.filter(_rule(pairs, wanted.rule)) if wanted.rule in RULES else pairs


def _rule(pairs: ir.Table, name: str) -> ir.BooleanValue:
    if name == "eb05":
        return pairs.eb05 >= 2
    if name == "ic025":
        return pairs.ic025 > 0
    return (pairs.prr >= 2) & (pairs.chi2 >= 4) & (pairs.n >= 3)


def _ordered(pairs: ir.Table, order: str) -> ir.Table:
    name = order.lstrip("-")
    if name not in ORDERS:
        order, name = DEFAULT_ORDER, DEFAULT_ORDER.lstrip("-")
    column = pairs[name]
    first = ibis.desc(column) if order.startswith("-") else ibis.asc(column)
    return pairs.order_by([column.isnull(), first, ibis.desc("n"), "product", "reaction"])
