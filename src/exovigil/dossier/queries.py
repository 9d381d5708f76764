"""Reads of the dossier room: editions as published, and whether newer facts are known."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from exovigil.dossier import body, registry
from exovigil.dossier.models import Edition
from exovigil.evidence import queries as evidence
from exovigil.foundation.papers import print_pdf

__all__ = [
    "Edition",
    "Revision",
    "current_body",
    "edition",
    "editions",
    "editions_of",
    "fresh",
    "intact",
    "newest_editions",
    "newest_of",
    "paper",
    "revisions",
]


@dataclass(frozen=True, slots=True)
class Revision:
    """One edition and what it changed against the one before; the first changes nothing."""

    edition: Edition
    changes: tuple[str, ...]


def editions() -> QuerySet[Edition]:
    """Every edition with who built it."""
    return Edition.objects.select_related("built_by")


def edition(pk: int) -> Edition:
    """One edition by key; raises Edition.DoesNotExist."""
    return editions().get(pk=pk)


def editions_of(condition: str, product_class: str) -> QuerySet[Edition]:
    """Editions of one dossier, newest first."""
    return editions().filter(condition=condition, product_class=product_class).order_by("-number")


def newest_editions() -> QuerySet[Edition]:
    """Return the newest edition of each dossier, the dossier built last first."""
    same = Edition.objects.filter(condition=OuterRef("condition"), product_class=OuterRef("product_class"))
    latest = Subquery(same.order_by("-number").values("number")[:1])
    return editions().annotate(latest=latest).filter(number=F("latest")).order_by("-built_at", "-pk")


def newest_of(condition: str, product_class: str) -> Edition | None:
    """Return the newest edition of one dossier, or None when none was built."""
    return editions_of(condition, product_class).first()


def revisions(rows: Iterable[Edition]) -> list[Revision]:
    """Put editions, given newest first, beside what each changed."""
    ordered = list(rows)
    before: list[Edition | None] = [*ordered[1:], None]
    return [
        Revision(row, tuple(body.changes(earlier.body, row.body)) if earlier else ())
        for row, earlier in zip(ordered, before, strict=True)
    ]


def current_body(condition: str, product_class: str, seen: registry.Registry | None = None) -> body.Body:
    """Return what an edition built today would hold; raises KeyError for a condition or class that is not known."""
    chosen = evidence.product_class(product_class)
    facts = body.current_facts(condition, chosen, seen or registry.read())
    return body.compose(facts, timezone.localdate())


def fresh(rows: Iterable[Edition]) -> dict[int, bool]:
    """Tell for each edition whether its facts are still the ones known now; the registry is counted once."""
    rows = list(rows)
    if not rows:
        return {}
    seen = registry.read()
    return {row.pk: _is_fresh(row, seen) for row in rows}


def intact(row: Edition) -> bool:
    """Tell whether an edition still is what was built: its digest fits its body."""
    return body.digest(row.body) == row.sha256


def paper(row: Edition) -> bytes:
    """Typeset an edition as a PDF."""
    data = {"edition": row.number, "sha256": row.sha256, **row.body}
    return print_pdf(files("exovigil.dossier") / "documents" / "dossier.typ", data)


def _is_fresh(row: Edition, seen: registry.Registry) -> bool:
    try:
        now = current_body(row.condition, row.product_class, seen)
    except KeyError:  # the condition has left the content files since
        return False
    return bool(now["built"]["facts_sha256"] == row.body["built"]["facts_sha256"])
