"""Layer one of the check: the ICH schema, when its folder is given.

The schema set carries its own licence and is not part of this software; ``--schemas`` points at it.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, cast

from lxml import etree

from exovigil.vigilance.e2b.findings import Finding, readable
from exovigil.vigilance.e2b.places import Owners

_FILE = "MCCI_IN200100UV01.xsd"
_SHOWN = 50
_ATTRIBUTE = re.compile(r"attribute '(\w+)'")


class SchemasMissing(ValueError):
    """The folder given does not hold the ICH schema set."""


def schema_findings(tree: "etree._ElementTree", folder: Path, owners: Owners) -> Iterator[Finding]:
    """Validate against the schema; ``owners`` gives the data element behind a node. At most 50 findings."""
    schema = _schema(folder)
    if schema.validate(tree):
        return
    errors = cast("Iterable[Any]", schema.error_log)  # the stubs do not know that it iterates
    for error in islice(errors, _SHOWN):
        nodes = tree.xpath(error.path) if error.path else []
        node = nodes[0] if isinstance(nodes, list) and nodes else tree.getroot()
        if isinstance(node, etree._Element):
            message = error.message.replace("{urn:hl7-org:v3}", "")
            yield Finding("schema", _owner(node, message, owners), "error", readable(node), message)


def _owner(node: etree._Element, message: str, owners: Owners) -> str:
    """Name the data element of a node (of the attribute complained of), else the node's own name."""
    attribute = _ATTRIBUTE.search(message)
    return owners.get(node, attribute[1] if attribute else "") or etree.QName(node).localname


def _locate(folder: Path) -> Path:
    for candidate in (folder, folder / "multicacheschemas", folder / "schemas" / "multicacheschemas"):
        if (candidate / _FILE).is_file():
            return candidate / _FILE
    raise SchemasMissing(f"{folder} holds no {_FILE}; give the folder of the ICH E2B(R3) schema set")


@lru_cache(maxsize=2)
def _schema(folder: Path) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    return etree.XMLSchema(etree.parse(str(_locate(folder)), parser))
