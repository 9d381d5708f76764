"""The store as whole numbers: each report's products and reactions by their place in the alphabet.

Made once a snapshot and kept under ``encoded/<snapshot>/``; duplicate rows of a report are gone, names
are in the order of their code points, and a product's role is folded into its number. It is a cache: it may
be deleted at any time and is made again.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse

from exovigil.signals.scan.population import ROLES, UNKNOWN, Store, StoreError

IntArray = NDArray[np.int64]
CodeArray = NDArray[np.int32]
Number = TypeVar("Number", bound=np.generic)

_ROWS = 1 << 20  # read at a time
_LARGEST_CODE = (1 << 31) // len(ROLES)


@dataclass(frozen=True, slots=True)
class Side:
    """What reports name: ``code[start[i]:start[i + 1]]`` is what report ``i`` names, ascending, each once.

    A code is a place in ``names``; among products it is four times that place plus the place of the role.
    """

    names: tuple[str, ...]
    start: IntArray
    code: CodeArray

    @property
    def lengths(self) -> IntArray:
        """How many codes each report has."""
        return np.diff(self.start)

    def rows(self, which: NDArray[np.intp]) -> "Side":
        """The same of some reports only, in the order given."""
        matrix = sparse.csr_array(
            (np.ones(len(self.code), np.int8), self.code, self.start),
            shape=(len(self.start) - 1, _LARGEST_CODE),
        )[which]
        return Side(self.names, matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32, copy=False))


@dataclass(frozen=True, slots=True)
class Encoded:
    """A snapshot in whole numbers: report ids with the products and the reactions of each."""

    reports: IntArray
    products: Side
    reactions: Side


def encode(store: Store) -> Encoded:
    """Read the whole store; raises StoreError for a role or a report that it must not hold."""
    reports = pq.read_table(store.reports, columns=["report"]).column(0).to_numpy().astype(np.int64)
    reports = np.unique(reports)
    products = _codes(store.products, "product")
    reactions = _codes(store.reactions, "reaction")
    return Encoded(
        reports, side_of(products, reports, store.products), side_of(reactions, reports, store.reactions)
    )


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
            ids.append(batch.column(0).to_numpy().astype(np.int64, copy=False))
            codes.append(_looked_up(batch.column(1), seen))
            if kind == "product":
                roles.append(_role_numbers(batch.column(2), path))
    names, place = in_order(list(seen))
    code = place[_joined(codes, np.int32)]
    if kind == "product":
        code = code * len(ROLES) + _joined(roles, np.int8)
    return Rows(names, _joined(ids, np.int64), code, len(ROLES) if kind == "product" else 1)


def rows_of(table: pa.Table, kind: str, path: Path) -> Rows:
    """The same from a table in memory, such as the rows of the reports of one quarter."""
    table = table.filter(table.column(kind).is_valid())
    column = table.column(kind).combine_chunks().dictionary_encode()
    seen: dict[str, int] = {}
    code = _looked_up(column, seen)
    names, place = in_order(list(seen))
    code = place[code] if len(code) else np.empty(0, np.int32)
    if kind == "product":
        roles = _role_numbers(table.column("role").combine_chunks().dictionary_encode(), path)
        code = code * len(ROLES) + roles
    ids = table.column("report").to_numpy().astype(np.int64)
    return Rows(names, ids, code.astype(np.int32), len(ROLES) if kind == "product" else 1)


def in_order(names: Sequence[str]) -> tuple[tuple[str, ...], CodeArray]:
    """Names by code point, and the place of each of those given."""
    if len(names) >= _LARGEST_CODE:
        raise StoreError(f"{len(names):,} different names are more than can be counted")
    order = sorted(range(len(names)), key=names.__getitem__)
    place = np.empty(len(names), np.int32)
    place[order] = np.arange(len(names), dtype=np.int32)
    return tuple(names[i] for i in order), place


def _joined(parts: Sequence[NDArray[Number]], dtype: type[Number]) -> NDArray[Number]:
    return np.concatenate(parts) if parts else np.empty(0, dtype)


def _looked_up(column: pa.DictionaryArray, seen: dict[str, int]) -> CodeArray:
    known = [seen.setdefault(name, len(seen)) for name in column.dictionary.to_pylist()]
    place: CodeArray = np.asarray(known, dtype=np.int32)[column.indices.to_numpy()]
    return place


def _role_numbers(column: pa.DictionaryArray, path: Path) -> NDArray[np.int8]:
    names = column.dictionary.to_pylist()
    strange = sorted({str(name) for name in names} - set(ROLES))
    if strange:
        raise StoreError(f"{path}: role {strange[0]!r} is none of {', '.join(ROLES)}; import the store again")
    numbers = np.array([*(ROLES.index(name) for name in names), ROLES.index(UNKNOWN)], dtype=np.int8)
    found: NDArray[np.int8] = numbers[column.indices.fill_null(len(names)).to_numpy()]
    return found


def side_of(rows: Rows, reports: IntArray, path: Path) -> Side:
    """Put rows by report, each code once; ``reports`` must be ascending and hold every report named."""
    place = _places(rows.report, reports, path)
    kinds = len(rows.names) * rows.per_name
    matrix = sparse.csr_array(
        (np.ones(len(place), np.int8), (place, rows.code)), shape=(len(reports), max(kinds, 1))
    )
    # making rows of coordinates puts each row in order and adds up what repeats
    return Side(rows.names, matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32, copy=False))


def _places(wanted: IntArray, reports: IntArray, path: Path) -> IntArray:
    if not len(reports):
        place = np.zeros(len(wanted), np.int64)
    elif int(reports[-1] - reports[0]) + 1 == len(reports):  # numbered without a gap
        place = np.clip(wanted - reports[0], 0, len(reports) - 1)
    else:
        place = np.minimum(np.searchsorted(reports, wanted), len(reports) - 1)
    if len(wanted) and (not len(reports) or not np.array_equal(reports[place], wanted)):
        raise StoreError(f"{path} names a report that reports.parquet does not hold; import the store again")
    return np.asarray(place, dtype=np.int64)


def save(encoded: Encoded, directory: Path, about: Mapping[str, object]) -> None:
    """Write to a directory that appears whole or not at all; one that another scan made first is kept."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix=".making-") as making:
        made = Path(making) / "whole"
        made.mkdir()
        np.save(made / "reports.npy", encoded.reports)
        for name, side in (("products", encoded.products), ("reactions", encoded.reactions)):
            np.save(made / f"{name}-start.npy", side.start)
            np.save(made / f"{name}-code.npy", smallest(side.code))
            (made / f"{name}.json").write_text(json.dumps(side.names), encoding="utf-8")
        (made / "about.json").write_text(json.dumps(about), encoding="utf-8")
        try:
            made.rename(directory)
        except OSError:
            if not (directory / "about.json").is_file():
                raise


def load(directory: Path) -> Encoded:
    """Read what ``save`` wrote."""
    sides = [
        Side(
            tuple(json.loads((directory / f"{name}.json").read_text(encoding="utf-8"))),
            np.load(directory / f"{name}-start.npy"),
            np.load(directory / f"{name}-code.npy").astype(np.int32),
        )
        for name in ("products", "reactions")
    ]
    return Encoded(np.load(directory / "reports.npy"), sides[0], sides[1])


def smallest(codes: CodeArray) -> NDArray[np.unsignedinteger]:
    """The same numbers in as few bytes as will do."""
    return codes.astype(np.min_scalar_type(int(codes.max(initial=0))))


def drop_others(store: Store, snapshot: str) -> None:
    """Remove the encoded copies of earlier snapshots."""
    for old in store.encoded.iterdir():
        if old.name != snapshot and not old.name.startswith("."):
            shutil.rmtree(old, ignore_errors=True)
