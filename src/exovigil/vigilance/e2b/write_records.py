"""Writing records as a message: the same table that the reader follows, the other way round.

Children are put in the order that the schema insists on, and every node gets the attributes that HL7 wants on
its kind (``content/e2b_nodes.csv``).
"""

from dataclasses import dataclass
from functools import lru_cache

from exovigil.foundation.content import load_csv
from exovigil.vigilance.e2b.elements import XSI_TYPE, by_level, inner_levels
from exovigil.vigilance.e2b.markup import Node, Shape, shape
from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.e2b.record import Record
from exovigil.vigilance.e2b.steps import Step, steps

Made = dict[str, Node]
# In the file a code or number comes before what is said about it.
_FIRST = {"@code", "@value"}
_ASIDE = ("codeSystem", "codeSystemVersion", "unit")


@dataclass(frozen=True, slots=True)
class NodeKind:
    """What HL7 wants of a node (``tag`` or ``parent/tag``): attributes, and its children in order."""

    node: str
    source: str
    attributes: tuple[str, ...] = ()
    children: tuple[str, ...] = ()


def write_record(record: Record, node: Node) -> None:
    """Write a record's values and all that it contains into the node of its level."""
    made: Made = {}
    held = record.held
    for element, fixed, path, part, prefix in _rows(record.level):
        if fixed:
            _reach(node, path, made)
        elif element in held:
            _put(_reach(node, path, made), part, prefix, held[element])
    if record.inner:
        for level in inner_levels(record.level):
            for inner in record.inner.get(level.name, ()):
                write_record(inner, _reach(node, steps(level.path), made))
    for key in _paired(record.level):
        if key in made:
            _pair(made[key])


@lru_cache(maxsize=64)
def _rows(level: str) -> tuple[tuple[str, bool, tuple[Step, ...], str, str], ...]:
    """The elements of a level: name, whether fixed, path, part and prefix."""
    found = []
    for row in by_level()[level]:
        part, _, prefix = row.part.partition("|")
        found.append((row.element, row.data_type == "fixed", steps(row.path), part, prefix))
    return tuple(found)


@lru_cache(maxsize=64)
def _paired(level: str) -> frozenset[str]:
    """The keys of a level's steps to nodes whose parts the schema wants in pairs."""
    paths = (path for _, _, path, _, _ in _rows(level))
    return frozenset(
        step.key for path in paths for step in path if step.attributes.get(XSI_TYPE) == "SXPR_TS"
    )


def _put(place: Node, part: str, prefix: str, value: str | NullFlavor) -> None:
    if part == "text" and not isinstance(value, NullFlavor):
        place.text = value
        return
    attributes = place.own
    if isinstance(value, NullFlavor):
        attributes["nullFlavor"] = value.value
        return
    later = {}
    if part in _FIRST:
        later = {aside: attributes.pop(aside) for aside in _ASIDE if aside in attributes}
    attributes[part[1:]] = prefix + value
    if later:
        attributes.update(later)


def _reach(node: Node, path: tuple[Step, ...], made: Made) -> Node:
    """Walk a path, making what is not there yet; a step that repeats is always made."""
    start = 0
    for place in range(len(path), 0, -1):  # the longest part of it that is there already
        found = made.get(path[place - 1].key)
        if found is not None:
            start, node = place, found
            break
    fresh = False
    for step in path[start:]:
        fresh = fresh or step.fresh
        twin = None if fresh or step.relation or not (node.children or step.number) else _twin(node, step)
        node = twin or _make(node, step)
        if not fresh:
            made[step.key] = node
    return node


def _twin(node: Node, step: Step) -> Node | None:
    """Find a node made for something else that answers the same description."""
    wanted, name = step.number, step.name
    found = None
    for child in node.children:
        if child.name == name and _answers(child, step):
            wanted -= 1
            if wanted <= 0:
                found = child
                break
    while wanted > 1:
        _make(node, step)
        wanted -= 1
    if found is not None:
        for attribute, value in step.attributes.items():
            if attribute not in found.attributes:
                found.own[attribute] = value
    return found


def _answers(node: Node, step: Step) -> bool:
    """Say whether a node may stand for a step: nothing in it speaks against it, and its parts are there."""
    attributes = node.attributes
    return (
        all(attributes.get(name, value) == value for name, value in step.tests)
        and (not step.prefix or attributes.get("value", step.prefix).startswith(step.prefix))
        and all(_has(node, part) for part in step.parts)
    )


def _has(node: Node, part: tuple[Step, ...]) -> bool:
    step, rest = part[0], part[1:]
    for child in node.children:
        if (
            child.name == step.name
            and all(child.attributes.get(name) == value for name, value in step.tests)
            and all(_has(child, inner) for inner in step.parts)
            and (not rest or _has(child, rest))
        ):
            return True
    return False


def _make(node: Node, step: Step) -> Node:
    made = node.add(_shape(node.name, step))
    for part in step.parts:
        inner = made
        for piece in part:
            inner = _make(inner, piece)
    return made


def _pair(times: Node) -> None:
    """Give a dosage's times their two parts: how often, and when; a duration beside two dates is a third."""
    for span in [child for child in times.children if child.name == "comp"]:
        width = span.find("width")
        if width is not None and span.find("high") is not None:
            span.children.remove(width)
            times.add(shape("comp", {XSI_TYPE: "IVL_TS", "operator": "A"})).children.append(width)
    if len(times.children) == 1:
        how_often = times.children[0].attributes.get(XSI_TYPE) == "PIVL_TS"
        other = Node(shape("comp", {XSI_TYPE: "IVL_TS" if how_often else "PIVL_TS", "nullFlavor": "NI"}))
        times.children.insert(1 if how_often else 0, other)
        if how_often:
            other.own["operator"] = "A"
    times.children.sort(key=lambda comp: comp.attributes.get(XSI_TYPE) != "PIVL_TS")


@lru_cache(maxsize=1)
def _kinds() -> dict[str, NodeKind]:
    return {row.node: row for row in load_csv("exovigil.vigilance", "e2b_nodes.csv", NodeKind)}


@lru_cache(maxsize=1)
def _ranks() -> dict[str, dict[str, int]]:
    """Rank of each child by the name of its parent."""
    return {
        kind.node: {child: rank for rank, child in enumerate(kind.children)}
        for kind in _kinds().values()
        if kind.children
    }


@lru_cache(maxsize=4096)
def _shape(parent: str, step: Step) -> Shape:
    """What a node made for a step inside a parent begins with."""
    rank = _ranks().get(parent, {}).get(step.name, -1)
    return shape(step.name, {**_fixed(parent, step.name), **step.attributes}, rank)


def _fixed(parent: str, name: str) -> dict[str, str]:
    """Attributes of a node by what it is and what it stands in."""
    kind = _kinds().get(f"{parent}/{name}") or _kinds().get(name)
    return dict(pair.split("=", 1) for pair in kind.attributes) if kind else {}
