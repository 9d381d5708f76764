"""THE BOUNDARY where counts of treatments cross sites: two reads, and no patient in either.

Everything else in this room is read inside the scope of the member's sites. What crosses is what the two row classes
name and nothing more: keep it so when you add a field here. A patient who keeps out of the registry still counts as
a bare number, or the denominator would be wrong.
"""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count
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
class ExperienceRow:
    """What the network's clinics did with one class of exosome product for one indication, in totals only.

    ``answers`` counts answered follow-ups, ``answered`` treatments with at least one of them.
    """

    indication: str
    source_class: str
    treatments: int
    answers: int
    answered: int


def exposures(as_of: dt.date) -> list[ExposureRow]:
    """Every treatment of the network up to a day, in order of day.

    The watch counts with it, so that a lot spread over clinics is watched as one.
    """
    with scopes_disabled():
        rows = (
            Treatment.objects.filter(treated_on__lte=as_of)
            .order_by("treated_on", "pk")
            .values_list("treated_on", "product_id", "lot_id", "site__code", "route")
        )
        return [ExposureRow(*row) for row in rows]


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
