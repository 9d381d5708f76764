"""MedDRA: an invented dictionary and a public fake one, end to end; hostile files; coding; a new release."""

import io
import struct
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_scopes import scopes_disabled

from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.vigilance import actions, queries
from exovigil.vigilance.coding import Fate, upgrade
from exovigil.vigilance.meddra import MeddraError, Term, from_folder, from_zip, read_release, unpack
from exovigil.vigilance.models import MeddraRelease, MeddraTerm, ReactionCode
from tests import tiny_meddra


def _upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("meddra.zip", content)


def _read(**more):
    return read_release(from_zip(io.BytesIO(tiny_meddra.packed(**more))))


@pytest.fixture
def imported(safety_officer, site) -> MeddraRelease:
    return actions.import_meddra(by=safety_officer, site=site, source=_upload(tiny_meddra.packed()))


@pytest.fixture
def safety_page(client_of, safety_officer):
    return client_of(safety_officer)


def _term(code: str) -> MeddraTerm:
    with scopes_disabled():
        return MeddraTerm.objects.select_related("release").get(code=code)


# ---- reading ----


def test_a_release_is_read_whole():
    release = _read()
    assert (release.version, release.language, len(release.terms)) == ("90.1", "English", 5)
    assert release.terms[2] == Term(
        "90000003", "Lumps, blue (old name)", False, "90000001", "Blue lumps", "Invented lump disorders"
    )


def test_a_folder_and_a_zip_of_it_are_the_same_release(tmp_path):
    for name, text in tiny_meddra.files().items():
        (tmp_path / name.upper()).write_bytes(text.encode())
    (tmp_path / "soc.asc").write_text("not read")
    assert read_release(from_folder(tmp_path)) == _read()


def test_the_public_fake_dictionary_is_read(shared):
    folder = shared / "data/e2b/meddra_format/inst/example_meddra/MedAscii"
    if not folder.exists():
        pytest.skip("the fake dictionary is not on this machine")
    release = read_release(from_folder(folder))
    assert (release.version, len(release.terms)) == ("0.0", 3)
    assert [(t.name, t.current, t.pt_name) for t in release.terms][:2] == [
        ("Example Headache", True, "Example Headache"),
        ("Example Head Pain", False, "Example Headache"),
    ]


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("llt.asc", "$Y$$\r\n90000002", "$Y$\r\n90000002", "llt.asc, line 1: 10 fields"),
        ("llt.asc", "90000002$", "9000002$", "llt.asc, line 2: '9000002' is not a code of eight digits"),
        ("llt.asc", "90000002$", "90000001$", "llt.asc, line 2: the code 90000001 is there twice"),
        ("llt.asc", "$N$$", "$X$$", "llt.asc, line 3: the currency is 'X'"),
        ("llt.asc", "Green glow$90000004", "Green glow$90000009", "llt.asc, line 4: .*not in pt.asc"),
        ("llt.asc", "Blue lump of cheek", " ", "llt.asc, line 2: the name is missing"),
        ("llt.asc", "Blue lump of cheek", "x" * 151, "llt.asc, line 2: the name is missing or longer"),
        ("llt.asc", "Blue lump of", "Blue\x07lump of", "llt.asc, line 2: a character that is no text"),
        ("pt.asc", "90000004$", "90000001$", "pt.asc, line 2: the code 90000001 is there twice"),
        ("pt.asc", "$91000002$", "$x$", "pt.asc, line 2: 'x' is not a code"),
        ("mdhier.asc", "90000004$92", "90000009$92", "mdhier.asc, line 2: '90000009' is not in pt.asc"),
        ("mdhier.asc", "91000002$Y$", "91000002$N$", "mdhier.asc: 90000004 of pt.asc has no primary"),
        ("mdhier.asc", "91000002$Y$", "91000002$J$", "mdhier.asc, line 2: the primary mark is 'J'"),
        ("mdhier.asc", "$91000002$Green", "$91000001$Green", "mdhier.asc, line 2: the primary class"),
        (
            "mdhier.asc",
            "90000004$92",
            "90000001$92",
            "mdhier.asc, line 2: the primary class of 90000001|second",
        ),
        ("meddra_release.asc", "90.1", "ninety", "meddra_release.asc, line 1: 'ninety' is not a version"),
        ("meddra_release.asc", "English", "", "meddra_release.asc, line 1: the language"),
        ("meddra_release.asc", "$$$$", "$$$$\n90.2$French$$$$", "line 2: a second release"),
        ("pt.asc", None, "", "pt.asc: the file is empty"),
    ],
)
def test_one_wrong_line_is_named_and_refuses_the_whole(name, old, new, says, safety_officer, site):
    held = tiny_meddra.files()
    assert old is None or old in held[name]
    held[name] = new if old is None else held[name].replace(old, new, 1)
    packed = tiny_meddra.packed(held)
    with pytest.raises(MeddraError, match=says):
        read_release(from_zip(io.BytesIO(packed)))
    with pytest.raises(Refused, match="Nothing was imported"):
        actions.import_meddra(by=safety_officer, site=site, source=_upload(packed))
    with scopes_disabled():
        assert not MeddraRelease.objects.exists()
        assert not MeddraTerm.objects.exists()


# ---- hostile files ----


def _zip(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("path", ["../", "/etc/", "a/../../", "..\\", "C:\\"])
def test_a_path_that_leaves_the_zip_is_refused(path):
    with pytest.raises(MeddraError, match="leads out of the zip"):
        from_zip(io.BytesIO(tiny_meddra.packed(folder=path)))


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    held = tiny_meddra.files() | {"llt.asc": "0" * (unpack.FILE_LIMIT // 4)}
    with pytest.raises(MeddraError, match=r"llt\.asc: packed more than 100 times smaller"):
        from_zip(io.BytesIO(tiny_meddra.packed(held)))


def test_a_file_that_is_too_large_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(unpack, "FILE_LIMIT", 30)
    with pytest.raises(MeddraError, match=r"larger than"):
        from_zip(io.BytesIO(tiny_meddra.packed()))
    for name, text in tiny_meddra.files().items():
        (tmp_path / name).write_text(text)
    with pytest.raises(MeddraError, match=r"larger than"):
        from_folder(tmp_path)


def test_a_member_that_lies_about_its_size_is_refused():
    packed = bytearray(tiny_meddra.packed())
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):  # say 5 bytes unpacked for llt.asc
        at = packed.find(mark) + offset
        packed[at : at + 4] = struct.pack("<I", 5)
    with pytest.raises(MeddraError):
        from_zip(io.BytesIO(bytes(packed)))


def test_an_encrypted_member_is_refused():
    packed = bytearray(tiny_meddra.packed())
    at = packed.find(b"PK\x01\x02") + 8
    packed[at] |= 1
    with pytest.raises(MeddraError, match="encrypted"):
        from_zip(io.BytesIO(bytes(packed)))


def test_an_unusual_packing_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        for name, text in tiny_meddra.files().items():
            archive.writestr(name, text)
    with pytest.raises(MeddraError, match="unusual way"):
        from_zip(buffer)


def test_too_many_members_are_refused():
    with pytest.raises(MeddraError, match="more than 2,000"):
        from_zip(io.BytesIO(_zip(**{f"{n}.txt": b"" for n in range(2_001)})))


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04" + b"\x00" * 40, b"<xml/>" * 1000])
def test_what_is_no_zip_is_refused(content):
    with pytest.raises(MeddraError, match="not a zip that can be read"):
        from_zip(io.BytesIO(content))


def test_a_damaged_zip_is_refused_wherever_it_was_cut_or_flipped():
    packed = tiny_meddra.packed()
    whole = read_release(from_zip(io.BytesIO(packed)))
    for at in range(0, len(packed), 3):
        flipped = bytearray(packed)
        flipped[at] ^= 0xFF
        for damaged in (packed[:at], bytes(flipped)):
            try:
                found = read_release(from_zip(io.BytesIO(damaged)))
            except MeddraError:
                continue
            assert found == whole  # the byte was a date or an attribute


def test_a_missing_or_doubled_file_is_named():
    held = tiny_meddra.files()
    with pytest.raises(MeddraError, match=r"pt\.asc is missing"):
        from_zip(io.BytesIO(tiny_meddra.packed({k: v for k, v in held.items() if k != "pt.asc"})))
    with pytest.raises(MeddraError, match=r"llt\.asc is there twice"):
        from_zip(io.BytesIO(tiny_meddra.packed(held | {"French/LLT.asc": "x"})))


def test_a_link_in_a_folder_is_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    folder = tmp_path / "MedAscii"
    folder.mkdir()
    for name, text in tiny_meddra.files().items():
        (folder / name).write_text(text)
    (folder / "llt.asc").unlink()
    (folder / "llt.asc").symlink_to(secret)
    with pytest.raises(MeddraError, match="not a plain file"):
        from_folder(folder)


# ---- importing ----


def test_a_release_is_kept_for_the_site_that_imported_it(imported, site, other_site, actor, client_of):
    assert (imported.version, imported.terms_count, imported.site) == ("90.1", 5, site)
    away = client_of(actor("safety_officer", other_site))
    assert "90.1" not in away.get(reverse("vigilance:meddra")).content.decode()
    assert away.get(reverse("vigilance:meddra-upgrade", args=[imported.pk])).status_code == 404


def test_the_same_release_twice_is_refused_and_another_language_is_not(imported, safety_officer, site):
    with pytest.raises(Refused, match="imported already"):
        actions.import_meddra(by=safety_officer, site=site, source=_upload(tiny_meddra.packed()))
    actions.import_meddra(by=safety_officer, site=site, source=_upload(tiny_meddra.packed(language="French")))
    with scopes_disabled():
        assert MeddraTerm.objects.count() == 10


def test_a_folder_is_imported_too(safety_officer, clinician, site, tmp_path):
    for name, text in tiny_meddra.files().items():
        (tmp_path / name).write_text(text)
    with pytest.raises(NotAllowed):
        actions.import_meddra(by=clinician, site=site, source=Path(tmp_path))
    assert actions.import_meddra(by=safety_officer, site=site, source=Path(tmp_path)).terms_count == 5


def test_the_page_imports_and_shows_what_is_wrong_beside_the_field(safety_page, site, db):
    url = reverse("vigilance:meddra")
    assert "Until one is imported every report is a draft" in safety_page.get(url).content.decode()
    missing = safety_page.post(url, {})
    assert missing.status_code == 422
    bad = safety_page.post(url, {"source": _upload(b"not a zip")})
    assert bad.status_code == 422
    assert "Nothing was imported: this is not a zip" in bad.content.decode()
    done = safety_page.post(url, {"source": _upload(tiny_meddra.packed())}, follow=True)
    assert "MedDRA 90.1, English was imported: 5 terms." in done.content.decode()
    assert "nothing needs another look" in done.content.decode()


# ---- searching and coding ----


def _search(release, text):
    with scopes_disabled():
        return [term.name for term in queries.meddra_search(release, text)]


def test_the_search_reads_lowest_and_preferred_names_and_codes(imported):
    assert _search(imported, "lump cheek") == ["Blue lump of cheek"]
    assert _search(imported, "blue lumps") == ["Blue lumps", "Blue lump of cheek", "Lumps, blue (old name)"]
    assert _search(imported, "90000005") == ["Glowing, greenish"]
    assert _search(imported, "%") == []
    assert _search(imported, "  ") == []


def test_a_code_ends_the_draft_and_goes_into_the_report(imported, full_case, safety_officer, site):
    draft = actions.write_report(by=safety_officer, site=site, case=full_case)
    assert draft.is_draft
    actions.code_reaction(by=safety_officer, site=site, case=full_case, term=_term("90000002"))
    with scopes_disabled():
        assert queries.case(full_case.pk).state == "open"
    report = actions.write_report(by=safety_officer, site=site, case=full_case)
    assert not report.is_draft
    assert 'code="90000002"' in report.content
    assert 'codeSystemVersion="90.1"' in report.content


def test_a_code_counts_until_the_reaction_is_given_another_class(
    imported, full_case, clinician, safety_officer, site
):
    actions.code_reaction(by=safety_officer, site=site, case=full_case, term=_term("90000002"))
    actions.record_what_happened(by=clinician, site=site, case=full_case, term="nodule", words="hard lumps")
    with scopes_disabled():
        assert queries.case(full_case.pk).meddra is None
    assert actions.write_report(by=safety_officer, site=site, case=full_case).is_draft


def test_what_may_not_be_coded_is_refused(imported, case, safety_officer, clinician, actor, site, other_site):
    with pytest.raises(Refused, match="no longer current"):
        actions.code_reaction(by=safety_officer, site=site, case=case, term=_term("90000003"))
    with pytest.raises(NotAllowed):
        actions.code_reaction(by=clinician, site=site, case=case, term=_term("90000002"))
    with scopes_disabled():
        MeddraTerm.objects.filter(code="90000002").update(site=other_site)
    with pytest.raises(Refused, match="another site"):
        actions.code_reaction(by=safety_officer, site=site, case=case, term=_term("90000002"))
    actions.nullify_case(by=safety_officer, site=site, case=case, reason="Entered twice.")
    with pytest.raises(Refused, match="nullified"):
        actions.code_reaction(by=safety_officer, site=site, case=case, term=_term("90000001"))
    with scopes_disabled():
        assert not ReactionCode.objects.exists()


def test_the_page_finds_and_codes_and_shows_old_terms_apart(
    imported, case, safety_page, django_assert_max_num_queries
):
    url = reverse("vigilance:code-reaction", args=[case.pk])
    with django_assert_max_num_queries(16):
        page = safety_page.get(url, {"q": "lump"}).content.decode()
    assert "Blue lump of cheek (90000002), under Blue lumps; Invented lump disorders" in page
    assert "Found, but no longer current" in page
    old = safety_page.post(f"{url}?q=lump", {"term": _term("90000003").pk})
    assert old.status_code == 422
    done = safety_page.post(f"{url}?q=lump", {"term": _term("90000002").pk}, follow=True).content.decode()
    assert "Coded as Blue lump of cheek (90000002)." in done
    assert "MedDRA 90.1" in done


def test_without_a_release_the_page_says_how_to_get_one(case, safety_page):
    page = safety_page.get(reverse("vigilance:code-reaction", args=[case.pk])).content.decode()
    assert reverse("vigilance:meddra") in page
    assert "reports are drafts" in page
    assert (
        safety_page.post(reverse("vigilance:code-reaction", args=[case.pk]), {"term": "1"}).status_code == 422
    )


# ---- a new release ----

OLD = Term("90000002", "Blue lump", True, "90000001", "Blue lumps", "Lumps")


@pytest.mark.parametrize(
    ("after", "fates", "needs_work"),
    [
        (None, (Fate.GONE,), True),
        (OLD, (Fate.SAME,), False),
        (Term("90000002", "Blue lump", False, "90000001", "Blue lumps", "Lumps"), (Fate.NOT_CURRENT,), True),
        (Term("90000002", "Blue lump", True, "90000004", "Glow", "Lumps"), (Fate.MOVED,), False),
        (
            Term("90000002", "Azure lump", True, "90000001", "Blue lumps", "Skin"),
            (Fate.REGROUPED, Fate.RENAMED),
            False,
        ),
    ],
)
def test_what_becomes_of_a_code(after, fates, needs_work):
    (told,) = upgrade(
        ["90000002", "90000002", "77777777"], {OLD.code: OLD}, {OLD.code: after} if after else {}
    )
    assert (told.fates, told.needs_work) == (fates, needs_work)


def test_a_new_release_says_which_cases_must_be_coded_again(
    imported, case, safety_officer, site, safety_page
):
    actions.code_reaction(by=safety_officer, site=site, case=case, term=_term("90000002"))
    terms = tuple(
        (code, name, "N" if code == "90000002" else current, pt)
        for code, name, current, pt in tiny_meddra.TERMS
    )
    newer = actions.import_meddra(
        by=safety_officer, site=site, source=_upload(tiny_meddra.packed(version="90.2", terms=terms))
    )
    page = safety_page.get(reverse("vigilance:meddra-upgrade", args=[newer.pk])).content.decode()
    assert case.number in page
    assert "No longer current" in page
    assert "Code it again" in page
    unchanged = safety_page.get(reverse("vigilance:meddra-upgrade", args=[imported.pk])).content.decode()
    assert "nothing needs another look" in unchanged
