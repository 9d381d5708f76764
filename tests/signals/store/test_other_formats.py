"""CAERS, VAERS, E2B, any table and the registry: one schema, every row accounted for."""

import csv
import datetime as dt
import gzip
import io
from pathlib import Path

import pytest

from exovigil.signals.store import Flat, StoreError, Unreadable, import_files, open_store
from tests.signals.store.quarters import brought, file, quirks, rows, write_zip

OLD_CAERS = (
    "RA_Report #,RA_CAERS Created Date,AEC_Event Start Date,PRI_Product Role,PRI_Reported Brand/Product Name,"
    "PRI_FDA Industry Code,PRI_FDA Industry Name,CI_Age at Adverse Event,CI_Age Unit,CI_Gender,AEC_One Row Outcomes,"
    "SYM_One Row Coded Symptoms"
)
NEW_CAERS = (
    "Report ID,CAERS Created Date,Date of Event,Product Type,Product,Product Code,Description,Patient Age,Age Units,"
    "Sex,MedDRA Preferred Terms,Outcomes"
)
VAERS = {
    "2021VAERSDATA.csv": "VAERS_ID,RECVDATE,STATE,AGE_YRS,SEX,SYMPTOM_TEXT,DIED,L_THREAT,HOSPITAL,VAX_DATE,ONSET_DATE",
    "2021VAERSVAX.csv": "VAERS_ID,VAX_TYPE,VAX_MANU,VAX_LOT,VAX_DOSE_SERIES,VAX_ROUTE,VAX_SITE,VAX_NAME",
    "2021VAERSSYMPTOMS.csv": "VAERS_ID,SYMPTOM1,SYMPTOMVERSION1,SYMPTOM2,SYMPTOMVERSION2,SYMPTOM3,SYMPTOMVERSION3,"
    "SYMPTOM4,SYMPTOMVERSION4,SYMPTOM5,SYMPTOMVERSION5",
}


def written(path: Path, header: str, *lines: str) -> Path:
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def vaers(path: Path, data: tuple[str, ...], vax: tuple[str, ...], symptoms: tuple[str, ...]) -> Path:
    bodies = zip(VAERS.items(), (data, vax, symptoms), strict=True)
    return write_zip(
        path, {name: "\n".join((header, *body)).encode() + b"\n" for (name, header), body in bodies}
    )


def test_the_public_extract_of_caers_agrees_with_a_plain_reading(tmp_path, shared):
    path = shared / "data/signals/caers/caers_raw.csv.gz"
    store, _ = brought(tmp_path / "s", path, format_="caers")
    plain = list(csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode())))
    products = {(r["RA_Report.."], r["PRI_Reported.Brand.Product.Name"].strip(" .").upper()) for r in plain}
    terms = {
        (r["RA_Report.."], t.strip()) for r in plain for t in r["SYM_One.Row.Coded.Symptoms"].split(", ")
    }
    number = {r["report"]: r["report_number"] for r in rows(store, "reports")}
    assert {(number[p["report"]], p["product"]) for p in rows(store, "products")} == products
    assert {(number[p["report"]], p["reaction"]) for p in rows(store, "reactions")} == terms
    assert len(number) == len({r["RA_Report.."] for r in plain})


@pytest.mark.parametrize(
    ("header", "line"),
    [
        (
            OLD_CAERS,
            '65325,1/1/2004,8/4/2003,Suspect,MIDWEST CHIPS,3,Bakery,2,Year(s),Female,HOSPITALIZATION,"RASH, COUGH"',
        ),
        (
            NEW_CAERS,
            '65325,1/1/2004,8/4/2003,SUSPECT,MIDWEST CHIPS,03,Bakery,2,year(s),F,"RASH, COUGH",Hospitalization',
        ),
    ],
)
def test_both_public_layouts_of_caers_read_alike(tmp_path, header, line):
    store, _ = brought(tmp_path / "s", written(tmp_path / "c.csv", header, line), format_="caers")
    (report,), (product,) = rows(store, "reports"), rows(store, "products")
    assert {
        "source": "CAERS", "received": dt.date(2004, 1, 1), "event_date": dt.date(2003, 8, 4), "sex": "female",
        "age_years": 2.0, "serious": True,
    }.items() <= report.items()  # fmt: skip
    assert (product["product"], product["role"]) == ("MIDWEST CHIPS", "suspect")
    assert [r["reaction"] for r in rows(store, "reactions")] == ["COUGH", "RASH"]


def test_a_row_of_caers_with_too_few_cells_and_one_without_a_product_are_rejected(tmp_path):
    path = written(
        tmp_path / "c.csv", NEW_CAERS,
        "1,1/1/2004,,SUSPECT,,03,x,,,F,RASH,", "2,short", '3,1/1/2004,,SUSPECT,"A ""B""",03,x,,,F,RASH,',
    )  # fmt: skip
    store, done = brought(tmp_path / "s", path, format_="caers")
    found = file(done, "rows")
    assert (found["read"], found["kept"]) == (3, 1)
    assert found["rejected"] == {"no product named": 1, "too few fields": 1}
    assert found["first_lines"] == {"no product named": 2, "too few fields": 3}
    assert [p["product"] for p in rows(store, "products")] == ['A "B"']


def test_a_quote_that_does_not_close_stops_the_import_with_its_line(tmp_path):
    path = written(
        tmp_path / "c.csv", NEW_CAERS, "1,1/1/2004,,SUSPECT,A,03,x,,,F,RASH,", '2,"1/1/2004,,SUSPECT'
    )
    with pytest.raises(Unreadable, match=r"c.csv, line 3: .*not closed"):
        brought(tmp_path / "s", path, format_="caers")


def test_vaers_joins_its_three_files_and_takes_lots_and_up_to_five_reactions(tmp_path):
    path = vaers(
        tmp_path / "v.zip",
        ('900001,1/2/2021,TX,33.0,F,"fever,\nand chills",,,Y,12/30/2020,1/1/2021',),
        (
            "900001,COVID19,MAKER,lot# ab1o3,1,IM,LA,COVID19 (MAKER)",
            "900002,FLU,MAKER,X1,1,IM,LA,FLU (MAKER)",
        ),
        ("900001,Chills,23,Pyrexia,23,Pain,23,Rash,23,Cough,23", "900001,Nausea,23,,,,,,,,"),
    )
    store, done = brought(tmp_path / "s", path, format_="vaers")
    (report,), (product,) = rows(store, "reports"), rows(store, "products")
    assert {
        "case_id": "900001", "received": dt.date(2021, 1, 2), "event_date": dt.date(2021, 1, 1), "age_years": 33.0,
        "sex": "female", "serious": True, "period": "2021",
    }.items() <= report.items()  # fmt: skip
    assert (product["product"], product["lot"], product["role"]) == ("COVID19 (MAKER)", "AB1O3", "suspect")
    assert product["started"] == dt.date(2020, 12, 30)
    found = sorted(r["reaction"] for r in rows(store, "reactions"))
    assert found == ["CHILLS", "COUGH", "NAUSEA", "PAIN", "PYREXIA", "RASH"]
    assert file(done, "products")["rejected"] == {"its report is not there": 1}
    assert quirks(done, "products")["lot rewritten"] == 1


def test_vaers_without_one_of_its_files_is_refused(tmp_path):
    path = write_zip(tmp_path / "v.zip", {"2021VAERSDATA.csv": VAERS["2021VAERSDATA.csv"].encode()})
    with pytest.raises(Unreadable, match=r"v.zip: no file of products for 2021"):
        brought(tmp_path / "s", path, format_="vaers")


def test_e2b_samples_keep_the_latest_of_each_case(tmp_path, shared):
    paths = sorted((shared / "data/e2b/samples").glob("FAERS*.xml"))
    store, done = brought(tmp_path / "s", *paths, format_="e2b")
    assert done.reports == {"read": 6, "kept": 2, "older version": 4}
    roles = {p["role"] for p in rows(store, "products")}
    assert roles <= {"suspect", "interacting", "concomitant", "unknown"}
    assert {r["sex"] for r in rows(store, "reports")} <= {"female", "male", None}
    assert all(r["reaction"] for r in rows(store, "reactions"))


def test_xml_that_is_no_report_is_refused(tmp_path):
    path = tmp_path / "x.xml"
    path.write_text("<!DOCTYPE a><a/>")
    with pytest.raises(Unreadable, match=r"x.xml: .*document type"):
        import_files(tmp_path / "s", "e2b", [path])


def test_any_table_comes_in_by_the_names_of_its_columns(tmp_path):
    path = written(
        tmp_path / "t.csv", "id,drug,event,batch,day,who,years,other",
        "A1,Vesiculin,Nodule,LOT 5I,2026-03-12,female,41,x", "A1,Serum,Nodule,,2026-03-12,female,41,x",
        "A2,Vesiculin,Rash,n/a,2026,M,,x", ",Vesiculin,Rash,,,,,x",
    )  # fmt: skip
    flat = Flat("clinic", "id", "drug", "event", lot="batch", date="day", sex="who", age="years")
    done = import_files(tmp_path / "s", "table", [path], flat=flat).imports[-1]
    store = open_store(tmp_path / "s")
    reports = {r["case_id"]: r for r in rows(store, "reports")}
    assert (reports["A1"]["source"], reports["A1"]["event_date"]) == ("clinic", dt.date(2026, 3, 12))
    assert (reports["A2"]["sex"], reports["A2"]["event_precision"]) == ("male", "year")
    assert len(rows(store, "reactions")) == 2
    assert {p["lot"] for p in rows(store, "products")} == {"5I", None}
    assert file(done, "rows")["rejected"] == {"no report number": 1}


def test_tables_of_two_names_keep_their_numbers_apart(tmp_path):
    for name, drug in (("one", "A"), ("two", "B")):
        path = written(tmp_path / f"{name}.csv", "id,drug,event", f"1,{drug},Nodule")
        import_files(tmp_path / "s", "table", [path], flat=Flat(name, "id", "drug", "event"))
    store = open_store(tmp_path / "s")
    assert len({r["report"] for r in rows(store, "reports")}) == 2


@pytest.mark.parametrize("name", ["FAERS", "registry", " "])
def test_a_table_cannot_pass_for_another_source(tmp_path, name):
    path = written(tmp_path / "t.csv", "id,drug,event", "1,A,Nodule")
    with pytest.raises(StoreError, match="cannot be the name of a table's source"):
        import_files(tmp_path / "s", "table", [path], flat=Flat(name, "id", "drug", "event"))


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path):
    path = written(tmp_path / "t.csv", "id,drug,event", "1,A,Nodule")
    with pytest.raises(Unreadable, match=r"t.csv, line 1: no column lot; the file has id, drug, event"):
        import_files(tmp_path / "s", "table", [path], flat=Flat("t", "id", "drug", "event", lot="lot"))
