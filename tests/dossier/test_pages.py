"""Pages of the dossier room: what they show, to whom, and that bad input changes nothing."""

import csv
import io
import re
import uuid

import pytest
from pypdf import PdfReader

from exovigil.dossier.models import Edition

pytestmark = pytest.mark.django_db
AGEING = "/dossiers/skin_ageing/human/"


@pytest.fixture
def browser(client_of, reviewer):
    return client_of(reviewer)


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def form_for(condition="skin_ageing", product_class="human", **more) -> dict[str, str]:
    return {"key": str(uuid.uuid4()), "condition": condition, "product_class": product_class, **more}


def test_the_list_without_dossiers_says_what_to_do(browser, client_of, actor):
    assert "Build the first one" in text_of(browser.get("/dossiers/"))
    assert "A reviewer builds them" in text_of(client_of(actor("clinician")).get("/dossiers/"))


def test_the_list_shows_the_newest_edition_and_whether_newer_facts_are_known(
    browser, build, world, django_assert_max_num_queries
):
    build()
    build("skin_flaps", "plant")
    world.treat_for("skin_ageing", 1)
    build()
    world.treat_for("skin_ageing", 1)
    with django_assert_max_num_queries(14):
        page = browser.get("/dossiers/").content.decode()
    rows = re.findall(r"<tr><th scope=\"row\".*?</tr>", page, flags=re.S)
    assert len(rows) == 2
    ageing = next(row for row in rows if "Skin ageing" in row)
    assert "! Newer facts are available: rebuild" in ageing
    assert re.search(r'data-label="Edition"[^>]*>2<', ageing)
    assert "✓ Up to date" in next(row for row in rows if "Skin flaps" in row)


def test_the_list_filters_and_exports(browser, build):
    build()
    build("skin_flaps", "plant")
    page = text_of(browser.get("/dossiers/?product_class=plant"))
    assert "1–1 of 1" in page
    rows = list(csv.DictReader(io.StringIO(browser.get("/dossiers/?export=csv").content.decode())))
    assert {row["Dossier"] for row in rows} == {"Skin ageing and rejuvenation × human", "Skin flaps × plant"}
    assert {row["State"] for row in rows} == {"✓ Up to date"}


def test_a_reviewer_builds_a_dossier_and_reads_it(browser):
    response = browser.post("/dossiers/build/", form_for(), follow=True)
    assert response.redirect_chain == [(AGEING, 302)]
    assert "Edition 1 was built." in text_of(response)
    assert Edition.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"condition": ""}, "Choose the condition."),
        ({"condition": "warts"}, "Choose a condition from the list."),
        ({"product_class": ""}, "Choose the product class."),
        ({"product_class": "unicorn"}, "Choose a product class from the list."),
        ({"key": "damaged"}, "This form is damaged."),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(browser, changes, message):
    response = browser.post("/dossiers/build/", form_for(**changes))
    assert response.status_code == 422
    assert message in text_of(response)
    assert not Edition.objects.exists()


def test_building_with_nothing_new_says_so(browser, build):
    build()
    response = browser.post("/dossiers/build/", form_for())
    assert response.status_code == 422
    assert "Nothing has changed since edition 1" in text_of(response)
    assert Edition.objects.count() == 1


def test_the_same_form_twice_makes_one_edition(browser):
    form = form_for()
    for _ in range(2):
        assert browser.post("/dossiers/build/", form).status_code == 302
    assert Edition.objects.count() == 1


def test_the_form_takes_what_the_address_names(browser):
    page = browser.get("/dossiers/build/?condition=skin_flaps&product_class=plant").content.decode()
    assert '<option value="skin_flaps" selected>' in page
    assert '<option value="plant" selected>' in page


@pytest.mark.parametrize("role", ["clinician", "safety_officer", "administrator"])
def test_others_read_but_do_not_build(client_of, actor, build, role):
    edition = build()
    other = client_of(actor(role))
    for address in ("/dossiers/", AGEING, f"/dossiers/editions/{edition.pk}/"):
        assert other.get(address).status_code == 200
    assert other.get("/dossiers/build/").status_code == 403
    assert other.post("/dossiers/build/", form_for("skin_flaps")).status_code == 403
    assert Edition.objects.count() == 1


def test_a_dossier_that_was_not_built_offers_to_build_it(browser, client_of, actor):
    page = browser.get("/dossiers/skin_flaps/plant/")
    assert "No dossier has been built" in text_of(page)
    assert "/dossiers/build/?condition=skin_flaps&amp;product_class=plant" in page.content.decode()
    assert "Build this dossier" not in text_of(
        client_of(actor("clinician")).get("/dossiers/skin_flaps/plant/")
    )


@pytest.mark.parametrize(
    "address",
    [
        "/dossiers/warts/human/",
        "/dossiers/skin_ageing/unicorn/",
        "/dossiers/editions/999/",
        "/dossiers/editions/999/pdf/",
        "/dossiers/editions/999/studies.csv",
    ],
)
def test_what_is_not_there_is_not_found(browser, address):
    assert browser.get(address).status_code == 404


def test_a_dossier_shows_everything_and_opens_every_number(
    browser, build, world, django_assert_max_num_queries
):
    first, *_ = world.treat_for("skin_ageing", 50, answered=20)
    world.case(first, onset=20, received=40)
    edition = build()
    with django_assert_max_num_queries(14):
        response = browser.get(AGEING)
    page, html = text_of(response), response.content.decode()
    for study in edition.body["facts"]["studies"]:
        assert f"/evidence/studies/{study['key']}/" in html
        assert study["doi"] in html
    for part in (
        "No denominator",
        "1 of 50 treatments 20.0 per 1,000 (0.5 to 111.4)",
        "20 of 50",
        "Sources contradict each other",
        "Registry query",
        edition.body["facts"]["registry"]["sha256"],
        edition.sha256,
        "What is not known",
        "For patients",
    ):
        assert part in page
    assert not re.search(r"\sstyle=|<style|\son\w+=", html)
    assert len(re.findall(r"<h1[ >]", html)) == 1


def test_a_dossier_without_a_study_says_so_plainly(browser, build):
    build("skin_flaps", "plant")
    page = text_of(browser.get("/dossiers/skin_flaps/plant/"))
    assert "No human study was found." in page
    assert "No treatment with an exosome product of this class is in the registry." in page
    assert "Delayed granulomatous papules and nodules" in page


def test_newer_facts_offer_a_rebuild_to_those_who_may(browser, build, world, client_of, actor):
    build()
    assert "Newer facts are available" not in text_of(browser.get(AGEING))
    world.treat_for("skin_ageing", 1)
    page = browser.get(AGEING).content.decode()
    assert "Rebuild with the newer facts" in page
    form = re.search(r'<form method="post" action="/dossiers/build/">(.*?)</form>', page, flags=re.S)[1]
    sent = dict(re.findall(r'name="(key|condition|product_class)" value="([^"]+)"', form))
    assert browser.post("/dossiers/build/", sent).status_code == 302
    assert Edition.objects.count() == 2
    assert "Rebuild" not in text_of(client_of(actor("clinician")).get(AGEING))


def test_an_earlier_edition_stays_readable_and_says_what_it_is(browser, build, world):
    first = build()
    world.treat_for("skin_ageing", 1)
    build()
    page = text_of(browser.get(f"/dossiers/editions/{first.pk}/"))
    assert "Earlier edition" in page
    assert "Treatments in the registry: 0, now 1." in page


def test_an_altered_edition_is_shown_as_such(browser, build):
    edition = build()
    edition.body["facts"]["totals"]["studies"] = 50
    edition.save()
    assert "Do not rely on it" in text_of(browser.get(AGEING))


def test_the_pdf_holds_the_same_facts(browser, build):
    edition = build()
    response = browser.get(f"/dossiers/editions/{edition.pk}/pdf/")
    assert response["Content-Type"] == "application/pdf"
    words = re.sub(
        r"\s+", " ", " ".join(p.extract_text() for p in PdfReader(io.BytesIO(response.content)).pages)
    )
    for part in ("Skin ageing and rejuvenation", "For patients", "no denominator", edition.sha256[:20]):
        assert part in words


def test_the_study_table_can_be_taken_away_as_frozen(browser, build):
    edition = build()
    response = browser.get(f"/dossiers/editions/{edition.pk}/studies.csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    facts = edition.body["facts"]
    assert [row["Study"] for row in rows] == [s["label"] for s in facts["studies"] + facts["set_aside"]]
    assert rows[-1]["Set aside because"] == "conditioned medium, not isolated vesicles"
    assert all(row["Address"].startswith("http") and row["Read"] for row in rows)


def test_a_spreadsheet_takes_no_cell_for_a_formula(browser, build):
    edition = build()
    edition.body["facts"]["studies"][0]["label"] = "=HYPERLINK(1)"
    edition.save()
    response = browser.get(f"/dossiers/editions/{edition.pk}/studies.csv")
    assert "'=HYPERLINK(1)" in response.content.decode()
