"""Reactions by attribute: is one source, route or storage worse than another, as far as the data can tell?

Rates are given crude, with their exact interval, and shrunken with the lot as the unit: every treatment
with a bad lot shares its fault, and a lot has all the attributes of its product at once. What is not
stated or not recorded is a level of its own. Which answers make a level is declared in
``content/attributes.toml``. Nothing here says what caused anything.
"""

import datetime as dt
import itertools
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from exovigil.foundation.content import Source, load_toml
from exovigil.signals.watch import WatchDesign
from exovigil.statistics.intervals import ProportionInterval, proportion_interval
from exovigil.statistics.lot_rates import LotCount, LotRates, Spread, lot_rates
from exovigil.statistics.risk_window import elapsed_share

UNKNOWN, OTHER, SEVERAL = "unknown", "other", "several"
Basis = Literal["declared", "verified", "recorded"]
LevelOf = Callable[["Given"], str]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute to count by; ``stated`` of the product, or of how it was ``given``."""

    key: str
    label: str
    kind: Literal["stated", "given"]
    source: Source
    note: str = ""

    @property
    def bases(self) -> tuple[Basis, ...]:
        """Return the bases that are counted apart."""
        return ("declared", "verified") if self.kind == "stated" else ("recorded",)


@dataclass(frozen=True, slots=True)
class Band:
    """Numbers below a bound, and not below that of the band before."""

    attribute: str
    key: str
    label: str
    below: float


@dataclass(frozen=True, slots=True)
class Group:
    """Answers in words that hold one of ``words`` count as one level; the first group that fits counts."""

    attribute: str
    key: str
    label: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """Treatments that were alike in everything counted by, on one day; ``affected`` had a case of the event."""

    treated_on: dt.date
    product_id: int
    lot_id: int
    route: str
    device: str
    agents: str
    dose: float
    dose_unit: str
    treatments: int
    affected: int


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One level: counts, the crude rate, and the shrunken rate per treatment with its whole window elapsed.

    ``still_open`` treatments are inside or before their risk window. ``shrunken`` and ``alike`` (as if lots did
    not vary) are None while no window has begun. ``worst_lot`` has most of the level's affected treatments, and
    ``rest_affected`` of ``rest_treatments`` are those of the other lots.
    """

    key: str
    label: str
    lots: int
    effective_lots: float
    treatments: int
    still_open: int
    affected: int
    crude: ProportionInterval
    shrunken: Spread | None
    alike: Spread | None
    worst_lot: int | None
    worst_share: float
    rest_affected: int
    rest_treatments: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One attribute on one basis: its levels, the variation, and in words how little the data can tell."""

    attribute: Attribute
    basis: Basis
    rows: tuple[LevelRow, ...]
    model: LotRates | None
    words: tuple[str, ...]


@cache
def attributes() -> tuple[Attribute, ...]:
    """Read the attributes in the order in which they are shown."""
    return load_toml("exovigil.signals", "attributes.toml", "attribute", Attribute)


def attribute(key: str) -> Attribute:
    """Find an attribute; raises KeyError when there is none."""
    return {row.key: row for row in attributes()}[key]


@cache
def bands(of: str) -> tuple[Band, ...]:
    """Bands of a number, rising."""
    rows = load_toml("exovigil.signals", "attributes.toml", "band", Band)
    return tuple(row for row in rows if row.attribute == of)


@cache
def groups(of: str) -> tuple[Group, ...]:
    """Groups of answers in words, the first that fits first."""
    rows = load_toml("exovigil.signals", "attributes.toml", "group", Group)
    return tuple(row for row in rows if row.attribute == of)


def grouped(of: str, text: str) -> str:
    """Level of an answer in words: a group, ``several`` groups of agents, ``other``, or ``unknown`` if empty.

    >>> grouped("device", "Pen with 12 needles, 0.5 mm"), grouped("storage_temperature", "−80 °C")
    ('needling', 'deep_frozen')
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_DASHES).strip()
    if folded in {"", "not stated", "unknown", "not known"}:
        return UNKNOWN
    found = [group.key for group in groups(of) if any(_holds(folded, word) for word in group.words)]
    if of == "adjunct" and len(set(found) - {"none"}) > 1:
        return SEVERAL
    return found[0] if found else OTHER


def banded(of: str, number: float | None) -> str:
    """Level of a number: its band, or ``unknown`` for none and for what is no positive number."""
    if number is None or not (number > 0 and math.isfinite(number)):
        return UNKNOWN
    return next(band.key for band in bands(of) if number < band.below)


def level_of(of: str, stated: Mapping[tuple[int, str], str]) -> LevelOf:
    """Return the function that gives a treatment's level.

    ``stated`` holds what is stated on one basis of each product: (product, attribute of composition) to answer.
    """

    def number(given: Given, code: str) -> float | None:
        try:
            return float(stated.get((given.product_id, code), ""))
        except ValueError:
            return None

    def dose(given: Given) -> str:
        particles = number(given, "particle_claim")
        usable = particles is not None and given.dose_unit == "mL"
        return banded(of, particles * given.dose if usable and particles else None)

    def purity(given: Given) -> str:
        particles, protein = number(given, "particle_claim"), number(given, "protein_claim")
        return banded(of, particles / protein if particles and protein else None)

    def coded(given: Given) -> str:
        return _code(stated.get((given.product_id, of), ""))

    own: dict[str, LevelOf] = {
        "particle_dose": dose,
        "purity": purity,
        "purification": lambda given: grouped(of, stated.get((given.product_id, of), "")),
        "storage_temperature": lambda given: grouped(of, stated.get((given.product_id, of), "")),
        "route": lambda given: given.route or UNKNOWN,
        "device": lambda given: grouped(of, given.device),
        "adjunct": lambda given: grouped(of, given.agents),
    }
    return own.get(of, coded)


def label_of(of: str, key: str, labels: Mapping[str, str]) -> str:
    """Label of a level; ``labels`` are those of coded answers."""
    own = {band.key: band.label for band in bands(of)} | {group.key: group.label for group in groups(of)}
    own |= labels
    fixed = {
        UNKNOWN: "Not stated" if attribute(of).kind == "stated" else "Not recorded",
        OTHER: "Other, in words",
        SEVERAL: "Several",
    }
    return fixed.get(key) or own.get(key) or key.replace("_", " ").capitalize()


def compare(
    of: Attribute,
    basis: Basis,
    rows: Sequence[Given],
    stated: Mapping[tuple[int, str], str],
    labels: Mapping[str, str],
    design: WatchDesign,
    as_of: dt.date,
) -> Comparison:
    """Count reactions by the levels of one attribute, as of a day."""
    level, cells = level_of(of.key, stated), dict[tuple[str, int], _Cell]()
    for given in rows:
        cells.setdefault((level(given), given.lot_id), _Cell()).add(given, design, as_of)
    counted = [
        LotCount(key, cell.affected, max(cell.elapsed, float(cell.affected)))
        for (key, _), cell in cells.items()
        if cell.elapsed > 0 or cell.affected
    ]
    fits = [
        lot_rates(counted, centre=design.null_risk, lots_vary=vary) if counted else None
        for vary in (True, False)
    ]
    found = tuple(
        _row(key, label_of(of.key, key, labels), cells, fits)
        for key in sorted({key for key, _ in cells}, key=lambda key: _order(key, cells))
    )
    return Comparison(of, basis, found, fits[0], in_words(found, fits[0]))


def in_words(rows: Sequence[LevelRow], model: LotRates | None) -> tuple[str, ...]:
    """Say how little the data can tell apart, in sentences."""
    known = [row for row in rows if row.key != UNKNOWN]
    if not rows or model is None:
        return ("No treatment has reached its risk window yet, so there is nothing to compare.",)
    if not sum(row.affected for row in rows):
        return ("Nobody has had this reaction, so the levels cannot be told apart at all.",)
    said = []
    if len(known) < 2:
        said.append("Fewer than two levels are known, so there is nothing to compare with.")
    else:
        said.append(_overlap([row for row in rows if row.shrunken]))
        said.append(_weight(model))
    said += [_one_lot(row) for row in rows if row.affected and row.worst_share > 0.5]
    said += [
        f"{row.label}: {_count(row.lots, 'lot')} whose sizes weigh as {row.effective_lots:.1f} equal ones."
        for row in rows
        if row.lots > 1 and row.effective_lots < row.lots / 2
    ]
    said.append(_variation(rows, model))
    return tuple(said)


class _Cell:
    """Counts of one lot at one level."""

    def __init__(self) -> None:
        self.treatments = self.affected = self.still_open = 0
        self.elapsed = 0.0

    def add(self, given: Given, design: WatchDesign, as_of: dt.date) -> None:
        days = np.array([(as_of - given.treated_on).days], dtype=np.int64)
        share = elapsed_share(days, start=design.window_start_days, end=design.window_end_days)
        self.treatments += given.treatments
        self.affected += given.affected
        self.elapsed += float(share[0]) * given.treatments
        self.still_open += given.treatments if share[0] < 1 else 0


def _row(
    key: str, label: str, cells: Mapping[tuple[str, int], _Cell], fits: Sequence[LotRates | None]
) -> LevelRow:
    own = {lot: cell for (level, lot), cell in cells.items() if level == key}
    treatments = sum(cell.treatments for cell in own.values())
    affected = sum(cell.affected for cell in own.values())
    worst = max(own, key=lambda lot: own[lot].affected)
    shrunken, alike = (
        next((row.rate for row in fit.rates if row.level == key), None) if fit else None for fit in fits
    )
    return LevelRow(
        key=key,
        label=label,
        lots=len(own),
        effective_lots=treatments**2 / sum(cell.treatments**2 for cell in own.values()),
        treatments=treatments,
        still_open=sum(cell.still_open for cell in own.values()),
        affected=affected,
        crude=proportion_interval(affected, treatments),
        shrunken=shrunken,
        alike=alike,
        worst_lot=worst if affected else None,
        worst_share=own[worst].affected / affected if affected else 0.0,
        rest_affected=affected - own[worst].affected,
        rest_treatments=treatments - own[worst].treatments,
    )


def _order(key: str, cells: Mapping[tuple[str, int], _Cell]) -> tuple[bool, int, str]:
    treatments = sum(cell.treatments for (level, _), cell in cells.items() if level == key)
    return key == UNKNOWN, -treatments, key


def _overlap(rows: Sequence[LevelRow]) -> str:
    apart = [
        f"{a.label} and {b.label}"
        for a, b in itertools.combinations(rows, 2)
        if a.shrunken
        and b.shrunken
        and (a.shrunken.low > b.shrunken.high or b.shrunken.low > a.shrunken.high)
    ]
    if not apart:
        return "Every pair of shrunken intervals overlaps: these data cannot tell the levels apart."
    pairs = len(rows) * (len(rows) - 1) // 2
    return (
        f"{len(apart)} of {pairs} pairs of shrunken intervals lie apart ({'; '.join(apart)}). That is no proof of "
        "a cause: products differ in many ways at once."
    )


def _weight(model: LotRates) -> str:
    factor = model.bayes_factor
    if factor >= 1:
        told = f"{factor:.1f} times likelier" if factor < 1000 else "over 1,000 times likelier"
        strength = "hardly a hint" if factor < 3 else "a hint" if factor < 20 else "strong"
    else:
        told, strength = f"{1 / factor:.1f} times less likely", "no hint at all"
    return f"The counts are {told} if levels differ than if all have one rate: {strength}."


def _one_lot(row: LevelRow) -> str:
    if row.rest_affected:
        return (
            f"{row.label}: {row.affected - row.rest_affected} of {row.affected} affected treatments are of one lot. "
            f"Without that lot there are {row.rest_affected} of {row.rest_treatments}."
        )
    rest = row.lots - 1
    others = f"its other {_count(rest, 'lot')} had none" if rest else "it is the level's only lot"
    return (
        f"{row.label}: one lot carries all {row.affected} affected treatments, and {others}. What looks like a "
        "property of the level may be that lot."
        if row.affected > 1
        else f"{row.label}: rests on a single affected treatment."
    )


def _variation(rows: Sequence[LevelRow], model: LotRates) -> str:
    lots, levels = model.between_lots, model.between_levels
    wide = [
        math.log(row.shrunken.high / row.shrunken.low) / math.log(row.alike.high / row.alike.low)
        for row in rows
        if row.shrunken and row.alike
    ]
    return (
        f"Between lots of one level the rate varies by {lots.median:.1f} of its size ({lots.low:.1f} to "
        f"{lots.high:.1f}); between levels τ² is {levels.median**2:.1f} ({levels.low**2:.1f} to "
        f"{levels.high**2:.1f}). Taking lots to be alike would make the intervals up to "
        f"{max(wide, default=1.0):.1f} times narrower than they are here, and wrongly so."
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _code(answer: str) -> str:
    folded = answer.strip().casefold()
    if folded in {"", "not stated", "unknown", "not known"}:
        return UNKNOWN
    return OTHER if folded == OTHER or folded.startswith("other:") else folded


_DASHES = {ord(sign): "-" for sign in "‐‑‒–—−"}


def _holds(text: str, word: str) -> bool:
    """Whether a text holds a word from its beginning; short words must end there too, and numbers stand alone."""
    ends = r"(?![\w])" if len(word) <= 4 else ""
    return re.search(rf"(?<![\w-]){re.escape(word)}{ends}", text) is not None
