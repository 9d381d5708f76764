"""The consent text: versions that are never edited, filled in for one patient, and a fingerprint of both.

What somebody agreed to must be provable later, word by word. A version is frozen by its fingerprint,
and so is the text with the patient's product, clinic and contact filled in.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from exovigil.foundation.content import Source, load_toml

PACKAGE = "exovigil.clinic"
FILE = "consent_text.toml"
_FIELD = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of one version; words in braces are filled in for each patient."""

    version: int
    number: int
    heading: str
    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class FilledParagraph:
    """One paragraph as the patient reads it."""

    heading: str
    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The text as the patient reads it, with the SHA-256 of its words and of the version's own."""

    version: int
    paragraphs: tuple[FilledParagraph, ...]
    sha256: str
    version_sha256: str

    @property
    def plain(self) -> str:
        """The whole text; its SHA-256 (UTF-8) is ``sha256``."""
        return _plain((p.heading, p.text) for p in self.paragraphs)


@cache
def all_paragraphs() -> tuple[Paragraph, ...]:
    """Load every paragraph of every version."""
    return load_toml(PACKAGE, FILE, "paragraph", Paragraph)


def latest_version() -> int:
    """Return the number of the newest version."""
    return max(paragraph.version for paragraph in all_paragraphs())


def paragraphs(version: int) -> tuple[Paragraph, ...]:
    """Return one version in order; raises KeyError when there is none."""
    found = sorted((p for p in all_paragraphs() if p.version == version), key=lambda p: p.number)
    if not found:
        raise KeyError(f"no version {version} in {FILE}; the latest is {latest_version()}")
    return tuple(found)


def fields(version: int) -> frozenset[str]:
    """Name what must be filled in."""
    return frozenset(name for p in paragraphs(version) for name in _FIELD.findall(p.text))


def render(values: Mapping[str, str], version: int | None = None) -> ConsentText:
    """Fill in a version, the latest by default.

    A value that is not known is given in words ("not known"), so that the patient reads it. Values are
    put in once and never read as fields themselves. Raises ValueError naming what is missing or blank.
    """
    version = latest_version() if version is None else version
    missing = sorted(name for name in fields(version) if not values.get(name, "").strip())
    if missing:
        raise ValueError(f"consent text needs {', '.join(missing)}; write 'not known' where it is not known")
    filled = tuple(
        FilledParagraph(p.heading, _FIELD.sub(lambda m: values[m[1]].strip(), p.text), p.sources)
        for p in paragraphs(version)
    )
    return ConsentText(
        version, filled, _sha256((p.heading, p.text) for p in filled), version_fingerprint(version)
    )


def version_fingerprint(version: int) -> str:
    """SHA-256 of a version before anything is filled in."""
    return _sha256((p.heading, p.text) for p in paragraphs(version))


def _sha256(parts: Iterable[tuple[str, str]]) -> str:
    return hashlib.sha256(_plain(parts).encode()).hexdigest()


def _plain(parts: Iterable[tuple[str, str]]) -> str:
    return "\n\n".join(f"{heading}\n{text}" for heading, text in parts)
