"""The encoded copy: it is what was read, and a store that contradicts itself is refused by name."""

import numpy as np
import pytest

from exovigil.signals.scan.encoding import encode, load, save
from exovigil.signals.scan.population import Population, Store, StoreError
from tests.signals.scan.stores import Reports, some_reports


def test_a_copy_comes_back_as_it_was(tmp_path):
    encoded = encode(Store.at(some_reports(200, 3).write(tmp_path)))
    save(encoded, tmp_path / "encoded" / "here", {})
    again = load(tmp_path / "encoded" / "here")
    assert np.array_equal(again.reports, encoded.reports)
    for side in ("products", "reactions"):
        one, two = getattr(encoded, side), getattr(again, side)
        assert one.names == two.names
        assert np.array_equal(one.start, two.start)
        assert np.array_equal(one.code, two.code)
    assert [path.name for path in (tmp_path / "encoded").iterdir()] == ["here"]  # nothing half-made is left


def test_a_copy_that_is_there_already_is_kept(tmp_path):
    encoded = encode(Store.at(some_reports(20, 3).write(tmp_path)))
    save(encoded, tmp_path / "encoded" / "here", {"made": 1})
    save(encoded, tmp_path / "encoded" / "here", {"made": 2})
    assert '"made": 1' in (tmp_path / "encoded" / "here" / "about.json").read_text()


def test_rows_of_a_report_that_is_not_there_are_refused(tmp_path):
    reports = some_reports(20, 3)
    reports.reactions.append((999_999, "x"))
    with pytest.raises(StoreError, match=r"report_reactions\.parquet names a report"):
        encode(Store.at(reports.write(tmp_path)))


def test_a_role_that_is_none_is_refused(tmp_path):
    reports = Reports({1: (None, None, None)}, [(1, "A", "primary")], [(1, "x")])
    with pytest.raises(StoreError, match="role 'primary' is none of"):
        encode(Store.at(reports.write(tmp_path)))


def test_an_unfilled_store_says_how_to_fill_it(tmp_path):
    with pytest.raises(StoreError, match="exovigil signals import"):
        Store.at(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"snapshot": 3}', '{"snapshot": "../up"}', '{"snapshot": ""}']
)
def test_a_manifest_without_a_usable_snapshot_is_refused(tmp_path, text):
    store = Store.at(some_reports(5, 1).write(tmp_path))
    store.manifest.write_text(text)
    with pytest.raises(StoreError, match=r"manifest\.json"):
        _ = store.snapshot


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
