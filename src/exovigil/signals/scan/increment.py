"""Counts after an import, from the counts before it: only the reports that it touched are counted.

Counts are additive: those of the reports that went out, as they were, are taken off; those of the reports
that came in are added. The result is that of a full count. The names may grow; numbers keep the order of
the alphabet, so every table keeps its order too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.parquet as pq
from scipy import sparse

from exovigil.signals.scan.encoding import (
    Encoded,
    IntArray,
    ascending,
    encode_added,
    numbers,
    places,
    together,
)
from exovigil.signals.scan.kernel import PairCounts, count
from exovigil.signals.scan.segments import Copy
from exovigil.signals.store import Store


@dataclass(frozen=True, slots=True)
class Updated:
    """A copy brought up to date, with the reports that were taken off and those that were added."""

    copy: Copy
    taken_off: tuple[Encoded, ...]
    added: tuple[Encoded, ...]


def update(copy: Copy, store: Store, imports: Sequence[int]) -> Updated | None:
    """Do to a copy what these imports did to the store; None where what they tell does not fit the copy."""
    taken_off: list[Encoded] = []
    added: list[Encoded] = []
    for number in imports:
        came, went = _change(store, number)
        found = copy.without(went)
        if found is None or found[0].holds_any(came):
            return None
        added.append(encode_added(store, number, came))
        copy = found[0].plus(added[-1])
        taken_off += found[1]
    return Updated(copy, tuple(taken_off), tuple(added))


def recount(before: PairCounts, updated: Updated, roles: tuple[str, ...]) -> PairCounts:
    """Counts of the copy as it is now, from the counts before."""
    less, more = (count(together(parts), roles) for parts in (updated.taken_off, updated.added))
    every = (before, less, more)
    products = tuple(sorted({name for counts in every for name in counts.products}))
    reactions = tuple(sorted({name for counts in every for name in counts.reactions}))
    before, less, more = (_named(counts, products, reactions) for counts in every)
    return PairCounts(
        products,
        reactions,
        _canonical(before.pairs + (more.pairs - less.pairs)),
        before.product_reports - less.product_reports + more.product_reports,
        before.reaction_reports - less.reaction_reports + more.reaction_reports,
        before.reports - less.reports + more.reports,
    )


def _change(store: Store, number: int) -> tuple[IntArray, IntArray]:
    """Reports that an import added, and those that it removed, ascending."""
    with pq.ParquetFile(store.change_file(number), read_dictionary=["change"]) as file:
        table = file.read()
    words = table.column("change").combine_chunks()
    reports = numbers(table.column("report").combine_chunks()).astype(np.int64)
    added = np.array([word == "added" for word in words.dictionary.to_pylist()], np.bool_)
    came = added[numbers(words.indices)] if len(reports) else np.empty(0, np.bool_)
    return ascending(reports[came]), ascending(reports[~came])


def _named(counts: PairCounts, products: tuple[str, ...], reactions: tuple[str, ...]) -> PairCounts:
    """The same by other names, which hold these."""
    if (counts.products, counts.reactions) == (products, reactions):
        return counts
    product, reaction = places(counts.products, products), places(counts.reactions, reactions)
    lengths = _spread(np.diff(counts.pairs.indptr), product, len(products))
    start = np.concatenate([[0], np.cumsum(lengths)])
    pairs = sparse.csr_array(
        (counts.pairs.data, reaction.astype(np.int32)[counts.pairs.indices], start),
        shape=(len(products), len(reactions)),
    )
    return PairCounts(
        products,
        reactions,
        pairs,
        _spread(counts.product_reports, product, len(products)),
        _spread(counts.reaction_reports, reaction, len(reactions)),
        counts.reports,
    )


def _spread(values: IntArray, place: IntArray, length: int) -> IntArray:
    wide = np.zeros(length, np.int64)
    wide[place] = values
    return wide


def _canonical(pairs: sparse.csr_array) -> sparse.csr_array:
    pairs.eliminate_zeros()
    pairs.sort_indices()
    return pairs
