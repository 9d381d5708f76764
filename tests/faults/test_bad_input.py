"""Bad input at each of the eight steps: the error stands beside its field, says what to do, and nothing changes."""

from typing import Any

import pytest
from lxml import html

from exovigil.clinic.queries import CONFIRMATIONS
from tests.faults.forms import FORM, FORMS, GoodForm, day
from tests.faults.registry import everything
from tests.small_world import SmallWorld

pytestmark = pytest.mark.django_db
GONE = object()  # this answer is left out

# Step by step: form, the one thing that is wrong, the field that is named, words that say what to do.
ROWS: list[tuple[str, dict[str, Any], str, str]] = [
    # 1 catalogue
    ("catalogue:add-product", {"name": " "}, "name", "Enter the product's name"),
    ("catalogue:add-product", {"name": "x" * 121}, "name", "120 characters"),
    ("catalogue:add-product", {"source_class": "mineral"}, "source_class", "valid choice"),
    ("catalogue:add-product", {"source_tissue": "other"}, "source_tissue_words", "Say what the"),
    ("catalogue:add-composition", {"value": "twelve"}, "value", "in figures"),
    ("catalogue:add-composition", {"value": "NaN"}, "value", "in figures"),
    ("catalogue:add-composition", {"basis": "verified"}, "source", "Name the report or paper"),
    ("catalogue:add-composition", {"stated_by": GONE}, "stated_by", "Say who stated this"),
    ("catalogue:add-legal-statement", {"source": ""}, "source", "Name the source"),
    ("catalogue:add-lot", {"number": GONE}, "number", "as it stands on the vial"),
    ("catalogue:add-lot", {"expires_on": day(-91)}, "expires_on", "Check both dates"),
    (
        "catalogue:add-lot",
        {"certificate_issued_on": day(-100)},
        "certificate_issued_on",
        "older than the lot",
    ),
    ("catalogue:add-lot", {"result_endotoxin": "high"}, "result_endotoxin", "in figures"),
    ("catalogue:add-lot", {"result_endotoxin": "1" * 121}, "result_endotoxin", "120 characters"),
    ("catalogue:add-lot", {"outcome_sterility": ""}, "outcome_sterility", "choose the outcome"),
    ("catalogue:add-lot", {"outcome_identity": "perhaps"}, "outcome_identity", "valid choice"),
    ("catalogue:record-release-test", {"test": "taste"}, "test", "valid choice"),
    ("catalogue:record-release-test", {"outcome": "not_done"}, "result", "has no result"),
    ("catalogue:record-release-test", {"result": "<nothing"}, "result", "in figures"),
    ("catalogue:state-expiry", {"expires_on": ""}, "expires_on", "Enter the date"),
    ("catalogue:override-lot", {"reason": "because"}, "reason", "at least 20 characters"),
    ("catalogue:override-lot", {"reason": "x" * 2001}, "reason", "2000 characters"),
    ("catalogue:quarantine-lot", {"reason": ""}, "reason", "Give the reason"),
    ("catalogue:receive-stock", {"vials": "0"}, "vials", "at least one vial"),
    ("catalogue:receive-stock", {"vials": "-3"}, "vials", "at least one vial"),
    ("catalogue:receive-stock", {"vials": "a few"}, "vials", "in figures"),
    ("catalogue:receive-stock", {"vials": "9" * 30}, "vials", "Check the number"),
    ("catalogue:receive-stock", {"vials": "9" * 5000}, "vials", "in figures"),
    ("catalogue:receive-stock", {"on": "1990-01-01"}, "on", "not made yet"),
    ("catalogue:remove-stock", {"vials": "1000"}, "vials", "in stock at"),
    ("catalogue:remove-stock", {"reason": "used"}, "reason", "valid choice"),
    # 2 selection
    ("clinic:add-patient", {"name": ""}, "name", "Enter the patient's name"),
    ("clinic:add-patient", {"date_of_birth": "12/03/1987"}, "date_of_birth", "as 2026-03-12"),
    ("clinic:add-patient", {"date_of_birth": "1987-02-30"}, "date_of_birth", "not a date in the calendar"),
    ("clinic:add-patient", {"date_of_birth": day(2)}, "date_of_birth", "future"),
    ("clinic:add-patient", {"date_of_birth": "1850"}, "date_of_birth", "Check the year"),
    ("clinic:add-patient", {"date_of_birth": "0000"}, "date_of_birth", "not a date in the calendar"),
    ("clinic:add-patient", {"email": "nobody"}, "email", "Enter an e-mail address"),
    ("clinic:add-patient", {"phone": "call me"}, "phone", "in figures"),
    ("clinic:add-patient", {"sex": GONE}, "sex", "Choose an answer"),
    ("clinic:screen", {"pregnancy": GONE}, "pregnancy", "Choose an answer to"),
    ("clinic:screen", {"pregnancy": "perhaps"}, "pregnancy", "valid choice"),
    ("clinic:screen", {"note": "x" * 4001}, "note", "4000 characters"),
    ("clinic:note-screening", {"note": "fine"}, "note", "in a sentence"),
    # 3 consent
    ("clinic:consent", {"confirmed": []}, "confirmed", "ticks every sentence"),
    ("clinic:consent", {"confirmed": list(CONFIRMATIONS)[:1]}, "confirmed", "every sentence"),
    ("clinic:consent", {"agrees_to_registry": GONE}, "agrees_to_registry", "Either is fine"),
    ("clinic:consent", {"signed_name": "X"}, "signed_name", "full name"),
    ("clinic:consent", {"seen_sha256": "0" * 64}, "", "Read it again before signing"),
    ("clinic:withdraw-consent", {"to": ""}, "to", "who the patient told"),
    # 4 treatment
    ("clinic:treat", {"lot": "999999"}, "lot", "one of the lots listed"),
    ("clinic:treat", {"lot": GONE}, "lot", "Choose the lot on the vial"),
    ("clinic:treat", {"dose": "0"}, "dose", "above zero"),
    ("clinic:treat", {"dose": "-1"}, "dose", "greater than or equal to 0"),
    ("clinic:treat", {"dose": "Infinity"}, "dose", "in figures"),
    ("clinic:treat", {"dose": "0.001"}, "dose", "2 decimal places"),
    ("clinic:treat", {"dose": "1e400"}, "dose", "digits"),
    ("clinic:treat", {"vials": "2"}, "vials", "Only 1 vial of lot SCARCE"),
    ("clinic:treat", {"vials": "1.5"}, "vials", "whole number"),
    ("clinic:treat", {"route": "nose"}, "route", "valid choice"),
    ("clinic:treat", {"indication": "boredom"}, "indication", "valid choice"),
    ("clinic:treat", {"indication": "other"}, "note", "what the reason is"),
    ("clinic:treat", {"regions": []}, "regions", "at least one area"),
    ("clinic:treat", {"regions": ["tail"]}, "regions", "areas of the map only"),
    ("clinic:treat", {"practitioner": "999999"}, "practitioner", "somebody who treats here"),
    ("clinic:treat", {"treated_on": day(-1)}, "", "no screening on or before the day"),
    # 5 follow-up
    ("clinic:record-follow-up", {"answered_on": "2001-01-01"}, "answered_on", "before the treatment"),
    ("clinic:record-follow-up", {"all_well": GONE}, "all_well", "Choose whether"),
    ("clinic:record-follow-up", {"all_well": "yes"}, "all_well", "Correct one of them"),
    ("clinic:record-follow-up", {"severity_nodule": GONE}, "severity_nodule", "choose how bad it is"),
    ("clinic:record-follow-up", {"severity_nodule": "9"}, "severity_nodule", "Choose one of the answers"),
    ("clinic:record-follow-up", {"onset": "last week"}, "onset", "Write a date as"),
    ("clinic:record-follow-up", {"onset": "2001-01"}, "onset", "before the treatment"),
    ("clinic:record-follow-up", {"words": "x" * 4001}, "words", "at most 4000 characters"),
    ("clinic:review-answer", {"note": ""}, "note", "Write what you decided"),
    # 6 vigilance
    ("vigilance:open-case-from-answer", {"term": "sadness"}, "term", "valid choice"),
    ("vigilance:open-case-from-answer", {"words": " "}, "words", "reporter's own words"),
    ("vigilance:open-case-from-answer", {"onset": "2001"}, "onset", "before the treatment"),
    ("vigilance:open-case-from-answer", {"reporter": "99"}, "reporter", "valid choice"),
    ("vigilance:open-case-from-answer", {"regions": ["tail"]}, "regions", "not a region of the body map"),
    (
        "vigilance:open-case-from-treatment",
        {"received_on": "2001-01-01"},
        "received_on",
        "before the treatment",
    ),
    ("vigilance:open-case-from-treatment", {"onset": day(1)}, "onset", "future"),
    ("vigilance:edit-what", {"words": "x" * 20001}, "words", "20000 characters"),
    ("vigilance:edit-seriousness", {"death": GONE}, "death", "Choose an answer"),
    ("vigilance:edit-seriousness", {"death": "a little"}, "death", "valid choice"),
    ("vigilance:edit-outcome", {"outcome": "dead"}, "outcome", "valid choice"),
    ("vigilance:add-investigation", {"kind": GONE}, "kind", "Choose the investigation"),
    ("vigilance:add-investigation", {"result": "not_done"}, "result", "has no dates"),
    ("vigilance:add-investigation", {"result": "pending"}, "resulted_on", "no date yet"),
    ("vigilance:add-investigation", {"resulted_on": day(-1)}, "resulted_on", "Check both dates"),
    ("vigilance:add-investigation", {"taken_on": "2001-01-01"}, "taken_on", "before the treatment"),
    ("vigilance:add-investigation", {"finding": "x" * 251}, "finding", "250 characters"),
    ("vigilance:add-management", {"started_on": "2001-01-01"}, "started_on", "Check the date"),
    ("vigilance:edit-management", {"response": "great"}, "response", "valid choice"),
    ("vigilance:add-management", {"stopped_on": day()}, "course", "Choose “Stopped”"),
    ("vigilance:add-management", {"dose": "x" * 121}, "dose", "120 characters"),
    ("vigilance:edit-outcome", {"ended_on": day()}, "ended_on", "it is not over"),
    ("vigilance:add-lesions", {"forehead-0-count": ""}, "forehead-0-count", "? if nobody counted"),
    ("vigilance:add-lesions", {"forehead-0-count": "9" * 30}, "forehead-0-count", "8 characters"),
    ("vigilance:add-lesions", {"forehead-0-size_mm": "1e9"}, "forehead-0-size_mm", "whole number"),
    ("vigilance:add-lesions", {"forehead-0-kind": "wart"}, "forehead-0-kind", "valid choice"),
    ("vigilance:record-step", {"state": "not_done", "done_on": "", "words": " "}, "words", "Say why"),
    ("vigilance:record-step", {"done_on": ""}, "done_on", "Enter the day"),
    ("vigilance:change-step", {"due_days": "-1"}, "due_days", "from 0"),
    ("vigilance:change-step", {"due_days": "999999"}, "due_days", "0 to 365"),
    ("vigilance:change-step", {"reason": GONE}, "reason", "Say why"),
    ("vigilance:judge-news", {"what": GONE}, "what", "Say what is new"),
    ("vigilance:judge-news", {"received_on": "2001-01-01"}, "received_on", "after it"),
    ("vigilance:who-umc", {"timing": GONE}, "timing", "Choose an answer"),
    ("vigilance:naranjo", {"q7": GONE}, "q7", "Question 7"),
    ("vigilance:split", {"defect": GONE}, "defect", "Choose an answer"),
    ("vigilance:make-version", {"reason": "x" * 2001}, "reason", "Shorten it"),
    ("vigilance:make-version", {"kind": "initial"}, "kind", "valid choice"),
    ("vigilance:nullify-case", {"reason": GONE}, "reason", "Say why"),
    ("vigilance:meddra", {"source": GONE}, "source", "Choose the zip"),
    ("vigilance:code-reaction", {"term": "0"}, "term", "terms that were found"),
    ("vigilance:narrative", {"narrative": "x" * 100_001}, "narrative", "Shorten it"),
    # 7 watch
    ("signals:decide-alarm", {"decision": GONE}, "decision", "Choose what is decided"),
    ("signals:decide-alarm", {"decision": "close"}, "decision", "valid choice"),
    ("signals:decide-alarm", {"lots": ["999999"]}, "lots", "valid choice"),
    ("signals:decide-alarm", {"note": "ok"}, "note", "at least 20 characters"),
    ("signals:close-alarm", {"note": GONE}, "note", "Say why"),
    ("signals:close-alarm", {"note": "x" * 4001}, "note", "4000 characters"),
    ("signals:reopen-alarm", {"note": "because"}, "note", "at least 20 characters"),
    ("catalogue:recall-lot", {"reason": "faulty"}, "reason", "at least 20 characters"),
    ("signals:decide-duplicate", {"decision": "perhaps"}, "decision", "valid choice"),
    ("signals:decide-duplicate", {"reason": "same"}, "reason", "at least 10 characters"),
    # 8 dossier
    ("dossier:build", {"condition": "envy"}, "condition", "from the list"),
    ("dossier:build", {"product_class": GONE}, "product_class", "Choose the product class"),
    # and the members
    ("governance:add-member", {"email": "nobody"}, "email", "Enter an e-mail address"),
    ("governance:add-member", {"role": "king"}, "role", "valid choice"),
    ("governance:add-member", {"password": "short"}, "password", "12"),
    ("governance:add-member", {"password": ""}, "password", "first password"),
    ("governance:add-member", {"password": "password1234"}, "password", "too common"),
]
DATES = [
    ("catalogue:add-composition", "stated_on"),
    ("catalogue:add-legal-statement", "stated_on"),
    ("catalogue:add-lot", "made_on"),
    ("catalogue:add-lot", "certificate_issued_on"),
    ("catalogue:add-lot", "tested_on_sterility"),
    ("catalogue:record-release-test", "tested_on"),
    ("catalogue:receive-stock", "on"),
    ("catalogue:remove-stock", "on"),
    ("clinic:screen", "screened_on"),
    ("clinic:treat", "treated_on"),
    ("clinic:record-follow-up", "answered_on"),
    ("vigilance:open-case-from-treatment", "received_on"),
    ("vigilance:add-investigation", "taken_on"),
    ("vigilance:add-investigation", "resulted_on"),
    ("vigilance:add-management", "started_on"),
    ("vigilance:add-lesions", "seen_on"),
    ("vigilance:record-step", "done_on"),
    ("vigilance:judge-news", "received_on"),
]
WRONG_DAYS = [
    ("2026-02-30", "date of the calendar"),
    ("soon", "date of the calendar"),
    (day(1), "in the future"),
    ("1899-12-31", "too long ago"),
]
TAKES_ANYTHING = {"vigilance:narrative", "vigilance:write-report", "signals:run-watch"}


class Page:
    """A page that says what is wrong."""

    def __init__(self, content: bytes) -> None:
        self.tree = html.fromstring(content)

    @property
    def summary(self) -> str:
        """The list of errors at the top."""
        return " ".join(self.tree.xpath('string(//*[@role="alert"])').split())

    def links_to_nowhere(self) -> list[str]:
        """Entries of that list that lead to no element."""
        there = set(self.tree.xpath("//@id"))
        found = self.tree.xpath('//*[contains(@class, "error-summary")]//a/@href')
        return [href for href in found if href.removeprefix("#") not in there]

    def beside(self, field: str) -> str:
        """What stands beside a field, provided that the field is marked and described by it."""
        if field == "regions":  # the body map draws its own boxes
            return " ".join(self.tree.xpath('string(//*[@id="id_regions"])').split())
        error = f"id_{field}_error"
        inputs = self.tree.xpath("//*[@name=$name]", name=field)
        assert inputs, f"{field} is not on the page"
        described = [
            one
            for one in (*inputs, *inputs[0].iterancestors("fieldset"))
            if error in one.get("aria-describedby", "").split()
        ]
        assert described, f"{field} is not described by {error}"
        assert inputs[0].get("aria-invalid") == "true", f"{field} is not marked as invalid"
        (found,) = self.tree.xpath("//*[@id=$id]", id=error)
        return " ".join(found.text_content().split())


def send(world: SmallWorld, form: GoodForm, **wrong: Any) -> Page:
    """Send good answers but for what is wrong; asserts that they are refused and change nothing."""
    answers = {k: v for k, v in (form.answers(world) | wrong).items() if v is not GONE}
    held = everything(world.media)
    response = world.signed_in[form.role].post(form.address(world), answers)
    assert response.status_code == 422
    assert everything(world.media) == held
    return Page(response.content)


@pytest.mark.parametrize(
    ("name", "wrong", "field", "words"),
    [pytest.param(*row, id=f"{row[0]}-{row[2]}-{number}") for number, row in enumerate(ROWS)],
)
def test_what_is_wrong_is_said_beside_its_field(world, name, wrong, field, words):
    page = send(world, FORM[name], **wrong)
    assert words in (page.beside(field) if field else page.summary)
    assert words in page.summary


@pytest.mark.parametrize(("name", "field"), DATES)
def test_a_wrong_day_is_said_beside_its_field(world, name, field):
    for value, words in WRONG_DAYS:
        assert words in send(world, FORM[name], **{field: value}).beside(field)


@pytest.mark.parametrize("form", [f for f in FORMS if f.name not in TAKES_ANYTHING], ids="{0.name}".format)
def test_an_empty_form_is_told_what_it_lacks(world, form):
    held = everything(world.media)
    response = world.signed_in[form.role].post(form.address(world), {})
    assert response.status_code == 422
    page = Page(response.content)
    assert page.summary
    assert everything(world.media) == held


@pytest.mark.parametrize("form", FORMS, ids="{0.name}".format)
def test_a_null_character_anywhere_is_no_crash(world, form):
    held = everything(world.media)
    answers = {k: f"{v}\x00" if isinstance(v, str) else v for k, v in form.answers(world).items()}
    response = world.signed_in[form.role].post(form.address(world), answers | {"key": "\x00"})
    assert response.status_code in {302, 422}
    assert everything(world.media) == held


@pytest.mark.parametrize("name", ["clinic:add-patient", "vigilance:naranjo", "clinic:consent"])
def test_every_entry_of_the_list_of_errors_leads_to_its_field(world, name):
    form = FORM[name]
    response = world.signed_in[form.role].post(form.address(world), {"seen_sha256": "x"})
    assert not Page(response.content).links_to_nowhere()
