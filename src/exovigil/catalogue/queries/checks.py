"""May this lot be used at this site on this day? Release tests, expiry, quarantine and override together."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from exovigil.catalogue import certificate, release
from exovigil.catalogue.models import Lot, LotOverride
from exovigil.foundation.marks import day_words
from exovigil.governance.models import Site


@dataclass(frozen=True, slots=True)
class LotCheck:
    """The answer for one lot, one site and one day.

    ``reasons`` are the words for everything that speaks against use, an override notwithstanding.
    ``overridden_by`` says who allowed the lot here in spite of its release tests, and why; it is None when
    nobody did or when more has come up since. An override never reaches past expiry or quarantine: then
    ``usable`` stays False.
    """

    usable: bool
    reasons: tuple[str, ...]
    overridden_by: str | None
    decision: release.ReleaseDecision
    quarantined: bool = False

    @property
    def expired(self) -> bool:
        """True when the last day of use has passed."""
        return any(reason.kind == "expired" for reason in self.decision.blocking)

    @property
    def release_faults(self) -> tuple[release.Reason, ...]:
        """What blocks the lot by its release tests; only these can be overridden."""
        return tuple(reason for reason in self.decision.blocking if reason.code != "expiry")

    @property
    def depends_on_site(self) -> bool:
        """True when only release tests block the lot, so that each site may have decided otherwise."""
        no_other = len(self.release_faults) == len(self.decision.blocking)
        return bool(self.release_faults) and no_other and not self.quarantined

    @property
    def can_be_overridden(self) -> bool:
        """True when release tests, and nothing else, block the lot and no override covers it yet."""
        return self.depends_on_site and not self.overridden_by

    @property
    def word(self) -> str:
        """Status in words, the gravest first."""
        if self.quarantined:
            return "In quarantine"
        if self.expired:
            return "Expired"
        if self.usable:
            return "Allowed by override" if self.overridden_by else "May be used"
        return "Must not be used"

    @property
    def tone(self) -> str:
        """Tone of the status: good, warn or stop."""
        if not self.usable:
            return "stop"
        return "warn" if self.overridden_by else "good"


def fault_keys(decision: release.ReleaseDecision) -> list[str]:
    """Name the release faults of a decision as an override stores them."""
    return sorted(f"{reason.code}:{reason.kind}" for reason in decision.blocking if reason.code != "expiry")


def covered_in_words(override: LotOverride) -> str:
    """Say what an override covers: ``Mycoplasma missing, Sterility failed``."""
    labels = {test.code: test.label for test in release.release_tests()}
    pairs = (key.split(":", 1) for key in override.covers)
    return ", ".join(f"{labels.get(code, code)} {kind}" for code, kind in pairs)


def lot_check(lot: Lot, site: Site | None, on: dt.date) -> LotCheck:
    """Check one lot for a site and a day; without a site no override counts."""
    overrides = list(_overrides([lot], [site.pk])) if site else []
    return _check(lot, overrides, on)


def lot_checks(lots: Iterable[Lot], site_ids: Iterable[int], on: dt.date) -> dict[int, dict[int, LotCheck]]:
    """Check many lots in one query more: lot key to site key to check; key 0 is the check without a site."""
    rows, sites = list(lots), list(site_ids)
    allowed: dict[tuple[int, int], list[LotOverride]] = {}
    for override in _overrides(rows, sites):
        allowed.setdefault((override.lot_id, override.site_id), []).append(override)
    return {
        lot.pk: {key: _check(lot, allowed.get((lot.pk, key), []), on) for key in (0, *sites)} for lot in rows
    }


def _overrides(lots: list[Lot], site_ids: list[int]) -> Iterable[LotOverride]:
    return LotOverride.objects.filter(lot__in=lots, site_id__in=site_ids).select_related("made_by")


def _check(lot: Lot, overrides: list[LotOverride], on: dt.date) -> LotCheck:
    results = certificate.results(lot.release_tests.all())
    decision = release.judge(results, last_day=lot.expires_on, on=on)
    faults = fault_keys(decision)
    override = next((o for o in overrides if faults and set(faults) <= set(o.covers)), None)
    blocked_by_paper = len(faults) < len(decision.blocking)
    reasons = ["In quarantine"] if lot.is_quarantined else []
    reasons += [_words(reason, lot) for reason in decision.blocking]
    return LotCheck(
        usable=not lot.is_quarantined and not blocked_by_paper and (not faults or override is not None),
        reasons=tuple(reasons),
        overridden_by=_signed(override) if override else None,
        decision=decision,
        quarantined=lot.is_quarantined,
    )


def _words(reason: release.Reason, lot: Lot) -> str:
    if reason.kind == "expired" and lot.expires_on:
        return f"Expired on {day_words(lot.expires_on)}"
    return reason.text


def _signed(override: LotOverride) -> str:
    who = str(override.made_by) if override.made_by else "Exovigil"
    day = day_words(override.made_at)
    return f"{who} on {day}: {override.reason}"
