"""FAERS and AERS as they are: every known quirk is met, told, and costs no row in silence."""

import datetime as dt

import pytest

from exovigil.signals.store import Unreadable
from tests.signals.store.quarters import (
    DEMO,
    DRUG,
    OLD_DEMO,
    OLD_DRUG,
    OLD_REAC,
    REAC,
    brought,
    demo,
    drug,
    file,
    lines,
    of_cases,
    old_demo,
    quarter,
    quirks,
    reac,
    rows,
    write_zip,
)


def old(path, *, drugs: tuple[str, ...] = ("4263742$1001$PS$TAVOR$ORAL$03H0329$",), period="04Q1"):
    return write_zip(
        path,
        {
            f"ascii/DEMO{period}.TXT": lines(OLD_DEMO, old_demo("4263742", "4061110")),
            f"ascii/DRUG{period}.TXT": lines(OLD_DRUG, *drugs),
            f"ascii/REAC{period}.TXT": lines(OLD_REAC, "4263742$DIARRHOEA$"),
        },
    )


def test_both_mini_zips_come_in_whole(tmp_path, shared):
    folder = shared / "data/signals/layouts"
    store, done = brought(
        tmp_path / "s", folder / "aers_ascii_2004q1_mini.zip", folder / "faers_ascii_2017q2_mini.zip"
    )
    assert done.reports == {"read": 200, "kept": 200}
    assert all(f["read"] == f["kept"] + sum(f["rejected"].values()) for f in done.files)
    assert [s["rows_read"] for s in done.sources] == [1383, 1165]
    assert quirks(done, "products") == {
        "column not read": 5, "lot not known": 1, "renamed column": 1, "unnamed last column": 1,
    } | {"lot not known": 18, "several lots in one field": 2, "column not read": 12}  # fmt: skip
    assert store.manifest.rows == {
        "reports": 200, "report_products": 716, "report_reactions": 702, "deleted_cases": 0,
    }  # fmt: skip


def test_a_report_is_read_into_the_stores_words(tmp_path):
    zipped = quarter(
        tmp_path / "q.zip",
        DEMO=lines(DEMO, demo("10000001")),
        DRUG=lines(DRUG, drug("10000001", name=" Vesiculin.  gel ", lot="Lot# ab-1O3")),
        REAC=lines(REAC, reac("10000001")),
        OUTC=lines("primaryid$caseid$outc_cod", "100000011$10000001$HO"),
        THER=lines("primaryid$caseid$dsg_drug_seq$start_dt", "100000011$10000001$1$20170115"),
        INDI=lines("primaryid$caseid$indi_drug_seq$indi_pt", "100000011$10000001$1$Acne"),
    )
    store, _ = brought(tmp_path / "s", zipped)
    (report,), (product,), (reaction,) = (rows(store, t) for t in ("reports", "products", "reactions"))
    assert report["report"] == 2_000_000_100_000_011
    wanted = {
        "source": "FAERS", "case_id": "10000001", "version": 1, "received": dt.date(2017, 4, 5),
        "event_date": dt.date(2017, 3, 1), "sex": "female", "age_years": 40.0, "country": "US", "serious": True,
        "reporter": "physician", "kind": "initial", "period": "2017Q2",
    }  # fmt: skip
    assert wanted.items() <= report.items()
    assert {
        "product": "VESICULIN. GEL", "role": "suspect", "lot": "AB-1O3", "lot_key": "AB103",
        "lot_as_reported": "Lot# ab-1O3", "lot_changes": "case; prefix", "route": "ORAL",
        "started": dt.date(2017, 1, 15), "indication": "Acne",
    }.items() <= product.items()  # fmt: skip
    assert (reaction["reaction"], reaction["reaction_as_reported"]) == ("GRANULOMA", "Granuloma")


def test_aers_rows_end_in_a_stray_delimiter_and_columns_had_other_names(tmp_path):
    store, done = brought(tmp_path / "s", old(tmp_path / "q.zip"))
    assert quirks(done, "products")["stray delimiter at the end"] == 1
    note = next(q["note"] for q in file(done, "reports")["quirks"] if q["quirk"] == "renamed column")
    assert "gndr_cod is sex" in note
    assert [(r["source"], r["sex"]) for r in rows(store, "reports")] == [("AERS", "female")]
    assert rows(store, "products")[0]["lot"] == "03H0329"


@pytest.mark.parametrize(
    "joined",
    [
        "4263742$1001$PS$TAVOR$ORAL$03H0329$4263742$1002$SS$ALCOHOL$ORAL$$",
        "4263742$1001$PS$TAVOR$ORAL$4263742$1002$SS$ALCOHOL$ORAL$$",
        "4263742$1001$PS$TAVOR$ORAL$4263742$1002$SS$ALCOHOL$ORAL$X9",
    ],
)
def test_a_line_that_lacks_its_break_is_taken_apart(tmp_path, joined):
    store, done = brought(tmp_path / "s", old(tmp_path / "q.zip", drugs=(joined,), period="11Q3"))
    assert quirks(done, "products")["missing line break"] == 1
    assert [(p["seq"], p["product"]) for p in rows(store, "products")] == [(1001, "TAVOR"), (1002, "ALCOHOL")]
    assert (file(done, "products")["read"], file(done, "products")["kept"]) == (2, 2)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("100000011$10000001$1$PS$SHORT", "too few fields"),
        ("100000011$10000001$1$PS$LONG$$Oral$$$more$fields", "too many fields"),
        ("", "empty line"),
        ("$10000001$1$PS$NAMELESS$$Oral$$", "no report number"),
        ("999$10000001$1$PS$ORPHAN$$Oral$$", "its report is not there"),
        ("100000011$10000001$1$PS$ . $$Oral$$", "no product named"),
    ],
)
def test_a_row_that_cannot_be_kept_is_rejected_with_its_line(tmp_path, row, reason):
    drugs = lines(DRUG, drug("10000001"), row, drug("10000002"))
    store, done = brought(tmp_path / "s", quarter(tmp_path / "q.zip", DRUG=drugs))
    found = file(done, "products")
    assert (found["read"], found["kept"], found["rejected"]) == (3, 2, {reason: 1})
    assert found["first_lines"] == {reason: 3}
    assert len(rows(store, "products")) == 2


def test_rejected_rows_are_listed_in_the_store(tmp_path):
    import pyarrow.parquet as pq

    brought(tmp_path / "s", quarter(tmp_path / "q.zip", REAC=lines(REAC, reac("10000001"), "1$2")))
    listed = pq.read_table(tmp_path / "s/rejects/1.parquet").to_pylist()
    assert listed == [{"file": "q.zip/ascii/REAC17Q2.txt", "line": 3, "reason": "too few fields"}]


def test_a_byte_order_mark_and_a_space_in_the_header_do_no_harm(tmp_path):
    spaced = DEMO.replace("$sex", "$ sex")
    files = {"DEMO": lines(spaced, demo("10000001")), "DRUG": b"\xef\xbb\xbf" + lines(DRUG, drug("10000001"))}
    store, done = brought(tmp_path / "s", quarter(tmp_path / "q.zip", **files))
    assert quirks(done, "products")["byte-order mark"] == 1
    assert quirks(done, "reports")["space in the header"] == 1
    assert rows(store, "reports")[0]["sex"] == "female"


def test_demo18q1_new_is_read_and_told(tmp_path):
    files = {
        "DEMO18Q1_new.txt": lines(DEMO, demo("10000001")),
        "DRUG18Q1.txt": lines(DRUG, drug("10000001")),
        "REAC18Q1.txt": lines(REAC, reac("10000001")),
    }
    store, done = brought(tmp_path / "s", write_zip(tmp_path / "q.zip", files))
    assert quirks(done, "reports")["name of the file"] == 1
    assert rows(store, "reports")[0]["period"] == "2018Q1"


def test_rows_of_doses_stay_and_reports_are_counted(tmp_path):
    twice = lines(DRUG, drug("10000001"), drug("10000001"), drug("10000002"))
    store, done = brought(tmp_path / "s", quarter(tmp_path / "q.zip", "24Q4", DRUG=twice))
    assert quirks(done, "products")["one row a dose"] == 1
    assert store.products().count().to_pyarrow().as_py() == 3
    assert store.products().report.nunique().to_pyarrow().as_py() == 2


@pytest.mark.parametrize(
    ("country", "reporter", "kept"),
    [
        ("EU", "DE", "DE"),
        ("EU", "", "EU"),
        ("EU", "EU", "EU"),
        ("", "JP", "JP"),
        ("COUNTRY NOT SPECIFIED", "", None),
    ],
)
def test_eu_is_no_country_when_the_reporters_is_known(tmp_path, country, reporter, kept):
    files = {"DEMO": lines(DEMO, demo("10000001", country=country, reporter_country=reporter))}
    store, done = brought(tmp_path / "s", quarter(tmp_path / "q.zip", "25Q3", **files))
    assert rows(store, "reports")[0]["country"] == kept
    assert ("country EU" in quirks(done, "reports")) == (country == "EU")


@pytest.mark.parametrize(
    ("written", "day", "precision"),
    [
        ("20170301", dt.date(2017, 3, 1), "day"),
        ("20170101", dt.date(2017, 1, 1), "doubtful"),
        ("201703", dt.date(2017, 3, 1), "month"),
        ("2017", dt.date(2017, 1, 1), "year"),
        ("20170230", None, None),
        ("17", None, None),
        ("00010101", None, None),
    ],
)
def test_how_well_a_date_is_known_stands_beside_it(tmp_path, written, day, precision):
    files = {"DEMO": lines(DEMO, demo("10000001", event=written))}
    store, done = brought(tmp_path / "s", quarter(tmp_path / "q.zip", **files))
    report = rows(store, "reports")[0]
    assert (report["event_date"], report["event_precision"], report["event_as_reported"]) == (
        day,
        precision,
        written,
    )
    assert ("date not in the calendar" in quirks(done, "reports")) == (day is None)
    assert ("1 January, perhaps the year only" in quirks(done, "reports")) == (precision == "doubtful")


@pytest.mark.parametrize(
    ("age", "unit", "years"),
    [
        ("40", "YR", 40),
        ("4", "DEC", 40),
        ("6", "MON", 0.5),
        ("40", "", None),
        ("400", "YR", None),
        ("x", "YR", None),
    ],
)
def test_ages_are_years(tmp_path, age, unit, years):
    files = {"DEMO": lines(DEMO, demo("10000001", age=age, unit=unit))}
    store, done = brought(tmp_path / "s", quarter(tmp_path / "q.zip", **files))
    assert rows(store, "reports")[0]["age_years"] == years
    assert ("age without a known unit, or impossible" in quirks(done, "reports")) == (years is None)


def test_latin_1_and_utf_8_may_even_stand_in_one_file(tmp_path):
    mixed = lines(REAC, reac("10000001")) + "100000021$10000002$Ménière$\n".encode("latin-1")
    mixed += "100000021$10000002$Sjögren$\n".encode()
    store, done = brought(tmp_path / "s", quarter(tmp_path / "q.zip", REAC=mixed))
    assert [r["reaction"] for r in rows(store, "reactions")] == ["GRANULOMA", "MÉNIÈRE", "SJÖGREN"]
    assert quirks(done, "reactions")["not UTF-8"] == 1


def test_windows_line_ends_quotes_and_a_missing_last_break_are_plain_text(tmp_path):
    text = (
        lines(REAC, reac("10000001", term='He said "ow')).replace(b"\n", b"\r\n") + reac("10000002").encode()
    )
    store, done = brought(tmp_path / "s", quarter(tmp_path / "q.zip", REAC=text))
    assert [r["reaction"] for r in rows(store, "reactions")] == ['HE SAID "OW', "GRANULOMA"]
    assert quirks(done, "reactions")["no line break at the end"] == 1


def test_an_unnamed_last_column_is_left_out_only_while_it_is_empty(tmp_path):
    drugs = lines(DRUG + "$v10", drug("10000001") + "$", drug("10000002") + "$something")
    _, done = brought(tmp_path / "s", quarter(tmp_path / "q.zip", DRUG=drugs))
    assert file(done, "products")["rejected"] == {"too many fields": 1}


def test_two_lots_in_one_field_are_two_lots_of_one_product(tmp_path):
    drugs = lines(DRUG, drug("10000001", lot="F2091A,F2152A"), drug("10000002", lot="UNKNOWN"))
    store, done = brought(tmp_path / "s", quarter(tmp_path / "q.zip", DRUG=drugs))
    assert [p["lot"] for p in rows(store, "products")] == ["F2091A", "F2152A", None]
    assert quirks(done, "products").items() >= {"several lots in one field": 1, "lot not known": 1}.items()
    assert file(done, "products")["kept"] == 2


def test_empty_does_not_match_empty_when_reports_are_alike(tmp_path):
    same = [
        demo("10000001"),
        demo("10000002"),
        demo("10000003", age="", unit=""),
        demo("10000004", age="", unit=""),
    ]
    cases = ["10000001", "10000002", "10000003", "10000004"]
    files = {
        "DEMO": lines(DEMO, *same),
        "DRUG": lines(DRUG, *map(drug, cases)),
        "REAC": lines(REAC, *map(reac, cases)),
    }
    store, done = brought(tmp_path / "s", quarter(tmp_path / "q.zip", **files))
    assert done.alike == 2
    assert done.reports == {"read": 4, "kept": 4}
    likeness = [r["likeness"] for r in rows(store, "reports")]
    assert likeness[0] == likeness[1] is not None
    assert likeness[2:] == [None, None]


def test_a_report_that_stands_twice_in_a_file_is_counted_once(tmp_path):
    files = {"DEMO": lines(DEMO, demo("10000001"), demo("10000001", fda="20170409"), demo("10000002"))}
    store, done = brought(tmp_path / "s", quarter(tmp_path / "q.zip", **files))
    assert file(done, "reports")["rejected"] == {"the report stands twice in this file": 1}
    assert rows(store, "reports")[0]["received"] == dt.date(2017, 4, 9)


def test_a_list_of_deleted_cases_is_read_line_by_line(tmp_path):
    zipped = of_cases(
        tmp_path / "q.zip", "19Q1", ("10000001", 1, "20190102"), deleted=("caseid", "10000001", "nonsense")
    )
    _, done = brought(tmp_path / "s", zipped)
    found = file(done, "deleted")
    assert (found["read"], found["kept"], found["rejected"]) == (2, 1, {"not a case number": 1})
    assert done.reports == {"read": 1, "kept": 0, "deleted case": 1}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"DEMO": lines(DEMO.replace("caseid", "other"))},
            r"q.zip/ascii/DEMO17Q2.txt, line 1: no column caseid or case",
        ),
        ({"DEMO": lines(DEMO + "$sex")}, r"line 1: the column 'sex' stands twice"),
        ({"DEMO": b""}, r"DEMO17Q2.txt, line 1: no \$ in the first line"),
    ],
)
def test_a_header_that_does_not_fit_stops_the_import(tmp_path, files, message):
    with pytest.raises(Unreadable, match=message):
        brought(tmp_path / "s", quarter(tmp_path / "q.zip", **files))


def test_a_quarter_without_one_of_its_files_is_refused(tmp_path):
    zipped = write_zip(tmp_path / "q.zip", {"DEMO17Q2.txt": lines(DEMO), "DRUG17Q2.txt": lines(DRUG)})
    with pytest.raises(Unreadable, match="no file of reactions in it"):
        brought(tmp_path / "s", zipped)


def test_files_of_two_quarters_in_one_zip_are_refused(tmp_path):
    files = {"DEMO17Q2.txt": lines(DEMO), "DRUG17Q3.txt": lines(DRUG), "REAC17Q2.txt": lines(REAC)}
    with pytest.raises(Unreadable, match="several quarters, 2017Q2 and 2017Q3"):
        brought(tmp_path / "s", write_zip(tmp_path / "q.zip", files))
