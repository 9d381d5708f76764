"""Finds pairs of reports that may tell of one case, on DuckDB: blocks, bits for every field, a band. Never merges.

Reports are compared only inside blocks (SQL rules in ``blocks.sql``); a block with too many reports is left out and
named, never in silence. The bits of ``compared.sql`` and ``scored.sql`` are those of ``model.py``. Lot, product,
clinic, country, reaction and onset are what the patients of one outbreak share: together they never count for
more than finding one of the reports of that scene among all reports. So distinct patients of a lot cluster
stay distinct unless something about the person agrees, and a pair is ``certain`` only with the same report number,
registry patient or full date of birth.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from exovigil.signals.duplicates.model import Rates

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
    connection: "DuckDBPyConnection", rates: Rates | None = None, largest_block: int = LARGEST_BLOCK
) -> Found:
    """Score every pair of ``duplicate_report`` that shares a block; keeps those worth a person's look.

    ``duplicate_report`` is a table or view with the columns of ``Report``; ids must be unique (ValueError).
    """
    chosen = rates or Rates()
    _prepare(connection, chosen)
    _run(connection, "blocks.sql", {"largest_block": largest_block})
    _score(connection, chosen, least_bits=_log_odds(min(chosen.review, chosen.certain)))
    connection.execute("delete from duplicate_scored where band is null")
    return Found(
        reports=_count(connection, "duplicate_coded"),
        compared=_count(connection, "duplicate_pair"),
        certain=_count(connection, "duplicate_scored", "band = 'certain'"),
        review=_count(connection, "duplicate_scored", "band = 'review'"),
        left_out=_left_out(connection, largest_block),
    )


def weigh(
    connection: "DuckDBPyConnection", pairs: Iterable[tuple[str, str]], rates: Rates | None = None
) -> None:
    """Score exactly these pairs of ids of ``duplicate_report``, however little they agree.

    Pairs that a known difference forbids are missing from ``duplicate_scored``.
    """
    chosen = rates or Rates()
    _prepare(connection, chosen)
    connection.execute(
        "create or replace temp table duplicate_pair as"
        " select least(a.row, b.row) as first_row, greatest(a.row, b.row) as second_row"
        " from (select unnest(from_json($pairs, '[[\"VARCHAR\"]]')) as pair)"
        " join duplicate_coded a on a.id = pair[1] join duplicate_coded b on b.id = pair[2]",
        {"pairs": json.dumps([list(pair) for pair in pairs])},
    )
    _score(connection, chosen, least_bits=-math.inf)


def _prepare(connection: "DuckDBPyConnection", rates: Rates) -> None:
    repeated = connection.execute(
        "select id from duplicate_report group by id having count(*) > 1 or id is null order by id limit 1"
    ).fetchone()
    if repeated:
        raise ValueError(f"report id {repeated[0]!r} is missing or there twice; two rows of one report are not two")
    _run(connection, "coded.sql", rates.parameters)


def _score(connection: "DuckDBPyConnection", rates: Rates, least_bits: float) -> None:
    _run(connection, "compared.sql", {**rates.parameters, "least_bits": least_bits})
    _run(connection, "scored.sql", rates.parameters)


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


def _log_odds(chance: float) -> float:
    return math.log2(chance / (1 - chance))
