"""Addresses, searches and links that lead nowhere, and things in the wrong state for what is asked of them."""

import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from exovigil.clinic import links
from exovigil.clinic.models import FollowUpLink
from tests.faults.forms import FORM, day, picture
from tests.faults.registry import everything
from tests.faults.test_bad_input import Page, send
from tests.small_world import BACKEND, SmallWorld
from tests.web.permission_table import ROWS

pytestmark = pytest.mark.django_db
NUMBERED = [
    row for row in ROWS if row.arguments and not row.public and not any("=" in a for a in row.arguments)
]
NOBODY = "no-such-thing"
IN_WORDS = {
    "study": NOBODY,
    "form": NOBODY,
    "condition": NOBODY,
    "product_class": NOBODY,
    "photo": str(uuid.UUID(int=0)),
}
LISTS = [
    ("catalogue:products", "clinician"),
    ("clinic:patients", "clinician"),
    ("clinic:follow-ups", "clinician"),
    ("vigilance:cases", "safety_officer"),
    ("signals:watch", "safety_officer"),
    ("evidence:studies", "reviewer"),
    ("evidence:harms", "reviewer"),
    ("evidence:trials", "reviewer"),
    ("evidence:map", "reviewer"),
    ("dossier:dossiers", "reviewer"),
    ("governance:audit", "administrator"),
]
NONSENSE = [
    {"q": "\x00"},
    {"q": "%' OR 1=1 --", "sort": "password", "page": "-1"},
    {"sort": "-pk__x", "page": "9" * 40, "export": "exe"},
    {name: "\x00'\"<script>" for name in ("state", "show", "source", "serious", "kind", "condition", "lot")},
]


# --- Addresses --------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", NUMBERED, ids="{0.name}".format)
def test_a_number_that_names_nothing_is_not_found(world, row):
    client = world.signed_in[sorted(row.roles)[0]]
    for number in (0, 10**9, 10**30):
        names = [IN_WORDS.get(argument, number) for argument in row.arguments]
        assert getattr(client, row.method)(reverse(row.name, args=names)).status_code == 404


@pytest.mark.parametrize(("name", "role"), LISTS)
def test_a_list_passes_over_what_it_does_not_understand(world, name, role):
    for nonsense in NONSENSE:
        response = world.signed_in[role].get(reverse(name), nonsense)
        assert response.status_code == 200
        assert b"<script>" not in response.content


# --- What cannot be done to a thing in its state -----------------------------------------------------


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("newcomer", "Screen the patient first"),
        ("excluded", "The screening excludes this patient"),
    ],
)
def test_consent_needs_a_screening_that_allows_it(world, who, words):
    page = _about(world, "clinic:consent", who)
    assert words in page.summary


def test_a_treatment_needs_a_screening_and_a_consent(world):
    for who, words in (("newcomer", "one of the lots listed"), ("selected", "one of the lots listed")):
        assert words in _about(world, "clinic:treat", who).beside("lot")


@pytest.mark.parametrize(
    ("lot", "words"),
    [
        ("blocked", "may not be used: Sterility"),
        ("held", "one of the lots listed"),
    ],
)
def test_a_lot_that_may_not_be_used_or_is_not_here(world, lot, words):
    assert words in send(world, FORM["clinic:treat"], lot=world.things[lot]).beside("lot")


@pytest.mark.parametrize(
    ("lot", "words"),
    [
        ("lot", "Nothing blocks this lot"),
        ("held", "The quarantine has to be lifted first"),
        ("undated", "Enter the expiry date"),
    ],
)
def test_only_release_tests_can_be_overridden(world, lot, words):
    assert words in _about(world, "catalogue:override-lot", lot).summary


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("?product=999999", "product", "Choose one of the products"),
        ("?product=nonsense", "product", "Choose one of the products"),
        ("?product={product}&lot=999999", "lot", "Choose one of the lots in stock"),
        ("?product={product}&lot={held}", "lot", "Choose one of the lots in stock"),
        ("?product={product}&route=nose", "route", "Choose one of the routes"),
        ("?", "product", "Choose the product"),
    ],
)
def test_consent_to_what_is_not_there_is_asked_again(world, query, field, words):
    held = everything(world.media)
    address = reverse("clinic:consent", args=[world.things["selected"]]) + query.format(**world.things)
    response = world.signed_in["clinician"].post(address, FORM["clinic:consent"].answers(world))
    assert response.status_code == 422
    assert words in Page(response.content).beside(field)
    assert everything(world.media) == held


def _about(world: SmallWorld, name: str, thing: str) -> Page:
    """Send the good answers of a form about another thing; asserts that they are refused."""
    form = FORM[name]
    held = everything(world.media)
    address = reverse(name, args=[world.things[thing]]) + form.query(world)
    response = world.signed_in[form.role].post(address, form.answers(world))
    assert response.status_code == 422
    assert everything(world.media) == held
    return Page(response.content)


# --- Photographs and the patient's link -------------------------------------------------------------

FILES = [
    ("report.pdf", b"%PDF-1.7\n1 0 obj<<>>endobj\n", "not a photograph"),
    ("skin.jpg", picture().read()[:300], "damaged or incomplete"),
    ("skin.heic", b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, "HEIC"),
    ("skin.jpg", b"", "empty"),
    ("skin.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "not a photograph"),
]


@pytest.mark.parametrize(("name", "data", "words"), FILES, ids=[row[2] for row in FILES])
def test_what_is_no_photograph_is_said_at_the_clinic(world, name, data, words):
    page = send(world, FORM["clinic:record-follow-up"], photo=SimpleUploadedFile(name, data, "image/jpeg"))
    assert words in page.beside("photo")


@pytest.mark.parametrize(("name", "data", "words"), FILES, ids=[row[2] for row in FILES])
def test_what_is_no_photograph_is_said_to_the_patient(world, name, data, words):
    address = links.address_of(FollowUpLink._base_manager.get(follow_up=world.things["linked"]))
    sent: list[dict[str, Any]] = [
        {"step": "how", "skin": "wrong"},
        {"step": "which", "something_else": "on"},
        {"step": "when", "words": "A bump. Invented."},
    ]
    page = Client().get(address)
    for answers in sent:
        page = Client().post(address, answers | {"carried": _carried(page)})
    held = everything(world.media)
    photo = SimpleUploadedFile(name, data, "image/jpeg")
    page = Client().post(address, {"step": "photo", "carried": _carried(page), "photo": photo})
    assert page.status_code == 422
    assert words in Page(page.content).beside("photo")
    assert everything(world.media) == held


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("expired", 410, "call and ask for a new one"),
        ("revoked", 410, "Look for the latest message"),
        ("forged", 404, "Open the whole link"),
    ],
)
def test_a_link_that_has_ended_says_what_to_do_and_takes_nothing(world, kind, status, words):
    token = world.things["token"][:-1] + "~" if kind == "forged" else world.things[f"{kind}_token"]
    address = reverse("clinic:patient-page", args=[token])
    open_page = Client().get(reverse("clinic:patient-page", args=[world.things["linked_token"]]))
    held = everything(world.media)
    for page in (
        Client().get(address),
        Client().post(address, {"step": "how", "skin": "well", "carried": _carried(open_page)}),
    ):
        assert page.status_code == status
        assert words in page.content.decode()
    assert everything(world.media) == held


def test_what_is_carried_of_one_link_is_worth_nothing_with_another(world):
    mine, other = (reverse("clinic:patient-page", args=[world.things[t]]) for t in ("linked_token", "token"))
    carried = _carried(Client().get(other))
    held = everything(world.media)
    page = Client().post(mine, {"step": "how", "skin": "well", "carried": carried})
    assert page.status_code == 422
    assert "please start again" in page.content.decode()
    assert everything(world.media) == held


def test_a_text_far_too_long_to_be_read_is_said(world):
    held = everything(world.media)
    form = FORM["clinic:record-follow-up"]
    response = world.signed_in[form.role].post(
        form.address(world), {"answered_on": day(), "all_well": "no", "words": "x" * 3_000_000}
    )
    assert response.status_code == 400
    assert "Nothing was changed" in response.content.decode()
    assert everything(world.media) == held


def _carried(page: Any) -> str:
    found = re.search(r'name="carried" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def test_a_form_from_before_signing_in_again_is_told_to_be_sent_once_more(world):
    form = FORM["catalogue:receive-stock"]
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.here[form.role], backend=BACKEND)
    held = everything(world.media)
    response = client.post(form.address(world), form.answers(world) | {"csrfmiddlewaretoken": "x" * 64})
    assert response.status_code == 403
    assert "Nothing was changed. Go back, reload the page and send it again" in response.content.decode()
    assert everything(world.media) == held
