"""The pages of the scan, over a small store of made-up reports."""

import shutil

import pytest
from django.urls import reverse

import exovigil
from tests.small_reports import scanned_store

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return scanned_store(tmp_path_factory.mktemp("reports") / "store")


@pytest.fixture
def officer(client_of, safety_officer):
    return client_of(safety_officer)


@pytest.fixture
def scanned(store, settings):
    settings.REPORT_STORE = store


def test_without_a_scan_the_page_says_how_to_get_one(officer, settings, tmp_path):
    settings.REPORT_STORE = tmp_path
    page = officer.get(reverse("signals:scan")).content.decode()
    assert f"exovigil signals import --store {tmp_path}" in page


def test_the_page_says_when_by_which_program_and_from_what_it_was_made(officer, scanned):
    page = officer.get(reverse("signals:scan")).content.decode()
    assert f"counted by kernel, Exovigil {exovigil.__version__}" in page
    assert officer.get(reverse("signals:scan")).context["scan"].sources == "FAERS, REGISTRY"


@pytest.mark.parametrize("lost", ["scan/pairs.parquet", "scan/pairs.parquet.about.json", "manifest.json"])
def test_half_a_scan_is_none(officer, store, settings, tmp_path, lost):
    settings.REPORT_STORE = shutil.copytree(store, tmp_path / "store", symlinks=True)
    (tmp_path / "store" / lost).unlink()
    assert "No report store has been scanned yet" in officer.get(reverse("signals:scan")).content.decode()


def test_the_strongest_pair_is_first_and_opens(officer, scanned):
    page = officer.get(reverse("signals:scan")).content.decode()
    first = page[page.index("<tbody>") :]
    assert first.index("GRANULOMA") < first.index("PAIN")
    assert f"{reverse('signals:pair')}?product=X&amp;reaction=GRANULOMA" in first


def test_words_and_rules_filter(officer, scanned):
    page = officer.get(reverse("signals:scan"), {"q": "z pain"}).content.decode()
    assert "1–1 of 1" in page
    assert "1–1 of 1" in officer.get(reverse("signals:scan"), {"rule": "evans"}).content.decode()
    assert "No pair matches" in officer.get(reverse("signals:scan"), {"q": "none"}).content.decode()


def test_every_pair_goes_into_the_file(officer, scanned):
    lines = officer.get(reverse("signals:scan"), {"export": "csv"}).content.decode().splitlines()
    assert lines[0] == (
        "product,reaction,n,expected,prr,prr_low,prr_high,ror,ror_low,ror_high,chi2,ic,ic025,ebgm,eb05,eb95"
    )
    assert len(lines) == 1 + 5


def test_too_few_pairs_for_the_fit_are_said_to_be_so(officer, scanned):
    page = officer.get(reverse("signals:scan")).content.decode()
    assert "No shrunken ratios in this scan" in page


def test_a_pair_shows_its_table_and_its_reports(officer, scanned):
    response = officer.get(reverse("signals:pair"), {"product": "X", "reaction": "GRANULOMA"})
    whole = response.context["pair"].whole
    assert (whole.a, whole.b, whole.c, whole.d) == (13, 8, 2, 100)
    page = response.content.decode()
    assert "All 13, newest first" in page
    assert "faers C0" in page


def test_of_a_registry_case_nothing_of_the_patient_is_told(officer, scanned):
    response = officer.get(reverse("signals:pair"), {"product": "X", "reaction": "GRANULOMA"})
    ours = [r for r in response.context["reports"] if r["ours"]]
    assert len(ours) == 1
    page = response.content.decode()
    row = page.split("A case of this registry")[1].split("</tr>")[0]
    assert "31" not in row
    assert ours[0]["row"].case_id not in page


def test_a_pair_that_is_none_is_not_found(officer, scanned):
    assert officer.get(reverse("signals:pair"), {"product": "X", "reaction": "NONE"}).status_code == 404
    assert officer.get(reverse("signals:pair"), {"product": "X"}).status_code == 302
