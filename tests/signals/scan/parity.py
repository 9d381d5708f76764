"""Two tables of a scan side by side: counts equal exactly, statistics to 1e-9."""

import math

import pyarrow.csv as pc
import pyarrow.parquet as pq

from exovigil.signals.scan.table import COLUMNS


def rows(path):
    """Rows of a table of either kind; a missing number is None."""
    table = pq.read_table(path) if path.suffix == ".parquet" else pc.read_csv(path)
    assert tuple(table.column_names) == COLUMNS
    return table.to_pylist()


def assert_same(one, two):
    """Same pairs in the same order, same counts; numbers to 1e-9, infinite and missing ones in the same places."""
    assert [(r["product"], r["reaction"], r["n"]) for r in one] == [
        (r["product"], r["reaction"], r["n"]) for r in two
    ]
    assert one
    for left, right in zip(one, two, strict=True):
        for name in COLUMNS[3:]:
            assert close(left[name], right[name]), (
                left["product"],
                left["reaction"],
                name,
                left[name],
                right[name],
            )


def close(one, two):
    if one is None or two is None:
        return one is two
    return math.isclose(one, two, rel_tol=1e-9, abs_tol=1e-9)
