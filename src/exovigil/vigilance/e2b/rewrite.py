"""Reading a report and writing it again: what the model holds is kept, and what it cannot hold is listed."""

from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from exovigil.vigilance.e2b.read_records import Loss, losses, read_node
from exovigil.vigilance.e2b.reader import parse_untrusted
from exovigil.vigilance.e2b.record import Record
from exovigil.vigilance.e2b.writer import write_record_file

NOT_A_BATCH = "this is not an E2B(R3) batch (MCCI_IN200100UV01)"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The file written again, its records, and what was lost on the way."""

    content: bytes
    batch: Record
    losses: tuple[Loss, ...]


def rewrite(source: Path | bytes) -> Rewritten:
    """Read an E2B(R3) file and write it as E2B(R3).

    Raises RefusedXml or OSError as ``parse_untrusted`` does, ValueError for XML that is no report.
    """
    root = parse_untrusted(source).getroot()
    if etree.QName(root).localname != "MCCI_IN200100UV01":
        raise ValueError(NOT_A_BATCH)
    batch = read_node(root)
    content = write_record_file(batch)
    return Rewritten(content, batch, losses(root, parse_untrusted(content, max_bytes=len(content)).getroot()))
