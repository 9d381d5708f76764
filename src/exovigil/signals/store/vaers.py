"""VAERS: three CSV files a year in one zip; lots stand with the vaccine, up to five reactions in a row."""

from pathlib import Path

from exovigil.signals.store.gathered import Gathered
from exovigil.signals.store.layouts import columns, file_layouts
from exovigil.signals.store.problems import Hostile, Unreadable
from exovigil.signals.store.quoted import Row, compact, merge_quirks, read_quoted
from exovigil.signals.store.unpack import Bounds, TextFile, unpack
from exovigil.signals.store.workbench import RAW, FileCount, Origin, Workbench

FORMAT = "vaers"
_SERIOUS = ("died", "threat", "hospital", "longer_stay", "disabled", "defect")
_SYMPTOMS = tuple(f"reaction{number}" for number in range(1, 6))


def read_vaers(work: Workbench, source: Path, bounds: Bounds | None = None) -> list[str]:
    """Read a zip of one or several years into the staged tables; returns the members that were not read."""
    texts, ignored = unpack(
        source, work.folder / f"files-{work.stages}", lambda name: bool(_table(name)), bounds
    )
    years: dict[str, dict[str, TextFile]] = {}
    for text in texts:
        table, period = _table(text.name) or ("", "")
        if table in years.setdefault(period, {}):
            raise Hostile(text.name, f"a second file of {table} for one year; give each file once")
        years[period][table] = text
    for period, found in sorted(years.items()):
        _read(work, source.name, period, found)
    if not years:
        raise Unreadable(source.name, "no VAERSDATA.csv in it; give the zip of one year with its three files")
    return ignored


def _table(name: str) -> tuple[str, str] | None:
    for row in file_layouts():
        if row.format == FORMAT and (period := row.period(name)) is not None:
            return row.table, period
    return None


def _read(work: Workbench, source: str, period: str, found: dict[str, TextFile]) -> None:
    for table in RAW:
        if table not in found:
            raise Unreadable(source, f"no file of {table} for {period or 'its year'}; give all three files")
    rows, counts, vaccinated = Gathered(), {}, dict[str, str]()
    for table, read in (("reports", _report), ("products", _product), ("reactions", _reactions)):
        text = found[table]
        count = counts[table] = FileCount(text.name, table, period)
        for row in read_quoted(work, text, columns(FORMAT, table), count):
            read(rows, text.name, row, vaccinated)
        merge_quirks(text, count)
    counts["reactions"].read = len(rows.rows["reactions"]) + _rejected(work, found["reactions"].name)
    rows.stage(work, Origin("VAERS", "VAERS", FORMAT, base=4, period=period), counts)


def _report(rows: Gathered, file: str, row: Row, vaccinated: dict[str, str]) -> None:
    vaccinated[row["report_number"]] = compact(row["started"])
    rows.add(
        "reports", file, row.line,
        report_number=row["report_number"], case_id=row["report_number"], received=compact(row["received"]),
        event=compact(row["event"]), age=row["age"], age_unit="YR" if row["age"] else "", sex=row.known("sex"),
        serious="yes" if any(row[flag] == "Y" for flag in _SERIOUS) else "",
    )  # fmt: skip


def _product(rows: Gathered, file: str, row: Row, vaccinated: dict[str, str]) -> None:
    rows.add(
        "products", file, row.line,
        report_number=row["report_number"], product=row["product"], ingredient=row["ingredient"], role="VACCINE",
        lot=row["lot"], route=row["route"], dose=row["dose"], started=vaccinated.get(row["report_number"], ""),
    )  # fmt: skip


def _reactions(rows: Gathered, file: str, row: Row, _: dict[str, str]) -> None:
    """Take up to five reactions out of a row; a row with none is one reaction that is not named."""
    for term in [row[name] for name in _SYMPTOMS if row[name]] or [""]:
        rows.add("reactions", file, row.line, report_number=row["report_number"], reaction=term)


def _rejected(work: Workbench, file: str) -> int:
    return int(work.one("SELECT count(*) FROM rejects WHERE file = ?", file))
