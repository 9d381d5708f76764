"""Photographs: what is redrawn, what is refused, and that row and sealed file stand and fall together."""

import errno
import io
import os
import struct
import uuid
import zlib

import pytest
from django.conf import settings
from django_scopes import scope
from PIL import Image, ImageCms

from exovigil.clinic import actions, links, photos
from exovigil.clinic.models import FollowUpAnswer, Photo
from exovigil.clinic.photos import NotAPhotograph, clean
from exovigil.governance import audit
from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.governance.models import AuditEvent
from tests.clinic.follow_up_world import NODULE, make_follow_up, make_link, picture, record, upload


def _clean(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(clean(io.BytesIO(data)).jpeg))


def _exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Telltale Phone"
    exif.get_ifd(0x8825)[2] = (51.0, 30.0, 0.0)
    return exif


# --- Redrawing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_accepted_kind_becomes_a_jpeg(kind):
    image = _clean(picture(kind))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (64, 48))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_pixels_survives(kind):
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">Telltale place</x:xmpmeta>'
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options = {"exif": _exif(), "icc_profile": profile}
    if kind != "PNG":
        options["xmp"] = xmp
    if kind == "JPEG":
        options["comment"] = b"Telltale comment"
    dirty = picture(kind, **options)
    assert b"Telltale" in dirty
    jpeg = clean(io.BytesIO(dirty)).jpeg
    for trace in (b"Telltale", b"Exif", b"ICC_PROFILE", b"adobe", b"xmpmeta"):
        assert trace not in jpeg
    again = Image.open(io.BytesIO(jpeg))
    assert not again.getexif()
    assert set(again.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_the_picture_is_turned_as_the_camera_was_held():
    image = _clean(picture(exif=_exif(orientation=6)))  # 6: turn a quarter clockwise to see it upright
    assert image.size == (48, 64)
    top, bottom = image.getpixel((24, 4)), image.getpixel((24, 60))
    assert top[1] < 80  # the red left half is on top now
    assert bottom[1] > 200


def test_the_long_side_is_capped_and_the_shape_kept():
    image = _clean(picture(size=(4096, 1024)))
    assert image.size == (2048, 512)
    assert _clean(picture("PNG", size=(300, 3000))).size == (205, 2048)


def test_see_through_becomes_white():
    assert _clean(picture("PNG", mode="RGBA")).getpixel((1, 1)) == (255, 255, 255)
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(out, "PNG")
    assert _clean(out.getvalue()).getpixel((1, 1)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA"])
def test_other_colour_modes_are_drawn(mode):
    assert _clean(picture("PNG", mode=mode)).mode == "RGB"


def test_a_broken_colour_profile_is_passed_over():
    assert _clean(picture(icc_profile=b"not a profile")).size == (64, 48)


def test_a_profile_of_another_colour_space_is_passed_over():
    lab = ImageCms.createProfile("LAB")
    assert _clean(picture(icc_profile=ImageCms.ImageCmsProfile(lab).tobytes())).size == (64, 48)


# --- Refusing ---------------------------------------------------------------------------------------


def _png_claiming(width: int, height: int) -> bytes:
    """A tiny PNG file that says it is enormous."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 a report", "not a photograph"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a photograph"),
        (picture("GIF"), "not a photograph"),
        (picture("TIFF"), "not a photograph"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "HEIC"),
        (picture(size=(400, 400))[:900], "damaged or incomplete"),
        (picture("PNG", size=(400, 400))[:150], "damaged or incomplete"),
        (_png_claiming(30_000, 30_000), "more than 60 million pixels"),
        (_png_claiming(10_000, 9_000), "more than 60 million pixels"),
        (_png_claiming(10_000, 7_000), "more than 60 million pixels"),
    ],
)
def test_what_is_no_usable_photograph_is_refused_with_the_way_out(data, message):
    with pytest.raises(NotAPhotograph, match=message):
        clean(io.BytesIO(data))


# --- Row and file together --------------------------------------------------------------------------


@pytest.fixture
def said(clinician, site) -> FollowUpAnswer:
    return record(clinician, make_follow_up(site), **NODULE)


@pytest.fixture
def of_patient(clinician, site):
    """An answer through a link, with the patient behind it."""
    follow_up = make_follow_up(site)
    by = links.actor_of(make_link(clinician, follow_up))
    with scope(site=[site.pk]):
        return by, actions.answer_follow_up(by=by, site=site, follow_up=follow_up, **NODULE)


def _files() -> list[str]:
    return sorted(os.listdir(settings.MEDIA_ROOT)) if settings.MEDIA_ROOT.exists() else []


def _photos() -> int:
    return Photo._base_manager.count()


def test_a_photograph_is_sealed_on_disk_and_only_reading_it_opens_it(of_patient, clinician, site):
    by, answer = of_patient
    kept = actions.add_photo(by=by, site=site, answer=answer, photo=upload())
    assert _files() == [f"{kept.pk}.sealed"]
    path = settings.MEDIA_ROOT / _files()[0]
    assert b"JFIF" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    jpeg = actions.read_photo(by=clinician, site=site, photo=kept)
    assert Image.open(io.BytesIO(jpeg)).size == (kept.width, kept.height) == (64, 48)
    assert AuditEvent.objects.get(action="clinic.photo.read").target_id == str(kept.pk)


def test_sent_twice_it_is_kept_once(of_patient, site):
    by, answer = of_patient
    key = str(uuid.uuid4())
    one, two = (actions.add_photo(by=by, site=site, answer=answer, photo=upload(), key=key) for _ in "ab")
    assert one == two
    assert len(_files()) == _photos() == 1


def test_when_the_audit_event_fails_neither_row_nor_file_is_left(of_patient, site, monkeypatch):
    by, answer = of_patient

    def fail(*_, **__):
        raise RuntimeError("no audit")

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(RuntimeError, match="no audit"):
        actions.add_photo(by=by, site=site, answer=answer, photo=upload())
    assert _files() == []
    assert _photos() == 0


def test_when_the_transaction_fails_after_the_file_was_written_the_file_is_removed(
    of_patient, site, monkeypatch
):
    from exovigil.governance.models import Submission

    by, answer = of_patient

    def fail(**_):
        assert len(_files()) == 1  # the file was there already
        raise RuntimeError("lost the database")

    monkeypatch.setattr(Submission.objects, "create", fail)
    with pytest.raises(RuntimeError, match="lost the database"):
        actions.add_photo(by=by, site=site, answer=answer, photo=upload(), key=str(uuid.uuid4()))
    assert _files() == []
    assert _photos() == 0


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_records_nothing_and_says_so(of_patient, site, monkeypatch, call):
    by, answer = of_patient
    events = AuditEvent.objects.count()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(Refused, match="disk is full") as refusal:
        actions.add_photo(by=by, site=site, answer=answer, photo=upload())
    assert refusal.value.field == "photo"
    assert _files() == []
    assert _photos() == 0
    assert AuditEvent.objects.count() == events


def test_a_file_that_is_no_photograph_changes_nothing(of_patient, site):
    by, answer = of_patient
    with pytest.raises(Refused, match="not a photograph"):
        actions.add_photo(by=by, site=site, answer=answer, photo=upload(b"%PDF-1.4"))
    assert _files() == []
    assert _photos() == 0


def test_only_the_link_of_the_answer_adds_to_it(of_patient, clinician, site):
    _, answer = of_patient
    stranger = links.actor_of(make_link(clinician, make_follow_up(site, pseudonym="OAK-0002")))
    with pytest.raises(Refused, match="does not belong"):
        actions.add_photo(by=stranger, site=site, answer=answer, photo=upload())
    with pytest.raises(NotAllowed):
        actions.add_photo(by=clinician, site=site, answer=answer, photo=upload())
    assert _photos() == 0


def test_a_patient_does_not_add_to_what_the_clinic_wrote(said, clinician, site):
    by = links.actor_of(make_link(clinician, said.follow_up))
    with pytest.raises(Refused, match="does not belong"):
        actions.add_photo(by=by, site=site, answer=said, photo=upload())


def test_a_revoked_link_adds_no_photograph(of_patient, clinician, site):
    by, answer = of_patient
    with scope(site=[site.pk]):
        actions.revoke_link(by=clinician, site=site, link=links.of_actor(by))
    with pytest.raises(Refused, match="call the clinic"):
        actions.add_photo(by=by, site=site, answer=answer, photo=upload())


def test_there_is_an_end_to_photographs(of_patient, site):
    by, answer = of_patient
    for shade in range(actions.MOST_PHOTOS):
        actions.add_photo(by=by, site=site, answer=answer, photo=upload(picture(size=(10 + shade, 10))))
    with pytest.raises(Refused, match="as many as can be kept"):
        actions.add_photo(by=by, site=site, answer=answer, photo=upload())
    assert len(_files()) == _photos() == actions.MOST_PHOTOS


def test_the_clinics_own_photograph_stands_or_falls_with_its_answer(clinician, site):
    follow_up = make_follow_up(site)
    with pytest.raises(Refused, match="not a photograph"):
        record(clinician, follow_up, **NODULE, photo=upload(b"%PDF"))
    assert FollowUpAnswer._base_manager.count() == 0
    record(clinician, follow_up, **NODULE, photo=upload())
    assert len(_files()) == _photos() == 1


@pytest.mark.parametrize("harm", ["missing", "altered", "replaced"])
def test_a_lost_or_altered_file_is_said_and_not_audited_as_read(of_patient, clinician, site, harm):
    from exovigil.governance.vault import seal

    by, answer = of_patient
    kept = actions.add_photo(by=by, site=site, answer=answer, photo=upload())
    path = settings.MEDIA_ROOT / _files()[0]
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(b"x" * 100 if harm == "altered" else seal(picture(size=(9, 9))))
    with pytest.raises(Refused, match=r"restore it|replaced"):
        actions.read_photo(by=clinician, site=site, photo=kept)
    assert not AuditEvent.objects.filter(action="clinic.photo.read").exists()


def test_who_may_not_see_cases_reads_no_photograph(of_patient, reviewer, site, other_site, actor):
    by, answer = of_patient
    kept = actions.add_photo(by=by, site=site, answer=answer, photo=upload())
    for stranger in (reviewer, actor("clinician", other_site), by):
        with pytest.raises(NotAllowed):
            actions.read_photo(by=stranger, site=site, photo=kept)
    with pytest.raises(Refused, match="another site"):
        actions.read_photo(by=actor("safety_officer", other_site), site=other_site, photo=kept)


def test_the_limits_are_the_ones_the_page_promises():
    assert photos.LONG_SIDE == 2048
    assert settings.UPLOAD_FILE_LIMIT == 20 * 1024 * 1024
