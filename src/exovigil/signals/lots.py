"""Lot numbers as people write them: one spelling to show, one key to compare by, and what was changed.

``Lot O1-23a``, ``LOT: 0I 23A`` and ``o123a`` may well be one vial's number. To show, only what is safe is changed:
case, spaces, a leading "lot". To compare, the letters that hands and scanners confuse with digits are folded as well
(O with 0, I with 1) and separators go. Two lots of one maker that differ in nothing else would be taken for one, so
the key never stands in for the number that is shown. What means "nobody knows" is no lot: see ``content/lots.toml``.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from exovigil.foundation.content import Source, load_toml

_AROUND = " .,;:#'\"`()[]{}<>*=_-/\\"
_LIKE_DIGITS = str.maketrans("OI", "01")
_SEVERAL = re.compile(r"[,;\n]")
_ALONE = 3  # letters and digits that a part between commas needs to be a lot of its own


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot number as read: ``shown`` and ``key`` are empty when nobody knows it; ``changes`` says what was changed."""

    as_reported: str
    shown: str
    key: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LotWords:
    """Words of one kind in ``content/lots.toml``, and why they are there."""

    words: tuple[str, ...]
    why: str
    source: Source


@lru_cache(maxsize=1)
def unknown_words() -> frozenset[str]:
    """Every way of writing that the lot is not known, in capitals without spaces and punctuation."""
    rows = load_toml("exovigil.signals", "lots.toml", "unknown", LotWords)
    return frozenset(word for row in rows for word in row.words)


def normalise_lot(text: str) -> Lot:
    """Read one lot number.

    >>> normalise_lot(" Lot# ab-1O3 ")
    Lot(as_reported=' Lot# ab-1O3 ', shown='AB-1O3', key='AB103', changes=('spaces', 'case', 'prefix'))
    """
    shown, changes = text, list[str]()
    while True:  # a step may open the way for another: "LOT: LOT 5"
        before = shown
        for name, step in _STEPS:
            after = step(shown)
            if after != shown and name not in changes:
                changes.append(name)
            shown = after
        if shown == before:
            break
    bare = "".join(filter(str.isalnum, shown))
    if not bare.strip("0") or bare in unknown_words() or set(bare) == {"X"}:
        return Lot(text, "", "", ("unknown",) if text.strip() else ())
    return Lot(text, shown, bare.translate(_LIKE_DIGITS), tuple(changes))


def normalise_lots(text: str) -> tuple[Lot, ...]:
    """Read a field that may hold several lot numbers between commas or semicolons; always at least one.

    It is taken apart only when every part is a lot of three or more letters and digits, or a word for "unknown".
    """
    whole = normalise_lot(text)
    pieces = [piece for piece in _SEVERAL.split(text) if piece.strip(_AROUND)]
    if len(pieces) < 2:
        return (whole,)
    parts = [normalise_lot(piece) for piece in pieces]
    if any(part.key and len(part.key) < _ALONE for part in parts):
        return (whole,)
    known = {part.key: part for part in reversed(parts) if part.key}
    if not known:
        return (Lot(text, "", "", ("unknown",)),)
    found = sorted(known.values(), key=lambda part: part.key)
    why = ("several in one field",) if len(found) > 1 else ("repeated in the field",)
    return tuple(Lot(text, part.shown, part.key, (*why, *part.changes)) for part in found)


@lru_cache(maxsize=1)
def _prefix() -> re.Pattern[str]:
    rows = load_toml("exovigil.signals", "lots.toml", "prefix", LotWords)
    words = sorted((word for row in rows for word in row.words), key=len, reverse=True)
    either = "|".join(map(re.escape, words))
    return re.compile(rf"^(?:{either})(?:\s*(?:NUMBER|NUMERO|NO|NR|N°|Nº))?(?=[\W\d_])[\s.:#=_-]*(?=.)")


def _without_prefix(text: str) -> str:
    return _prefix().sub("", text)


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _upper(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()


def _bare_ends(text: str) -> str:
    return text.strip(_AROUND)


_STEPS = (
    ("spaces", _spaced),
    ("case", _upper),
    ("prefix", _without_prefix),
    ("punctuation around", _bare_ends),
)
