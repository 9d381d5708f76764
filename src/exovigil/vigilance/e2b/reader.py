"""Opening XML from outside: nothing in the file may reach the network, the disk or memory without end.

Refused before or while parsing: files over the size limit (before they are read), any document type
declaration (so no entities: neither external ones nor a "billion laughs"), and nesting beyond the limit.
``xsi:schemaLocation`` is a plain attribute here and is never followed.
"""

import os
from pathlib import Path
from xml.parsers import expat

from lxml import etree

MAX_BYTES = 50 * 1024 * 1024
MAX_DEPTH = 200


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
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error).lower():
            raise HostileXml(_too_deep(max_depth)) from error
        raise UnreadableXml(f"not well-formed XML: {error}") from error
    if root.xpath("boolean(" + "/*" * (max_depth + 1) + ")"):
        raise HostileXml(_too_deep(max_depth))
    return root.getroottree()


def read_bounded(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Read at most one byte more than allowed, so that a growing file cannot slip past its size."""
    if path.is_dir():
        raise UnreadableXml(f"{path} is a folder; give the XML file itself")
    if os.stat(path).st_size > max_bytes:
        raise HostileXml(_too_big(max_bytes))
    with path.open("rb") as file:
        return file.read(max_bytes + 1)


def _refuse_doctype(data: bytes) -> None:
    """Walk the prolog only and stop at a document type declaration."""

    def doctype(*_: object) -> None:
        raise HostileXml("the file declares a document type (DTD); remove it, a safety report needs none")

    def element(*_: object) -> None:
        raise _PrologDone

    prolog = expat.ParserCreate()
    prolog.StartDoctypeDeclHandler = doctype
    prolog.StartElementHandler = element
    try:
        prolog.Parse(data, True)
    except _PrologDone:
        return
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, HostileXml):
            raise
        raise UnreadableXml(f"not well-formed XML: {error}") from error
    raise UnreadableXml("not well-formed XML: no element found")


def _too_big(max_bytes: int) -> str:
    return f"the file is larger than {max_bytes / 1024 / 1024:g} MB; split the batch into smaller files"


def _too_deep(max_depth: int) -> str:
    return f"elements are nested more than {max_depth} deep; a safety report is never"
