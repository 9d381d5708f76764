"""One true path through every room, in a real browser: catalogue, selection, consent, treatment, follow-up, vigilance,
watch, dossier. Each step also takes the pictures of its page and checks it for accessibility.
"""

import io
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tests.browser.steps import PHONE, answer, look, press, says, sign_in, visitor
from tests.world import EXOVIGIL, Served, environment

PRODUCT = "Journey J1 (invented)"
LOT = "J-0001"
PATIENT = "Walburga Makebelieve"
SHARED_SCHEMAS = Path(__file__).resolve().parents[3] / "shared/data/e2b/schemas"


@dataclass
class Journey:
    """Who is on the way, and where they have been."""

    world: Served
    clinician: Page
    officer: Page
    phone: Page
    urls: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def journey(world: Served, browser: Browser) -> Journey:
    clinician, officer, phone = visitor(browser), visitor(browser), visitor(browser, PHONE)
    sign_in(clinician, world, "clinician")
    sign_in(officer, world, "safety officer")
    return Journey(world, clinician, officer, phone)


def today() -> str:
    return timezone.localdate().isoformat()


def a_year_from_now() -> str:
    day = timezone.localdate()
    return day.replace(year=day.year + 1, day=min(day.day, 28)).isoformat()


def photograph(path: Path) -> Path:
    """A photograph as a phone makes it: with a place in its metadata."""
    exif = Image.Exif()
    exif[0x010F] = "Invented Phone"
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (640, 480), (214, 168, 150)).save(path, "JPEG", exif=exif)
    return path


def test_1_catalogue_a_blocked_lot_needs_a_documented_override(journey):
    page = journey.officer
    page.goto(f"{journey.world.address}/products/add/")
    answer(page, name=PRODUCT, maker="Invented Works", source_class="human", declared_route="injection")
    answer(page, source_tissue="adipose_msc", isolation="ultracentrifugation", formulation="lyophilised")
    press(page, "Add product")
    says(page, PRODUCT, "Adipose", "Not known")
    journey.urls["product"] = page.url
    page.goto(f"{journey.urls['product']}legal/add/")
    answer(
        page,
        jurisdiction="UK",
        statement="Not licensed. Invented.",
        source="Invented letter",
        stated_on=today(),
    )
    page.locator("main form button.button").click()
    says(page, "Not licensed. Invented.")
    page.goto(f"{journey.urls['product']}lots/add/")
    answer(
        page, number=LOT, expires_on=a_year_from_now(), outcome_sterility="passed", outcome_identity="passed"
    )
    answer(page, outcome_endotoxin="passed", result_endotoxin="0.1")
    press(page, "Add lot")
    says(page, "must not be used", "Mycoplasma")
    look(page, "1-catalogue")
    journey.urls["lot"] = page.url
    journey.clinician.goto(page.url)
    says(journey.clinician, "must not be used")
    page.goto(f"{page.url}override/")
    answer(page, reason="Too short")
    page.locator("main form button.button").click()
    says(page, "There is a problem")
    sites = page.locator("main select[name=site] option", has_text="Alder House")
    if sites.count():
        page.locator("main select[name=site]").select_option(label=sites.first.inner_text())
    else:
        page.get_by_label("Alder House Dermatology").check()
    answer(page, reason="Mycoplasma result seen by telephone; paper follows this week. Invented.")
    page.locator("main form button.button").click()
    journey.clinician.goto(journey.urls["lot"])
    says(journey.clinician, "override")


def test_2_selection_says_eligible_caution_or_excluded_with_reasons(journey):
    page = journey.clinician
    page.goto(f"{journey.urls['lot']}stock/receive/")
    answer(page, vials="5", on=today())
    page.locator("main form button.button").click()
    says(page, "5 vials")
    page.goto(f"{journey.world.address}/patients/add/")
    answer(page, name=PATIENT, date_of_birth="1988-04-09", sex="female")
    press(page, "Add patient")
    journey.urls["patient"] = page.url
    says(page, "ALDER-")
    assert PATIENT not in page.content(), "the name stays sealed until somebody asks for it"
    page.goto(f"{page.url}screening/")
    names = page.eval_on_selector_all(
        "main input[type=radio]", "all => [...new Set(all.map(one => one.name))]"
    )
    for name in names:
        page.check(f'main [name="{name}"][value="no"]')
    page.check('main [name="autoimmune"][value="yes"]')
    page.locator("main form button.button").click()
    says(page, "Excluded", "read:")
    page.goto(f"{journey.urls['patient']}screening/")
    for name in names:
        page.check(f'main [name="{name}"][value="no"]')
    page.locator("main form button.button").click()
    says(page, "Eligible")
    look(page, "2-selection")


def test_3_consent_is_signed_on_a_frozen_text_and_printed(journey):
    page = journey.clinician
    page.goto(f"{journey.urls['patient']}consent/")
    page.get_by_label(PRODUCT).check()
    page.get_by_role("button", name="Show the text").click()
    says(page, "between two weeks and three months", PRODUCT)
    look(page, "3-consent")
    press(page, "Sign and keep")
    says(page, "There is a problem")
    answer(page, confirmed=["read", "time", "withdraw"], agrees_to_registry="yes", agrees_to_reporting="yes")
    answer(page, signed_name=PATIENT)
    press(page, "Sign and keep")
    says(page, "signed")
    href = page.locator("main a[href*='/pdf/']").first.get_attribute("href")
    pdf = page.request.get(journey.world.address + href)
    text = " ".join(
        " ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf.body())).pages).split()
    )
    assert PATIENT in text
    assert PRODUCT in text
    assert "three months" in text


def test_4_treatment_takes_its_vial_and_plans_the_follow_ups(journey):
    page = journey.clinician
    page.goto(f"{journey.urls['patient']}treat/")
    press(page, "Record treatment")
    says(page, "There is a problem")
    lot = page.locator("main select[name=lot] option", has_text=LOT).first
    page.locator("main select[name=lot]").select_option(lot.get_attribute("value"))
    answer(page, treated_on=today(), route="intradermal", dose="2.5", dose_unit="mL", vials="1")
    answer(page, indication="skin_ageing")
    page.locator('main [data-region="cheek_left"]').first.click()
    assert page.locator('main [name="regions"][value="cheek_left"]').is_checked(), "the map ticks its box"
    answer(page, regions=["forehead"])
    look(page, "4-treatment-form")
    press(page, "Record treatment")
    says(page, PRODUCT, "Left cheek", "12 months")
    look(page, "4-treatment")
    journey.urls["treatment"] = page.url
    page.goto(journey.urls["lot"])
    says(page, "4 vials")


def test_5_follow_up_the_patient_answers_on_a_phone_and_the_clinic_sees_the_red_flag(journey, tmp_path):
    page, phone = journey.clinician, journey.phone
    page.goto(journey.urls["treatment"])
    page.locator("main a[href*='/follow-ups/']").first.click()
    press(page, "Make a link")
    link = page.locator("main input[readonly]").input_value()
    phone.goto(link)
    assert PRODUCT not in phone.content(), "whoever holds the phone learns nothing of the product"
    look(phone, "5-patient-page")
    phone.locator("button[value=wrong]").click()
    phone.locator('input[name="has_blackening"]').check()
    phone.locator('[name="severity_blackening"][value="2"]').check()
    phone.locator("main form button.button").first.click()
    phone.locator('[name="words"]').fill("A dark spot where it was injected. Invented.")
    phone.locator("main form button.button").first.click()
    phone.locator("input[type=file]").set_input_files(photograph(tmp_path / "skin.jpg"))
    phone.locator("main form button.button").first.click()
    says(phone, "0113 496 0140")
    look(phone, "5-patient-done")
    page.goto(f"{journey.world.address}/")
    says(page, "Red flag", "A dark spot where it was injected.")
    look(page, "5-clinic-home")
    page.get_by_role("link", name="Look").first.click()
    says(page, "A dark spot where it was injected.")
    image = page.request.get(journey.world.address + page.locator("main img").first.get_attribute("src"))
    assert not Image.open(io.BytesIO(image.body())).getexif(), "the place the photograph was taken is gone"
    look(page, "5-answer")


def test_6_vigilance_a_reaction_becomes_a_case_and_a_file_without_findings(journey, tmp_path):
    page = journey.officer
    page.goto(f"{journey.world.address}/")
    page.locator("main li", has_text="A dark spot").get_by_role("link", name="Open a case").click()
    answer(page, term="necrosis", words="A dark spot where it was injected. Invented.", onset=today())
    answer(page, lesion="Sharply bordered dark macule of 8 mm. Invented.")
    press(page, "Open the case")
    journey.urls["case"] = page.url
    page.goto(f"{journey.urls['case']}seriousness/")
    for name in ("death", "life_threatening", "hospitalisation", "disability", "congenital_anomaly"):
        answer(page, **{name: "no"})
    answer(page, other_medically_important="yes")
    press(page, "Save")
    page.goto(f"{journey.urls['case']}management/add/")
    answer(page, kind="oral_steroid", started_on=today(), course="ongoing", response="unknown")
    press(page, "Save")
    says(page, "steroid", "mycobacterial")  # the caution, cited
    for kind, result in (
        ("biopsy", "pending"),
        ("mycobacterial_culture", "pending"),
        ("bacterial_culture", "not_done"),
    ):
        page.goto(f"{journey.urls['case']}investigations/add/")
        answer(page, kind=kind, result=result, **({"taken_on": today()} if result == "pending" else {}))
        press(page, "Save")
    page.goto(f"{journey.urls['case']}who-umc/")
    answer(page, timing="plausible", other_causes="unlikely", withdrawal="unknown", definitive="no")
    answer(page, rechallenge="not done", information="sufficient")
    press(page, "Judge")
    page.goto(f"{journey.urls['case']}naranjo/")
    for number in range(1, 11):
        answer(page, **{f"q{number}": "yes" if number in {2, 10} else "unknown"})
    press(page, "Judge")
    page.goto(f"{journey.urls['case']}outcome/")
    answer(page, outcome="3")
    press(page, "Save")
    press(page, "Write the report")
    page.goto(journey.urls["case"])
    says(page, "Serious", "Naranjo", "WHO-UMC", LOT)
    look(page, "6-case")
    page.locator("main a[href*='/reports/']").first.click()
    look(page, "6-report")
    href = page.locator("a[href$='file.xml']").first.get_attribute("href")
    file = tmp_path / "report.xml"
    file.write_bytes(page.request.get(journey.world.address + href).body())
    schemas = ["--schemas", str(SHARED_SCHEMAS)] if SHARED_SCHEMAS.exists() else []
    checked = subprocess.run(
        [*EXOVIGIL, "report", "check", str(file), *schemas],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    assert "0 findings" in checked.stdout
    assert PATIENT not in file.read_text(encoding="utf-8")


def test_7_watch_finds_the_cluster_at_the_third_case(journey):
    page = journey.officer
    page.goto(f"{journey.world.address}/watch/")
    alarm = journey.world.note["alarm"]
    says(page, "at the 3rd case", f"lot {alarm['lot']}")
    look(page, "7-watch")
    page.get_by_role("link", name="See the cases and the chart").first.click()
    assert page.locator("main figure svg[role=img], main .chart svg[role=img]").count() >= 1
    says(page, "de-duplicated", alarm["lot"])
    look(page, "7-stream")
    page.goto(f"{journey.world.address}/watch/")
    page.get_by_role("button", name="Run the watch now").click()
    says(page, "at the 3rd case")


def test_8_dossier_tells_what_is_known_and_where_no_denominator_is(journey, browser):
    page = visitor(browser)
    sign_in(page, journey.world, "reviewer")
    page.goto(f"{journey.world.address}/evidence/")
    says(page, "no human study")
    look(page, "8-gap-map")
    page.goto(f"{journey.world.address}/dossiers/skin_ageing/human/")
    says(page, "no denominator", "not pooled" if "not pooled" in page.content() else "No pooled estimate")
    assert page.locator("a[href^='https://doi.org/10.1002/der2.242']").count() >= 1
    look(page, "8-dossier")
    pdf = page.request.get(
        journey.world.address + page.locator("a[href$='/pdf/']").first.get_attribute("href")
    )
    assert pdf.body().startswith(b"%PDF")
    says(page, "Edition")


def test_9_the_trail_of_all_this_is_whole(journey):
    command = [*EXOVIGIL, "verify", "--data", str(journey.world.data)]
    verified = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout
