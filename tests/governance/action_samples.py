"""One set of arguments for every action, which it accepts in the small world; every name is invented."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from exovigil.catalogue import actions as catalogue
from exovigil.clinic import actions as clinic
from exovigil.clinic import links, places, selection
from exovigil.clinic.actions import protocols
from exovigil.clinic.queries import CONFIRMATIONS
from exovigil.governance.actors import Actor, outside, system
from exovigil.signals import actions as watch
from exovigil.signals.actions import nightly
from exovigil.signals.queries.night import compute
from exovigil.vigilance import actions as vigilance
from exovigil.vigilance import causality, seriousness
from tests import tiny_meddra
from tests.outside_files import acknowledgement_upload, e2b_upload
from tests.small_world import TOLD, SmallWorld, png

Arguments = dict[str, Any]
C, S, R, A = "clinician", "safety_officer", "reviewer", "administrator"
TODAY = timezone.localdate
REASON = "Agreed with the maker on the telephone; invented."


@dataclass(frozen=True)
class Bench:
    """The small world as the samples use it."""

    world: SmallWorld
    patch: pytest.MonkeyPatch

    def row(self, label: str, thing: str) -> Any:
        """A row of the world by its model and its name in the world."""
        return apps.get_model(label)._base_manager.get(pk=self.world.things[thing])

    def at(self, who: str, /, **more: Any) -> Arguments:
        """The first site, and its member in this role."""
        return {"by": self.world.actor(who), "site": self.world.site, **more}

    def product(self) -> Any:
        return self.row("catalogue.Product", "product")

    def lot(self) -> Any:
        return self.row("catalogue.Lot", "lot")

    def case(self) -> Any:
        return self.row("vigilance.Case", "case")

    def told(self) -> Any:
        """A valid report from outside that waits."""
        return self.row("vigilance.IncomingReport", "incoming")

    def bare_lot(self) -> Any:
        """A lot without a certificate."""
        return catalogue.add_lot(by=self.world.actor(S), product=self.product(), number="BARE-1")

    def patient(self) -> Any:
        return clinic.add_patient(**self.at(C, name="Wilhelmina Fabricated", date_of_birth="1980"))

    def screened(self, **answers: str) -> Any:
        """A patient whose screening says what the answers make it say."""
        row = self.patient()
        given = {question.code: "no" for question in selection.questions()} | answers
        return clinic.screen_patient(**self.at(C, patient=row, answers=given))

    def consented(self) -> Any:
        return clinic.take_consent(**_take_consent(self))

    def link(self) -> Any:
        """A link that can be used now."""
        return clinic.make_link(**_make_link(self))

    def answered(self) -> tuple[Actor, Any]:
        """A patient's answer, and the actor that its link makes of whoever holds it."""
        arguments = _answer_follow_up(self)
        return arguments["by"], clinic.answer_follow_up(**arguments)


def _take_consent(b: Bench) -> Arguments:
    return b.at(
        C,
        patient=b.screened().patient,
        product=b.product(),
        signed_name="Wilhelmina Fabricated",
        confirmed=tuple(CONFIRMATIONS),
        agrees_to_registry=True,
        agrees_to_reporting=False,
    )


def _caution(b: Bench) -> Arguments:
    question = next(q for q in selection.questions() if q.on_yes == "caution")
    return b.at(C, screening=b.screened(**{question.code: "yes"}), note=REASON)


def _treatment(b: Bench) -> Arguments:
    catalogue.receive_stock(**b.at(C, lot=b.lot(), vials=3, on=TODAY()))
    consent = b.consented()
    return b.at(
        C,
        patient=consent.patient,
        product=b.product(),
        lot=b.lot(),
        treated_on=TODAY(),
        dose=Decimal("2.5"),
        dose_unit="mL",
        vials=1,
        route="topical",
        indication=places.indications()[0].key,
        regions=[places.regions()[0].code],
    )


def _make_link(b: Bench) -> Arguments:
    row = b.row("clinic.FollowUp", "follow_up")
    return b.at(C, follow_up=row, expires_at=timezone.now() + dt.timedelta(days=7))


def _answer_follow_up(b: Bench) -> Arguments:
    link = b.link()
    return {"by": links.actor_of(link), "site": link.site, "follow_up": link.follow_up, "all_well": True}


def _add_photo(b: Bench) -> Arguments:
    by, answer = b.answered()
    return {"by": by, "site": b.world.site, "answer": answer, "photo": SimpleUploadedFile("p.png", png())}


def _blocked(b: Bench) -> Arguments:
    lot = catalogue.state_expiry(
        by=b.world.actor(S), lot=b.bare_lot(), expires_on=TODAY() + dt.timedelta(days=300)
    )
    return b.at(S, lot=lot, reason=REASON)


def _quarantined(b: Bench) -> Arguments:
    lot, by = b.bare_lot(), b.world.actor(S)
    catalogue.quarantine_lot(by=by, lot=lot, reason=REASON)
    return {"by": by, "lot": lot, "reason": REASON}


def _new_protocol(b: Bench) -> Arguments:
    b.patch.setattr(protocols, "PROTOCOL_VERSION", 2)
    return {"by": system()}


def _new_consent_text(b: Bench) -> Arguments:
    apps.get_model("clinic.Consent")._base_manager.update(filled_sha256="0" * 64)
    b.patch.setattr(protocols.consent, "version_fingerprint", lambda version: "0" * 64)
    apps.get_model("clinic.ConsentText")._base_manager.update(version=99)
    return {"by": system()}


def _set_aside(b: Bench) -> Arguments:
    row = vigilance.set_report_aside(**b.at(S, incoming=b.told(), reason=REASON))
    return b.at(S, incoming=row, reason=REASON)


def _two(b: Bench) -> Arguments:
    first, second = (b.row("vigilance.Case", name) for name in ("first", "second"))
    return b.at(S, first=first, second=second, decision="same", reason=REASON)


def _decided(decision: str, *, close: bool = False) -> Callable[[Bench], Arguments]:
    """An alarm on which something was decided, and that may be closed since."""

    def make(b: Bench) -> Arguments:
        arguments = {"by": b.world.actor(S), "alarm": b.row("signals.Alarm", "alarm"), "note": REASON}
        watch.decide_alarm(decision=decision, **arguments)
        if close:
            watch.close_alarm(**arguments)
        return arguments

    return make


def _notice(b: Bench) -> Arguments:
    row = apps.get_model("signals.Notice").objects.filter(sent_at=None).first()
    return {"by": b.world.actor(S), "notice": row.pk}


def _planned(b: Bench) -> Any:
    return nightly.plan_job(
        by=b.world.actor(S), night=TODAY(), job="watch", now=timezone.now(), enqueue=lambda night, job: None
    )


def _by(role: str, **fixed: Any) -> Callable[[Bench], Arguments]:
    return lambda b: {"by": b.world.actor(role), **fixed}


def _at(role: str, **made: Callable[[Bench], Any]) -> Callable[[Bench], Arguments]:
    return lambda b: b.at(role, **{name: make(b) for name, make in made.items()})


def _case(role: str, **fixed: Any) -> Callable[[Bench], Arguments]:
    return lambda b: b.at(role, case=b.case(), **fixed)


SAMPLES: dict[str, Callable[[Bench], Arguments]] = {
    "governance.add_member": lambda b: b.at(
        A, email="new@alder.example", name="New Member", role=R, password="x" * 12
    ),
    "governance.open_site": lambda b: {"by": system(), "code": "oak", "name": "Oak", "country": "GB"},
    "governance.remove_member": _at(A, membership=lambda b: b.row("governance.Membership", "membership")),
    "catalogue.actions.products.add_product": _by(S, name="Invented Product", source_class="human"),
    "catalogue.actions.products.state_composition": lambda b: {
        "by": b.world.actor(S),
        "product": b.product(),
        "attribute": "isolation",
        "value": "ultracentrifugation",
        "basis": "declared",
        "stated_by": "The maker",
    },
    "catalogue.actions.products.state_legal_standing": lambda b: {
        "by": b.world.actor(S),
        "product": b.product(),
        "jurisdiction": "Nowhere",
        "statement": "Not assessed.",
        "source": "Invented register",
    },
    "catalogue.actions.lots.add_lot": lambda b: {
        "by": b.world.actor(S),
        "product": b.product(),
        "number": "NEW-1",
    },
    "catalogue.actions.lots.record_release_test": lambda b: {
        "by": b.world.actor(S),
        "lot": b.bare_lot(),
        "test": "sterility",
        "outcome": "passed",
    },
    "catalogue.actions.lots.state_expiry": lambda b: {
        "by": b.world.actor(S),
        "lot": b.bare_lot(),
        "expires_on": TODAY() + dt.timedelta(days=300),
    },
    "catalogue.actions.safety.override_lot": _blocked,
    "catalogue.actions.safety.quarantine_lot": lambda b: {
        "by": b.world.actor(S),
        "lot": b.bare_lot(),
        "reason": REASON,
    },
    "catalogue.actions.safety.recall_lot": lambda b: {
        "by": b.world.actor(S),
        "lot": b.bare_lot(),
        "reason": REASON,
    },
    "catalogue.actions.safety.release_quarantine": _quarantined,
    "catalogue.actions.stock.receive_stock": lambda b: b.at(C, lot=b.lot(), vials=3, on=TODAY()),
    "catalogue.actions.stock.remove_stock": lambda b: b.at(
        C, lot=b.lot(), vials=1, reason="discarded", on=TODAY()
    ),
    "catalogue.actions.stock.use_stock": lambda b: b.at(
        C, lot=b.lot(), vials=1, on=TODAY(), reference="treatment:0"
    ),
    "clinic.actions.protocols.adopt_protocol": _new_protocol,
    "clinic.actions.protocols.freeze_consent_text": _new_consent_text,
    "clinic.actions.patients.add_patient": lambda b: b.at(C, name="Wilhelmina Fabricated"),
    "clinic.actions.patients.read_identity": _at(C, patient=lambda b: b.row("clinic.Patient", "patient")),
    "clinic.actions.patients.export_patients": _at(
        C, patients=lambda b: [b.row("clinic.Patient", "patient")]
    ),
    "clinic.actions.selection.screen_patient": lambda b: b.at(
        C, patient=b.patient(), answers={q.code: "no" for q in selection.questions()}
    ),
    "clinic.actions.selection.note_screening": _caution,
    "clinic.actions.consent.take_consent": _take_consent,
    "clinic.actions.consent.read_consent": _at(C, consent=Bench.consented),
    "clinic.actions.consent.withdraw_consent": _at(C, consent=Bench.consented, to=lambda b: "The clinic"),
    "clinic.actions.treatments.record_treatment": _treatment,
    "clinic.actions.follow_up.make_link": _make_link,
    "clinic.actions.follow_up.revoke_link": _at(C, link=Bench.link),
    "clinic.actions.follow_up.answer_follow_up": _answer_follow_up,
    "clinic.actions.follow_up.record_follow_up": lambda b: b.at(
        C, follow_up=b.row("clinic.FollowUp", "follow_up"), all_well=True, answered_on=TODAY()
    ),
    "clinic.actions.follow_up.review_answer": lambda b: b.at(
        S, answer=b.row("clinic.FollowUpAnswer", "answer"), note=REASON
    ),
    "clinic.actions.follow_up.export_follow_ups": _at(
        C, follow_ups=lambda b: [b.row("clinic.FollowUp", "follow_up")]
    ),
    "clinic.actions.photos.add_photo": _add_photo,
    "clinic.actions.photos.read_photo": _at(S, photo=lambda b: b.row("clinic.Photo", "photo")),
    "vigilance.actions.cases.open_case": lambda b: b.at(
        S, term="nodule", words="invented", treatment=b.row("clinic.Treatment", "treatment")
    ),
    "vigilance.actions.cases.record_what_happened": _case(S, term="papule", words="invented"),
    "vigilance.actions.cases.record_seriousness": lambda b: b.at(
        S, case=b.case(), answers={c.code: "no" for c in seriousness.criteria()}
    ),
    "vigilance.actions.cases.record_outcome": _case(S, outcome="2"),
    "vigilance.actions.workup.record_investigation": _case(S, kind="ultrasound", result="pending"),
    "vigilance.actions.workup.record_management": _case(S, kind="other"),
    "vigilance.actions.duties.record_duty_facts": lambda b: b.at(
        S, case=b.case(), status="cosmetic", claim="cosmetic", role="clinician"
    ),
    "vigilance.actions.duties.record_submission": _case(
        S, rule="uk_clinician_medicine", sent_on=TODAY(), sent_to="MHRA"
    ),
    "vigilance.actions.duties.judge_news": _case(S, received_on=TODAY(), significant="yes", what=REASON),
    "vigilance.actions.pathway.change_step": _at(
        S, step=lambda b: "photograph", reason=lambda b: REASON, due_days=lambda b: 1
    ),
    "vigilance.actions.pathway.record_step": _case(S, step="photograph", state="not_done", words=REASON),
    "vigilance.actions.pathway.record_lesions": _case(S, seen_on=TODAY(), lesions=[], none_seen=True),
    "vigilance.actions.duties.read_proof": _at(
        S, submission=lambda b: b.row("vigilance.CaseSubmission", "submission")
    ),
    "vigilance.actions.duties.remind": _at(S, as_of=lambda b: TODAY() + dt.timedelta(days=365)),
    "vigilance.actions.judgement.assess_causality": lambda b: b.at(
        S,
        case=b.case(),
        method="who_umc",
        answers={q.key: q.answers[0] for q in causality.umc_questions()},
    ),
    "vigilance.actions.judgement.write_narrative": _case(S, narrative=REASON),
    "vigilance.actions.reports.write_report": _case(S),
    "vigilance.actions.reports.hand_out_report": _at(S, report=lambda b: b.row("vigilance.Report", "report")),
    "vigilance.actions.reports.hand_out_form": _case(S, form="cioms"),
    "vigilance.actions.coding.import_meddra": _at(
        S, source=lambda b: SimpleUploadedFile("m.zip", tiny_meddra.packed(version="90.2"))
    ),
    "vigilance.actions.coding.code_reaction": lambda b: b.at(
        S,
        case=b.case(),
        term=apps.get_model("vigilance.MeddraTerm")._base_manager.get(code="90000002"),
    ),
    "vigilance.actions.versions.make_version": _case(S, kind="amendment", reason=REASON),
    "vigilance.actions.versions.nullify_case": _case(S, reason=REASON),
    "vigilance.actions.intake.tell_from_outside": lambda b: {
        "by": outside(b.world.site.pk),
        "site": b.world.site,
        "told": TOLD,
    },
    "vigilance.actions.intake.record_literature": lambda b: b.at(
        S, told={"doi": "10.1002/der2.242", "words": "granulomas, as the paper tells"}
    ),
    "vigilance.actions.intake.bring_in_file": lambda b: b.at(S, source=e2b_upload()),
    "vigilance.actions.intake.complete_incoming": lambda b: b.at(
        S, incoming=b.told(), heard_on=TODAY(), told={"lot_words": "L-1"}
    ),
    "vigilance.actions.chasing.record_chase": lambda b: b.at(
        S, incoming=b.told(), chased_on=TODAY(), how="phone", outcome="No answer."
    ),
    "vigilance.actions.chasing.read_reporter": lambda b: b.at(S, incoming=b.told()),
    "vigilance.actions.deciding.open_case_from_report": lambda b: b.at(
        S, incoming=b.told(), term="nodule", words="a lump"
    ),
    "vigilance.actions.deciding.add_report_to_case": lambda b: b.at(
        S, incoming=b.told(), case=b.case(), take=["words"], reason=REASON
    ),
    "vigilance.actions.deciding.set_report_aside": lambda b: b.at(S, incoming=b.told(), reason=REASON),
    "vigilance.actions.deciding.take_report_up_again": _set_aside,
    "vigilance.actions.linking.link_cases": lambda b: b.at(
        S,
        case=b.row("vigilance.Case", "first"),
        other=b.row("vigilance.Case", "second"),
        kind="lot",
        reason=REASON,
    ),
    "vigilance.actions.linking.unlink_cases": lambda b: b.at(
        S, link=b.row("vigilance.CaseLink", "link"), reason=REASON
    ),
    "vigilance.actions.acknowledgements.receive_acknowledgement": lambda b: b.at(
        S, source=acknowledgement_upload(b.row("vigilance.Report", "report").batch)
    ),
    "vigilance.actions.reports.record_export": _by(S, rows={"alder": 1}),
    "signals.actions.watch.keep_run": lambda b: {"by": b.world.actor(S), "night": compute(TODAY())},
    "signals.actions.alarms.decide_alarm": lambda b: {
        "by": b.world.actor(S),
        "alarm": b.row("signals.Alarm", "alarm"),
        "decision": "inform",
        "note": REASON,
    },
    "signals.actions.alarms.close_alarm": _decided("no_action"),
    "signals.actions.alarms.reopen_alarm": _decided("no_action", close=True),
    "signals.actions.notices.send_notice": _notice,
    "signals.actions.nightly.plan_job": lambda b: {
        "by": b.world.actor(S),
        "night": TODAY(),
        "job": "watch",
        "now": timezone.now(),
        "enqueue": lambda night, job: None,
    },
    "signals.actions.nightly.take_job": lambda b: {
        "by": b.world.actor(S),
        "night": _planned(b).night,
        "job": "watch",
    },
    "signals.actions.nightly.drop_job": lambda b: {"by": b.world.actor(S), "job": _planned(b)},
    "signals.actions.nightly.finish_job": lambda b: {"by": b.world.actor(S), "job": _planned(b)},
    "signals.actions.duplicates.decide_duplicate": _two,
    "dossier.build_edition": _by(R, condition="melasma", product_class="human"),
}
