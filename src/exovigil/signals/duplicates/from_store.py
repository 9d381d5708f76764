"""Duplicates in a report store: fills the scorer from the store's tables, and lists what it proposes in a file."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from exovigil.signals.duplicates.explain import Explanation, explanations
from exovigil.signals.duplicates.rates import Rates
from exovigil.signals.duplicates.scorer import LeftOut, find
from exovigil.signals.scan.table import TableFile
from exovigil.signals.store import Store, open_store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = "3GB"  # DuckDB's share; what does not fit goes to a temporary folder
SCHEMA = pa.schema(
    [
        *(
            (name, pa.string())
            for name in ("report_1", "report_2", "source_1", "case_1", "source_2", "case_2")
        ),
        ("chance", pa.float64()),
        ("band", pa.string()),
        ("why", pa.string()),
    ]
)
_BATCH = 10_000  # rows
# As vigilance.duplicate_links.normal: letters and figures in capitals; too short or without a figure is no number.
_NUMBER = (
    "create or replace temp macro number_of(x) as case when length(regexp_replace(x, '[^\\p{L}\\p{N}]+', '', 'g')) >= 4"
    " and regexp_matches(x, '[0-9]') then upper(regexp_replace(x, '[^\\p{L}\\p{N}]+', '', 'g')) end"
)


@dataclass(frozen=True, slots=True)
class Listed:
    """What was listed: ``pairs`` rows in ``out``, of which ``certain``; ``left_out``: what was too alike to compare."""

    snapshot: str
    reports: int
    compared: int
    pairs: int
    certain: int
    min_chance: float
    left_out: tuple[LeftOut, ...]
    out: str


def fill(connection: "DuckDBPyConnection", store: Store) -> None:
    """Make ``duplicate_report`` of every report in the store; ids are the store's own keys of reports."""
    tables = {"reports": "reports", "report_products": "products", "report_reactions": "reactions"}
    for table, name in tables.items():
        path = str(store.paths[table])
        connection.read_parquet(path).create_view(f"store_{name}", replace=True)
    connection.execute(_NUMBER)
    connection.execute(
        files("exovigil.signals.duplicates").joinpath("from_store.sql").read_text(encoding="utf-8")
    )


def list_duplicates(directory: Path, out: Path, min_chance: float | None = None) -> Listed:
    """Write the pairs of a store's reports that may be one case to ``out`` (.csv or .parquet), the likeliest first.

    ``min_chance`` is the least chance listed; a shared report number is listed whatever its chance. Raises
    StoreError for a folder that holds no store, ValueError for a wrong ending or chance.
    """
    import duckdb  # here, for most commands need no database engine

    least = Rates().review if min_chance is None else min_chance
    if not 0 < least < 1:
        raise ValueError(f"the least chance is {least:g}; it must be between 0 and 1")
    store = open_store(directory)
    with (
        TableFile(out, SCHEMA) as table,
        tempfile.TemporaryDirectory() as spill,
        duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": spill}) as connection,
    ):
        fill(connection, store)
        found = find(connection, Rates(review=least))
        connection.execute(
            "delete from duplicate_scored where probability < $least and not (shares_number or is_linked)",
            {"least": least},
        )
        pairs = explanations(connection)
        for batch in _batches(connection, pairs):
            table.add(batch)
    return Listed(
        snapshot=store.snapshot,
        reports=found.reports,
        compared=found.compared,
        pairs=len(pairs),
        certain=sum(pair.band == "certain" for pair in pairs),
        min_chance=least,
        left_out=found.left_out,
        out=str(out),
    )


def _batches(connection: "DuckDBPyConnection", pairs: list[Explanation]) -> Iterator[pa.RecordBatch]:
    rows = connection.execute(
        "select cast(report as varchar), source, case_id from store_reports where cast(report as varchar) in"
        " (select first from duplicate_scored union select second from duplicate_scored)"
    ).fetchall()
    named = {report: {"source": source, "case": case} for report, source, case in rows}
    for start in range(0, len(pairs), _BATCH):
        lines = [_row(pair, named) for pair in pairs[start : start + _BATCH]]
        yield pa.RecordBatch.from_pylist(lines, schema=SCHEMA)


def _row(pair: Explanation, named: dict[str, dict[str, str]]) -> dict[str, str | float | None]:
    row: dict[str, str | float | None] = {
        "report_1": pair.first,
        "report_2": pair.second,
        "chance": pair.probability,
        "band": pair.band,
        "why": "; ".join(f"{weight.words} ({weight.signed})" for weight in pair.weights),
    }
    for place, report in ((1, pair.first), (2, pair.second)):
        row |= {f"{name}_{place}": value for name, value in named[report].items()}
    return row
