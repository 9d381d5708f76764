"""The declared layouts are sound: every name they use is one that the store and the importers know."""

import re

import pytest

from exovigil.signals.store import Unreadable
from exovigil.signals.store.layouts import (
    age_units,
    columns,
    file_layouts,
    is_serious,
    quirks,
    read_header,
    values,
)
from exovigil.signals.store.workbench import script

FAERS = {row.table: row for row in file_layouts() if row.format == "faers"}


@pytest.mark.parametrize(
    ("name", "table", "period"),
    [
        ("ascii/DEMO04Q1.TXT", "reports", "2004Q1"),
        ("DEMO18Q1_new.txt", "reports", "2018Q1"),
        ("ASCII/drug25q3.txt", "products", "2025Q3"),
        ("Deleted/ADR19Q1DeletedCases.txt", "deleted", ""),
        ("DEMO18Q5.txt", "reports", None),
        ("README.txt", "reports", None),
        ("MYDEMO18Q1.txt", "reports", None),
    ],
)
def test_a_members_name_tells_its_table_and_period(name, table, period):
    assert FAERS[table].period(name) == period


def test_no_name_stands_for_two_columns_of_a_table_and_no_word_for_two_values():
    for layout in file_layouts():
        names = [name.lower() for column in columns(layout.format, layout.table) for name in column.names]
        assert len(names) == len(set(names))
    words = [(row.column, word) for row in values() for word in row.written]
    assert len(words) == len(set(words))
    assert all(word == word.upper() for _, word in words)


def test_roles_mean_one_of_the_declared_vocabulary():
    assert {row.means for row in values() if row.column == "role"} == {
        "suspect",
        "interacting",
        "concomitant",
    }


def test_units_of_age_are_what_they_are_called():
    years = {word: unit.years for unit in age_units() for word in unit.written}
    assert years["MON"] * 12 == pytest.approx(1)
    assert years["WK"] * 365.25 / 7 == pytest.approx(1)
    assert years["DY"] * 365.25 == pytest.approx(1)
    assert years["HR"] * 365.25 * 24 == pytest.approx(1)
    assert years["DEC"] == 10


def test_every_quirk_that_the_sql_counts_is_declared():
    counted = set(re.findall(r"SELECT '([^']+)'", script("oddities"))) | set(
        re.findall(r"(?:THEN|ELSE) '([a-z ]+)'", script("oddities"))
    )
    assert counted
    assert counted <= set(quirks())


def test_a_header_is_read_without_case_spaces_and_a_byte_order_mark():
    header = read_header("x", ["\ufeffISR ", "PT", "", "v3"], columns("faers", "reactions"))
    assert header.places == {"report_number": 0, "reaction": 1}
    assert (header.width, header.named) == (4, 2)
    assert header.quirks["unnamed last column"] == ("without a name", "v3")


def test_a_missing_column_is_named_with_its_other_names():
    with pytest.raises(Unreadable, match="x, line 1: no column primaryid or isr; the file has pt"):
        read_header("x", ["pt"], columns("faers", "reactions"))


def test_outcomes_in_words_are_serious_or_not():
    assert is_serious(" Hospitalization")
    assert not is_serious("Visited a Health Care Provider")
