"""Nodes of a message that is being written, and their text: what lxml does, without a proxy for every node."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from exovigil.vigilance.e2b.elements import XSI_TYPE

# Characters that XML cannot carry at all; pasted text may hold them, and each becomes a space.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPELT = {XSI_TYPE: "xsi:type"}
_SPECIAL = re.compile('[&<>"\t\n\r\x00-\x1f\ud800-\udfff\ufffe\uffff]')
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE = _IN_TEXT | str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What every node of a kind begins with: its name and attributes, and how they are written."""

    name: str
    attributes: dict[str, str]
    head: str


def shape(name: str, attributes: dict[str, str]) -> Shape:
    """Make a shape, to be kept and used for many nodes."""
    return Shape(name, attributes, _head(name, attributes))


class Node:
    """An element: its shape, attributes once they differ from those of the shape, text, and the children."""

    __slots__ = ("_own", "children", "name", "shape", "text")

    def __init__(self, shape: Shape) -> None:
        """Start as the shape says, without text or children."""
        self.shape = shape
        self.name = shape.name
        self._own: dict[str, str] | None = None
        self.text: str | None = None
        self.children: list[Node] = []

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes, not to be changed."""
        return self.shape.attributes if self._own is None else self._own

    @property
    def own(self) -> dict[str, str]:
        """The attributes, to be changed."""
        if self._own is None:
            self._own = dict(self.shape.attributes)
        return self._own

    @property
    def head(self) -> str:
        """The beginning of the tag, name and attributes."""
        return self.shape.head if self._own is None else _head(self.name, self._own)

    def add(self, shape: Shape) -> "Node":
        """Append a child."""
        made = Node(shape)
        self.children.append(made)
        return made

    def find(self, name: str) -> "Node | None":
        """Give the first child of a name."""
        return next((child for child in self.children if child.name == name), None)

    def walk(self) -> Iterator["Node"]:
        """Give this node and every node inside it, in any order."""
        stack = [self]
        while stack:
            node = stack.pop()
            stack += node.children
            yield node


def render(node: Node, indent: str = "\n  ") -> str:
    """Write a node, each child on a line of its own; ``indent`` is what stands before the node."""
    pieces: list[str] = []
    _render(node, indent, pieces)
    return "".join(pieces)


def _head(name: str, attributes: dict[str, str]) -> str:
    head = "<" + name
    for attribute, value in attributes.items():
        head += f' {_SPELT.get(attribute, attribute)}="{_escaped(value, _IN_ATTRIBUTE)}"'
    return head


def _render(node: Node, indent: str, pieces: list[str]) -> None:
    head, text, children = node.head, node.text, node.children
    if not children:
        pieces.append(f"{head}/>" if text is None else f"{head}>{_escaped(text, _IN_TEXT)}</{node.name}>")
        return
    inner = indent + "  "
    pieces.append(f"{head}>{_escaped(text, _IN_TEXT)}" if text and text.strip() else f"{head}>{inner}")
    _render(children[0], inner, pieces)
    for child in children[1:]:
        pieces.append(inner)
        _render(child, inner, pieces)
    pieces.append(f"{indent}</{node.name}>")


def _escaped(text: str, signs: dict[int, str]) -> str:
    return _UNPRINTABLE.sub(" ", text).translate(signs) if _SPECIAL.search(text) else text
