"""Checks of published numbers against themselves: each flag says what does not fit, and why.

A flag is a question to the authors, not a verdict. Checks look at numbers as published and never
change them.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from typing import Literal

from exovigil.evidence.harms import ascertained
from exovigil.evidence.studies import Outcome, Study, Trial, outcomes, studies, study, trials
from exovigil.foundation.partial_date import PartialDate

Rule = Literal[
    "percentage does not fit the number of people",
    "registered and published numbers differ",
    "enrolment changed in the registry",
    "possibly registered after the study ended",
    "change over time from a cross-sectional design",
    "hair density rose faster than hair grows",
    "identical results in both arms",
    "no event of any kind in many people",
    "conditioned medium counted as exosomes",
]

#: Rise in hair density (share of baseline) within this many weeks that is questioned (design choice).
DENSITY_RISE, DENSITY_WEEKS = Decimal("0.5"), 8


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that does not fit: ``study`` is a study key or a registry number."""

    study: str
    rule: Rule
    reason: str
    link: str


@dataclass(frozen=True, slots=True)
class Grim:
    """Result of the GRIM check of one percentage of ``n`` people.

    ``rounding_down_only`` is True when a half rounded down, against the usual convention, would make
    the percentage possible. ``fitting`` are the nearest smaller numbers of people that do fit.
    """

    percentage: Decimal
    n: int
    consistent: bool
    rounding_down_only: bool
    fitting: tuple[int, ...]


def grim(percentage: Decimal, n: int) -> Grim:
    """Check whether some whole number of ``n`` people gives ``percentage`` at its own decimals.

    Method: granularity-related inconsistency of means for proportions (Brown and Heathers 2017,
    10.1177/1948550616673876; background knowledge), with halves rounded up.

    >>> grim(Decimal("87.3"), 56).consistent
    False
    """
    if n < 1 or not 0 <= percentage <= 100:
        raise ValueError("give a percentage from 0 to 100 of at least one person")
    consistent = _fits(percentage, n, ROUND_HALF_UP)
    return Grim(
        percentage,
        n,
        consistent,
        rounding_down_only=not consistent and _fits(percentage, n, ROUND_HALF_DOWN),
        fitting=() if consistent else _smaller_fits(percentage, n),
    )


def _fits(percentage: Decimal, n: int, rounding: str) -> bool:
    step = Decimal(1).scaleb(int(percentage.as_tuple().exponent))
    count = int(percentage * n / 100)
    shares = (Decimal(100 * k) / n for k in (count - 1, count, count + 1, count + 2) if 0 <= k <= n)
    return any(share.quantize(step, rounding=rounding) == percentage for share in shares)


def _smaller_fits(percentage: Decimal, n: int) -> tuple[int, ...]:
    """Return up to two nearest smaller denominators, at most a fifth of ``n`` missing."""
    candidates = range(n - 1, max(1, n - max(1, n // 5)) - 1, -1)
    return tuple(m for m in candidates if _fits(percentage, m, ROUND_HALF_UP))[:2]


def flags() -> tuple[Flag, ...]:
    """Run every check over the evidence base, in the order of the rules."""
    return (
        *grim_flags(outcomes()),
        *registry_flags(trials()),
        *design_flags(studies(), outcomes()),
        *density_flags(outcomes()),
        *identical_flags(outcomes()),
        *silence_flags(),
    )


def flags_of(key: str) -> tuple[Flag, ...]:
    """Return the flags of one study key or registry number."""
    return tuple(flag for flag in flags() if flag.study == key)


def grim_flags(rows: Iterable[Outcome]) -> tuple[Flag, ...]:
    """Flag percentages of people that no whole number of the study's participants can give."""
    found = []
    for row in rows:
        n = row.exosome_n or study(row.study).participants
        if row.kind != "proportion" or row.unit != "%" or row.exosome_value is None or not n:
            continue
        result = grim(row.exosome_value, n)
        if not result.consistent:
            found.append(
                _flag(row.study, "percentage does not fit the number of people", _say(row.outcome, result))
            )
    return tuple(found)


def _say(outcome: str, result: Grim) -> str:
    people = (result.percentage * result.n / 100).quantize(Decimal("0.1"))
    text = f"{outcome}: {result.percentage}% of {result.n} would be {people} people"
    if result.rounding_down_only:
        text += "; possible only if a half is rounded down"
    if result.fitting:
        text += f"; it fits {' or '.join(map(str, result.fitting))} people"
    return text


def registry_flags(rows: Iterable[Trial]) -> tuple[Flag, ...]:
    """Flag registry records that disagree with the publication, with themselves or with the calendar."""
    found = []
    for row in rows:
        planned, recorded = row.participants_planned, row.participants_recorded
        if planned and recorded and planned != recorded:
            reason = f"{planned} people planned in one copy of the record, {recorded} in a later one"
            found.append(Flag(row.registry_id, "enrolment changed in the registry", reason, row.url))
        published = study(row.study).participants if row.study else None
        if planned and published and planned != published:
            reason = f"{row.registry_id} records {planned} people, the paper {published}"
            found.append(_flag(row.study, "registered and published numbers differ", reason))
        if row.study and _after_the_end(row):
            reason = f"{row.registry_id}: study ended {row.study_end}, record dated {row.record_date}"
            found.append(_flag(row.study, "possibly registered after the study ended", reason))
    return tuple(found)


def _after_the_end(row: Trial) -> bool:
    """Tell whether even the earliest reading of the record's date is after the study's last day."""
    if not (row.study_end and row.record_date):
        return False
    ended: dt.date = PartialDate.parse(row.study_end).latest
    return PartialDate.parse(row.record_date).earliest > ended


def design_flags(rows: Iterable[Study], results: Iterable[Outcome]) -> tuple[Flag, ...]:
    """Flag cross-sectional designs that report a change, and conditioned medium called exosomes."""
    changed = {r.study for r in results if r.moment == "after" or r.kind == "change"}
    found = []
    for row in rows:
        if row.design == "cross-sectional" and row.key in changed:
            reason = "people seen once cannot show a change from before to after"
            found.append(_flag(row.key, "change over time from a cross-sectional design", reason))
        if row.is_secretome:
            reason = (
                f"given: {row.product or row.source_detail}; shown, but kept out of counts of exosome studies"
            )
            found.append(_flag(row.key, "conditioned medium counted as exosomes", reason))
    return tuple(found)


def density_flags(rows: Iterable[Outcome]) -> tuple[Flag, ...]:
    """Flag a rise in hair density of half or more within eight weeks."""
    levels = [r for r in rows if r.outcome == "hair density" and r.kind == "level" and r.exosome_value]
    baseline = {r.study: r.exosome_value for r in levels if r.moment == "baseline"}
    found = []
    for row in levels:
        start = baseline.get(row.study)
        if row.moment != "after" or not start or not row.exosome_value or row.weeks is None:
            continue
        rise = row.exosome_value / start - 1
        if rise >= DENSITY_RISE and row.weeks <= DENSITY_WEEKS:
            reason = f"from {start} to {row.exosome_value} {row.unit} (+{rise:.0%}) in {row.weeks} weeks"
            found.append(_flag(row.study, "hair density rose faster than hair grows", reason))
    return tuple(found)


def identical_flags(rows: Iterable[Outcome]) -> tuple[Flag, ...]:
    """Flag results whose value and spread are the same in both arms to the last decimal."""
    return tuple(
        _flag(
            row.study,
            "identical results in both arms",
            f"{row.outcome}: {row.exosome_value} in both arms, same spread",
        )
        for row in rows
        if row.exosome_value is not None
        and row.exosome_spread is not None
        and (row.exosome_value, row.exosome_spread) == (row.comparator_value, row.comparator_spread)
    )


def silence_flags() -> tuple[Flag, ...]:
    """Flag studies that report no event of any kind in many people."""
    return tuple(
        _flag(row.study.key, "no event of any kind in many people", f"0 of {row.of}; perhaps nobody asked")
        for row in ascertained()
        if row.none_in_many
    )


def _flag(key: str, rule: Rule, reason: str) -> Flag:
    return Flag(key, rule, reason, study(key).link)
