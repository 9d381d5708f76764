"""Treatments: recorded only when selection, consent, lot and stock allow it, with their follow-ups planned."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from django.utils import timezone

from exovigil.catalogue import actions as catalogue
from exovigil.catalogue.queries import lot_check
from exovigil.clinic import places, queries, schedule
from exovigil.clinic.models import Consent, FollowUp, Patient, Protocol, Screening, Treatment
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site, User
from exovigil.governance.roles import Permission

if TYPE_CHECKING:
    from exovigil.catalogue.models import Lot, Product


@action(Permission.TREAT)
def record_treatment(
    *,
    by: Actor,
    site: Site,
    patient: Patient,
    product: "Product",
    lot: "Lot",
    treated_on: dt.date,
    dose: Decimal,
    dose_unit: str,
    vials: int,
    route: str,
    indication: str,
    regions: Sequence[str],
    device: str = "",
    topical_agents: str = "",
    practitioner: User | None = None,
    note: str = "",
    protocol: Protocol | None = None,
) -> Treatment:
    """Record one product given to one patient on one day, take its vials from stock, and plan its follow-ups.

    ``vials`` is how many were opened for it; 0 when the vial was opened for an earlier record of the sitting.
    ``practitioner`` is the acting member when not named; ``protocol`` the one adopted last. Refuses, and
    changes nothing, unless screening, consent, lot and stock allow the treatment on that day.
    """
    _places_and_amounts(treated_on, dose, dose_unit, vials, route, indication, regions, note)
    screening = _selected(site, patient, treated_on)
    consent = _consented(patient, product, treated_on)
    _lot_allowed(lot, product, site, treated_on)
    followed = protocol or queries.current_protocol()
    if followed is None:
        raise Refused(
            "No follow-up schedule has been adopted yet. Ask whoever runs Exovigil to finish the set-up."
        )
    treatment = Treatment.objects.create(
        site=site,
        patient=patient,
        screening=screening,
        consent=consent,
        product=product,
        lot=lot,
        protocol=followed,
        indication=indication,
        treated_on=treated_on,
        dose=dose,
        dose_unit=dose_unit,
        vials=vials,
        route=route,
        route_standing=queries.route_standing(product, route),
        device=device.strip(),
        topical_agents=topical_agents.strip(),
        regions=[region.code for region in places.regions() if region.code in set(regions)],
        practitioner_id=_practitioner_id(by, site, practitioner),
        note=note.strip(),
    )
    if vials:
        catalogue.use_stock(
            by=by, site=site, lot=lot, vials=vials, on=treated_on, reference=f"treatment:{treatment.pk}"
        )
    planned = _plan_follow_ups(treatment)
    audit.record(
        "clinic.treatment.recorded",
        by=by,
        target=treatment,
        site=site,
        patient=patient.pk,
        product=product.pk,
        lot=lot.pk,
        route_standing=treatment.route_standing,
        follow_ups=planned,
    )
    return treatment


def _places_and_amounts(
    treated_on: dt.date,
    dose: Decimal,
    dose_unit: str,
    vials: int,
    route: str,
    indication: str,
    regions: Sequence[str],
    note: str,
) -> None:
    """Check what the record says by itself, before anything is looked up."""
    known_regions = {region.code for region in places.regions()}
    known_indications = {row.key for row in places.indications()}
    rules = (
        (
            treated_on > timezone.localdate(),
            "This date is in the future. Enter the day of treatment.",
            "treated_on",
        ),
        (dose <= 0, "Enter a dose above zero.", "dose"),
        (dose_unit not in Treatment.DoseUnit.values, "Choose one of the units.", "dose_unit"),
        (vials < 0, "Enter how many vials were opened, 0 or more.", "vials"),
        (route not in Treatment.Route.values, "Choose one of the routes.", "route"),
        (indication not in known_indications, "Choose one of the reasons.", "indication"),
        (not regions, "Choose at least one area of the map.", "regions"),
        (not set(regions) <= known_regions, "Choose areas of the map only.", "regions"),
        (indication == "other" and not note.strip(), "Say in the note what the reason is.", "note"),
    )
    for broken, message, field in rules:
        if broken:
            raise Refused(message, field)


def _selected(site: Site, patient: Patient, day: dt.date) -> Screening:
    """Return the screening that allows treatment on a day, or say what is missing."""
    if patient.site_id != site.pk:
        raise Refused("This patient belongs to another site.")
    screening = queries.latest_screening(patient, day)
    if screening is None:
        raise Refused("Screen the patient first: there is no screening on or before the day of treatment.")
    if not queries.screening_stands(screening, day):
        raise Refused("The last screening is more than six months old. Screen the patient again.")
    if screening.outcome == Screening.Outcome.EXCLUDED:
        raise Refused("The screening excludes this patient from treatment. Nothing can be recorded.")
    if screening.outcome == Screening.Outcome.CAUTION and not screening.note.strip():
        raise Refused("The screening says caution. Write on it why treatment can go ahead, then record this.")
    return screening


def _consented(patient: Patient, product: "Product", day: dt.date) -> Consent:
    consent = queries.valid_consent(patient, product, day)
    if consent is None:
        raise Refused(
            f"There is no consent to {product.name} that was signed on or before this day and not withdrawn. "
            "Take consent first."
        )
    return consent


def _lot_allowed(lot: "Lot", product: "Product", site: Site, day: dt.date) -> None:
    if lot.product_id != product.pk:
        raise Refused("This lot is of another product. Choose one of the product's own lots.", "lot")
    check = lot_check(lot, site, day)
    if not check.usable:
        reasons = "; ".join(reason.rstrip(".") for reason in check.reasons)
        raise Refused(
            f"Lot {lot.number} may not be used: {reasons}. Choose another lot, or ask the safety officer for a "
            "documented override.",
            "lot",
        )


def _practitioner_id(by: Actor, site: Site, practitioner: User | None) -> int | None:
    if practitioner is None:
        return by.user_id
    if not queries.practitioners(site).filter(pk=practitioner.pk).exists():
        raise Refused("Choose somebody who treats at this site.", "practitioner")
    return practitioner.pk


def _plan_follow_ups(treatment: Treatment) -> int:
    """Make one row a visit of the protocol, so that nothing has to be remembered later."""
    rows = list(treatment.protocol.visits.all())
    planned = schedule.plan(treatment.treated_on, cast("list[schedule.Visit]", rows))
    FollowUp.objects.bulk_create(
        FollowUp(
            site=treatment.site,
            treatment=treatment,
            visit=row,
            opens_on=visit.opens,
            due_on=visit.due,
            closes_on=visit.closes,
        )
        for row, visit in zip(rows, planned, strict=True)
    )
    return len(rows)
