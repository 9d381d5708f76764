"""What a new release of MedDRA does to codes that were given under an older one."""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exovigil.vigilance.meddra.ascii import Term


class Fate(enum.StrEnum):
    """What became of a code."""

    GONE = "no longer in the release"
    NOT_CURRENT = "no longer current"
    MOVED = "under another preferred term"
    REGROUPED = "in another primary class"
    RENAMED = "renamed"
    SAME = "unchanged"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """One code in two releases; ``fates`` holds everything that became of it, or just "unchanged"."""

    code: str
    before: Term
    after: Term | None
    fates: tuple[Fate, ...]

    @property
    def needs_work(self) -> bool:
        """True when the code should not be sent as it is: the term is gone or no longer current."""
        return bool({Fate.GONE, Fate.NOT_CURRENT} & set(self.fates))


def upgrade(codes: Iterable[str], old: Mapping[str, Term], new: Mapping[str, Term]) -> tuple[Upgrade, ...]:
    """Compare each code in the two releases; a code that the old one does not have is left out."""
    return tuple(
        Upgrade(code, old[code], new.get(code), _fates(old[code], new.get(code)))
        for code in dict.fromkeys(codes)
        if code in old
    )


def _fates(before: Term, after: Term | None) -> tuple[Fate, ...]:
    if after is None:
        return (Fate.GONE,)
    told = {
        Fate.NOT_CURRENT: before.current and not after.current,
        Fate.MOVED: before.pt_code != after.pt_code,
        Fate.REGROUPED: before.soc_name != after.soc_name,
        Fate.RENAMED: before.name != after.name,
    }
    return tuple(fate for fate, holds in told.items() if holds) or (Fate.SAME,)
