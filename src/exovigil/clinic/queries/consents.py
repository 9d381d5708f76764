"""Reads about consent: the frozen text, what it says to one patient, and the paper."""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from exovigil.clinic.models import Consent, ConsentText, Patient, Treatment
from exovigil.foundation.marks import day_words
from exovigil.foundation.papers import print_pdf
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site

if TYPE_CHECKING:
    from exovigil.catalogue.models import Lot, Product

_BLANK = re.compile(r"\{([a-z_]+)\}")

# What the patient ticks, one by one, before signing; the sentences are kept with the signature.
CONFIRMATIONS = {
    "read": "I have read this text, or it was read to me, and my questions were answered.",
    "time": "I have had time to decide, and nobody has pressed me.",
    "withdraw": "I know that I may change my mind at any time and need not give a reason.",
}
REGISTRY_QUESTION = "May facts about your treatment, without your name, be kept in the registry?"
REPORTING_QUESTION = "If you have a reaction, may it be reported to the authorities, without your name?"


@dataclass(frozen=True, slots=True)
class FilledText:
    """The frozen text with this patient's product, clinic and contact in it, and the digest of its words."""

    text: ConsentText
    paragraphs: list[dict[str, Any]]
    sha256: str


def current_text() -> ConsentText | None:
    """Return the newest frozen text, or None before installation froze one."""
    return ConsentText.objects.first()


def consents(actor: Actor) -> QuerySet[Consent]:
    """Consents at the actor's sites, newest first."""
    return Consent.objects.filter(site_id__in=actor.site_ids).select_related(
        "site", "patient", "product", "text", "taken_by"
    )


def consents_of(patient: Patient) -> QuerySet[Consent]:
    """One patient's consents, newest first."""
    return Consent.objects.filter(patient=patient).select_related("product", "text", "taken_by")


def blanks(
    *, site: Site, product: "Product", practitioner: str, route: str, lot: "Lot | None"
) -> dict[str, str]:
    """Say what fills the blanks of the text; what is not known is said in words."""
    return {
        "product": f"{product.name} ({product.maker})" if product.maker else product.name,
        "practitioner": practitioner,
        "clinic": site.name,
        "route": Treatment.Route(route).label.lower() if route else "not chosen yet",
        "lot": lot.number if lot else "not chosen yet",
        "source_class": product.get_source_class_display().lower(),
        "contact": f"{site.name} on {site.telephone}" if site.telephone else site.name,
    }


def fill(text: ConsentText, values: dict[str, str]) -> FilledText:
    """Fill the blanks of a frozen text; the digest is the one ``clinic.consent.render`` gives."""
    paragraphs = [
        {**p, "text": _BLANK.sub(lambda blank: values[blank[1]].strip(), p["text"])} for p in text.paragraphs
    ]
    return FilledText(text, paragraphs, _sha256(paragraphs))


def consent_paper(consent: Consent) -> bytes:
    """Typeset a signed consent as a PDF: the words as they were read, the signature, the sources."""
    filled = fill(consent.text, consent.filled)
    sources: list[str] = []
    paragraphs = []
    for paragraph in filled.paragraphs:
        marks = [_number(sources, _cite(source)) for source in paragraph["sources"]]
        paragraphs.append({"heading": paragraph["heading"], "text": paragraph["text"], "marks": marks})
    data = {
        "title": consent.text.title,
        "version": consent.text.version,
        "version_sha256": _sha256(consent.text.paragraphs),
        "sha256": filled.sha256,
        "intact": (filled.sha256, _sha256(consent.text.paragraphs))
        == (consent.filled_sha256, consent.text.sha256),
        "site": consent.site.name,
        "pseudonym": consent.patient.pseudonym,
        "product": consent.product.name,
        "paragraphs": paragraphs,
        "sources": sources,
        "confirmed": consent.confirmed,
        "registry": [REGISTRY_QUESTION, consent.agrees_to_registry],
        "reporting": [REPORTING_QUESTION, consent.agrees_to_reporting],
        "signed_name": consent.signed_name,
        "signed_on": day_words(consent.signed_on),
        "taken_by": consent.taken_by.name if consent.taken_by else "not recorded",
        "withdrawn": _withdrawal(consent),
    }
    return print_pdf(files("exovigil.clinic") / "documents" / "consent.typ", data)


def _sha256(paragraphs: list[dict[str, Any]]) -> str:
    plain = "\n\n".join(f"{p['heading']}\n{p['text']}" for p in paragraphs)
    return hashlib.sha256(plain.encode()).hexdigest()


def _number(sources: list[str], source: str) -> int:
    if source not in sources:
        sources.append(source)
    return sources.index(source) + 1


def _cite(source: dict[str, Any]) -> str:
    parts = [source["citation"], source["published"], source["link"]]
    depth = "read: " if source["verified"] else "unverified: "
    return ". ".join(part.rstrip(".") for part in parts if part) + f". ({depth}{source['read_depth']})"


def _withdrawal(consent: Consent) -> str:
    if consent.withdrawn_at is None:
        return ""
    when = date_format(timezone.localtime(consent.withdrawn_at), "j M Y, H:i")
    return f"Withdrawn on {when}, told to {consent.withdrawn_to}."
