"""The counting kernel against sets counted in plain Python."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exovigil.signals.scan import kernel
from exovigil.signals.scan.encoding import encode
from exovigil.signals.scan.kernel import count
from exovigil.signals.store import open_store
from tests.signals.scan.stores import Reports, slow_count, some_reports

ROLES = st.sets(st.sampled_from(["suspect", "interacting", "concomitant", "unknown"]), min_size=1)


def as_dicts(found):
    """Non-zero counts by name."""
    pairs = found.pairs.tocoo()
    return (
        {
            (found.products[p], found.reactions[r]): int(n)
            for p, r, n in zip(pairs.row, pairs.col, pairs.data, strict=True)
        },
        {name: int(n) for name, n in zip(found.products, found.product_reports, strict=True) if n},
        {name: int(n) for name, n in zip(found.reactions, found.reaction_reports, strict=True) if n},
        found.reports,
    )


def slow(reports, roles):
    counted = slow_count(reports, roles)
    return dict(counted.pairs), dict(counted.products), dict(counted.reactions), counted.reports


@pytest.mark.parametrize("dense", [0.0001, 16, 1e12])  # all rows sparse, the usual mixture, all rows dense
@pytest.mark.parametrize("roles", [("suspect",), ("suspect", "interacting"), ("concomitant",)])
def test_counts_are_those_of_sets_of_reports(tmp_path, monkeypatch, dense, roles):
    monkeypatch.setattr(kernel, "_DENSE", dense)
    monkeypatch.setattr(kernel, "_BATCH", 50)
    reports = some_reports(300, 1)
    encoded = encode(open_store(reports.write(tmp_path)))
    assert as_dicts(count(encoded, roles)) == slow(reports, roles)


@given(
    rows=st.lists(
        st.tuples(
            st.integers(-5, 5), st.sampled_from("ABC"), st.sampled_from(["suspect", "interacting", "unknown"])
        )
    ),
    told=st.lists(st.tuples(st.integers(-5, 5), st.sampled_from("xyz"))),
    roles=ROLES,
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rows_whatever(tmp_path_factory, rows, told, roles):
    reports = Reports({number: (None, None, None) for number in range(-5, 6)}, rows, told)
    encoded = encode(open_store(reports.write(tmp_path_factory.mktemp("store"))))
    assert as_dicts(count(encoded, tuple(roles))) == slow(reports, tuple(roles))


def test_worked_example_two_by_two(tmp_path):
    """Of 5 reports 3 name A, 3 tell of x, 2 do both; the same row twice, or in two roles, is one report."""
    reports = Reports({number: (None, None, None) for number in range(1, 8)})
    reports.products = [
        (1, "A", "suspect"),
        (1, "A", "suspect"),
        (1, "A", "interacting"),
        (2, "A", "suspect"),
    ]
    reports.products += [
        (3, "A", "suspect"),
        (4, "B", "suspect"),
        (5, "B", "suspect"),
        (6, "A", "concomitant"),
    ]
    reports.reactions = [(1, "x"), (1, "x"), (2, "x"), (3, "y"), (4, "x"), (5, "y"), (6, "x"), (7, "x")]
    found = count(encode(open_store(reports.write(tmp_path))), ("suspect",))
    pairs, products, reactions, everyone = as_dicts(found)
    assert everyone == 5
    assert (products["A"], reactions["x"], pairs["A", "x"]) == (3, 3, 2)
    assert found.pairs.dtype == np.int32


def test_names_are_in_the_order_of_their_code_points(tmp_path):
    reports = Reports({1: (None, None, None)})
    reports.products = [(1, name, "suspect") for name in ("é", "z", "Z", "a", "10", "9")]
    reports.reactions = [(1, "x")]
    encoded = encode(open_store(reports.write(tmp_path)))
    assert encoded.products.names == ("10", "9", "Z", "a", "z", "é")
