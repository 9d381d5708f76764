"""Cautions on the work-up of a delayed reaction, each citing the source that it rests on.

This module gives no advice. It compares recorded facts and dates with statements read in the literature
(``content/pathway.toml``) and says where they part. A missing or partial date never counts as good news:
an order of events that cannot be shown raises the caution too.
"""

import enum
from dataclasses import dataclass
from functools import lru_cache

from exovigil.foundation.content import Source, load_toml
from exovigil.foundation.partial_date import PartialDate
from exovigil.vigilance.seriousness import Answer


class TestKind(enum.StrEnum):
    """How mycobacteria were looked for."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    CULTURE = "culture"
    PCR = "PCR"


@dataclass(frozen=True, slots=True)
class MycobacterialTest:
    """A sample looked at for mycobacteria: when it was taken and when its final result came."""

    kind: TestKind
    taken_on: PartialDate | None = None
    final_on: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the cautions need to know of a case; anything not known stays unknown or None."""

    nodule: Answer = Answer.UNKNOWN
    treated_on: PartialDate | None = None
    onset_on: PartialDate | None = None
    biopsy: Answer = Answer.UNKNOWN
    called_granuloma: Answer = Answer.UNKNOWN
    histology_shows_granuloma: Answer = Answer.UNKNOWN
    steroid: Answer = Answer.UNKNOWN
    steroid_from: PartialDate | None = None
    infection_excluded: Answer = Answer.UNKNOWN
    mycobacterial_tests: tuple[MycobacterialTest, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A caution as content: the published fact, and a threshold in days where the fact gives one."""

    code: str
    title: str
    fact: str
    source: Source
    threshold_days: float = 0.0


@dataclass(frozen=True, slots=True)
class Warning_:
    """A caution raised on a case: the rule with its source, and what in the record raised it."""

    rule: Rule
    because: str


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Every caution in the order of the content file."""
    return load_toml("exovigil.vigilance", "pathway.toml", "rule", Rule)


def warnings(facts: CaseFacts) -> tuple[Warning_, ...]:
    """Cautions that the recorded facts raise, in the order of the content file."""
    reasons = {
        "steroid_before_mycobacterial_test": _steroid_first,
        "infection_excluded_without_mycobacterial_test": _excluded_too_soon,
        "delayed_nodule_without_biopsy": _no_biopsy,
        "granuloma_without_histology": _no_histology,
    }
    raised = ((rule, reasons[rule.code](facts, rule)) for rule in rules())
    return tuple(Warning_(rule, because) for rule, because in raised if because)


def _steroid_first(facts: CaseFacts, rule: Rule) -> str:
    if facts.steroid is not Answer.YES:
        return ""
    taken = [test.taken_on for test in facts.mycobacterial_tests if test.taken_on]
    if not facts.mycobacterial_tests:
        return "A steroid was started and no mycobacterial culture or PCR is recorded."
    if facts.steroid_from is None or not taken:
        return "A steroid was started; the dates do not show that a mycobacterial sample came first."
    first = min(taken, key=lambda date: date.latest)
    if facts.steroid_from.latest < first.earliest:
        return (
            f"The steroid was started on {facts.steroid_from.words}, the sample was taken on {first.words}."
        )
    if facts.steroid_from.earliest < first.latest:
        dates = f"Steroid {facts.steroid_from.words}, sample {first.words}"
        return f"{dates}: the dates do not show that the sample came first."
    return ""


def _excluded_too_soon(facts: CaseFacts, rule: Rule) -> str:
    if facts.infection_excluded is not Answer.YES:
        return ""
    if not facts.mycobacterial_tests:
        return "No mycobacterial culture or PCR is recorded."
    shortfalls = [_shortfall(test, rule.threshold_days) for test in facts.mycobacterial_tests]
    return "" if "" in shortfalls else " ".join(shortfalls)


def _shortfall(test: MycobacterialTest, mean_days: float) -> str:
    """Why a test cannot carry the claim; empty when its dates are complete and long enough."""
    if test.taken_on is None or test.final_on is None:
        return f"The {test.kind.value} lacks the date it was taken or the date of its final result."
    if test.kind is TestKind.PCR:
        return ""
    days = (test.final_on.latest - test.taken_on.earliest).days
    if days < mean_days:
        return f"The culture was kept for {days} days at most; the mean to a positive is {mean_days:g}."
    return ""


def _no_biopsy(facts: CaseFacts, rule: Rule) -> str:
    if facts.nodule is not Answer.YES or facts.biopsy is Answer.YES:
        return ""
    if facts.treated_on is None or facts.onset_on is None:
        return ""
    latest = (facts.onset_on.latest - facts.treated_on.earliest).days
    if latest < rule.threshold_days:
        return ""
    said = "no biopsy was taken" if facts.biopsy is Answer.NO else "no biopsy is recorded"
    return f"The nodule appeared up to {latest} days after treatment and {said}."


def _no_histology(facts: CaseFacts, rule: Rule) -> str:
    if facts.called_granuloma is not Answer.YES or facts.histology_shows_granuloma is Answer.YES:
        return ""
    return "The lesion is recorded as a granuloma and no histology showing one is recorded."
