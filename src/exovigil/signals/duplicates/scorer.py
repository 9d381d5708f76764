"""Finds pairs of reports that may tell of one case, on DuckDB: blocks, bits for every field, a band. Never merges.

Reports are compared only inside blocks (SQL rules in ``blocks.sql``); a block with too many reports is left out and
named, never in silence. The assumptions are in ``rates.py``, the formulas in ``formulas.sql``. Lot, product,
clinic, country, reaction and onset are what the patients of one outbreak share: together they never count for
more than finding one of the reports of that scene among all reports. So distinct patients of a lot cluster
stay distinct unless something about the person agrees, and a pair is ``certain`` only with the same report number,
registry patient or full date of birth.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from exovigil.signals.duplicates.rates import Rates

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LARGEST_BLOCK = 300  # reports; a fuller block would cost more than 44,850 comparisons

_SCHEMA = {
    "id": "VARCHAR",
    "numbers": ["VARCHAR"],
    "linked": ["VARCHAR"],
    "patient": "VARCHAR",
    "sex": "VARCHAR",
    "birth": "VARCHAR",
    "age": "INTEGER",
    "country": "VARCHAR",
    "site": "VARCHAR",
    "products": ["VARCHAR"],
    "lots": ["VARCHAR"],
    "reactions": ["VARCHAR"],
    "onset": "VARCHAR",
    "received": "DATE",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What is compared of a report; empty is unknown and never matches anything.

    ``numbers``: its own and other numbers of the same case (E2B C.1.1, C.1.8.1, C.1.9.1.r.2); ``linked``: numbers
    of reports that the sender wants to be seen together (C.1.10.r), which may be another patient's. ``birth`` and
    ``onset`` are ISO dates known to the day, month or year; ``age`` is in years at onset, else at receipt.
    """

    id: str
    numbers: Sequence[str] = ()
    linked: Sequence[str] = ()
    patient: str | None = None
    sex: str | None = None
    birth: str | None = None
    age: int | None = None
    country: str | None = None
    site: str | None = None
    products: Sequence[str] = ()
    lots: Sequence[str] = ()
    reactions: Sequence[str] = ()
    onset: str | None = None
    received: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What one blocking rule left out: how many blocks, with how many reports, and the fullest of them."""

    rule: str
    blocks: int
    reports: int
    fullest: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; the pairs are in the temporary table ``duplicate_scored`` of the connection."""

    reports: int
    compared: int
    certain: int
    review: int
    left_out: tuple[LeftOut, ...] = field(default=())


def load(connection: "DuckDBPyConnection", reports: Iterable[Report]) -> None:
    """Put reports into the temporary table ``duplicate_report``; for many, make that table from Parquet instead."""
    rows = json.dumps([asdict(report) for report in reports])
    connection.execute(
        "create or replace temp table duplicate_report as"
        " select unnest(from_json($rows, $schema), recursive := true)",
        {"rows": rows, "schema": json.dumps([_SCHEMA])},
    )


def find(
    connection: "DuckDBPyConnection",
    rates: Rates | None = None,
    largest_block: int = LARGEST_BLOCK,
    also: Iterable[tuple[str, str]] = (),
) -> Found:
    """Score every pair of ``duplicate_report`` that shares a block; keep those worth a person's look.

    ``duplicate_report`` is a table or view with the columns of ``Report``; ids must be unique and dates ISO
    (ValueError). Pairs of ids in ``also`` are weighed and kept however little they agree, unless a known
    difference forbids them.
    """
    chosen = rates or Rates()
    fault = connection.execute(_sql("faults.sql")).fetchone()
    if fault:
        raise ValueError(fault[0])
    _run(connection, "formulas.sql", {})
    _run(connection, "coded.sql", chosen.parameters)
    _run(connection, "blocks.sql", {"largest_block": largest_block})
    compared = _count(connection, "duplicate_pair")
    _ask(connection, also)
    _run(connection, "compared.sql", chosen.parameters)
    _run(connection, "scored.sql", chosen.parameters)
    connection.execute("delete from duplicate_scored where band is null and not asked")
    return Found(
        reports=_count(connection, "duplicate_coded"),
        compared=compared,
        certain=_count(connection, "duplicate_scored", "band = 'certain'"),
        review=_count(connection, "duplicate_scored", "band = 'review'"),
        left_out=_left_out(connection, largest_block),
    )


def _ask(connection: "DuckDBPyConnection", also: Iterable[tuple[str, str]]) -> None:
    """Put pairs among those to compare, marked, whether or not a block holds them."""
    pairs = json.dumps([list(pair) for pair in also])
    if pairs == "[]":
        return
    connection.execute(
        "create or replace temp table duplicate_pair as"
        " select first_row, second_row, bool_or(asked) as asked from ("
        "  select * from duplicate_pair union all select least(a.row, b.row), greatest(a.row, b.row), true"
        "  from (select unnest(from_json($pairs, '[[\"VARCHAR\"]]')) as pair)"
        "  join duplicate_coded a on a.id = pair[1] join duplicate_coded b on b.id = pair[2]"
        " ) group by first_row, second_row",
        {"pairs": pairs},
    )


def _left_out(connection: "DuckDBPyConnection", largest_block: int) -> tuple[LeftOut, ...]:
    rows = connection.execute(
        "select rule, count(*), sum(reports), max(reports) from duplicate_size"
        " where reports > $largest_block group by rule order by rule",
        {"largest_block": largest_block},
    ).fetchall()
    return tuple(LeftOut(rule, blocks, int(reports), fullest) for rule, blocks, reports, fullest in rows)


def _run(connection: "DuckDBPyConnection", name: str, values: dict[str, float]) -> None:
    """Run the statements of a file, each with those of the values that it names."""
    for statement in connection.extract_statements(_sql(name)):
        wanted = {key: values[key] for key in statement.named_parameters}
        connection.execute(statement, wanted)


@lru_cache(maxsize=8)
def _sql(name: str) -> str:
    return files("exovigil.signals.duplicates").joinpath(name).read_text(encoding="utf-8")


def _count(connection: "DuckDBPyConnection", table: str, where: str = "true") -> int:
    (rows,) = connection.table(table).filter(where).aggregate("count(*)").fetchone() or (0,)
    return int(rows)
