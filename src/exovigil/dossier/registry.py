"""What the registry has seen: counts over every clinic together, read once and shared by every dossier.

The totals cross sites inside ``clinic.queries.network`` and ``vigilance.queries.network``: no patient, no clinic, no
date comes with them.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exovigil.catalogue import queries as catalogue
from exovigil.clinic import queries as clinic
from exovigil.evidence.queries import ProductClass
from exovigil.signals import queries as signals
from exovigil.signals.watch import watch_designs
from exovigil.statistics.intervals import proportion_interval, rate_interval
from exovigil.vigilance import queries as vigilance
from exovigil.vigilance.terms import reaction_terms

METHOD = (
    "Cases per 1,000 treatments with the exact Poisson interval (Garwood 1936); treatments with any case out of"
    " treatments given with the exact binomial interval (Clopper and Pearson 1934); both 95 %. One patient may have"
    " several treatments, so the intervals are, if anything, too narrow."
)
QUERY = (
    "treatments of every clinic where the product is an exosome product of class “{label}”{where}; their answered"
    " follow-ups; cases whose product is of that class, as recorded and not de-duplicated; alarms of the watch on"
    " products of that class"
)
_EXOSOME = "exosome"

Facts = dict[str, Any]
Pair = tuple[str, str]  # condition key, product class key; an empty condition is "any condition"


@dataclass(frozen=True, slots=True)
class Registry:
    """Counts of the whole network by condition and product class.

    ``cases`` counts by reaction; ``affected`` counts treatments with at least one case; ``unattributed`` are cases
    whose product nobody knows.
    """

    treatments: Mapping[Pair, int]
    answers: Mapping[Pair, int]
    answered: Mapping[Pair, int]
    cases: Mapping[Pair, Mapping[str, int]]
    affected: Mapping[Pair, int]
    unattributed: int
    alarms: Mapping[str, list[Facts]]
    synthetic: frozenset[str]


def read() -> Registry:
    """Count everything once: eight queries or fewer, however many dossiers ask."""
    treatments, answers, answered = Counter[Pair](), Counter[Pair](), Counter[Pair]()
    for row in clinic.experience():
        for pair in _pairs(row.indication, row.source_class):
            treatments[pair] += row.treatments
            answers[pair] += row.answers
            answered[pair] += row.answered
    cases: dict[Pair, Counter[str]] = {}
    unattributed = 0
    for count in vigilance.reaction_counts():
        if not count.source_class:
            unattributed += count.cases
            continue
        for pair in _pairs(count.indication, count.source_class):
            cases.setdefault(pair, Counter())[count.term] += count.cases
    affected = Counter[Pair]()
    for some in vigilance.affected_counts():
        for pair in _pairs(some.indication, some.source_class):
            affected[pair] += some.treatments
    return Registry(treatments, answers, answered, cases, affected, unattributed, _alarms(), _synthetic())


def facts(registry: Registry, condition: str, product_class: ProductClass) -> Facts:
    """Freeze one pair's numbers, with the query, the method and the digest of the counts they come from."""
    here, anywhere = (condition, product_class.key), ("", product_class.key)
    counts: Facts = {
        "treatments": registry.treatments.get(here, 0),
        "treatments_any": registry.treatments.get(anywhere, 0),
        "answers": registry.answers.get(here, 0),
        "answered": registry.answered.get(here, 0),
        "affected": registry.affected.get(here, 0),
        "cases": dict(sorted(registry.cases.get(here, {}).items())),
        "cases_any": dict(sorted(registry.cases.get(anywhere, {}).items())),
        "unattributed": registry.unattributed,
        "alarms": registry.alarms.get(product_class.key, []),
    }
    return {
        **counts,
        "reactions": _reactions(counts),
        "share": _share(counts["affected"], counts["treatments"]),
        "total": _rate(sum(counts["cases"].values()), counts["treatments"]),
        "total_any": _rate(sum(counts["cases_any"].values()), counts["treatments_any"]),
        "synthetic": product_class.key in registry.synthetic,
        "query": QUERY.format(
            label=product_class.label.lower(), where=" and the indication is this condition"
        ),
        "method": METHOD,
        "sha256": hashlib.sha256(json.dumps(counts, sort_keys=True).encode()).hexdigest(),
    }


def _pairs(indication: str, source: str) -> set[Pair]:
    """Return the condition itself and "any condition"; a treatment has one indication, so both may be added up."""
    return {(indication, source), ("", source)}


def _reactions(counts: Facts) -> list[Facts]:
    labels = {term.code: term.label for term in reaction_terms()}
    rows = [
        {
            "term": term,
            "label": labels.get(term, term.replace("_", " ").capitalize()),
            "here": _rate(counts["cases"].get(term, 0), counts["treatments"]),
            "any": _rate(rows, counts["treatments_any"]),
        }
        for term, rows in counts["cases_any"].items()
    ]
    return sorted(rows, key=lambda row: (-row["any"]["events"], row["label"]))


def _rate(events: int, treatments: int) -> Facts:
    """Events per 1,000 treatments; without a denominator only the events."""
    if treatments < 1:
        return {"events": events, "of": 0, "per_1000": None, "low": None, "high": None}
    found = rate_interval(events, treatments / 1000)
    low, high = round(found.low, 3), round(found.high, 3)
    return {
        "events": events,
        "of": treatments,
        "per_1000": round(found.estimate, 3),
        "low": low,
        "high": high,
    }


def _share(events: int, total: int) -> Facts:
    """Treatments with any case in percent of the treatments given."""
    if total < 1 or events > total:
        return {"events": events, "of": total, "percent": None, "low": None, "high": None}
    found = proportion_interval(events, total)
    percent, low, high = (round(100 * x, 3) for x in (found.estimate, found.low, found.high))
    return {"events": events, "of": total, "percent": percent, "low": low, "high": high}


def _alarms() -> dict[str, list[Facts]]:
    events = {design.key: design.event_class for design in watch_designs()}
    found: dict[str, list[Facts]] = {}
    for row in signals.alarms().filter(product__kind=_EXOSOME).order_by("alarmed_on", "pk"):
        found.setdefault(row.product.source_class, []).append(
            {
                "key": str(row.pk),
                "event": events.get(row.event_class, row.event_class),
                "product": row.product.name,
                "lot": row.lot.number if row.lot else "",
                "alarmed_on": row.alarmed_on.isoformat(),
                "events": row.events,
                "expected": round(row.expected, 4),
                "state": row.get_state_display(),
                "is_open": row.state == row.State.OPEN,
            }
        )
    return found


def _synthetic() -> frozenset[str]:
    made_up = catalogue.products().filter(kind=_EXOSOME, is_synthetic=True)
    return frozenset(made_up.order_by().values_list("source_class", flat=True))
