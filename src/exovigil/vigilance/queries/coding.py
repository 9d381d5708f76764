"""Reads about MedDRA: releases of the site, the search for a term, and what a release does to the codes in use."""

from django.db.models import Case as When_
from django.db.models import IntegerField, Q, QuerySet, Value, When

from exovigil.vigilance.coding import Upgrade, upgrade
from exovigil.vigilance.meddra import Term
from exovigil.vigilance.models import Case, MeddraRelease, MeddraTerm, ReactionCode

SEARCH_LIMIT = 40  # rows shown


def meddra_releases() -> QuerySet[MeddraRelease]:
    """Releases that sites in scope imported, the latest import first."""
    return MeddraRelease.objects.select_related("site", "imported_by")


def meddra_terms() -> QuerySet[MeddraTerm]:
    """Terms in scope with their release."""
    return MeddraTerm.objects.select_related("release")


def meddra_search(release: MeddraRelease, text: str) -> list[MeddraTerm]:
    """Find terms whose own or preferred name holds every word, or whose code this is; current and exact ones first."""
    condition = Q()
    for word in text.split()[:8]:
        condition &= Q(name__icontains=word) | Q(pt_name__icontains=word) | Q(code=word)
    if not condition:
        return []
    nearness = When_(
        When(Q(name__iexact=text.strip()) | Q(code=text.strip()), then=Value(0)),
        When(name__istartswith=text.strip(), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    found = meddra_terms().filter(condition, release=release).annotate(nearness=nearness)
    return list(found.order_by("-is_current", "nearness", "name", "code")[:SEARCH_LIMIT])


def codes_to_upgrade(release: MeddraRelease) -> list[tuple[Case, ReactionCode, Upgrade]]:
    """Compare every code that counts at the release's site and came from another version with this release."""
    cases = (
        Case.objects.filter(site=release.site_id, codes__isnull=False).distinct().prefetch_related("codes")
    )
    coded = [(case, case.meddra) for case in cases.order_by("number")]
    rows = [(case, code) for case, code in coded if code and code.version != release.version]
    terms = meddra_terms().filter(release=release, code__in={code.llt_code for _, code in rows})
    new = {term.code: _term(term) for term in terms}
    found = []
    for case, code in rows:
        before = Term(code.llt_code, code.llt_name, True, code.pt_code, code.pt_name, code.soc_name)
        (told,) = upgrade([code.llt_code], {code.llt_code: before}, new)
        found.append((case, code, told))
    return found


def _term(row: MeddraTerm) -> Term:
    return Term(row.code, row.name, row.is_current, row.pt_code, row.pt_name, row.soc_name)
