"""What a check finds, and where in the message it is."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from lxml import etree

from exovigil.vigilance.e2b.elements import NAMESPACES, SYSTEMS

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: the rule, the data element it concerns, and the place in the file."""

    rule: str
    element: str
    severity: Severity
    path: str
    message: str


@lru_cache(maxsize=1024)
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=NAMESPACES)


def select(node: etree._Element, path: str) -> list[etree._Element]:
    """Nodes at an XPath relative to ``node``; ``h:`` is HL7 and ``$name`` a code system of SYSTEMS."""
    nodes = _compiled(path)(node, **SYSTEMS)
    return cast("list[etree._Element]", nodes)


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
