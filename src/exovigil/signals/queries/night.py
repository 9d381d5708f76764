"""One night's watch, computed: reads the network's treatments and cases, writes nothing and takes no lock."""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import exovigil
from exovigil.catalogue import queries as catalogue
from exovigil.clinic import queries as clinic
from exovigil.signals import inputs, record
from exovigil.signals.duplicates import Decision
from exovigil.signals.queries.duplicates import decided
from exovigil.signals.queries.runs import ranks
from exovigil.signals.second_opinion import second_opinions, sensitivity
from exovigil.signals.watch import (
    Event,
    Exposure,
    OpenStream,
    StreamKey,
    StreamResult,
    WatchDesign,
    watch,
    watch_designs,
)
from exovigil.vigilance import queries as vigilance

if TYPE_CHECKING:
    from exovigil.vigilance.queries import ReactionRow

RowT = TypeVar("RowT", Exposure, Event)


@dataclass(frozen=True, slots=True)
class Watched:
    """One stream under one design, ready to be kept."""

    design: WatchDesign
    opened: OpenStream
    result: StreamResult
    product_id: int
    lot_id: int | None
    plain: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Night:
    """Everything one run found; ``known_ranks`` are the ranks it started from, by design."""

    as_of: dt.date
    designs: tuple[WatchDesign, ...]
    known_ranks: dict[str, dict[StreamKey, int]]
    streams: tuple[Watched, ...]
    summary: dict[str, Any]
    snapshot_sha256: str

    def __str__(self) -> str:
        """Name what was asked for, not what was found: two presses of one button ask for one run."""
        return f"watch as of {self.as_of}"


def compute(as_of: dt.date) -> Night:
    """Run every design over every product and lot, on what was known by the end of ``as_of``."""
    treated, cases, decisions = clinic.exposures(as_of), vigilance.reactions(as_of), decided()
    exposures = [inputs.exposure_of(row) for row in treated]
    product_of_lot = {lot: product for lot, (product, _) in catalogue.products_of_lots().items()}
    designs, known = watch_designs(), ranks()
    streams: list[Watched] = []
    counted, unassigned = dict[str, int](), dict[str, list[dict[str, Any]]]()
    for design in designs:
        of_class = [row for row in cases if row.term in inputs.event_class(design.key).terms]
        found, homeless = _watch(
            design, exposures, of_class, decisions, known.get(design.key, {}), product_of_lot, as_of
        )
        streams += found
        counted[design.key], unassigned[design.key] = len(of_class), homeless
    summary = {"treatments": len(treated), "cases": len(cases), "counted": counted, "unassigned": unassigned}
    digest = inputs.fingerprint(_snapshot(as_of, designs, exposures, cases, decisions, known))
    return Night(as_of, designs, known, tuple(streams), summary, digest)


def _watch(
    design: WatchDesign,
    exposures: Sequence[Exposure],
    rows: "Sequence[ReactionRow]",
    decisions: Mapping[frozenset[str], Decision],
    known: Mapping[StreamKey, int],
    product_of_lot: Mapping[int, int],
    as_of: dt.date,
) -> tuple[list[Watched], list[dict[str, Any]]]:
    events = [inputs.event_of(row, design, product_of_lot) for row in rows]
    kept = inputs.counted_once(rows, events, design, decisions)
    names = {str(row.case_id): (row.case_number, row.site_code) for row in rows}
    found = watch(exposures, events, kept, design, as_of, known)
    raw, once = _by_stream(events), _by_stream(kept)
    treated, second = _by_stream(exposures, only=set(raw)), second_opinions(found, design)
    streams = []
    for opened, result in found.streams:
        rows_of = treated.get(opened.key, []), raw.get(opened.key, []), once.get(opened.key, [])
        of_kind = design.of(opened.key.kind)
        other = sensitivity(*rows_of, of_kind, opened.alpha, as_of) if rows_of[1] else ()
        plain = record.plain_result(opened, result, *rows_of[1:], other, names, second.get(opened.key))
        key = int(opened.key.name)
        lot = key if opened.key.kind == "lot" else None
        product = key if lot is None else product_of_lot[lot]
        streams.append(Watched(design, opened, result, product, lot, plain))
    homeless = [
        {"case": int(e.case_id), "number": names[e.case_id][0], "site": names[e.case_id][1]}
        for e in found.unassigned
    ]
    return streams, homeless


def _by_stream(rows: Iterable[RowT], only: set[StreamKey] | None = None) -> dict[StreamKey, list[RowT]]:
    """Part rows by product and by lot; with ``only``, keep no more than those streams."""
    parted: dict[StreamKey, list[RowT]] = {}
    for row in rows:
        for key in (StreamKey("product", row.product or ""), StreamKey("lot", row.lot or "")):
            if key.name and (only is None or key in only):
                parted.setdefault(key, []).append(row)
    return parted


def _snapshot(
    as_of: dt.date,
    designs: Sequence[WatchDesign],
    exposures: Sequence[Exposure],
    cases: "Sequence[ReactionRow]",
    decisions: Mapping[frozenset[str], Decision],
    known: Mapping[str, Mapping[StreamKey, int]],
) -> dict[str, Any]:
    """Everything a run depends on, in an order of its own, so that the same inputs give the same hash."""
    return {
        "version": exovigil.__version__,
        "as_of": as_of,
        "designs": [record.plain_design(design) for design in designs],
        "classes": [[c.design, sorted(c.terms)] for c in inputs.event_classes()],
        "treatments": sorted([str(e.treated_on), e.product, e.lot or ""] for e in exposures),
        "cases": sorted((dataclasses.asdict(row) for row in cases), key=lambda row: int(row["case_id"])),
        "decisions": sorted([*sorted(pair), decision] for pair, decision in decisions.items()),
        "ranks": sorted([d, k.kind, k.name, rank] for d, held in known.items() for k, rank in held.items()),
    }
