"""Sister cases and shared numbers: said by a person, taken back by one, told to receivers, never a merge."""

import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from exovigil.governance.action import Refused
from exovigil.vigilance import actions, queries
from exovigil.vigilance.e2b.checker import check
from exovigil.vigilance.e2b.read_records import read_records
from exovigil.vigilance.models import Case, CaseLink, IncomingReport
from tests.outside_files import e2b_upload, message

pytestmark = pytest.mark.django_db


@pytest.fixture
def sister(safety_officer, site, make_treatment) -> Case:
    return actions.open_case(
        by=safety_officer, site=site, treatment=make_treatment(site, "P-0002"), term="nodule", words="a lump"
    )


def whole(case):
    with scopes_disabled():
        return queries.case(case.pk)


def link(by, site, case, other, **changes):
    said = {"kind": "lot", "reason": "Both had lot LX-01."} | changes
    return actions.link_cases(by=by, site=site, case=case, other=other, **said)


def told(report):
    case = read_records(report.content.encode()).inner["message"][0].inner["case"][0]
    return [row.value("C.1.10.r") for row in case.inner.get("linked", [])]


def test_linked_cases_name_each_other_in_their_reports_until_it_is_taken_back(
    full_case, sister, safety_officer, site
):
    row = link(safety_officer, site, sister, full_case)
    assert (row.first_id, row.second_id) == (full_case.pk, sister.pk)
    report = actions.write_report(by=safety_officer, site=site, case=full_case)
    assert told(report) == [f"GB-EXOVIGIL-{sister.number}"]
    assert [f for f in check(report.content.encode()) if f.severity == "error"] == []
    other = actions.write_report(by=safety_officer, site=site, case=sister)
    assert told(other) == [f"GB-EXOVIGIL-{full_case.number}"]
    actions.unlink_cases(by=safety_officer, site=site, link=row, reason="Another lot after all.")
    assert told(actions.write_report(by=safety_officer, site=site, case=full_case)) == []
    with scopes_disabled():
        kept = CaseLink.objects.get()
        changes = [v.reason for v in whole(full_case).versions.all()]
    assert (kept.undone_reason, kept.undone_by_id) == ("Another lot after all.", safety_officer.user_id)
    assert "Sister cases" in changes[0]


def test_a_nullified_sister_is_shown_and_no_longer_told(full_case, sister, safety_officer, site, client_of):
    link(safety_officer, site, full_case, sister)
    actions.nullify_case(by=safety_officer, site=site, case=sister, reason="Not a reaction.")
    assert told(actions.write_report(by=safety_officer, site=site, case=full_case)) == []
    page = client_of(safety_officer).get(f"/cases/{full_case.pk}/").content.decode()
    assert sister.number in page


def test_what_is_no_pair_is_refused(full_case, sister, safety_officer, site, other_site, actor):
    for arguments, says in (
        ({"other": full_case}, "own sister"),
        ({"kind": "friends"}, "ties them"),
        ({"reason": " "}, "Say why"),
    ):
        with pytest.raises(Refused, match=says):
            link(safety_officer, site, full_case, **({"other": sister} | arguments))
    row = link(safety_officer, site, full_case, sister)
    with pytest.raises(Refused, match="linked already"):
        link(safety_officer, site, sister, full_case, kind="mother")
    with pytest.raises(Refused, match="another site"):
        link(actor("safety_officer", other_site), other_site, full_case, sister)
    actions.unlink_cases(by=safety_officer, site=site, link=row, reason="A mistake.")
    with pytest.raises(Refused, match="taken back already"):
        actions.unlink_cases(by=safety_officer, site=site, link=row, reason="A mistake.")
    link(safety_officer, site, sister, full_case)  # and linked anew


def test_the_pages_link_by_number_and_take_back(full_case, sister, safety_officer, client_of):
    page, url = client_of(safety_officer), f"/cases/{full_case.pk}/link/"
    said = {"case_number": "OAK-1999-0001", "kind": "reporter", "reason": "One doctor told both."}
    wrong = page.post(url, said)
    assert wrong.status_code == 422
    assert "No case of this site has that number" in wrong.content.decode()
    assert page.post(url, said | {"case_number": sister.number.lower()}).status_code == 302
    shown = page.get(f"/cases/{sister.pk}/").content.decode()
    assert "same reporter" in shown
    with scopes_disabled():
        row = CaseLink.objects.get()
    assert page.post(f"/cases/links/{row.pk}/undo/", {"reason": "Two doctors."}).status_code == 302
    assert "None is linked" in page.get(f"/cases/{sister.pk}/").content.decode()


# ---- shared numbers ----


def brought(by, site, *cases):
    file = actions.bring_in_file(by=by, site=site, source=e2b_upload(*cases))
    return list(queries.incoming_files().filter(file=file).order_by("position"))


def proposed(row):
    return [
        (p.link.element, (p.case or p.incoming).number, p.link.same)
        for p in queries.proposals_for_report(row)
    ]


@pytest.fixture
def inside(site):
    with scope(site=[site.pk]):
        yield


def test_a_report_that_comes_back_is_proposed_by_our_own_number(full_case, safety_officer, site, inside):
    ours = f"GB-EXOVIGIL-{full_case.number}"
    (back,) = brought(safety_officer, site, message(worldwide_id=ours))
    assert proposed(back) == [("C.1.9.1", full_case.number, True)]
    (found,) = queries.proposals_for_case(whole(full_case))
    assert found.incoming == back


def test_proposals_by_worldwide_number_other_numbers_and_linked_reports(safety_officer, site, inside):
    first, again, other, named, alone = brought(
        safety_officer,
        site,
        message(worldwide_id="DE-WORLD-10001"),
        message(report_id="FR-SOMEBODY-2", worldwide_id="DE-WORLD-10001"),
        message(report_id="FR-SOMEBODY-3", other_ids=(("Madeup", "de madeup 77001"),)),
        message(report_id="FR-SOMEBODY-4", linked=("DE-MADEUP-77001",)),
        message(report_id="FR-SOMEBODY-5"),
    )
    assert proposed(first) == [
        ("C.1.8.1", again.number, True),
        ("C.1.9.1", other.number, True),
        ("C.1.10", named.number, False),
    ]
    assert proposed(alone) == []  # the same woman, product, lot and words: likeness alone proposes nothing
    case = actions.open_case_from_report(
        by=safety_officer, site=site, incoming=first, term="nodule", words=first.words
    )
    assert proposed(again) == [("C.1.8.1", case.number, True)]
    assert IncomingReport.objects.filter(state="waiting").count() == 4  # nothing was merged


def test_the_receivers_reference_is_a_number_of_the_case(full_case, safety_officer, site, inside):

    actions.record_submission(
        by=safety_officer,
        site=site,
        case=full_case,
        rule="uk_clinician_medicine",
        sent_on=timezone.localdate(),
        sent_to="MHRA",
        reference="ADR 24-778899",
    )
    (row,) = brought(safety_officer, site, message(other_ids=(("MHRA", "ADR24778899"),)))
    assert proposed(row) == [("C.1.9.1", full_case.number, True)]


def test_proposals_stay_within_the_site(safety_officer, site, actor, other_site):
    with scope(site=[site.pk]):
        (here,) = brought(safety_officer, site, message())
    there = actor("safety_officer", other_site)
    with scope(site=[other_site.pk]):
        brought(there, other_site, message(narrative="Told again. Invented."))
    with scope(site=[site.pk]):
        assert proposed(here) == []


def test_the_report_page_and_the_case_page_show_what_shares_a_number(
    full_case, safety_officer, site, inside, client_of
):
    (row,) = brought(safety_officer, site, message(linked=(f"GB-EXOVIGIL-{full_case.number}",)))
    page = client_of(safety_officer)
    assert "this report names it as linked" in page.get(f"/cases/incoming/{row.pk}/").content.decode()
    assert row.number in page.get(f"/cases/{full_case.pk}/").content.decode()
