"""Counts after an import, from the counts before it: only the reports that it touched are counted.

Counts are additive: those of the touched reports as they were are taken off, those of the same reports as
they are now are added. The result is that of a full count. The names may grow; numbers keep the order of
the alphabet, so every table keeps its order too.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from exovigil.signals.scan.encoding import CodeArray, Encoded, IntArray, Rows, Side, rows_of, side_of
from exovigil.signals.scan.kernel import PairCounts, count
from exovigil.signals.scan.population import ROLES, Store


@dataclass(frozen=True, slots=True)
class Updated:
    """An encoded snapshot brought up to date, with the touched reports as they were and as they are."""

    now: Encoded
    taken_off: Encoded
    added: Encoded


def update(before: Encoded, store: Store, touched: IntArray) -> Updated:
    """Bring an encoded snapshot up to the store as it is, which differs in the touched reports only."""
    touched = np.unique(touched)
    reports, products, reactions = _rows_now(store, touched)
    fresh = Encoded(
        reports, side_of(products, reports, store.products), side_of(reactions, reports, store.reactions)
    )
    old, fresh = _same_names(before, fresh)
    gone = _among(old.reports, touched)
    now = Encoded(
        np.concatenate([old.reports[~gone], fresh.reports]),
        _joined(old.products, gone, fresh.products),
        _joined(old.reactions, gone, fresh.reactions),
    )
    return Updated(now, _only(old, np.flatnonzero(gone)), fresh)


def recount(before: PairCounts, updated: Updated, roles: tuple[str, ...]) -> PairCounts:
    """Counts of the snapshot as it is now, from the counts before."""
    less, more = count(updated.taken_off, roles), count(updated.added, roles)
    products, reactions = updated.now.products.names, updated.now.reactions.names
    product, reaction = _places(before.products, products), _places(before.reactions, reactions)
    pairs = _moved(before.pairs, product, reaction, (len(products), len(reactions)))
    return PairCounts(
        products,
        reactions,
        _canonical(pairs + (more.pairs - less.pairs)),
        _spread(before.product_reports, product, len(products)) - less.product_reports + more.product_reports,
        _spread(before.reaction_reports, reaction, len(reactions))
        - less.reaction_reports
        + more.reaction_reports,
        before.reports - less.reports + more.reports,
    )


def _rows_now(store: Store, touched: IntArray) -> tuple[IntArray, Rows, Rows]:
    """Rows of the touched reports that are there now; the range of their numbers spares most of each file."""
    with duckdb.connect() as connection:

        def those(path: Path, columns: str, reports: IntArray) -> pa.Table:
            connection.register("wanted", pa.table({"report": reports}))
            query = f"""SELECT {columns} FROM read_parquet(?) SEMI JOIN wanted USING (report)
                WHERE report BETWEEN ? AND ?"""  # noqa: S608 - columns are ours
            least, most = (int(reports[0]), int(reports[-1])) if len(reports) else (0, -1)
            return connection.execute(query, [str(path), least, most]).to_arrow_table()

        reports = np.unique(those(store.reports, "report", touched).column(0).to_numpy().astype(np.int64))
        products = those(store.products, "report, product, role", reports)
        reactions = those(store.reactions, "report, reaction", reports)
    return (
        reports,
        rows_of(products, "product", store.products),
        rows_of(reactions, "reaction", store.reactions),
    )


def _among(reports: IntArray, touched: IntArray) -> NDArray[np.bool_]:
    """Which reports were touched; fast where they are in order, as they are in a first copy."""
    if len(reports) and np.all(reports[1:] > reports[:-1]):
        place = np.minimum(np.searchsorted(reports, touched), len(reports) - 1)
        found = np.zeros(len(reports), np.bool_)
        found[place[reports[place] == touched]] = True
        return found
    return np.isin(reports, touched)


def _same_names(old: Encoded, fresh: Encoded) -> tuple[Encoded, Encoded]:
    products = tuple(sorted({*old.products.names, *fresh.products.names}))
    reactions = tuple(sorted({*old.reactions.names, *fresh.reactions.names}))
    return tuple(  # type: ignore[return-value]
        Encoded(
            encoded.reports,
            _renamed(encoded.products, products, len(ROLES)),
            _renamed(encoded.reactions, reactions, 1),
        )
        for encoded in (old, fresh)
    )


def _renamed(side: Side, names: tuple[str, ...], per_name: int) -> Side:
    if side.names == names:
        return side
    place = np.repeat(_places(side.names, names) * per_name, per_name)
    place += np.tile(np.arange(per_name), len(side.names))
    return Side(names, side.start, place.astype(np.int32)[side.code])


def _places(names: tuple[str, ...], among: tuple[str, ...]) -> IntArray:
    where = {name: place for place, name in enumerate(among)}
    return np.array([where[name] for name in names], dtype=np.int64)


def _joined(side: Side, gone: NDArray[np.bool_], more: Side) -> Side:
    code: CodeArray = side.code
    lengths = side.lengths
    if gone.any():
        code, lengths = code[np.repeat(~gone, lengths)], lengths[~gone]
    start = np.concatenate([[0], np.cumsum(lengths), int(lengths.sum()) + np.cumsum(more.lengths)])
    return Side(side.names, start.astype(np.int64), np.concatenate([code, more.code]))


def _only(encoded: Encoded, which: NDArray[np.intp]) -> Encoded:
    return Encoded(encoded.reports[which], encoded.products.rows(which), encoded.reactions.rows(which))


def _moved(
    pairs: sparse.csr_array, product: IntArray, reaction: IntArray, shape: tuple[int, int]
) -> sparse.csr_array:
    if pairs.shape == shape:
        return pairs
    lengths = _spread(np.diff(pairs.indptr), product, shape[0])
    start = np.concatenate([[0], np.cumsum(lengths)])
    return sparse.csr_array((pairs.data, reaction.astype(np.int32)[pairs.indices], start), shape=shape)


def _spread(values: IntArray, place: IntArray, length: int) -> IntArray:
    wide = np.zeros(length, np.int64)
    wide[place] = values
    return wide


def _canonical(pairs: sparse.csr_array) -> sparse.csr_array:
    pairs.eliminate_zeros()
    pairs.sort_indices()
    return pairs
