"""What else can be said of a stream: under other null risks, and by evidence that may be looked at any day.

The e-value needs neither an upper limit of watching nor a share of alpha. It is computed twice: against the
null risk, and against the most that risk may be, under which it holds for every risk up to that bound.
e-BH then picks streams so that the share of false ones among the picked is at most alpha on average,
however streams depend on each other. It raises no alarm; it says whether the alarm has company.

Both tests take the events of a stream as a Poisson process of at most the expected rate. A treatment has
one event at most, so the rate of those still without one is higher by the factor 1/(1 - risk): the level is
exact for every true risk up to risk/(1 + risk), which for 1 in 1,000 is 1 in 1,001.
"""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from exovigil.signals.watch import Event, Exposure, StreamKey, Tally, WatchDesign, WatchResult, run_stream
from exovigil.statistics.evidence_process import e_bh, log_e_value


@dataclass(frozen=True, slots=True)
class SensitivityRow:
    """One stream under another null risk."""

    null_risk: float
    expected: float
    raw: Tally
    deduplicated: Tally


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """E-values of one stream from de-duplicated counts, on the day of the watch.

    ``log_e`` is against the null risk and ``log_e_upper`` against its upper bound (natural logarithms);
    ``picked`` and ``picked_upper`` say whether e-BH, at the design's alpha over ``streams`` streams, picks it.
    """

    streams: int
    log_e: float
    picked: bool
    log_e_upper: float
    picked_upper: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """The second opinion beside the watch's own verdict: whether they agree, and what that means in words."""

    agrees: bool
    words: str


def beside_watch(second: SecondOpinion, *, in_alarm: bool) -> Beside:
    """Say whether the second opinion agrees with the watch; it neither raises nor takes back an alarm."""
    among = f"among the {second.streams} lots and products watched" if second.streams > 1 else "on its own"
    if in_alarm and second.picked_upper:
        words = "It agrees with the alarm, even if the risk without a fault is the most it is taken to be."
    elif in_alarm and second.picked:
        words = (
            "It agrees with the alarm at the risk of the design. If the risk without a fault is the most it is"
            " taken to be, it does not."
        )
    elif in_alarm:
        words = (
            f"It disagrees with the alarm: {among} the evidence does not stand out. The alarm stands all the same;"
            " the two tests ask differently, and a person decides."
        )
    elif second.picked:
        words = (
            f"It disagrees with the watch: {among} the evidence stands out, though the watch has not alarmed. It"
            " raises no alarm; look at the cases."
        )
    else:
        words = f"It agrees with the watch, which has not alarmed: {among} the evidence does not stand out."
    return Beside(second.picked == in_alarm, words)


def sensitivity(
    exposures: Sequence[Exposure],
    raw_events: Sequence[Event],
    deduplicated_events: Sequence[Event],
    design: WatchDesign,
    alpha: float,
    as_of: dt.date,
    null_risks: Sequence[float] | None = None,
) -> tuple[SensitivityRow, ...]:
    """Run the same stream under other null risks (unless given, the design's list with its upper bound).

    The null risk is the decisive unknown, so an alarm is shown with the risks under which it stands.
    """
    listed = {*design.sensitivity_null_risks, design.null_risk_upper}
    rows = []
    for risk in sorted(listed) if null_risks is None else null_risks:
        other = dataclasses.replace(design, null_risk=risk, null_risk_upper=max(risk, design.null_risk_upper))
        found = run_stream(exposures, raw_events, deduplicated_events, other, alpha, as_of)
        rows.append(SensitivityRow(risk, found.expected, found.raw, found.deduplicated))
    return tuple(rows)


def second_opinions(found: WatchResult, design: WatchDesign) -> dict[StreamKey, SecondOpinion]:
    """Weigh every stream of a watch; those without an event are counted among the streams but left out.

    Without an event an e-value is at most one, which e-BH never picks.
    """
    if not found.streams:
        return {}
    events = [result.deduplicated.events for _, result in found.streams]
    expected = [result.expected for _, result in found.streams]
    factor = design.null_risk_upper / design.null_risk
    plain, upper = (log_e_value(events, [share * by for share in expected]) for by in (1.0, factor))
    picked, picked_upper = (e_bh(values, level=design.alpha).picked for values in (plain, upper))
    return {
        stream.key: SecondOpinion(
            len(events), float(plain[i]), bool(picked[i]), float(upper[i]), bool(picked_upper[i])
        )
        for i, (stream, _) in enumerate(found.streams)
        if events[i]
    }
