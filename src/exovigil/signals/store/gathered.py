"""Rows of reports as an importer gathers them, on their way to the raw tables."""

from dataclasses import dataclass, field

from exovigil.signals.store.workbench import RAW, FileCount, Origin, Workbench

RawRow = dict[str, str]


@dataclass(slots=True)
class Gathered:
    """Rows of the three raw tables; ``line`` is kept as a number beside the text."""

    rows: dict[str, list[RawRow]] = field(default_factory=lambda: {table: [] for table in RAW})

    def add(self, table: str, file: str, line: int, **cells: str) -> None:
        """Add a row."""
        self.rows[table].append({"file": file, "line": line, **cells})  # type: ignore[dict-item]

    def stage(self, work: Workbench, origin: Origin, counts: dict[str, FileCount]) -> None:
        """Hand the rows over, and close the counts: each table's file has one, by the name of the table."""
        for table, rows in self.rows.items():
            work.raw_from(table, rows)
        work.stage(origin)
        for table, count in counts.items():
            count.kept = work.one(f"SELECT count(*) FROM raw_{table}")  # noqa: S608
        work.count(list(counts.values()))


def parts(count: FileCount, name: str) -> dict[str, FileCount]:
    """Counts of one file whose rows hold product, report and reactions together: each part is counted for itself."""
    return {
        "products": count,
        "reports": FileCount(f"{name} (reports in it)", "reports", count.period),
        "reactions": FileCount(f"{name} (reactions in it)", "reactions", count.period),
    }
