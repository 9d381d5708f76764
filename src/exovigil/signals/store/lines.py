"""Reading ``$``-delimited text: no quotes, one row a line, every line accounted for.

DuckDB reads whole lines and splits them itself, which is faster here than its CSV reader and keeps the number of every
line. A line with too few or too many fields is never padded or cut: it is repaired by a declared rule or rejected.
"""

import re
from dataclasses import dataclass

import duckdb

from exovigil.signals.store.layouts import Column, FileLayout, Header, read_header
from exovigil.signals.store.problems import StoreError, Unreadable
from exovigil.signals.store.unpack import TextFile
from exovigil.signals.store.workbench import FileCount, Workbench

_KEY = re.compile(r"\d{6,}")
_ROLES = {"PS", "SS", "C", "I"}
_FEW, _MANY = "too few fields", "too many fields"


@dataclass(frozen=True, slots=True)
class DollarFile:
    """A text file with its layout, its columns and the table it goes to."""

    text: TextFile
    layout: FileLayout
    period: str
    wanted: tuple[Column, ...]
    table: str


def first_cells(text: TextFile) -> list[str]:
    """Give the cells of a file's first line. Raises Unreadable when there is none."""
    with text.path.open(encoding="utf-8", newline="\n") as file:
        line = file.readline().rstrip("\n")
    if "$" not in line:
        raise Unreadable(
            text.name, "no $ in the first line; give an ASCII quarterly extract of FAERS or AERS", 1
        )
    return line.split("$")


def read_dollar(work: Workbench, file: DollarFile) -> FileCount:
    """Read a file into ``file.table`` (text columns, with file and line); rejected lines go to the rejects."""
    text = file.text
    header = read_header(text.name, first_cells(text), file.wanted)
    count = FileCount(text.name, file.layout.table, file.period)
    for quirk, names in header.quirks.items():
        text.met(quirk, len(names), ", ".join(names))
    lines = _read_lines(work, text)
    _split(work, file, header)
    good = "_over = '' AND _n BETWEEN ? AND ?"
    stray = work.one(
        f"SELECT count(*) FROM {file.table} WHERE {good}",  # noqa: S608
        header.width + 1, header.width + 1,
    )  # fmt: skip
    text.met("stray delimiter at the end", stray)
    odd = work.rows(
        f"SELECT t.line, l.line FROM {file.table} t JOIN lines l ON l.rowid = t.line - 2 "  # noqa: S608
        f"WHERE NOT ({good}) ORDER BY ALL",
        header.named, header.width + 1,
    )  # fmt: skip
    more = _repair(work, file, header, odd)
    work.con.execute(f"ALTER TABLE {file.table} DROP COLUMN _n")
    work.con.execute(f"ALTER TABLE {file.table} DROP COLUMN _over")
    work.con.execute("DROP TABLE lines")
    count.read = lines + more
    return count


def _read_lines(work: Workbench, text: TextFile) -> int:
    try:
        work.con.execute(
            "CREATE TEMP TABLE lines AS SELECT line FROM read_csv(?, delim = '\x1f', quote = '', escape = '', "
            "header = false, skip = 1, auto_detect = false, columns = {'line': 'VARCHAR'}, null_padding = true, "
            "max_line_size = 2097152)",
            [str(text.path)],
        )
    except duckdb.Error as error:
        raise Unreadable(text.name, "its lines cannot be told apart; download it again") from error
    lines = int(work.one("SELECT count(*) FROM lines"))
    if lines != text.lines - 1:
        raise StoreError(
            f"{text.name}: {text.lines - 1:,} lines were written, {lines:,} read; please report this"
        )
    return lines


def _split(work: Workbench, file: DollarFile, header: Header) -> None:
    cells = [
        f"nullif(trim(f[{header.places[c.column] + 1}]), '') AS {c.column}"
        if c.column in header.places
        else f"NULL::VARCHAR AS {c.column}"
        for c in file.wanted
    ]
    work.con.execute(
        f"CREATE TABLE {file.table} AS SELECT ?::VARCHAR AS file, n + 2 AS line, {', '.join(cells)}, "  # noqa: S608
        f"len(f) AS _n, array_to_string(f[{header.named + 1}:], '') AS _over "
        "FROM (SELECT rowid AS n, string_split(coalesce(line, ''), '$') AS f FROM lines)",
        [file.text.name],
    )


def _repair(work: Workbench, file: DollarFile, header: Header, odd: list[tuple[int, str | None]]) -> int:
    """Take lines apart that hold several rows, reject the rest; returns how many rows there are more than lines."""
    if not odd:
        return 0
    rejected, mended, more = list[tuple[str, int, str]](), list[tuple[str | int | None, ...]](), 0
    for line, content in odd:
        fields = (content or "").split("$")
        rows = _apart(fields, header) if file.layout.joined_lines and len(fields) > header.named else []
        if rows:
            more += len(rows) - 1
            file.text.met("missing line break", 1, f"first on line {line:,}")
            mended += [
                (file.text.name, line, *(_cell(row, header, c.column) for c in file.wanted), None, None)
                for row in rows
            ]
        else:
            reason = (
                "empty line" if not (content or "").strip() else _FEW if len(fields) < header.named else _MANY
            )
            rejected.append((file.text.name, line, reason))
    work.con.execute(
        f"DELETE FROM {file.table} WHERE line IN (SELECT unnest(?))",  # noqa: S608
        [[line for line, _ in odd]],
    )
    work.fill("rejects", rejected)
    work.fill(file.table, mended)
    return more


def _cell(row: list[str], header: Header, column: str) -> str | None:
    place = header.places.get(column)
    return None if place is None or place >= len(row) else row[place].strip() or None


def _apart(fields: list[str], header: Header) -> list[list[str]]:
    """Part fields into rows of all named columns that each begin with a report's number and have a role in its place.

    Rows were joined either after their last ``$`` or where that and an empty last field are missing.
    """
    width = header.named
    if fields[-1] == "":
        fields = fields[:-1]
    for step in (width, width - 1):
        rows = [fields[at : at + step] for at in range(0, len(fields), step)]
        if step < width and len(rows) > 1 and len(rows[-1]) == 1:
            last = rows.pop()
            rows[-1] += last
        whole = len(rows) > 1 and all(len(row) >= width - 1 for row in rows)
        if whole and all(_begins_a_row(row, header) for row in rows):
            return rows
    return []


def _begins_a_row(row: list[str], header: Header) -> bool:
    number, role = row[header.places["report_number"]], row[header.places["role"]]
    return bool(_KEY.fullmatch(number.strip())) and role.strip() in _ROLES
