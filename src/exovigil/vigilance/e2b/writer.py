"""Writing a batch of cases as an E2B(R3) file that the ICH schema accepts.

``write`` is a pure function: the same batch gives the same bytes. Order of elements follows the schema, which
insists on it. See the package docstring for how a draft (a reaction without MedDRA) is expressed.
"""

import uuid
from typing import cast

from lxml import etree

from exovigil.vigilance.e2b import write_drug, write_patient
from exovigil.vigilance.e2b.build import add, coded, observed, valued, worded
from exovigil.vigilance.e2b.elements import HL7, XSI, code_lists
from exovigil.vigilance.e2b.model import Batch, Icsr, NullFlavor, Reporter, Sender

DRAFT_NOTE = " DRAFT: a reaction has no MedDRA code. Not a report to be filed; processingCode is T. "
_ROOT = "2.16.840.1.113883.3.989.2.1.3."
# The stubs do not know the default namespace, which lxml writes for None.
_NSMAP = cast("dict[str, str]", {None: HL7, "xsi": XSI})
_HL7_INTERACTION = "2.16.840.1.113883.1.6"


def write(batch: Batch) -> bytes:
    """Write the batch as UTF-8 XML. ``Batch.is_draft`` tells whether to call the file a draft."""
    root = etree.Element(f"{{{HL7}}}MCCI_IN200100UV01", nsmap=_NSMAP)
    root.set("ITSVersion", "XML_1.0")
    add(root, "id", root=_ROOT + "22", extension=batch.number)
    add(root, "creationTime", value=batch.created)
    add(root, "responseModeCode", code="D")
    add(root, "interactionId", root=_HL7_INTERACTION, extension="MCCI_IN200100UV01")
    coded(root, "1", code_lists()["message_type"].oid, "name", displayName="ichicsr")
    for case in batch.cases:
        _message(root, batch, case)
    add(root, "receiver/device/id", root=_ROOT + "14", extension=batch.receiver)
    add(root, "sender/device/id", root=_ROOT + "13", extension=batch.sender)
    if batch.is_draft:
        root.addprevious(etree.Comment(DRAFT_NOTE))
    tree = root.getroottree()
    etree.indent(tree)
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8")


def _message(root: etree._Element, batch: Batch, case: Icsr) -> None:
    message = add(root, "PORR_IN049016UV")
    add(message, "id", root=_ROOT + "1", extension=case.report_id)
    add(message, "creationTime", value=batch.created)
    add(message, "interactionId", root=_HL7_INTERACTION, extension="PORR_IN049016UV")
    add(message, "processingCode", code="T" if case.is_draft else "P")
    add(message, "processingModeCode", code="T")
    add(message, "acceptAckCode", code="AL")
    add(message, "receiver/device/id", root=_ROOT + "12", extension=batch.receiver)
    add(message, "sender/device/id", root=_ROOT + "11", extension=batch.sender)
    process = add(message, "controlActProcess")
    coded(process, "PORR_TE049016UV", "2.16.840.1.113883.1.18")
    add(process, "effectiveTime", value=case.created)
    subject = add(process, "subject", typeCode="SUBJ")
    _case(add(subject, "investigationEvent"), case)


def _case(event: etree._Element, case: Icsr) -> None:
    add(event, "id", root=_ROOT + "1", extension=case.report_id)
    add(event, "id", root=_ROOT + "2", extension=case.worldwide_id or case.report_id)
    coded(event, "PAT_ADV_EVNT", "2.16.840.1.113883.5.4")
    add(event, "text", case.narrative)
    add(event, "statusCode", code="active")
    add(event, "effectiveTime/low", value=case.first_received)
    add(event, "availabilityTime", value=case.most_recent)
    for title in case.documents:
        document = add(event, "reference/document")
        coded(document, "1", "document")
        add(document, "title", title)
    _assessment(add(event, "component/adverseEventAssessment"), case)
    observed(event, "component/observationEvent", "1", type="BL", value=bool(case.documents))
    expedited = case.expedited
    value = {"nullFlavor": expedited.value} if isinstance(expedited, NullFlavor) else {"value": expedited}
    observed(event, "component/observationEvent", "23", type="BL", **value)
    _first_sender(event, case)
    for reporter in case.reporters:
        _reporter(event, reporter)
    _sender(event, case.sender)
    for source, identifier in case.other_ids:
        holder = add(event, "subjectOf1", typeCode="SUBJ")
        name = {"assigningAuthorityName": source, "extension": identifier, "root": _ROOT + "3"}
        add(holder, "controlActEvent/id", **name)
    _characteristics(event, case)


def _assessment(node: etree._Element, case: Icsr) -> None:
    """Patient, reactions, tests and products, then what was thought of them and the comments."""
    role = add(node, "subject1", typeCode="SBJ")
    reactions = {r.key: _identity(case, "reaction", r.key) for r in case.reactions}
    drugs = {d.key: _identity(case, "drug", d.key) for d in case.drugs}
    primary = add(role, "primaryRole")
    write_patient.patient(primary, case.patient)
    for reaction in case.reactions:
        write_patient.reaction(primary, reaction, reactions[reaction.key])
    write_patient.tests(primary, case.tests)
    write_drug.drugs(primary, case.drugs, drugs, reactions)
    for drug in case.drugs:
        write_drug.role(node, drug, drugs[drug.key])
    for drug in case.drugs:
        write_drug.assessments(node, drug, drugs[drug.key], reactions)
    for text, author in ((case.reporter_comments, "3"), (case.sender_comments, "1")):
        if text:
            comment = observed(node, "component1/observationEvent", "10", type="ED", text=text)
            coded(add(comment, "author/assignedEntity"), author, "entity_role")


def _identity(case: Icsr, kind: str, key: str) -> str:
    """Derive a UUID that stays the same for the same part of the same case."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{case.report_id}/{kind}/{key}"))


def _related(event: etree._Element, code: str, *, primary: bool = False) -> etree._Element:
    """Append the entity behind a related investigation: first sender (1) or primary source (2)."""
    relation = add(event, "outboundRelationship", typeCode="SPRT")
    if primary:
        add(relation, "priorityNumber", value="1")
    related = add(relation, "relatedInvestigation")
    coded(related, code, "relation")
    subject = add(related, "subjectOf2", typeCode="SUBJ")
    return add(subject, "controlActEvent/author/assignedEntity")


def _first_sender(event: etree._Element, case: Icsr) -> None:
    coded(_related(event, "1"), case.first_sender, code_lists()["first_sender"].oid)


def _reporter(event: etree._Element, reporter: Reporter) -> None:
    entity = _related(event, "2", primary=reporter.primary)
    if reporter.city is not None or reporter.postcode is not None:
        address = add(entity, "addr")
        worded(address, "city", reporter.city)
        worded(address, "postalCode", reporter.postcode)
    person = add(entity, "assignedPerson")
    if any((reporter.title, reporter.given_name, reporter.family_name)):
        name = add(person, "name")
        worded(name, "prefix", reporter.title)
        worded(name, "given", reporter.given_name)
        worded(name, "family", reporter.family_name)
    system = code_lists()["qualification"].oid
    valued(add(person, "asQualifiedEntity"), "code", reporter.qualification, "code", codeSystem=system)
    if reporter.country is not None:
        _country(person, reporter.country)
    if reporter.organisation is not None:
        worded(
            entity,
            "representedOrganization/assignedEntity/representedOrganization/name",
            reporter.organisation,
        )


def _sender(event: etree._Element, sender: Sender) -> None:
    holder = add(event, "subjectOf1", typeCode="SUBJ")
    entity = add(holder, "controlActEvent/author/assignedEntity")
    coded(entity, sender.kind, code_lists()["sender_type"].oid)
    if any((sender.given_name, sender.family_name, sender.country)):
        person = add(entity, "assignedPerson")
        if sender.given_name or sender.family_name:
            name = add(person, "name")
            worded(name, "given", sender.given_name)
            worded(name, "family", sender.family_name)
        if sender.country:
            _country(person, sender.country)
    if sender.organisation or sender.department:
        organisation = add(entity, "representedOrganization")
        worded(organisation, "name", sender.department)
        worded(organisation, "assignedEntity/representedOrganization/name", sender.organisation)


def _country(person: etree._Element, country: str | NullFlavor) -> None:
    entity = add(person, "asLocatedEntity")
    location = add(entity, "location", classCode="COUNTRY", determinerCode="INSTANCE")
    valued(location, "code", country, "code", codeSystem=code_lists()["country"].oid)


def _characteristics(event: etree._Element, case: Icsr) -> None:
    """Type of report, other identifiers, nullification or amendment and its reason."""
    _characteristic(event, "1", type="CE", code=case.report_type, codeSystem=code_lists()["report_type"].oid)
    if case.other_ids:
        _characteristic(event, "2", type="BL", value=True)
    else:
        _characteristic(event, "2", type="BL", nullFlavor="NI")
    if case.nullification:
        system = code_lists()["nullification"].oid
        _characteristic(event, "3", type="CE", code=case.nullification, codeSystem=system)
        add(_characteristic(event, "4", type="CE"), "originalText", case.nullification_reason)


def _characteristic(event: etree._Element, code: str, /, **value: object) -> etree._Element:
    holder = add(event, "subjectOf2", typeCode="SUBJ")
    characteristic = add(holder, "investigationCharacteristic")
    coded(characteristic, code, "characteristic")
    return add(characteristic, "value", **value)
