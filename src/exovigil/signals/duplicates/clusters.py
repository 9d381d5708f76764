"""Groups of duplicates by complete link: a group holds together only while every pair in it is linked.

A chain (A like B, B like C, A unlike C) must not collapse into one: that is how an outbreak would vanish.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import combinations
from typing import Literal

Decision = Literal["same", "different"]


def complete_link(
    ids: Iterable[str],
    pairs: Iterable[tuple[str, str]],
    decisions: Mapping[frozenset[str], Decision],
) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, str], ...]]:
    """Join ids over links, a person's first and then ``pairs`` in their order, while every cross pair is linked.

    Pairs that a person called the same join without asking for the other cross pairs, except across a
    "different"; those that could not be joined are returned beside the groups of two or more, as conflicts.
    """
    group = {one: frozenset((one,)) for one in ids}
    decided = sorted(sorted(pair) for pair, decision in decisions.items() if decision == "same")
    apart = {pair for pair, decision in decisions.items() if decision == "different"}
    ordered = list(pairs)
    linked = {frozenset(pair) for pair in ordered} - apart
    conflicts = []
    for first, second in ((a, b) for a, b in decided if a in group and b in group):
        if not _join(group, first, second, lambda cross: cross not in apart):
            conflicts.append((first, second))
    linked |= {frozenset(cross) for ids in _groups(group) for cross in combinations(ids, 2)}
    for first, second in ordered:
        _join(group, first, second, linked.__contains__)
    return tuple(sorted(_groups(group))), tuple(conflicts)


def _groups(group: Mapping[str, Collection[str]]) -> set[tuple[str, ...]]:
    return {tuple(sorted(ids)) for ids in group.values() if len(ids) > 1}


def _join(
    group: dict[str, frozenset[str]], first: str, second: str, allowed: Callable[[frozenset[str]], bool]
) -> bool:
    """Join the groups of two ids when every cross pair is allowed; say whether they are together."""
    if group[first] is not group[second]:
        if not all(allowed(frozenset((a, b))) for a in group[first] for b in group[second]):
            return False
        joined = group[first] | group[second]
        group.update(dict.fromkeys(joined, joined))
    return True
