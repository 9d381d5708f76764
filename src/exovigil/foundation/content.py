"""Reference content: small TOML and CSV files in which every row names its source.

A content file states facts that people act on, so loading is strict: an unknown column, a missing
source or a wrong type stops the program with the file and the row named. A TOML file lists its
sources once under ``[sources.<key>]`` and each row refers to one by key; a CSV row carries its own.
"""

import csv
import dataclasses
import datetime as dt
import enum
import io
import tomllib
import types
import typing
from dataclasses import dataclass
from importlib.abc import Traversable
from importlib.resources import files
from typing import Any, TypeVar

RowT = TypeVar("RowT")


class ContentError(ValueError):
    """A content file breaks its schema; the message names file, row, column and the way out."""


class ReadDepth(enum.StrEnum):
    """How far the source behind a statement was read; shown beside it everywhere."""

    FULL_TEXT = "full text"
    EXCERPT = "excerpt"
    ABSTRACT = "abstract"
    SECONDARY = "secondary"
    BACKGROUND = "background knowledge"
    DESIGN = "design choice of this project"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement comes from.

    ``published`` is the source's own date as far as known (ISO 8601, possibly partial, or empty);
    ``read_on`` is when it was read for this project.
    """

    key: str
    citation: str
    read_depth: ReadDepth
    read_on: dt.date
    url: str = ""
    doi: str = ""
    published: str = ""
    note: str = ""

    @property
    def verified(self) -> bool:
        """True when the statement was read in a source rather than recalled or designed."""
        return self.read_depth not in {ReadDepth.BACKGROUND, ReadDepth.DESIGN}

    @property
    def link(self) -> str:
        """Address to open: the DOI when there is one, else the page that was read, else empty."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url


def load_toml(package: str, name: str, table: str, row_type: type[RowT]) -> tuple[RowT, ...]:
    """Read ``[[table]]`` rows of ``package``'s ``content/name`` as ``row_type`` dataclasses.

    Raises ContentError with file and row when a row breaks the schema.
    """
    path = content_path(package, name)
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    sources = {
        key: _build(Source, {"key": key, **raw}, {}, f"{name}: [sources.{key}]")
        for key, raw in document.get("sources", {}).items()
    }
    if table not in document:
        raise ContentError(f"{name}: no [[{table}]] rows; add them or correct the table's name")
    return tuple(
        _build(row_type, raw, sources, f"{name}: {table} row {number}")
        for number, raw in enumerate(document[table], start=1)
    )


def load_csv(package: str, name: str, row_type: type[RowT]) -> tuple[RowT, ...]:
    """Read ``package``'s ``content/name`` as ``row_type`` dataclasses; an empty cell is unknown."""
    text = content_path(package, name).read_text(encoding="utf-8")
    reader = csv.DictReader(io.StringIO(text), strict=True)
    return tuple(
        _build(row_type, {k: v for k, v in raw.items() if v != ""}, {}, f"{name}: line {reader.line_num}")
        for raw in reader
    )


def content_path(package: str, name: str) -> Traversable:
    """Locate a content file inside an installed room."""
    return files(package) / "content" / name


def _build(row_type: type[RowT], raw: dict[str, Any], sources: dict[str, Source], where: str) -> RowT:
    hints = typing.get_type_hints(row_type)
    fields = {f.name: f for f in dataclasses.fields(row_type)}  # type: ignore[arg-type]
    unknown = set(raw) - set(fields)
    if unknown:
        raise ContentError(f"{where}: unknown column {sorted(unknown)[0]!r}; known are {sorted(fields)}")
    values = {}
    for name, field in fields.items():
        if name in raw:
            values[name] = _convert(raw[name], hints[name], sources, f"{where}, column {name!r}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ContentError(f"{where}: column {name!r} is missing and has no default")
    return row_type(**values)


def _convert(value: Any, hint: Any, sources: dict[str, Source], where: str) -> Any:
    """Turn a raw TOML or CSV value into the annotated type, or say why it cannot be."""
    origin = typing.get_origin(hint)
    if origin in {types.UnionType, typing.Union}:
        inner = [a for a in typing.get_args(hint) if a is not type(None)]
        return _convert(value, inner[0], sources, where)
    if origin is tuple:
        items = value if isinstance(value, list) else [v.strip() for v in str(value).split(";")]
        return tuple(_convert(item, typing.get_args(hint)[0], sources, where) for item in items)
    if origin is typing.Literal:
        if value not in typing.get_args(hint):
            raise ContentError(f"{where}: {value!r} is not one of {typing.get_args(hint)}")
        return value
    if hint is Source:
        if value not in sources:
            raise ContentError(f"{where}: no [sources.{value}] in this file; add it")
        return sources[value]
    return _convert_scalar(value, hint, where)


def _convert_scalar(value: Any, hint: Any, where: str) -> Any:
    if isinstance(value, hint) and not (hint is int and isinstance(value, bool)):
        return value
    try:
        if hint is dt.date:
            return dt.date.fromisoformat(value)
        if hint is bool:
            return {"yes": True, "no": False, "true": True, "false": False}[value.lower()]
        return hint(value)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ContentError(f"{where}: {value!r} cannot be read as {hint.__name__}") from error
