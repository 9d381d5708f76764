"""The workbench of one import: a DuckDB database, and the count of what was read.

Every file's rows end in one of two places, a raw table or the table of rejects, and ``FileCount`` holds the sum
against the number of rows read; an import that does not reconcile stops.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from exovigil.signals.lots import normalise_lots
from exovigil.signals.store.layouts import age_units, values
from exovigil.signals.store.problems import StoreError

RAW: dict[str, tuple[str, ...]] = {
    "reports": (
        "report_number", "case_id", "version", "kind", "received", "event", "age", "age_unit", "sex", "reporter",
        "country", "reporter_country", "serious", "nullified",
    ),
    "products": (
        "report_number", "seq", "role", "product", "ingredient", "route", "dose", "lot", "started", "indication",
    ),
    "reactions": ("report_number", "reaction", "coded", "onset"),
}  # fmt: skip
NOT_NAMED = "no report number"
ORPHAN = "its report is not there"
# Why a row that belongs to a report may have none.
UNOWNED = {
    NOT_NAMED: "report_number IS NULL",
    ORPHAN: "report_number NOT IN (SELECT report_number FROM raw_reports)",
}


@dataclass(slots=True)
class FileCount:
    """Rows of one file: read, kept, rejected by reason (with the first line of each), and quirks met."""

    file: str
    table: str
    period: str = ""
    read: int = 0
    kept: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    first_lines: dict[str, int] = field(default_factory=dict)
    quirks: Counter[str] = field(default_factory=Counter)
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def reconciles(self) -> bool:
        """Whether every row read was either kept or rejected for a reason."""
        return self.read == self.kept + self.rejected.total()


@dataclass(frozen=True, slots=True)
class Origin:
    """Which source and period the raw tables hold; ``base`` numbers reports whose own number is plain digits."""

    source: str
    family: str
    format: str
    era: int = 0
    base: int | None = None
    period: str = ""


@cache
def script(name: str) -> str:
    """Read one of the SQL scripts beside this module."""
    return (files("exovigil.signals.store") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


class Workbench:
    """A DuckDB database in memory that may spill into its folder, with the tables of ``sql/schema.sql``."""

    def __init__(self, folder: Path, memory: str = "4GB") -> None:
        self.folder = folder
        self.con = duckdb.connect(config={"memory_limit": memory, "temp_directory": str(folder / "spill")})
        self.con.execute(script("schema"))
        self.fill("meaning", [(row.column, word, row.means) for row in values() for word in row.written])
        self.fill("age_unit", [(word, unit.years) for unit in age_units() for word in unit.written])
        self.counts: list[FileCount] = []
        self.stages = 0

    def close(self) -> None:
        """Let go of the database."""
        self.con.close()

    def one(self, sql: str, *given: Any) -> Any:
        """Run a query and give the first value of its first row."""
        row = self.con.execute(sql, list(given)).fetchone()
        return row[0] if row else None

    def rows(self, sql: str, *given: Any) -> list[tuple[Any, ...]]:
        """Run a query and give its rows."""
        return self.con.execute(sql, list(given)).fetchall()

    def raw_from(self, table: str, rows: Iterable[dict[str, str]]) -> None:
        """Make a raw table of rows of text; an empty text is nothing."""
        names = ("file", "line", *RAW[table])
        held: dict[str, list[Any]] = {name: [] for name in names}
        for row in rows:
            for name in names:
                held[name].append(row.get(name) or None)
        schema = pa.schema([(name, pa.int64() if name == "line" else pa.string()) for name in names])
        given = pa.table(held, schema=schema)
        self.con.register("given", given)
        self.con.execute(f"CREATE OR REPLACE TABLE raw_{table} AS SELECT * FROM given")  # noqa: S608
        self.con.unregister("given")

    def reject(self, table: str, reasons: dict[str, str]) -> int:
        """Move rows of a table to the rejects, each for the first reason that holds; returns how many.

        Conditions are fixed ones of ours, never text of a file.
        """
        cases = " ".join(f"WHEN {condition} THEN '{reason}'" for reason, condition in reasons.items())
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE bad AS SELECT rowid AS place, file, line, CASE {cases} END AS reason "  # noqa: S608
            f"FROM {table} WHERE reason IS NOT NULL"
        )
        bad = int(self.one("SELECT count(*) FROM bad"))
        if bad:
            self.con.execute("INSERT INTO rejects SELECT file, line, reason FROM bad")
            self.con.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT place FROM bad)")  # noqa: S608
        return bad

    def stage(self, origin: Origin) -> None:
        """Check the raw tables, name what is odd, and move them to the staged ones."""
        self._refuse_rows()
        self._name_lots()
        self.con.execute("DELETE FROM about")
        self.fill(
            "about",
            [
                (
                    self.stages,
                    origin.source,
                    origin.family,
                    origin.era,
                    origin.base,
                    origin.format,
                    origin.period,
                )
            ],
        )
        self.con.execute(script("oddities"))
        self.con.execute(script("stage"))
        for name in ("numbered", "key_of", "said"):
            self.con.execute(f"DROP TABLE {name}")
        self.stages += 1

    def count(self, counted: list[FileCount]) -> None:
        """Close the count of files that are staged or rejected by now; StoreError when one does not add up."""
        known = {count.file: count for count in counted}
        for file, reason, times, line in self.rows(
            "SELECT file, reason, count(*), min(line) FROM rejects GROUP BY ALL"
        ):
            if file in known:
                known[file].rejected[reason] = times
                known[file].first_lines[reason] = line
        for quirk, file, times, note in self.rows("SELECT quirk, file, times, note FROM met"):
            if file in known:
                known[file].quirks[quirk] += times
                known[file].notes.setdefault(quirk, note)
        self.con.execute("DELETE FROM met")
        for count in counted:
            if not count.reconciles:
                raise StoreError(
                    f"{count.file}: {count.read:,} rows were read, but {count.kept:,} kept and "
                    f"{count.rejected.total():,} rejected; this is a fault of the program, please report it"
                )
        self.counts += counted

    def _refuse_rows(self) -> None:
        self.reject("raw_reports", {NOT_NAMED: "report_number IS NULL", "no case number": "case_id IS NULL"})
        if self.one("SELECT count(*) > count(DISTINCT report_number) FROM raw_reports"):
            self.con.execute(
                "CREATE OR REPLACE TEMP TABLE best AS SELECT arg_max(rowid, (coalesce(received, ''), line)) AS place "
                "FROM raw_reports GROUP BY report_number"
            )
            twice = "rowid NOT IN (SELECT place FROM best)"
            self.reject("raw_reports", {"the report stands twice in this file": twice})
        self.reject("raw_products", {**UNOWNED, "no product named": "nameless(product)"})
        self.reject("raw_reactions", {**UNOWNED, "no reaction named": "nameless(coalesce(coded, reaction))"})

    def _name_lots(self) -> None:
        new = self.rows(
            "SELECT DISTINCT lot FROM raw_products WHERE lot IS NOT NULL "
            "AND lot NOT IN (SELECT lot_as_reported FROM lot_name)"
        )
        named = [(text, lot) for (text,) in new for lot in normalise_lots(text)]
        self.fill(
            "lot_name",
            [(text, lot.shown or None, lot.key or None, "; ".join(lot.changes)) for text, lot in named],
        )

    def fill(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        """Add rows to a table, all at once."""
        if rows:
            given = pa.table(
                [pa.array(column) for column in zip(*rows, strict=True)], [*map(str, range(len(rows[0])))]
            )
            self.con.register("given", given)
            self.con.execute(f"INSERT INTO {table} SELECT * FROM given")  # noqa: S608
            self.con.unregister("given")
