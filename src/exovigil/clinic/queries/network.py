"""THE BOUNDARY where counts of treatments cross sites: four reads, and no patient in any.

Everything else in this room is read inside the scope of the member's sites. What crosses is what the two row classes
name and nothing more: keep it so when you add a field here. A patient who keeps out of the registry still counts as
a bare number, or the denominator would be wrong.
"""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Max, Q
from django_scopes import scopes_disabled

from exovigil.clinic.models import FollowUp, Treatment


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """One treatment as the watch counts it: a day, a product, a lot, a site and a route; no patient."""

    treated_on: dt.date
    product_id: int
    lot_id: int
    site_code: str
    route: str


@dataclass(frozen=True, slots=True)
class CircumstanceRow:
    """Treatments of one day that were alike in product, lot and how it was given, over every clinic together.

    ``device`` and ``agents`` are in words as recorded: group them before showing them.
    """

    treated_on: dt.date
    product_id: int
    lot_id: int
    route: str
    device: str
    agents: str
    dose: float
    dose_unit: str
    treatments: int


@dataclass(frozen=True, slots=True)
class WatchedRow:
    """How long one treatment was followed: an opaque number, the day, and two days of its follow-up.

    ``heard_on`` is when an answer last came, None for never; ``missed_from`` the last day of the first visit after
    that which closed without an answer, None while nothing was missed.
    """

    treatment_key: int
    treated_on: dt.date
    heard_on: dt.date | None
    missed_from: dt.date | None


@dataclass(frozen=True, slots=True)
class ExperienceRow:
    """What the network's clinics did with one class of exosome product for one indication, in totals only.

    ``answers`` counts answered follow-ups, ``answered`` treatments with at least one of them.
    """

    indication: str
    source_class: str
    treatments: int
    answers: int
    answered: int


def exposures(as_of: dt.date, *, product_id: int | None = None) -> list[ExposureRow]:
    """Every treatment of the network up to a day, or every one with a product, in order of day.

    The watch counts with it, so that a lot spread over clinics is watched as one.
    """
    narrow = {} if product_id is None else {"product_id": product_id}
    with scopes_disabled():
        rows = (
            Treatment.objects.filter(treated_on__lte=as_of, **narrow)
            .order_by("treated_on", "pk")
            .values_list("treated_on", "product_id", "lot_id", "site__code", "route")
        )
        return [ExposureRow(*row) for row in rows]


def circumstances(as_of: dt.date) -> list[CircumstanceRow]:
    """Treatments of the network up to a day, counted by what reactions are compared by."""
    alike = "treated_on product_id lot_id route device topical_agents dose dose_unit".split()
    with scopes_disabled():
        rows = (
            Treatment.objects.filter(treated_on__lte=as_of)
            .order_by(*alike)
            .values_list(*alike)
            .annotate(rows=Count("pk"))
        )
        return [
            CircumstanceRow(day, product, lot, route, device, agents, float(dose), unit, count)
            for day, product, lot, route, device, agents, dose, unit, count in rows
        ]


def watched(as_of: dt.date, *, product_id: int, lot_id: int | None = None) -> list[WatchedRow]:
    """How long each treatment with a product, or with one lot of it, was followed, as known on a day."""
    narrow = {"product_id": product_id} | ({"lot_id": lot_id} if lot_id is not None else {})
    known = Q(follow_ups__answered_on__lte=as_of)
    with scopes_disabled():
        treated = Treatment.objects.filter(treated_on__lte=as_of, **narrow).order_by("treated_on", "pk")
        rows = list(
            treated.annotate(heard=Max("follow_ups__answered_on", filter=known)).values_list(
                "pk", "treated_on", "heard"
            )
        )
        heard = {pk: last for pk, _, last in rows}
        missed = dict[int, dt.date]()
        visits = (
            FollowUp.objects.filter(treatment__in=treated, closes_on__lt=as_of)
            .exclude(answered_on__lte=as_of)
            .order_by("closes_on", "pk")
            .values_list("treatment_id", "closes_on")
        )
        for treatment, closes in visits:
            last = heard[treatment]
            if last is None or closes > last:
                missed.setdefault(treatment, closes)
    return [WatchedRow(pk, day, last, missed.get(pk)) for pk, day, last in rows]


def experience() -> list[ExperienceRow]:
    """Treatments and answers by indication and class of exosome product, over every clinic together.

    There is no clinic, day or patient in it, and it is never broken down by clinic: a small count would point at
    a person.
    """
    with scopes_disabled():
        treated = (
            Treatment.objects.filter(product__kind="exosome")
            .order_by()
            .values_list("indication", "product__source_class")
            .annotate(rows=Count("pk"))
        )
        told = (
            FollowUp.objects.filter(answered_on__isnull=False, treatment__product__kind="exosome")
            .order_by()
            .values_list("treatment__indication", "treatment__product__source_class")
            .annotate(rows=Count("pk"), treated=Count("treatment", distinct=True))
        )
        answers = {(indication, source): (rows, some) for indication, source, rows, some in told}
        return [
            ExperienceRow(indication, source, rows, *answers.get((indication, source), (0, 0)))
            for indication, source, rows in treated
        ]
