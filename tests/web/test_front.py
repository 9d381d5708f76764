"""The front of the building: signing in, locking out, limits, policies and error pages."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client: Client, email: str, password: str):
    return client.post("/account/login/", {"login": email, "password": password})


def test_a_member_signs_in_and_out(member, site):
    user = member("clinician", site)
    client = Client()
    assert sign_in(client, user.email, PASSWORD).url == "/"
    assert client.get("/").status_code == 200
    client.post("/account/logout/")
    assert client.get("/").status_code == 302


def test_a_wrong_password_says_so_beside_the_form(member, site):
    page = sign_in(Client(), member("clinician", site).email, "wrong-password-here")
    assert page.status_code == 200
    assert b"There is a problem" in page.content


def test_five_wrong_passwords_lock_the_address_and_the_right_one_no_longer_helps(member, site):
    email, client = member("clinician", site).email, Client()
    for _ in range(5):
        page = sign_in(client, email, "wrong-password-here")
    assert page.status_code == 429
    assert "Too many wrong passwords" in page.content.decode()
    assert sign_in(client, email, PASSWORD).status_code == 429
    assert client.get("/").status_code == 302


def test_nobody_signs_up_by_themselves():
    client = Client()
    page = client.post("/account/signup/", {"email": "eve@x.example", "password1": "long-enough-password"})
    assert page.status_code == 200
    assert "closed" in page.content.decode().lower()


def test_an_account_without_a_role_is_told_whom_to_ask(db):
    from exovigil.governance.models import User

    client = Client()
    client.force_login(
        User.objects.create_user(email="new@x.example", name="New"),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    page = client.get("/")
    assert page.status_code == 403
    assert "Ask an administrator" in page.content.decode()


def test_a_person_with_two_roles_acts_in_one_at_a_time(member, site, client_of, actor):
    who = actor("clinician")
    from exovigil.governance.actions import add_member
    from exovigil.governance.actors import system

    add_member(by=system(), site=site, email="clinician@oak.example", name="x", role="administrator")
    client = client_of(who)
    assert client.get("/governance/audit/").status_code == 403
    assert client.post("/role/", {"role": "administrator"}).url == "/"
    assert client.get("/governance/audit/").status_code == 200
    client.post("/role/", {"role": "safety_officer"})  # not held: stays what it was
    assert client.get("/governance/audit/").status_code == 200


def test_the_policy_allows_no_inline_script_and_nothing_from_elsewhere(client):
    policy = client.get("/account/login/")["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy


@pytest.mark.parametrize("role", ["clinician", "safety_officer", "reviewer", "administrator"])
def test_each_role_has_a_first_page_with_a_menu_of_what_it_may_open(
    role, actor, client_of, django_assert_max_num_queries
):
    client = client_of(actor(role))
    with django_assert_max_num_queries(20):
        page = client.get("/")
    assert page.status_code == 200
    for item in page.context["menu"]:
        assert client.get(item.url).status_code == 200, item


def test_a_body_far_over_the_limit_is_refused_unread(client):
    page = client.post(
        "/account/login/", CONTENT_LENGTH=str(200 * 1024 * 1024), data=b"", content_type="text/plain"
    )
    assert page.status_code == 413
    assert "was not kept" in page.content.decode()


@override_settings(UPLOAD_FILE_LIMIT=1000)
def test_a_file_over_the_limit_is_dropped_and_named(rf):
    from exovigil.web.uploads import TOO_LARGE, SizeLimitHandler

    file = SimpleUploadedFile("big.jpg", b"x" * 5000)
    request = rf.post("/", {"photo": file, "words": "kept"})
    request.upload_handlers.insert(0, SizeLimitHandler(request))
    assert request.POST["words"] == "kept"
    assert "photo" not in request.FILES
    assert request.META[TOO_LARGE] == "photo"


@pytest.mark.parametrize("path", ["/nothing/here/", "/patients/999999/"])
def test_what_is_not_there_is_a_kind_page(path, clinician, client_of):
    page = client_of(clinician).get(path)
    assert page.status_code == 404
    assert "There is nothing here" in page.content.decode()


def test_the_demonstration_says_so_and_shows_its_log_ins(client, settings):
    note = {
        "logins": [{"role": "Clinician", "email": "c@exovigil.example", "password": "shown-on-purpose"}],
        "patient_link": "/f/abc/",
    }
    settings.DEMO_NOTE.write_text(json.dumps(note))
    page = client.get("/account/login/").content.decode()
    assert "every patient, clinic, product and lot here is invented" in page
    assert "c@exovigil.example" in page
    assert "/f/abc/" in page


def test_a_real_registry_shows_no_log_ins(client):
    page = client.get("/account/login/").content.decode()
    assert "demonstration" not in page.lower()


def test_health(client):
    assert client.get("/health/").json() == {"status": "ok"}
