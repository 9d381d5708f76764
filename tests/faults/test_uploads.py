"""Uploads that are too large, cut off, or not what they say: a clear answer, and nothing changes."""

import errno
import re

import pytest
from django.core.files import uploadhandler
from django.test import Client
from django.urls import reverse

from exovigil.clinic import links
from exovigil.clinic.models import FollowUpAnswer, Photo
from tests.clinic.follow_up_world import day, make_follow_up, make_link, upload

pytestmark = pytest.mark.django_db
MB = 1024 * 1024


@pytest.fixture
def photo_step(clinician, site) -> tuple[str, str]:
    """The address of the patient's page and what its photograph form carries."""
    address = links.address_of(make_link(clinician, make_follow_up(site)))

    def carried(response) -> str:
        return re.search(r'name="carried" value="([^"]+)"', response.content.decode())[1]

    client = Client()
    page = client.get(address)
    for sent in (
        {"step": "how", "skin": "wrong"},
        {"step": "which", "something_else": "on"},
        {"step": "when", "words": "Bump"},
    ):
        page = client.post(address, {**sent, "carried": carried(page)})
    return address, carried(page)


def _kept() -> tuple[int, int]:
    return FollowUpAnswer._base_manager.count(), Photo._base_manager.count()


def test_a_photograph_over_20_mb_is_refused_beside_its_field(photo_step, settings):
    address, carried = photo_step
    sent = {"step": "photo", "carried": carried, "photo": upload(b"\xff\xd8" + b"0" * 21 * MB)}
    page = Client().post(address, sent)
    assert page.status_code == 422
    assert "larger than 20 MB" in page.content.decode()
    assert _kept() == (1, 0)
    assert not settings.MEDIA_ROOT.exists()


def test_200_mb_are_refused_before_a_byte_is_read(photo_step):
    address, _ = photo_step

    class Unread:
        def read(self, *_):
            raise AssertionError("the body was read")

        readline = read

    page = Client().generic("POST", address, b"", CONTENT_LENGTH=str(200 * MB), **{"wsgi.input": Unread()})
    assert page.status_code == 413
    assert "too large" in page.content.decode()
    assert _kept() == (1, 0)


def test_an_upload_that_breaks_off_changes_nothing(photo_step):
    address, carried = photo_step
    body = (
        b'--x\r\nContent-Disposition: form-data; name="step"\r\n\r\nphoto\r\n'
        b'--x\r\nContent-Disposition: form-data; name="carried"\r\n\r\n' + carried.encode() + b"\r\n"
        b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n\xff\xd8\xff\xe0"
    )
    page = Client().post(address, body, content_type="multipart/form-data; boundary=x")
    assert page.status_code == 422
    assert "Choose a photograph" in page.content.decode()
    assert _kept() == (1, 0)


def test_a_body_that_is_no_form_at_all_starts_the_page_again(photo_step):
    address, _ = photo_step
    page = Client().post(address, b"\x00\xff" * 50, content_type="application/octet-stream")
    assert page.status_code == 422
    assert "start again" in page.content.decode()
    assert _kept() == (1, 0)


@pytest.mark.parametrize("name", ["../../etc/passwd.jpg", "a" * 500 + ".jpg", "lump\u202egpj.exe", ".jpg"])
def test_the_name_of_a_file_decides_nothing(photo_step, settings, name):
    address, carried = photo_step
    page = Client().post(address, {"step": "photo", "carried": carried, "photo": upload(name=name)})
    assert page.status_code == 200
    photo = Photo._base_manager.get()
    assert [file.name for file in settings.MEDIA_ROOT.iterdir()] == [f"{photo.pk}.sealed"]


def test_the_clinics_form_refuses_a_large_photograph_and_keeps_what_was_typed(
    clinician, client_of, site, settings
):
    settings.UPLOAD_FILE_LIMIT = MB
    url = reverse("clinic:record-follow-up", args=[make_follow_up(site).pk])
    sent = {
        "answered_on": str(day(0)),
        "all_well": "no",
        "has_nodule": "on",
        "severity_nodule": "2",
        "words": "A firm bump.",
        "photo": upload(b"\xff\xd8" + b"0" * 2 * MB),
    }
    page = client_of(clinician).post(url, sent)
    assert page.status_code == 422
    text = page.content.decode()
    assert "larger than 1 MB" in text
    assert "A firm bump." in text
    assert _kept() == (0, 0)


def test_no_room_for_a_large_photograph_on_its_way_is_said_and_changes_nothing(photo_step, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(uploadhandler, "TemporaryUploadedFile", full)
    address, carried = photo_step
    photo = upload(b"\xff\xd8" + b"0" * 3 * MB)  # too large to be held in memory
    client = Client(raise_request_exception=False)
    page = client.post(address, {"step": "photo", "carried": carried, "photo": photo})
    assert page.status_code == 500
    assert "Nothing you sent was half-saved" in page.content.decode()
    assert _kept() == (1, 0)
