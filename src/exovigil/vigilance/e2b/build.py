"""Small steps that the writer is made of: HL7 elements with their attributes, values and null flavours."""

import datetime as dt
import re

from lxml import etree

from exovigil.foundation.partial_date import PartialDate
from exovigil.vigilance.e2b.elements import HL7, SYSTEMS, XSI
from exovigil.vigilance.e2b.model import NullFlavor

# Attributes that HL7 wants on each kind of node; the schema refuses the message without most of them.
_FIXED = {
    "act": {"classCode": "ACT", "moodCode": "EVN"},
    "actReference": {"classCode": "OBS", "moodCode": "EVN"},
    "adverseEffectReference": {"classCode": "OBS", "moodCode": "EVN"},
    "adverseEventAssessment": {"classCode": "INVSTG", "moodCode": "EVN"},
    "asLocatedEntity": {"classCode": "LOCE"},
    "asQualifiedEntity": {"classCode": "QUAL"},
    "assignedEntity": {"classCode": "ASSIGNED"},
    "assignedPerson": {"classCode": "PSN", "determinerCode": "INSTANCE"},
    "author": {"typeCode": "AUT"},
    "causalityAssessment": {"classCode": "OBS", "moodCode": "EVN"},
    "component": {"typeCode": "COMP"},
    "component1": {"typeCode": "COMP"},
    "consumable": {"typeCode": "CSM"},
    "controlActEvent": {"classCode": "CACT", "moodCode": "EVN"},
    "controlActProcess": {"classCode": "CACT", "moodCode": "EVN"},
    "device": {"classCode": "DEV", "determinerCode": "INSTANCE"},
    "document": {"classCode": "DOC", "moodCode": "EVN"},
    "instanceOfKind": {"classCode": "INST"},
    "investigationCharacteristic": {"classCode": "OBS", "moodCode": "EVN"},
    "investigationEvent": {"classCode": "INVSTG", "moodCode": "EVN"},
    "kindOfProduct": {"classCode": "MMAT", "determinerCode": "KIND"},
    "locatedEntity": {"classCode": "LOCE"},
    "locatedPlace": {"classCode": "COUNTRY", "determinerCode": "INSTANCE"},
    "observation": {"classCode": "OBS", "moodCode": "EVN"},
    "observationEvent": {"classCode": "OBS", "moodCode": "EVN"},
    "organizer": {"classCode": "CATEGORY", "moodCode": "EVN"},
    "performer": {"typeCode": "PRF"},
    "player1": {"classCode": "PSN", "determinerCode": "INSTANCE"},
    "primaryRole": {"classCode": "INVSBJ"},
    "productEvent": {"classCode": "ACT", "moodCode": "EVN"},
    "productInstanceInstance": {"classCode": "MMAT", "determinerCode": "INSTANCE"},
    "productUseReference": {"classCode": "SBADM", "moodCode": "EVN"},
    "receiver": {"typeCode": "RCV"},
    "reference": {"typeCode": "REFR"},
    "relatedInvestigation": {"classCode": "INVSTG", "moodCode": "EVN"},
    "representedOrganization": {"classCode": "ORG", "determinerCode": "INSTANCE"},
    "sender": {"typeCode": "SND"},
    "substanceAdministration": {"classCode": "SBADM", "moodCode": "EVN"},
}
# Characters that XML cannot carry at all; pasted text may hold them, and each becomes a space.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_XSI_TYPE = etree.QName(XSI, "type").text


def add(parent: etree._Element, path: str, text: object = None, /, **attributes: object) -> etree._Element:
    """Append the elements of a slash-separated ``path``, each new, and return the last.

    ``text`` and ``attributes`` go on the last: a null flavour given as text becomes ``nullFlavor``; ``type``
    is written as ``xsi:type``; attributes that are None are left out.
    """
    node = parent
    for tag in path.split("/"):
        node = etree.SubElement(node, f"{{{HL7}}}{tag}", _FIXED.get(tag, {}))
    if isinstance(text, NullFlavor):
        attributes["nullFlavor"] = text.value
    elif text is not None:
        node.text = _printable(str(text))
    for name, value in attributes.items():
        if value is not None:
            node.set(_XSI_TYPE if name == "type" else name, plain(value))
    return node


def plain(value: object) -> str:
    """Write an attribute's text: booleans and dates as HL7 writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y%m%d%H%M%S%z")
    if isinstance(value, dt.date):
        return value.strftime("%Y%m%d")
    if isinstance(value, PartialDate):
        return str(value).replace("-", "")
    return _printable(str(value))


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text)


def coded(
    parent: etree._Element, code: str, system: str, tag: str = "code", /, **more: object
) -> etree._Element:
    """Append a coded element; ``system`` is a name in SYSTEMS or an object identifier."""
    return add(parent, tag, code=code, codeSystem=SYSTEMS.get(system, system), **more)


def valued(
    parent: etree._Element, tag: str, value: object, attribute: str = "value", /, **more: object
) -> None:
    """Append an element that carries a value in an attribute or, instead of it, a null flavour."""
    if isinstance(value, NullFlavor):
        add(parent, tag, value)
    elif value is not None:
        add(parent, tag, **{attribute: value}, **more)


def worded(parent: etree._Element, path: str, text: str | NullFlavor | None) -> None:
    """Append elements down to one that carries text or a null flavour; nothing at all for None or empty."""
    if text is not None and text != "":
        add(parent, path, text)


def observed(parent: etree._Element, path: str, code: str, /, **value: object) -> etree._Element:
    """Append ``path`` ending in an observation with an ICH observation code, and its value; return it.

    ``text`` among the values is the text of the value, or its null flavour.
    """
    observation = add(parent, path)
    coded(observation, code, "observation")
    text = value.pop("text", None)
    add(observation, "value", text, **value)
    return observation
