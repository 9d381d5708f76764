"""The words and shapes in which published results are shown: the same on pages, in papers and in dossiers."""

from dataclasses import dataclass
from decimal import Decimal

from exovigil.evidence.integrity import grim
from exovigil.evidence.studies import Direction, Outcome, Study


@dataclass(frozen=True, slots=True)
class DirectionWord:
    """How a direction is said: its word, its shape, what it means, the chart's mark and whether arms were compared."""

    direction: Direction
    shape: str
    meaning: str
    mark: str
    compared: bool

    @property
    def word(self) -> str:
        """The direction in words."""
        return self.direction.value

    @property
    def slug(self) -> str:
        """The direction in an address."""
        return self.word.replace(",", "").replace(" ", "-")


WORDS = (
    DirectionWord(
        Direction.FAVOURS_EXOSOME,
        "▲",
        "most comparisons in the study are better in the exosome arm",
        "triangle-up",
        True,
    ),
    DirectionWord(
        Direction.FAVOURS_COMPARATOR,
        "▼",
        "most comparisons in the study are better in the other arm",
        "triangle-down",
        True,
    ),
    DirectionWord(
        Direction.NO_DIFFERENCE, "◆", "the arms were equal, or the source says so", "diamond", True
    ),
    DirectionWord(
        Direction.IMPROVED_UNCONTROLLED,
        "△",
        "better than before, with nothing to compare with: not credited to the product",
        "triangle-up",
        False,
    ),
    DirectionWord(
        Direction.WORSE_UNCONTROLLED,
        "▽",
        "worse than before, with nothing to compare with",
        "triangle-down",
        False,
    ),
    DirectionWord(
        Direction.HARM_ONLY, "✕", "the source reports harm and no benefit was measured", "cross", False
    ),
    DirectionWord(Direction.UNCLEAR, "○", "no result could be read, or results disagree", "circle", False),
)


def word_of(direction: Direction) -> DirectionWord:
    """Words and shape of a direction."""
    return next(row for row in WORDS if row.direction is direction)


def result_words(row: Outcome) -> str:
    """Say one published result in a line: what, how much in each arm, when, how sure; only what was read.

    >>> from exovigil.evidence.studies import outcomes_of
    >>> result_words(outcomes_of("kwon2020")[0])
    'ECCA acne-scar score, reduction from baseline: 32.5 % against 19.9 % (final visit (12 weeks)); p <0.01'
    """
    parts = [row.outcome]
    if row.exosome_value is not None:
        amount = _amount(row.exosome_value, row.exosome_spread, row)
        if row.comparator_value is not None:
            amount += f" against {_amount(row.comparator_value, row.comparator_spread, row)}"
        parts.append(f": {amount}")
    elif row.stated_direction:
        parts.append(f": {row.stated_direction}, in words only")
    else:
        parts.append(": not in the part read")
    if row.timepoint:
        parts.append(f" ({row.timepoint})")
    if row.p:
        parts.append(f"; p {row.p}")
    return "".join(parts)


def amount(value: Decimal | None, spread: Decimal | None, row: Outcome) -> str:
    """Write one arm's value with its spread and unit; empty when it was not read."""
    return "" if value is None else _amount(value, spread, row)


def effect_words(row: Outcome) -> str:
    """Write the effect estimate that the source gives, with its interval; empty when it gives none."""
    if row.effect is None:
        return ""
    interval = f" ({row.ci_low} to {row.ci_high})" if row.ci_low is not None else ""
    return f"{row.effect}{interval}"


@dataclass(frozen=True, slots=True)
class Working:
    """The GRIM check of one published percentage, written out so that a reader can follow it with a pencil."""

    outcome: str
    lines: tuple[str, ...]
    fits: bool


def workings(study: Study, rows: tuple[Outcome, ...]) -> tuple[Working, ...]:
    """Write out the GRIM check for each percentage of people whose number of people is known."""
    found = []
    for row in rows:
        n = row.exosome_n or study.participants
        if row.kind == "proportion" and row.unit == "%" and row.exosome_value is not None and n:
            found.append(_working(row, row.exosome_value, n))
    return tuple(found)


def _working(row: Outcome, percentage: Decimal, n: int) -> Working:
    checked = grim(percentage, n)
    places = max(1, -int(percentage.as_tuple().exponent))
    below = int(percentage * n / 100)
    near = [k for k in (below, below + 1) if 0 <= k <= n]
    lines = [f"{percentage} % of {n} people would be {percentage * n / 100:.2f} people."]
    lines += [f"{k} of {n} is {Decimal(100 * k) / n:.{places}f} %." for k in near]
    if checked.consistent:
        lines.append("A whole number of people gives the published figure.")
    else:
        lines.append(f"No whole number of {n} people gives {percentage} % by the usual rounding.")
        if checked.rounding_down_only:
            lines.append("It is possible only if a half is rounded down.")
        if checked.fitting:
            lines.append(f"It would fit {' or '.join(map(str, checked.fitting))} people.")
    return Working(row.outcome, tuple(lines), checked.consistent)


def _amount(value: Decimal, spread: Decimal | None, row: Outcome) -> str:
    unit = f" {row.unit}" if row.unit else ""
    around = f" ({row.spread_kind or 'spread'} {spread})" if spread is not None else ""
    return f"{value}{unit}{around}"
