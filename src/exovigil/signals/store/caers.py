"""CAERS: FDA's reports on foods, supplements and cosmetics; a row a product, reactions in one cell.

Reactions stand between commas. A few MedDRA terms have a comma of their own ("Hallucination, visual"); without a
licensed dictionary they cannot be told from two terms, and are read as two.
"""

from pathlib import Path

from exovigil.signals.store.gathered import Gathered, parts
from exovigil.signals.store.layouts import columns, file_layouts, is_serious
from exovigil.signals.store.problems import Unreadable
from exovigil.signals.store.quoted import Row, compact, merge_quirks, read_quoted
from exovigil.signals.store.unpack import Bounds, TextFile, unpack
from exovigil.signals.store.workbench import FileCount, Origin, Workbench

FORMAT = "caers"


def read_caers(work: Workbench, source: Path, bounds: Bounds | None = None) -> list[str]:
    """Read one file, or a zip of them, into the staged tables; returns the members that were not read."""
    layout = next(row for row in file_layouts() if row.format == FORMAT)
    texts, ignored = unpack(
        source, work.folder / f"files-{work.stages}", lambda name: layout.period(name) is not None, bounds
    )
    if not texts:
        raise Unreadable(source.name, "no CSV file in it; give the CSV of CAERS, or a zip of it")
    for text in texts:
        _read(work, text)
    return ignored


def _read(work: Workbench, text: TextFile) -> None:
    count = FileCount(text.name, "rows")
    counts, rows = parts(count, text.name), Gathered()
    seen: dict[str, set[str]] = {}
    for row in read_quoted(work, text, columns(FORMAT, "rows"), count):
        number = row["report_number"]
        rows.add(
            "products", text.name, row.line,
            report_number=number, product=row["product"], role=row["role"] or "suspect",
        )  # fmt: skip
        if not number:
            continue
        if number not in seen:
            seen[number] = set()
            _report(rows, counts["reports"], row)
        for term in _terms(row["reactions"]):
            if term not in seen[number]:
                seen[number].add(term)
                counts["reactions"].read += 1
                rows.add("reactions", counts["reactions"].file, row.line, report_number=number, reaction=term)
    merge_quirks(text, count)
    rows.stage(work, Origin("CAERS", "CAERS", FORMAT, base=3), counts)


def _report(rows: Gathered, count: FileCount, row: Row) -> None:
    count.read += 1
    rows.add(
        "reports", count.file, row.line,
        report_number=row["report_number"], case_id=row["report_number"], received=compact(row["received"]),
        event=compact(row["event"]), age=row.known("age"), age_unit=row.known("age_unit"), sex=row.known("sex"),
        serious="yes" if any(is_serious(part) for part in row["outcome"].split(",")) else "",
    )  # fmt: skip


def _terms(cell: str) -> list[str]:
    return [term.strip() for term in cell.split(", ") if term.strip()]
