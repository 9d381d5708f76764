"""Tiny quarters of FAERS and AERS, written by hand; every report in them is invented."""

import zipfile
from pathlib import Path

from exovigil.signals.store import Import, Store, import_files, open_store

DEMO = "primaryid$caseid$caseversion$i_f_code$event_dt$fda_dt$age$age_cod$sex$occp_cod$reporter_country$occr_country"
DRUG = "primaryid$caseid$drug_seq$role_cod$drugname$prod_ai$route$dose_vbm$lot_num"
REAC = "primaryid$caseid$pt$drug_rec_act"
OLD_DEMO = "isr$case$i_f_cod$event_dt$fda_dt$age$age_cod$gndr_cod$occp_cod$reporter_country"
OLD_DRUG = "isr$drug_seq$role_cod$drugname$route$lot_nbr"
OLD_REAC = "isr$pt"


def demo(case: str, version: int = 1, **more: str) -> str:
    """A row of DEMO for version ``version`` of a case."""
    cells = {
        "event": "20170301",
        "fda": "20170405",
        "age": "40",
        "unit": "YR",
        "sex": "F",
        "country": "US",
    } | more
    return "$".join(
        (
            f"{case}{version}", case, str(version), "I", cells["event"], cells["fda"], cells["age"], cells["unit"],
            cells["sex"], "MD", cells.get("reporter_country", "US"), cells["country"],
        )
    )  # fmt: skip


def drug(
    case: str, version: int = 1, seq: int = 1, name: str = "VESICULIN", role: str = "PS", lot: str = ""
) -> str:
    """A row of DRUG."""
    return f"{case}{version}${case}${seq}${role}${name}$$Oral$${lot}"


def reac(case: str, version: int = 1, term: str = "Granuloma") -> str:
    """A row of REAC."""
    return f"{case}{version}${case}${term}$"


def old_demo(isr: str, case: str, fda: str = "20040102") -> str:
    """A row of DEMO as AERS had it, with the stray ``$`` at its end."""
    return f"{isr}${case}$I$20031115${fda}$42$YR$F$MD$US$"


def lines(header: str, *rows: str) -> bytes:
    """A file of a header and rows."""
    return "".join(f"{row}\n" for row in (header, *rows)).encode()


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    """Write a zip of files by name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def quarter(path: Path, period: str = "17Q2", **files: bytes) -> Path:
    """Write a zip with the three files that a quarter needs, each replaceable, and any others by name."""
    needed = {
        "DEMO": lines(DEMO, demo("10000001"), demo("10000002")),
        "DRUG": lines(DRUG, drug("10000001"), drug("10000002")),
        "REAC": lines(REAC, reac("10000001"), reac("10000002")),
    }
    named = {f"ascii/{table}{period}.txt": content for table, content in (needed | files).items()}
    return write_zip(path, named)


def of_cases(path: Path, period: str, *cases: tuple[str, int, str], deleted: tuple[str, ...] = ()) -> Path:
    """Write a quarter of cases, each a number, a version and the day it was received, and a list of deleted ones."""
    files = {
        f"ascii/DEMO{period}.txt": lines(DEMO, *(demo(c, v, fda=day) for c, v, day in cases)),
        f"ascii/DRUG{period}.txt": lines(DRUG, *(drug(c, v, name=f"DRUG {c}V{v}") for c, v, _ in cases)),
        f"ascii/REAC{period}.txt": lines(REAC, *(reac(c, v) for c, v, _ in cases)),
    }
    if deleted:
        files[f"deleted/ADR{period}DeletedCases.txt"] = "\n".join(deleted).encode() + b"\n"
    return write_zip(path, files)


def brought(store: Path, *paths: Path, format_: str = "faers") -> tuple[Store, Import]:
    """Import files and open the store."""
    done = import_files(store, format_, list(paths)).imports[-1]
    return open_store(store), done


def rows(store: Store, table: str) -> list[dict]:
    """Rows of a table in the order of the file."""
    return getattr(store, table)().to_pyarrow().to_pylist()


def quirks(done: Import, table: str) -> dict[str, int]:
    """Quirks of the file of one table with how often they were met."""
    return {q["quirk"]: q["times"] for f in done.files if f["table"] == table for q in f["quirks"]}


def file(done: Import, table: str) -> dict:
    """What became of the file of one table."""
    return next(f for f in done.files if f["table"] == table)
