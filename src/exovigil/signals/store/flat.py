"""Any CSV file with a row for a report, a product and a reaction; the columns are named by whoever imports it."""

from dataclasses import dataclass
from pathlib import Path

from exovigil.signals.store.gathered import Gathered, parts
from exovigil.signals.store.layouts import Column
from exovigil.signals.store.problems import StoreError, Unreadable
from exovigil.signals.store.quoted import Row, compact, merge_quirks, read_quoted
from exovigil.signals.store.unpack import Bounds, unpack
from exovigil.signals.store.workbench import FileCount, Origin, Workbench

FORMAT = "table"
_RESERVED = {"AERS", "FAERS", "CAERS", "VAERS", "E2B", "REGISTRY"}


@dataclass(frozen=True, slots=True)
class Flat:
    """Names of the columns, and of the source, which keeps its report numbers apart from other sources'.

    ``date`` is the day of the event; ages are in years.
    """

    source: str
    report: str
    product: str
    reaction: str
    lot: str = ""
    date: str = ""
    sex: str = ""
    age: str = ""

    def columns(self) -> tuple[Column, ...]:
        """The named columns as a layout."""
        named = {"report_number": self.report, "product": self.product, "reaction": self.reaction}
        named |= {"lot": self.lot, "event": self.date, "sex": self.sex, "age": self.age}
        return tuple(Column(FORMAT, "rows", key, (name,), True, "") for key, name in named.items() if name)


def read_flat(work: Workbench, source: Path, names: Flat, bounds: Bounds | None = None) -> list[str]:
    """Read one CSV file into the staged tables."""
    if names.source.upper() in _RESERVED or not names.source.strip():
        raise StoreError(
            f"{names.source!r} cannot be the name of a table's source; give another with --source"
        )
    texts, ignored = unpack(
        source, work.folder / f"files-{work.stages}", lambda name: name.lower().endswith(".csv"), bounds
    )
    if len(texts) != 1:
        raise Unreadable(source.name, f"{len(texts)} CSV files in it; give one at a time")
    text = texts[0]
    count = FileCount(text.name, "rows")
    counts, rows, seen, said = parts(count, text.name), Gathered(), set[str](), set[tuple[str, str]]()
    for row in read_quoted(work, text, names.columns(), count):
        number = row["report_number"]
        rows.add(
            "products", text.name, row.line,
            report_number=number, product=row["product"], role="suspect", lot=row["lot"],
        )  # fmt: skip
        if number and number not in seen:
            seen.add(number)
            _report(rows, counts["reports"], row)
        if number and (number, row["reaction"]) not in said:
            said.add((number, row["reaction"]))
            counts["reactions"].read += 1
            rows.add(
                "reactions", counts["reactions"].file, row.line,
                report_number=number, reaction=row["reaction"], onset=compact(row["event"]),
            )  # fmt: skip
    merge_quirks(text, count)
    rows.stage(work, Origin(names.source, names.source, FORMAT), counts)
    return ignored


def _report(rows: Gathered, count: FileCount, row: Row) -> None:
    count.read += 1
    rows.add(
        "reports", count.file, row.line,
        report_number=row["report_number"], case_id=row["report_number"], event=compact(row["event"]),
        age=row.known("age"), age_unit="YR" if row.known("age") else "", sex=row.known("sex"),
    )  # fmt: skip
