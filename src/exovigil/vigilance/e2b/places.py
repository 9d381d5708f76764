"""One walk over a message that finds every place of the table at once.

The paths of a level's elements are laid over each other as branches, so that a step which many share is taken once
and an act with a code is led to its elements by looking that code up. What XPath would give path by path comes
out in a single pass, and every layer of the check and the reader work on what it found.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

from lxml import etree

from exovigil.vigilance.e2b.elements import by_level, elements, inner_levels
from exovigil.vigilance.e2b.steps import Step, matches, steps

Condition = Callable[[etree._Element], bool]
Nodes = list[etree._Element]


class Spot(NamedTuple):
    """A node that holds an element's value (or lacks it), and the value, which may be empty."""

    node: etree._Element
    value: str
    flavor: str


_spot = partial(tuple.__new__, Spot)  # there are hundreds to a message, and naming the parts takes its time


@dataclass(slots=True)
class Place:
    """A node of a level: where each element stands below it, and the places of the levels inside it."""

    level: str
    node: etree._Element
    spots: dict[str, list[Spot]] = field(default_factory=dict)
    inner: dict[str, list["Place"]] = field(default_factory=dict)

    def value(self, element: str) -> str:
        """First value of an element; empty when absent."""
        for spot in self.spots.get(element, ()):
            if spot.value:
                return spot.value
        return ""

    def by_level(self) -> dict[str, list["Place"]]:
        """Sort this place and those inside it by level; a level that is not there has an empty list."""
        found: dict[str, list[Place]] = {name: [] for name in by_level()}
        found[self.level].append(self)
        for places in found.values():  # a level stands after the one around it
            for place in places:
                for level, inner in place.inner.items():
                    found[level] += inner
        return found


class Owners:
    """The data element whose value sits in a node, told by the attribute when several share it."""

    def __init__(self, found: dict[str, list[Place]]) -> None:
        """Take the places by level; the nodes are sorted only when someone asks."""
        self._found = found

    @cached_property
    def _names(self) -> dict[etree._Element, dict[str, str]]:
        names: dict[etree._Element, dict[str, str]] = {}
        for element in elements():
            part = element.part.partition("|")[0].removeprefix("@")
            for place in self._found[element.level]:
                for spot in place.spots.get(element.element, ()):
                    names.setdefault(spot.node, {}).setdefault(part, element.element)
        return names

    def __contains__(self, node: object) -> bool:
        """Say whether a node holds a value of the table."""
        return node in self._names

    def get(self, node: etree._Element, attribute: str = "") -> str:
        """Name the data element in an attribute of a node, else its first one; empty when it holds none."""
        names = self._names.get(node, {})
        return names.get(attribute) or next(iter(names.values()), "")


@dataclass(slots=True, eq=False)
class Branch:
    """A step of one or more paths: what still has to be true of a node, and what is found at it or below it."""

    said: str
    number: int
    conditions: tuple[Condition, ...] = ()
    rows: list[tuple[str, str, str]] = field(default_factory=list)
    opens: list[str] = field(default_factory=list)
    below: dict[str, "Fork"] = field(default_factory=dict)

    def is_open_to(self, node: etree._Element, number: int) -> bool:
        """Say whether a node, the ``number``-th of its name, answers what looking up cannot tell."""
        if self.number and self.number != number:
            return False
        return all(condition(node) for condition in self.conditions)


@dataclass(slots=True)
class Look:
    """Attributes of the nodes at a path below a node (or of itself), and the branches that their values open."""

    tags: tuple[str, ...]
    names: tuple[str, ...]
    answers: dict[tuple[str | None, ...], list[Branch]] = field(default_factory=dict)

    def branches(self, node: etree._Element) -> list[Branch]:
        """Give the branches that a node opens."""
        found: list[Branch] = []
        for holder in below(node, self.tags):
            for branch in self.answers.get(tuple([holder.get(name) for name in self.names]), ()):
                if branch not in found:
                    found.append(branch)
        return found


@dataclass(slots=True)
class Fork:
    """The branches that begin with one tag: those open to any node, and those that must be looked up."""

    plain: list[Branch] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    asks: bool = False

    def every(self) -> list[Branch]:
        """Give all branches."""
        return self.plain + [
            branch for look in self.looks for found in look.answers.values() for branch in found
        ]

    def grow(self, step: Step) -> Branch:
        """Add the branch of a step."""
        tags, tests, told = _first_test(step)
        branch = Branch(step.said, step.number, _conditions(step, told=told))
        self.asks = self.asks or bool(step.number or branch.conditions)
        if not tests:
            self.plain.append(branch)
            return branch
        names = tuple(name for name, _ in tests)
        look = next((known for known in self.looks if (known.tags, known.names) == (tags, names)), None)
        if look is None:
            look = Look(tags, names)
            self.looks.append(look)
        look.answers.setdefault(tuple(value for _, value in tests), []).append(branch)
        return branch


def read_places(root: etree._Element, level: str = "batch") -> Place:
    """Find every place of the table below a node of a level."""
    place = Place(level, root)
    _follow(root, _branches(level), place)
    return place


def _follow(parent: etree._Element, forks: dict[str, Fork], place: Place) -> None:
    """Lead the children of a node to their branches, and each of their children on from there."""
    seen: dict[str, int] = {}
    for node in parent:
        tag = node.tag
        fork = forks.get(tag)
        if fork is None:
            continue
        branches = fork.plain
        for look in fork.looks:
            branches = branches + look.branches(node)
        if fork.asks:
            number = seen[tag] = seen.get(tag, 0) + 1
            branches = [branch for branch in branches if branch.is_open_to(node, number)]
        for branch in branches:
            if branch.rows:
                _take(node, branch.rows, place.spots)
            for level in branch.opens:
                opened = Place(level, node)
                place.inner.setdefault(level, []).append(opened)
                _follow(node, _branches(level), opened)
            if branch.below:
                _follow(node, branch.below, place)


def _take(node: etree._Element, rows: list[tuple[str, str, str]], spots: dict[str, list[Spot]]) -> None:
    """Read the values of a node's elements."""
    flavor = node.get("nullFlavor", "")
    for element, attribute, prefix in rows:
        value = node.get(attribute, "") if attribute else _text(node)
        spot = _spot((node, (value.removeprefix(prefix) if prefix else value).strip(), flavor))
        if element in spots:
            spots[element].append(spot)
        else:
            spots[element] = [spot]


def below(node: etree._Element, tags: tuple[str, ...]) -> Nodes:
    """Give every node at the end of a path of names."""
    found = [node]
    for tag in tags:
        found = [child for holder in found for child in holder if child.tag == tag]
    return found


def _text(node: etree._Element) -> str:
    return "".join(str(text) for text in node.itertext()) if len(node) else node.text or ""


@lru_cache(maxsize=64)
def _branches(level: str) -> dict[str, Fork]:
    """Lay the paths of a level's elements and of the levels inside it over each other."""
    forks: dict[str, Fork] = {}
    for row in by_level()[level]:
        if row.data_type != "fixed":
            part, _, prefix = row.part.partition("|")
            _end(forks, row.path).rows.append((row.element, "" if part == "text" else part[1:], prefix))
    for inner in inner_levels(level):
        _end(forks, inner.path).opens.append(inner.name)
    return forks


def _end(forks: dict[str, Fork], path: str) -> Branch:
    """Give the branch at the end of a path, growing what is not there yet."""
    branch: Branch | None = None
    for step in steps(path):
        fork = forks.setdefault(step.tag, Fork())
        branch = next((known for known in fork.every() if known.said == step.said), None)
        if branch is None:
            branch = fork.grow(step)
        forks = branch.below
    if branch is None:
        raise ValueError(f"a path of the table has no step: {path!r}")
    return branch


def _first_test(step: Step) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], bool]:
    """Where to look to tell a step from others, for which attributes, and whether that tells everything."""
    if step.tests:
        return (), step.tests, not step.parts
    if not step.parts:
        return (), (), True
    first = step.parts[0]
    told = len(step.parts) == 1 and bool(first[-1].tests) and not any(p.tests or p.parts for p in first[:-1])
    return tuple(piece.tag for piece in first), first[-1].tests, told and not first[-1].parts


def _conditions(step: Step, *, told: bool) -> tuple[Condition, ...]:
    """What looking up cannot tell: parts beyond the first, and how a value begins."""
    found: list[Condition] = [_condition(text) for text in step.rest]
    if not told:
        found.append(lambda node: matches(node, step))
    return tuple(found)


_BEGINS = re.compile(r"starts-with\(@(\w+),'([^']*)'\)( or not\(@\1\))?")
_IS_NOT = re.compile(r"not\(@(\w+)='([^']*)'\)")
_BEGINS_NOT = re.compile(r"not\(starts-with\(@(\w+),'([^']*)'\)\)")


def _condition(text: str) -> Condition:
    """Make a test of a predicate on how an attribute begins or what it is not."""
    if match := _BEGINS.fullmatch(text):
        name, prefix, absent = match[1], match[2], match[2] if match[3] else ""
        return lambda node: node.get(name, absent).startswith(prefix)
    if match := _IS_NOT.fullmatch(text):
        name, value = match[1], match[2]
        return lambda node: node.get(name) != value
    if match := _BEGINS_NOT.fullmatch(text):
        name, prefix = match[1], match[2]
        return lambda node: not node.get(name, "").startswith(prefix)
    raise ValueError(f"a predicate of the table cannot be read: {text!r}")
