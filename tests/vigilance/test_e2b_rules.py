"""Conditions and the FDA rules: each rule once kept and once broken, and none left without a word."""

import csv
from pathlib import Path

import pytest

from exovigil.vigilance.e2b.conditions import clauses, holds
from exovigil.vigilance.e2b.elements import by_id, levels_of_table
from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.e2b.record import Record
from exovigil.vigilance.e2b.rules import broken, fda_rules, fda_rules_unchecked, ich_conditions

RULES = Path(__file__).parents[2].parent / "shared/data/e2b/codes/fda-rejection-warning-rules.csv"
FLAVORS = {flavor.value: flavor for flavor in NullFlavor}


class Skeleton:
    """A batch with at most one record of each level, made where a value is put."""

    def __init__(self):
        self.batch = Record("batch", {"N.1.4": "ZZFDA"})
        self.put("N.2.r.3", "CDER")

    def place(self, level):
        parent = levels_of_table()[level].parent
        if not parent:
            return self.batch
        around = self.place(parent)
        return around.inner[level][0] if level in around.inner else around.add(level)

    def put(self, element, value):
        self.place(by_id()[element].level).held[element] = FLAVORS.get(value, value)

    def drop(self, element):
        self.place(by_id()[element].level).held.pop(element, None)

    def satisfy(self, atom, *, wanted=True):
        """Make one atom true, or false."""
        if atom.other is not None:
            self.put(atom.other.element, "SENDER")
            self.put(atom.element, "SENDER" if wanted else "ELSEWHERE")
        elif wanted != atom.denied:
            self.put(atom.element, "7x" if atom.comparison == "!=" else min(atom.values) or "1")
        elif atom.comparison == "=" and by_id()[atom.element].level in {"batch", "message"}:
            self.put(atom.element, "ELSEWHERE")
        else:
            self.drop(atom.element)


def satisfied(rule, *, kept):
    skeleton = Skeleton()
    skeleton.place(rule.at)
    if rule.when:
        for atom in clauses(rule.when)[0]:
            skeleton.satisfy(atom)
    for clause in clauses(rule.needs)[: 1 if kept else None]:
        for atom in clause:
            skeleton.satisfy(atom, wanted=kept)
    return skeleton.batch


def names(batch):
    return {item.rule.rule for item in broken(batch)}


@pytest.mark.parametrize("rule", fda_rules(), ids=lambda rule: rule.rule)
def test_each_rule_is_silent_when_kept(rule):
    assert rule.rule not in names(satisfied(rule, kept=True))


@pytest.mark.parametrize("rule", fda_rules(), ids=lambda rule: rule.rule)
def test_each_rule_speaks_when_broken(rule):
    found = [item for item in broken(satisfied(rule, kept=False)) if item.rule.rule == rule.rule]
    assert {(item.rule.element, item.rule.severity) for item in found} == {(rule.element, rule.severity)}


@pytest.mark.parametrize("rule", ich_conditions(), ids=lambda rule: f"{rule.element} at {rule.at}")
def test_each_condition_of_ich_asks_for_its_element(rule):
    wanted = ("together", rule.element, rule.at)
    for kept in (True, False):
        found = {(b.rule.rule, b.rule.element, b.rule.at) for b in broken(satisfied(rule, kept=kept))}
        assert (wanted in found) is not kept


def test_another_authority_is_not_bothered_with_fda():
    batch = satisfied(next(rule for rule in fda_rules() if rule.rule == "R0021"), kept=False)
    assert "R0021" in names(batch)
    batch.held["N.1.4"] = "MHRA"
    batch.inner["message"][0].held["N.2.r.3"] = "MHRA"
    assert "R0021" not in names(batch)


@pytest.mark.skipif(not RULES.is_file(), reason=f"the rules of FDA are not at {RULES}")
def test_every_rule_of_fda_is_checked_or_listed_with_the_reason(capsys):
    with RULES.open(newline="", encoding="utf-8-sig") as file:
        published = {row[5].strip() for row in csv.reader(file) if len(row) > 5}
    published = {name for name in published if name[:1] in {"R", "W"} and name[1:].isdigit()}
    checked, unchecked = {r.rule for r in fda_rules()}, {r.rule for r in fda_rules_unchecked()}
    assert len(published) == 121
    assert not checked & unchecked
    assert checked | unchecked == published
    assert all(row.reason for row in fda_rules_unchecked())
    with capsys.disabled():
        print(
            f"\nFDA rules: {len(checked)} of {len(published)} checked, {len(unchecked)} listed with the reason"
        )


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ("C.1.1", True),
        ("C.1.3", False),
        ("!C.1.3", True),
        ("C.1.1=1,2", True),
        ("C.1.1=3", False),
        ("C.1.1!=3", True),
        ("C.1.3!=3", False),
        ("C.1.7=NI", True),
        ("!C.1.7=NI", False),
        ("C.1.3|C.1.1&C.1.7", True),
        ("E.i.7=5", True),
        ("E.i.7=4", False),
        ("C.1.8.1~IND,PANDA", True),
        ("C.1.8.1~NDA,XYZ", False),
        ("C.1.3~IND", False),
        ("C.1.1=@C.1.8.2", True),
        ("C.1.1=@C.1.8.1", False),
        ("C.1.1=@C.1.3", False),
    ],
)
def test_conditions(condition, answer):
    reactions = [Record("reaction", {"E.i.7": code}) for code in "15"]
    case = Record(
        "case", {"C.1.1": "2", "C.1.8.1": "an ind-1", "C.1.8.2": "2", "C.1.7": NullFlavor.NO_INFORMATION}
    )
    case.inner["patient"] = [Record("patient", {}, {"reaction": reactions})]
    assert holds(condition, (Record("batch"), Record("message"), case)) is answer


@pytest.mark.parametrize("condition", ["Z.9", "C.1.1 C.1.2", "", "C.1.1=@Z.9", "C.1.1~"])
def test_a_condition_that_cannot_be_read_is_refused(condition):
    with pytest.raises(ValueError, match="condition cannot be read"):
        clauses(condition)


def products(*roles, malfunction=0):
    """A report to FDA whose products have these roles, the device of one of them (from 1) with a malfunction."""
    skeleton = Skeleton()
    case, patient = skeleton.place("case"), skeleton.place("patient")
    for number, role in enumerate(roles, start=1):
        case.add("role").held["G.k.1"] = role
        drug = patient.add("drug")
        drug.add("device")
        if number == malfunction:
            drug.add("device").held["FDA.G.k.12.r.1"] = "true"
    return [item.rule.rule for item in broken(skeleton.batch)]


@pytest.mark.parametrize(
    ("roles", "malfunction", "speaks"),
    [("1", 0, False), ("32", 0, False), ("21", 0, True), ("41", 0, True), ("41", 1, False), ("41", 2, True)],
)
def test_only_the_first_product_decides_whether_it_is_the_suspect(roles, malfunction, speaks):
    assert ("W0005" in products(*roles, malfunction=malfunction)) is speaks


@pytest.mark.parametrize(
    ("code", "speaks"), [("4001", False), ("A01", False), ("C133496", False), ("9999", True), ("a01", True)]
)
def test_a_device_problem_is_a_code_of_fda_or_imdrf(code, speaks):
    skeleton = Skeleton()
    skeleton.put("FDA.G.k.12.r.3.r", code)
    assert ("W0008" in [item.rule.rule for item in broken(skeleton.batch)]) is speaks


def test_a_list_that_is_not_there_is_no_condition():
    with pytest.raises(KeyError):
        clauses("C.1.3=#nowhere")
