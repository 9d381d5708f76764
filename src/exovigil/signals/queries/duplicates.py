"""Cases that may be one: proposals over the network, and what people decided about them."""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.db.models import Q, QuerySet
from django.utils import timezone
from django_scopes import scopes_disabled

from exovigil.catalogue import queries as catalogue
from exovigil.governance.actors import Actor
from exovigil.signals import inputs
from exovigil.signals.duplicates import Band, CaseKey, Decision, ProposedPair, propose
from exovigil.signals.duplicates.explain import Explanation, beyond_rules, explain_cases
from exovigil.signals.models import DuplicateDecision
from exovigil.signals.watch import watch_designs
from exovigil.vigilance import queries as vigilance

if TYPE_CHECKING:
    from exovigil.catalogue.models import Lot
    from exovigil.vigilance.queries import ReactionRow


@dataclass(frozen=True, slots=True)
class Pair:
    """Two cases of the actor's sites, why they may be one, and what was decided last."""

    first: "ReactionRow"
    second: "ReactionRow"
    proposal: ProposedPair | None
    decision: DuplicateDecision | None
    explanation: Explanation | None

    @property
    def strength(self) -> str:
        """How strongly they look alike, in words."""
        if self.proposal is None:
            return "No longer proposed"
        return {Band.NEAR_CERTAIN: "Almost certain", Band.LIKELY: "Likely"}.get(
            self.proposal.band, "Possible"
        )

    @property
    def counts_as_one(self) -> bool:
        """Whether the de-duplicated count takes the two for one now."""
        if self.decision is not None:
            return self.decision.decision == DuplicateDecision.Decision.SAME
        return self.proposal is not None and self.proposal.band >= Band.LIKELY


def decided() -> dict[frozenset[str], Decision]:
    """What people decided over the whole network, keyed by the two cases; the latest decision counts."""
    with scopes_disabled():
        rows = DuplicateDecision.objects.order_by("decided_at", "pk").values_list(
            "first_id", "second_id", "decision"
        )
        return {frozenset((str(a), str(b))): cast("Decision", decision) for a, b, decision in rows}


def pairs(actor: Actor) -> list[Pair]:
    """Pairs proposed or decided between cases of the actor's sites.

    Undecided ones come first, of these what a report number ties, then the strongest.
    """
    rows = {str(row.case_id): row for row in vigilance.reactions(timezone.localdate())}
    own = {case for case, row in rows.items() if row.site_id in actor.site_ids}
    latest = _latest(actor)
    keys = tuple(_named_keys(list(rows.values())))
    ruled = propose(keys)
    explained = explain_cases(keys, (*((p.first, p.second) for p in ruled), *latest))
    weights = {_ordered(*both): explanation for both, explanation in explained.items()}
    proposals = {_ordered(p.first, p.second): p for p in (*beyond_rules(keys, explained), *ruled)}
    wanted = {both for both in (*proposals, *latest) if own.issuperset(both)}
    found = [
        Pair(rows[a], rows[b], proposals.get((a, b)), latest.get((a, b)), weights.get((a, b)))
        for a, b in wanted
    ]
    return sorted(found, key=_urgency)


def pair(actor: Actor, first_id: int, second_id: int) -> Pair | None:
    """One of those pairs, in either order; None when there is none at the actor's sites."""
    wanted = {first_id, second_id}
    return next((p for p in pairs(actor) if {p.first.case_id, p.second.case_id} == wanted), None)


def history_of_pair(first_id: int, second_id: int) -> QuerySet[DuplicateDecision]:
    """Every decision about two cases, newest first, inside the scope of the request."""
    low, high = sorted((first_id, second_id))
    return DuplicateDecision.objects.filter(first=low, second=high).select_related("decided_by")


def _named_keys(rows: "list[ReactionRow]") -> list[CaseKey]:
    """Compare by names instead of keys, so that the reasons read; names are as unique as keys."""
    products = {str(pk): name for pk, name in catalogue.products().values_list("pk", "name")}
    lots = {str(pk): f"{name}, {lot}" for pk, name, lot in _lot_names()}
    events = {design.key: design.event_class for design in watch_designs()}
    keys = (inputs.case_key(row) for row in rows)
    return [
        dataclasses.replace(
            key,
            product=products.get(key.product or ""),
            lot=lots.get(key.lot or ""),
            reaction_class=events.get(key.reaction_class or "", key.reaction_class),
        )
        for key in keys
    ]


def _lot_names() -> "QuerySet[Lot, tuple[int, str, str]]":
    return catalogue.lots().order_by("pk").values_list("pk", "product__name", "number")


def _latest(actor: Actor) -> dict[tuple[str, str], DuplicateDecision]:
    own = Q(first__site__in=actor.site_ids, second__site__in=actor.site_ids)
    rows = DuplicateDecision.objects.filter(own).select_related("decided_by").order_by("decided_at", "pk")
    return {(str(row.first_id), str(row.second_id)): row for row in rows}


def _ordered(a: str, b: str) -> tuple[str, str]:
    return (a, b) if int(a) < int(b) else (b, a)


def _urgency(pair: Pair) -> tuple[bool, bool, tuple[int, int], int, int]:
    """Undecided first, then what a report number ties, then the strongest."""
    place = pair.proposal.place if pair.proposal else (0, 0)
    return pair.decision is not None, pair.proposal is None, place, pair.first.case_id, pair.second.case_id
