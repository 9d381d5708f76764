"""Versions of a case: what is frozen of it, its fingerprint, and the difference between two of them in words.

A snapshot maps a key to what the page called it, the value as stored and the value in words, as they were on that day:
a later change of a label cannot change what an old version says. Canonical JSON (sorted keys, no spaces, UTF-8) makes
the SHA-256 the same wherever it is computed.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FORMAT = 1
NOTHING = "Nothing recorded"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a version holds. ``value`` is what is stored (plain JSON), ``words`` what a person reads."""

    key: str
    label: str
    value: Any
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that two versions hold differently, in words."""

    key: str
    label: str
    before: str
    after: str


class BrokenVersion(ValueError):
    """What is stored of a version is not what was frozen."""


def freeze(fields: tuple[Field, ...]) -> tuple[str, str]:
    """Write a snapshot as canonical JSON and give it with its SHA-256.

    Raises ValueError when two fields share a key, since one of them would be lost.
    """
    held = {
        f.key: {"label": f.label, "order": order, "value": f.value, "words": f.words}
        for order, f in enumerate(fields)
    }
    if len(held) != len(fields):
        raise ValueError("two fields of a version share a key; name each once")
    content = json.dumps(
        {"format": FORMAT, "fields": held}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return content, fingerprint(content)


def fingerprint(content: str) -> str:
    """SHA-256 of a frozen snapshot."""
    return hashlib.sha256(content.encode()).hexdigest()


def thaw(content: str, sha256: str) -> tuple[Field, ...]:
    """Read a snapshot in the order in which it was frozen; raises BrokenVersion when its fingerprint differs."""
    if fingerprint(content) != sha256:
        raise BrokenVersion(
            "this version does not agree with its fingerprint; do not rely on it, and ask for the backup of the day"
        )
    held: Mapping[str, Any] = json.loads(content)["fields"]
    rows = sorted(held.items(), key=lambda row: row[1]["order"])
    return tuple(Field(key, row["label"], row["value"], row["words"]) for key, row in rows)


def difference(before: tuple[Field, ...], after: tuple[Field, ...]) -> tuple[Change, ...]:
    """What changed between two snapshots: by value, shown in words, in the order of the later one.

    Something that only one of them holds is told as "Nothing recorded" in the other.
    """
    old, new = {f.key: f for f in before}, {f.key: f for f in after}
    keys = [*new, *(key for key in old if key not in new)]
    return tuple(
        Change(key, (new.get(key) or old[key]).label, _words(old.get(key)), _words(new.get(key)))
        for key in keys
        if _value(old.get(key)) != _value(new.get(key))
    )


def _words(field: Field | None) -> str:
    return (field.words if field else "") or NOTHING


def _value(field: Field | None) -> Any:
    """Compare an empty value with an absent one as the same: nothing is recorded either way."""
    return (field.value or None) if field else None
