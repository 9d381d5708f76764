"""Writing a batch of cases as an E2B(R3) file that the ICH schema accepts.

The same batch gives the same bytes. ``write_messages`` writes one message at a time and forgets it, so that a
batch of any size needs the memory of its largest case. See the package docstring for how a draft (a reaction
without MedDRA) is expressed.
"""

import io
from collections.abc import Iterable
from typing import BinaryIO

from exovigil.vigilance.e2b.collector import collector_paused
from exovigil.vigilance.e2b.elements import HL7, XSI
from exovigil.vigilance.e2b.markup import Node, render, shape
from exovigil.vigilance.e2b.model import Batch
from exovigil.vigilance.e2b.record import Record
from exovigil.vigilance.e2b.records_of import header_of, message_of
from exovigil.vigilance.e2b.write_records import write_record

DRAFT_NOTE = " DRAFT: a reaction has no MedDRA code. Not a report to be filed; processingCode is T. "
_BATCH, _MESSAGE = shape("MCCI_IN200100UV01", {}), shape("PORR_IN049016UV", {})


def write(batch: Batch) -> bytes:
    """Write the batch as UTF-8 XML. ``Batch.is_draft`` tells whether to call the file a draft."""
    target = io.BytesIO()
    messages = (message_of(batch, case) for case in batch.cases)
    write_messages(target, header_of(batch), messages, draft=batch.is_draft)
    return target.getvalue()


def write_record_file(batch: Record) -> bytes:
    """Write a batch that was read as records."""
    target = io.BytesIO()
    write_messages(target, batch, batch.inner.get("message", ()))
    return target.getvalue()


@collector_paused()
def write_messages(
    target: BinaryIO, header: Record, messages: Iterable[Record], *, draft: bool = False
) -> None:
    """Write a batch message by message; ``header`` is a batch record, whose own messages are left out."""
    root = Node(_BATCH)
    write_record(Record("batch", header.held), root)
    target.write(b"<?xml version='1.0' encoding='UTF-8'?>\n")
    if draft:
        target.write(f"<!--{DRAFT_NOTE}-->\n".encode())
    target.write(f'<{root.name} xmlns="{HL7}" xmlns:xsi="{XSI}" ITSVersion="XML_1.0">'.encode())
    head = [node for node in root.ordered() if node.name not in {"receiver", "sender"}]
    for node in head:
        _emit(target, node)
    for message in messages:
        node = Node(_MESSAGE)
        write_record(message, node)
        _emit(target, node)
    for node in root.children[len(head) :]:
        _emit(target, node)
    target.write(f"\n</{root.name}>\n".encode())


def _emit(target: BinaryIO, node: Node) -> None:
    """Write one child of the root."""
    target.write(f"\n  {render(node)}".encode())
