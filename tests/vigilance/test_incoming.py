"""Reports from outside: kept valid or not, chased, completed, decided on by a person, and never merged."""

import datetime as dt

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from exovigil.governance import actors
from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.governance.models import AuditEvent
from exovigil.vigilance import actions, queries
from exovigil.vigilance.actions import intake
from exovigil.vigilance.e2b.checker import check
from exovigil.vigilance.e2b.read_records import read_records
from exovigil.vigilance.models import CaseVersion, Chase, IncomingReport, ReportIdentifier
from exovigil.vigilance.versions import difference, thaw
from tests.outside_files import e2b_file, e2b_upload, message
from tests.vigilance.r2_files import r2

pytestmark = pytest.mark.django_db
TOLD = {
    "words": "hard lumps on my cheek",
    "product_words": "Inventa E1",
    "lot_words": "LX-01",
    "age": 44,
    "sex": "female",
    "reporter": "5",
    "reporter_name": "Nobody Real",
    "reporter_contact": "nobody@nowhere.example",
    "serious": ["hospitalisation"],
    "outcome": "3",
}
DAY = dt.timedelta(days=1)


@pytest.fixture
def told(site):
    """Take a report by the public form."""

    def tell(**changes):
        return actions.tell_from_outside(by=actors.outside(site.pk), site=site, told=TOLD | changes)

    return tell


@pytest.fixture
def inside(site):
    with scope(site=[site.pk]):
        yield


def stored(row):
    with scopes_disabled():
        return IncomingReport.objects.get(pk=row.pk)


def whole(case):
    with scopes_disabled():
        return queries.case(case.pk)


def brought(by, site, *cases):
    file = actions.bring_in_file(by=by, site=site, source=e2b_upload(*cases))
    with scopes_disabled():
        return list(IncomingReport.objects.filter(file=file).order_by("position"))


# ---- the public form ----


def test_a_report_by_the_form_is_kept_numbered_and_valid_from_today(told, safety_officer, site):
    row = told()
    assert (row.number, row.state) == (f"OAK-I{timezone.localdate().year}-0001", "waiting")
    assert row.met == ["reporter", "patient", "product", "reaction"]
    assert row.valid_on == row.received_on == timezone.localdate()
    assert told().number.endswith("-0002")
    assert [m.to for m in mail.outbox] == [["safety_officer@oak.example"]] * 2
    assert "lumps" not in mail.outbox[0].body
    assert "Nobody" not in mail.outbox[0].body + mail.outbox[0].subject


def test_names_are_encrypted_and_neither_they_nor_words_reach_the_trail(told):
    row = told(patient_name="Wilhelmina Fabricated")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reporter_name, reporter_contact, patient_name FROM vigilance_incomingreport WHERE id = %s",
            [row.pk],
        )
        assert not {"Nobody Real", "nobody@nowhere.example", "Wilhelmina Fabricated"} & set(cursor.fetchone())
    assert stored(row).reporter_name == "Nobody Real"
    trail = " ".join(AuditEvent.objects.values_list("data", flat=True))
    assert "lumps" not in trail
    assert "Nobody" not in trail


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        ({"reporter_name": "", "reporter_contact": " "}, "reporter"),
        ({"age": None, "sex": "unknown"}, "patient"),
        ({"product_words": ""}, "product"),
        ({"words": "  "}, "reaction"),
    ],
)
def test_a_report_without_one_criterion_is_kept_and_not_valid(told, left_out, missing):
    row = told(**left_out)
    assert set(row.met) == {"reporter", "patient", "product", "reaction"} - {missing}
    assert (row.valid_on, row.state) == (None, "waiting")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"age": 200}, "age"),
        ({"sex": "none"}, "sex"),
        ({"reporter": "9"}, "reporter"),
        ({"outcome": "9"}, "outcome"),
        ({"serious": ["envy"]}, "serious"),
        ({"onset": "2999"}, "onset"),
        ({"onset": "soon"}, "onset"),
        ({"words": "x" * 20_001}, "words"),
        ({"product_words": "x" * 251}, "product_words"),
        ({"doi": "no doi"}, "doi"),
        ({"state": "opened"}, None),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(told, change, field):
    with pytest.raises(Refused) as refused:
        told(**change)
    assert refused.value.field == field
    with scopes_disabled():
        assert not IncomingReport.objects.exists()


def test_the_form_takes_so_many_reports_an_hour_and_no_more(site, monkeypatch, safety_officer):
    monkeypatch.setattr(intake, "PER_ADDRESS", 2)
    monkeypatch.setattr(intake, "PER_SITE", 3)

    def tell(address):
        return actions.tell_from_outside(by=actors.outside(site.pk), site=site, told=TOLD, sent_from=address)

    tell("a"), tell("a")
    with pytest.raises(intake.TooMany):
        tell("a")
    tell("b")
    with pytest.raises(intake.TooMany):
        tell("c")
    with scopes_disabled():
        IncomingReport.objects.update(arrived_at=timezone.now() - dt.timedelta(hours=2))
    assert tell("a").number.endswith("0004")


def test_an_outside_reporter_may_do_nothing_else(told, site):
    by = actors.outside(site.pk)
    for act, more in (
        (actions.record_literature, {"told": {"doi": "10.1002/der2.242"}}),
        (actions.set_report_aside, {"incoming": told(), "reason": "no"}),
        (actions.read_reporter, {"incoming": told()}),
    ):
        with pytest.raises(NotAllowed):
            act(by=by, site=site, **more)


# ---- literature ----


def test_a_case_from_the_literature_needs_its_publication_which_stands_for_the_reporter(safety_officer, site):
    with pytest.raises(Refused, match="citation, or its DOI"):
        actions.record_literature(by=safety_officer, site=site, told={"words": "granulomas"})
    row = actions.record_literature(
        by=safety_officer,
        site=site,
        told={
            "doi": "https://doi.org/10.1002/der2.242",
            "words": "granulomas",
            "product_words": "an exosome product",
            "patient_note": "patient 2 of 8",
        },
        received_on=dt.date(2026, 3, 1),
    )
    assert (row.doi, row.valid_on) == ("10.1002/der2.242", dt.date(2026, 3, 1))


# ---- files ----


def test_a_file_of_several_reports_gives_one_report_each_with_its_numbers(safety_officer, site):
    first, second = brought(
        safety_officer,
        site,
        message(
            worldwide_id="DE-REGULATOR-1000",
            other_ids=(("Regulator", "REG-9000"),),
            linked=("DE-MADEUP-77009",),
        ),
        message(report_id="DE-MADEUP-77002", patient=message().patient),
    )
    assert (first.position, second.position, first.source) == (1, 2, "e2b")
    assert (first.words, first.product_words, first.lot_words) == (
        "hard lumps on the cheek",
        "Inventa E1",
        "LX-01",
    )
    assert (first.age, first.sex, first.reporter, first.country) == (44, "female", "1", "DE")
    assert (first.reporter_name, first.patient_name) == ("Nemo Nobody", "XY")
    assert (first.serious, first.outcome) == (["other_medically_important"], "3")
    assert first.is_valid
    with scopes_disabled():
        numbers = ReportIdentifier.objects.filter(incoming=first).values_list("kind", "value")
        assert set(numbers) == {
            ("C.1.8.1", "DE-REGULATOR-1000"),
            ("C.1.1", "DE-MADEUP-77001"),
            ("C.1.9.1", "REG-9000"),
            ("C.1.10", "DE-MADEUP-77009"),
        }
        kept = queries.read_message(first.pk)
    assert kept.record.inner["case"][0].value("C.1.1") == "DE-MADEUP-77001"
    assert kept.lost == ()


def test_what_a_message_says_beyond_the_table_is_listed_for_that_message(safety_officer, site):
    data = e2b_file(message(), message(report_id="DE-MADEUP-77002"))
    head, tail = data.split(b"DE-MADEUP-77002", 1)
    altered = (
        head
        + b"DE-MADEUP-77002"
        + tail.replace(
            b"<administrativeGenderCode", b"<addr><city>Hull</city></addr><administrativeGenderCode", 1
        )
    )
    assert altered != data
    file = actions.bring_in_file(by=safety_officer, site=site, source=SimpleUploadedFile("b.xml", altered))
    with scopes_disabled():
        one, two = IncomingReport.objects.filter(file=file).order_by("position")
        assert queries.read_message(one.pk).lost == ()
        assert [loss.value for loss in queries.read_message(two.pk).lost] == ["Hull"]


def test_the_sealed_message_reads_as_the_senders_own_and_holds_no_other(safety_officer, site):
    first, _ = brought(safety_officer, site, message(), message(report_id="DE-MADEUP-77002"))
    assert b"DE-MADEUP" not in bytes(first.content)
    with scopes_disabled():
        record = queries.read_message(first.pk).record
    (sent,) = read_records(e2b_file()).inner["message"]
    assert record == sent


def test_a_report_of_the_older_format_is_upgraded_and_says_what_it_lost(safety_officer, site):
    older = r2(receiver={"receivertype": "1", "receiverorganization": "Invented Authority"})
    file = actions.bring_in_file(by=safety_officer, site=site, source=SimpleUploadedFile("r2.xml", older))
    with scopes_disabled():
        row = IncomingReport.objects.get(file=file)
        read = queries.read_message(row.pk)
    assert (row.words, row.product_words, row.lot_words) == ("lump under the skin", "Exosome serum", "LOT-7")
    assert row.serious == ["hospitalisation"]
    assert "Invented Authority" in [loss.value for loss in read.lost]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', "was not opened"),
        (b"<a>" * 300 + b"</a>" * 300, "nested more than"),
        (b"not xml", "not well-formed"),
        (b"", "not well-formed"),
        (b"<html/>", "no report that can be read"),
        (b'<MCCI_IN200100UV01 xmlns="urn:hl7-org:v3"/>', "no report in this file"),
    ],
)
def test_a_file_that_is_no_safe_report_is_refused_and_nothing_kept(safety_officer, site, data, says):
    with pytest.raises(Refused, match=says) as refused:
        actions.bring_in_file(by=safety_officer, site=site, source=SimpleUploadedFile("x.xml", data))
    assert refused.value.field == "source"
    with scopes_disabled():
        assert not IncomingReport.objects.exists()


def test_a_file_brought_in_twice_is_refused_with_where_it_is(safety_officer, site):
    (row,) = brought(safety_officer, site)
    with pytest.raises(Refused, match=row.number):
        actions.bring_in_file(by=safety_officer, site=site, source=e2b_upload(name="other.xml"))


# ---- chasing ----


def test_an_invalid_report_is_chased_and_completed_and_day_zero_is_that_day(
    told, safety_officer, site, inside
):
    row = told(product_words="")
    with scopes_disabled():
        IncomingReport.objects.update(received_on=timezone.localdate() - 5 * DAY)
    (line,) = queries.to_chase()
    assert (line.due_on, line.last) == (row.received_on - 5 * DAY, None)
    today = timezone.localdate()
    chase = {"by": safety_officer, "site": site, "incoming": row, "how": "phone", "outcome": "No answer."}
    with pytest.raises(Refused, match="comes after"):
        actions.record_chase(**chase, chased_on=today, next_on=today)
    actions.record_chase(**chase, chased_on=today, next_on=today + 3 * DAY)
    assert queries.chases_due(today + 2 * DAY) == []
    assert [line.incoming for line in queries.chases_due(today + 3 * DAY)] == [row]
    done = actions.complete_incoming(
        by=safety_officer, site=site, incoming=row, heard_on=today - DAY, told={"product_words": "Inventa"}
    )
    assert done.valid_on == today - DAY
    assert queries.to_chase() == []
    assert list(queries.to_decide()) == [row]


def test_a_chase_that_is_due_is_told_by_mail_once(told, safety_officer, site):
    row, today = told(product_words=""), timezone.localdate()
    actions.record_chase(
        by=safety_officer,
        site=site,
        incoming=row,
        chased_on=today,
        how="email",
        outcome="None.",
        next_on=today + DAY,
    )
    mail.outbox.clear()
    for _ in range(2):
        actions.remind(by=actors.system(), site=site, as_of=today + DAY)
    assert [m.subject for m in mail.outbox] == [f"{row.number}: ask again"]
    with scopes_disabled():
        assert Chase.objects.get().reminded_on == today + DAY


# ---- deciding ----


def opened(by, site, row, **changes):
    given = {"term": "nodule", "words": row.words, "onset": row.onset} | changes
    return actions.open_case_from_report(by=by, site=site, incoming=row, **given)


def test_an_invalid_report_becomes_no_case(told, safety_officer, site):
    with pytest.raises(Refused, match="which product was used"):
        opened(safety_officer, site, told(product_words=""))


def test_a_case_from_the_form_keeps_what_was_told_and_its_clock_counts_from_day_zero(
    told, safety_officer, site
):
    row = told(product_words="")
    with scopes_disabled():
        IncomingReport.objects.update(received_on=timezone.localdate() - 9 * DAY)
    actions.complete_incoming(
        by=safety_officer,
        site=site,
        incoming=row,
        heard_on=timezone.localdate() - 2 * DAY,
        told={"product_words": "Inventa"},
    )
    case = whole(opened(safety_officer, site, row))
    assert (case.source, case.reporter, case.outcome) == ("outside", "5", "3")
    assert case.seriousness["hospitalisation"] == "yes"
    assert case.seriousness["death"] == "not_asked"
    assert case.received_on == timezone.localdate() - 9 * DAY
    with scopes_disabled():
        assert queries.duties(case).situation.day_zero == timezone.localdate() - 2 * DAY
    assert stored(row).case == case
    with pytest.raises(Refused, match="decided on already"):
        opened(safety_officer, site, row)


def test_a_case_from_a_file_is_reported_with_the_numbers_it_came_with(safety_officer, site):
    (row,) = brought(
        safety_officer,
        site,
        message(worldwide_id="DE-REGULATOR-1000", other_ids=(("Regulator", "REG-9000"),)),
    )
    case = opened(safety_officer, site, row)
    report = actions.write_report(by=safety_officer, site=site, case=case)
    record = read_records(report.content.encode())
    sent = record.inner["message"][0].inner["case"][0]
    assert sent.value("C.1.1") == "GB-EXOVIGIL-OAK-2026-0001".replace("2026", str(row.received_on.year))
    assert sent.value("C.1.8.1") == "DE-REGULATOR-1000"
    others = {(o.value("C.1.9.1.r.1"), o.value("C.1.9.1.r.2")) for o in sent.inner["other_id"]}
    assert others == {("Sender", "DE-MADEUP-77001"), ("Regulator", "REG-9000")}
    patient = sent.inner["patient"][0]
    assert (patient.value("D.2.2a"), patient.value("D.5")) == ("44", "2")
    assert patient.inner["drug"][0].value("G.k.2.2") == "Inventa E1"
    assert patient.inner["drug"][0].inner["dosage"][0].value("G.k.4.r.7") == "LX-01"
    assert sent.inner["reporter"][0].value("C.2.r.3") == "DE"
    assert b"Nobody" not in report.content.encode()
    assert [f for f in check(report.content.encode()) if f.severity == "error"] == []


def test_a_case_from_the_literature_cites_it(safety_officer, site):
    row = actions.record_literature(
        by=safety_officer,
        site=site,
        told={
            "citation": "Nobody N. A paper that does not exist. 2026",
            "words": "granulomas",
            "product_words": "Inventa",
            "patient_note": "patient 2",
        },
    )
    report = actions.write_report(by=safety_officer, site=site, case=opened(safety_officer, site, row))
    case = read_records(report.content.encode()).inner["message"][0].inner["case"][0]
    assert case.inner["literature"][0].value("C.4.r.1").startswith("Nobody N.")
    assert [f for f in check(report.content.encode()) if f.severity == "error"] == []


def test_adding_to_a_case_freezes_it_before_and_after_with_a_readable_difference(
    told, safety_officer, site, case
):
    row = told(onset="2026-04", words="it began to drain")
    actions.add_report_to_case(
        by=safety_officer,
        site=site,
        incoming=row,
        case=case,
        take=["words", "outcome", "serious"],
        reason="Same.",
    )
    changed = whole(case)
    assert changed.words.endswith(f"[{row.number}] it began to drain")
    assert (changed.outcome, changed.onset) == ("3", "2026-04-08")  # the onset was not taken over
    assert changed.seriousness["hospitalisation"] == "yes"
    with scopes_disabled():
        first, second = CaseVersion.objects.filter(case=case).order_by("number")
    assert (first.kind, second.kind) == ("initial", "follow_up")
    keys = {c.key for c in difference(thaw(first.content, first.sha256), thaw(second.content, second.sha256))}
    assert {"words", "outcome", "serious.hospitalisation", "incoming", "informed_on"} <= keys
    assert (stored(row).state, stored(row).case_id) == ("added", case.pk)


def test_a_nullified_or_foreign_case_takes_no_report(told, safety_officer, actor, other_site, site, case):
    actions.nullify_case(by=safety_officer, site=site, case=case, reason="Not a reaction.")
    row = told()
    with pytest.raises(Refused, match="nullified"):
        actions.add_report_to_case(by=safety_officer, site=site, incoming=row, case=case)
    with pytest.raises(Refused, match="another site"):
        actions.set_report_aside(
            by=actor("safety_officer", other_site), site=other_site, incoming=row, reason="no"
        )
    assert stored(row).state == "waiting"


def test_set_aside_with_a_reason_and_taken_up_again(told, safety_officer, site):
    row = told()
    with pytest.raises(Refused, match="Say why"):
        actions.set_report_aside(by=safety_officer, site=site, incoming=row, reason=" ")
    actions.set_report_aside(by=safety_officer, site=site, incoming=row, reason="A test of the form.")
    assert stored(row).state == "aside"
    with scope(site=[site.pk]):
        assert queries.waiting_count() == 0
    actions.take_report_up_again(by=safety_officer, site=site, incoming=row, reason="It was none.")
    assert stored(row).state == "waiting"
    with pytest.raises(Refused, match="set aside"):
        actions.take_report_up_again(by=safety_officer, site=site, incoming=row, reason="Again.")
