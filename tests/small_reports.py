"""A small report store of made-up reports, scanned, for whatever shows a scan."""

import datetime as dt
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from exovigil.signals.scan.run import Choice, scan

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
    (folder / "current").mkdir(parents=True)
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
    for name, table in (("reports", about), ("report_products", named), ("report_reactions", felt)):
        pq.write_table(pa.table(table), folder / "current" / f"{name}.parquet")
    manifest = {"snapshot": "a" * 64, "imports": [{"format": "faers"}, {"format": "registry"}]}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "scan").mkdir()
    scan(folder, folder / "scan" / "pairs.parquet", Choice())
    return folder
