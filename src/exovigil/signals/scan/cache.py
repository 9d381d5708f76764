"""The encoded snapshot with its counts: loaded if it is there, brought up to date if it can be, else made."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow.parquet as pq
from scipy import sparse

from exovigil.signals.scan import encoding, increment, kernel
from exovigil.signals.scan.encoding import Encoded, IntArray
from exovigil.signals.scan.kernel import PairCounts
from exovigil.signals.scan.population import Store

How = Literal["kept from the last scan", "counted", "last counts brought up to date"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An encoded snapshot, the counts of one choice of roles, and how they were come by."""

    encoded: Encoded
    counts: PairCounts
    how: How


def prepare(store: Store, roles: tuple[str, ...]) -> Prepared:
    """Counts of the store as it is now; raises StoreError for a store that cannot be read."""
    snapshot = store.snapshot
    here = store.encoded / snapshot
    if (here / "about.json").is_file():
        encoded = encoding.load(here)
        found = _load_counts(here, roles, encoded)
        return (
            Prepared(encoded, found, "kept from the last scan") if found else _counted(here, encoded, roles)
        )
    grown = _brought_up_to_date(store, here, roles)
    if grown is None:
        encoded = encoding.encode(store)
        encoding.save(encoded, here, _about(store))
        grown = _counted(here, encoded, roles)
    encoding.drop_others(store, snapshot)
    return grown


def _counted(here: Path, encoded: Encoded, roles: tuple[str, ...]) -> Prepared:
    counts = kernel.count(encoded, roles)
    _save_counts(here, roles, counts)
    return Prepared(encoded, counts, "counted")


def _brought_up_to_date(store: Store, here: Path, roles: tuple[str, ...]) -> Prepared | None:
    """Start from the last encoded snapshot, or give None where it is no ancestor of this one."""
    last = _last(store)
    if last is None:
        return None
    touched = _touched_since(store, last)
    if touched is None:
        return None
    before = encoding.load(last)
    counts = _load_counts(last, roles, before)
    updated = increment.update(before, store, touched)
    if len(updated.now.reports) != pq.read_metadata(store.reports).num_rows:
        return None  # the store changed in a way that its changes do not tell
    encoding.save(updated.now, here, _about(store))
    if counts is None:
        return _counted(here, updated.now, roles)
    found = increment.recount(counts, updated, roles)
    _save_counts(here, roles, found)
    return Prepared(updated.now, found, "last counts brought up to date")


def _last(store: Store) -> Path | None:
    made = [about for about in store.encoded.glob("*/about.json") if not about.parent.name.startswith(".")]
    return max(made, key=lambda about: about.stat().st_mtime_ns).parent if made else None


def _touched_since(store: Store, last: Path) -> IntArray | None:
    """Reports that the imports since touched; None where the imports before are not the same ones."""
    then = json.loads((last / "about.json").read_text(encoding="utf-8"))["changes"]
    now = _about(store)["changes"]
    new = [path for path in store.changes() if path.name not in then]
    if not new or any(now.get(name) != digest for name, digest in then.items()):
        return None
    tables = [pq.ParquetFile(path).read(columns=["report"]) for path in new]
    return np.concatenate([table.column(0).to_numpy().astype(np.int64) for table in tables])


def _about(store: Store) -> dict[str, dict[str, str]]:
    """Which imports a copy holds, each by the digest of what it changed."""
    digests = {}
    for path in store.changes():
        with path.open("rb") as file:
            digests[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return {"changes": digests}


def _counts_file(here: Path, roles: tuple[str, ...]) -> Path:
    return here / f"counts-{'-'.join(roles)}.npz"


def _save_counts(here: Path, roles: tuple[str, ...], counts: PairCounts) -> None:
    file = _counts_file(here, roles)
    making = file.with_suffix(".making")
    with making.open("wb") as out:
        np.savez(
            out,
            start=counts.pairs.indptr,
            reaction=encoding.smallest(counts.pairs.indices),
            n=counts.pairs.data,
            products=counts.product_reports,
            reactions=counts.reaction_reports,
            reports=np.int64(counts.reports),
        )
    making.replace(file)


def _load_counts(here: Path, roles: tuple[str, ...], encoded: Encoded) -> PairCounts | None:
    file = _counts_file(here, roles)
    if not file.is_file():
        return None
    with np.load(file, allow_pickle=False) as held:
        shape = (len(encoded.products.names), len(encoded.reactions.names))
        pairs = sparse.csr_array((held["n"], held["reaction"].astype(np.int32), held["start"]), shape=shape)
        return PairCounts(
            encoded.products.names,
            encoded.reactions.names,
            pairs,
            held["products"],
            held["reactions"],
            int(held["reports"]),
        )
