"""Duplicates in a report store: what is compared of each report, and the list that is written."""

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.signals.duplicates.from_store import fill, list_duplicates
from exovigil.signals.duplicates.scorer import find
from exovigil.signals.store import Flat, StoreError, import_files
from exovigil.vigilance.duplicate_links import normal

REPORT = {
    "report": 1, "source": "FAERS", "family": "FAERS", "case_id": "77", "report_number": "771", "sex": "female",
    "age_years": 41.9, "country": "GB", "event_date": dt.date(2026, 2, 20), "event_precision": "day",
    "received": dt.date(2026, 3, 2),
}  # fmt: skip
HEADER = "number,product,reaction,lot,date,sex,age"
TWICE = [
    "r1,Vesiculin,Granuloma,VX-1,20260220,F,41",
    "r1,Otherin,Fever,,20260220,F,41",
    "r2,Vesiculin,Granuloma,VX 1,20260220,F,41",
    "r2,Otherin,Fever,,20260220,F,41",
]


@dataclass
class Written:
    """As much of an opened store as is read here."""

    paths: dict[str, Path]


def written(
    folder: Path, reports: list[dict], products: list[dict] = (), reactions: list[dict] = ()
) -> Written:
    text, number = pa.string(), pa.int64()
    schemas = {
        "reports": [
            ("report", number), *((n, text) for n in ("source", "family", "case_id", "report_number", "sex")),
            ("age_years", pa.float64()), ("country", text), ("event_date", pa.date32()), ("event_precision", text),
            ("received", pa.date32()),
        ],
        "report_products": [("report", number), ("product", text), ("lot_key", text), ("role", text)],
        "report_reactions": [("report", number), ("reaction", text)],
    }  # fmt: skip
    rows = {"reports": reports, "report_products": products, "report_reactions": reactions}
    for name, schema in schemas.items():
        pq.write_table(pa.Table.from_pylist(list(rows[name]), pa.schema(schema)), folder / f"{name}.parquet")
    return Written({name: folder / f"{name}.parquet" for name in schemas})


def filled(folder: Path, *args) -> list[dict]:
    with duckdb.connect() as connection:
        fill(connection, written(folder, *args))
        found = connection.execute("from duplicate_report order by id").to_arrow_table().to_pylist()
        find(connection)  # the scorer takes the columns as they are
    return found


def table(folder: Path, *lines: str, name: str = "t") -> Path:
    """A store of a flat table, among reports that nothing is a duplicate of."""
    others = (
        f"x{n},Product {n},Reaction {n % 7},,{2020 + n % 5}0{1 + n % 9}1{n % 9},{'FM'[n % 2]},{20 + n % 50}"
        for n in range(300)
    )
    path = folder / f"{name}.csv"
    path.write_text("\n".join((HEADER, *lines, *others)) + "\n", encoding="utf-8")
    columns = ("number", "product", "reaction", "lot", "date", "sex", "age")
    import_files(folder / "store", "table", [path], flat=Flat(name, *columns))
    return folder / "store"


def test_a_report_is_compared_by_what_the_store_knows_of_it(tmp_path):
    products = [
        {"report": 1, "product": "VESICULIN", "lot_key": "VX1", "role": "suspect"},
        {"report": 1, "product": "VESICULIN", "lot_key": "VX1", "role": "interacting"},
        {"report": 1, "product": "ASPIRIN", "lot_key": None, "role": "concomitant"},
        {"report": 1, "product": "OTHERIN", "lot_key": "", "role": "unknown"},
    ]
    reactions = [{"report": 1, "reaction": r} for r in ("GRANULOMA", "FEVER", "FEVER", None)]
    bare = {key: None for key in REPORT} | {"report": 2, "family": "FAERS", "sex": "unknown"}
    first, second = filled(tmp_path, [REPORT, bare], products, reactions)
    assert first == {
        "id": "1", "numbers": [], "linked": [], "patient": None, "sex": "female", "birth": None, "age": 41,
        "country": "GB", "site": None, "products": ["OTHERIN", "VESICULIN"], "lots": ["VX1"],
        "reactions": ["FEVER", "GRANULOMA"], "onset": "2026-02-20", "received": dt.date(2026, 3, 2),
    }  # fmt: skip
    assert second["id"] == "2"
    assert {second[key] for key in ("sex", "age", "country", "onset", "received")} == {None}
    assert (second["products"], second["lots"], second["reactions"]) == ([], [], [])


@pytest.mark.parametrize(
    ("precision", "onset"),
    [("day", "2026-01-01"), ("month", "2026-01"), ("year", "2026"), ("doubtful", "2026"), (None, None)],
)
def test_the_day_of_onset_is_only_as_exact_as_it_was_told(tmp_path, precision, onset):
    told = REPORT | {"event_date": dt.date(2026, 1, 1), "event_precision": precision}
    assert filled(tmp_path, [told])[0]["onset"] == onset


@given(st.text(max_size=12) | st.sampled_from(["gb-acme-0007/1", "unknown", "12", "A_1-2 3"]))
def test_numbers_are_compared_as_the_registry_compares_them(tmp_path_factory, number):
    told = REPORT | {"family": "E2B", "report_number": number, "case_id": None}
    found = filled(tmp_path_factory.mktemp("n"), [told])[0]["numbers"]
    if number.isascii():
        assert found == ([normal(number)] if normal(number) else [])


def test_only_numbers_given_once_in_the_world_are_compared(tmp_path):
    reports = [
        REPORT | {"report": 1, "family": "E2B", "report_number": "GB-A-0001", "case_id": "GB-A-0001"},
        REPORT | {"report": 2, "family": "E2B", "report_number": "US-B-0009", "case_id": "gb a 0001"},
        REPORT | {"report": 3, "family": "FAERS", "case_id": "1000001"},
        REPORT | {"report": 4, "family": "CAERS", "case_id": "1000001"},
    ]
    numbers = {row["id"]: set(row["numbers"]) for row in filled(tmp_path, reports)}
    assert numbers == {"1": {"GBA0001"}, "2": {"USB0009", "GBA0001"}, "3": set(), "4": set()}


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_report_told_twice_is_listed_with_its_reasons(tmp_path, ending):
    out = tmp_path / f"pairs.{ending}"
    found = list_duplicates(table(tmp_path, *TWICE), out)
    rows = (
        list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
        if ending == "csv"
        else pq.read_table(out).to_pylist()
    )
    (row,) = rows
    assert (found.pairs, found.reports, found.certain) == (1, 302, 0)
    assert {row["case_1"], row["case_2"]} == {"r1", "r2"}
    assert (row["source_1"], row["source_2"], row["band"]) == ("t", "t", "review")
    assert 0.5 <= float(row["chance"]) < 1
    for words in (
        "before looking: any two of 302 reports",
        "same lot (+",
        "same day of onset",
        "2 reactions in common",
    ):
        assert words in row["why"]


def test_the_least_chance_moves_what_is_listed(tmp_path):
    store = table(tmp_path, *TWICE, "r3,Vesiculin,Fever,,20260309,F,41")
    counts = [list_duplicates(store, tmp_path / "p.csv", least).pairs for least in (0.000001, 0.5, 0.9999999)]
    assert counts[0] > counts[1] > counts[2] == 0


def test_people_of_one_lot_are_not_listed_as_one(tmp_path):
    """Eight women of eight ages on one lot in one month."""
    women = [f"w{n},Vesiculin,Granuloma,VX-1,202602{10 + n},F,{26 + 3 * n}" for n in range(8)]
    assert list_duplicates(table(tmp_path, *women), tmp_path / "p.csv").pairs == 0


@pytest.mark.parametrize("least", [0.0, 1.0, -1.0, float("nan")])
def test_a_chance_that_is_none_is_refused(tmp_path, least):
    with pytest.raises(ValueError, match="between 0 and 1"):
        list_duplicates(tmp_path, tmp_path / "p.csv", least)


def test_nothing_is_left_behind_when_it_cannot_be_done(tmp_path):
    with pytest.raises(StoreError):
        list_duplicates(tmp_path, tmp_path / "p.csv")
    with pytest.raises(ValueError, match=r"\.csv or \.parquet"):
        list_duplicates(table(tmp_path, *TWICE), tmp_path / "p.xlsx")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith((".", "p."))]
