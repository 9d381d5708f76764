"""Every form that changes something, with answers that are accepted: where the fault tests start from.

``test_twice`` sends them as they are, so a bad answer in ``test_bad_input`` is refused for itself alone.
"""

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django_scopes import scopes_disabled
from PIL import Image

from exovigil.catalogue.models import Product
from exovigil.catalogue.release import release_tests
from exovigil.clinic import selection
from exovigil.clinic.queries import CONFIRMATIONS, blanks, current_text, fill
from exovigil.vigilance import causality, seriousness, split
from exovigil.vigilance.models import MeddraTerm
from tests import tiny_meddra
from tests.small_world import SmallWorld

ALL_NO = {question.code: "no" for question in selection.questions()}
MANDATORY = [test.code for test in release_tests() if test.level == "mandatory"]


def day(offset: int = 0) -> str:
    """A day counted from today, as a form sends it."""
    return (timezone.localdate() + dt.timedelta(days=offset)).isoformat()


def picture(name: str = "skin.jpg", colour: str = "red") -> SimpleUploadedFile:
    """A small photograph; a new file each time, since sending one uses it up."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


@dataclass(frozen=True)
class GoodForm:
    """One form: its address, who sends it, and answers that are accepted.

    ``makes`` is the table that then has one row more. ``other`` are answers that could be given instead.
    ``no_second`` are the words that refuse another such form; without them a second makes a second row.
    """

    name: str
    role: str
    of: tuple[str, ...]
    answers: Callable[[SmallWorld], dict[str, Any]]
    other: dict[str, Any]
    makes: str = ""
    query: Callable[[SmallWorld], str] = lambda _: ""
    url: str = ""
    no_second: str = ""

    def address(self, world: SmallWorld) -> str:
        """Where it is sent."""
        return reverse(self.url or self.name, args=[world.things[one] for one in self.of]) + self.query(world)


C, S, R, A = "clinician", "safety_officer", "reviewer", "administrator"
REASON = "Agreed with the maker on the telephone; invented."


def _fixed(**answers: Any) -> Callable[[SmallWorld], dict[str, Any]]:
    return lambda _: dict(answers)


def _lot(_: SmallWorld) -> dict[str, Any]:
    passed = {f"outcome_{code}": "passed" for code in MANDATORY}
    return {
        "number": "F-1",
        "made_on": day(-90),
        "expires_on": day(300),
        "certificate_issuer": "Invented Assay",
        "certificate_issued_on": day(-80),
        "tested_on_sterility": day(-85),
        "result_endotoxin": "0.05",
        **passed,
    }


def _consent(world: SmallWorld) -> dict[str, Any]:
    text, product = current_text(), Product.objects.get(pk=world.things["product"])
    assert text is not None
    values = blanks(site=world.site, practitioner=world.here[C].name, product=product, route="", lot=None)
    return {
        "seen_sha256": fill(text, values).sha256,
        "confirmed": list(CONFIRMATIONS),
        "agrees_to_registry": "yes",
        "agrees_to_reporting": "no",
        "signed_name": "Wilhelmina Fabricated",
    }


def _treatment(world: SmallWorld) -> dict[str, Any]:
    return {
        "treated_on": day(),
        "lot": world.things["scarce"],
        "dose": "2.5",
        "dose_unit": "mL",
        "vials": "1",
        "route": "microneedling",
        "indication": "skin_ageing",
        "regions": ["forehead"],
        "practitioner": world.here[C].pk,
    }


def _llt(code: str) -> int:
    with scopes_disabled():
        return MeddraTerm.objects.get(code=code).pk


_HAPPENED = {"term": "nodule", "words": "A firm bump. Invented.", "regions": ["forehead"]}

FORMS = [
    # 1 catalogue
    GoodForm(
        "catalogue:add-product",
        S,
        (),
        _fixed(name="Faultless (invented)", kind="exosome", source_class="plant", declared_route="topical"),
        {"name": "Faultier (invented)"},
        makes="catalogue.Product",
        no_second="in the catalogue already",
    ),
    GoodForm(
        "catalogue:add-composition",
        S,
        ("product",),
        _fixed(value="12.5", basis="declared", stated_by="The maker", stated_on=day(-3)),
        {"value": "13"},
        makes="catalogue.CompositionStatement",
        query=lambda _: "?attribute=particle_claim",
    ),
    GoodForm(
        "catalogue:add-legal-statement",
        S,
        ("product",),
        _fixed(jurisdiction="United Kingdom", statement="Invented.", source="Invented", stated_on=day(-3)),
        {"statement": "Otherwise invented."},
        makes="catalogue.LegalStatement",
    ),
    GoodForm(
        "catalogue:add-lot",
        S,
        ("product",),
        _lot,
        {"number": "F-2"},
        makes="catalogue.Lot",
        no_second="already has a lot",
    ),
    GoodForm(
        "catalogue:record-release-test",
        S,
        ("lot",),
        _fixed(test="endotoxin", outcome="passed", result="0.04", tested_on=day(-2)),
        {"result": "0.03"},
        makes="catalogue.ReleaseTest",
        no_second="recorded already",
    ),
    GoodForm(
        "catalogue:state-expiry",
        S,
        ("undated",),
        _fixed(expires_on=day(200)),
        {"expires_on": day(300)},
        no_second="has an expiry date already",
    ),
    GoodForm(
        "catalogue:override-lot",
        S,
        ("bare",),
        _fixed(reason=REASON),
        {"reason": f"Otherwise: {REASON}"},
        makes="catalogue.LotOverride",
        no_second="allowed at this site already",
    ),
    GoodForm(
        "catalogue:quarantine-lot",
        S,
        ("lot",),
        _fixed(reason=REASON),
        {"reason": f"Otherwise: {REASON}"},
        makes="catalogue.Quarantine",
        no_second="in quarantine already",
    ),
    GoodForm(
        "catalogue:recall-lot",
        S,
        ("lot",),
        _fixed(reason=REASON),
        {"reason": f"Otherwise: {REASON}"},
        makes="catalogue.Quarantine",
        no_second="recalled already",
    ),
    GoodForm(
        "catalogue:release-quarantine",
        S,
        ("held",),
        _fixed(reason=REASON),
        {"reason": f"Otherwise: {REASON}"},
        no_second="not in quarantine",
    ),
    GoodForm(
        "catalogue:receive-stock",
        C,
        ("lot",),
        _fixed(vials="3", on=day(-1)),
        {"vials": "4"},
        makes="catalogue.StockMovement",
    ),
    GoodForm(
        "catalogue:remove-stock",
        C,
        ("lot",),
        _fixed(vials="2", on=day(-1), reason="discarded"),
        {"vials": "1"},
        makes="catalogue.StockMovement",
    ),
    # 2 selection
    GoodForm(
        "clinic:add-patient",
        C,
        (),
        _fixed(name="Ottilie Fabricated", sex="female", date_of_birth="1987-03", phone="07700 900123"),
        {"name": "Ottoline Fabricated"},
        makes="clinic.Patient",
    ),
    GoodForm(
        "clinic:screen",
        C,
        ("newcomer",),
        _fixed(screened_on=day(), **ALL_NO),
        {"pregnancy": "yes"},
        makes="clinic.Screening",
    ),
    GoodForm(
        "clinic:note-screening",
        C,
        ("caution",),
        _fixed(note="Talked over with the patient; invented."),
        {"note": "Not talked over; invented."},
        no_second="has its note already",
    ),
    # 3 consent
    GoodForm(
        "clinic:consent",
        C,
        ("selected",),
        _consent,
        {"agrees_to_registry": "no"},
        makes="clinic.Consent",
        query=lambda world: f"?product={world.things['product']}",
    ),
    GoodForm(
        "clinic:withdraw-consent",
        C,
        ("agreed",),
        _fixed(to="The receptionist"),
        {"to": "The nurse"},
        no_second="withdrawn already",
    ),
    # 4 treatment
    GoodForm(
        "clinic:treat",
        C,
        ("ready",),
        _treatment,
        {"dose": "3"},
        makes="clinic.Treatment",
        no_second="Only 0 vials of lot SCARCE in stock",
    ),
    # 5 follow-up
    GoodForm(
        "clinic:record-follow-up",
        C,
        ("open",),
        lambda _: {
            "answered_on": day(),
            "all_well": "no",
            "has_nodule": "on",
            "severity_nodule": "2",
            "words": "A firm bump.",
            "photo": picture(),
        },
        {"words": "Two firm bumps."},
        makes="clinic.FollowUpAnswer",
    ),
    GoodForm(
        "clinic:review-answer",
        C,
        ("answer",),
        _fixed(note="Called, seen today. Invented."),
        {"note": "Called, not seen. Invented."},
        no_second="reviewed before",
    ),
    # 6 vigilance
    GoodForm(
        "vigilance:open-case-from-answer",
        C,
        ("answer",),
        _fixed(reporter="1", **_HAPPENED),
        {"words": "Another bump."},
        makes="vigilance.Case",
        no_second="already case",
    ),
    GoodForm(
        "vigilance:open-case-from-treatment",
        C,
        ("treatment",),
        _fixed(reporter="1", received_on=day(), **_HAPPENED),
        {"words": "Another bump."},
        makes="vigilance.Case",
    ),
    GoodForm("vigilance:edit-what", C, ("case",), _fixed(**_HAPPENED), {"words": "Another bump."}),
    GoodForm(
        "vigilance:edit-seriousness",
        C,
        ("case",),
        _fixed(**{c.code: "no" for c in seriousness.criteria()}),
        {"hospitalisation": "yes"},
    ),
    GoodForm(
        "vigilance:judge-news",
        S,
        ("case",),
        _fixed(received_on=day(), what="The culture grew. Invented.", significant="yes"),
        {"significant": "no"},
        makes="vigilance.NewInformation",
    ),
    GoodForm(
        "vigilance:change-step",
        S,
        ("site_code", "step"),
        _fixed(text="Ours.", due_days="5", is_skipped="no", reason=REASON),
        {"due_days": "6"},
        makes="vigilance.PathwayEdit",
        no_second="like this already",
    ),
    GoodForm(
        "vigilance:record-step",
        C,
        ("case", "step"),
        _fixed(state="done", done_on=day(), words="Twelve pictures. Invented."),
        {"words": "Ten pictures."},
        makes="vigilance.PathwayRecord",
    ),
    GoodForm(
        "vigilance:add-lesions",
        C,
        ("case",),
        _fixed(
            **{"seen_on": day(), "found": "lesions", "forehead-0-kind": "nodule", "forehead-0-count": "2"},
        ),
        {"forehead-0-count": "3"},
        query=lambda _: "?regions=forehead",
    ),
    GoodForm("vigilance:edit-outcome", C, ("case",), _fixed(outcome="2"), {"outcome": "3"}),
    GoodForm(
        "vigilance:add-investigation",
        C,
        ("case",),
        _fixed(kind="ultrasound", result="negative", taken_on=day(), resulted_on=day(), finding="Nothing."),
        {"finding": "Something."},
    ),
    GoodForm(
        "vigilance:add-management",
        C,
        ("case",),
        _fixed(kind="antibiotic", started_on=day(), course="ongoing", response="unknown"),
        {"kind": "excision"},
        makes="vigilance.Management",
    ),
    GoodForm(
        "vigilance:edit-management",
        C,
        ("case", "management"),
        _fixed(kind="antibiotic", started_on=day(), course="ongoing", response="partial"),
        {"response": "none"},
    ),
    GoodForm(
        "vigilance:who-umc",
        S,
        ("case",),
        _fixed(**{q.key: q.answers[0] for q in causality.umc_questions()}),
        {"timing": "unknown"},
        makes="vigilance.Assessment",
    ),
    GoodForm(
        "vigilance:naranjo",
        S,
        ("case",),
        _fixed(**{f"q{item.number}": "unknown" for item in causality.naranjo_items()}),
        {"q1": "yes"},
        makes="vigilance.Assessment",
    ),
    GoodForm(
        "vigilance:narrative",
        S,
        ("case",),
        _fixed(narrative="An invented woman."),
        {"narrative": "Another invented woman."},
    ),
    GoodForm(
        "vigilance:split",
        S,
        ("case",),
        _fixed(**{q.key: q.answers[0] for q in split.questions()}),
        {"timing": "not known"},
        makes="vigilance.Assessment",
    ),
    GoodForm(
        "vigilance:make-version",
        S,
        ("case",),
        _fixed(kind="amendment", reason=REASON),
        {"reason": "Another reason; invented."},
        makes="vigilance.CaseVersion",
        no_second="Nothing has changed",
    ),
    GoodForm(
        "vigilance:nullify-case",
        S,
        ("case",),
        _fixed(reason=REASON),
        {"reason": "Another reason; invented."},
        makes="vigilance.CaseVersion",
        no_second="nullified",
    ),
    GoodForm(
        "vigilance:meddra",
        S,
        (),
        lambda _: {"source": SimpleUploadedFile("m.zip", tiny_meddra.packed(version="90.2"))},
        {"source": SimpleUploadedFile("m.zip", tiny_meddra.packed(version="90.3"))},
        makes="vigilance.MeddraRelease",
        no_second="imported already",
    ),
    GoodForm(
        "vigilance:code-reaction",
        S,
        ("case",),
        lambda _: {"term": _llt("90000001")},
        {},
        makes="vigilance.ReactionCode",
        query=lambda _: "?q=lumps",
    ),
    GoodForm("vigilance:write-report", S, ("case",), _fixed(), {}, makes="vigilance.Report"),
    # 7 watch
    GoodForm("signals:run-watch", S, (), _fixed(), {}, makes="signals.WatchRun"),
    GoodForm(
        "signals:decide-alarm",
        S,
        ("alarm",),
        _fixed(decision="quarantine", note=REASON),
        {"decision": "no_action"},
        makes="signals.AlarmDecision",
        no_second="held so already",
    ),
    GoodForm(
        "signals:close-alarm",
        S,
        ("decided_alarm",),
        _fixed(note=REASON),
        {"note": f"Otherwise: {REASON}"},
        makes="signals.AlarmDecision",
        no_second="closed already",
    ),
    GoodForm(
        "signals:reopen-alarm",
        S,
        ("closed_alarm",),
        _fixed(note=REASON),
        {"note": f"Otherwise: {REASON}"},
        makes="signals.AlarmDecision",
        no_second="is open",
    ),
    GoodForm(
        "signals:decide-duplicate",
        S,
        ("first", "second"),
        _fixed(decision="same", reason=REASON),
        {"decision": "different"},
        makes="signals.DuplicateDecision",
    ),
    # 8 dossier
    GoodForm(
        "dossier:build",
        R,
        (),
        _fixed(condition="melasma", product_class="plant"),
        {"condition": "psoriasis"},
        makes="dossier.Edition",
        no_second="Nothing has changed",
    ),
    # and who may do all this
    GoodForm(
        "governance:add-member",
        A,
        (),
        _fixed(name="Nils New", email="nils@oak.example", role="clinician", password="correct-horse-battery"),
        {"name": "Nils Newer"},
        makes="governance.Membership",
        no_second="already has that role",
    ),
]
FORM = {form.name: form for form in FORMS}
