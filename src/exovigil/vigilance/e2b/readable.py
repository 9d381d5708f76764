"""A message in words: every element that was read, under the headings of ICH, with codes and dates spelt out.

What names a person is left out unless it is asked for; the page says that it is there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from exovigil.vigilance.e2b.elements import Element, by_id, by_level, code_lists, levels_of_table
from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.e2b.record import Record

_NAMES_PEOPLE = re.compile(
    r"C\.2\.r\.[12]\.|C\.3\.3\.|C\.3\.4\.|D\.1$|D\.1\.|D\.2\.1$|D\.10\.1$|D\.10\.2\.1$"
)
SEALED = "held, not shown here"
_FLAVORS = {
    NullFlavor.NO_INFORMATION: "no information",
    NullFlavor.MASKED: "masked by the sender",
    NullFlavor.UNKNOWN: "not known",
    NullFlavor.NOT_APPLICABLE: "not applicable",
    NullFlavor.ASKED_BUT_UNKNOWN: "asked, but not known",
    NullFlavor.NOT_ASKED: "not asked",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One element: its number, its name, and what the message says."""

    element: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of one node of the message under its heading."""

    heading: str
    lines: tuple[Line, ...]


def readable(message: Record, *, with_people: bool = False) -> tuple[Section, ...]:
    """Write a message as sections, outermost first. ``with_people`` also shows names, initials and addresses."""
    return tuple(section for section in _sections(message, with_people) if section.lines)


def _sections(record: Record, with_people: bool) -> Iterator[Section]:
    yield Section(_heading(record.level), tuple(_lines(record, with_people)))
    for inner in record.inner.values():
        for found in inner:
            yield from _sections(found, with_people)


def _heading(level: str) -> str:
    row = by_id().get(levels_of_table()[level].element)
    name = row.name if row else level
    return re.sub(r"\s*\((repeat as necessary|message wrapper)\)", "", name, flags=re.IGNORECASE)


def _lines(record: Record, with_people: bool) -> Iterator[Line]:
    for element in by_level()[record.level]:
        if element.authority == "message" or element.element not in record.held:
            continue
        held = record.held[element.element]
        hide = isinstance(held, str) and not with_people and _NAMES_PEOPLE.match(element.element)
        yield Line(element.element, element.name, SEALED if hide else _words(element, held))


def _words(element: Element, held: str | NullFlavor) -> str:
    if isinstance(held, NullFlavor):
        return _FLAVORS.get(held, held.value)
    if element.data_type in {"date", "day", "time"}:
        return _day(held)
    if element.data_type in {"bool", "true"}:
        return {"true": "Yes", "false": "No"}.get(held, held)
    meanings = [code_lists()[name].meanings.get(held, "") for name in element.codes]
    meaning = next((words for words in meanings if words), "")
    return f"{meaning} ({held})" if meaning else held


def _day(text: str) -> str:
    """Write 20260312142200+0000 as 2026-03-12 14:22; what is no date stays as it is."""
    found = re.fullmatch(r"(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)?)?\d*(?:\.\d+)?([+-]\d{4})?", text)
    if not found:
        return text
    year, month, day, hour, minute = found.groups()[:5]
    date = "-".join(part for part in (year, month, day) if part)
    return f"{date} {hour}:{minute or '00'}" if hour else date
