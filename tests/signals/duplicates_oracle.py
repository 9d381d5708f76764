"""The hit-miss scorer once more: a plain double loop over all pairs, written from the documentation of the model."""

import datetime as dt
import math
from collections.abc import Sequence
from itertools import combinations

from exovigil.foundation.partial_date import PartialDate
from exovigil.signals.duplicates.rates import Rates
from exovigil.signals.duplicates.scorer import Report

EPOCH = dt.date(1900, 1, 1)


def partial(text):
    return PartialDate.parse(text) if text else None


def year_of(report: Report):
    if report.birth:
        return partial(report.birth).year
    moment = report.onset or report.received
    return int(moment[:4]) - report.age if moment and report.age is not None else None


def day_of(text):
    return (partial(text).earliest - EPOCH).days if text and len(text) == 10 else None


def moment_of(report: Report):
    return day_of(report.onset + "-15") if report.onset and len(report.onset) == 7 else day_of(report.onset)


class Oracle:
    """Scores pairs of a list of reports."""

    def __init__(self, reports: Sequence[Report], rates: Rates):
        self.reports, self.r, self.n = reports, rates, len(reports)

    def seen(self, told, value) -> int:
        return sum(told(report) == value for report in self.reports)

    def holding(self, name: str, *values) -> int:
        return sum(all(v in getattr(report, name) for v in values) for report in self.reports)

    def often(self, seen, cells):
        return max(seen - 1, 1) / (max(self.n - 2, 0) + cells)

    def agree(self, miss, p):
        return math.log2(miss + (1 - miss) / p)

    def close(self, miss, near, scale, apart, p):
        q = scale / (1 + scale)
        exact = (1 - miss - near) / p if apart == 0 else 0
        return math.log2(miss + exact + near * (1 - q) / (1 + q) * q**apart / p)

    def plain(self, a, b, told, miss, cells):
        one, other = told(a), told(b)
        if not one or not other:
            return 0.0
        return self.agree(miss, self.often(self.seen(told, one), cells)) if one == other else math.log2(miss)

    def listed(self, a, b, name, miss, cells):
        one, other = set(getattr(a, name)), set(getattr(b, name))
        if not one or not other:
            return 0.0
        shared = one & other
        single = {v: self.agree(miss, self.often(self.holding(name, v), cells)) for v in shared}
        extra = min(len(one ^ other), 3) * math.log2(self.r.extra)
        if not shared:
            return math.log2(miss)
        worth = sum(single.values())
        if len(shared) > 1 and name != "lots":
            worth = max(
                single[v] + sum(self.given(name, v, u, miss, cells) for u in shared - {v}) for v in shared
            )
        return max(worth + extra, math.log2(miss))

    def given(self, name, centre, other, miss, cells):
        alone = self.often(self.holding(name, other), cells)
        joint = (self.holding(name, centre, other) - 1 + alone) / self.holding(name, centre)
        return self.agree(miss, max(alone, joint))

    def birth(self, a, b):
        r = self.r
        if a.birth and a.birth == b.birth and len(a.birth) == 10:
            return self.agree(r.born_miss, self.often(self.seen(lambda x: x.birth, a.birth), r.born_cells))
        one, other = year_of(a), year_of(b)
        if one is None or other is None:
            return 0.0
        p = self.often(max(self.seen(year_of, one), self.seen(year_of, other)), r.year_cells)
        return self.close(r.year_miss, r.year_near, r.year_scale, abs(one - other), p)

    def near_days(self, day):
        days = [day_of(report.onset) for report in self.reports]
        return sum(d is not None and abs(d - day) <= self.r.scene_days for d in days)

    def onset(self, a, b):
        r = self.r
        if not a.onset or not b.onset:
            return 0.0
        one, other = day_of(a.onset), day_of(b.onset)
        if one is not None and other is not None:
            day = self.often(self.seen(lambda x: day_of(x.onset), one), r.onset_cells)
            around = max(self.near_days(one), self.near_days(other)) / (2 * r.scene_days + 1) + 1
            p = day if one == other else self.often(around, r.onset_cells)
            return self.close(r.onset_miss, r.onset_near, r.onset_scale, abs(one - other), p)
        for size, per, differ in (
            (7, r.onset_cells / 30, r.onset_miss + r.onset_near),
            (4, max(r.onset_cells / 365, 1), r.onset_miss),
        ):
            if min(len(a.onset), len(b.onset)) >= size:
                if a.onset[:size] != b.onset[:size]:
                    return math.log2(differ)
                known = sum(
                    1
                    for x in self.reports
                    if x.onset and len(x.onset) >= size and x.onset[:size] == a.onset[:size]
                )
                return self.agree(r.onset_miss, self.often(known, per))
        raise AssertionError(a.onset, b.onset)

    def crowd(self, a):
        """Reports of the scene of one report, itself included."""

        def rarest(name, report):
            values = getattr(report, name)
            order = sorted({v for x in self.reports for v in getattr(x, name)})
            return min(values, key=lambda v: (self.holding(name, v), order.index(v)), default=None)

        def full(group, report):
            mine = group(report)
            if mine is None:
                return 1
            others = [moment_of(x) for x in self.reports if group(x) == mine]
            dated = [m for m in others if m is not None]
            within = {m: sum(abs(m - o) <= self.r.scene_days for o in dated) for m in dated}
            if moment_of(report) is not None:
                return within[moment_of(report)]
            return max(within.values()) + 1 if within else 1

        def at_clinic(report):
            product = rarest("products", report)
            return (report.site, product) if report.site and product else None

        return max(1, full(lambda x: rarest("lots", x), a), full(at_clinic, a))

    def forbidden(self, a, b):
        return (
            (a.patient and b.patient and a.patient != b.patient)
            or (a.sex and b.sex and a.sex != b.sex)
            or (a.birth and b.birth and len(a.birth) == len(b.birth) == 10 and a.birth != b.birth)
        )

    def number(self, a, b):
        shared = set(a.numbers) & set(b.numbers)
        if not shared:
            return None
        seen = min(sum(v in {*x.numbers, *x.linked} for x in self.reports) for v in shared)
        odds = math.log2(self.r.number_right / (1 - self.r.number_right))
        return max(0.0, odds - math.log2(max(seen - 1, 1)) - self.prior())

    def prior(self):
        return math.log2(2 * self.r.duplicated / max(self.n - 1, 1))

    def score(self, a, b):
        """Bits and band of a pair, or None when it is forbidden."""
        if self.forbidden(a, b):
            return None
        r = self.r
        lot = self.listed(a, b, "lots", r.lot_miss, r.lot_cells)
        product = self.listed(a, b, "products", r.product_miss, r.product_cells)
        if lot > 0 and product > 0:
            product = max(product - lot, 0)
        scene = [
            self.plain(a, b, lambda x: x.sex, r.sex_miss, r.sex_cells),
            self.plain(a, b, lambda x: x.country, r.country_miss, r.country_cells),
            self.plain(a, b, lambda x: x.site, r.site_miss, r.site_cells),
            self.listed(a, b, "reactions", r.reaction_miss, r.reaction_cells),
            self.onset(a, b),
            lot,
            product,
        ]
        one, other = day_of(a.onset), day_of(b.onset)
        dated = [x for x in (a, b) if moment_of(x) is not None] or [a, b]
        ceiling = math.log2(max(self.n - 1, 1) / max(max(map(self.crowd, dated)) - 1, 1))
        if one is not None and other is not None:
            window = 1 / (2 * r.scene_days + 1)
            ceiling += max(0, self.close(r.onset_miss, r.onset_near, r.onset_scale, abs(one - other), window))
        number = self.number(a, b)
        patient = self.plain(a, b, lambda x: x.patient, r.patient_miss, r.patient_cells)
        birth = self.birth(a, b)
        if patient > 0 and birth > 0:
            birth = max(birth - patient, 0)
        bits = self.prior() + (number or 0) + patient + birth
        bits += min(ceiling, sum(max(w, 0) for w in scene)) + sum(min(w, 0) for w in scene)
        return bits, self.band(a, b, bits, number is not None)

    def band(self, a, b, bits, by_number):
        full = bool(a.birth) and len(a.birth) == 10 and a.birth == b.birth
        person = by_number or full or bool(a.patient and a.patient == b.patient)
        if person and bits >= math.log2(self.r.certain / (1 - self.r.certain)):
            return "certain"
        linked = set(a.linked) & {*b.numbers, *b.linked} or set(b.linked) & set(a.numbers)
        worth = bits >= math.log2(self.r.review / (1 - self.r.review))
        return "review" if worth or by_number or linked else None

    def all_pairs(self):
        ordered = sorted(self.reports, key=lambda x: x.id)
        found = {(a.id, b.id): self.score(a, b) for a, b in combinations(ordered, 2)}
        return {pair: score for pair, score in found.items() if score}


def shares_block(a: Report, b: Report) -> bool:
    """Whether any blocking rule compares the two, as the rules are described."""

    def keys(x: Report) -> set:
        day, month, year = day_of(x.onset), (x.onset or "")[:7], year_of(x)
        numbers = {*x.numbers, *x.linked}
        born = x.birth if x.birth and len(x.birth) == 10 else None
        made = {("number", v) for v in numbers} | {("patient", x.patient), ("born", born)}
        made |= {("day", "year", day, year), ("day", "site", day, x.site), ("site", "year", x.site, year)}
        for lot in x.lots:
            made |= {("day", "lot", day, lot), ("lot", "year", lot, year)}
            made |= {("lot", "month", lot, month if len(month) == 7 else None)}
        for product in x.products:
            made |= {("site", "month", x.site, product, month if len(month) == 7 else None)}
            for reaction in x.reactions:
                made |= {("day", "all", day, product, reaction, x.sex or "")}
                made |= {("year", "all", product, reaction, year, x.sex or "")}
        return {key for key in made if None not in key}

    return bool(keys(a) & keys(b))


__all__ = ["Oracle", "shares_block"]
