"""Paths of the table taken apart for writing: which elements to make, with which attributes and parts."""

import re
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from exovigil.vigilance.e2b.elements import HL7, SYSTEMS, XSI_TYPE, xpath

# Between two acts stands a relationship; each act has one of its own.
_RELATIONS = {
    "component",
    "component1",
    "inboundRelationship",
    "outboundRelationship",
    "outboundRelationship1",
    "outboundRelationship2",
    "reference",
    "referenceRange",
    "subjectOf",
    "subjectOf1",
    "subjectOf2",
    "authorization",
}
_TEST = re.compile(r"@([\w:]+)=(?:'([^']*)'|\$(\w+))$")


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One element of a path.

    ``key`` names it among the nodes made so far. ``tests`` are attributes that tell it
    from its twins; ``parts`` are paths of elements inside it. ``number``
    is its place among its twins and ``prefix`` how its value must begin; ``rest`` are the predicates on how an
    attribute begins or what it is not. ``fresh`` says that every record has its own, ``relation`` that it is a
    relationship. ``said`` is the step without what only the writer needs; ``attributes`` are tests and hints
    together.
    """

    tag: str
    name: str
    key: str
    said: str
    tests: tuple[tuple[str, str], ...]
    parts: tuple[tuple["Step", ...], ...]
    number: int
    prefix: str
    fresh: bool
    relation: bool
    rest: tuple[str, ...]
    attributes: dict[str, str]


def matches(node: etree._Element, step: Step) -> bool:
    """Say whether an element answers a step's description."""
    for name, value in step.tests:
        if node.get(name) != value:
            return False
    return all(has(node, part) for part in step.parts)


def has(node: etree._Element, part: tuple[Step, ...]) -> bool:
    """Say whether an element has another one at a path inside it."""
    step, rest = part[0], part[1:]
    for child in node.iterchildren(step.tag):
        if matches(child, step) and (not rest or has(child, rest)):
            return True
    return False


@lru_cache(maxsize=2048)
def steps(path: str) -> tuple[Step, ...]:
    """Take a path apart."""
    raw = _split(path)
    made, key = [], ""
    for place, text in enumerate(raw):
        tag = re.match(r"\+?h:(\w+)", text)
        if tag is None:
            raise ValueError(f"a step of the table cannot be read: {text!r} in {path!r}")
        relation = tag[1] in _RELATIONS
        key = f"{key}/{text}"
        follower = raw[place + 1] if relation and place + 1 < len(raw) else ""
        made.append(_step(tag[1], f"{key}>{follower}", text, relation))
    return tuple(made)


def _step(tag: str, key: str, text: str, relation: bool) -> Step:
    tests, parts, rest, number, prefix = [], [], [], 0, ""
    for predicate in _predicates(text):
        test = _TEST.match(predicate)
        if test:
            tests.append((_attribute(test[1]), SYSTEMS[test[3]] if test[3] else test[2]))
        elif predicate.isdigit():
            number = int(predicate)
        elif predicate.startswith(("starts-with(", "not(")):
            rest.append(predicate)
            prefix = predicate.split("'")[1] if predicate.startswith("starts") else prefix
        else:
            parts.append(steps(predicate))
    hints = re.search(r"\{([^}]*)\}", text)
    pairs = [hint.split("=", 1) for hint in hints[1].split(";")] if hints else []
    hinted = tuple((_attribute(name), _meaning(value)) for name, value in pairs)
    return Step(
        tag=f"{{{HL7}}}{tag}",
        name=tag,
        key=key,
        said=xpath(text),
        tests=tuple(tests),
        parts=tuple(parts),
        number=number,
        prefix=prefix,
        fresh=text.startswith("+"),
        relation=relation,
        rest=tuple(rest),
        attributes=dict((*tests, *hinted)),
    )


def _attribute(name: str) -> str:
    return XSI_TYPE if name in {"type", "xsi:type"} else name


def _meaning(value: str) -> str:
    return SYSTEMS[value[1:]] if value.startswith("$") else value


def _split(path: str) -> list[str]:
    """Split at slashes outside brackets."""
    parts, depth, current = [], 0, ""
    for sign in path:
        depth += (sign in "[{") - (sign in "]}")
        if sign == "/" and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += sign
    return [part for part in (*parts, current) if part]


def _predicates(text: str) -> list[str]:
    """Give what stands in the outer brackets of a step."""
    found, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        if sign == "[":
            depth += 1
            start = place + 1 if depth == 1 else start
        elif sign == "]":
            depth -= 1
            if depth == 0:
                found.append(text[start:place])
    return found
