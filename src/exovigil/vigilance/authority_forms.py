"""Forms of authorities as content: which boxes each has, in its order, and which fact of a case belongs in each.

A form here is a summary for copying into the authority's own form or portal, and says so. A box whose number was not
read has none, and a box that the registry holds nothing for stays blank.
"""

from dataclasses import dataclass
from functools import lru_cache

from exovigil.foundation.content import Source, load_toml

_ROOM, _FILE = "exovigil.vigilance", "forms.toml"
NOT_OFFICIAL = "Summary for copying into the portal; not an official form."


@dataclass(frozen=True, slots=True)
class AuthorityForm:
    """One form: whose it is, and where its layout was read."""

    code: str
    title: str
    subject: str
    goes_to: str
    source: Source


@dataclass(frozen=True, slots=True)
class FormField:
    """One box; ``value`` names the fact of a case that fills it, empty when the registry holds none."""

    form: str
    section: str
    number: str
    label: str
    value: str
    source: Source


@lru_cache(maxsize=1)
def forms() -> tuple[AuthorityForm, ...]:
    """Every form that can be printed."""
    return load_toml(_ROOM, _FILE, "form", AuthorityForm)


@lru_cache(maxsize=1)
def _fields() -> tuple[FormField, ...]:
    return load_toml(_ROOM, _FILE, "field", FormField)


def form(code: str) -> AuthorityForm:
    """Find a form; raises KeyError naming the code when there is none."""
    for row in forms():
        if row.code == code:
            return row
    raise KeyError(f"no form {code!r}; add it to content/{_FILE}")


def fields_of(code: str) -> tuple[FormField, ...]:
    """The boxes of a form in its order."""
    return tuple(row for row in _fields() if row.form == code)
