"""Counts brought up to date are those of a full count, whatever came and went."""

import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.signals.scan import cache, segments
from exovigil.signals.scan.cache import prepare
from exovigil.signals.store import open_store
from tests.signals.scan.stores import Reports, change, slow_count, some_reports
from tests.signals.scan.test_kernel import as_dicts, slow

ROLES = ("suspect", "interacting")


def without(reports, gone):
    return Reports(
        {number: person for number, person in reports.people.items() if number not in gone},
        [row for row in reports.products if row[0] not in gone],
        [row for row in reports.reactions if row[0] not in gone],
    )


def only(reports, kept):
    return without(reports, set(reports.people) - set(kept))


def together(one, two):
    return Reports(one.people | two.people, one.products + two.products, one.reactions + two.reactions)


def filled(directory, reports):
    """A store after its first import, scanned."""
    reports.write(directory)
    change(directory, 1, reports)
    prepare(open_store(directory), ROLES)
    return reports


def imported(directory, before, coming, gone, number):
    """The store after an import that takes some reports out and brings others in, old numbers too."""
    gone = set(gone) | (set(coming.people) & set(before.people))
    after = together(without(before, gone), coming)
    after.write(directory, snapshot=f"after-{number}", version=number)
    change(directory, number, coming, sorted(gone))
    return after


IMPORT = st.tuples(
    st.integers(0, 2**32),  # seed
    st.integers(0, 25),  # reports that come, among them numbers that are there
    st.sampled_from([1, 4, 8, 71, 1000]),  # the first of their numbers
    st.integers(0, 30),  # how many of the reports that are there go
    st.integers(1, 40),  # how many names
    st.booleans(),  # whether it is scanned before the next one
)


@given(imports=st.lists(IMPORT, min_size=1, max_size=5), most=st.sampled_from([1, 2, 24]))
@settings(max_examples=40, deadline=None)
def test_any_row_of_imports_gives_the_counts_of_a_rebuild(tmp_path_factory, imports, most):
    directory = tmp_path_factory.mktemp("store")
    now = filled(directory, some_reports(40, 5))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "MOST_SEGMENTS", most)
        for number, (seed, size, first, gone, kinds, scanned) in enumerate(imports, 2):
            rng = np.random.default_rng(seed)
            coming = some_reports(size, seed, products=kinds, reactions=2 * kinds, first=first)
            out = rng.permutation(sorted(now.people))[:gone].tolist()
            now = imported(directory, now, coming, out, number)
            if scanned or number == len(imports) + 1:
                found = prepare(open_store(directory), ROLES)
                assert found.how == "last counts brought up to date"
                assert as_dicts(found.counts) == slow(now, ROLES)
                assert found.counts.pairs.has_canonical_format
    other = prepare(open_store(directory), ("concomitant",))  # the updated copy serves other roles too
    assert other.how == "counted"
    assert as_dicts(other.counts) == slow(now, ("concomitant",))
    assert sorted(other.encoded().reports.tolist()) == sorted(now.people)


def test_a_copy_is_kept_and_the_one_before_goes(tmp_path):
    first = filled(tmp_path, some_reports(80, 6))
    imported(tmp_path, first, some_reports(10, 8, first=9001), sorted(first.people)[10:12], 2)
    assert prepare(open_store(tmp_path), ROLES).how == "last counts brought up to date"
    again = prepare(open_store(tmp_path), ROLES)
    assert again.how == "kept from the last scan"
    assert len(again.copy.segments) == 2
    assert sorted(path.name for path in (tmp_path / "encoded").iterdir()) == [".lock", "after-2"]


def test_many_segments_and_many_gone_reports_become_one_segment(tmp_path):
    now = filled(tmp_path, some_reports(80, 6))
    now = imported(tmp_path, now, some_reports(3, 8, first=9001), sorted(now.people)[:8], 2)
    assert len(prepare(open_store(tmp_path), ROLES).copy.segments) == 2  # 8 of 83 are gone
    now = imported(tmp_path, now, some_reports(3, 9, first=4), sorted(now.people)[:2], 3)
    found = prepare(open_store(tmp_path), ROLES)  # 10 of 86
    assert found.how == "last counts brought up to date"
    (segment,) = found.copy.segments
    assert segment.encoded.reports.tolist() == sorted(now.people)
    assert as_dicts(found.counts) == slow(now, ROLES)


@pytest.mark.parametrize(
    "trouble", ["rewritten", "silent", "unfinished", "incomplete", "twice", "never there", "older program"]
)
def test_a_store_whose_changes_do_not_tell_is_counted_anew(tmp_path, trouble):
    first = filled(tmp_path, some_reports(80, 6))
    coming = some_reports(10, 8, first=9001)
    second = together(first, coming)
    second.write(tmp_path, snapshot="second", version=1 if trouble == "unfinished" else 2)
    if trouble != "silent":
        told = {"incomplete": only(coming, [9001, 9008]), "twice": second}.get(trouble, coming)
        change(tmp_path, 2, told, [8888] if trouble == "never there" else [])
    if trouble == "rewritten":
        change(tmp_path, 1, Reports())
    if trouble == "older program":  # one that did not keep the names that an import brought
        shutil.rmtree(tmp_path / "history" / "2")
    found = prepare(open_store(tmp_path), ROLES)
    assert found.how == "counted"
    assert as_dicts(found.counts) == slow(second, ROLES)


def test_a_scan_that_was_killed_leaves_nothing_that_the_next_one_takes(tmp_path):
    first = filled(tmp_path, some_reports(80, 6))
    here = tmp_path / "encoded" / "first"
    (here / "about.json").unlink()
    (tmp_path / "encoded" / ".making-x" / "whole").mkdir(parents=True)
    found = prepare(open_store(tmp_path), ROLES)
    assert found.how == "counted"
    assert as_dicts(found.counts) == slow(first, ROLES)
    assert sorted(path.name for path in (tmp_path / "encoded").iterdir()) == [".lock", "first"]


def test_only_touched_reports_are_read_and_counted_again(tmp_path, monkeypatch):
    first = filled(tmp_path, some_reports(80, 6))
    second = imported(tmp_path, first, some_reports(10, 8, first=9001), [], 2)
    monkeypatch.setattr(cache.encoding, "encode", None)
    monkeypatch.setattr(cache.kernel, "count", None)
    monkeypatch.setattr(cache.segments.Copy, "whole", None)
    found = prepare(open_store(tmp_path), ROLES)
    assert found.counts.reports == slow_count(second, ROLES).reports
