"""A small report store of made-up reports, scanned, for whatever shows a scan."""

import datetime as dt
from pathlib import Path

import pyarrow as pa

from exovigil.signals.scan.run import Choice, scan
from tests.signals.scan.stores import write_version

# Product X is reported with granuloma far more often than the others; report 900 is a registry case.
REPORTS = (
    [("X", "GRANULOMA", "faers")] * 12
    + [("X", "PAIN", "faers")] * 8
    + [("Y", "PAIN", "faers")] * 60
    + [("Z", "PAIN", "faers")] * 40
    + [("Y", "GRANULOMA", "faers")] * 2
    + [("X", "GRANULOMA", "registry")]
)


def scanned_store(folder: Path) -> Path:
    """Write the three tables and scan them; returns the folder."""
    folder.mkdir(parents=True)
    numbers = pa.array(range(len(REPORTS)), pa.int64())
    days = [dt.date(2026, 1 + i % 9, 3) for i in range(len(REPORTS))]
    about = {
        "report": numbers,
        "source": [r[2] for r in REPORTS],
        "case_id": [f"C{i}" for i in range(len(REPORTS))],
        "received": pa.array(days, pa.date32()),
        "event_date": pa.array([None] * len(REPORTS), pa.date32()),
        "sex": ["F", "M"] * (len(REPORTS) // 2) + ["F"] * (len(REPORTS) % 2),
        "age_years": [31.0] * len(REPORTS),
        "country": ["GB"] * len(REPORTS),
        "serious": pa.array([None] * len(REPORTS), pa.bool_()),
    }
    named = {
        "report": numbers,
        "product": [r[0] for r in REPORTS],
        "role": ["suspect"] * len(REPORTS),
        "lot": ["L1"] * len(REPORTS),
    }
    felt = {"report": numbers, "reaction": [r[1] for r in REPORTS]}
    gone = {name: pa.array([], pa.string()) for name in ("family", "case_id")}
    tables = {"reports": about, "report_products": named, "report_reactions": felt, "deleted_cases": gone}
    made = {name: pa.table(columns) for name, columns in tables.items()}
    write_version(folder, made, snapshot="a" * 64, formats=["faers", "registry"])
    scan(folder, None, Choice())
    return folder
