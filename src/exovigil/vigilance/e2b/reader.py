"""Opening XML from outside: nothing in the file may reach the network, the disk or memory without end.

Refused before or while parsing: files over the size limit (before they are read), any document type
declaration (so no entities: neither external ones nor a "billion laughs"), and nesting beyond the limit.
``xsi:schemaLocation`` is a plain attribute here and is never followed.
"""

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, cast
from xml.parsers import expat

from lxml import etree

MAX_BYTES = 50 * 1024 * 1024
MAX_DEPTH = 200
# A batch that is read message by message may be larger: no more than one message is held at a time.
MAX_BATCH_BYTES = 400 * 1024 * 1024
_CHUNK = 256 * 1024
_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "dtd_validation": False,
    "no_network": True,
    "huge_tree": False,
    "collect_ids": False,
    "remove_comments": True,
    "remove_pis": True,
}


class RefusedXml(ValueError):
    """A file that is not opened; the message says why and what to do."""


class HostileXml(RefusedXml):
    """The file asks for something no safety report needs: entities, endless nesting, enormous size."""


class UnreadableXml(RefusedXml):
    """The file is not well-formed XML, or cannot be read at all."""


class _PrologDone(Exception):
    """Raised at the first element: what follows cannot declare a document type."""


def parse_untrusted(
    source: Path | bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> "etree._ElementTree":
    """Parse a file or its bytes, with comments and processing instructions left out.

    ``max_bytes`` is the largest file opened and ``max_depth`` the deepest nesting of elements allowed.
    Raises HostileXml, UnreadableXml, or OSError when the file cannot be opened.
    """
    data = source if isinstance(source, bytes) else read_bounded(source, max_bytes)
    if len(data) > max_bytes:
        raise HostileXml(_too_big(max_bytes))
    _refuse_doctype(data)
    try:
        root = etree.fromstring(data, etree.XMLParser(**_SAFE))
    except etree.XMLSyntaxError as error:
        raise _refusal(error, max_depth) from error
    _refuse_depth(root, max_depth)
    return root.getroottree()


def stream_untrusted(file: BinaryIO, tag: str, *, max_bytes: int = MAX_BYTES) -> Iterator[etree._Element]:
    """Give each child of the root with a tag as it is read, and last the root without them.

    A child that is not moved elsewhere is freed as soon as the next one is asked for. ``max_bytes`` is the most
    that one child may take. Raises HostileXml or UnreadableXml, at any point of the file.
    """
    parser = etree.XMLPullParser(events=("end",), tag=tag, **_SAFE)
    pending, first = 0, True
    # The parser is still at work around a child until the next one has ended, so each is held back that long.
    last: etree._Element | None = None
    while chunk := file.read(_CHUNK):
        if first:
            _refuse_doctype(chunk, whole=False)
            first = False
        pending += len(chunk)
        if pending > max_bytes:
            raise HostileXml(_too_big(max_bytes))
        for node in _ended(parser, chunk):
            pending = 0
            _refuse_depth(node, MAX_DEPTH - 1)
            if last is not None:
                yield last
                _drop(last)
            last = node
    try:
        root = parser.close()
    except etree.XMLSyntaxError as error:
        raise _refusal(error, MAX_DEPTH) from error
    if last is not None:
        yield last
        _drop(last)
    _refuse_depth(root, MAX_DEPTH)
    yield root


def _drop(node: etree._Element) -> None:
    """Free a child of the root unless it was moved elsewhere."""
    parent = node.getparent()
    if parent is not None:
        node.clear()
        parent.remove(node)


def _ended(parser: etree.XMLPullParser, chunk: bytes) -> list[etree._Element]:
    """Feed a chunk and give the children of the root that it completed."""
    try:
        parser.feed(chunk)
        nodes = [cast("etree._Element", node) for _, node in parser.read_events()]
    except etree.XMLSyntaxError as error:
        raise _refusal(error, MAX_DEPTH) from error
    parents = [(node, node.getparent()) for node in nodes]
    return [node for node, parent in parents if parent is not None and parent.getparent() is None]


def _refusal(error: etree.XMLSyntaxError, max_depth: int) -> RefusedXml:
    if "depth" in str(error).lower():
        return HostileXml(_too_deep(max_depth))
    return UnreadableXml(f"not well-formed XML: {error}")


def _refuse_depth(node: etree._Element, max_depth: int) -> None:
    """Refuse what nests deeper below (and with) a node."""
    if _deeper(max_depth)(node):
        raise HostileXml(_too_deep(max_depth))


@lru_cache(maxsize=8)
def _deeper(depth: int) -> etree.XPath:
    """Ask whether anything stands so many elements below a node."""
    return etree.XPath("boolean(." + "/*" * depth + ")")


def read_bounded(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Read at most one byte more than allowed, so that a growing file cannot slip past its size."""
    if path.is_dir():
        raise UnreadableXml(f"{path} is a folder; give the XML file itself")
    if os.stat(path).st_size > max_bytes:
        raise HostileXml(_too_big(max_bytes))
    with path.open("rb") as file:
        return file.read(max_bytes + 1)


def _refuse_doctype(data: bytes, *, whole: bool = True) -> None:
    """Walk the prolog only and stop at a document type declaration; ``whole`` says that nothing follows."""

    def doctype(*_: object) -> None:
        raise HostileXml("the file declares a document type (DTD); remove it, a safety report needs none")

    def element(*_: object) -> None:
        raise _PrologDone

    prolog = expat.ParserCreate()
    prolog.StartDoctypeDeclHandler = doctype
    prolog.StartElementHandler = element
    try:
        prolog.Parse(data, whole)
    except _PrologDone:
        return
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, HostileXml):
            raise
        raise UnreadableXml(f"not well-formed XML: {error}") from error
    raise UnreadableXml("not well-formed XML: no element found at its beginning")


def _too_big(max_bytes: int) -> str:
    return f"the file is larger than {max_bytes / 1024 / 1024:g} MB; split the batch into smaller files"


def _too_deep(max_depth: int) -> str:
    return f"elements are nested more than {max_depth} deep; a safety report is never"
