"""Layer two of the check: each element against its row of the table.

Presence, length, data type, code list, null flavour. Rules are named after what they test, and findings name
the data element.
"""

import datetime as dt
import re
from collections.abc import Callable, Container, Iterator
from functools import lru_cache

from lxml import etree

from exovigil.vigilance.e2b.dates import parse_point
from exovigil.vigilance.e2b.elements import (
    HL7,
    Element,
    allowed,
    asides,
    by_id,
    by_level,
    code_lists,
    levels_of_table,
)
from exovigil.vigilance.e2b.findings import Finding, Severity, readable
from exovigil.vigilance.e2b.places import Place, Spot

# What a group is called in findings when a whole level is missing; a sender or a patient is always there.
_ALWAYS = {"message": "N.2.r", "case": "C.1", "patient": "D", "sender": "C.3"}
# Judged with their message, which may be a draft.
_DRAFTED = {"meddra", "version"}
_DIGITS = {"date": 4, "day": 8, "time": 14}


# What a test of one value finds; most find nothing.
Faults = tuple[Finding, ...]
Test = Callable[[Spot, Element, dt.datetime], Faults]


def conformance(found: dict[str, list[Place]], now: dt.datetime) -> Iterator[Finding]:
    """Check every element of the table in the places of its level."""
    yield from _missing_levels(found)
    for level, places in found.items():
        expected = _expected(level)
        for place in places:
            given: set[str] = set()
            yield from _check_values(place, given, now)
            for element in expected:
                if element.element not in given:
                    message = f"{element.name} is {element.conformance} and missing"
                    yield Finding("missing", element.element, "error", readable(place.node), message)


@lru_cache(maxsize=64)
def _expected(level: str) -> tuple[Element, ...]:
    """The elements of a level that must be there."""
    rows = by_level()[level]
    return tuple(
        row for row in rows if row.conformance in {"mandatory", "required"} and row.data_type not in _DRAFTED
    )


def _missing_levels(found: dict[str, list[Place]]) -> Iterator[Finding]:
    for level, group in _ALWAYS.items():
        row = levels_of_table()[level]
        for holder in found[row.parent]:
            if not holder.inner.get(level):
                tail = row.xpath.replace("h:", "").partition("[")[0]
                message = f"{group}: the {level} part is missing; expected {tail} here"
                yield Finding("structure", group, "error", readable(holder.node), message)


def _check_values(place: Place, given: set[str], now: dt.datetime) -> list[Finding]:
    """Test every value and null flavour, and put the names of the elements that have one into ``given``."""
    found: list[Finding] = []
    rows = _rows()
    for name, spots in place.spots.items():
        element, tests = rows[name]
        for spot in spots:
            if spot.value:
                given.add(name)
                for test in tests:
                    found += test(spot, element, now)
            elif spot.flavor:
                given.add(name)
                found += _check_flavor(spot, element)
    return found


@lru_cache(maxsize=1)
def _rows() -> dict[str, tuple[Element, tuple[Test, ...]]]:
    """Every element by its name, with the tests that its row asks for."""
    return {name: (element, tuple(_tests(element))) for name, element in by_id().items()}


def _tests(element: Element) -> Iterator[Test]:
    if element.codes:
        yield _check_code
    elif element.max_length:
        yield _check_length
    if element.data_type in _TYPES:
        yield _check_type
    if element.data_type in _DIGITS:
        yield _check_date


def _check_flavor(spot: Spot, element: Element) -> Iterator[Finding]:
    if spot.flavor in element.null_flavors or element.data_type in {"meddra", "version"}:
        return  # a missing MedDRA code is judged with its message, which may be a draft
    if element.element in asides():
        return  # said of the value beside it
    options = ", ".join(element.null_flavors) or "none"
    message = f"{element.name}: null flavour {spot.flavor} is not allowed (allowed: {options})"
    yield Finding("null-flavour", element.element, _weight(element), readable(spot.node), message)


def _weight(element: Element) -> Severity:
    """Grade an odd code system or null flavour: regions extend optional elements, so those are warnings."""
    return "warning" if element.conformance in {"optional", "conditional"} else "error"


def _found(rule: str, spot: Spot, element: Element, message: str, severity: Severity = "error") -> Finding:
    return Finding(rule, element.element, severity, readable(spot.node), f"{element.name}: {message}")


def _check_length(spot: Spot, element: Element, now: dt.datetime) -> Faults:
    if len(spot.value) <= element.max_length:
        return ()
    message = f"{len(spot.value)} characters, at most {element.max_length} are allowed"
    return (_found("length", spot, element, message),)


def _check_type(spot: Spot, element: Element, now: dt.datetime) -> Faults:
    pattern, complaint = _TYPES[element.data_type]
    if pattern.fullmatch(spot.value):
        return ()
    return (_found("format", spot, element, f"{_short(spot.value)!r} {complaint}"),)


def _check_code(spot: Spot, element: Element, now: dt.datetime) -> Faults:
    """Refuse a code outside its lists; one in small letters is understood, but not as it should be."""
    codes, value, found = allowed(element.codes), spot.value, []
    if element.part == "@code":
        expected, given = code_lists()[element.codes[0]].oid, spot.node.get("codeSystem", "")
        if given and given != expected:
            message = f"code system {_short(given)} instead of {expected}"
            found.append(_found("code-system", spot, element, message, _weight(element)))
    if value not in codes:
        severity: Severity = "warning" if value.upper() in codes else "error"
        remedy = "write it in capitals" if severity == "warning" else f"is not in the list {element.codes[0]}"
        found.append(_found("code-list", spot, element, f"{_short(value)!r} {remedy}", severity))
    return tuple(found)


def _check_date(spot: Spot, element: Element, now: dt.datetime) -> Faults:
    value, point = spot.value, parse_point(spot.value)
    if point is None:
        message = f"{_short(value)!r} is not a date of the form CCYYMMDD or CCYYMMDDhhmmss+ZZZZ"
        return (_found("format", spot, element, message),)
    if point.digits < _DIGITS[element.data_type]:
        message = f"{value!r} is not precise enough; give it to the {_PRECISION[element.data_type]}"
        return (_found("format", spot, element, message),)
    if point.is_after(now):
        return (_found("future-date", spot, element, f"{value} lies in the future"),)
    return ()


_PRECISION = {"day": "day", "time": "second", "date": "year"}


_TYPES: dict[str, tuple[re.Pattern[str], str]] = {
    "number": (re.compile(r"-?\d+(\.\d+)?"), "is not a number"),
    "bool": (re.compile("true|false"), "is neither true nor false"),
    "true": (re.compile("true"), "must be true, or a null flavour; false is not allowed"),
    "version": (re.compile(r"\d+\.\d"), "is not a version of the form N.N"),
    "meddra": (re.compile(r"\d{8}"), "is not an 8-digit MedDRA code"),
}


def _short(value: str) -> str:
    return value if len(value) <= 40 else value[:37] + "..."


def other_dates(
    root: etree._Element, known: Container[etree._Element], now: dt.datetime
) -> Iterator[Finding]:
    """Dates of elements outside the table may not lie in the future either; named by their XML element."""
    before = f"{now.year - 1:04}"
    for node in root.iter(*_TIMES):
        value = node.get("value", "")
        if value[:4] < before:
            continue  # long past, wherever it was written
        parent = node.getparent()
        if node in known or (node.tag in _BOUNDS and (parent is None or parent.tag not in _SPANS)):
            continue  # judged already, or a bound of something other than time
        point = parse_point(value)
        if point is not None and point.is_after(now):
            name = etree.QName(node).localname
            yield Finding(
                "future-date", name, "error", readable(node), f"{node.get('value')} lies in the future"
            )


_BOUNDS = {f"{{{HL7}}}{name}" for name in ("low", "high")}
_SPANS = {f"{{{HL7}}}{name}" for name in ("effectiveTime", "comp")}
_TIMES = [*_BOUNDS, *(f"{{{HL7}}}{name}" for name in ("effectiveTime", "birthTime", "deceasedTime"))]
