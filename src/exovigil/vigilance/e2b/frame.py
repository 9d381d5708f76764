"""The frame of a batch: what stands around its messages, cut out of a large file without reading them.

A cut goes by the spelling of the file alone and can be wrong, so it is compared with what was read in the end.
"""

from pathlib import Path
from typing import BinaryIO

from lxml import etree

from exovigil.vigilance.e2b.reader import RefusedXml, parse_untrusted

_EDGE = 64 * 1024
_CHUNK = 1024 * 1024


def cut_frame(source: Path, tag: str) -> etree._Element | None:
    """Cut the children with a tag out of a file and parse what is left, each node with its line in the file.

    None where they are not at most 64 kB from both ends, spelt without a prefix in UTF-8. Raises OSError.
    """
    name = etree.QName(tag).localname.encode()
    size = source.stat().st_size
    with source.open("rb") as file:
        head = file.read(_EDGE)
        file.seek(max(size - _EDGE, 0))
        tail = file.read(_EDGE)
        first, closing = head.find(b"<" + name), b"</" + name + b">"
        last = tail.rfind(closing)
        if first < 0 or last < 0:
            return None
        end = size - len(tail) + last + len(closing)
        lines = _lines(file, first, end)
    try:
        root = parse_untrusted(head[:first] + b"\n" * lines + tail[last + len(closing) :]).getroot()
    except RefusedXml:
        return None
    # The gap may be millions of lines long; every other space stays, for libxml2 tells high lines by them.
    root.text = _closed(root.text, lines)
    for child in root:
        child.tail = _closed(child.tail, lines)
    return root


def same_frame(first: etree._Element, second: etree._Element) -> bool:
    """Say whether two frames have the same nodes with the same words at the same lines."""
    return [*map(_said, first.iter())] == [*map(_said, second.iter())]


def _said(node: etree._Element) -> tuple[object, ...]:
    depth = sum(1 for _ in node.iterancestors())
    return depth, node.tag, node.sourceline, node.items(), _words(node.text), _words(node.tail)


def _closed(text: str | None, lines: int) -> str | None:
    return _words(text) if text and len(text) >= lines else text


def _words(text: str | None) -> str | None:
    return text if text and text.strip() else None


def _lines(file: BinaryIO, start: int, end: int) -> int:
    """Count the line ends between two places of a file."""
    file.seek(start)
    found = 0
    for place in range(start, end, _CHUNK):
        found += file.read(min(_CHUNK, end - place)).count(b"\n")
    return found
