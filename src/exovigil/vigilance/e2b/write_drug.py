"""Writing the products: identity, dosage, indication, action and causality (section G)."""

from lxml import etree

from exovigil.vigilance.e2b.build import add, coded, observed, valued, worded
from exovigil.vigilance.e2b.elements import SYSTEMS, code_lists
from exovigil.vigilance.e2b.model import Dosage, Drug
from exovigil.vigilance.e2b.write_patient import organiser

_KIND = "consumable/instanceOfKind"


def drugs(
    role: etree._Element, products: tuple[Drug, ...], identities: dict[str, str], reactions: dict[str, str]
) -> None:
    """Every product in one grouping; ``identities`` and ``reactions`` give the UUIDs by key."""
    group = organiser(role, "4")
    for product in products:
        node = add(group, "component/substanceAdministration")
        add(node, "id", root=identities[product.key])
        _identity(node, product)
        for dosage in product.dosages:
            relation = add(node, "outboundRelationship2", typeCode="COMP")
            _dosage(add(relation, "substanceAdministration"), dosage)
        _remarks(node, product, reactions)
        _reasons(node, product)


def _identity(node: etree._Element, product: Drug) -> None:
    instance = add(node, _KIND)
    add(instance, "kindOfProduct/name", product.name)
    if product.country:
        event = add(add(instance, "subjectOf", typeCode="SBJ"), "productEvent")
        coded(event, "1", "action_performed")
        add(event, "performer/assignedEntity/representedOrganization/addr/country", product.country)


def _dosage(node: etree._Element, dosage: Dosage) -> None:
    worded(node, "text", dosage.text)
    if dosage.start is not None or dosage.end is not None:
        times = add(node, "effectiveTime", type="SXPR_TS")
        add(times, "comp", type="PIVL_TS", nullFlavor="NI")  # the schema wants two parts: how often, and when
        span = add(times, "comp", type="IVL_TS", operator="A")
        valued(span, "low", dosage.start)
        valued(span, "high", dosage.end)
    if dosage.route is not None:
        add(add(node, "routeCode", codeSystem=SYSTEMS["route"]), "originalText", dosage.route)
    if dosage.dose is not None:
        add(node, "doseQuantity", value=dosage.dose, unit=dosage.unit)
    if dosage.lot:
        add(node, _KIND + "/productInstanceInstance/lotNumberText", dosage.lot)


def _remarks(node: etree._Element, product: Drug, reactions: dict[str, str]) -> None:
    """Rechallenge, coded and free remarks on the product."""
    for key, code in product.rechallenge:
        relation = add(node, "outboundRelationship2", typeCode="PERT")
        system = code_lists()["rechallenge"].oid
        answer = observed(relation, "observation", "31", type="CE", code=code, codeSystem=system)
        reference = add(answer, "outboundRelationship1", typeCode="REFR")
        add(reference, "actReference/id", root=reactions[key])
    for code in product.information:
        relation = add(node, "outboundRelationship2", typeCode="REFR")
        system = code_lists()["drug_information"].oid
        observed(relation, "observation", "9", type="CE", code=code, codeSystem=system)
    if product.more:
        relation = add(node, "outboundRelationship2", typeCode="REFR")
        observed(relation, "observation", "2", type="ST", text=product.more)


def _reasons(node: etree._Element, product: Drug) -> None:
    """Why it was given, as the reporter said, and what was done with it."""
    for indication in product.indications:
        relation = add(node, "inboundRelationship", typeCode="RSON")
        observation = observed(relation, "observation", "19", type="CE", codeSystem=SYSTEMS["meddra"])
        add(observation[-1], "originalText", indication)
        coded(add(observation, "performer/assignedEntity"), "3", "entity_role")
    if product.action is not None:
        relation = add(node, "inboundRelationship", typeCode="CAUS")
        coded(add(relation, "act"), product.action, "action")


def role(node: etree._Element, product: Drug, identity: str) -> None:
    """G.k.1: suspect, concomitant, interacting or not given."""
    system = code_lists()["drug_role"].oid
    judgement = observed(
        node, "component/causalityAssessment", "20", type="CE", code=product.role, codeSystem=system
    )
    add(add(judgement, "subject2", typeCode="SUBJ"), "productUseReference/id", root=identity)


def assessments(node: etree._Element, product: Drug, identity: str, reactions: dict[str, str]) -> None:
    """G.k.9.i: who judged the relation between product and reaction, how, and with what result."""
    for item in product.assessments:
        judgement = observed(node, "component/causalityAssessment", "39", type="ST", text=item.result)
        add(judgement, "methodCode/originalText", item.method)
        add(judgement, "author/assignedEntity/code/originalText", item.source)
        about = add(judgement, "subject1", typeCode="SUBJ")
        add(about, "adverseEffectReference/id", root=reactions[item.reaction])
        add(add(judgement, "subject2", typeCode="SUBJ"), "productUseReference/id", root=identity)
