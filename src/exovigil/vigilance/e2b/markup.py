"""Nodes of a message that is being written, and their text: what lxml does, without a proxy for every node."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from exovigil.vigilance.e2b.elements import XSI_TYPE

# Characters that XML cannot carry at all; pasted text may hold them, and each becomes a space.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPELT = {XSI_TYPE: "xsi:type"}
_SPECIAL = re.compile('[&<>"\t\n\r\x00-\x1f\ud800-\udfff\ufffe\uffff]')
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE = _IN_TEXT | str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})


@dataclass(slots=True, eq=False)
class Node:
    """An element: its name, attributes in order, text before its children, and the children."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str | None = None
    children: list["Node"] = field(default_factory=list)

    def add(self, name: str, attributes: dict[str, str]) -> "Node":
        """Append a child; the attributes become its own."""
        made = Node(name, attributes, None, [])
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


def _render(node: Node, indent: str, pieces: list[str]) -> None:
    head, text, children = "<" + node.name, node.text, node.children
    for name, value in node.attributes.items():
        if _SPECIAL.search(value):
            value = _escaped(value, _IN_ATTRIBUTE)
        head += f' {_SPELT.get(name, name)}="{value}"'
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
