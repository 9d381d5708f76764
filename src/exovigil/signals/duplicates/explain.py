"""Why a pair is proposed: the bits of every field in words, as a reviewer reads them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from exovigil.signals.duplicates.cases import Band, CaseKey, ProposedPair, blocked_because
from exovigil.signals.duplicates.clusters import Decision, complete_link
from exovigil.signals.duplicates.scorer import Report, find, load

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The registry is small, and its page must take neither the machine nor the network.
_SMALL: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "1GB",
    "enable_external_access": False,
}


@dataclass(frozen=True, slots=True)
class Weight:
    """What one field tells, in bits: each bit doubles the odds (or halves them, below zero)."""

    field: str
    words: str
    bits: float

    @property
    def signed(self) -> str:
        """The bits with their sign, to one decimal place: +6.5 or −1.7."""
        return f"{self.bits:+.1f}".replace("-", "−")


@dataclass(frozen=True, slots=True)
class Explanation:
    """A scored pair: its band (``certain``, ``review``, or None below both), chance, and what makes it.

    The weights add up to the log2 odds of ``probability``; the first is the odds of any two reports.
    """

    first: str
    second: str
    band: str | None
    probability: float
    bits: float
    weights: tuple[Weight, ...]

    @property
    def chance(self) -> str:
        """The chance in words, never as a certainty that no weight of evidence gives."""
        if self.probability > 0.99:
            return "over 99 %"
        return "under 1 %" if self.probability < 0.01 else f"{self.probability:.0%}".replace("%", " %")


def explanations(connection: "DuckDBPyConnection", limit: int | None = None) -> list[Explanation]:
    """Explain the pairs of the last search, the likeliest first; ``limit`` for the first ones only."""
    found = connection.execute(
        "select * exclude (a_products, b_products, a_reactions, b_reactions) from duplicate_scored"
        " order by band = 'certain' desc, bits desc, first, second limit $limit",
        {"limit": limit},
    )
    names = [column[0] for column in found.description or ()]
    return [_explain(dict(zip(names, row, strict=True))) for row in found.fetchall()]


def groups(
    connection: "DuckDBPyConnection",
    least: float = 0.5,
    decisions: Mapping[frozenset[str], Decision] | None = None,
) -> tuple[tuple[str, ...], ...]:
    """Put the proposed reports of the last search into complete-link groups, for review side by side.

    Pairs below the chance ``least`` do not link: a sender's wish to see two reports together is no likeness.
    """
    pairs = connection.execute(
        "select first, second from duplicate_scored where band is not null and probability >= $least"
        " order by band = 'certain' desc, bits desc, first, second",
        {"least": least},
    ).fetchall()
    decided = decisions or {}
    ids = {one for pair in (*pairs, *decided) for one in pair}
    return complete_link(sorted(ids), pairs, decided)[0]


@lru_cache(maxsize=4)
def explain_cases(
    cases: tuple[CaseKey, ...], pairs: tuple[tuple[str, str], ...]
) -> Mapping[tuple[str, str], Explanation]:
    """Weigh the registry's cases: every pair that the scorer proposes, and ``pairs`` however little they agree.

    Keyed by the two case ids, the lower text first. A pair that ``blocked_because`` forbids is missing. The last
    few answers are kept, since people go to and fro between a list and its pairs.
    """
    import duckdb  # here, for the night's watch needs the rules of this package but no database engine

    by_id = {case.case_id: case for case in cases}
    with duckdb.connect(config=_SMALL) as connection:
        load(connection, (_report(case) for case in cases))
        find(connection, also=pairs)
        found = {(e.first, e.second): e for e in explanations(connection)}
    return {(a, b): e for (a, b), e in found.items() if blocked_because(by_id[a], by_id[b]) is None}


def beyond_rules(
    cases: Sequence[CaseKey], explained: Mapping[tuple[str, str], Explanation]
) -> tuple[ProposedPair, ...]:
    """Pairs that only their weight proposes, for a person to look at: always ``POSSIBLE``, never counted as one.

    Where the registry knows both patients its rules have the last word: they know two episodes of one patient,
    and two patients, for what they are.
    """
    patient = {case.case_id: case.patient_id for case in cases}
    return tuple(
        ProposedPair(
            a, b, Band.POSSIBLE, tuple(w.words for w in e.weights if w.field != "prior" and w.bits >= 0)
        )
        for (a, b), e in explained.items()
        if e.band and not (patient[a] and patient[b])
    )


def _report(case: CaseKey) -> Report:
    return Report(
        id=case.case_id,
        numbers=sorted(case.worldwide | case.numbers),
        linked=sorted(case.linked),
        patient=case.patient_id,
        sex=case.sex,
        birth=str(case.birth) if case.birth else None,
        site=case.site,
        products=[case.product] if case.product else [],
        lots=[case.lot] if case.lot else [],
        reactions=[case.reaction_class] if case.reaction_class else [],
        onset=str(case.onset) if case.onset else None,
        received=case.received_on.isoformat(),
    )


def _explain(row: Mapping[str, Any]) -> Explanation:
    told = {name: bits for name in _WORDS if (bits := row[f"{name}_bits"])}
    weights = [Weight(name, _WORDS[name](row), bits) for name, bits in told.items()]
    if row["is_linked"]:
        weights.insert(1, Weight("linked", "a sender asks to see the two together", 0.0))
    return Explanation(
        row["first"], row["second"], row["band"], row["probability"], row["bits"], tuple(weights)
    )


def _same(noun: str, plural: str, key: str) -> Callable[[Mapping[str, Any]], str]:
    def words(row: Mapping[str, Any]) -> str:
        shared = len(row[key])
        return (
            f"{shared} {plural} in common"
            if shared > 1
            else f"same {noun}"
            if shared
            else f"no {noun} in common"
        )

    return words


def _one(noun: str, field: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: f"{'same' if row[f'{field}_bits'] >= 0 else 'different'} {noun}"


def _birth(row: Mapping[str, Any]) -> str:
    if row["same_born"]:
        return "same date of birth"
    apart = row["years_apart"]
    return f"years of birth {apart} apart" if apart else "same year of birth"


def _onset(row: Mapping[str, Any]) -> str:
    days = row["days_apart"]
    if days is not None:
        return f"onset {days} {'day' if days == 1 else 'days'} apart" if days else "same day of onset"
    if row["same_onset_month"] is not None:
        return "same month of onset" if row["same_onset_month"] else "different months of onset"
    return "same year of onset" if row["same_onset_year"] else "different years of onset"


def _prior(row: Mapping[str, Any]) -> str:
    return f"before looking: any two of {row['reports']:,} reports"


def _scene(row: Mapping[str, Any]) -> str:
    return (
        f"taken back: what {row['crowd']} reports of one lot, or one product and clinic, share"
        f" within {row['scene_days']} days"
    )


_WORDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "prior": _prior,
    "number": lambda row: "same report number",
    "patient": lambda row: "same patient of the registry",
    "sex": lambda row: "same sex",
    "birth": _birth,
    "country": _one("country", "country"),
    "site": _one("clinic", "site"),
    "product": _same("product", "products", "same_products"),
    "lot": _same("lot", "lots", "same_lots"),
    "reaction": _same("reaction", "reactions", "same_reactions"),
    "onset": _onset,
    "scene": _scene,
}
