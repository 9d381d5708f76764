"""Checking an E2B(R3) file: everything wrong with it, each finding with its rule, element, place and reason.

Three layers: the ICH schema (when its folder is given), each element against the table, and what only shows
across a message. A file that cannot be opened safely gives one finding that says why.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from exovigil.vigilance.e2b.collector import collector_paused
from exovigil.vigilance.e2b.conformance import conformance, other_dates
from exovigil.vigilance.e2b.crosscheck import crosscheck, declared_draft
from exovigil.vigilance.e2b.elements import HL7
from exovigil.vigilance.e2b.findings import Finding, readable, select
from exovigil.vigilance.e2b.frame import cut_frame, same_frame
from exovigil.vigilance.e2b.places import Owners, Place, read_places
from exovigil.vigilance.e2b.r2 import REMEDY, parse_report
from exovigil.vigilance.e2b.r2 import ROOT as R2_ROOT
from exovigil.vigilance.e2b.read_records import record_of
from exovigil.vigilance.e2b.reader import (
    MAX_BATCH_BYTES,
    HostileXml,
    RefusedXml,
    parse_untrusted,
    stream_untrusted,
)
from exovigil.vigilance.e2b.rules import broken
from exovigil.vigilance.e2b.schema import schema_findings

__all__ = ["Finding", "check", "is_draft"]

_ROOT = f"{{{HL7}}}MCCI_IN200100UV01"
_MESSAGE = f"{{{HL7}}}PORR_IN049016UV"
# What stands behind the messages in a batch.
_AFTER = {f"{{{HL7}}}receiver", f"{{{HL7}}}sender"}
STREAMED_FROM = 8 * 1024 * 1024


@collector_paused()
def check(
    source: Path | bytes, *, schemas: Path | None = None, now: dt.datetime | None = None
) -> tuple[Finding, ...]:
    """Check a file or its bytes; an empty result means that nothing was found.

    ``schemas`` is the folder of the ICH schema set. ``now`` (with a time zone; the clock by default) is what
    future dates are compared with. A large file is read message by message and needs the memory of its largest
    one. Raises OSError when the file cannot be opened and SchemasMissing when the folder does not hold the schemas.
    """
    moment = now or dt.datetime.now(dt.UTC)
    try:
        if isinstance(source, Path) and source.is_file() and source.stat().st_size > STREAMED_FROM:
            return check_stream(source, schemas=schemas, now=moment)
        tree = parse_report(source)
    except RefusedXml as error:
        return (_refused(error),)
    return tuple(dict.fromkeys(_findings(tree, schemas, moment)))


def check_stream(source: Path, *, schemas: Path | None = None, now: dt.datetime) -> tuple[Finding, ...]:
    """Check a file message by message, each in the frame of its batch.

    The frame is cut out of the file; where what was read in the end is not that frame, the file is read once
    more for the frame and once more for all. Raises RefusedXml, OSError and SchemasMissing.
    """
    if source.stat().st_size > MAX_BATCH_BYTES:
        raise HostileXml(
            f"the file is larger than {MAX_BATCH_BYTES // 1024**2} MB; split the batch into smaller files"
        )
    frame = cut_frame(source, _MESSAGE)
    if frame is not None:
        found, root = _in_frame(source, frame, schemas, now)
        if same_frame(frame, root):
            return found
    with source.open("rb") as file:
        *_, frame = stream_untrusted(file, _MESSAGE)
    return _in_frame(source, frame, schemas, now)[0]


def _in_frame(
    source: Path, frame: etree._Element, schemas: Path | None, now: dt.datetime
) -> tuple[tuple[Finding, ...], etree._Element]:
    """Check every message of a file in a frame; give what was found, and the frame that was read."""
    found: list[tuple[Finding, ...]] = []
    place = sum(1 for child in frame if child.tag not in _AFTER)
    root = frame
    with source.open("rb") as file:
        for node in stream_untrusted(file, _MESSAGE):
            root = node
            if node.getparent() is None:
                break  # the root comes last
            frame.insert(place, node)
            found.append(tuple(_findings(frame.getroottree(), schemas, now)))
            node.clear()  # an empty one is quicker to take out
            frame.remove(node)
    if not found:
        found.append(tuple(_findings(frame.getroottree(), schemas, now)))
    if len(found) > 1:
        found = [tuple(_numbered(f, number) for f in those) for number, those in enumerate(found, 1)]
    return tuple(dict.fromkeys(finding for those in found for finding in those)), root


def _numbered(finding: Finding, number: int) -> Finding:
    """Say in the path which message of its batch a finding is in."""
    path = finding.path.replace("/PORR_IN049016UV", f"/PORR_IN049016UV[{number}]", 1)
    return dataclasses.replace(finding, path=path)


def _refused(error: RefusedXml) -> Finding:
    rule = "hostile-xml" if isinstance(error, HostileXml) else "unreadable-xml"
    return Finding(rule, "file", "error", "/", str(error))


def _findings(tree: "etree._ElementTree", schemas: Path | None, moment: dt.datetime) -> list[Finding]:
    """All three layers of one tree."""
    root = tree.getroot()
    if root.tag == R2_ROOT:
        return [Finding("older-format", "file", "error", readable(root), REMEDY)]
    if root.tag != _ROOT:
        message = f"the root is {root.tag!r}; an E2B(R3) batch starts with MCCI_IN200100UV01 of {HL7}"
        return [Finding("structure", "N.1", "error", readable(root), message)]
    # lxml makes a node's object and name anew whenever none is held: held here, they are made once for all layers.
    held = [*root.iter()]
    batch = read_places(root)
    found = batch.by_level()
    owners = Owners(found)
    findings = list(schema_findings(tree, schemas, owners)) if schemas else []
    findings += conformance(found, moment)
    findings += other_dates(root, owners, moment)
    findings += crosscheck(batch)
    findings += _rules(batch)
    held.clear()
    return findings


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
