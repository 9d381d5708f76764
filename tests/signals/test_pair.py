"""One pair opened, against counting report by report in plain Python."""

import datetime as dt
from dataclasses import dataclass

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exovigil.signals.pair import Level, Pair, ReportTables, opened, quarter_name, reports_of
from exovigil.signals.scan.population import UNKNOWN

PRODUCTS, REACTIONS = ("X", "Y", "Z"), ("G", "H")
ROLES = ("suspect", "interacting", "concomitant", "unknown")


@dataclass(frozen=True)
class Report:
    """One report in plain Python; products come with their role."""

    products: tuple[tuple[str, str], ...]
    reactions: tuple[str, ...]
    received: dt.date | None = None
    sex: str | None = None
    age: float | None = None
    country: str | None = None
    origin: str = "faers"
    event: dt.date | None = None

    @property
    def told_on(self) -> dt.date | None:
        return self.received or self.event

    def counts(self, pair: Pair) -> bool:
        return bool(self.named(pair)) and bool(self.reactions)

    def named(self, pair: Pair) -> set[str]:
        return {product for product, role in self.products if role in pair.roles}


def tables_of(reports: list[Report]) -> ReportTables:
    """The reports as the store holds them, several rows a report."""
    named = [
        (i, p, role, "L1" if p == "X" else None) for i, r in enumerate(reports) for p, role in r.products
    ]
    felt = [(i, reaction) for i, r in enumerate(reports) for reaction in r.reactions]
    about = pa.table(
        {
            "report": pa.array(range(len(reports)), pa.int64()),
            "source": pa.array([r.origin for r in reports], pa.string()),
            "case_id": pa.array([f"C{i}" for i in range(len(reports))], pa.string()),
            "received": pa.array([r.received for r in reports], pa.date32()),
            "event_date": pa.array([r.event for r in reports], pa.date32()),
            "sex": pa.array([r.sex for r in reports], pa.string()),
            "age_years": pa.array([r.age for r in reports], pa.float64()),
            "country": pa.array([r.country for r in reports], pa.string()),
            "serious": pa.array([None for _ in reports], pa.bool_()),
        }
    )
    products = pa.table(
        {
            "report": pa.array([n[0] for n in named], pa.int64()),
            "product": pa.array([n[1] for n in named], pa.string()),
            "role": pa.array([n[2] for n in named], pa.string()),
            "lot": pa.array([n[3] for n in named], pa.string()),
        }
    )
    reactions = pa.table(
        {
            "report": pa.array([f[0] for f in felt], pa.int64()),
            "reaction": pa.array([f[1] for f in felt], pa.string()),
        }
    )
    return ReportTables(*map(ibis.memtable, (about, products, reactions)))


def counted(reports: list[Report], pair: Pair) -> tuple[int, ...]:
    """The four cells, one report at a time."""
    cells = [0, 0, 0, 0]
    for report in reports:
        if report.counts(pair):
            has_product, has_reaction = pair.product in report.named(pair), pair.reaction in report.reactions
            cells[(0 if has_product else 2) + (0 if has_reaction else 1)] += 1
    return tuple(cells)


def cells(level: Level) -> tuple[int, ...]:
    return level.a, level.b, level.c, level.d


some_report = st.builds(
    Report,
    products=st.lists(st.tuples(st.sampled_from(PRODUCTS), st.sampled_from(ROLES)), max_size=4).map(tuple),
    reactions=st.lists(st.sampled_from(REACTIONS), max_size=3).map(tuple),
    received=st.none() | st.dates(dt.date(2024, 1, 1), dt.date(2025, 12, 31)),
    sex=st.sampled_from(["F", "M", None]),
    age=st.none() | st.sampled_from([0.0, 17.9, 18.0, 44.0, 45.0, 64.9, 74.0, 75.0, 101.0]),
    country=st.sampled_from(["GB", "US", None]),
    origin=st.sampled_from(["faers", "registry"]),
    event=st.none() | st.dates(dt.date(2024, 1, 1), dt.date(2025, 12, 31)),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    reports=st.lists(some_report, min_size=1, max_size=40), roles=st.sampled_from([("suspect",), ROLES[:2]])
)
def test_every_table_is_what_counting_one_by_one_gives(reports, roles):
    pair = Pair("X", "G", roles)
    found = opened(tables_of(reports), pair)
    assert cells(found.whole) == counted(reports, pair)
    for level in found.subgroups["sex"]:
        assert cells(level) == counted([r for r in reports if (r.sex or UNKNOWN) == level.label], pair)
    for level in found.subgroups["country"]:
        assert cells(level) == counted([r for r in reports if (r.country or UNKNOWN) == level.label], pair)
    for level in found.course:
        by_then = [r for r in reports if r.told_on is not None and quarter_name(r.told_on) <= level.label]
        assert cells(level) == counted(by_then, pair)
    for other in found.competitors:
        assert cells(other.without) == counted(
            [r for r in reports if other.product not in r.named(pair)], pair
        )
    undated = sum(
        r.told_on is None for r in reports if r.counts(pair) and "X" in r.named(pair) and "G" in r.reactions
    )
    assert found.undated == undated


@settings(max_examples=6, deadline=None)
@given(reports=st.lists(some_report, min_size=1, max_size=30))
def test_subgroups_add_up_to_the_whole(reports):
    found = opened(tables_of(reports), Pair("X", "G"))
    for levels in found.subgroups.values():
        together = [sum(column) for column in zip(*map(cells, levels), strict=True)] or [0, 0, 0, 0]
        assert tuple(together) == cells(found.whole)


def test_ages_fall_into_the_bands_of_the_scan_and_an_impossible_one_is_unknown():
    ages = (0, 11.9, 17.9, 18, 44, 45, 64, 65, 74, 75, None, -3)
    found = opened(tables_of([Report((("X", "suspect"),), ("G",), age=age) for age in ages]), Pair("X", "G"))
    assert [(level.label, level.a) for level in found.subgroups["age"]] == [
        ("0-1", 1), ("2-11", 1), ("12-17", 1), ("18-44", 2), ("45-64", 2), ("65-74", 2), ("75 and over", 1),
        (UNKNOWN, 2),
    ]  # fmt: skip


def test_a_masking_product_hides_the_pair_until_it_is_left_out():
    # Y fills the reaction: with its reports in, X stands at what is expected; without them, far above.
    reports = (
        [Report((("Y", "suspect"),), ("G",))] * 90
        + [Report((("X", "suspect"),), ("G",))] * 5
        + [Report((("X", "suspect"),), ("H",))] * 5
        + [Report((("Z", "suspect"),), ("H",))] * 90
    )
    found = opened(tables_of(reports), Pair("X", "G"))
    (masking,) = [c for c in found.competitors if c.product == "Y"]
    assert found.whole.value("ic") == pytest.approx(0, abs=0.1)
    assert masking.in_pair == 0
    assert masking.without.value("ic025") > 0.9


def test_a_companion_takes_the_pair_away_when_it_is_left_out():
    reports = [Report((("X", "suspect"), ("Y", "suspect")), ("G",))] * 6 + [
        Report((("Z", "suspect"),), ("H",))
    ] * 60
    found = opened(tables_of(reports), Pair("X", "G"))
    (companion,) = [c for c in found.competitors if c.product == "Y"]
    assert (companion.in_pair, companion.without.a) == (6, 0)


def test_reports_come_newest_first_with_everything_they_name():
    reports = [
        Report((("X", "suspect"), ("Y", "concomitant")), ("G", "H"), dt.date(2024, 5, 1), "F", 30, "GB"),
        Report((("X", "suspect"),), ("G",), None),
        Report((("X", "suspect"),), ("G",), dt.date(2025, 5, 1)),
        Report((("X", "concomitant"),), ("G",), dt.date(2026, 5, 1)),
    ]
    rows = reports_of(tables_of(reports), Pair("X", "G"), limit=10)
    assert [row.case_id for row in rows] == ["C2", "C0", "C1"]
    assert (rows[1].products, rows[1].reactions, rows[1].lots) == ("X; Y", "G; H", "L1")
    assert [row.case_id for row in reports_of(tables_of(reports), Pair("X", "G"), limit=1, offset=1)] == [
        "C0"
    ]
