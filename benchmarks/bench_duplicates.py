"""Duplicates among synthetic reports: precision, recall, lot clusters, seconds and memory; ours beside Splink 5.

Real labelled pairs are not public, so all figures are of invented reports (``synthetic_duplicates.py``), on a seed
that nothing was chosen on. Ours is not trained. Splink estimates its u from random pairs and its m by
expectation–maximisation, and is given the true share of duplicates; it sees the same fields and keys as ours and
the same forbidden differences (sex, full date of birth). ``EXOVIGIL_BENCH_REPORTS=1000000`` for the full size.
"""

import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from benchmarks.synthetic_duplicates import synthetic_reports
from exovigil.signals.duplicates import scorer

SEED = 4_2026
REPORTS = int(os.environ.get("EXOVIGIL_BENCH_REPORTS", "100000"))
MEMORY = os.environ.get(
    "EXOVIGIL_BENCH_MEMORY", "2500MB"
)  # DuckDB's share; Python and its allocator come on top
LEVELS = (0.5, 0.9, 0.99)
Finder = Callable[[duckdb.DuckDBPyConnection], str]


def ours(connection: duckdb.DuckDBPyConnection) -> str:
    """Leave the scored pairs in ``judged``; return what was left out."""
    connection.execute("create temp view duplicate_report as from told")
    found = scorer.find(connection)
    connection.execute(
        "create temp table judged as"
        " select first, second, probability, band = 'certain' as certain from duplicate_scored"
    )
    left = [
        f"{o.rule}: {o.blocks} blocks, {o.reports:,} reports, fullest {o.fullest}" for o in found.left_out
    ]
    return f"{found.compared:,} pairs compared; left out: {'; '.join(left) or 'nothing'}"


def splink(connection: duckdb.DuckDBPyConnection) -> str:
    """The same with Splink's plain settings; certain is a probability of at least 0.99."""
    import splink.comparison_library as compare
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    connection.execute(
        "create table flat as select id as unique_id, nullif(sex, '') as sex, country, nullif(site, '') as site,"
        " products[1] as product, lots[1] as lot, reactions,"
        " reactions[1] as reaction, case when length(birth) = 10 then birth end as born,"
        " coalesce(left(nullif(birth, ''), 4)::int, left(nullif(onset, ''), 4)::int - age, year(received) - age)"
        " as year_of_birth, case when length(onset) = 10 then onset end as onset from told"
    )
    keys = [
        ("born",),
        ("onset", "year_of_birth"),
        ("onset", "site"),
        ("onset", "lot"),
        ("onset", "product", "reaction", "sex"),
        ("lot", "year_of_birth"),
        ("site", "year_of_birth"),
        ("product", "reaction", "year_of_birth", "sex"),
    ]
    reports, copies = connection.execute("select count(*), count(*) filter (copy) from told").fetchone() or (
        0,
        0,
    )
    year = compare.CustomComparison(
        [
            {"sql_condition": "year_of_birth_l is null or year_of_birth_r is null", "is_null_level": True},
            {"sql_condition": "year_of_birth_l = year_of_birth_r", "tf_adjustment_column": "year_of_birth"},
            {"sql_condition": "abs(year_of_birth_l - year_of_birth_r) = 1"},
            {"sql_condition": "else"},
        ],
        output_column_name="year_of_birth",
    )
    onset = compare.AbsoluteDateDifferenceAtThresholds(
        "onset", input_is_string=True, metrics=["day", "day"], thresholds=[3, 14]
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        probability_two_random_records_match=2 * copies / (reports * (reports - 1)),
        comparisons=[
            year,
            onset,
            *(
                compare.ExactMatch(name).configure(term_frequency_adjustments=True)
                for name in ("sex", "country", "site", "product", "lot")
            ),
            compare.ArrayIntersectAtSizes("reactions", [2, 1]),
        ],
        blocking_rules_to_generate_predictions=[block_on(*key) for key in keys],
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI(connection).register("flat"), settings, log_level="ERROR")
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    for key in (("born",), ("onset", "site"), ("lot", "year_of_birth")):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*key))
    pairs = linker.inference.predict(threshold_match_probability=LEVELS[0])
    connection.execute(
        "create temp table judged as select least(p.unique_id_l, p.unique_id_r) as first,"
        " greatest(p.unique_id_l, p.unique_id_r) as second, p.match_probability as probability,"
        f" p.match_probability >= 0.99 as certain from {pairs.physical_name} p"
        " join flat a on a.unique_id = p.unique_id_l join flat b on b.unique_id = p.unique_id_r"
        " where coalesce(a.sex = b.sex, true) and coalesce(a.born = b.born, true)"
    )
    return "trained on the same reports; the full date of birth blocks and forbids, the year is weighed"


def judge(name: str, path: str) -> dict[str, Any]:
    """Run one finder alone in this process and compare what it proposes with the labels."""
    connection = duckdb.connect()
    connection.execute(
        f"set memory_limit = '{MEMORY}'; set threads = 2; set preserve_insertion_order = false;"
        " set enable_progress_bar = false"
    )
    connection.execute(
        f"set temp_directory = '{path}.spill-{name}'; create view told as from read_parquet('{path}')"
    )
    cpu, wall = time.process_time(), time.perf_counter()
    note = {"ours": ours, "splink": splink}[name](connection)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    connection.execute(
        "create temp table labelled as select j.*, a.person = b.person as same, coalesce(a.outbreak = b.outbreak"
        " and a.outbreak >= 0, false) and a.person <> b.person as mates"
        " from judged j join told a on a.id = j.first join told b on b.id = j.second"
    )
    (true,) = connection.execute("select count(*) from told where copy").fetchone() or (0,)
    (mates,) = connection.execute(
        "select count(*) from told a join told b on a.outbreak = b.outbreak and a.id < b.id"
        " where a.outbreak >= 0 and a.person <> b.person"
    ).fetchone() or (0,)
    levels = [
        connection.execute(
            "select count(*) filter (same), count(*), count(*) filter (mates) from labelled where probability >= ?",
            [at],
        ).fetchone()
        for at in LEVELS
    ]
    certain = connection.execute(
        "select count(*) filter (same), count(*), count(*) filter (mates) from labelled where certain"
    ).fetchone()
    return {
        "note": note,
        "cpu": cpu,
        "wall": wall,
        "peak": peak,
        "true": true,
        "mates": mates,
        "levels": levels,
        "certain": certain,
    }


def show(name: str, found: dict[str, Any]) -> None:
    print(
        f"{name}: {found['cpu']:.1f} CPU s, {found['wall']:.1f} s, peak {found['peak']:,.0f} MB; {found['note']}"
    )
    rows = [
        *zip((f"chance ≥ {at}" for at in LEVELS), found["levels"], strict=True),
        ("certain", found["certain"]),
    ]
    for label, (right, proposed, mates) in rows:
        print(
            f"  {label:13} precision {right / max(proposed, 1):6.1%}, recall {right / found['true']:6.1%};"
            f" {mates} of {found['mates']:,} lot-cluster pairs ({mates / found['mates']:.2%})",
            flush=True,
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "told.parquet")
        pq.write_table(synthetic_reports(REPORTS, SEED), path)
        print(f"{REPORTS:,} synthetic reports, seed {SEED} (held out)", flush=True)
        context = multiprocessing.get_context("spawn")
        results = {}
        for name in ("ours", "splink"):
            with ProcessPoolExecutor(1, mp_context=context) as alone:
                try:
                    results[name] = alone.submit(judge, name, path).result()
                except ModuleNotFoundError:
                    print("splink: not installed (make bench installs requirements/bench.txt); left out")
                    continue
            show(name, results[name])
        if len(results) == 2:
            print(f"CPU seconds, ours to Splink: {results['ours']['cpu'] / results['splink']['cpu']:.2f}")


if __name__ == "__main__":
    main()
