"""The store as whole numbers: each report's products and reactions by their place in the alphabet.

Duplicate rows of a report are gone, names are in the order of their code points, and a product's role is
folded into its number. See ``segments`` for how it is kept on disk.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse

from exovigil.signals.scan.population import ROLES, UNKNOWN
from exovigil.signals.store import Store, StoreError

IntArray = NDArray[np.int64]
CodeArray = NDArray[np.int32]
Number = TypeVar("Number", bound=np.generic)

_ROWS = 1 << 20  # read at a time
_LARGEST_CODE = (1 << 31) // len(ROLES)


@dataclass(frozen=True, slots=True)
class Side:
    """What reports name: ``code[start[i]:start[i + 1]]`` is what report ``i`` names, ascending, each once.

    A code is a place in ``names``; among products it is ``per_name`` (four) times that place plus the place
    of the role, among reactions ``per_name`` is one.
    """

    names: tuple[str, ...]
    start: IntArray
    code: CodeArray
    per_name: int

    @property
    def lengths(self) -> IntArray:
        """How many codes each report has."""
        return np.diff(self.start)

    def rows(self, which: IntArray) -> "Side":
        """The same of some reports only, in the order given; reads no more of a mapped file than it must."""
        first, lengths = self.start[which], self.start[which + 1] - self.start[which]
        start = np.concatenate([[0], np.cumsum(lengths)])
        place = np.arange(start[-1]) + np.repeat(first - start[:-1], lengths)
        return Side(self.names, start, self.code[place].astype(np.int32), self.per_name)

    def without(self, gone: NDArray[np.bool_]) -> "Side":
        """The same but for some reports."""
        lengths = self.lengths
        code = self.code[np.repeat(~gone, lengths)].astype(np.int32)
        return Side(self.names, np.concatenate([[0], np.cumsum(lengths[~gone])]), code, self.per_name)

    def named(self, names: tuple[str, ...]) -> "Side":
        """The same by other names, which hold these."""
        if names == self.names:
            return Side(names, self.start, self.code.astype(np.int32, copy=False), self.per_name)
        place = np.repeat(places(self.names, names) * self.per_name, self.per_name)
        place += np.tile(np.arange(self.per_name), len(self.names))
        return Side(names, self.start, place.astype(np.int32)[self.code], self.per_name)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A snapshot in whole numbers: report ids with the products and the reactions of each."""

    reports: IntArray
    products: Side
    reactions: Side

    def rows(self, which: IntArray) -> "Encoded":
        """The same of some reports only, in the order given."""
        return Encoded(self.reports[which], self.products.rows(which), self.reactions.rows(which))

    def named(self, products: tuple[str, ...], reactions: tuple[str, ...]) -> "Encoded":
        """The same by other names, which hold these."""
        return Encoded(self.reports, self.products.named(products), self.reactions.named(reactions))

    def without(self, which: IntArray) -> "Encoded":
        """The same but for the reports at some places, all of it in memory."""
        gone = np.zeros(len(self.reports), np.bool_)
        gone[which] = True
        return Encoded(self.reports[~gone], self.products.without(gone), self.reactions.without(gone))


def encode(store: Store) -> Encoded:
    """Read the whole store; raises StoreError for a role or a report that it must not hold."""
    with pq.ParquetFile(store.paths["reports"]) as file:
        reports = numbers(file.read(columns=["report"]).column(0).combine_chunks())
    return _encoded(reports, store.paths["report_products"], store.paths["report_reactions"])


def encode_added(store: Store, number: int, reports: IntArray) -> Encoded:
    """Read what the ``reports`` that import ``number`` added name; raises StoreError likewise."""
    return _encoded(
        reports, store.named_file(number, "report_products"), store.named_file(number, "report_reactions")
    )


def _encoded(reports: IntArray, products: Path, reactions: Path) -> Encoded:
    reports = ascending(reports)
    return Encoded(
        reports,
        _side_of(_codes(products, "product"), reports, products),
        _side_of(_codes(reactions, "reaction"), reports, reactions),
    )


def numbers(column: pa.Array) -> NDArray[Any]:
    """The numbers of a column without nulls; ``to_numpy`` of pyarrow would import pandas, which takes a second."""
    found: NDArray[Any] = np.from_dlpack(column)
    return found


def ascending(reports: IntArray) -> IntArray:
    """Whole numbers in order, each once; ``np.unique`` would hash them all, at many times the cost."""
    reports = reports.astype(np.int64, copy=False)
    if not np.all(reports[1:] > reports[:-1]):
        reports = np.sort(reports)
        reports = reports[np.append(True, reports[1:] > reports[:-1])]
    return reports


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table: a report id and a code each, in the order and with the duplicates of the table."""

    names: tuple[str, ...]
    report: IntArray
    code: CodeArray
    per_name: int


def _codes(path: Path, kind: str) -> Rows:
    columns = [kind, "role"] if kind == "product" else [kind]
    seen: dict[str, int] = {}
    ids: list[IntArray] = []
    codes: list[CodeArray] = []
    roles: list[NDArray[np.int8]] = []
    with pq.ParquetFile(path, read_dictionary=columns) as file:
        for batch in file.iter_batches(batch_size=_ROWS, columns=["report", *columns]):
            if batch.column(1).null_count:
                batch = batch.filter(batch.column(1).is_valid())
            ids.append(numbers(batch.column(0)).astype(np.int64, copy=False))
            codes.append(_looked_up(batch.column(1), seen))
            if kind == "product":
                roles.append(_role_numbers(batch.column(2), path))
    names, place = _in_order(list(seen))
    code = place[_joined(codes, np.int32)]
    if kind == "product":
        code = code * len(ROLES) + _joined(roles, np.int8)
    return Rows(names, _joined(ids, np.int64), code, len(ROLES) if kind == "product" else 1)


def _in_order(names: Sequence[str]) -> tuple[tuple[str, ...], CodeArray]:
    """Names by code point, and the place of each of those given."""
    if len(names) >= _LARGEST_CODE:
        raise StoreError(f"{len(names):,} different names are more than can be counted")
    order = sorted(range(len(names)), key=names.__getitem__)
    place = np.empty(len(names), np.int32)
    place[order] = np.arange(len(names), dtype=np.int32)
    return tuple(names[i] for i in order), place


def _joined(parts: Sequence[NDArray[Number]], dtype: type[Number]) -> NDArray[Number]:
    if len(parts) == 1:
        return parts[0].astype(dtype, copy=False)
    return np.concatenate(parts) if parts else np.empty(0, dtype)


def _looked_up(column: pa.DictionaryArray, seen: dict[str, int]) -> CodeArray:
    known = [seen.setdefault(name, len(seen)) for name in column.dictionary.to_pylist()]
    place: CodeArray = np.asarray(known, dtype=np.int32)[numbers(column.indices)]
    return place


def _role_numbers(column: pa.DictionaryArray, path: Path) -> NDArray[np.int8]:
    names = column.dictionary.to_pylist()
    strange = sorted({str(name) for name in names} - set(ROLES))
    if strange:
        raise StoreError(
            f"{path}: role {strange[0]!r} is none of {', '.join(ROLES)}; import the sources into a new store"
        )
    role = np.array([*(ROLES.index(name) for name in names), ROLES.index(UNKNOWN)], dtype=np.int8)
    which = column.indices.fill_null(len(names)) if column.null_count else column.indices
    found: NDArray[np.int8] = role[numbers(which)]
    return found


def _side_of(rows: Rows, reports: IntArray, path: Path) -> Side:
    """Put rows by report, each code once; ``reports`` must be ascending and hold every report named."""
    place = _places(rows.report, reports, path)
    kinds = len(rows.names) * rows.per_name
    matrix = sparse.csr_array(
        (np.ones(len(place), np.int8), (place, rows.code)), shape=(len(reports), max(kinds, 1))
    )
    # making rows of coordinates puts each row in order and adds up what repeats
    start = matrix.indptr.astype(np.int64)
    return Side(rows.names, start, matrix.indices.astype(np.int32, copy=False), rows.per_name)


def _places(wanted: IntArray, reports: IntArray, path: Path) -> IntArray:
    if not len(reports):
        place = np.zeros(len(wanted), np.int64)
    elif int(reports[-1] - reports[0]) + 1 == len(reports):  # numbered without a gap
        place = np.clip(wanted - reports[0], 0, len(reports) - 1)
    else:
        place = np.minimum(np.searchsorted(reports, wanted), len(reports) - 1)
    if len(wanted) and (not len(reports) or not np.array_equal(reports[place], wanted)):
        raise StoreError(f"{path} names a report that is not there; import the sources into a new store")
    return np.asarray(place, dtype=np.int64)


def save(encoded: Encoded, folder: Path) -> None:
    """Write to a new folder."""
    folder.mkdir()
    np.save(folder / "reports.npy", encoded.reports)
    for name, side in (("products", encoded.products), ("reactions", encoded.reactions)):
        np.save(folder / f"{name}-start.npy", side.start)
        np.save(folder / f"{name}-code.npy", smallest(side.code))
        (folder / f"{name}.json").write_text(json.dumps(side.names), encoding="utf-8")


def load(folder: Path) -> Encoded:
    """Map what ``save`` wrote; codes are in the smallest type that holds them."""
    sides = [
        Side(
            tuple(json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))),
            np.load(folder / f"{name}-start.npy", mmap_mode="r"),
            np.load(folder / f"{name}-code.npy", mmap_mode="r"),
            per_name,
        )
        for name, per_name in (("products", len(ROLES)), ("reactions", 1))
    ]
    return Encoded(np.load(folder / "reports.npy", mmap_mode="r"), sides[0], sides[1])


def smallest(codes: CodeArray) -> NDArray[np.unsignedinteger]:
    """The same numbers in as few bytes as will do."""
    return codes.astype(np.min_scalar_type(int(codes.max(initial=0))))


def places(names: tuple[str, ...], among: tuple[str, ...]) -> IntArray:
    """Where each of some names is among others."""
    where = {name: place for place, name in enumerate(among)}
    return np.array([where[name] for name in names], dtype=np.int64)


def together(parts: Sequence[Encoded]) -> Encoded:
    """Several as one, with the names of all; no report may stand in two of them."""
    return Encoded(
        _joined([part.reports for part in parts], np.int64),
        _side_by_side([part.products for part in parts], len(ROLES)),
        _side_by_side([part.reactions for part in parts], 1),
    )


def _side_by_side(sides: Sequence[Side], per_name: int) -> Side:
    names = tuple(sorted({name for side in sides for name in side.names}))
    lengths = _joined([side.lengths for side in sides], np.int64)
    code = _joined([side.named(names).code for side in sides], np.int32)
    return Side(names, np.concatenate([[0], np.cumsum(lengths)]), code, per_name)
