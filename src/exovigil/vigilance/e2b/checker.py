"""Checking an E2B(R3) file: everything wrong with it, each finding with its rule, element, place and reason.

Three layers: the ICH schema (when its folder is given), each element against the table, and what only shows
across a message. A file that cannot be opened safely gives one finding that says why.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from exovigil.vigilance.e2b.conformance import conformance, other_dates
from exovigil.vigilance.e2b.crosscheck import crosscheck, declared_draft
from exovigil.vigilance.e2b.elements import HL7
from exovigil.vigilance.e2b.findings import Finding, readable, select
from exovigil.vigilance.e2b.places import Owners, Place, read_places
from exovigil.vigilance.e2b.r2 import REMEDY, parse_report
from exovigil.vigilance.e2b.r2 import ROOT as R2_ROOT
from exovigil.vigilance.e2b.read_records import record_of
from exovigil.vigilance.e2b.reader import HostileXml, RefusedXml, parse_untrusted
from exovigil.vigilance.e2b.rules import broken
from exovigil.vigilance.e2b.schema import schema_findings

__all__ = ["Finding", "check", "is_draft"]

_ROOT = f"{{{HL7}}}MCCI_IN200100UV01"


def check(
    source: Path | bytes, *, schemas: Path | None = None, now: dt.datetime | None = None
) -> tuple[Finding, ...]:
    """Check a file or its bytes; an empty result means that nothing was found.

    ``schemas`` is the folder of the ICH schema set. ``now`` (with a time zone; the clock by default) is what
    future dates are compared with. Raises OSError when the file cannot be opened and SchemasMissing when the
    folder does not hold the schemas.
    """
    try:
        tree = parse_report(source)
    except RefusedXml as error:
        rule = "hostile-xml" if isinstance(error, HostileXml) else "unreadable-xml"
        return (Finding(rule, "file", "error", "/", str(error)),)
    root = tree.getroot()
    if root.tag == R2_ROOT:
        return (Finding("older-format", "file", "error", readable(root), REMEDY),)
    if root.tag != _ROOT:
        message = f"the root is {root.tag!r}; an E2B(R3) batch starts with MCCI_IN200100UV01 of {HL7}"
        return (Finding("structure", "N.1", "error", readable(root), message),)
    batch = read_places(root)
    found = batch.by_level()
    owners, moment = Owners(found), now or dt.datetime.now(dt.UTC)
    findings = list(schema_findings(tree, schemas, owners)) if schemas else []
    findings += conformance(found, moment)
    findings += other_dates(root, owners, moment)
    findings += crosscheck(batch)
    findings += _rules(batch)
    return tuple(dict.fromkeys(findings))


def _rules(batch: Place) -> Iterator[Finding]:
    """Conditions of ICH and, in messages addressed to it, the rules of FDA."""
    nodes: dict[int, etree._Element] = {}
    for found in broken(record_of(batch, nodes)):
        rule = found.rule
        yield Finding(rule.rule, rule.element, rule.severity, readable(nodes[id(found.record)]), rule.message)


def is_draft(source: Path | bytes) -> bool:
    """Say whether any message of a file declares itself not for production. Raises RefusedXml or OSError."""
    root = parse_untrusted(source).getroot()
    return any(declared_draft(message) for message in select(root, "h:PORR_IN049016UV"))
