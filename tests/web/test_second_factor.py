"""The optional second factor: switched on with an authenticator app, then asked for at every sign-in."""

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client

from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def code_now(secret: str) -> str:
    """What the authenticator app would show."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def sign_in(client: Client, email: str):
    return client.post("/account/login/", {"login": email, "password": PASSWORD})


@pytest.fixture
def enrolled(member, site) -> tuple[str, str]:
    """A member who switched it on: e-mail address and secret."""
    email = member("safety_officer", site).email
    client = Client()
    sign_in(client, email)
    assert "reauthenticate" in client.get("/account/2fa/totp/activate/").url, (
        "the password is asked for again"
    )
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = client.get("/account/2fa/totp/activate/")
    assert page.status_code == 200, page.get("Location")
    assert "data:image/svg+xml" in page.content.decode()
    secret = page.context["form"].secret
    wrong = client.post("/account/2fa/totp/activate/", {"code": "000000"})
    assert "There is a problem" in wrong.content.decode()
    done = client.post("/account/2fa/totp/activate/", {"code": code_now(secret)})
    assert done.status_code == 302
    return email, secret


def test_after_the_password_the_code_is_asked_for(enrolled):
    email, _ = enrolled
    client = Client()
    assert sign_in(client, email).url == "/account/2fa/authenticate/"
    assert client.get("/").status_code == 302
    page = client.get("/account/2fa/authenticate/")
    assert page.status_code == 200
    assert client.post("/account/2fa/authenticate/", {"code": "123456"}).status_code == 200
    assert client.get("/").status_code == 302


def test_the_security_page_tells_what_is_on(enrolled):
    email, _ = enrolled
    client = Client()
    from exovigil.governance.models import User

    client.force_login(
        User.objects.get(email=email), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert "Authenticator app" in client.get("/account/2fa/").content.decode()


def test_an_address_that_nobody_confirmed_by_e_mail_is_no_obstacle(member, site):
    email = member("clinician", site).email
    for _ in range(2):  # the first sign-in makes the unconfirmed address known to the account system
        client = Client()
        sign_in(client, email)
        client.post("/account/reauthenticate/", {"password": PASSWORD})
        assert client.get("/account/2fa/totp/activate/").status_code == 200


def test_recovery_codes_open_the_door_once(enrolled):
    email, secret = enrolled
    client = Client()
    sign_in(client, email)
    cache.clear()  # a code works once; here the app's next one is not waited for
    client.post("/account/2fa/authenticate/", {"code": code_now(secret)})
    client.post("/account/2fa/reauthenticate/", {"code": code_now(secret)})
    cache.clear()
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    client.post("/account/2fa/recovery-codes/generate/")
    page = client.get("/account/2fa/recovery-codes/")
    assert page.status_code == 200
    code = page.context["unused_codes"][0]
    for status in (302, 200):
        other = Client()
        sign_in(other, email)
        assert other.post("/account/2fa/authenticate/", {"code": code}).status_code == status


def test_without_it_the_password_is_enough(member, site):
    assert sign_in(Client(), member("clinician", site).email).url == "/"
