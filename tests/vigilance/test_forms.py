"""Forms for copying: every box in its order, filled from the record, blank where nothing is known."""

import io

import pytest
from django.urls import reverse
from django_scopes import scopes_disabled
from pypdf import PdfReader

from exovigil.governance.action import Refused
from exovigil.governance.models import AuditEvent
from exovigil.vigilance import actions, queries
from exovigil.vigilance.authority_forms import NOT_OFFICIAL, fields_of, form, forms
from exovigil.vigilance.form_facts import form_facts
from exovigil.vigilance.models import Case
from exovigil.vigilance.papers import form_data, form_paper

CODES = ["cioms", "sue", "yellow-card", "medwatch"]


def _text(pdf: bytes) -> str:
    reader = PdfReader(io.BytesIO(pdf))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def _whole(case: Case) -> Case:
    return queries.case(case.pk)


def _boxes(case: Case, code: str) -> dict[str, str]:
    with scopes_disabled():
        data = form_data(_whole(case), code)
    return {row["label"]: row["value"] for section in data["sections"] for row in section["rows"]}


def test_the_four_forms_have_a_source_for_every_box():
    assert [row.code for row in forms()] == CODES
    assert all(row.source.verified for row in forms())
    assert all(box.source.verified or not box.number for code in CODES for box in fields_of(code))
    with pytest.raises(KeyError, match="no form 'nonsense'"):
        form("nonsense")


def test_cioms_boxes_stand_in_their_order():
    numbers = [box.number for box in fields_of("cioms") if box.number]
    assert numbers[:9] == ["1", "1a", "2", "2a", "3", "4–6", "8–12", "7 + 13", "14"]
    assert numbers[9:17] == ["15", "16", "17", "18", "19", "20", "21", "22"]
    assert numbers[17:] == ["23", "24a", "24b", "24c", "24d", "24d", "25a", "25b", "26"]


@pytest.mark.parametrize("code", CODES)
def test_every_box_asks_for_a_fact_that_there_is(full_case, code):
    with scopes_disabled():
        facts = form_facts(full_case)
    assert {box.value for box in fields_of(code)} - {""} <= set(facts)


@pytest.mark.parametrize("code", CODES)
def test_a_form_says_what_the_record_says_and_that_it_is_not_official(full_case, code):
    with scopes_disabled():
        text = _text(form_paper(_whole(full_case), code))
    assert NOT_OFFICIAL in text
    for word in (
        full_case.number,
        "Inventa E1",
        "LX-01",
        "hard lumps on my cheek",
        "Necrotising granuloma",
        "8 Apr 2026",
        "Recovering",
        "probable",
        "Oral steroid from 4 May 2026; response: partial; 20 mg",
        "lidocaine cream",
        form(code).title,
        form(code).source.citation.split(",")[0],
    ):
        assert word in text, word
    assert "P-0001" not in text
    assert "Testa" not in text


def test_what_is_not_known_is_blank(case):
    for code, labels in {
        "cioms": ["Other relevant history", "MAH control no.", "Outcome", "Causality", "Tests"],
        "sue": ["Notification number", "Company name", "Reported diagnosis, if any"],
        "yellow-card": ["Weight if known (kg)", "Ethnicity", "Do you consider the reactions to be serious?"],
        "medwatch": ["Weight", "Product available for evaluation?", "Expiry date"],
    }.items():
        boxes = _boxes(case, code)
        assert {label: boxes[label] for label in labels} == dict.fromkeys(labels, "")


def test_a_case_of_which_little_is_known_still_prints(case):
    with scopes_disabled():
        Case.objects.filter(pk=case.pk).update(
            patient=None,
            treatment=None,
            product=None,
            product_status="unknown",
            lot=None,
            lot_status="unknown",
            onset="",
        )
        for code in CODES:
            assert case.number in _text(form_paper(_whole(case), code))
    assert _boxes(case, "cioms")["Suspect drug(s), with batch no."] == ""
    assert _boxes(case, "cioms")["Patient initials"] == ""


def test_ich_criteria_are_not_taken_for_those_of_a_cosmetic(full_case):
    assert "medically important" in _boxes(full_case, "yellow-card")["If yes, why"].lower()
    assert _boxes(full_case, "sue")["Of these, as far as the record answers them"] == ""


def test_the_reporters_words_cannot_become_typesetting(case):
    with scopes_disabled():
        Case.objects.filter(pk=case.pk).update(words='#panic("no") $x$ *b* <a>')
        assert '#panic("no") $x$ *b* <a>' in _text(form_paper(_whole(case), "cioms")).replace("“", '"')


def test_a_nullified_case_says_so_on_its_forms(full_case, safety_officer, site):
    actions.nullify_case(by=safety_officer, site=site, case=full_case, reason="Entered twice.")
    with scopes_disabled():
        assert "This case was nullified" in _text(form_paper(_whole(full_case), "sue"))


def test_taking_a_form_is_noted_and_an_unknown_one_is_not_found(
    full_case, clinician, site, other_site, actor, client_of, django_assert_max_num_queries
):
    client = client_of(clinician)
    page = client.get(reverse("vigilance:case", args=[full_case.pk])).content.decode()
    url = reverse("vigilance:form-file", args=[full_case.pk, "yellow-card"])
    assert url in page
    with django_assert_max_num_queries(24):
        answer = client.get(url)
    assert answer["Content-Type"] == "application/pdf"
    assert f"{full_case.number}-yellow-card.pdf" in answer["Content-Disposition"]
    assert AuditEvent.objects.filter(action="vigilance.form.printed").count() == 1
    assert client.get(url.replace("yellow-card", "nonsense")).status_code == 404
    away = client_of(actor("clinician", other_site))
    assert away.get(url).status_code == 404
    with pytest.raises(Refused, match="no such form"):
        actions.hand_out_form(by=clinician, site=site, case=full_case, form="nonsense")
    assert AuditEvent.objects.filter(action="vigilance.form.printed").count() == 1
