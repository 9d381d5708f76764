"""The human studies of exosome therapy in skin, their outcomes, trials and reviews, as published.

Rows are kept as they were read: a blank is something that was not read, never zero. No result is
pooled here. What can be said of each study is the direction of its effect, by the rule of
:func:`direction`.
"""

import datetime as dt
import enum
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from exovigil.catalogue.composition import SourceClass
from exovigil.foundation.content import ContentError, ReadDepth, load_csv

PACKAGE = "exovigil.evidence"

StatedDirection = Literal[
    "favours exosome", "favours comparator", "no difference", "improved from baseline", "worse than baseline"
]

#: Share of a study's readings that must agree before they are its direction
#: (rule of the effect direction plot, Boon and Thomson 2021; background knowledge, not re-read).
AGREEING_SHARE = 0.7


class Direction(enum.StrEnum):
    """Where a study's published results point. Only a comparison can favour anything."""

    FAVOURS_EXOSOME = "favours exosome"
    FAVOURS_COMPARATOR = "favours comparator"
    NO_DIFFERENCE = "no difference"
    IMPROVED_UNCONTROLLED = "improved, no comparator"
    WORSE_UNCONTROLLED = "worse, no comparator"
    HARM_ONLY = "harm only"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One human study.

    ``conditions`` are keys of ``conditions.toml``; ``condition_as_described`` and
    ``design_as_described`` keep the source's words. ``in_condition`` is False when the participants
    did not have the condition (healthy volunteers of a development programme). ``preparation`` is
    ``secretome`` when conditioned medium was given rather than isolated vesicles.
    """

    key: str
    conditions: tuple[str, ...]
    condition_as_described: str
    in_condition: bool
    design: Literal[
        "parallel randomised trial",
        "within-person randomised trial",
        "within-person controlled",
        "dose groups",
        "single-arm",
        "cross-sectional",
        "case series",
        "case report",
        "not stated",
    ]
    randomised: Literal["yes", "no", "not stated"]
    source_classes: tuple[SourceClass, ...]
    preparation: Literal["vesicles", "secretome"]
    read_depth: ReadDepth
    read_as: str
    read_on: dt.date
    url: str
    first_author: str = ""
    year: int | None = None
    doi: str = ""
    pmid: str = ""
    registry_id: str = ""
    design_as_described: str = ""
    blinding: str = ""
    participants: int | None = None
    population: str = ""
    product: str = ""
    source_detail: str = ""
    isolation: str = ""
    dose: str = ""
    route: str = ""
    adjunct: str = ""
    sessions: str = ""
    interval: str = ""
    comparator: str = ""
    follow_up: str = ""
    adverse_events: int | None = None
    adverse_events_of: int | None = None
    safety_report: str = ""
    notes: tuple[str, ...] = ()
    further_url: str = ""

    @property
    def is_randomised(self) -> bool:
        """True only when the source says so; ``not stated`` is not yes."""
        return self.randomised == "yes"

    @property
    def is_secretome(self) -> bool:
        """True when conditioned medium was given; such a study is shown but not counted."""
        return self.preparation == "secretome"

    @property
    def counts(self) -> bool:
        """True when the study counts as a human study of vesicles in its condition."""
        return self.in_condition and not self.is_secretome

    @property
    def label(self) -> str:
        """Short name for tables: author and year as far as known, else the key."""
        year = f" {self.year}" if self.year else ""
        return f"{self.first_author}{year}" if self.first_author else self.key.replace("_", " ")

    @property
    def link(self) -> str:
        """Address to open: the DOI when there is one, else the page that was read."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One published result.

    Values are decimals so that 80 and 80.0 stay different, as the GRIM check needs.
    ``kind``: ``level`` is an absolute value at a time, ``change`` a difference from baseline,
    ``proportion`` a share of people (percent in ``exosome_value``, count in ``events``) and
    ``statement`` a result read in words only, whose direction is ``stated_direction``.
    """

    number: int
    study: str
    outcome: str
    domain: Literal["benefit", "harm"]
    kind: Literal["level", "change", "proportion", "statement"]
    read_depth: ReadDepth
    read_on: dt.date
    url: str
    moment: Literal["baseline", "after"] | None = None
    better: Literal["higher", "lower"] | None = None
    unit: str = ""
    timepoint: str = ""
    weeks: int | None = None
    exosome_n: int | None = None
    exosome_value: Decimal | None = None
    exosome_spread: Decimal | None = None
    comparator_n: int | None = None
    comparator_value: Decimal | None = None
    comparator_spread: Decimal | None = None
    spread_kind: Literal["SD", "IQR"] | None = None
    events: int | None = None
    effect: Decimal | None = None
    ci_low: Decimal | None = None
    ci_high: Decimal | None = None
    p: str = ""
    stated_direction: StatedDirection | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One registered trial; ``participants_recorded`` is a later enrolment seen in the same record."""

    registry_id: str
    condition_as_described: str
    source_classes: tuple[SourceClass, ...]
    read_depth: ReadDepth
    read_as: str
    read_on: dt.date
    url: str
    conditions: tuple[str, ...] = ()
    source_detail: str = ""
    dose: str = ""
    route: str = ""
    design: str = ""
    participants_planned: int | None = None
    participants_recorded: int | None = None
    study: str = ""
    study_start: str = ""
    study_end: str = ""
    record_date: str = ""
    status: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One earlier review and what it concluded."""

    key: str
    title: str
    finding: str
    read_depth: ReadDepth
    read_as: str
    read_on: dt.date
    url: str
    conditions: tuple[str, ...] = ()
    year: int | None = None
    included: str = ""
    doi: str = ""


@cache
def studies() -> tuple[Study, ...]:
    """Load every human study found."""
    return load_csv(PACKAGE, "studies.csv", Study)


@cache
def outcomes() -> tuple[Outcome, ...]:
    """Load every outcome row; raises ContentError when one names no known study."""
    rows = load_csv(PACKAGE, "outcomes.csv", Outcome)
    known = {s.key for s in studies()}
    for row in rows:
        if row.study not in known:
            raise ContentError(
                f"outcomes.csv: outcome {row.number} names study {row.study!r}; add it or correct it"
            )
    return rows


@cache
def trials() -> tuple[Trial, ...]:
    """Load the registered trials."""
    return load_csv(PACKAGE, "trials.csv", Trial)


@cache
def reviews() -> tuple[Review, ...]:
    """Load the earlier reviews."""
    return load_csv(PACKAGE, "reviews.csv", Review)


def study(key: str) -> Study:
    """Return one study; raises KeyError naming the key."""
    for row in studies():
        if row.key == key:
            return row
    raise KeyError(f"no study {key!r} in studies.csv")


def outcomes_of(key: str) -> tuple[Outcome, ...]:
    """Return the outcome rows of one study, in the order read."""
    return tuple(row for row in outcomes() if row.study == key)


def direction(rows: Iterable[Outcome]) -> Direction:
    """Say where one study's results point.

    The rule, applied to the rows of a single study and never across studies:

    1. Harm rows are left out; a study with nothing else is ``harm only``.
    2. A row that compares two arms reads ``favours exosome`` or ``favours comparator`` by which value
       is better, ``no difference`` when they are equal or the source says so. P values play no part.
    3. When any row compares, the answer is what at least 70 % of those rows read, else ``unclear``.
    4. Otherwise changes from baseline are read the same way, as ``improved`` or ``worse, no comparator``:
       a change without a comparator is never credited to the product.
    5. Nothing readable is ``unclear``.
    """
    rows = tuple(rows)
    benefit = [row for row in rows if row.domain == "benefit"]
    if rows and not benefit:
        return Direction.HARM_ONLY
    compared = [reading for row in benefit if (reading := _compared(row))]
    return _agreed(compared) if compared else _agreed(_uncontrolled(benefit))


def direction_of(key: str) -> Direction:
    """Direction of the study with this key."""
    return direction(outcomes_of(key))


def _agreed(readings: list[Direction]) -> Direction:
    if not readings:
        return Direction.UNCLEAR
    reading, count = Counter(readings).most_common(1)[0]
    return reading if count >= AGREEING_SHARE * len(readings) else Direction.UNCLEAR


def _compared(row: Outcome) -> Direction | None:
    """Read a row that sets the exosome arm against another arm, or None when it does not."""
    match row.stated_direction:
        case "favours exosome" | "favours comparator" | "no difference":
            return Direction(row.stated_direction)
    if row.exosome_value is None or row.comparator_value is None or row.better is None:
        return None
    if row.exosome_value == row.comparator_value:
        return Direction.NO_DIFFERENCE
    better = (row.exosome_value > row.comparator_value) == (row.better == "higher")
    return Direction.FAVOURS_EXOSOME if better else Direction.FAVOURS_COMPARATOR


def _uncontrolled(rows: list[Outcome]) -> list[Direction]:
    """Read changes from baseline: stated, given as a change, or as a level before and after."""
    readings: list[Direction] = []
    for row in rows:
        if row.stated_direction in {"improved from baseline", "worse than baseline"}:
            readings.append(_moved(row.stated_direction == "improved from baseline"))
        elif row.kind == "change" and row.exosome_value and row.better:
            readings.append(_moved((row.exosome_value > 0) == (row.better == "higher")))
    return readings + [
        _moved((last > first) == (better == "higher"))
        for first, last, better in _first_and_last(rows)
        if first != last
    ]


def _first_and_last(rows: list[Outcome]) -> list[tuple[Decimal, Decimal, str]]:
    """Pair the baseline level of each outcome with its last level, where both were read."""
    levels = [r for r in rows if r.kind == "level" and r.exosome_value is not None and r.better]
    baseline = {r.outcome: r for r in levels if r.moment == "baseline"}
    last = {r.outcome: r.exosome_value for r in levels if r.moment == "after"}
    return [
        (before.exosome_value, after, before.better)
        for name, before in baseline.items()
        if (after := last.get(name)) is not None and before.exosome_value is not None and before.better
    ]


def _moved(improved: bool) -> Direction:
    return Direction.IMPROVED_UNCONTROLLED if improved else Direction.WORSE_UNCONTROLLED
