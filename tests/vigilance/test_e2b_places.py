"""The one walk over a message finds what XPath finds, path by path, in sound files and in broken ones."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from exovigil.vigilance.e2b.elements import elements, inner_levels
from exovigil.vigilance.e2b.findings import select
from exovigil.vigilance.e2b.places import Owners, read_places
from exovigil.vigilance.e2b.writer import write_record_file
from tests.vigilance.e2b_random import random_batch


def by_xpath(root):
    """Every value of the table by element, each path followed on its own with XPath."""
    nodes = {"batch": [root]}
    for level in [inner for name in _names() for inner in inner_levels(name)]:
        nodes[level.name] = [n for outer in nodes[level.parent] for n in select(outer, level.xpath)]
    found = {}
    for row in elements():
        part, _, prefix = row.part.partition("|")
        spots = [spot for node in nodes[row.level] for spot in select(node, row.xpath)]
        found[row.element] = [
            (spot, _value(spot, part, prefix).strip(), spot.get("nullFlavor", "")) for spot in spots
        ]
    return found


def _value(node, part, prefix):
    if part == "text":
        return "".join(node.itertext())
    return node.get(part[1:], "").removeprefix(prefix)


def _names():
    names = ["batch"]
    for name in names:
        names += [inner.name for inner in inner_levels(name)]
    return names


def by_walk(root):
    levels = read_places(root).by_level()
    return {
        row.element: [tuple(s) for place in levels[row.level] for s in place.spots.get(row.element, ())]
        for row in elements()
    }


def broken_by(rng, root):
    """Put a few faults anywhere: nodes lost, doubled or moved, attributes lost or strange."""
    nodes = list(root.iter())[1:]
    for node in rng.sample(nodes, 4):
        parent, what = node.getparent(), rng.randrange(5)
        if parent is None:
            continue
        if what == 0:
            parent.remove(node)
        elif what == 1:
            node.addnext(etree.fromstring(etree.tostring(node)))
        elif what == 2:
            parent.insert(0, node)
        elif node.attrib:
            name = rng.choice(sorted(node.attrib))
            node.set(name, rng.choice(["", "tel:1", "mailto:a@b", "TBD", "29", "1"]))
            if what == 4:
                del node.attrib[name]
    return root


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_the_walk_finds_what_xpath_finds(seed):
    rng = random.Random(seed)
    root = etree.fromstring(write_record_file(random_batch(seed, cases=2)))
    assert by_walk(root) == by_xpath(root)
    root = broken_by(rng, root)
    assert by_walk(root) == by_xpath(root)


def test_numbered_names_are_told_apart_and_a_node_knows_its_element():
    root = etree.fromstring(write_record_file(random_batch(3)))
    (person, *_) = select(root, "//h:assignedPerson[not(h:name)]") or select(root, "//h:assignedPerson")
    name = person.find("{*}name")
    if name is None:
        name = etree.SubElement(person, "{urn:hl7-org:v3}name")
        person.insert(0, name)
    for given_name in list(name):
        name.remove(given_name)
    for text in ("first", "second", "third"):
        etree.SubElement(name, "{urn:hl7-org:v3}given").text = text
    found = read_places(root).by_level()
    values = {s.value for places in found.values() for p in places for s in p.spots.get("C.2.r.1.2", ())}
    values |= {s.value for places in found.values() for p in places for s in p.spots.get("C.3.3.3", ())}
    assert "first" in values
    assert "third" not in values
    owners = Owners(found)
    assert owners.get(name[1]) in {"C.2.r.1.3", "C.3.3.4"}
    assert owners.get(name[2]) == ""
    value = select(root, "//h:observation[h:code[@code='29']]/h:value")[0]
    assert (owners.get(value, "code"), owners.get(value, "codeSystemVersion")) == ("E.i.2.1b", "E.i.2.1a")
    assert name[2] not in owners


@pytest.mark.parametrize("level", ["patient", "drug", "reaction"])
def test_a_walk_may_start_at_any_level(level):
    root = etree.fromstring(write_record_file(random_batch(5)))
    (place, *_) = read_places(root).by_level()[level]
    again = read_places(place.node, level)
    assert again.spots == place.spots
