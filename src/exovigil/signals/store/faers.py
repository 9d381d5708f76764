"""Quarterly zips of FAERS (2012Q4 on) and AERS (2004Q1–2012Q3): seven ``$``-delimited files and lists of deleted cases.

AERS numbered reports by ISR and cases by CASE, FAERS numbers a case's versions; cases go through both, so one case
keeps one report over both.
"""

import re
from pathlib import Path

from exovigil.signals.store.layouts import FileLayout, columns, file_layouts
from exovigil.signals.store.lines import DollarFile, first_cells, read_dollar
from exovigil.signals.store.problems import Hostile, Unreadable
from exovigil.signals.store.unpack import Bounds, TextFile, unpack
from exovigil.signals.store.workbench import RAW, UNOWNED, FileCount, Origin, Workbench

FORMAT = "faers"
FAMILY = "FDA drugs"
_NOT_STORED = "not stored: the store has no place for this file"


def read_faers(work: Workbench, source: Path, bounds: Bounds | None = None) -> list[str]:
    """Read one quarterly zip into the staged tables; returns the members that were not read."""
    texts, ignored = unpack(source, work.folder / f"files-{work.stages}", _is_ours, bounds)
    found = _sort(source.name, texts)
    period = _period(source.name, found)
    counts = {table: _read(work, text, layout, period) for table, (text, layout) in found.items() if layout}
    old = "isr" in [cell.strip().lower() for cell in first_cells(found["reports"][0])]
    _assemble(work, set(counts))
    source_of = ("AERS", 0, 1) if old else ("FAERS", 1, 2)
    origin = Origin(source_of[0], FAMILY, FORMAT, source_of[1], source_of[2], period)
    _close(work, counts)
    for count, (text, _) in zip(counts.values(), found.values(), strict=True):
        count.quirks.update(text.quirks)
        count.notes |= text.notes
    work.stage(origin)
    for table in RAW:
        if table in counts:
            counts[table].kept = work.one(f"SELECT count(*) FROM raw_{table}")  # noqa: S608
    work.count(list(counts.values()))
    return ignored


def _is_ours(name: str) -> bool:
    return any(row.period(name) is not None for row in file_layouts() if row.format == FORMAT)


def _sort(source: str, texts: list[TextFile]) -> dict[str, tuple[TextFile, FileLayout]]:
    """Say which text is which table. Raises Unreadable when one is there twice or a needed one is missing."""
    found: dict[str, tuple[TextFile, FileLayout]] = {}
    for text in texts:
        layout = next(
            row for row in file_layouts() if row.format == FORMAT and row.period(text.name) is not None
        )
        if layout.table in found:
            raise Hostile(text.name, f"a second file of {layout.table}; give one quarter a zip")
        if re.search(r"_new\.txt$", text.name, re.IGNORECASE):
            text.met("name of the file")
        found[layout.table] = text, layout
    missing = [
        row.table for row in file_layouts() if row.format == FORMAT and row.needed and row.table not in found
    ]
    if missing:
        raise Unreadable(source, f"no file of {missing[0]} in it; give the whole ASCII zip of one quarter")
    return found


def _period(source: str, found: dict[str, tuple[TextFile, FileLayout]]) -> str:
    periods = {layout.period(text.name) or "" for text, layout in found.values()} - {""}
    if len(periods) > 1:
        raise Unreadable(
            source, f"files of several quarters, {' and '.join(sorted(periods))}; give one a zip"
        )
    return periods.pop()


def _read(work: Workbench, text: TextFile, layout: FileLayout, period: str) -> FileCount:
    if layout.table == "deleted":
        return _read_deleted(work, text, period)
    wanted = columns(FORMAT, layout.table)
    return read_dollar(work, DollarFile(text, layout, period, wanted, f"read_{layout.table}"))


def _read_deleted(work: Workbench, text: TextFile, period: str) -> FileCount:
    """Read a list of deleted cases: one number a line, perhaps under a heading."""
    count = FileCount(text.name, "deleted", period)
    with text.path.open(encoding="utf-8", newline="\n") as file:
        numbers = list[tuple[str, str]]()
        for line, content in enumerate(file, start=1):
            number = content.strip().strip("$").strip()
            if line == 1 and number.lower() in columns(FORMAT, "deleted")[0].names:
                continue
            count.read += 1
            if re.fullmatch(r"\d+", number):
                numbers.append((FAMILY, number.lstrip("0") or number))
                count.kept += 1
            else:
                reason = "not a case number" if number else "empty line"
                work.con.execute("INSERT INTO rejects VALUES (?, ?, ?)", [text.name, line, reason])
    work.fill("staged_deleted", numbers)
    return count


_EMPTY = {
    "outcomes": "CREATE TABLE read_outcomes (file VARCHAR, line BIGINT, report_number VARCHAR, outcome VARCHAR)",
    "therapy": "CREATE TABLE read_therapy "
    "(file VARCHAR, line BIGINT, report_number VARCHAR, seq VARCHAR, started VARCHAR)",
    "indications": "CREATE TABLE read_indications "
    "(file VARCHAR, line BIGINT, report_number VARCHAR, seq VARCHAR, indication VARCHAR)",
}


def _assemble(work: Workbench, there: set[str]) -> None:
    """Make the raw tables: an outcome is a serious one, a drug's first start and indication stand beside it."""
    for table, made in _EMPTY.items():
        if table not in there:
            work.con.execute(made)
    work.con.execute(
        "CREATE OR REPLACE TABLE raw_reports AS SELECT r.*, CASE WHEN o.report_number IS NOT NULL THEN 'yes' END AS "
        "serious, NULL::VARCHAR AS nullified FROM read_reports r LEFT JOIN (SELECT DISTINCT report_number FROM "
        "read_outcomes WHERE outcome IS NOT NULL) o USING (report_number)"
    )
    work.con.execute(
        "CREATE OR REPLACE TABLE raw_products AS SELECT p.*, t.started, i.indication FROM read_products p "
        "LEFT JOIN (SELECT report_number, seq, min(started) AS started FROM read_therapy GROUP BY ALL) t "
        "USING (report_number, seq) "
        "LEFT JOIN (SELECT report_number, seq, min(indication) AS indication FROM read_indications GROUP BY ALL) i "
        "USING (report_number, seq)"
    )
    work.con.execute(
        "CREATE OR REPLACE TABLE raw_reactions AS "
        "SELECT *, NULL::VARCHAR AS coded, NULL::VARCHAR AS onset FROM read_reactions"
    )


def _close(work: Workbench, counts: dict[str, FileCount]) -> None:
    """Count the rows of the files that stand beside the three tables, and clear the read tables away."""
    for table in ("outcomes", "therapy", "indications", "report_sources"):
        if table in counts:
            work.reject(
                f"read_{table}", {**UNOWNED, _NOT_STORED: "true"} if table == "report_sources" else UNOWNED
            )
            counts[table].kept = work.one(f"SELECT count(*) FROM read_{table}")  # noqa: S608
    for table in ("reports", "products", "reactions", "report_sources", *_EMPTY):
        work.con.execute(f"DROP TABLE IF EXISTS read_{table}")
