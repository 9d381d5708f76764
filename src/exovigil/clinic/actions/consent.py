"""Consent: signed under frozen words, read under audit, withdrawn at any time."""

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.utils import timezone

from exovigil.clinic import consent as content
from exovigil.clinic.models import Consent, Patient, Screening, Treatment
from exovigil.clinic.queries.consents import CONFIRMATIONS, blanks, current_text, fill
from exovigil.clinic.queries.patients import latest_screening, screening_stands
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission

if TYPE_CHECKING:
    from exovigil.catalogue.models import Lot, Product


@action(Permission.TREAT)
def take_consent(
    *,
    by: Actor,
    site: Site,
    patient: Patient,
    product: "Product",
    signed_name: str,
    confirmed: Collection[str],
    agrees_to_registry: bool,
    agrees_to_reporting: bool,
    route: str = "",
    lot: "Lot | None" = None,
    seen_sha256: str = "",
    on: dt.date | None = None,
) -> Consent:
    """Keep a patient's signature under the frozen text for one product.

    ``confirmed`` names every sentence of ``CONFIRMATIONS``. ``seen_sha256`` is the digest of the text as the
    page showed it; if the words have changed since, this refuses, because nobody has read the new ones.
    Needs a recent screening that does not exclude. The registry and reporting answers change nothing here.
    """
    day = on or timezone.localdate()
    _may_consent(site, patient, day)
    if lot is not None and lot.product_id != product.pk:
        raise Refused("This lot is of another product. Choose the product's own lot.", "lot")
    if route and route not in Treatment.Route.values:
        raise Refused("Choose one of the routes.", "route")
    _signature_stands(signed_name, confirmed)
    text = current_text()
    if text is None:
        raise Refused("No consent text has been frozen yet. Ask whoever runs Exovigil to finish the set-up.")
    values = blanks(site=site, product=product, practitioner=by.name, route=route, lot=lot)
    filled = fill(text, values)
    if seen_sha256 and seen_sha256 != filled.sha256:
        raise Refused("The text has changed since this page was opened. Read it again before signing.")
    consent = Consent.objects.create(
        site=site,
        patient=patient,
        text=text,
        product=product,
        signed_name=signed_name.strip(),
        signed_on=day,
        taken_by_id=by.user_id,
        filled={name: values[name] for name in content.fields(text.version) if name in values},
        filled_sha256=filled.sha256,
        confirmed=[CONFIRMATIONS[code] for code in CONFIRMATIONS],
        agrees_to_registry=agrees_to_registry,
        agrees_to_reporting=agrees_to_reporting,
    )
    audit.record(
        "clinic.consent.taken",
        by=by,
        target=consent,
        site=site,
        patient=patient.pk,
        product=product.pk,
        text_version=text.version,
        text_sha256=filled.sha256,
        registry=agrees_to_registry,
        reporting=agrees_to_reporting,
    )
    return consent


@action(Permission.TREAT)
def read_consent(*, by: Actor, site: Site, consent: Consent) -> Consent:
    """Hand out a signed consent, which names the patient; the reading is recorded."""
    if consent.site_id != site.pk:
        raise Refused("This consent belongs to another site.")
    audit.record("clinic.consent.read", by=by, target=consent, site=site, patient=consent.patient_id)
    return consent


@action(Permission.TREAT)
def withdraw_consent(
    *, by: Actor, site: Site, consent: Consent, to: str, at: dt.datetime | None = None
) -> Consent:
    """Keep when the patient withdrew and who was told; treatments already given stay on record."""
    if consent.site_id != site.pk:
        raise Refused("This consent belongs to another site.")
    kept = Consent.objects.select_for_update().get(pk=consent.pk)
    if kept.withdrawn_at is not None:
        raise Refused("This consent was withdrawn already.")
    if not to.strip():
        raise Refused("Enter who the patient told.", "to")
    when = at or timezone.now()
    if when > timezone.now() or timezone.localtime(when).date() < kept.signed_on:
        raise Refused("Consent is withdrawn after it was signed and not in the future.")
    kept.withdrawn_at, kept.withdrawn_to = when, to.strip()
    kept.save(update_fields=["withdrawn_at", "withdrawn_to"])
    audit.record("clinic.consent.withdrawn", by=by, target=kept, site=site, patient=kept.patient_id)
    return kept


def _may_consent(site: Site, patient: Patient, day: dt.date) -> None:
    if patient.site_id != site.pk:
        raise Refused("This patient belongs to another site.")
    if day > timezone.localdate():
        raise Refused("Consent cannot be signed in the future.")
    screening = latest_screening(patient, day)
    if screening is None or not screening_stands(screening, day):
        raise Refused("Screen the patient first: there is no screening of the last six months.")
    if screening.outcome == Screening.Outcome.EXCLUDED:
        raise Refused("The screening excludes this patient, so there is nothing to consent to.")


def _signature_stands(signed_name: str, confirmed: Collection[str]) -> None:
    if set(confirmed) != set(CONFIRMATIONS):
        raise Refused("The patient ticks every sentence before signing.", "confirmed")
    if len(signed_name.strip()) < 3:
        raise Refused("The patient types their full name to sign.", "signed_name")
