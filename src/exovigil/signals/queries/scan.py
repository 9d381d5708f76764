"""The latest scan of the report store, read from its files."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache

from exovigil.signals import pair as pairs
from exovigil.signals import scan_table
from exovigil.signals.scan.table import about_file
from exovigil.signals.store import Store, StoreError, open_store

R = TypeVar("R")
KEPT = 3600  # seconds that an opened pair is kept: its key holds the snapshot, so it cannot go stale


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan and what it rests on; ``about`` is what the scan wrote of itself."""

    pairs: Path
    store: Store
    about: dict[str, Any]

    @property
    def made_at(self) -> dt.datetime:
        """When it was done."""
        return dt.datetime.fromisoformat(self.about["made_at"])

    @property
    def version(self) -> str:
        """Version of Exovigil that did it."""
        return str(self.about["version"])

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles in which a product counts."""
        return tuple(self.about["roles"])

    @property
    def roles_words(self) -> str:
        """Those roles in words."""
        return " or ".join(self.roles)

    @property
    def reports(self) -> int:
        """Reports counted."""
        return int(self.about["reports"])

    @property
    def snapshot(self) -> str:
        """Hash of the reports that were counted."""
        return str(self.about["snapshot"])

    @property
    def engine(self) -> str:
        """What counted."""
        return str(self.about["engine"])

    @property
    def has_shrunken(self) -> bool:
        """Whether the fit gave EBGM."""
        return bool(self.about["ebgm"]["state"] == "fitted")

    @property
    def refusal(self) -> str:
        """Why there is no EBGM; empty when there is, or when nobody asked for it."""
        return "" if self.has_shrunken else str(self.about["ebgm"].get("reason", ""))

    @property
    def order(self) -> str:
        """The order of the list unless the reader chooses another."""
        return "-eb05" if self.has_shrunken else "-ic025"

    @property
    def by_chance(self) -> float:
        """Pairs whose two-sided 95 % interval may lie wholly above chance though nothing is going on."""
        return int(self.about["pairs"]) / 40

    @property
    def expected_words(self) -> str:
        """How the expected number of reports was found."""
        strata = " and ".join(self.about["strata"])
        within = f", within each stratum of {strata} and added up" if strata else ""
        return f"Reports of the product × reports of the reaction ÷ all reports{within}"

    @property
    def fit_words(self) -> str:
        """Which likelihood gave EBGM, its parameters, and how sure the fit is of them."""
        fit = self.about["ebgm"]
        if not self.has_shrunken:
            return f"None: {fit.get('reason') or fit['state']}"
        prior = ", ".join(f"{value:.5f}" for value in fit["prior"].values())
        words = (
            f"Five-parameter gamma-Poisson shrinker (DuMouchel & Pregibon 2001), fitted to {fit['likelihood']}: "
            f"{prior}; negative log-likelihood {fit['negative_log_likelihood']:.4f} over {fit['cells']:,} cells; "
            f"{fit['agreeing']} of {fit['starts']} starts agree. {fit['rule']}"
        )
        return f"{words} {fit['other']}".strip()

    @property
    def sources(self) -> str:
        """Where the reports came from."""
        return ", ".join(sorted({done.format.upper() for done in self.store.manifest.imports}))


def latest_scan() -> Scan | None:
    """Return the scan of the configured report store, or None when it has not been scanned."""
    try:
        store = open_store(Path(settings.REPORT_STORE))
        about = json.loads(about_file(store.scanned).read_text(encoding="utf-8"))
    except (StoreError, FileNotFoundError):
        return None
    return Scan(store.scanned, store, about) if store.scanned.is_file() else None


def scan_counts(scan: Scan) -> dict[str, int]:
    """Return how many pairs the scan lists and how many each rule picks out; counted once for each scan."""
    return _kept(_key(scan, "counts"), lambda: scan_table.counted(scan.pairs))


def scanned_pair(scan: Scan, product: str, reaction: str) -> scan_table.PairRow | None:
    """Return a pair's row of the scan, or None."""
    return scan_table.row_of(scan.pairs, product, reaction)


def opened_pair(scan: Scan, pair: pairs.Pair) -> pairs.Opened:
    """Open a pair; kept for a while, as a pair of a large store takes seconds to count."""
    key = _key(scan, "opened", pair.product, pair.reaction)
    return _kept(key, lambda: pairs.opened(_tables(scan), pair))


def reports_of_pair(scan: Scan, pair: pairs.Pair, *, limit: int) -> list[pairs.ReportRow]:
    """Return the newest reports of a pair."""
    return pairs.reports_of(_tables(scan), pair, limit=limit)


def _tables(scan: Scan) -> pairs.ReportTables:
    return pairs.ReportTables(scan.store.reports(), scan.store.products(), scan.store.reactions())


def _kept(key: str, work: Callable[[], R]) -> R:
    found: R | None = cache.get(key)
    if found is None:
        found = work()
        cache.set(key, found, timeout=KEPT)
    return found


def _key(scan: Scan, *parts: str) -> str:
    words = json.dumps([scan.snapshot, scan.made_at.isoformat(), *parts])
    return f"scan:{hashlib.sha256(words.encode()).hexdigest()}"
