"""Everything an investigation looks at: what the network counted, and in detail what the actor's own sites know."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Count

from exovigil.catalogue import queries as catalogue
from exovigil.clinic import queries as clinic
from exovigil.governance.actors import Actor
from exovigil.governance.queries import sites_of
from exovigil.governance.roles import Permission
from exovigil.signals import attributes, inputs
from exovigil.signals.attributes import Given
from exovigil.signals.models import Alarm
from exovigil.signals.onset import Followed, OnsetCurve, onset_curve
from exovigil.signals.queries.comparisons import circumstances
from exovigil.signals.watch import WatchDesign, watch_designs
from exovigil.statistics.rate_ratio import RateRatio, rate_ratio
from exovigil.statistics.risk_window import elapsed_share
from exovigil.vigilance import queries as vigilance

if TYPE_CHECKING:
    from exovigil.catalogue.models import Lot
    from exovigil.catalogue.queries import LotCheck
    from exovigil.vigilance.models import Case
    from exovigil.vigilance.queries import ReactionRow

SAME_RUN = dt.timedelta(days=14)  # lots made so near to each other are named as perhaps of one run
_KINDS = (("route", "Route"), ("device", "Device"), ("adjunct", "Other agents in the sitting"))


@dataclass(frozen=True, slots=True)
class LotLine:
    """One lot: how it is related to the alarm, what was given and seen of it, and whether it may be used."""

    lot: "Lot"
    relation: str
    treatments: int
    affected: int
    clinics: int
    check: "LotCheck"


@dataclass(frozen=True, slots=True)
class Tally:
    """A name with the treatments and how many of them were affected (or cases, where it says so)."""

    name: str
    treatments: int
    affected: int


@dataclass(frozen=True, slots=True)
class Against:
    """The alarm's stream against others: counts on both sides and the exact ratio, or None without a denominator.

    ``exposure`` is in treatments whose window has elapsed as a whole.
    """

    what: str
    affected: int
    exposure: float
    other_affected: int
    other_exposure: float
    ratio: RateRatio | None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case of the actor's sites with its latest judgement by each method."""

    case: "Case"
    days: int | None
    judgements: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Investigation:
    """What there is to look at; ``elsewhere`` counts cases by site code that the actor may not open."""

    design: WatchDesign
    lots: tuple[LotLine, ...]
    clinics: tuple[Tally, ...]
    practitioners: tuple[Tally, ...]
    concomitants: tuple[tuple[str, tuple[Tally, ...]], ...]
    other_products: tuple[Tally, ...]
    cases: tuple[CaseLine, ...]
    elsewhere: tuple[tuple[str, int], ...]
    against: tuple[Against, ...]
    own: Against
    onset: OnsetCurve


def investigation(actor: Actor, alarm: Alarm, as_of: dt.date) -> Investigation:
    """Put together what an alarm's investigation looks at, as of a day."""
    design = next(d for d in watch_designs() if d.key == alarm.event_class)
    terms = inputs.event_class(design.key).terms
    product_lots = list(catalogue.lots().filter(product=alarm.product_id))
    of_alarm = [alarm.lot_id] if alarm.lot_id else [lot.pk for lot in product_lots]
    given = circumstances(as_of, terms)
    mine = [row for row in given if row.lot_id in of_alarm]
    rest = [row for row in given if row.product_id == alarm.product_id and row.lot_id not in of_alarm]
    others = [row for row in given if row.product_id != alarm.product_id]
    rows = _cases_of(alarm, of_alarm, as_of, terms)
    own_cases = _own_cases(actor, rows)
    return Investigation(
        design=design,
        lots=_lots(alarm, product_lots, given, as_of),
        clinics=_clinics(alarm, rows, as_of),
        practitioners=_practitioners(actor, alarm, own_cases),
        concomitants=tuple((label, _grouped(key, mine)) for key, label in _KINDS),
        other_products=_other_products(actor, alarm, own_cases),
        cases=tuple(_line(case) for case in own_cases),
        elsewhere=_elsewhere(actor, rows),
        against=(
            *((_against("Other lots of this product", mine, rest, design, as_of),) if alarm.lot_id else ()),
            _against("All other products", mine, others, design, as_of),
        ),
        own=_against("", mine, [], design, as_of),
        onset=_onset(alarm, terms, as_of),
    )


def against_own_count(own: Against, events: int, treatments: int) -> Against:
    """Compare with a count of one's own of microneedling without any product, followed for the whole window."""
    ratio = rate_ratio(own.affected, own.exposure, events, treatments) if own.exposure > 0 else None
    return Against(
        "Microneedling without product, own count",
        own.affected,
        own.exposure,
        events,
        float(treatments),
        ratio,
    )


def _lots(alarm: Alarm, lots: "Sequence[Lot]", given: Sequence[Given], as_of: dt.date) -> tuple[LotLine, ...]:
    related = [*lots, *_same_source(alarm)]
    checks = catalogue.lot_checks(related, [], as_of)
    clinics = dict[int, set[str]]()
    for row in clinic.exposures(as_of, product_id=alarm.product_id):
        clinics.setdefault(row.lot_id, set()).add(row.site_code)
    found = []
    for lot in related:
        own = [row for row in given if row.lot_id == lot.pk]
        found.append(
            LotLine(
                lot,
                _relation(alarm, lot),
                sum(row.treatments for row in own),
                sum(row.affected for row in own),
                len(clinics.get(lot.pk, ())),
                checks[lot.pk][0],
            )
        )
    return tuple(
        sorted(found, key=lambda line: (line.lot.pk != alarm.lot_id, -line.affected, line.lot.number))
    )


def _same_source(alarm: Alarm) -> "list[Lot]":
    """Lots of the maker's other products with the same tissue or cell, declared."""
    declared = catalogue.stated_answers("declared")
    known = declared.get((alarm.product_id, "source_tissue"), "")
    if not known or not alarm.product.maker:
        return []
    siblings = [
        pk
        for pk in catalogue.products()
        .filter(maker=alarm.product.maker)
        .exclude(pk=alarm.product_id)
        .values_list("pk", flat=True)
        if declared.get((pk, "source_tissue"), "") == known
    ]
    return list(catalogue.lots().filter(product__in=siblings))


def _relation(alarm: Alarm, lot: "Lot") -> str:
    if lot.pk == alarm.lot_id:
        return "The lot in alarm"
    if lot.product_id != alarm.product_id:
        return "Another product of the maker, same declared source"
    made = alarm.lot.made_on if alarm.lot else None
    if made and lot.made_on and abs(lot.made_on - made) <= SAME_RUN:
        return f"Same product, made within {SAME_RUN.days} days: perhaps one run"
    return "Same product"


def _cases_of(
    alarm: Alarm, lots: Collection[int | None], as_of: dt.date, terms: Collection[str]
) -> "list[ReactionRow]":
    return [
        row
        for row in vigilance.reactions(as_of)
        if row.term in terms
        and (row.lot_id in lots if alarm.lot_id or row.lot_id else row.product_id == alarm.product_id)
    ]


def _clinics(alarm: Alarm, rows: "Iterable[ReactionRow]", as_of: dt.date) -> tuple[Tally, ...]:
    treated = Counter(
        row.site_code
        for row in clinic.exposures(as_of, product_id=alarm.product_id)
        if alarm.lot_id is None or row.lot_id == alarm.lot_id
    )
    cases = Counter(row.site_code for row in rows)
    return tuple(Tally(code, treated[code], cases[code]) for code in sorted({*treated, *cases}))


def _own_cases(actor: Actor, rows: "Iterable[ReactionRow]") -> "list[Case]":
    own = [row.case_id for row in rows if row.site_id in actor.site_ids]
    if not own or not actor.can(Permission.VIEW_CASES):
        return []
    return list(vigilance.clinical_files().filter(pk__in=own))


def _elsewhere(actor: Actor, rows: "Iterable[ReactionRow]") -> tuple[tuple[str, int], ...]:
    may_see = set(sites_of(actor).values_list("pk", flat=True)) if actor.can(Permission.VIEW_CASES) else set()
    return tuple(sorted(Counter(row.site_code for row in rows if row.site_id not in may_see).items()))


def _practitioners(actor: Actor, alarm: Alarm, cases: "Iterable[Case]") -> tuple[Tally, ...]:
    """Who treated at the actor's own sites, with the cases after their treatments."""
    if not actor.can(Permission.VIEW_PATIENTS):
        return ()
    narrow: dict[str, Any] = {"lot": alarm.lot_id} if alarm.lot_id else {"product": alarm.product_id}
    rows = (
        clinic.treatments(actor)
        .filter(**narrow)
        .order_by("practitioner__name", "practitioner")
        .values_list("practitioner", "practitioner__name")
        .annotate(rows=Count("pk"))
    )
    affected = Counter(case.treatment.practitioner_id for case in cases if case.treatment)
    return tuple(Tally(name or "Not recorded", count, affected[pk]) for pk, name, count in rows)


def _grouped(key: str, rows: Iterable[Given]) -> tuple[Tally, ...]:
    level = attributes.level_of(key, {})
    treated, affected = Counter[str](), Counter[str]()
    for row in rows:
        name = attributes.label_of(key, level(row), {})
        treated[name] += row.treatments
        affected[name] += row.affected
    return tuple(Tally(name, count, affected[name]) for name, count in treated.most_common())


def _other_products(actor: Actor, alarm: Alarm, cases: "Iterable[Case]") -> tuple[Tally, ...]:
    """Other products in the courses of the patients with a case, at the actor's own sites."""
    patients = {case.patient_id for case in cases if case.patient_id}
    if not patients or not actor.can(Permission.VIEW_PATIENTS):
        return ()
    rows = (
        clinic.treatments(actor)
        .filter(patient__in=patients)
        .exclude(product=alarm.product_id)
        .order_by("product__name")
        .values_list("product__name")
        .annotate(rows=Count("pk"), people=Count("patient", distinct=True))
    )
    return tuple(Tally(name, count, people) for name, count, people in rows)


def _line(case: "Case") -> CaseLine:
    judged = dict[str, str]()
    for row in case.assessments.all():  # newest first: the latest of each method counts
        judged.setdefault(row.get_method_display(), row.result)
    onset = inputs.full_day(case.onset)
    treated = case.treatment.treated_on if case.treatment else None
    return CaseLine(case, (onset - treated).days if onset and treated else None, tuple(judged.items()))


def _against(
    what: str, mine: Iterable[Given], others: Iterable[Given], design: WatchDesign, as_of: dt.date
) -> Against:
    affected, exposure = _exposed(mine, design, as_of)
    other, other_exposure = _exposed(others, design, as_of)
    known = exposure > 0 and other_exposure > 0
    ratio = rate_ratio(affected, exposure, other, other_exposure) if known else None
    return Against(what, affected, exposure, other, other_exposure, ratio)


def _exposed(rows: Iterable[Given], design: WatchDesign, as_of: dt.date) -> tuple[int, float]:
    found = list(rows)
    days = np.array([(as_of - row.treated_on).days for row in found], dtype=np.int64)
    share = elapsed_share(days, start=design.window_start_days, end=design.window_end_days)
    elapsed = float((share * np.array([row.treatments for row in found], dtype=np.float64)).sum())
    return sum(row.affected for row in found), elapsed


def _onset(alarm: Alarm, terms: Collection[str], as_of: dt.date) -> OnsetCurve:
    product, lot = alarm.product_id, alarm.lot_id
    told = dict[int, list[str]]()
    for row in vigilance.onsets(as_of, terms, product_id=product, lot_id=lot):
        told.setdefault(row.treatment_key, []).append(row.onset)
    followed = (
        Followed(row.treatment_key, row.treated_on, row.heard_on, row.missed_from is not None)
        for row in clinic.watched(as_of, product_id=product, lot_id=lot)
    )
    return onset_curve(followed, told, as_of)
