"""Files that mean harm or came to harm are refused by name and line, and leave nothing behind."""

import io
import zipfile
from pathlib import Path

import pytest

from exovigil.signals.store import Hostile, StoreError, Unreadable, import_files
from exovigil.signals.store.unpack import Bounds, unpack
from tests.signals.store.quarters import DEMO, DRUG, REAC, demo, drug, lines, quarter, reac, write_zip


def refused(tmp_path: Path, path: Path, *, as_: type[StoreError] = Unreadable) -> str:
    """Import a file, expect it to be refused, and hold that the store is as empty as before."""
    with pytest.raises(as_) as caught:
        import_files(tmp_path / "s", "faers", [path])
    assert [p.name for p in (tmp_path / "s").iterdir()] == [".lock"]
    return str(caught.value)


def many(tmp_path: Path) -> Path:
    """A quarter of some thousand lines."""
    cases = [f"1{n:07d}" for n in range(3000)]
    return quarter(
        tmp_path / "q.zip",
        DEMO=lines(DEMO, *(demo(case, fda=f"2017{n % 12 + 1:02d}05") for n, case in enumerate(cases))),
        DRUG=lines(DRUG, *(drug(case, name=f"DRUG {hash(case) % 997}") for case in cases)),
        REAC=lines(REAC, *(reac(case) for case in cases)),
    )


def test_a_truncated_zip_is_refused_with_the_member_and_line_where_it_ends(tmp_path):
    whole = many(tmp_path).read_bytes()
    second = whole.index(b"ascii/DRUG17Q2.txt")
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole[: second + 4000])
    said = refused(tmp_path, cut)
    found = said.split(": ")[0]
    assert found.startswith("cut.zip/ascii/DRUG17Q2.txt, line ")
    assert 2 < int(found.rsplit(" ", 1)[1].replace(",", "")) < 3000
    assert "download it again" in said


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_zip_cut_anywhere_is_refused_by_name(tmp_path, share):
    whole = many(tmp_path).read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole[: int(len(whole) * share)])
    assert refused(tmp_path, cut).startswith("cut.zip")


def test_a_damaged_member_is_refused_with_its_line(tmp_path):
    path = many(tmp_path)
    raw = bytearray(path.read_bytes())
    at = raw.index(b"ascii/REAC17Q2.txt") + 3000
    raw[at : at + 8] = b"\xff" * 8
    path.write_bytes(raw)
    assert refused(tmp_path, path).startswith("q.zip/ascii/REAC17Q2.txt, line ")


@pytest.mark.parametrize(
    "name", ["../DEMO17Q2.txt", "/DEMO17Q2.txt", "a/../../DEMO17Q2.txt", "C:\\DEMO17Q2.txt", "..\\x"]
)
def test_a_path_that_leads_out_of_the_zip_is_refused(tmp_path, name):
    path = write_zip(tmp_path / "q.zip", {name: lines(DEMO)})
    assert "leads out of the zip" in refused(tmp_path, path, as_=Hostile)
    assert not (tmp_path / "DEMO17Q2.txt").exists()


def test_a_link_in_a_zip_is_refused(tmp_path):
    link = zipfile.ZipInfo("DEMO17Q2.txt")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "q.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "a link, not a file" in refused(tmp_path, tmp_path / "q.zip", as_=Hostile)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = quarter(tmp_path / "q.zip", DRUG=b"0" * (64 << 20))
    assert "q.zip/ascii/DRUG17Q2.txt: packed more than 100 times smaller" in refused(
        tmp_path, path, as_=Hostile
    )


def test_a_zip_that_is_too_large_in_all_is_refused(tmp_path):
    with pytest.raises(Hostile, match=r"q.zip/ascii/\w+17Q2.txt: the zip unpacks to more than"):
        unpack(many(tmp_path), tmp_path / "out", lambda name: True, Bounds(total=200_000))


def test_a_zip_of_too_many_files_is_refused(tmp_path):
    path = write_zip(tmp_path / "q.zip", {f"{n}.txt": b"" for n in range(501)})
    assert "501 files in the zip" in refused(tmp_path, path, as_=Hostile)


@pytest.mark.parametrize("name", ["inner.zip", "DEMO17Q2.txt"])
def test_a_zip_in_a_zip_is_refused(tmp_path, name):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.txt", "x")
    path = write_zip(tmp_path / "q.zip", {name: inner.getvalue()})
    assert f"q.zip/{name}: packed inside the zip" in refused(tmp_path, path, as_=Hostile)


def test_an_encrypted_member_is_refused(tmp_path):
    path = quarter(tmp_path / "q.zip")
    raw = bytearray(path.read_bytes())
    for signature, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = 0
        while (at := raw.find(signature, at)) >= 0:
            raw[at + flag] |= 1
            at += 4
    path.write_bytes(raw)
    assert "encrypted" in refused(tmp_path, path)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (lines(REAC, reac("10000001")).decode().encode("utf-16"), 1, "NUL byte"),
        (lines(REAC, reac("10000001")) + b"100000021$1\x00$x$\n", 3, "NUL byte"),
        (
            lines(REAC, reac("10000001"), reac("10000002")) + b"100000021$10000002$\x81\x8d$\n",
            4,
            "neither UTF-8 nor",
        ),
    ],
)
def test_a_mis_encoded_file_is_refused_with_its_line(tmp_path, text, line, message):
    said = refused(tmp_path, quarter(tmp_path / "q.zip", REAC=text))
    assert said.startswith(f"q.zip/ascii/REAC17Q2.txt, line {line}: ")
    assert message in said


def test_a_line_without_end_is_refused(tmp_path):
    filler = b"".join(bytes([48 + (n * 7919 % 64)]) for n in range(1_200_000)) * 5
    said = refused(tmp_path, quarter(tmp_path / "q.zip", REAC=lines(REAC) + filler))
    assert said.startswith("q.zip/ascii/REAC17Q2.txt")


def test_what_is_no_zip_is_refused(tmp_path):
    path = tmp_path / "q.zip"
    path.write_text("<html>Not found</html>")
    assert refused(tmp_path, path).startswith("q.zip")


def test_a_second_file_of_one_table_is_refused(tmp_path):
    path = write_zip(
        tmp_path / "q.zip",
        {
            "a/DEMO18Q1.txt": lines(DEMO),
            "b/DEMO18Q1_new.txt": lines(DEMO),
            "DRUG18Q1.txt": b"",
            "REAC18Q1.txt": b"",
        },
    )
    assert "a second file of reports" in refused(tmp_path, path, as_=Hostile)


def test_a_gzip_bomb_is_refused(tmp_path):
    import gzip

    path = tmp_path / "caers.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" * (32 << 20)))
    with pytest.raises(Hostile, match=r"caers.csv.gz, line [\d,]+: unpacks to more than"):
        import_files(tmp_path / "s", "caers", [path])


def test_one_bad_file_among_good_ones_leaves_nothing(tmp_path):
    good = quarter(tmp_path / "good.zip")
    bad = quarter(tmp_path / "bad.zip", "17Q3", REAC=b"\x00")
    with pytest.raises(Unreadable, match=r"bad\.zip"):
        import_files(tmp_path / "s", "faers", [good, bad])
    assert [p.name for p in (tmp_path / "s").iterdir()] == [".lock"]
