"""Report stores for tests, and what a scan of them must give, counted slowly in plain Python."""

import datetime
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from exovigil.signals.store import Import, Manifest
from exovigil.signals.store.manifest import NAME

Row = tuple[int, str, str]  # report, product, role


@dataclass
class Reports:
    """Reports by number with sex, age and day received; rows of products and reactions, duplicates and all."""

    people: dict[int, tuple[str | None, float | None, datetime.date | None]] = field(default_factory=dict)
    products: list[Row] = field(default_factory=list)
    reactions: list[tuple[int, str]] = field(default_factory=list)

    def write(self, directory: Path, *, snapshot: str = "first", version: int = 1) -> Path:
        """Write them as the store does."""
        numbers = sorted(self.people)
        about = [self.people[number] for number in numbers]
        tables = {
            "reports": {
                "report": pa.array(numbers, pa.int64()),
                "sex": pa.array([sex for sex, _, _ in about], pa.string()),
                "age_years": pa.array([age for _, age, _ in about], pa.float64()),
                "received": pa.array([day for _, _, day in about], pa.date32()),
            },
            "report_products": {
                "report": pa.array([report for report, _, _ in self.products], pa.int64()),
                "product": pa.array([product for _, product, _ in self.products], pa.string()),
                "role": pa.array([role for _, _, role in self.products], pa.string()),
            },
            "report_reactions": {
                "report": pa.array([report for report, _ in self.reactions], pa.int64()),
                "reaction": pa.array([reaction for _, reaction in self.reactions], pa.string()),
            },
        }
        tables["deleted_cases"] = {name: pa.array([], pa.string()) for name in ("family", "case_id")}
        made = {name: pa.table(columns) for name, columns in tables.items()}
        return write_version(directory, made, snapshot=snapshot, version=version)


def write_version(
    directory: Path,
    tables: dict[str, pa.Table],
    *,
    snapshot: str,
    version: int = 1,
    formats: Sequence[str] = (),
) -> Path:
    """Make these tables the version of a store, in the folders of a real one."""
    folder = directory / "versions" / str(version)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    imports = [Import(0, "", name, [], [], [], {}, 0, 0, 0) for name in formats]
    (folder / NAME).write_text(Manifest(version, snapshot, imports=imports).text(), encoding="utf-8")
    for name, target in (("current", f"versions/{version}"), (NAME, f"current/{NAME}")):
        (directory / name).unlink(missing_ok=True)
        (directory / name).symlink_to(target)
    return directory


def change(directory: Path, number: int, added: Reports, removed: Iterable[int] = ()) -> None:
    """Note what an import changed and what it brought, as the store does."""
    history = directory / "history" / str(number)
    for folder in (directory / "changes", history):
        folder.mkdir(parents=True, exist_ok=True)
    rows = [(report, "added") for report in added.people] + [(report, "removed") for report in removed]
    columns = {
        directory / "changes" / f"{number}.parquet": (("report", "change"), sorted(rows)),
        history / "named_report_products.parquet": (
            ("report", "product", "role"),
            sorted(set(added.products)),
        ),
        history / "named_report_reactions.parquet": (("report", "reaction"), sorted(set(added.reactions))),
    }
    for path, (names, held) in columns.items():
        arrays = [
            pa.array([row[i] for row in held], pa.string() if i else pa.int64()) for i in range(len(names))
        ]
        pq.write_table(pa.table(arrays, names=list(names)), path)


def some_reports(
    count: int, seed: int, *, products: int = 12, reactions: int = 15, first: int = 1
) -> Reports:
    """Reports with every trouble a store has: duplicates, several roles, blanks, no product, no reaction."""
    rng = np.random.default_rng(seed)
    made = Reports()
    for number in (first + 7 * np.arange(count)).tolist():
        sex = [None, "", "female", "male"][rng.integers(4)]
        age = None if rng.random() < 0.2 else float(rng.integers(0, 100))
        day = None if rng.random() < 0.1 else datetime.date(2020 + int(rng.integers(3)), 5, 17)
        made.people[number] = (sex, age, day)
        for _ in range(rng.integers(0, 5)):
            product = f"PRODUCT {min(rng.geometric(0.25), products):02d}"
            made.products.append(
                (number, product, ["suspect", "interacting", "concomitant"][rng.integers(3)])
            )
        made.reactions += [
            (number, f"Réaction {min(rng.geometric(0.2), reactions)}") for _ in range(rng.integers(0, 5))
        ]
    order = rng.permutation(len(made.products))
    made.products = [made.products[i] for i in order]  # a store promises no order
    return made


@dataclass
class Counted:
    """Distinct reports by pair, by product, by reaction and in all, and expected counts."""

    pairs: Counter[tuple[str, str]]
    products: Counter[str]
    reactions: Counter[str]
    reports: int
    expected: dict[tuple[str, str], float]


def slow_count(
    reports: Reports, roles: tuple[str, ...] = ("suspect",), strata: tuple[str, ...] = ()
) -> Counted:
    """Sets of report numbers; nothing is shared with the code under test."""
    named: dict[str, set[int]] = defaultdict(set)
    told: dict[str, set[int]] = defaultdict(set)
    for report, product, role in reports.products:
        if role in roles:
            named[product].add(report)
    for report, reaction in reports.reactions:
        told[reaction].add(report)
    everyone = set().union(*named.values()) & set().union(*told.values())
    named = {name: found & everyone for name, found in named.items() if found & everyone}
    told = {name: found & everyone for name, found in told.items() if found & everyone}
    layers: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for report in everyone:
        layers[tuple(stratum_of(reports.people[report], name) for name in strata)].add(report)
    pairs = Counter({(p, r): len(a & b) for p, a in named.items() for r, b in told.items() if a & b})
    expected = {
        (p, r): math.fsum(
            len(named[p] & layer) * len(told[r] & layer) / len(layer) for layer in layers.values()
        )
        for p, r in pairs
    }
    return Counted(
        pairs,
        Counter({name: len(found) for name, found in named.items()}),
        Counter({name: len(found) for name, found in told.items()}),
        len(everyone),
        expected,
    )


def stratum_of(person: tuple[str | None, float | None, datetime.date | None], name: str) -> str:
    """Stratum of one person by the words of the manual."""
    sex, age, day = person
    if name == "sex":
        return sex or "unknown"
    if name == "year":
        return str(day.year) if day else "unknown"
    if age is None:
        return "unknown"
    upper = [(2, "0-1"), (12, "2-11"), (18, "12-17"), (45, "18-44"), (65, "45-64"), (75, "65-74")]
    return next((label for limit, label in upper if age < limit), "75 and over")


def slow_measures(counted: Counted, pair: tuple[str, str]) -> dict[str, float]:
    """PRR, ROR, chi-square and IC of one pair from the formulas; absent where there is none."""
    product, reaction = pair
    a = counted.pairs[pair]
    b, c = counted.products[product] - a, counted.reactions[reaction] - a
    d = counted.reports - a - b - c
    found = {"ic": math.log2((a + 0.5) / (counted.expected[pair] + 0.5))}
    if c:
        prr = (a / (a + b)) / (c / (c + d))
        spread = 1.959963984540054 * math.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
        found |= {"prr": prr, "prr_low": prr / math.exp(spread), "prr_high": prr * math.exp(spread)}
    elif d:
        found["prr"] = math.inf
    if b and c and d:
        ror = (a / b) / (c / d)
        spread = 1.959963984540054 * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        found |= {"ror": ror, "ror_low": ror / math.exp(spread), "ror_high": ror * math.exp(spread)}
    elif b * c:
        found["ror"] = 0.0
    elif d:
        found["ror"] = math.inf
    if (c + d) and (b + d):
        n = a + b + c + d
        gap = max(abs(a * d - b * c) - n / 2, 0)
        found["chi2"] = gap * gap * n / ((a + b) * (c + d) * (a + c) * (b + d))
    return found
