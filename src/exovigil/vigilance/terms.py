"""Reaction classes: what this registry calls a reaction, and the free codes that go with it.

The classes are content (``content/reaction_terms.toml``). IMDRF and NCI Thesaurus codes may be shipped;
MedDRA may not, and comes from the site's own licensed files.
"""

from dataclasses import dataclass
from functools import lru_cache

from exovigil.foundation.content import Source, load_toml


@dataclass(frozen=True, slots=True)
class ReactionTerm:
    """One reaction class; an empty NCIt or IMDRF code was not read, not shown to be absent."""

    code: str
    label: str
    source: Source
    ncit_code: str = ""
    ncit_term: str = ""
    imdrf_code: str = ""


@lru_cache(maxsize=1)
def reaction_terms() -> tuple[ReactionTerm, ...]:
    """Every reaction class in the order of the content file."""
    return load_toml("exovigil.vigilance", "reaction_terms.toml", "term", ReactionTerm)


def reaction_term(code: str) -> ReactionTerm:
    """Find the class with this code; raises KeyError naming the code when there is none."""
    for term in reaction_terms():
        if term.code == code:
            return term
    raise KeyError(f"no reaction class {code!r}; add it to content/reaction_terms.toml")
