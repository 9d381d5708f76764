"""Everything an investigation looks at: what the network counted, and in detail what the actor's own sites know."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count

from exovigil.catalogue import queries as catalogue
from exovigil.clinic import queries as clinic
from exovigil.governance.actors import Actor
from exovigil.governance.roles import Permission
from exovigil.signals import attributes, inputs
from exovigil.signals.attributes import Given
from exovigil.signals.comparison import Comparison, compare
from exovigil.signals.models import Alarm
from exovigil.signals.onset import Followed, OnsetCurve, onset_curve
from exovigil.signals.queries.comparisons import circumstances
from exovigil.signals.queries.duplicates import decided
from exovigil.signals.watch import WatchDesign, watch_designs
from exovigil.vigilance import queries as vigilance

if TYPE_CHECKING:
    from exovigil.catalogue.models import Lot
    from exovigil.catalogue.queries import LotCheck
    from exovigil.clinic.queries import ExposureRow
    from exovigil.vigilance.models import Case
    from exovigil.vigilance.queries import ReactionRow

SAME_RUN = dt.timedelta(days=14)  # lots made so near to each other are named as perhaps of one run
_KINDS = (("route", "Route"), ("device", "Device"), ("adjunct", "Other agents in the sitting"))


@dataclass(frozen=True, slots=True)
class LotLine:
    """One lot: how it is related to the alarm, what was given and seen of it, and whether it may be used.

    ``treatments`` is None for a lot of another product, which is not counted here.
    """

    lot: "Lot"
    relation: str
    treatments: int | None
    cases: int
    clinics: int
    check: "LotCheck"


@dataclass(frozen=True, slots=True)
class Tally:
    """A name with the treatments and how many of them were affected (or cases, where it says so)."""

    name: str
    treatments: int
    affected: int


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case of the actor's sites with its latest judgement by each method."""

    case: "Case"
    days: int | None
    judgements: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Lots, the one in alarm first, and clinics by site code with their treatments and cases."""

    lots: tuple[LotLine, ...]
    clinics: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases and how the treatments were given; ``elsewhere`` counts cases by site code that the actor may not open."""

    cases: tuple[CaseLine, ...]
    elsewhere: tuple[tuple[str, int], ...]
    practitioners: tuple[Tally, ...]
    concomitants: tuple[tuple[str, tuple[Tally, ...]], ...]
    other_products: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """The alarm's lot or product against others, double reports counted once, and its time to onset."""

    design: WatchDesign
    against: tuple[Comparison, ...]
    onset: OnsetCurve


def places(alarm: Alarm, as_of: dt.date) -> Places:
    """Lots and sister lots, and the clinics that used them, over the whole network."""
    treated = clinic.exposures(as_of, product_id=alarm.product_id)
    rows = [row for row in vigilance.reactions(as_of) if row.term in _terms(alarm)]
    mine = [row for row in treated if alarm.lot_id in {None, row.lot_id}]
    given, seen = Counter(row.site_code for row in mine), _of_alarm(alarm, rows)
    told = Counter(row.site_code for row in seen)
    return Places(
        _lots(alarm, treated, rows, as_of),
        tuple(Tally(code, given[code], told[code]) for code in sorted({*given, *told})),
    )


def cases(actor: Actor, alarm: Alarm, as_of: dt.date) -> Cases:
    """Cases with causality at the actor's own sites, and what else was used in the treatments."""
    rows = _of_alarm(alarm, [row for row in vigilance.reactions(as_of) if row.term in _terms(alarm)])
    may_see = set(actor.site_ids) if actor.can(Permission.VIEW_CASES) else set()
    keys = [row.case_id for row in rows if row.site_id in may_see]
    own = list(vigilance.judged_cases().filter(pk__in=keys)) if keys else []
    mine = _mine(alarm, circumstances(as_of, _terms(alarm)))
    return Cases(
        cases=tuple(_line(case) for case in own),
        elsewhere=tuple(sorted(Counter(r.site_code for r in rows if r.site_id not in may_see).items())),
        practitioners=_practitioners(actor, alarm, own),
        concomitants=tuple((label, _grouped(key, mine)) for key, label in _KINDS),
        other_products=_other_products(actor, alarm, own),
    )


def comparison(alarm: Alarm, as_of: dt.date) -> Compared:
    """Compare with other lots, other products and no active product, and describe the time to onset."""
    design, terms = _design(alarm), _terms(alarm)
    lots = catalogue.products_of_lots()
    product_of_lot = {lot: product for lot, (product, _) in lots.items()}
    rows = [row for row in vigilance.reactions(as_of) if row.term in terms]
    events = [inputs.event_of(row, design, product_of_lot) for row in rows]
    against = compare(
        str(alarm.product_id),
        str(alarm.lot_id) if alarm.lot_id else None,
        [inputs.exposure_of(row) for row in clinic.exposures(as_of)],
        inputs.counted_once(rows, events, design, decided()),
        design,
        as_of,
        frozenset(str(product) for product, is_carrier in lots.values() if is_carrier),
    )
    return Compared(design, against, _onset(alarm, terms, as_of))


def _design(alarm: Alarm) -> WatchDesign:
    return next(design for design in watch_designs() if design.key == alarm.event_class)


def _terms(alarm: Alarm) -> tuple[str, ...]:
    return inputs.event_class(alarm.event_class).terms


def _mine(alarm: Alarm, rows: Iterable[Given]) -> list[Given]:
    if alarm.lot_id:
        return [row for row in rows if row.lot_id == alarm.lot_id]
    return [row for row in rows if row.product_id == alarm.product_id]


def _of_alarm(alarm: Alarm, rows: "Iterable[ReactionRow]") -> "list[ReactionRow]":
    """Cases of the alarm's lot or product; a known lot also tells the product."""
    if alarm.lot_id:
        return [row for row in rows if row.lot_id == alarm.lot_id]
    lots = set(catalogue.lots().filter(product=alarm.product_id).order_by().values_list("pk", flat=True))
    return [row for row in rows if row.product_id == alarm.product_id or row.lot_id in lots]


def _lots(
    alarm: Alarm, treated: "Sequence[ExposureRow]", rows: "Sequence[ReactionRow]", as_of: dt.date
) -> tuple[LotLine, ...]:
    related = [*catalogue.lots().filter(product=alarm.product_id), *catalogue.same_source_lots(alarm.product)]
    checks = catalogue.lot_checks(related, [], as_of)
    given, told = Counter(row.lot_id for row in treated), Counter(row.lot_id for row in rows)
    clinics = dict[int, set[str]]()
    for row in treated:
        clinics.setdefault(row.lot_id, set()).add(row.site_code)
    found = [
        LotLine(
            lot,
            _relation(alarm, lot),
            given[lot.pk] if lot.product_id == alarm.product_id else None,
            told[lot.pk],
            len(clinics.get(lot.pk, ())),
            checks[lot.pk][0],
        )
        for lot in related
    ]
    return tuple(sorted(found, key=lambda line: (line.lot.pk != alarm.lot_id, -line.cases, line.lot.number)))


def _relation(alarm: Alarm, lot: "Lot") -> str:
    if lot.pk == alarm.lot_id:
        return "The lot in alarm"
    if lot.product_id != alarm.product_id:
        return "Another product of the maker, same declared source"
    made = alarm.lot.made_on if alarm.lot else None
    if made and lot.made_on and abs(lot.made_on - made) <= SAME_RUN:
        return f"Same product, made within {SAME_RUN.days} days: perhaps one run"
    return "Same product"


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
