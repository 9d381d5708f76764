"""Writing records as a message: the same table that the reader follows, the other way round.

Children are put in the order that the schema insists on, and every node gets the attributes that HL7 wants on
its kind (``content/e2b_nodes.csv``).
"""

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from exovigil.foundation.content import load_csv
from exovigil.vigilance.e2b.elements import HL7, XSI, by_level, inner_levels
from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.e2b.record import Record
from exovigil.vigilance.e2b.steps import Step, has, steps

Made = dict[str, etree._Element]
# Characters that XML cannot carry at all; pasted text may hold them, and each becomes a space.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TYPE = f"{{{XSI}}}type"
# In the file a code or number comes before what is said about it.
_FIRST = {"@code", "@value"}
_ASIDE = ("codeSystem", "codeSystemVersion", "unit")
_COMP = f"{{{HL7}}}comp"


@dataclass(frozen=True, slots=True)
class NodeKind:
    """What HL7 wants of a node (``tag`` or ``parent/tag``): attributes, and its children in order."""

    node: str
    source: str
    attributes: tuple[str, ...] = ()
    children: tuple[str, ...] = ()


def write_record(record: Record, node: etree._Element) -> None:
    """Write a record's values and all that it contains into the node of its level."""
    made: Made = {}
    for element in by_level()[record.level]:
        if element.data_type == "fixed":
            _reach(node, steps(element.path), made)
        elif element.element in record.held:
            place = _reach(node, steps(element.path), made)
            _put(place, element.part, record.held[element.element])
    for level in inner_levels(record.level):
        for inner in record.inner.get(level.name, ()):
            write_record(inner, _reach(node, steps(level.path), made))


def tidy(node: etree._Element) -> None:
    """Put every node's children in the order of the schema and mend what the schema wants in pairs."""
    for parent in list(node.iter()):
        if len(parent) > 1:
            ranks = _ranks().get(str(parent.tag))
            if ranks:
                _order(parent, ranks)
        if parent.get(_TYPE) == "SXPR_TS":
            _pair(parent)


def _put(place: etree._Element, part: str, value: str | NullFlavor) -> None:
    if isinstance(value, NullFlavor):
        place.set("nullFlavor", value.value)
        return
    text = _UNPRINTABLE.sub(" ", value)
    name, _, prefix = part.partition("|")
    if name == "text":
        place.text = text
        return
    later = [(aside, place.attrib.pop(aside)) for aside in _ASIDE if name in _FIRST and aside in place.attrib]
    place.set(name[1:], prefix + text)
    for aside, held in later:
        place.set(aside, held)


def _reach(node: etree._Element, path: tuple[Step, ...], made: Made) -> etree._Element:
    """Walk a path, making what is not there yet; a step that repeats is always made."""
    fresh = False
    for step in path:
        fresh = fresh or step.fresh
        found = None if fresh else made.get(step.key)
        if found is None and not fresh and not step.relation:
            found = _twin(node, step)
        if found is None:
            found = _make(node, step)
        if not fresh:
            made[step.key] = found
        node = found
    return node


def _twin(node: etree._Element, step: Step) -> etree._Element | None:
    """Find an element made for something else that answers the same description."""
    twins = [
        child
        for child in node.iterchildren(step.tag)
        if all(child.get(name, value) == value for name, value in step.tests)
        and (not step.prefix or child.get("value", step.prefix).startswith(step.prefix))
        and all(has(child, part) for part in step.parts)
    ]
    place = max(step.number, 1) - 1
    while step.number and len(twins) < step.number - 1:
        twins.append(_make(node, step))
    if len(twins) <= place:
        return None
    for name, value in (*step.tests, *step.hints):
        if twins[place].get(name) is None:
            twins[place].set(name, value)
    return twins[place]


def _make(node: etree._Element, step: Step) -> etree._Element:
    made = etree.SubElement(node, step.tag, _fixed(str(node.tag), step.tag))
    for name, value in (*step.tests, *step.hints):
        made.set(name, value)
    for part in step.parts:
        inner = made
        for piece in part:
            inner = _make(inner, piece)
    return made


def _order(parent: etree._Element, ranks: dict[str, int]) -> None:
    found = [ranks.get(str(child.tag), -1) for child in parent]
    if any(later < earlier for earlier, later in itertools.pairwise(found)):
        parent[:] = sorted(parent, key=lambda child: ranks.get(str(child.tag), -1))


def _pair(times: etree._Element) -> None:
    """Give a dosage's times their two parts: how often, and when; a duration beside two dates is a third."""
    for span in times.findall(_COMP):
        width = span.find(f"{{{HL7}}}width")
        if width is not None and span.find(f"{{{HL7}}}high") is not None:
            own = etree.SubElement(times, _COMP, {_TYPE: "IVL_TS", "operator": "A"})
            own.append(width)
    if len(times) == 1:
        how_often = times[0].get(_TYPE) == "PIVL_TS"
        other = etree.Element(_COMP, {_TYPE: "IVL_TS" if how_often else "PIVL_TS", "nullFlavor": "NI"})
        times.insert(1 if how_often else 0, other)
        if how_often:
            other.set("operator", "A")
    spans = sorted(times, key=lambda comp: comp.get(_TYPE) != "PIVL_TS")
    times[:] = spans


@lru_cache(maxsize=1)
def _kinds() -> dict[str, NodeKind]:
    return {row.node: row for row in load_csv("exovigil.vigilance", "e2b_nodes.csv", NodeKind)}


@lru_cache(maxsize=1)
def _ranks() -> dict[str, dict[str, int]]:
    """Rank of each child by the tag of its parent."""
    return {
        f"{{{HL7}}}{kind.node}": {f"{{{HL7}}}{child}": rank for rank, child in enumerate(kind.children)}
        for kind in _kinds().values()
        if kind.children
    }


@lru_cache(maxsize=1024)
def _fixed(parent: str, tag: str) -> dict[str, str]:
    """Attributes of a node by what it is and what it stands in."""
    around, name = etree.QName(parent).localname, etree.QName(tag).localname
    kind = _kinds().get(f"{around}/{name}") or _kinds().get(name)
    return dict(pair.split("=", 1) for pair in kind.attributes) if kind else {}
