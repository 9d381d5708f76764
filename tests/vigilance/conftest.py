"""A treated patient, a red-flag answer and a case, as the clinic's rows would be."""

import datetime as dt
from collections.abc import Callable

import pytest
from django_scopes import scopes_disabled

from exovigil.catalogue.models import Lot, Product
from exovigil.clinic.models import (
    Consent,
    ConsentText,
    FollowUp,
    FollowUpAnswer,
    Patient,
    Protocol,
    ProtocolVisit,
    Screening,
    Treatment,
)
from exovigil.vigilance import actions, queries, seriousness
from exovigil.vigilance.models import Case

TREATED = dt.date(2026, 3, 2)
ANSWERED = dt.date(2026, 4, 20)


@pytest.fixture
def lot(db) -> Lot:
    product = Product.objects.create(name="Inventa E1", maker="Madeup Bio", source_class="human")
    return Lot.objects.create(product=product, number="LX-01")


@pytest.fixture
def make_treatment(lot) -> Callable[..., Treatment]:
    """Treats one new patient at a site."""

    @scopes_disabled()
    def make(at, pseudonym="P-0001", agrees=True, **changes) -> Treatment:
        text, _ = ConsentText.objects.get_or_create(
            version=1, defaults={"title": "Consent", "paragraphs": [], "sha256": "0" * 64}
        )
        protocol, _ = Protocol.objects.get_or_create(
            code="standard", version=1, defaults={"title": "Standard", "adopted_on": dt.date(2026, 1, 1)}
        )
        patient = Patient.objects.create(site=at, pseudonym=pseudonym, sex="female", birth_year=1984)
        fields = {
            "site": at,
            "patient": patient,
            "screening": Screening.objects.create(
                site=at, patient=patient, answers={}, outcome="eligible", screened_on=TREATED
            ),
            "consent": Consent.objects.create(
                site=at,
                patient=patient,
                text=text,
                product=lot.product,
                signed_name="Testa Notreal",
                signed_on=TREATED,
                agrees_to_registry=agrees,
            ),
            "product": lot.product,
            "lot": lot,
            "protocol": protocol,
            "indication": "ageing",
            "treated_on": TREATED,
            "dose": "2.50",
            "dose_unit": "mL",
            "route": "microneedling",
            "device": "Needler 3",
            "topical_agents": "lidocaine cream",
            "regions": ["cheek_left"],
        }
        return Treatment.objects.create(**(fields | changes))

    return make


@pytest.fixture
def treatment(make_treatment, site) -> Treatment:
    return make_treatment(site)


@pytest.fixture
def make_answer() -> Callable[..., FollowUpAnswer]:
    """Answers a follow-up of a treatment, with a red flag."""

    @scopes_disabled()
    def make(treatment, **changes) -> FollowUpAnswer:
        visit, _ = ProtocolVisit.objects.get_or_create(
            protocol=treatment.protocol,
            code="week-8",
            defaults={"label": "8 weeks", "opens_day": 42, "target_day": 56, "closes_day": 70},
        )
        follow_up, _ = FollowUp.objects.get_or_create(
            site=treatment.site,
            treatment=treatment,
            visit=visit,
            defaults={"opens_on": ANSWERED, "due_on": ANSWERED, "closes_on": ANSWERED},
        )
        fields = {
            "site": treatment.site,
            "follow_up": follow_up,
            "channel": "patient",
            "answered_on": ANSWERED,
            "all_well": False,
            "reactions": {"nodule": 2},
            "red_flags": ["nodule"],
            "onset": "2026-04",
            "words": "hard lumps on my cheek",
        }
        return FollowUpAnswer.objects.create(**(fields | changes))

    return make


@pytest.fixture
def answer(make_answer, treatment) -> FollowUpAnswer:
    return make_answer(treatment)


@pytest.fixture
def case(clinician, site, answer) -> Case:
    """A case just opened from the patient's answer."""
    return actions.open_case(
        by=clinician,
        site=site,
        answer=answer,
        term="nodule",
        words=answer.words,
        onset="2026-04-08",
        regions=["cheek_left"],
    )


@pytest.fixture
def full_case(case, clinician, safety_officer, site) -> Case:
    """The same case with everything entered."""
    to = {"site": site, "case": case}
    actions.record_what_happened(
        by=clinician,
        **to,
        term="granuloma",
        words="hard lumps on my cheek",
        onset="2026-04-08",
        regions=["cheek_left"],
        lesion="Three firm red papules, 4 mm",
    )
    for kind, result, taken, resulted, finding in (
        ("biopsy", "positive", dt.date(2026, 4, 22), dt.date(2026, 4, 29), "Necrotising granuloma"),
        ("bacterial_culture", "negative", dt.date(2026, 4, 22), dt.date(2026, 4, 25), "No growth"),
        (
            "mycobacterial_culture",
            "negative",
            dt.date(2026, 4, 22),
            dt.date(2026, 6, 3),
            "No growth at 6 weeks",
        ),
        ("fungal_culture", "not_done", None, None, ""),
        ("ultrasound", "pending", None, None, ""),
    ):
        actions.record_investigation(
            by=clinician,
            **to,
            kind=kind,
            result=result,
            taken_on=taken,
            resulted_on=resulted,
            finding=finding,
        )
    actions.record_management(
        by=clinician,
        **to,
        kind="oral_steroid",
        started_on=dt.date(2026, 5, 4),
        response="partial",
        note="20 mg",
    )
    actions.record_outcome(by=clinician, **to, outcome="2")
    answers = {c.code: "no" for c in seriousness.criteria()} | {"other_medically_important": "yes"}
    actions.record_seriousness(by=clinician, **to, answers=answers)
    actions.assess_causality(by=safety_officer, **to, method="who_umc", answers=UMC_PROBABLE)
    actions.assess_causality(by=safety_officer, **to, method="naranjo", answers=NARANJO_FIVE)
    with scopes_disabled():
        return queries.case(case.pk)


UMC_PROBABLE = {
    "timing": "plausible",
    "other_causes": "unlikely",
    "withdrawal": "plausible",
    "definitive": "unknown",
    "rechallenge": "not done",
    "information": "sufficient",
}
# 2: +2, 5: +2, 10: +1
NARANJO_FIVE = {str(n): "unknown" for n in range(1, 11)} | {"2": "yes", "5": "no", "10": "yes"}
