"""One product-reaction pair opened: its 2 × 2 table, in subgroups, in time, without its competitors, and its reports.

Everything is counted in distinct reports, among the reports that name at least one product in the chosen roles and at
least one reaction: the same reports that the scan counts. One pass over the store gives a small cube from which every
subgroup and the time course are added up, so that they cannot disagree with the whole.

Masking: a product that makes up much of a reaction's reports raises what is expected of every other product, and hides
them (Gould 2003, Pharmacoepidemiology and Drug Safety 12:559-574). Competition: another product in the same reports may
be the cause. Both are shown the same way, by leaving out the reports that name the competitor and counting again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from exovigil.signals.scan.population import AGE_BANDS, OLDEST, UNKNOWN, age_band, sex
from exovigil.statistics.disproportionality import Disproportionality, Tables, disproportionality

SUSPECT = ("suspect", "interacting")
SUBGROUPS = ("sex", "age", "country", "origin")
COMPETITORS = 6
COUNTS = ("pair", "product", "reaction", "total")


@dataclass(frozen=True, slots=True)
class ReportTables:
    """The three tables of a report store, wherever they live."""

    reports: ir.Table
    products: ir.Table
    reactions: ir.Table


@dataclass(frozen=True, slots=True)
class Pair:
    """A product, a reaction, and the roles in which the product counts."""

    product: str
    reaction: str
    roles: tuple[str, ...] = SUSPECT


@dataclass(frozen=True, slots=True)
class Level:
    """One 2 × 2 table with its measures: of a subgroup, of a quarter's end, or of what is left without a competitor."""

    label: str
    a: int
    b: int
    c: int
    d: int
    measures: Disproportionality

    @classmethod
    def of(cls, label: str, pair: int, product: int, reaction: int, total: int) -> "Level":
        """Measure one table given by its margins, in reports."""
        measures = disproportionality(Tables.of(pair, product, reaction, total))
        return cls(label, pair, product - pair, reaction - pair, total - product - reaction + pair, measures)

    @property
    def product_total(self) -> int:
        """Reports with the product."""
        return self.a + self.b

    @property
    def reaction_total(self) -> int:
        """Reports with the reaction."""
        return self.a + self.c

    @property
    def total(self) -> int:
        """All reports."""
        return self.a + self.b + self.c + self.d

    def value(self, name: str) -> float:
        """Return one measure as a number; not a number where the table gives none."""
        return float(getattr(self.measures, name))


@dataclass(frozen=True, slots=True)
class Competitor:
    """Another product: how many of the pair's and of the reaction's reports name it, and the table without them."""

    product: str
    in_pair: int
    in_reaction: int
    without: Level


@dataclass(frozen=True, slots=True)
class Opened:
    """A pair opened: ``whole`` first, then the same table over subgroups, over time and without competitors."""

    pair: Pair
    whole: Level
    subgroups: dict[str, tuple[Level, ...]]
    course: tuple[Level, ...]
    undated: int
    competitors: tuple[Competitor, ...]


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report of the pair, as a list shows it; ``told_on`` as in ``_marked``."""

    report: int
    origin: str
    case_id: str
    told_on: Any
    sex: str | None
    age_years: float | None
    country: str | None
    serious: bool | None
    products: str
    reactions: str
    lots: str


def opened(tables: ReportTables, pair: Pair) -> Opened:
    """Count a pair whole, in subgroups, over time and without its competitors."""
    marked = _marked(tables, pair)
    cube = _cube(marked)
    course, undated = _course(cube)
    whole = Level.of("all", *(sum(row[name] for row in cube) for name in COUNTS))
    return Opened(
        pair=pair,
        whole=whole,
        subgroups={name: _subgroup(cube, name) for name in SUBGROUPS},
        course=course,
        undated=undated,
        competitors=_competitors(tables, pair, marked, whole),
    )


def reports_of(tables: ReportTables, pair: Pair, *, limit: int, offset: int = 0) -> list[ReportRow]:
    """Return the pair's reports, newest first, with everything else that they name."""
    marked = _marked(tables, pair)
    found = (
        marked.filter(marked.has_product & marked.has_reaction)
        .order_by([ibis.desc("told_on"), "report"])
        .limit(limit, offset=offset)
    )
    chosen = found.select("report")
    named = _together(tables.products, chosen, products="product", lots="lot")
    felt = _together(tables.reactions, chosen, reactions="reaction")
    joined = (
        found.left_join(named, "report").drop("report_right").left_join(felt, "report").drop("report_right")
    )
    rows = joined.to_pyarrow().to_pylist()
    rows.sort(key=lambda row: (row["told_on"] is None, -_ordinal(row["told_on"]), row["report"]))
    return [_report_row(row) for row in rows]


def _marked(tables: ReportTables, pair: Pair) -> ir.Table:
    """Return every counted report with its subgroup columns and whether it names the product and the reaction.

    ``told_on`` is the day it was received, or that of the event where the source gives no other (a flat table).
    """
    given = tables.products.filter(tables.products.role.isin(pair.roles))
    felt = tables.reactions
    with_product = given.filter(given["product"] == pair.product).select("report").distinct()
    with_reaction = felt.filter(felt["reaction"] == pair.reaction).select("report").distinct()
    counted = tables.reports.semi_join(given, "report").semi_join(felt, "report")
    counted = counted.left_join(with_product.mutate(has_product=True), "report").drop("report_right")
    counted = counted.left_join(with_reaction.mutate(has_reaction=True), "report").drop("report_right")
    return counted.mutate(
        told_on=counted.received.coalesce(counted.event_date),
        has_product=counted.has_product.fill_null(False),
        has_reaction=counted.has_reaction.fill_null(False),
    )


def _cube(marked: ir.Table) -> list[dict[str, Any]]:
    """Return reports counted over quarter × sex × age band × country × origin: a few thousand rows from millions."""
    keyed = marked.mutate(
        quarter=marked.told_on.truncate("Q"),
        sex=sex(marked),
        age=age_band(marked),
        country=marked.country.fill_null(UNKNOWN),
        origin=marked.source,
        one=1,
    )
    counted = keyed.group_by(["quarter", "sex", "age", "country", "origin"]).aggregate(
        total=keyed.one.sum(),
        product=keyed.has_product.sum(),
        reaction=keyed.has_reaction.sum(),
        pair=(keyed.has_product & keyed.has_reaction).sum(),
    )
    return list(counted.to_pyarrow().to_pylist())


def _subgroup(cube: Sequence[dict[str, Any]], name: str) -> tuple[Level, ...]:
    """Return the levels of a subgroup: age bands in order, others by reports of the pair, unknown last."""
    sums: dict[str, list[int]] = {}
    for row in cube:
        held = sums.setdefault(str(row[name]), [0] * len(COUNTS))
        for place, count in enumerate(COUNTS):
            held[place] += row[count]
    levels = [Level.of(label, *counts) for label, counts in sums.items()]
    order = {label: place for place, label in enumerate([*(label for _, label in AGE_BANDS), OLDEST])}

    def rank(level: Level) -> tuple[bool, int, int, str]:
        return (level.label == UNKNOWN, order.get(level.label, 0), -level.a, level.label)

    return tuple(sorted(levels, key=rank))


def _course(cube: Sequence[dict[str, Any]]) -> tuple[tuple[Level, ...], int]:
    """Return the table as it stood at the end of each quarter, and the pair's reports that carry no date."""
    quarters = sorted({row["quarter"] for row in cube if row["quarter"] is not None})
    added = {quarter: np.zeros(len(COUNTS), dtype=np.int64) for quarter in quarters}
    undated = 0
    for row in cube:
        if row["quarter"] is None:
            undated += row["pair"]
        else:
            added[row["quarter"]] += [row[name] for name in COUNTS]
    standing, levels = np.zeros(len(COUNTS), dtype=np.int64), []
    for quarter in quarters:
        standing = standing + added[quarter]
        levels.append(Level.of(quarter_name(quarter), *(int(count) for count in standing)))
    return tuple(levels), undated


def quarter_name(day: Any) -> str:
    """Name the quarter that a day lies in: ``2026 Q2``."""
    return f"{day.year} Q{(day.month + 2) // 3}"


def _competitors(tables: ReportTables, pair: Pair, marked: ir.Table, whole: Level) -> tuple[Competitor, ...]:
    """Return the products that most of the pair's or the reaction's reports name, each left out in turn."""
    given = tables.products.filter(
        tables.products.role.isin(pair.roles) & (tables.products["product"] != pair.product)
    )
    named = given.select("report", "product").distinct()
    joined = named.inner_join(marked.select("report", "has_product", "has_reaction"), "report")
    counted = joined.group_by("product").aggregate(
        total=joined.count(),
        with_product=joined.has_product.sum(),
        with_reaction=joined.has_reaction.sum(),
        with_both=(joined.has_product & joined.has_reaction).sum(),
    )
    counted = counted.filter(counted.with_reaction > 0)
    top = ibis.union(
        counted.order_by([ibis.desc("with_reaction"), "product"]).limit(COMPETITORS),
        counted.filter(counted.with_both > 0)
        .order_by([ibis.desc("with_both"), "product"])
        .limit(COMPETITORS),
        distinct=True,
    )
    rows = sorted(
        top.to_pyarrow().to_pylist(), key=lambda r: (-r["with_both"], -r["with_reaction"], r["product"])
    )
    return tuple(_competitor(row, whole) for row in rows)


def _competitor(row: dict[str, Any], whole: Level) -> Competitor:
    left = Level.of(
        row["product"],
        whole.a - row["with_both"],
        whole.product_total - row["with_product"],
        whole.reaction_total - row["with_reaction"],
        whole.total - row["total"],
    )
    return Competitor(row["product"], row["with_both"], row["with_reaction"], left)


def _together(table: ir.Table, chosen: ir.Table, **columns: str) -> ir.Table:
    """Gather the values of a report's rows into one text each, without repeats."""
    rows = table.semi_join(chosen, "report")
    return rows.group_by("report").aggregate(
        **{name: rows[column].collect(distinct=True) for name, column in columns.items()}
    )


def _report_row(row: dict[str, Any]) -> ReportRow:
    def text(values: Iterable[str | None] | None) -> str:
        return "; ".join(sorted(value for value in values or () if value))

    return ReportRow(
        report=row["report"],
        origin=row["source"],
        case_id=row["case_id"],
        told_on=row["told_on"],
        sex=row["sex"],
        age_years=row["age_years"],
        country=row["country"],
        serious=row["serious"],
        products=text(row["products"]),
        reactions=text(row["reactions"]),
        lots=text(row["lots"]),
    )


def _ordinal(day: Any) -> int:
    return int(day.toordinal()) if day is not None else 0
