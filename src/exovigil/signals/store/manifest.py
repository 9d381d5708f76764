"""What a store holds and where it came from: ``manifest.json``."""

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from exovigil.signals.store.problems import StoreError

SCHEMA = 1
NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Import:
    """One import: its number, when, of what, what became of every row and of every report, and what changed.

    ``alike`` counts added reports that are like another of the store in event date, age, sex, country, products and
    reactions, none of them empty; they are kept, for a search for duplicates to judge.
    """

    number: int
    at: str
    format: str
    sources: list[dict[str, Any]]
    files: list[dict[str, Any]]
    not_read: list[str]
    reports: dict[str, int]
    added: int
    removed: int
    alike: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """``snapshot`` is the SHA-256 over the current tables' own, in ``tables``; equal stores have equal snapshots."""

    version: int = 0
    snapshot: str = ""
    tables: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    imports: list[Import] = field(default_factory=list)
    schema: int = SCHEMA

    @property
    def sources(self) -> list[dict[str, Any]]:
        """Every file imported, in order."""
        return [source for done in self.imports for source in done.sources]

    def text(self) -> str:
        """Write it as JSON."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def read_manifest(path: Path) -> Manifest:
    """Read a manifest. Raises StoreError when it is none, or of a later schema than this program knows."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        schema = raw["schema"]
        if schema == SCHEMA:
            return _checked(Manifest(**{**raw, "imports": [Import(**done) for done in raw["imports"]]}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path}: this is no manifest of a report store ({error})") from error
    raise StoreError(
        f"{path}: schema {schema}, this program knows {SCHEMA}; import the sources into a new store"
    )


def _checked(manifest: Manifest) -> Manifest:
    """The same; ValueError where version or snapshot cannot name a folder."""
    if not isinstance(manifest.version, int) or manifest.version < 1:
        raise ValueError(f"version {manifest.version!r}")
    if not isinstance(manifest.snapshot, str) or not re.fullmatch(r"[\w-]{1,128}", manifest.snapshot):
        raise ValueError("the snapshot must be letters, digits and dashes")
    return manifest
