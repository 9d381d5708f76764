"""Counting all pairs of an encoded snapshot: distinct reports by product, reaction and both.

For a product that many reports name, the reactions of those reports are laid end to end and counted in one
pass over a dense row; products that few reports name go through one sparse product together. Both
give the whole numbers that ``drugs.T @ reactions`` gives, at about half the time (see ``bench_scan``).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from exovigil.signals.scan.encoding import CodeArray, Encoded, IntArray
from exovigil.signals.scan.population import ROLES

_DENSE = 16  # a product is counted in a dense row when it has this share of its length to count
_BATCH = 20_000_000  # meetings counted at a time in the sparse product


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Distinct reports of every pair that was reported, and the margins of its table.

    ``pairs``: products × reactions, reports that name both (no zeros, columns ascending);
    ``product_reports``, ``reaction_reports``: reports that name each; ``reports``: in all.
    """

    products: tuple[str, ...]
    reactions: tuple[str, ...]
    pairs: sparse.csr_array
    product_reports: IntArray
    reaction_reports: IntArray
    reports: int


@dataclass(frozen=True, slots=True)
class Exposed:
    """Reports that take part: which they are, and their products and reactions as 0/1 matrices."""

    taking_part: NDArray[np.bool_]
    products: sparse.csr_array
    reactions: sparse.csr_array


def exposed(encoded: Encoded, roles: tuple[str, ...]) -> Exposed:
    """Products in these roles and reactions of the reports that have both; reports keep their rows."""
    per_report, products = _in_roles(encoded, roles)
    has_reaction = encoded.reactions.lengths > 0
    taking_part = (per_report > 0) & has_reaction
    rows = len(encoded.reports)
    return Exposed(
        taking_part,
        _matrix(per_report, products, taking_part, (rows, len(encoded.products.names))),
        _matrix(
            encoded.reactions.lengths,
            encoded.reactions.code,
            taking_part,
            (rows, len(encoded.reactions.names)),
        ),
    )


def _in_roles(encoded: Encoded, roles: tuple[str, ...]) -> tuple[IntArray, CodeArray]:
    """How many products each report has in these roles, and which, each once."""
    side = encoded.products
    wanted = np.isin(ROLES, roles)[side.code % len(ROLES)] if len(roles) < len(ROLES) else None
    product = side.code // len(ROLES)
    report = np.repeat(np.arange(len(side.start) - 1, dtype=np.int32), side.lengths)
    if wanted is not None and not wanted.all():
        product, report = product[wanted], report[wanted]
    again = np.zeros(len(product), np.bool_)  # one product in two roles
    again[1:] = (product[1:] == product[:-1]) & (report[1:] == report[:-1])
    if again.any():
        product, report = product[~again], report[~again]
    return np.bincount(report, minlength=len(side.start) - 1).astype(np.int64), product


def _matrix(
    lengths: IntArray, code: CodeArray, kept: NDArray[np.bool_], shape: tuple[int, int]
) -> sparse.csr_array:
    if not kept[lengths > 0].all():
        code = code[np.repeat(kept, lengths)]
        lengths = np.where(kept, lengths, 0)
    start = np.zeros(len(lengths) + 1, np.int32 if len(code) < 2**31 else np.int64)
    np.cumsum(lengths, out=start[1:])
    return sparse.csr_array((np.ones(len(code), np.int8), code, start), shape=shape)


def count(encoded: Encoded, roles: tuple[str, ...]) -> PairCounts:
    """Count every pair of products in these roles with reactions."""
    return count_exposed(exposed(encoded, roles), encoded)


def count_exposed(chosen: Exposed, encoded: Encoded) -> PairCounts:
    """The same from matrices already made."""
    by_product = chosen.products.T.tocsr()
    columns, numbers, lengths = [], [], np.zeros(by_product.shape[0], np.int64)
    for product, reaction, n in _rows(by_product, chosen.reactions):
        columns.append(reaction)
        numbers.append(n)
        lengths[product] = len(reaction)
    start = np.concatenate([[0], np.cumsum(lengths)])
    pairs = sparse.csr_array(
        (
            np.concatenate([*numbers, np.empty(0, np.int32)]),
            np.concatenate([*columns, np.empty(0, np.int32)]),
            start,
        ),
        shape=(by_product.shape[0], chosen.reactions.shape[1]),
    )
    return PairCounts(
        products=encoded.products.names,
        reactions=encoded.reactions.names,
        pairs=pairs,
        product_reports=np.diff(by_product.indptr).astype(np.int64),
        reaction_reports=np.bincount(chosen.reactions.indices, minlength=chosen.reactions.shape[1]),
        reports=int(np.count_nonzero(chosen.taking_part)),
    )


def _rows(
    by_product: sparse.csr_array, reactions: sparse.csr_array
) -> Iterator[tuple[int, CodeArray, NDArray[np.int32]]]:
    """Reactions with their counts, product by product."""
    width = reactions.shape[1]
    lengths = np.diff(reactions.indptr)
    mean = float(lengths.sum()) / max(1, int(np.count_nonzero(lengths)))
    meetings = np.diff(by_product.indptr) * mean  # about
    dense = meetings > width / _DENSE
    product = 0
    while product < len(dense):
        if dense[product]:
            rows = by_product.indices[by_product.indptr[product] : by_product.indptr[product + 1]]
            found = np.bincount(reactions[rows].indices, minlength=width)
            reaction = np.flatnonzero(found)
            yield product, reaction.astype(np.int32), found[reaction].astype(np.int32)
            product += 1
        else:
            end = _end_of_batch(dense, meetings, product)
            yield from _sparse_rows(by_product[product:end], reactions, product)
            product = end


def _end_of_batch(dense: NDArray[np.bool_], meetings: NDArray[np.float64], first: int) -> int:
    until = first + int(np.argmax(dense[first:])) if dense[first:].any() else len(dense)
    room = int(np.searchsorted(np.cumsum(meetings[first:until]), _BATCH))
    return min(until, first + max(1, room))


def _sparse_rows(
    some: sparse.csr_array, reactions: sparse.csr_array, first: int
) -> Iterator[tuple[int, CodeArray, NDArray[np.int32]]]:
    met = some.astype(np.int32) @ reactions
    met.sort_indices()
    for row in range(met.shape[0]):
        part = slice(met.indptr[row], met.indptr[row + 1])
        yield first + row, met.indices[part].astype(np.int32), met.data[part].astype(np.int32)
