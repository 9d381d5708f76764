"""Layer two of the check: each element against its row of the table.

Presence, length, data type, code list, null flavour. Rules are named after what they test, and findings name
the data element.
"""

import datetime as dt
import re
from collections.abc import Callable, Container, Iterator

from lxml import etree

from exovigil.vigilance.e2b.dates import parse_point
from exovigil.vigilance.e2b.elements import (
    ASIDE,
    HL7,
    Element,
    allowed,
    code_lists,
    elements,
    levels_of_table,
)
from exovigil.vigilance.e2b.findings import Finding, Memo, Severity, Spot, readable, select

# What a group is called in findings when a whole level is missing; a sender or a patient is always there.
_ALWAYS = {"message": "N.2.r", "case": "C.1", "patient": "D", "sender": "C.3"}
# Judged with their message, which may be a draft.
_DRAFTED = {"meddra", "version"}
_DIGITS = {"date": 4, "day": 8, "time": 14}


def conformance(found: dict[str, list[etree._Element]], now: dt.datetime, memo: Memo) -> Iterator[Finding]:
    """Check every element of the table in the nodes of its level."""
    yield from _missing_levels(found)
    for element in elements():
        for node in found[element.level]:
            yield from _check_element(node, element, now, memo)


def _missing_levels(found: dict[str, list[etree._Element]]) -> Iterator[Finding]:
    for level, group in _ALWAYS.items():
        row = levels_of_table()[level]
        for holder in found[row.parent]:
            if not select(holder, row.xpath):
                tail = row.xpath.replace("h:", "").partition("[")[0]
                message = f"{group}: the {level} part is missing; expected {tail} here"
                yield Finding("structure", group, "error", readable(holder), message)


def _check_element(node: etree._Element, element: Element, now: dt.datetime, memo: Memo) -> Iterator[Finding]:
    present = False
    for spot in memo.spots(node, element):
        if spot.value:
            present = True
            yield from _check_value(spot, element, now)
        elif spot.flavor:
            present = True
            yield from _check_flavor(spot, element)
    if not present and element.conformance in {"mandatory", "required"} and element.data_type not in _DRAFTED:
        message = f"{element.name} is {element.conformance} and missing"
        yield Finding("missing", element.element, "error", readable(node), message)


def _check_flavor(spot: Spot, element: Element) -> Iterator[Finding]:
    if spot.flavor in element.null_flavors or element.data_type in {"meddra", "version"}:
        return  # a missing MedDRA code is judged with its message, which may be a draft
    if element.part in ASIDE:
        return  # said of the value beside it
    options = ", ".join(element.null_flavors) or "none"
    message = f"{element.name}: null flavour {spot.flavor} is not allowed (allowed: {options})"
    yield Finding("null-flavour", element.element, _weight(element), readable(spot.node), message)


def _weight(element: Element) -> Severity:
    """Grade an odd code system or null flavour: regions extend optional elements, so those are warnings."""
    return "warning" if element.conformance in {"optional", "conditional"} else "error"


def _check_value(spot: Spot, element: Element, now: dt.datetime) -> Iterator[Finding]:
    def found(rule: str, message: str) -> Finding:
        return Finding(rule, element.element, "error", readable(spot.node), f"{element.name}: {message}")

    if element.max_length and not element.codes and len(spot.value) > element.max_length:
        yield found("length", f"{len(spot.value)} characters, at most {element.max_length} are allowed")
    if element.codes:
        yield from _check_code(spot, element)
    complaint = _TYPES[element.data_type](spot.value)
    if complaint:
        yield found("format", f"{_short(spot.value)!r} {complaint}")
    if element.data_type in _DIGITS:
        yield from (found(rule, message) for rule, message in _date(spot.value, element.data_type, now))


def _check_code(spot: Spot, element: Element) -> Iterator[Finding]:
    """Refuse a code outside its lists; one in small letters is understood, but not as it should be."""
    codes, value = allowed(element.codes), spot.value
    expected, given = code_lists()[element.codes[0]].oid, spot.node.get("codeSystem", "")
    if element.part == "@code" and given and given != expected:
        message = f"{element.name}: code system {_short(given)} instead of {expected}"
        yield Finding("code-system", element.element, _weight(element), readable(spot.node), message)
    if value in codes:
        return
    severity: Severity = "warning" if value.upper() in codes else "error"
    remedy = "write it in capitals" if severity == "warning" else f"is not in the list {element.codes[0]}"
    message = f"{element.name}: {_short(value)!r} {remedy}"
    yield Finding("code-list", element.element, severity, readable(spot.node), message)


def _date(value: str, data_type: str, now: dt.datetime) -> Iterator[tuple[str, str]]:
    point = parse_point(value)
    if point is None:
        yield "format", f"{_short(value)!r} is not a date of the form CCYYMMDD or CCYYMMDDhhmmss+ZZZZ"
    elif point.digits < _DIGITS[data_type]:
        yield "format", f"{value!r} is not precise enough; give it to the {_PRECISION[data_type]}"
    elif point.is_after(now):
        yield "future-date", f"{value} lies in the future"


_PRECISION = {"day": "day", "time": "second", "date": "year"}


def _unlike(pattern: str, complaint: str) -> Callable[[str], str]:
    """Make a test that gives the complaint for a text unlike the pattern, else an empty string."""
    compiled = re.compile(pattern)
    return lambda value: "" if compiled.fullmatch(value) else complaint


def _anything(value: str) -> str:
    return ""


_TYPES: dict[str, Callable[[str], str]] = {
    "text": _anything,
    "code": _anything,
    "link": _anything,
    "date": _anything,
    "day": _anything,
    "time": _anything,
    "number": _unlike(r"-?\d+(\.\d+)?", "is not a number"),
    "bool": _unlike("true|false", "is neither true nor false"),
    "true": _unlike("true", "must be true, or a null flavour; false is not allowed"),
    "version": _unlike(r"\d+\.\d", "is not a version of the form N.N"),
    "meddra": _unlike(r"\d{8}", "is not an 8-digit MedDRA code"),
}


def _short(value: str) -> str:
    return value if len(value) <= 40 else value[:37] + "..."


def other_dates(
    root: etree._Element, known: Container[etree._Element], now: dt.datetime
) -> Iterator[Finding]:
    """Dates of elements outside the table may not lie in the future either; named by their XML element."""
    for node in root.iter(*_TIMES):
        parent = node.getparent()
        if node in known or (node.tag in _BOUNDS and (parent is None or parent.tag not in _SPANS)):
            continue  # judged already, or a bound of something other than time
        point = parse_point(node.get("value", ""))
        if point is not None and point.is_after(now):
            name = etree.QName(node).localname
            yield Finding(
                "future-date", name, "error", readable(node), f"{node.get('value')} lies in the future"
            )


_BOUNDS = {f"{{{HL7}}}{name}" for name in ("low", "high")}
_SPANS = {f"{{{HL7}}}{name}" for name in ("effectiveTime", "comp")}
_TIMES = [*_BOUNDS, *(f"{{{HL7}}}{name}" for name in ("effectiveTime", "birthTime", "deceasedTime"))]
