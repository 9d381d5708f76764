"""The patient's page: a conversation in plain forms, without an account, script or cookies."""

import datetime as dt
import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from exovigil.clinic import actions, links
from exovigil.clinic.models import FollowUpAnswer, FollowUpLink, Photo
from exovigil.governance.models import AuditEvent
from tests.clinic.follow_up_world import day, make_follow_up, make_link, picture, upload


@pytest.fixture
def link(clinician, site) -> FollowUpLink:
    return make_link(clinician, make_follow_up(site))


class Phone:
    """A browser without cookies that fills in the forms of the page it sees."""

    def __init__(self, link: FollowUpLink) -> None:
        self.address = links.address_of(link)
        self.open()

    def open(self) -> "Phone":
        self._show(Client().get(self.address))
        return self

    def press(self, **fields) -> "Phone":
        """Send the form that is shown, with these answers."""
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self.text))
        client = Client(enforce_csrf_checks=True)
        self._show(client.post(self.address, {**hidden, **fields}, headers={"Origin": "null"}))
        return self

    def _show(self, response) -> None:
        self.response, self.status = response, response.status_code
        self.text = unescape(response.content.decode())

    @property
    def question(self) -> str:
        return re.search(r"<h1>(.*?)</h1>", self.text, re.S)[1].strip()


@pytest.fixture
def phone(link) -> Phone:
    return Phone(link)


def _answers() -> list[FollowUpAnswer]:
    return list(FollowUpAnswer._base_manager.order_by("pk"))


NODULE = {"has_nodule": "on", "severity_nodule": "2"}


# --- The conversation -------------------------------------------------------------------------------


def test_all_well_takes_one_press(phone, link):
    assert phone.question == "How is your skin?"
    assert "Step 1 of 4" in phone.text
    phone.press(skin="well")
    assert phone.status == 200
    assert phone.question == "Thank you"
    assert "0113 496 0000" in phone.text
    assert "call the clinic today" not in phone.text
    (answer,) = _answers()
    assert (answer.all_well, answer.channel, answer.red_flags) == (True, "patient", [])
    event = AuditEvent.objects.get(action="clinic.answer.received")
    assert (event.actor, event.role) == (f"link:{link.pk.hex}", "patient")


def test_something_is_wrong_step_by_step_to_the_end(phone, link):
    phone.press(skin="wrong")
    assert "Step 2 of 4" in phone.text
    assert "It stops me from doing things" in phone.text
    phone.press(**NODULE, has_darkening="on", severity_darkening="1")
    assert "Step 3 of 4" in phone.text
    assert _answers() == []
    began = day(-10)
    phone.press(day=began.day, month=began.month, year=began.year, words="A small bump, getting harder.")
    assert "Step 4 of 4" in phone.text
    assert "Your answer has been sent" in phone.text
    assert "Please call the clinic today" in phone.text  # also here: many will close the page now
    (answer,) = _answers()
    assert answer.reactions == {"nodule": 2, "darkening": 1}
    assert (answer.onset, answer.words) == (str(began), "A small bump, getting harder.")
    assert answer.red_flags == ["nodule"]
    phone.press(photo=upload())
    assert "1 photograph sent" in phone.text
    phone.press(photo=upload(picture(size=(30, 20))))
    assert "2 photographs sent" in phone.text
    phone.press(finish="yes")
    assert phone.question == "Thank you"
    assert "Please call the clinic today" in phone.text
    assert 'href="tel:01134960000"' in phone.text
    assert [photo.answer_id for photo in Photo._base_manager.all()] == [answer.pk] * 2
    assert AuditEvent.objects.filter(action="clinic.photo.added").count() == 2


def test_going_back_keeps_what_was_said(phone):
    phone.press(skin="wrong").press(**NODULE, something_else="on")
    phone.press(day="3", month="2", words="Half a sentence", back="yes")
    assert phone.question == "What do you have?"
    for kept in ("has_nodule", "something_else"):
        assert re.search(rf'name="{kept}"[^>]* checked', phone.text)
    assert re.search(r'name="severity_nodule" value="2"[^>]* checked', phone.text)
    phone.press(**NODULE)
    assert "Half a sentence" in phone.text
    assert re.search(r'<option value="2" selected', phone.text)
    phone.press(back="yes").press(**NODULE, back="yes")
    assert phone.question == "How is your skin?"
    assert _answers() == []


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, "Choose what you have"),
        ({"has_nodule": "on"}, "choose how bad it is"),
        ({**NODULE, "severity_nodule": "7"}, "Choose one of the answers"),
    ],
)
def test_the_second_question_wants_an_answer(phone, sent, message):
    phone.press(skin="wrong").press(**sent)
    assert phone.status == 422
    assert message in phone.text
    assert phone.question == "What do you have?"


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ({"day": "31", "month": "2", "year": "{year}"}, "not in the calendar"),
        ({"day": "3"}, "Choose the month too"),
        ({"day": "many"}, "day from 1 to 31"),
        ({"day": "32", "month": "1"}, "day from 1 to 31"),
        ({"month": "13"}, "Choose a month"),
        ({"month": "1", "year": "1850"}, "Choose a year"),
        ({"month": "{past}", "day": "1", "year": "{past_year}"}, "before the treatment"),
        ({"words": "x" * 4001}, "shorten this"),
    ],
)
def test_a_wrong_date_or_too_many_words_lose_nothing(phone, link, when, message):
    past = link.follow_up.treatment.treated_on.replace(day=1) - dt.timedelta(days=20)
    if past.year < link.follow_up.treatment.treated_on.year and "{past}" in str(when):
        pytest.skip("the year before the treatment cannot be chosen")
    values = {"year": timezone.localdate().year, "past": past.month, "past_year": past.year}
    sent = {name: text.format(**values) for name, text in when.items()}
    phone.press(skin="wrong").press(**NODULE).press(**{"words": "A bump.", **sent})
    assert phone.status == 422
    assert message in phone.text
    assert _answers() == []
    phone.press(words="A bump.")
    assert [(a.words, a.onset, a.reactions) for a in _answers()] == [("A bump.", "", {"nodule": 2})]


def test_a_day_that_has_not_come_is_refused(phone):
    ahead = day(2)
    if ahead.year != day(0).year:
        pytest.skip("the year to come cannot be chosen")
    phone.press(skin="wrong").press(**NODULE).press(day=ahead.day, month=ahead.month, year=ahead.year)
    assert phone.status == 422
    assert "not come yet" in phone.text


def test_something_else_is_described_in_words(phone):
    phone.press(skin="wrong").press(something_else="on").press(words="")
    assert phone.status == 422
    assert "Please describe what is wrong" in phone.text
    phone.press(words="My nails turned blue.")
    assert [(a.reactions, a.words) for a in _answers()] == [({}, "My nails turned blue.")]
    assert "call the clinic today" not in phone.text


def test_the_only_possible_year_is_not_asked(clinician, site):
    start = day(0).replace(month=1, day=1)
    treated = (max(start, day(-20)) - day(0)).days
    phone = Phone(make_link(clinician, make_follow_up(site, treated=treated)))
    phone.press(skin="wrong").press(**NODULE)
    assert 'name="year"' not in phone.text
    phone.press(month=day(0).month)
    assert _answers()[0].onset == str(day(0))[:7]


def test_over_new_year_the_year_is_asked(clinician, site):
    phone = Phone(make_link(clinician, make_follow_up(site, treated=-400)))
    phone.press(skin="wrong").press(**NODULE)
    assert 'name="year"' in phone.text
    phone.press(month="1")
    assert "Choose the year too" in phone.text
    phone.press(year=day(0).year)
    assert _answers()[0].onset == str(day(0).year)


# --- Sending again ----------------------------------------------------------------------------------


def test_sending_the_same_twice_makes_one_answer_and_one_photograph(phone):
    phone.press(skin="wrong").press(**NODULE)
    before = phone.text
    phone.press(words="A bump.")
    phone.text = before
    phone.press(words="A bump.")
    assert len(_answers()) == 1
    shown = phone.text
    for _ in range(2):
        phone.text = shown
        phone.press(photo=upload())
        assert phone.status == 200
    assert Photo._base_manager.count() == 1


def test_all_well_pressed_twice_is_one_answer(phone):
    before = phone.text
    phone.press(skin="well")
    phone.text = before
    phone.press(skin="well")
    assert len(_answers()) == 1


def test_a_correction_after_going_back_in_the_browser_is_another_answer_never_a_refusal(phone):
    first = phone.text
    phone.press(skin="well")
    phone.text = first
    phone.press(skin="wrong").press(**NODULE)
    screen = phone.text
    phone.press(words="A bump.")
    phone.text = screen
    phone.press(words="A bump, and it is growing.")
    assert phone.status == 200
    assert [a.words for a in _answers()] == ["", "A bump.", "A bump, and it is growing."]


def test_the_link_works_again_later_for_something_new(phone):
    phone.press(skin="well")
    phone.open().press(skin="wrong").press(**NODULE).press()
    assert [a.all_well for a in _answers()] == [True, False]


def test_before_its_window_the_page_says_when_to_come_back(clinician, site):
    follow_up = make_follow_up(site, treated=-3, opens=4, due=11, closes=15)
    phone = Phone(make_link(clinician, follow_up)).press(skin="well")
    opens = day(4)
    assert f"from {opens.day} {opens:%b %Y}" in phone.text


# --- Damaged and hostile forms ----------------------------------------------------------------------


@pytest.mark.parametrize("carried", ["", "nonsense", "eyJsaW5rIjoiMCJ9:1abc:signature"])
def test_a_damaged_form_starts_again_kindly(phone, carried):
    phone.press(skin="well", carried=carried)
    assert phone.status == 422
    assert "start again" in phone.text
    assert phone.question == "How is your skin?"
    assert _answers() == []


def test_what_was_said_through_one_link_cannot_be_carried_to_another(phone, clinician, site):
    other = Phone(make_link(clinician, make_follow_up(site, pseudonym="OAK-0002")))
    phone.press(skin="wrong").press(**NODULE).press(words="A bump.")
    other.text = phone.text
    other.press(photo=upload())
    assert "start again" in other.text
    assert Photo._base_manager.count() == 0


@pytest.mark.parametrize("step", ["photo", "nonsense", ""])
def test_a_step_out_of_turn_goes_to_the_start(phone, step):
    phone.press(step=step, photo=upload())
    assert phone.question == "How is your skin?"
    assert _answers() == []


def test_neither_answer_pressed_is_said(phone):
    phone.press()
    assert phone.status == 422
    assert "Press one of the two answers" in phone.text


def test_a_pdf_as_photograph_is_said_and_the_answer_stays(phone):
    phone.press(skin="wrong").press(**NODULE).press(words="A bump.")
    phone.press(photo=upload(b"%PDF-1.7", "lump.jpg"))
    assert phone.status == 422
    assert "not a photograph" in phone.text
    assert 'id="id_photo_error"' in phone.text
    assert len(_answers()) == 1
    phone.press()
    assert "Choose a photograph, or finish without one" in phone.text
    phone.press(finish="yes")
    assert phone.question == "Thank you"


def test_a_photograph_over_the_limit_is_said_at_its_field_and_nothing_is_lost(phone, settings):
    settings.UPLOAD_FILE_LIMIT = 1024 * 1024
    phone.press(skin="wrong").press(**NODULE).press(words="A bump.")
    phone.press(photo=upload(b"\xff\xd8" + b"0" * 3 * 1024 * 1024))
    assert phone.status == 422
    assert "larger than 1 MB" in phone.text
    assert Photo._base_manager.count() == 0
    phone.press(photo=upload())
    assert "1 photograph sent" in phone.text


# --- What the page gives away -----------------------------------------------------------------------


def test_no_screen_names_the_patient_the_product_or_the_lot(phone, link):
    texts = [phone.text]
    for press in ({"skin": "wrong"}, NODULE, {"words": "A bump."}, {"finish": "yes"}):
        texts.append(phone.press(**press).text)
    treated = link.follow_up.treatment.treated_on
    for text in texts:
        assert f"your treatment on {treated.day} {treated:%b %Y} at Oakfield Skin Clinic" in text
        for secret in ("OAK-0001", "Testosome", "T-1", "microneedling", "ageing"):
            assert secret not in text


def test_nobody_keeps_or_passes_on_the_page(phone):
    for press in (None, {"skin": "wrong"}, {}):
        if press is not None:
            phone.press(**press)
        headers = phone.response.headers
        assert "no-store" in headers["Cache-Control"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in headers["X-Robots-Tag"]
        assert not phone.response.cookies


def test_the_address_is_not_logged(phone, link, caplog):
    phone.press()
    assert phone.status == 422
    Client().get("/f/forged/")
    Client().put(links.address_of(link))
    assert links.token_of(link) not in caplog.text
    assert "forged" not in caplog.text


def test_it_is_the_same_page_for_someone_signed_in_elsewhere(actor, other_site, client_of, link):
    page = client_of(actor("clinician", other_site)).get(links.address_of(link))
    assert page.status_code == 200
    assert "Sign out" not in page.content.decode()


def test_few_queries(link, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        Client().get(links.address_of(link))


# --- Links that lead nowhere ------------------------------------------------------------------------


def test_an_expired_a_withdrawn_and_a_forged_link_say_what_to_do(link, clinician, site):
    address = links.address_of(link)
    forged = Client().get(address[:-3] + "/")
    assert forged.status_code == 404
    assert "cut short" in forged.content.decode()
    assert "0113" not in forged.content.decode()
    with scope(site=[site.pk]):
        FollowUpLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())
    ended = Client().get(address)
    assert ended.status_code == 410
    assert "This link has ended" in ended.content.decode()
    with scope(site=[site.pk]):
        FollowUpLink.objects.filter(pk=link.pk).update(revoked_at=timezone.now())
    withdrawn = Client().get(address)
    assert withdrawn.status_code == 410
    assert "withdrawn" in withdrawn.content.decode()
    for page in (ended, withdrawn):
        assert "0113 496 0000" in page.content.decode()
        assert "no-store" in page["Cache-Control"]


def test_withdrawn_while_the_patient_was_writing(phone, link, clinician, site):
    phone.press(skin="wrong").press(**NODULE)
    actions.revoke_link(by=clinician, site=site, link=link)
    phone.press(words="A bump.")
    assert phone.status == 410
    assert "0113 496 0000" in phone.text
    assert _answers() == []


def test_a_clinic_without_a_number_still_says_who_to_call(clinician, site):
    site.telephone = ""
    site.save()
    phone = Phone(make_link(clinician, make_follow_up(site))).press(skin="well")
    assert "Use the number that Oakfield Skin Clinic gave you" in phone.text


def test_other_methods_are_refused(link):
    assert Client().put(links.address_of(link)).status_code == 405
