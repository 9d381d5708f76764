"""The encoded copy: it is what was read, and a store that contradicts itself is refused by name."""

import numpy as np
import pytest

from exovigil.signals.scan.encoding import encode, load, save
from exovigil.signals.scan.population import Population
from exovigil.signals.store import StoreError, open_store
from tests.signals.scan.stores import Reports, some_reports


def test_a_copy_comes_back_as_it_was(tmp_path):
    encoded = encode(open_store(some_reports(200, 3).write(tmp_path)))
    save(encoded, tmp_path / "here")
    again = load(tmp_path / "here")
    assert np.array_equal(again.reports, encoded.reports)
    for side in ("products", "reactions"):
        one, two = getattr(encoded, side), getattr(again, side)
        assert one.names == two.names
        assert np.array_equal(one.start, two.start)
        assert np.array_equal(one.code, two.code)


def test_rows_of_a_report_that_is_not_there_are_refused(tmp_path):
    reports = some_reports(20, 3)
    reports.reactions.append((999_999, "x"))
    with pytest.raises(StoreError, match=r"report_reactions\.parquet names a report"):
        encode(open_store(reports.write(tmp_path)))


def test_a_role_that_is_none_is_refused(tmp_path):
    reports = Reports({1: (None, None, None)}, [(1, "A", "primary")], [(1, "x")])
    with pytest.raises(StoreError, match="role 'primary' is none of"):
        encode(open_store(reports.write(tmp_path)))


@pytest.mark.parametrize(
    ("roles", "strata", "words"),
    [
        (["primary"], [], "no role 'primary'"),
        (["suspect"], ["weight"], "no stratum 'weight'"),
        ([], [], "at least one"),
    ],
)
def test_unknown_choices_are_refused(roles, strata, words):
    with pytest.raises(ValueError, match=words):
        Population.of(roles, strata)


def test_choices_are_put_in_one_order():
    chosen = Population.of(["concomitant", "suspect"], ["year", "sex"])
    assert chosen == Population(("suspect", "concomitant"), ("sex", "year"))
