"""Reading a report and writing it again: what the model holds is kept, and what it cannot hold is listed.

An E2B(R2) report is upgraded on the way; each value that was changed is told as well as each that was lost.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from exovigil.vigilance.e2b.r2 import ROOT as R2_ROOT
from exovigil.vigilance.e2b.r2 import Outcome, parse_report
from exovigil.vigilance.e2b.read_r2 import read_r2
from exovigil.vigilance.e2b.read_records import Loss, losses, read_node
from exovigil.vigilance.e2b.reader import parse_untrusted
from exovigil.vigilance.e2b.record import Record
from exovigil.vigilance.e2b.writer import write_record_file

NOT_A_BATCH = "this is neither an E2B(R3) batch (MCCI_IN200100UV01) nor an E2B(R2) message (ichicsr)"
NO_REPORT = "this E2B(R2) message holds no report (safetyreport)"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The file written again, its records, what was lost on the way, and what an upgrade changed."""

    content: bytes
    batch: Record
    losses: tuple[Loss, ...]
    upgraded: bool = False
    changes: tuple[Outcome, ...] = ()


def rewrite(source: Path | bytes) -> Rewritten:
    """Read an E2B(R3) or R2 file and write it as E2B(R3).

    Raises RefusedXml or OSError as ``parse_untrusted`` does, ValueError for XML that is no report.
    """
    root = parse_report(source).getroot()
    if root.tag == R2_ROOT:
        return _upgrade(root)
    if etree.QName(root).localname != "MCCI_IN200100UV01":
        raise ValueError(NOT_A_BATCH)
    batch = read_node(root)
    content = write_record_file(batch)
    return Rewritten(content, batch, losses(root, parse_untrusted(content, max_bytes=len(content)).getroot()))


def _upgrade(root: etree._Element) -> Rewritten:
    result = read_r2(root)
    if not result.batch.inner.get("message"):
        raise ValueError(NO_REPORT)
    lost = Counter((said.path, said.value, said.note) for said in result.outcomes if said.fate == "lost")
    missing = tuple(Loss(path, value, times, note) for (path, value, note), times in lost.items())
    changes = tuple(said for said in result.outcomes if said.fate == "changed")
    return Rewritten(write_record_file(result.batch), result.batch, missing, upgraded=True, changes=changes)
