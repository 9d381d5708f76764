"""Counts brought up to date are those of a full count, whatever came and went."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.signals.scan import cache
from exovigil.signals.scan.cache import prepare
from exovigil.signals.scan.population import Store
from tests.signals.scan.stores import Reports, change, slow_count, some_reports
from tests.signals.scan.test_kernel import as_dicts, slow

ROLES = ("suspect", "interacting")


def without(reports, gone):
    return Reports(
        {number: person for number, person in reports.people.items() if number not in gone},
        [row for row in reports.products if row[0] not in gone],
        [row for row in reports.reactions if row[0] not in gone],
    )


def together(one, two):
    return Reports(one.people | two.people, one.products + two.products, one.reactions + two.reactions)


def imported(directory, before, coming, gone, number):
    """The store after an import that takes some reports out and brings others in."""
    after = together(without(before, gone), coming)
    after.write(directory, snapshot=f"after-{number}", version=number)
    change(directory, number, sorted(coming.people), sorted(gone))
    return after


@given(seed=st.integers(0, 2**32), size=st.integers(0, 40), gone=st.integers(0, 30), kinds=st.integers(1, 40))
@settings(max_examples=25)
def test_an_import_gives_the_counts_of_a_full_count(tmp_path_factory, seed, size, gone, kinds):
    directory = tmp_path_factory.mktemp("store")
    before = some_reports(60, 5)
    before.write(directory)
    change(directory, 1, sorted(before.people), [])
    prepare(Store.at(directory), ROLES)
    coming = some_reports(
        size, seed, products=kinds, reactions=2 * kinds, first=4
    )  # new names, numbers between
    coming.people = {
        number: person for number, person in coming.people.items() if number not in before.people
    }
    coming = without(coming, set(before.people))
    after = imported(directory, before, coming, set(sorted(before.people)[:gone]), 2)
    found = prepare(Store.at(directory), ROLES)
    assert found.how == "last counts brought up to date"
    assert as_dicts(found.counts) == slow(after, ROLES)


def test_the_same_report_may_come_again_changed_and_imports_may_be_missed(tmp_path):
    first = some_reports(80, 6)
    first.write(tmp_path)
    change(tmp_path, 1, sorted(first.people), [])
    prepare(Store.at(tmp_path), ROLES)
    number = sorted(first.people)[3]
    newer = Reports({number: ("male", 4.0, None)}, [(number, "NEWER", "suspect")], [(number, "Newer still")])
    second = imported(tmp_path, first, newer, {number}, 2)
    third = imported(tmp_path, second, some_reports(10, 8, first=9001), set(sorted(first.people)[10:20]), 3)
    found = prepare(Store.at(tmp_path), ROLES)
    assert found.how == "last counts brought up to date"
    assert as_dicts(found.counts) == slow(third, ROLES)
    again = prepare(Store.at(tmp_path), ROLES)
    assert again.how == "kept from the last scan"
    assert as_dicts(again.counts) == slow(third, ROLES)
    other = prepare(Store.at(tmp_path), ("concomitant",))  # the updated copy serves other roles too
    assert other.how == "counted"
    assert as_dicts(other.counts) == slow(third, ("concomitant",))
    assert [path.name for path in (tmp_path / "encoded").iterdir()] == ["after-3"]


@pytest.mark.parametrize("trouble", ["rewritten", "silent", "unfinished", "incomplete"])
def test_a_store_whose_changes_do_not_tell_is_counted_anew(tmp_path, trouble):
    first = some_reports(80, 6)
    first.write(tmp_path)
    change(tmp_path, 1, sorted(first.people), [])
    prepare(Store.at(tmp_path), ROLES)
    second = together(first, some_reports(10, 8, first=9001))
    second.write(tmp_path, snapshot="second", version=1 if trouble == "unfinished" else 2)
    if trouble != "silent":
        change(tmp_path, 2, [9001, 9008] if trouble == "incomplete" else sorted(second.people), [])
    if trouble == "rewritten":
        change(tmp_path, 1, [1], [])
    found = prepare(Store.at(tmp_path), ROLES)
    assert found.how == "counted"
    assert as_dicts(found.counts) == slow(second, ROLES)


def test_only_touched_reports_are_counted_again(tmp_path, monkeypatch):
    first = some_reports(80, 6)
    first.write(tmp_path)
    change(tmp_path, 1, sorted(first.people), [])
    prepare(Store.at(tmp_path), ROLES)
    second = imported(tmp_path, first, some_reports(10, 8, first=9001), set(), 2)
    monkeypatch.setattr(cache.encoding, "encode", None)
    monkeypatch.setattr(cache.kernel, "count", None)
    found = prepare(Store.at(tmp_path), ROLES)
    assert found.counts.reports == slow_count(second, ROLES).reports
