"""Carrying out the plan through the rooms' own actions, as the members of the demonstration clinics."""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django_scopes import scope

from exovigil.catalogue import actions as catalogue
from exovigil.catalogue.release import release_tests
from exovigil.cli.demo import places
from exovigil.cli.demo.plan import DAY, Plan, PlannedLot, PlannedPatient, PlannedReaction, PlannedTreatment
from exovigil.clinic import links, selection
from exovigil.clinic.actions.consent import take_consent
from exovigil.clinic.actions.follow_up import answer_follow_up, make_link, record_follow_up
from exovigil.clinic.actions.patients import add_patient
from exovigil.clinic.actions.selection import screen_patient
from exovigil.clinic.actions.treatments import record_treatment
from exovigil.clinic.queries import CONFIRMATIONS, due_list
from exovigil.governance import actions as governance
from exovigil.governance import actors
from exovigil.governance.models import Site
from exovigil.governance.queries import actor_for

GRADES = {"mild": 1, "moderate": 2, "severe": 3}
ANSWERED = 0.78
AT_ONCE = 100  # treatments a transaction: fewer waits for the disk, and progress that moves

Tick = Callable[[int], None]


@dataclass(slots=True)
class World:
    """What has been built so far, by the plan's names."""

    plan: Plan
    chance: random.Random
    sites: dict[str, Site] = field(default_factory=dict)
    clinicians: dict[str, actors.Actor] = field(default_factory=dict)
    officer: actors.Actor = field(default_factory=actors.system)
    reviewer: actors.Actor = field(default_factory=actors.system)
    products: dict[str, Any] = field(default_factory=dict)
    lots: dict[PlannedLot, Any] = field(default_factory=dict)
    patients: dict[int, Any] = field(default_factory=dict)
    reactions: list[tuple[PlannedPatient, PlannedTreatment, Any, list[Any]]] = field(default_factory=list)
    answers: int = 0

    @contextmanager
    def at(self, clinic: str) -> Iterator[tuple[Site, actors.Actor]]:
        """Work at one clinic as its clinician, inside its scope."""
        site = self.sites[clinic]
        with scope(site=[site.pk]):
            yield site, self.clinicians[clinic]


def open_clinics(world: World) -> None:
    """Sites and members."""
    for clinic in places.CLINICS:
        world.sites[clinic.code] = governance.open_site(
            by=actors.system(),
            code=clinic.code,
            name=clinic.name,
            country="GB",
            town=clinic.town,
            telephone=clinic.telephone,
            is_synthetic=True,
        )
    for member in places.MEMBERS:
        for code in member.sites:
            membership = governance.add_member(
                by=actors.system(),
                site=world.sites[code],
                email=member.email,
                name=member.name,
                role=member.role,
                password=places.PASSWORD,
            )
        actor, _ = actor_for(membership.user)
        assert actor is not None  # noqa: S101 - just given a role
        if member.role == "clinician":
            world.clinicians[member.sites[0]] = actor
        elif member.role == "safety_officer":
            world.officer = actor
        elif member.role == "reviewer":
            world.reviewer = actor


def stock_the_catalogue(world: World) -> None:
    """Products, lots with certificates, the one override, and vials at each clinic."""
    for product in places.PRODUCTS:
        world.products[product.key] = catalogue.add_product(
            by=world.officer,
            name=product.name,
            maker=product.maker,
            source_class=product.source_class,
            declared_route=product.declared_route,
            strength=product.strength,
            composition=dict(product.composition),
            composition_source="Invented for the demonstration",
            is_synthetic=True,
        )
    for lot in world.plan.lots:
        world.lots[lot] = _add_lot(world, lot)
        for code in places.ALL:
            if lot.unmet and not lot.failed:
                _override(world, lot, code)
            if not lot.failed:
                with world.at(code) as (site, clinician):
                    catalogue.receive_stock(
                        by=clinician, site=site, lot=world.lots[lot], vials=120, on=lot.first_use
                    )


def _add_lot(world: World, lot: PlannedLot) -> Any:
    unmet = dict(lot.unmet)
    made_on = lot.first_use - 30 * DAY
    figures = {"endotoxin": "0.09", "particle_size": "128", "particle_concentration": "96"}
    entries = [
        catalogue.CertificateEntry(
            test.code,
            unmet.get(test.code, "passed"),
            "1.8" if unmet.get(test.code) == "failed" else figures.get(test.code, ""),
            None if unmet.get(test.code) == "not_done" else made_on + 9 * DAY,
        )
        for test in release_tests()
        if test.level != "report"
    ]
    return catalogue.add_lot(
        by=world.officer,
        product=world.products[lot.product],
        number=lot.number,
        made_on=made_on,
        expires_on=made_on + 730 * DAY,
        certificate_issuer="Invented Assay Laboratories",
        certificate_issued_on=made_on + 12 * DAY,
        release_tests=entries,
    )


def _override(world: World, lot: PlannedLot, code: str) -> None:
    site = world.sites[code]
    with scope(site=[site.pk]):
        catalogue.override_lot(
            by=world.officer,
            site=site,
            lot=world.lots[lot],
            reason="Mycoplasma result awaited from the laboratory; plant cell culture, topical use only. Invented.",
        )


def treat_everyone(world: World, tick: Tick) -> None:
    """Every session in order of time: enrolment at the first, treatment, and the answers to its follow-ups."""
    sessions = world.plan.treatments
    for start in range(0, len(sessions), AT_ONCE):
        with transaction.atomic():
            for patient, treatment in sessions[start : start + AT_ONCE]:
                with world.at(patient.clinic) as (site, clinician):
                    _treat(world, site, clinician, patient, treatment)
        tick(min(start + AT_ONCE, len(sessions)))


def _treat(
    world: World, site: Site, clinician: actors.Actor, patient: PlannedPatient, planned: PlannedTreatment
) -> None:
    row = world.patients.get(id(patient))
    if row is None:
        row = world.patients[id(patient)] = _enrol(world, site, clinician, patient, planned)
    treatment = record_treatment(
        by=clinician,
        site=site,
        patient=row,
        product=world.products[patient.product.key],
        lot=world.lots[planned.lot],
        treated_on=planned.day,
        dose=Decimal("2.5"),
        dose_unit="mL",
        vials=1,
        route=planned.route,
        indication=planned.indication,
        regions=planned.regions,
        device="Pen with 12 needles, 0.5 mm" if planned.route == "microneedling" else "",
    )
    _follow_up(world, site, clinician, patient, planned, treatment)


def _enrol(
    world: World, site: Site, clinician: actors.Actor, patient: PlannedPatient, first: PlannedTreatment
) -> Any:
    """Registration, screening and consent, on the day of the first session."""
    row = add_patient(
        by=clinician,
        site=site,
        name=patient.name,
        sex=patient.sex,
        phone="07700 900" + f"{world.chance.randrange(1000):03d}",
        date_of_birth=patient.born_on.isoformat(),
    )
    answers = {question.code: "no" for question in selection.questions()}
    note = ""
    if first.reaction is None and world.chance.random() < 0.06:
        answers["allergy"] = "yes"
        note = "Nut allergy, carries a pen; discussed and agreed. Invented."
    screen_patient(by=clinician, site=site, patient=row, answers=answers, note=note, on=first.day)
    take_consent(
        by=clinician,
        site=site,
        patient=row,
        product=world.products[patient.product.key],
        signed_name=patient.name,
        confirmed=tuple(CONFIRMATIONS),
        agrees_to_registry=True,
        agrees_to_reporting=True,
        route=first.route,
        lot=world.lots[first.lot],
        on=first.day,
    )
    return row


def _follow_up(
    world: World,
    site: Site,
    clinician: actors.Actor,
    patient: PlannedPatient,
    planned: PlannedTreatment,
    treatment: Any,
) -> None:
    """Answer what has come due; a serious reaction is told when the plan says so."""
    visits = list(treatment.follow_ups.select_related("visit", "treatment").order_by("due_on"))
    if planned.reaction is not None:
        told = [_tell(world, site, clinician, visits, planned.reaction, planned.reaction.told_on)]
        if planned.reaction.again_on:
            told.append(_tell(world, site, clinician, visits, planned.reaction, planned.reaction.again_on))
        world.reactions.append((patient, planned, treatment, told))
    for visit in visits:
        day = min(visit.due_on + world.chance.randint(0, 3) * DAY, visit.closes_on)
        quiet = planned.reaction is None or day < planned.reaction.onset_on
        if day >= world.plan.today or world.chance.random() > ANSWERED or not quiet:
            continue
        early = visit.visit.target_day <= 3
        mild = {code: 1 for code, p in places.MILD_EARLY if early and world.chance.random() < p}
        record_follow_up(
            by=clinician,
            site=site,
            follow_up=visit,
            all_well=not mild,
            answered_on=day,
            reactions=mild,
            onset=(day - DAY).isoformat() if mild else "",
        )
        world.answers += 1


def _tell(
    world: World,
    site: Site,
    clinician: actors.Actor,
    visits: list[Any],
    reaction: PlannedReaction,
    day: dt.date,
) -> Any:
    """The patient says that something is wrong: by link the first time, on the telephone the second."""
    visit = max((v for v in visits if v.opens_on <= day), key=lambda v: v.opens_on)
    said: dict[str, Any] = {
        "all_well": False,
        "reactions": {code: GRADES[grade] for code, grade in reaction.reactions.items()},
        "onset": reaction.onset_on.isoformat(),
        "words": reaction.words,
        "answered_on": day,
    }
    world.answers += 1
    if day == reaction.told_on:
        link = make_link(by=clinician, site=site, follow_up=visit)
        return answer_follow_up(by=links.actor_of(link), site=site, follow_up=visit, **said)
    return record_follow_up(by=clinician, site=site, follow_up=visit, **said)


def link_for_visitors(world: World) -> Any:
    """Make the patient link that the sign-in page shows: the newest treatment with an open, unanswered visit."""
    with world.at(places.ALL[0]) as (site, clinician):
        visit = due_list(world.plan.today).filter(links__isnull=True).last()
        if visit is None:
            return None
        return make_link(by=clinician, site=site, follow_up=visit)
