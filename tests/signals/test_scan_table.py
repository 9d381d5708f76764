"""The pairs of a scan's file as a list: searched, filtered, ordered, and read a page at a time."""

import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exovigil.signals.scan_table import COLUMNS, RULES, PairRow, ScanTable, Wanted, counted, row_of


def row(product, reaction, n, **numbers) -> dict:
    return dict.fromkeys(COLUMNS[3:], None) | {"product": product, "reaction": reaction, "n": n} | numbers


ROWS = [
    row("ALPHA SERUM", "GRANULOMA", 12, prr=8.0, chi2=60.0, ic025=1.9, eb05=4.0),
    row("ALPHA SERUM", "ERYTHEMA", 3, prr=2.0, chi2=4.0, ic025=-0.1, eb05=0.8),
    row("BETA FILLER", "GRANULOMA", 2, prr=9.0, chi2=20.0, ic025=0.4, eb05=1.2),
    row("BETA FILLER", "PAIN", 1, prr=math.nan, chi2=None, ic025=-3.0, eb05=None),
    row("GAMMA 100%_GEL", "PAIN", 5, prr=1.0, chi2=0.0, ic025=-0.5, eb05=math.nan),
]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("scan") / "pairs.parquet"
    schema = pa.schema(
        [("product", pa.string()), ("reaction", pa.string()), ("n", pa.int64())]
        + [(name, pa.float64()) for name in COLUMNS[3:]]
    )
    pq.write_table(pa.Table.from_pylist(ROWS, schema=schema), path)
    return path


def names(table: ScanTable) -> list[tuple[str, str]]:
    return [(r.product.split()[0], r.reaction) for r in table]


def test_the_strongest_come_first_and_what_has_no_number_last(file):
    assert names(ScanTable(file, Wanted())) == [
        ("ALPHA", "GRANULOMA"), ("BETA", "GRANULOMA"), ("ALPHA", "ERYTHEMA"), ("GAMMA", "PAIN"), ("BETA", "PAIN")
    ]  # fmt: skip


@pytest.mark.parametrize("order", ["eb05", "-eb05"])
def test_what_has_no_number_is_last_either_way(file, order):
    found = names(ScanTable(file, Wanted(order=order)))
    assert found[-2:] == [("GAMMA", "PAIN"), ("BETA", "PAIN")]


def test_an_order_that_is_none_of_ours_is_the_usual_one(file):
    assert names(ScanTable(file, Wanted(order="n; drop table"))) == names(ScanTable(file, Wanted()))


@pytest.mark.parametrize(
    ("words", "found"),
    [("granu", 2), ("alpha ery", 1), ("PAIN", 2), ("100%_", 1), ("%", 1), ("nothing like it", 0), ("'", 0)],
)
def test_every_word_must_be_in_the_product_or_the_reaction(file, words, found):
    assert len(ScanTable(file, Wanted(words=words))) == found


@pytest.mark.parametrize(("rule", "found"), [("eb05", 1), ("ic025", 2), ("evans", 2), ("unheard of", 5)])
def test_a_rule_keeps_the_pairs_that_meet_it(file, rule, found):
    assert len(ScanTable(file, Wanted(rule=rule))) == found


def test_the_counts_are_those_of_the_rules(file):
    assert counted(file) == {"all": 5} | {rule: len(ScanTable(file, Wanted(rule=rule))) for rule in RULES}


def test_pages_follow_one_another_without_gap_or_overlap(file):
    table = ScanTable(file, Wanted(at_least=2))
    assert len(table) == 4
    assert [*table[0:3], *table[3:6]] == list(table)


def test_a_number_that_is_none_is_missing_not_zero(file):
    found = row_of(file, "BETA FILLER", "PAIN")
    assert isinstance(found, PairRow)
    assert (found.prr, found.chi2, found.eb05, found.n) == (None, None, None, 1)
    assert row_of(file, "BETA FILLER", "pain") is None
