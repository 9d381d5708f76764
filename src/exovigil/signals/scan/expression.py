"""Counts and measures of all pairs as one Ibis expression, which DuckDB and Spark run unchanged.

The measures are those of ``exovigil.statistics.disproportionality``. IC025 is the quantile of a gamma
distribution, for which SQL has no function; it and the shrunken ratios are added to what this
expression gives, from the same counts.
"""

import math

import ibis
from ibis import _
from ibis.expr.types import FloatingValue, NumericValue, Table

from exovigil.signals.scan.population import UNKNOWN, Population, stratum
from exovigil.statistics.disproportionality import Z

MEASURES = ("prr", "prr_low", "prr_high", "ror", "ror_low", "ror_high", "chi2", "ic")


class Counted:
    """The expressions of one population over the three tables of a store."""

    def __init__(self, reports: Table, products: Table, reactions: Table, population: Population) -> None:
        self.strata = population.strata
        named = products.filter(products.role.isin(list(population.roles)), products["product"].notnull())
        exposures = named.select("report", "product").distinct()
        events = reactions.filter(reactions.reaction.notnull()).select("report", "reaction").distinct()
        self.exposures = exposures.semi_join(events, "report")
        self.events = events.semi_join(exposures, "report")
        self.everyone = self.exposures.select("report").distinct()
        self._stratum = stratum(reports, self.strata) if self.strata else None

    def by_product(self) -> Table:
        """Reports of each product, by stratum if there are strata: product, [stratum,] product_reports."""
        return self._margin(self.exposures, "product", "product_reports")

    def by_reaction(self) -> Table:
        """Reports of each reaction, likewise: reaction, [stratum,] reaction_reports."""
        return self._margin(self.events, "reaction", "reaction_reports")

    def in_all(self) -> Table:
        """All reports, likewise: [stratum,] reports."""
        if self._stratum is None:
            return self.everyone.aggregate(reports=_.count())
        return self._placed(self.everyone, self._stratum).group_by("stratum").aggregate(reports=_.count())

    def pairs(self) -> Table:
        """Every pair with its table's margins, expected count and measures, in order of the names."""
        found = self.exposures.join(self.events, "report").group_by(["product", "reaction"])
        counted = found.aggregate(n=_.count())
        products = self.exposures.group_by("product").aggregate(product_reports=_.count())
        reactions = self.events.group_by("reaction").aggregate(reaction_reports=_.count())
        total = self.everyone.aggregate(reports=_.count())
        tables = counted.join(products, "product").join(reactions, "reaction").cross_join(total)
        return _measured(self._with_expected(tables)).order_by("product", "reaction")

    def _placed(self, rows: Table, strata: Table) -> Table:
        """Rows with the stratum of their report; a report that the store does not describe is unknown."""
        placed = rows.left_join(strata, "report").drop("report_right")
        return placed.mutate(stratum=placed["stratum"].fill_null(UNKNOWN))

    def _margin(self, rows: Table, kind: str, name: str) -> Table:
        if self._stratum is None:
            return rows.group_by(kind).aggregate(_.count().name(name))
        return self._placed(rows, self._stratum).group_by([kind, "stratum"]).aggregate(_.count().name(name))

    def _with_expected(self, tables: Table) -> Table:
        if self._stratum is None:
            share = _.product_reports.cast("float64") * _.reaction_reports.cast("float64")
            return tables.mutate(expected=share / _.reports.cast("float64"))
        share = _.product_reports.cast("float64") * _.reaction_reports.cast("float64")
        apart = (
            tables.select("product", "reaction")
            .join(self.by_product(), "product")
            .join(self.by_reaction(), ["reaction", "stratum"])
            .join(self.in_all(), "stratum")
            .group_by(["product", "reaction"])
            .aggregate(expected=(share / _.reports.cast("float64")).sum())
        )
        return tables.join(apart, ["product", "reaction"])


def _measured(tables: Table) -> Table:
    cells = tables.mutate(
        a=_.n.cast("float64"),
        b=(_.product_reports - _.n).cast("float64"),
        c=(_.reaction_reports - _.n).cast("float64"),
        d=(_.reports - _.product_reports - _.reaction_reports + _.n).cast("float64"),
    )
    a, b, c, d = cells.a, cells.b, cells.c, cells.d
    total = a + b + c + d
    prr = _over(a * (c + d), (a + b) * c)
    ror = _over(a * d, b * c)
    # a pair was seen, so a is above zero
    prr_spread = Z * (1 / a - 1 / (a + b) + 1 / c.nullif(0) - 1 / (c + d).nullif(0)).sqrt()
    ror_spread = Z * (1 / a + 1 / b.nullif(0) + 1 / c.nullif(0) + 1 / d.nullif(0)).sqrt()
    excess = (a * d - b * c).abs() - total / 2
    gap = ibis.greatest(excess, 0.0)
    chi2 = (gap / (a + b)) * (gap / (c + d).nullif(0)) / (a + c) / (b + d).nullif(0) * total
    return cells.select(
        "product",
        "reaction",
        "n",
        "product_reports",
        "reaction_reports",
        "reports",
        "expected",
        prr=prr,
        prr_low=prr * (-prr_spread).exp(),
        prr_high=prr * prr_spread.exp(),
        ror=ror,
        ror_low=ror * (-ror_spread).exp(),
        ror_high=ror * ror_spread.exp(),
        chi2=chi2,
        ic=((a + 0.5) / (cells.expected + 0.5)).log2(),
    )


def _over(above: NumericValue, below: NumericValue) -> FloatingValue:
    """Ratio that is infinite over zero, and missing where both are zero; Spark refuses to divide by zero."""
    infinite = ibis.ifelse(above > 0, ibis.literal(math.inf), ibis.null("float64"))
    return ibis.ifelse(below > 0, above / below.nullif(0), infinite)
