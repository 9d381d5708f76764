"""What a check finds, where in the message it is, and how a message's nodes are sorted by level."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from lxml import etree

from exovigil.vigilance.e2b.elements import NAMESPACES, SYSTEMS, Element, levels_of_table
from exovigil.vigilance.e2b.elements import by_id as rows_by_id
from exovigil.vigilance.e2b.steps import Found, follow

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: the rule, the data element it concerns, and the place in the file."""

    rule: str
    element: str
    severity: Severity
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A node that holds an element's value (or lacks it), and the value, which may be empty."""

    node: etree._Element
    value: str
    flavor: str


@lru_cache(maxsize=1024)
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=NAMESPACES)


def select(node: etree._Element, path: str) -> list[etree._Element]:
    """Nodes at an XPath relative to ``node``; ``h:`` is HL7 and ``$name`` a code system of SYSTEMS."""
    nodes = _compiled(path)(node, **SYSTEMS)
    return cast("list[etree._Element]", nodes)


def reach(node: etree._Element, path: str, memo: Found | None = None) -> list[etree._Element]:
    """Nodes at a path of the table, the fast way where there is one."""
    if "(" in path or path == ".":
        return select(node, path)
    return follow(node, path, memo)


def levels(root: etree._Element, start: str = "batch") -> dict[str, list[etree._Element]]:
    """Sort the nodes below ``root``, itself of level ``start``, by level and in document order."""
    found = {start: [root]}
    for level in levels_of_table().values():
        if level.parent and level.name != start:
            found[level.name] = [
                n for holder in found.get(level.parent, ()) for n in reach(holder, level.xpath)
            ]
    return found


class Memo:
    """What was found below each node in one message, so that every layer of a check need not look again."""

    def __init__(self) -> None:
        """Start with nothing found."""
        self._nodes: dict[etree._Element, Found] = {}
        self._spots: dict[tuple[etree._Element, str], tuple[Spot, ...]] = {}

    def spots(self, node: etree._Element, element: Element) -> tuple[Spot, ...]:
        """Every place below ``node`` where the table looks for an element."""
        key = (node, element.element)
        known = self._spots.get(key)
        if known is None:
            nodes = self._nodes.setdefault(node, {})
            known = self._spots[key] = tuple(
                _spot(place, element) for place in reach(node, element.xpath, nodes)
            )
        return known


def spots(node: etree._Element, element: Element) -> Iterator[Spot]:
    """Every place below ``node`` where the table looks for an element."""
    for place in reach(node, element.xpath):
        yield _spot(place, element)


def _spot(place: etree._Element, element: Element) -> Spot:
    part, _, prefix = element.part.partition("|")
    if part == "text":
        value = "".join(str(text) for text in place.itertext())
    else:
        value = place.get(part[1:], "").removeprefix(prefix)
    return Spot(place, value.strip(), place.get("nullFlavor", ""))


def by_id(identifier: str) -> Element:
    """Find the table's row for a data element such as ``E.i.7``; raises KeyError when there is none."""
    return rows_by_id()[identifier]


def value_of(node: etree._Element, identifier: str) -> str:
    """First value of an element below its level's node; empty when absent."""
    return next((spot.value for spot in spots(node, by_id(identifier)) if spot.value), "")


def readable(node: etree._Element) -> str:
    """Write a path such as ``/MCCI_IN200100UV01/PORR_IN049016UV[2]/controlActProcess (line 40)``."""
    steps = []
    walker: etree._Element | None = node
    while walker is not None:
        twins = (
            [] if walker.getparent() is None else list(walker.itersiblings(str(walker.tag), preceding=True))
        )
        following = (
            walker.getparent() is not None and next(walker.itersiblings(str(walker.tag)), None) is not None
        )
        number = f"[{len(twins) + 1}]" if twins or following else ""
        steps.append(etree.QName(walker).localname + number)
        walker = walker.getparent()
    return "/" + "/".join(reversed(steps)) + f" (line {node.sourceline})"
