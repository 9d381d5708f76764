"""The encoded store with its counts: loaded if it is there, brought up to date if it can be, else made."""

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow.parquet as pq
from scipy import sparse

from exovigil.signals.scan import encoding, increment, kernel, segments
from exovigil.signals.scan.encoding import Encoded
from exovigil.signals.scan.kernel import PairCounts
from exovigil.signals.scan.segments import Copy
from exovigil.signals.store import Store

How = Literal["kept from the last scan", "counted", "last counts brought up to date"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An encoded store, the counts of one choice of roles, and how they were come by."""

    copy: Copy
    counts: PairCounts
    how: How

    def encoded(self) -> Encoded:
        """The copy in memory, by the names of the counts."""
        return self.copy.whole().named(self.counts.products, self.counts.reactions)


def prepare(store: Store, roles: tuple[str, ...]) -> Prepared:
    """Counts of the store as it is now; raises StoreError for a store that contradicts itself."""
    with _alone(store):
        here = store.encoded / store.snapshot
        how: How = "kept from the last scan"
        if not (here / "about.json").is_file():
            how = _make(store, here, roles)
        copy = segments.load(here)
        counts = _load_counts(here, roles)
        if counts is None:
            how, counts = "counted", kernel.count(copy.whole(), roles)
            _save_counts(here, roles, counts)
        _drop_others(store)
        return Prepared(copy, counts, how)


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """Let one scan at a time prepare; another waits, and finds the work done."""
    store.encoded.mkdir(exist_ok=True)
    with (store.encoded / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(store: Store, here: Path, roles: tuple[str, ...]) -> How:
    """Write the copy of the store as it is, whole or not at all; its counts too where they come from the last."""
    with tempfile.TemporaryDirectory(dir=store.encoded, prefix=".making-") as making:
        folder = Path(making) / "whole"
        folder.mkdir()
        how = _brought_up_to_date(store, folder, roles)
        if how is None:
            how = "counted"
            segments.save(segments.copy_of(encoding.encode(store)), folder)
        (folder / "about.json").write_text(json.dumps({"changes": _changes(store)}), encoding="utf-8")
        shutil.rmtree(here, ignore_errors=True)
        folder.rename(here)
    return how


def _brought_up_to_date(store: Store, folder: Path, roles: tuple[str, ...]) -> How | None:
    """Start from the last copy, or give None where it is no ancestor of this one."""
    last = _last(store)
    numbers = _imports_since(store, last) if last else []
    if last is None or not numbers:
        return None
    updated = increment.update(segments.load(last), store, numbers)
    if updated is None or updated.copy.reports != pq.read_metadata(store.paths["reports"]).num_rows:
        return None  # the store changed in a way that its changes do not tell
    counts = _load_counts(last, roles)
    if counts is not None:
        _save_counts(folder, roles, increment.recount(counts, updated, roles))
    segments.save(updated.copy.kept_together(), folder)
    return "last counts brought up to date"


def _last(store: Store) -> Path | None:
    made = [about for about in store.encoded.glob("*/about.json") if not about.parent.name.startswith(".")]
    return max(made, key=lambda about: about.stat().st_mtime_ns).parent if made else None


def _imports_since(store: Store, last: Path) -> list[int]:
    """Numbers of the imports since; none where the imports before are not the same ones, or a file is not there."""
    then = json.loads((last / "about.json").read_text(encoding="utf-8"))["changes"]
    now = _changes(store)
    if any(now.get(name) != digest for name, digest in then.items()):
        return []
    new = [int(name) for name in now if name not in then]
    tables = ("report_products", "report_reactions")
    there = all(store.named_file(number, table).is_file() for number in new for table in tables)
    return new if there else []


def _changes(store: Store) -> dict[str, str]:
    """Imports that the store holds, each with the digest of what it changed, in order."""
    digests = {}
    for number in range(1, store.manifest.version + 1):
        path = store.change_file(number)
        if path.is_file():
            with path.open("rb") as file:
                digests[str(number)] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


def _drop_others(store: Store) -> None:
    """Remove the copies of earlier snapshots, and what a scan that was killed left."""
    for old in store.encoded.iterdir():
        if old.name not in (store.snapshot, ".lock"):
            shutil.rmtree(old, ignore_errors=True)


def _save_counts(here: Path, roles: tuple[str, ...], counts: PairCounts) -> None:
    making = here / ".making"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    arrays = {
        "start": counts.pairs.indptr,
        "reaction": encoding.smallest(counts.pairs.indices),
        "n": counts.pairs.data,
        "products": counts.product_reports,
        "reactions": counts.reaction_reports,
    }
    for name, array in arrays.items():
        np.save(making / f"{name}.npy", array)
    said = {"reports": counts.reports, "products": counts.products, "reactions": counts.reactions}
    (making / "about.json").write_text(json.dumps(said), encoding="utf-8")
    making.rename(_counts_folder(here, roles))


def _load_counts(here: Path, roles: tuple[str, ...]) -> PairCounts | None:
    folder = _counts_folder(here, roles)
    if not folder.is_dir():
        return None
    said = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    start, reaction, n, products, reactions = (
        np.load(folder / f"{name}.npy", mmap_mode="r")
        for name in ("start", "reaction", "n", "products", "reactions")
    )
    shape = (len(said["products"]), len(said["reactions"]))
    pairs = sparse.csr_array((n, reaction.astype(np.int32), start), shape=shape)
    names = tuple(said["products"]), tuple(said["reactions"])
    return PairCounts(*names, pairs, products, reactions, said["reports"])


def _counts_folder(here: Path, roles: tuple[str, ...]) -> Path:
    return here / f"counts-{'-'.join(roles)}"
