"""Markdown for reference pages: tables, and each row's source with how far it was read."""

from collections.abc import Iterable, Sequence
from typing import Any

from exovigil.foundation.content import Source


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Write a table; a cell that is None or empty stays blank."""
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    lines += [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows]
    return "\n".join(lines)


def source(*given: Source) -> str:
    """Name the sources of a row with how far each was read."""
    return "; ".join(f"{s.key} ({s.read_depth})" for s in given)


def sources(found: Iterable[Source]) -> str:
    """List every source once, in order of its first use."""
    rows = {s.key: s for s in found}.values()
    return "## Sources\n\n" + table(
        ("Key", "Source", "Published", "Read", "On", "Note"),
        ((f"`{s.key}`", _cited(s), s.published, s.read_depth, s.read_on, s.note) for s in rows),
    )


def page(title: str, made_from: str, *parts: str) -> str:
    """Write a whole page that says what it was made from."""
    head = f"# {title}\n\nMade by `make docs` from {made_from}. Change that, not this page."
    return "\n\n".join((head, *parts)) + "\n"


def _cited(found: Source) -> str:
    return f"[{found.citation}]({found.link})" if found.link else found.citation


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return " ".join(text.split()).replace("|", "\\|")
