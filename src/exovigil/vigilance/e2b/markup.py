"""Nodes of a message that is being written, and their text: what lxml does, without a proxy for every node."""

import re
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
    """What every node of a kind begins with: name, attributes, how they are written, and its place among siblings."""

    name: str
    attributes: dict[str, str]
    head: str
    rank: int


def shape(name: str, attributes: dict[str, str], rank: int = -1) -> Shape:
    """Make a shape, to be kept and used for many nodes."""
    return Shape(name, attributes, _head(name, attributes), rank)


class Node:
    """An element: its shape, attributes once they differ from those of the shape, text, and the children."""

    __slots__ = ("_own", "_shuffled", "children", "name", "shape", "text")

    def __init__(self, shape: Shape) -> None:
        """Start as the shape says, without text or children."""
        self.shape = shape
        self.name = shape.name
        self._own: dict[str, str] | None = None
        self._shuffled = False
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
        made, children = Node(shape), self.children
        if children and children[-1].shape.rank > shape.rank:
            self._shuffled = True
        children.append(made)
        return made

    def ordered(self) -> list["Node"]:
        """Put the children in the order of their ranks and give them."""
        if self._shuffled:
            self.children.sort(key=lambda child: child.shape.rank)
            self._shuffled = False
        return self.children

    def find(self, name: str) -> "Node | None":
        """Give the first child of a name."""
        return next((child for child in self.children if child.name == name), None)


def render(node: Node, indent: str = "\n  ") -> str:
    """Write a node, each child on a line of its own; ``indent`` is what stands before the node."""
    if not node.children:
        return _leaf(node)
    pieces: list[str] = []
    _render(node, indent, pieces)
    return "".join(pieces)


def _head(name: str, attributes: dict[str, str]) -> str:
    head = "<" + name
    clean = not _SPECIAL.search("".join(attributes.values()))
    for attribute, value in attributes.items():
        head += f' {_SPELT.get(attribute, attribute)}="{value if clean else _escaped(value, _IN_ATTRIBUTE)}"'
    return head


def _render(node: Node, indent: str, pieces: list[str]) -> None:
    text, lead = node.text, indent + "  "
    words = _escaped(text, _IN_TEXT) if text and text.strip() else ""
    pieces.append(f"{node.head}>{words}")
    before = "" if words else lead
    for child in node.ordered():
        if child.children:
            pieces.append(before)
            _render(child, lead, pieces)
        else:
            pieces.append(before + _leaf(child))
        before = lead
    pieces.append(f"{indent}</{node.name}>")


def _leaf(node: Node) -> str:
    """Write a node without children."""
    if node.text is None:
        return node.head + "/>"
    return f"{node.head}>{_escaped(node.text, _IN_TEXT)}</{node.name}>"


def _escaped(text: str, signs: dict[int, str]) -> str:
    return _UNPRINTABLE.sub(" ", text).translate(signs) if _SPECIAL.search(text) else text
