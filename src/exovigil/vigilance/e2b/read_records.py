"""Reading a message into records: every value that the table knows, and a list of what it does not.

Nothing is dropped in silence: ``losses`` compares a message with what was written from its records and names
every attribute and text that is no longer there.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from exovigil.vigilance.e2b.elements import HL7, XSI, asides
from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.e2b.places import Place, read_places
from exovigil.vigilance.e2b.reader import UnreadableXml, parse_untrusted
from exovigil.vigilance.e2b.record import Record

_ROOT = f"{{{HL7}}}MCCI_IN200100UV01"
_FLAVORS = {flavor.value: flavor for flavor in NullFlavor}
# Never data: where a schema is, and what HL7 wants on a node of its kind.
_FRAME = {
    f"{{{XSI}}}schemaLocation",
    "classCode",
    "determinerCode",
    "inversionInd",
    "contextConductionInd",
    "ITSVersion",
}


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """A value that the model cannot hold: where it stands, what it is, how often, and why where that is known."""

    path: str
    value: str
    times: int = 1
    note: str = ""


def read_records(source: Path | bytes) -> Record:
    """Read an E2B(R3) file. Raises RefusedXml or OSError as ``parse_untrusted`` does."""
    root = parse_untrusted(source).getroot()
    if root.tag != _ROOT:
        raise UnreadableXml(
            f"the root is {root.tag!r}; an E2B(R3) batch starts with MCCI_IN200100UV01 of {HL7}"
        )
    return read_node(root)


def read_node(root: etree._Element) -> Record:
    """Read a batch and all that hangs from it."""
    return record_of(read_places(root))


def record_of(place: Place, nodes: dict[int, etree._Element] | None = None) -> Record:
    """Read a place of a level and all inside it; ``nodes`` receives each record's node by the record's id."""
    record = Record(place.level)
    if nodes is not None:
        nodes[id(record)] = place.node
    held, aside = record.held, asides()
    for element, spots in place.spots.items():
        for _, value, flavor in spots:
            if value:
                held[element] = value
            elif flavor in _FLAVORS and element not in aside:
                held[element] = _FLAVORS[flavor]
            else:
                continue
            break  # a second one has no place in the model, and shows among the losses
    for level, places in place.inner.items():
        record.inner[level] = [record_of(inner, nodes) for inner in places]
    return record


def losses(original: etree._Element, written: etree._Element) -> tuple[Loss, ...]:
    """Name what the original says and the written message does not, frame and display names included."""
    missing = _facts(original) - _facts(written)
    return tuple(sorted(Loss(path, value, times) for (path, value), times in missing.items()))


def _facts(root: etree._Element) -> Counter[tuple[str, str]]:
    """Count every attribute and text below a node by its path, in which coded nodes carry their code."""
    facts: Counter[tuple[str, str]] = Counter()
    stack = [(root, etree.QName(root).localname)]
    while stack:
        node, path = stack.pop()
        for name, value in node.attrib.items():
            if str(name) not in _FRAME:
                facts[f"{path}/@{etree.QName(str(name)).localname}", str(value).strip()] += 1
        if node.text and node.text.strip():
            facts[path, node.text.strip()] += 1
        for child in node:
            stack.append((child, f"{path}/{_named(child)}"))
            if child.tail and child.tail.strip():
                facts[path, child.tail.strip()] += 1
    return facts


def _named(node: etree._Element) -> str:
    """Name a node, with its code when it has one: ``observation(29)``."""
    code = node.find(f"{{{HL7}}}code")
    name = etree.QName(node).localname
    return f"{name}({code.get('code')})" if code is not None and code.get("code") else name
