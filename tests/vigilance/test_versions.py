"""Versions: frozen as they were, numbered, told by reports, compared in words, and the end of a nullified case."""

import datetime as dt
import hashlib
import json

import pytest
from django.urls import reverse
from django_scopes import scopes_disabled
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.vigilance import actions, queries
from exovigil.vigilance.models import Case, CaseVersion
from exovigil.vigilance.versions import BrokenVersion, Change, Field, difference, freeze, thaw

ROOT = "2.16.840.1.113883.3.989.2.1.1.5"


def _whole(case: Case) -> Case:
    with scopes_disabled():
        return queries.case(case.pk)


def _versions(case: Case) -> list[CaseVersion]:
    with scopes_disabled():
        return list(CaseVersion.objects.filter(case=case).order_by("number"))


@pytest.fixture
def reported(full_case, safety_officer, site) -> Case:
    actions.write_report(by=safety_officer, site=site, case=full_case)
    return _whole(full_case)


@pytest.fixture
def safety_page(client_of, safety_officer):
    return client_of(safety_officer)


# ---- pure ----

A = Field("term", "Reaction", "nodule", "Nodule")
B = Field("lesion", "Seen", "", "")


def test_what_is_frozen_is_canonical_and_read_back_in_order():
    content, sha256 = freeze((B, A))
    assert sha256 == hashlib.sha256(content.encode()).hexdigest()
    assert content == json.dumps(
        json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert thaw(content, sha256) == (B, A)


def test_a_version_that_was_altered_is_not_read():
    content, sha256 = freeze((A,))
    with pytest.raises(BrokenVersion, match="fingerprint"):
        thaw(content.replace("nodule", "papule"), sha256)


def test_two_fields_of_one_key_are_refused():
    with pytest.raises(ValueError, match="share a key"):
        freeze((A, A))


def test_a_difference_is_by_value_and_told_in_words():
    relabelled = Field("term", "Reaction class", "nodule", "Nodule (firm)")
    assert difference((A, B), (relabelled,)) == ()
    granuloma = Field("term", "Reaction", "granuloma", "Granuloma")
    assert difference((A,), (granuloma,)) == (Change("term", "Reaction", "Nodule", "Granuloma"),)
    assert difference((A,), ()) == (Change("term", "Reaction", "Nodule", "Nothing recorded"),)


_snapshots = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([None, "", "a", "ab", 1, 2, "ß"]))


@given(_snapshots, _snapshots)
def test_a_difference_names_exactly_the_keys_whose_values_differ(first, second):
    one, two = (tuple(Field(k, k, v, str(v)) for k, v in held.items()) for held in (first, second))
    expected = {k for k in {*first, *second} if (first.get(k) or None) != (second.get(k) or None)}
    assert {change.key for change in difference(one, two)} == expected
    assert thaw(*freeze(one)) == one


# ---- with reports ----


def test_the_first_report_freezes_the_initial_version(reported):
    (version,) = _versions(reported)
    assert (version.number, version.kind) == (1, "initial")
    assert version.report == reported.reports.get()
    held = {field.key: field.words for field in thaw(version.content, version.sha256)}
    assert held["term"] == "Granuloma (shown by histology)"
    assert held["words"] == "hard lumps on my cheek"
    assert held["investigation.biopsy"].startswith("Positive / abnormal; Necrotising granuloma")
    assert "Testa" not in version.content


def test_a_report_of_an_unchanged_case_makes_no_version(reported, safety_officer, site):
    actions.write_report(by=safety_officer, site=site, case=reported)
    assert len(_versions(reported)) == 1


def test_something_heard_since_makes_a_follow_up(reported, clinician, safety_officer, site):
    with scopes_disabled():
        Case.objects.filter(pk=reported.pk).update(informed_on=dt.date(2026, 5, 5))
        version = CaseVersion.objects.get(case=reported)
        earlier = freeze(
            tuple(
                f if f.key != "informed_on" else Field(f.key, f.label, "2026-05-05", "5 May 2026")
                for f in thaw(version.content, version.sha256)
            )
        )
        CaseVersion.objects.filter(pk=version.pk).update(content=earlier[0], sha256=earlier[1])
    actions.record_outcome(by=clinician, site=site, case=_whole(reported), outcome="1")
    report = actions.write_report(by=safety_officer, site=site, case=reported)
    latest = _versions(reported)[-1]
    assert (latest.number, latest.kind, latest.report) == (2, "follow_up", report)
    assert "Outcome" in latest.reason
    assert ROOT not in report.content


def test_a_correction_of_our_own_is_an_amendment_and_the_report_says_so(reported, safety_officer, site):
    actions.write_narrative(by=safety_officer, site=site, case=reported, narrative="Told anew.")
    report = actions.write_report(by=safety_officer, site=site, case=reported)
    latest = _versions(reported)[-1]
    assert latest.kind == "amendment"
    assert latest.reason == "Changed since version 1: Narrative."
    assert _retraction(report.content) == "2"
    assert latest.reason in report.content


def test_a_version_made_on_purpose_is_told_by_the_next_report(reported, safety_officer, site):
    actions.write_narrative(by=safety_officer, site=site, case=reported, narrative="Told anew.")
    made = actions.make_version(
        by=safety_officer, site=site, case=reported, kind="amendment", reason="A wrong word was corrected."
    )
    report = actions.write_report(by=safety_officer, site=site, case=reported)
    assert [v.pk for v in _versions(reported)][-1] == made.pk
    assert _versions(reported)[-1].report == report
    assert "A wrong word was corrected." in report.content


@pytest.mark.parametrize(
    ("kind", "reason", "says"),
    [
        ("amendment", " ", "Say why"),
        ("amendment", "x" * 2001, "2,001 characters"),
        ("initial", "A reason.", "Choose follow-up or amendment"),
        ("nullify", "A reason.", "Choose follow-up or amendment"),
    ],
)
def test_a_version_needs_a_kind_and_a_reason(reported, safety_officer, site, kind, reason, says):
    actions.write_narrative(by=safety_officer, site=site, case=reported, narrative="Told anew.")
    with pytest.raises(Refused, match=says):
        actions.make_version(by=safety_officer, site=site, case=reported, kind=kind, reason=reason)
    assert len(_versions(reported)) == 1


def test_a_version_that_says_nothing_new_is_refused(reported, full_case, safety_officer, site):
    with pytest.raises(Refused, match="Nothing has changed"):
        actions.make_version(by=safety_officer, site=site, case=reported, kind="amendment", reason="Why not.")


def test_no_version_before_the_first_report(case, safety_officer, site):
    with pytest.raises(Refused, match="Write the report first"):
        actions.make_version(by=safety_officer, site=site, case=case, kind="amendment", reason="Why not.")


# ---- nullification ----


def test_a_nullified_case_stays_visible_is_marked_and_cannot_be_changed(
    reported, clinician, safety_officer, site, safety_page
):
    made = actions.nullify_case(by=safety_officer, site=site, case=reported, reason="Entered twice.")
    assert (made.kind, made.number) == ("nullify", 2)
    page = safety_page.get(reverse("vigilance:case", args=[reported.pk])).content.decode()
    assert "This case was nullified" in page
    assert "Entered twice." in page
    assert reverse("vigilance:edit-what", args=[reported.pk]) not in page
    for change in (
        lambda: actions.record_outcome(by=clinician, site=site, case=reported, outcome="3"),
        lambda: actions.record_management(by=clinician, site=site, case=reported, kind="antibiotic"),
        lambda: actions.write_narrative(by=safety_officer, site=site, case=reported, narrative="No."),
        lambda: actions.nullify_case(by=safety_officer, site=site, case=reported, reason="Again."),
    ):
        with pytest.raises(Refused, match="nullified"):
            change()
    after = _whole(reported)
    assert (after.outcome, after.management.count()) == ("2", 1)
    listed = safety_page.get(reverse("vigilance:cases"), {"state": "nullified"}).content.decode()
    assert reported.number in listed


def test_the_report_of_a_nullified_case_says_so_and_leaves_it_nullified(reported, safety_officer, site):
    actions.nullify_case(by=safety_officer, site=site, case=reported, reason="Entered twice.")
    report = actions.write_report(by=safety_officer, site=site, case=reported)
    assert _retraction(report.content) == "1"
    assert "Entered twice." in report.content
    assert _whole(reported).state == "nullified"
    assert _versions(reported)[-1].report == report


def test_a_nullified_case_is_no_longer_counted(reported, safety_officer, site):
    today = dt.date(2026, 12, 31)
    before = (len(queries.reactions(today)), queries.reaction_counts(), queries.affected_counts())
    actions.nullify_case(by=safety_officer, site=site, case=reported, reason="Entered twice.")
    assert before[0] == 1
    assert (queries.reactions(today), queries.reaction_counts(), queries.affected_counts()) == ([], [], [])


def test_only_who_assesses_cases_of_the_site_freezes_or_nullifies(
    reported, clinician, actor, other_site, site
):
    away = actor("safety_officer", other_site)
    for who in (clinician, away):
        with pytest.raises(NotAllowed):
            actions.nullify_case(by=who, site=site, case=reported, reason="No.")
        with pytest.raises(NotAllowed):
            actions.make_version(by=who, site=site, case=reported, kind="amendment", reason="No.")
    with pytest.raises(Refused, match="another site"):
        actions.nullify_case(by=away, site=other_site, case=reported, reason="No.")
    assert len(_versions(reported)) == 1


# ---- pages ----


def test_the_difference_page_tells_what_changed_in_words(
    reported, safety_officer, site, safety_page, django_assert_max_num_queries
):
    actions.write_narrative(by=safety_officer, site=site, case=reported, narrative="Told anew.")
    made = safety_page.post(
        reverse("vigilance:make-version", args=[reported.pk]),
        {"kind": "amendment", "reason": "A wrong word was corrected."},
    )
    assert made.status_code == 302
    with django_assert_max_num_queries(12):
        page = safety_page.get(reverse("vigilance:version", args=[reported.pk, 2])).content.decode()
    assert "What changed since version 1" in page
    assert "Told anew." in page
    assert "The draft made from the record" in page
    assert "A wrong word was corrected." in page
    first = safety_page.get(reverse("vigilance:version", args=[reported.pk, 1])).content.decode()
    assert "What changed since" not in first
    again = safety_page.get(reverse("vigilance:version", args=[reported.pk, 1]), {"against": "2"})
    assert "What changed since version 2" in again.content.decode()


def test_a_version_altered_in_the_database_says_that_it_cannot_be_relied_on(reported, safety_page):
    with scopes_disabled():
        CaseVersion.objects.filter(case=reported).update(content='{"format":1,"fields":{}}')
    page = safety_page.get(reverse("vigilance:version", args=[reported.pk, 1])).content.decode()
    assert "cannot be relied on" in page


@pytest.mark.parametrize("name", ["make-version", "nullify-case"])
def test_a_form_without_a_reason_says_so_and_changes_nothing(reported, safety_page, name):
    answer = safety_page.post(reverse(f"vigilance:{name}", args=[reported.pk]), {"reason": " "})
    assert answer.status_code == 422
    assert "Say why, in a sentence" in answer.content.decode()
    assert len(_versions(reported)) == 1
    assert _whole(reported).state == "reported"


def test_a_nullification_sent_twice_is_made_once(reported, safety_page):
    key = "1f6f1c9c-2f3b-4b8e-9a53-0a6d2f6f1a10"
    for _ in range(2):
        answer = safety_page.post(
            reverse("vigilance:nullify-case", args=[reported.pk]), {"reason": "Entered twice.", "key": key}
        )
        assert answer.status_code == 302
    assert [v.kind for v in _versions(reported)] == ["initial", "nullify"]


def _retraction(content: str) -> str:
    """C.1.11.1 as it stands in the file."""
    (node,) = etree.fromstring(content.encode()).xpath(f"//*[@codeSystem='{ROOT}']")
    return node.get("code")
