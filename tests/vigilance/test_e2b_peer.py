"""Our reading agrees with the PyPI package ``e2br3`` on every element that it maps.

Its ``mapping.MAPPING`` lists them; the test refuses a version that maps one which is not compared here.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.e2b.read_records import read_records
from exovigil.vigilance.e2b.writer import write, write_record_file
from tests.vigilance.e2b_random import random_batch
from tests.vigilance.test_e2b_model import batch, full_case, minimal_case

e2br3 = pytest.importorskip("e2br3", reason="the package e2br3 (a development dependency) is not installed")
mapping = pytest.importorskip("e2br3.mapping", reason="the package e2br3 is not installed")

E2B = Path(__file__).parents[2].parent / "shared" / "data" / "e2b"
SAMPLES = sorted((E2B / "samples").glob("FAERS2022Scenario*.xml"))
SERIOUS = {
    "E.i.3.2a": "results_in_death",
    "E.i.3.2b": "life_threatening",
    "E.i.3.2c": "hospitalisation",
    "E.i.3.2d": "disabling",
    "E.i.3.2e": "congenital_anomaly",
    "E.i.3.2f": "other_medically_important",
}
# Groups have no value of their own; they are compared by how many of each there are.
GROUPS = {
    "N.2.r", "ICSR", "C.2.r", "C.4.r", "D", "E.i", "G.k", "G.k.1@", "G.k.2.3.r", "G.k.4.r", "G.k.9.i.2.r",
}  # fmt: skip


def said(value):
    """A value of either side as text; None and empty are both nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, NullFlavor):
        return f"null:{value.value}"
    if e2br3.is_null(value):
        return f"null:{e2br3.flavor_of(value).value}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, e2br3.TS):
        return value.raw.strip()
    if isinstance(value, e2br3.Quantity):
        return (said(value.value), said(value.unit))
    if isinstance(value, e2br3.Coded):
        return said(value.code)
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value).strip() or None


def theirs(data):
    """What ``e2br3`` reads, as (element, value) in document order."""
    found = e2br3.parse(data)
    rows = [("N.1.1", found.batch_type), ("N.1.2", found.batch_number), ("N.1.3", found.sender)]
    rows += [("N.1.4", found.receiver), ("N.1.5", found.transmission_date)]
    for message in found.messages:
        rows += [("N.2.r.1", message.message_id), ("N.2.r.2", message.sender)]
        rows += [("N.2.r.3", message.receiver), ("N.2.r.4", message.creation_date)]
        rows += _their_case(message.icsr)
    return [(element, said(value)) for element, value in rows]


def _their_case(case):
    rows = [("C.1.1", case.safety_report_id), ("C.1.2", case.creation_date), ("C.1.3", case.report_type)]
    rows += [("C.1.4", case.first_received_date), ("C.1.5", case.most_recent_date)]
    rows += [("C.1.8.1", case.worldwide_case_id), ("C.1.11.1", case.nullification_amendment)]
    rows += [("C.1.11.2", case.nullification_reason), ("H.1", case.narrative)]
    for source in case.primary_sources:
        rows += [("C.2.r.3", source.country), ("C.2.r.4", source.qualification)]
    for source in case.literature:
        document = source.document
        rows += [("C.4.r.1", source.reference)]
        rows += [("C.4.r.2", document if e2br3.is_null(document) else document and document.data)]
    rows += [("D.1", case.patient.name), ("D.5", case.patient.sex)]
    rows += [("D.2.2", case.patient.age)]
    for reaction in case.reactions:
        rows += _their_reaction(reaction)
    for drug in case.drugs:
        rows += _their_drug(drug)
    return rows


def _their_reaction(reaction):
    rows = [("E.i.id", reaction.id), ("E.i.1.1a", reaction.native_term)]
    rows += [("E.i.1.1b", reaction.native_language), ("E.i.1.2", reaction.translated_term)]
    coded = isinstance(reaction.meddra, e2br3.Coded)
    rows += [("E.i.2.1", reaction.meddra)]
    rows += [("E.i.2.1", reaction.meddra_version if coded else None)]
    rows += [("E.i.4", reaction.start_date), ("E.i.5", reaction.end_date), ("E.i.7", reaction.outcome)]
    return rows + [(element, getattr(reaction, name)) for element, name in SERIOUS.items()]


def _their_drug(drug):
    rows = [("G.k.id", drug.id), ("G.k.1.drug", drug.id if drug.role is not None else None)]
    rows += [("G.k.1", drug.role), ("G.k.2.2", drug.product_name), ("G.k.8", drug.action_taken)]
    rows += [("G.k.2.3.r.1", name) for name in drug.substances]
    for dosage in drug.dosages:
        rows += [("G.k.4.r.8", dosage.text), ("G.k.4.r.10.1", dosage.route_text)]
        rows += [("G.k.4.r.10.2", dosage.route)]
    for pair in drug.relatedness:
        for assessment in pair.assessments:
            rows += [("G.k.9.i.drug", drug.id), ("G.k.9.i.1", pair.reaction_id)]
            for number, coded in enumerate((assessment.source, assessment.method), start=1):
                text = coded.original_text if isinstance(coded, e2br3.Coded) else coded
                rows.append((f"G.k.9.i.2.r.{number}", text))
            rows.append(("G.k.9.i.2.r.3", assessment.result))
    return rows


def ours(data):
    """The same from our records."""
    found = read_records(data)
    rows = _of(found, "N.1.1", "N.1.2", "N.1.3", "N.1.4", "N.1.5")
    for message in found.inner["message"]:
        rows += _of(message, "N.2.r.1", "N.2.r.2", "N.2.r.3", "N.2.r.4")
        (case,) = message.inner["case"]
        rows += _of(case, "C.1.1") + _of(message, "C.1.2")
        rows += _of(case, "C.1.3", "C.1.4", "C.1.5", "C.1.8.1", "C.1.11.1", "C.1.11.2", "H.1")
        for reporter in case.inner.get("reporter", ()):
            rows += _of(reporter, "C.2.r.3", "C.2.r.4")
        for source in case.inner.get("literature", ()):
            rows += _of(source, "C.4.r.1", "C.4.r.2")
        (patient,) = case.inner["patient"]
        age = patient.held.get("D.2.2a")
        whole = said(age) if isinstance(age, NullFlavor) else (said(age), said(patient.held.get("D.2.2b")))
        rows += [*_of(patient, "D.1", "D.5"), ("D.2.2", None if age is None else whole)]
        for reaction in patient.inner.get("reaction", ()):
            rows += _our_reaction(reaction)
        for drug in patient.inner.get("drug", ()):
            rows += _our_drug(drug, case)
    return rows


def _of(record, *names):
    return [(name, said(record.held.get(name))) for name in names]


def _our_reaction(reaction):
    rows = [("E.i.id", _identity(reaction, "E.i.id")), *_of(reaction, "E.i.1.1a", "E.i.1.1b", "E.i.1.2")]
    for name in ("E.i.2.1b", "E.i.2.1a"):
        rows.append(("E.i.2.1", said(reaction.held.get(name))))
    return rows + _of(reaction, "E.i.4", "E.i.5", "E.i.7", *SERIOUS)


def _our_drug(drug, case):
    identity = _identity(drug, "G.k.id")
    roles = [r for r in case.inner.get("role", ()) if _identity(r, "G.k.1.drug") == identity]
    rows = [("G.k.id", identity), ("G.k.1.drug", identity if roles else None)]
    rows += [("G.k.1", said(roles[0].held.get("G.k.1")) if roles else None), *_of(drug, "G.k.2.2", "G.k.8")]
    for substance in drug.inner.get("substance", ()):
        rows += _of(substance, "G.k.2.3.r.1")
    for dosage in drug.inner.get("dosage", ()):
        rows += _of(dosage, "G.k.4.r.8", "G.k.4.r.10.1")
        rows.append(("G.k.4.r.10.2", said(dosage.held.get("G.k.4.r.10.2b"))))
    judged = [a for a in case.inner.get("assessment", ()) if _identity(a, "G.k.9.i.drug") == identity]
    order = list(dict.fromkeys(_identity(a, "G.k.9.i.1") for a in judged))
    for record in sorted(judged, key=lambda a: order.index(_identity(a, "G.k.9.i.1"))):
        rows += [("G.k.9.i.drug", identity), ("G.k.9.i.1", _identity(record, "G.k.9.i.1"))]
        rows += _of(record, "G.k.9.i.2.r.1", "G.k.9.i.2.r.2", "G.k.9.i.2.r.3")
    return rows


def _identity(record, element):
    root, extension = record.value(element), record.value(element + ".extension")
    return f"{root}|{extension}" if root and extension else root or extension or None


def differences(data):
    left, right = theirs(data), ours(data)
    assert [element for element, _ in left] == [element for element, _ in right]
    return [(a[0], a[1], b[1]) for a, b in zip(left, right, strict=True) if a[1] != b[1]]


def test_every_element_that_the_peer_maps_is_compared():
    compared = {element for element, _ in ours(write_record_file(random_batch(0)))}
    for seed in range(1, 30):
        compared |= {element for element, _ in ours(write_record_file(random_batch(seed)))}
    assert compared == set(mapping.MAPPING) - GROUPS


@pytest.mark.skipif(not SAMPLES, reason=f"the shared E2B samples are not at {E2B}")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_we_agree_on_the_samples_of_the_regulator(path):
    assert differences(path.read_bytes()) == []


@pytest.mark.parametrize("make", [minimal_case, full_case])
def test_we_agree_on_our_own_cases(make):
    assert differences(write(batch(make()))) == []


@pytest.mark.parametrize("seed", range(25))
def test_we_agree_on_random_cases_over_the_whole_core(seed):
    assert differences(write_record_file(random_batch(seed, cases=2))) == []


def test_a_difference_would_be_seen(monkeypatch):
    data = write(batch(full_case()))
    outcome = b'code="3" codeSystem="2.16.840.1.113883.3.989.2.1.1.11"'
    changed = read_records(data.replace(outcome, outcome.replace(b'"3"', b'"0"')))
    monkeypatch.setitem(globals(), "read_records", lambda source: changed)
    assert [(element, right) for element, _, right in differences(data)] == [("E.i.7", "0")]
