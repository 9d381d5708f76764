"""Acknowledgements: what the receiver made of a batch and of each report in it, with the reason in words."""

from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from exovigil.vigilance.e2b.elements import HL7
from exovigil.vigilance.e2b.findings import select
from exovigil.vigilance.e2b.reader import UnreadableXml, parse_untrusted

_ROOT = f"{{{HL7}}}MCCI_IN200101UV01"
BATCH_STATES = {
    "AA": "accepted: every report in the batch was loaded",
    "AE": "error: some reports in the batch were not loaded",
    "AR": "rejected: the batch could not be read; correct it and send all of it again",
}
MESSAGE_STATES = {
    "CA": "accepted: the report was loaded",
    "CE": "error: the report was not loaded",
    "CR": "rejected: the report was not loaded; correct it and send it again",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one report (or of the batch): its identifier, state code and the receiver's own words."""

    identifier: str
    state: str
    reason: str
    local_number: str = ""
    created: str = ""

    @property
    def accepted(self) -> bool:
        """True for AA and CA."""
        return self.state in {"AA", "CA"}

    @property
    def meaning(self) -> str:
        """The state in words."""
        return (BATCH_STATES | MESSAGE_STATES).get(self.state, f"unknown state {self.state!r}")


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A receiver's answer to a batch."""

    number: str
    sender: str
    receiver: str
    created: str
    batch: Answer
    messages: tuple[Answer, ...]


def read_acknowledgement(source: Path | bytes) -> Acknowledgement:
    """Read an ICSR acknowledgement. Raises RefusedXml or OSError; UnreadableXml when it is something else."""
    root = parse_untrusted(source).getroot()
    if root.tag != _ROOT:
        raise UnreadableXml(
            f"the root is {root.tag!r}; an acknowledgement starts with MCCI_IN200101UV01 of {HL7}"
        )
    answers = select(root, "h:acknowledgement")
    if not answers:
        raise UnreadableXml(
            "the file does not say what became of the batch: there is no acknowledgement in it"
        )
    return Acknowledgement(
        number=_first(root, "h:id", "extension"),
        sender=_first(root, "h:sender/h:device/h:id", "extension"),
        receiver=_first(root, "h:receiver/h:device/h:id", "extension"),
        created=_first(root, "h:creationTime", "value"),
        batch=_answer(root, "h:targetBatch/h:id", "2"),
        messages=tuple(
            _answer(node, "h:targetMessage/h:id", "") for node in select(root, "h:MCCI_IN000002UV01")
        ),
    )


def _answer(node: etree._Element, target: str, local: str) -> Answer:
    """Read the acknowledgement of a batch or message; ``local`` is the attention line of its local number."""
    acknowledgement = next(iter(select(node, "h:acknowledgement")), node)
    texts = [
        " ".join("".join(str(part) for part in text.itertext()).split())
        for text in select(acknowledgement, "h:acknowledgementDetail/h:text")
    ]
    return Answer(
        identifier=_first(acknowledgement, target, "extension"),
        state=acknowledgement.get("typeCode", ""),
        reason="; ".join(text for text in texts if text),
        local_number=_local_number(node, local),
        created=_first(node, "h:attentionLine/h:value[@value]", "value"),
    )


def _local_number(node: etree._Element, line: str) -> str:
    """Give the receiver's own number: that of the message, or the attention line of the batch."""
    if not line:
        return _first(node, "h:id", "extension")
    return _first(node, "h:attentionLine/h:value[@extension]", "extension")


def _first(node: etree._Element, path: str, attribute: str) -> str:
    return next((found.get(attribute, "") for found in select(node, path)), "")
