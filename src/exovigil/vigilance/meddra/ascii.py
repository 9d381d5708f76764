"""Reading the MedAscii files: fields separated by ``$``, each line ended by one, one record a line.

Layout after the MedDRA distribution format: ``llt.asc`` code, name, PT, five older codings, currency, and one more;
``pt.asc`` code, name, blank, primary SOC; ``mdhier.asc`` codes and names from PT to SOC, and whether it is the primary.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from exovigil.vigilance.meddra.unpack import WANTED, MeddraError

_CODE = re.compile(r"[0-9]{8}")
_VERSION = re.compile(r"[0-9]{1,2}\.[0-9]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_COLUMNS = {"llt.asc": 11, "pt.asc": 11, "mdhier.asc": 12, "meddra_release.asc": 5}
_NAME_LIMIT = 150  # characters; MedDRA names have at most 100


@dataclass(frozen=True, slots=True)
class Term:
    """A lowest level term with what stands above it."""

    code: str
    name: str
    current: bool
    pt_code: str
    pt_name: str
    soc_name: str


@dataclass(frozen=True, slots=True)
class Release:
    """One release in one language, all of it or none; ``sha256`` is over the files as they were given."""

    version: str
    language: str
    sha256: str
    terms: tuple[Term, ...]


def read_release(files: Mapping[str, bytes]) -> Release:
    """Read a release from its files; raises MeddraError naming file and line for the first thing that is wrong."""
    version, language = _release(files["meddra_release.asc"])
    preferred = _preferred(files["pt.asc"])
    classes = _classes(files["mdhier.asc"], preferred)
    terms = tuple(_lowest(files["llt.asc"], preferred, classes))
    digest = hashlib.sha256()
    for name in sorted(WANTED):
        digest.update(hashlib.sha256(files[name]).digest())
    return Release(version, language, digest.hexdigest(), terms)


def _lines(name: str, content: bytes) -> Iterator[tuple[str, list[str]]]:
    """Give each line's place (``llt.asc, line 3``) and its fields, after checking what can be checked of any line."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    wanted = _COLUMNS[name]
    found = False
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if not line:
            continue
        found = True
        where = f"{name}, line {number}"
        fields = line.split("$")
        if len(fields) != wanted + 1 or fields[-1]:
            raise MeddraError(
                f"{where}: {len(fields) - 1} fields, each ended by $, where the MedAscii layout has {wanted}; "
                "give the unchanged file"
            )
        if _CONTROL.search(line):
            raise MeddraError(f"{where}: a character that is no text; give the unchanged file")
        yield where, fields[:-1]
    if not found:
        raise MeddraError(f"{name}: the file is empty")


def _release(content: bytes) -> tuple[str, str]:
    rows = list(_lines("meddra_release.asc", content))
    where, fields = rows[0]
    if len(rows) != 1:
        raise MeddraError(f"{rows[1][0]}: a second release; give one release at a time")
    if not _VERSION.fullmatch(fields[0]):
        raise MeddraError(f"{where}: {fields[0]!r} is not a version such as 27.1")
    if not fields[1].strip() or len(fields[1]) > 40:
        raise MeddraError(f"{where}: the language is missing or too long")
    return fields[0], fields[1].strip()


def _preferred(content: bytes) -> dict[str, tuple[str, str]]:
    """PT code to its name and the code of its primary SOC."""
    found: dict[str, tuple[str, str]] = {}
    for where, fields in _lines("pt.asc", content):
        code = _code(where, fields[0], found)
        found[code] = (_name(where, fields[1]), _known_code(where, fields[3]))
    return found


def _classes(content: bytes, preferred: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """PT code to the name of its primary SOC."""
    found: dict[str, str] = {}
    for where, fields in _lines("mdhier.asc", content):
        pt, soc, primary = fields[0], fields[3], fields[11]
        if pt not in preferred:
            raise MeddraError(f"{where}: {pt!r} is not in pt.asc; the files are not of one release")
        if primary not in {"Y", "N"}:
            raise MeddraError(f"{where}: the primary mark is {primary!r}, not Y or N")
        if primary == "N":
            continue
        if pt in found:
            raise MeddraError(f"{where}: {pt} has a second primary class")
        if soc != preferred[pt][1]:
            raise MeddraError(f"{where}: the primary class of {pt} is another in pt.asc; mixed releases")
        found[pt] = _name(where, fields[7])
    missing = next((pt for pt in preferred if pt not in found), None)
    if missing:
        raise MeddraError(
            f"mdhier.asc: {missing} of pt.asc has no primary class; the files are not of one release"
        )
    return found


def _lowest(
    content: bytes, preferred: Mapping[str, tuple[str, str]], classes: Mapping[str, str]
) -> Iterator[Term]:
    seen: dict[str, None] = {}
    for where, fields in _lines("llt.asc", content):
        code = _code(where, fields[0], seen)
        seen[code] = None
        pt, currency = fields[2], fields[9]
        if pt not in preferred:
            raise MeddraError(f"{where}: its preferred term {pt!r} is not in pt.asc; mixed releases")
        if currency not in {"Y", "N"}:
            raise MeddraError(f"{where}: the currency is {currency!r}, not Y or N")
        yield Term(code, _name(where, fields[1]), currency == "Y", pt, preferred[pt][0], classes[pt])


def _code(where: str, code: str, seen: Mapping[str, object]) -> str:
    if _known_code(where, code) in seen:
        raise MeddraError(f"{where}: the code {code} is there twice")
    return code


def _known_code(where: str, code: str) -> str:
    if not _CODE.fullmatch(code):
        raise MeddraError(f"{where}: {code!r} is not a code of eight digits")
    return code


def _name(where: str, name: str) -> str:
    name = name.strip()
    if not name or len(name) > _NAME_LIMIT:
        raise MeddraError(f"{where}: the name is missing or longer than {_NAME_LIMIT} characters")
    return name
