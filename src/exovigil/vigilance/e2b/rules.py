"""Rules across elements: the conditions of ICH's conditional elements, and the rules of a receiving authority.

An authority's rules are content (``content/e2b_fda_rules.csv``) and apply to messages addressed to it; those that
no file can show to be broken are listed with the reason in ``content/e2b_fda_rules_unchecked.csv``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from exovigil.foundation.content import load_csv
from exovigil.vigilance.e2b.conditions import Chain, Test, chains, elements_in, is_around, test_of
from exovigil.vigilance.e2b.elements import by_id, elements
from exovigil.vigilance.e2b.findings import Severity
from exovigil.vigilance.e2b.record import Record

FDA_RECEIVER = "N.1.4=ZZFDA,ZZFDA_PREMKT|N.2.r.3=CDER,CBER,CDER_IND,CBER_IND,CDER_IND_EXEMPT_BA_BE"


@dataclass(frozen=True, slots=True)
class Rule:
    """Where ``when`` holds at a record of level ``at``, ``needs`` must hold too; else ``element`` is at fault."""

    rule: str
    severity: Severity
    at: str
    element: str
    needs: str
    message: str
    source: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A rule that is not checked, and why."""

    rule: str
    element: str
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a record breaks."""

    rule: Rule
    record: Record


# A rule with the tests of when it applies (None: always) and of what it needs.
Judged = tuple[Rule, Test | None, Test]


@lru_cache(maxsize=1)
def fda_rules() -> tuple[Rule, ...]:
    """The FDA rejection and warning rules that a file alone can show to be broken."""
    return load_csv("exovigil.vigilance", "e2b_fda_rules.csv", Rule)


@lru_cache(maxsize=1)
def fda_rules_unchecked() -> tuple[Unchecked, ...]:
    """The FDA rules that are not checked, each with the reason."""
    return load_csv("exovigil.vigilance", "e2b_fda_rules_unchecked.csv", Unchecked)


@lru_cache(maxsize=1)
def ich_conditions() -> tuple[Rule, ...]:
    """The table's conditional elements as rules.

    An element that repeats inside what asks for it is asked for twice: in each of its records, and at least
    once where the condition stands.
    """
    rules = []
    for row in elements():
        if not row.needed_if:
            continue
        outer = {by_id()[name].level for name in elements_in(row.needed_if)}
        places = [row.level]
        if all(is_around(level, row.level) for level in outer):
            places += sorted(outer)
        message = f"{row.name} is needed: {row.needed_if}"
        for place in places:
            rules.append(
                Rule("together", "error", place, row.element, row.element, message, row.source, row.needed_if)
            )
    return tuple(rules)


def broken(batch: Record) -> Iterator[Broken]:
    """Every rule that a batch breaks, record by record."""
    rules = _by_level()
    for chain in chains(batch):
        ours = rules.get(chain[-1].level)
        if ours:
            ich, fda, addressed = ours
            yield from _broken(ich, chain)
            if fda and addressed(chain):
                yield from _broken(fda, chain)


def _broken(rules: list[Judged], chain: Chain) -> Iterator[Broken]:
    for rule, when, needs in rules:
        if (when is None or when(chain)) and not needs(chain):
            yield Broken(rule, chain[-1])


@lru_cache(maxsize=1)
def _by_level() -> dict[str, tuple[list[Judged], list[Judged], Test]]:
    """The rules of ICH and of FDA by the level they are asked at, and whether FDA's apply there."""
    found: dict[str, tuple[list[Judged], list[Judged], Test]] = {}
    for place, rules in ((0, ich_conditions()), (1, fda_rules())):
        for rule in rules:
            ours = found.setdefault(rule.at, ([], [], test_of(FDA_RECEIVER, rule.at)))
            when = test_of(rule.when, rule.at) if rule.when else None
            (ours[0], ours[1])[place].append((rule, when, test_of(rule.needs, rule.at)))
    return found
