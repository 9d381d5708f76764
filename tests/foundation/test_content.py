"""Content files: a row without a source, or with a typo, does not load."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import pytest

from exovigil.foundation import content
from exovigil.foundation.content import ContentError, ReadDepth, Source, load_csv, load_toml


@dataclass(frozen=True)
class Row:
    code: str
    source: Source
    days: int = 0
    level: Literal["low", "high"] = "low"
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    name: str
    count: int | None = None
    seen: dt.date | None = None
    sure: bool = False


SOURCE = '[sources.a]\ncitation = "A, 2024"\nread_depth = "abstract"\nread_on = 2026-01-02\ndoi = "10.1/x"\n'


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Writes a content file where the loader looks."""

    def write(text: str) -> str:
        (tmp_path / "facts").write_text(text, encoding="utf-8")
        return "facts"

    monkeypatch.setattr(content, "content_path", lambda package, name: tmp_path / name)
    return write


def test_a_row_loads_with_its_source(file):
    name = file(SOURCE + '[[row]]\ncode = "x"\nsource = "a"\ndays = 3\ntags = ["p", "q"]\n')
    (row,) = load_toml("room", name, "row", Row)
    assert row == Row("x", row.source, 3, "low", ("p", "q"))
    assert row.source.read_depth is ReadDepth.ABSTRACT
    assert row.source.link == "https://doi.org/10.1/x"
    assert row.source.verified


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ('code = "x"', r"row row 1: column 'source' is missing"),
        ('code = "x"\nsource = "b"', r"no \[sources.b\]"),
        ('code = "x"\nsource = "a"\ndais = 3', r"unknown column 'dais'"),
        ('code = "x"\nsource = "a"\ndays = "soon"', r"column 'days': 'soon' cannot be read as int"),
        ('code = "x"\nsource = "a"\nlevel = "huge"', r"'huge' is not one of"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(file, row, complaint):
    with pytest.raises(ContentError, match=complaint):
        load_toml("room", file(f"{SOURCE}[[row]]\n{row}\n"), "row", Row)


def test_a_file_without_the_table_says_so(file):
    with pytest.raises(ContentError, match="no \\[\\[row\\]\\] rows"):
        load_toml("room", file(SOURCE), "row", Row)


def test_an_empty_csv_cell_is_unknown_not_zero(file):
    rows = load_csv("room", file("name,count,seen,sure\nx,,2026-01-02,yes\ny,4,,\n"), Line)
    assert rows == (Line("x", None, dt.date(2026, 1, 2), True), Line("y", 4, None, False))


def test_a_wrong_csv_cell_names_its_line(file):
    with pytest.raises(ContentError, match="line 3, column 'count': 'many'"):
        load_csv("room", file("name,count\nx,1\ny,many\n"), Line)


@pytest.mark.parametrize("depth", ["background knowledge", "design choice of this project"])
def test_what_was_not_read_is_not_verified(depth):
    source = Source("k", "c", ReadDepth(depth), dt.date(2026, 1, 1), url="https://example.org")
    assert not source.verified
    assert source.link == "https://example.org"
