"""Taking text files out of a zip, a gzip or a folder's file, as UTF-8 with plain line ends, within bounds.

Nothing is written but to a private folder under names of our own, so no path in a zip can lead anywhere. Refused, with
file and line: an encrypted, damaged, nested or too tightly packed zip, a member that leaves it, a text that is none.
"""

import gzip
import hashlib
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, cast

from exovigil.signals.store.breakage import where_it_breaks
from exovigil.signals.store.problems import Hostile, Unreadable

_CHUNK = 4 << 20
_PACKED = (".zip", ".gz", ".7z", ".rar", ".bz2", ".xz", ".tar")
_CONTROLS = bytes(code for code in range(1, 32) if code not in b"\t\n")
_SPACED = bytes(32 if code in _CONTROLS else code for code in range(256))
# What zipfile and zlib raise for an archive that cannot be read; NotImplementedError: a compression it lacks.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an import may take: members, bytes unpacked in all, times smaller packed, bytes of one line."""

    members: int = 500
    total: int = 8 << 30
    ratio: int = 100
    line: int = 1 << 20


@dataclass(slots=True)
class TextFile:
    """A file made plain: where it lies now, how many lines it has, and the quirks met, with how often and where."""

    name: str
    path: Path
    lines: int = 0
    quirks: Counter[str] = field(default_factory=Counter)
    notes: dict[str, str] = field(default_factory=dict)

    def met(self, quirk: str, times: int = 1, note: str = "") -> None:
        """Count a quirk; the first note about it is kept."""
        if times:
            self.quirks[quirk] += times
            self.notes.setdefault(quirk, note)


def sha256_of(path: Path) -> str:
    """Name a file by its content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack(
    source: Path, folder: Path, wanted: Callable[[str], bool], bounds: Bounds | None = None
) -> tuple[list[TextFile], list[str]]:
    """Write the wanted files of a zip, or the one file given, as plain text into a private folder.

    ``wanted`` says by its name whether a member is read. Returns the files with the names of members that are not
    read. Raises Hostile or Unreadable.
    """
    bounds = bounds or Bounds()
    folder.mkdir(parents=True)
    if not zipfile.is_zipfile(source):
        return [_one(source, folder, bounds)], []
    try:
        with zipfile.ZipFile(source) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _refuse(source.name, members, bounds)
            read = [member for member in members if wanted(member.filename)]
            texts = [
                _member(archive, member, folder / f"{number}.txt", source.name, bounds)
                for number, member in enumerate(read)
            ]
    except _DAMAGED as error:
        raise Unreadable(source.name, f"not a zip that can be read ({error}); download it again") from error
    return texts, sorted(member.filename for member in members if member not in read)


def _refuse(name: str, members: list[zipfile.ZipInfo], bounds: Bounds) -> None:
    if len(members) > bounds.members:
        raise Hostile(name, f"{len(members):,} files in the zip, more than {bounds.members:,}")
    total = 0
    for member in members:
        inside = f"{name}/{member.filename}"
        parts = PurePosixPath(member.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or re.match(r"[A-Za-z]:", member.filename):
            raise Hostile(inside, "this path leads out of the zip; take the file from its publisher again")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise Hostile(inside, "a link, not a file; take the file from its publisher again")
        if parts.suffix.lower() in _PACKED and not member.filename.lower().endswith(".csv.gz"):
            raise Hostile(inside, "packed inside the zip; unpack it and give the inner file itself")
        if member.flag_bits & 0x1:
            raise Unreadable(inside, "encrypted; unpack it with its password and give the files in a new zip")
        if member.file_size > bounds.ratio * max(member.compress_size, 1024):
            raise Hostile(inside, f"packed more than {bounds.ratio} times smaller; text never is")
        total += member.file_size
        if total > bounds.total:
            raise Hostile(inside, f"the zip unpacks to more than {bounds.total / 2**20:,.0f} MB")


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, outer: str, bounds: Bounds
) -> TextFile:
    text = TextFile(f"{outer}/{member.filename}", path)
    try:
        with archive.open(member) as stream:
            _write_plain(stream, text, member.file_size, bounds)
    except _DAMAGED as error:
        raise Unreadable(
            text.name, f"damaged here ({error}); download the zip again", text.lines + 1
        ) from error
    return text


def _one(source: Path, folder: Path, bounds: Bounds) -> TextFile:
    """Read a file that is no zip: plain, or one gzip of it."""
    text = TextFile(source.name, folder / "0.txt")
    with source.open("rb") as raw:
        head = raw.read(4)
        raw.seek(0)
        if head.startswith(b"PK") or source.suffix.lower() == ".zip":
            broken = where_it_breaks(raw, bounds.total)
            raise Unreadable(
                f"{source.name}{'/' if broken.member else ''}{broken.member}",
                "the zip ends here, before its end; download it again",
                broken.line,
            )
        packed = head.startswith(b"\x1f\x8b")
        limit = min(bounds.total, bounds.ratio * max(source.stat().st_size, 1024)) if packed else bounds.total
        try:
            stream: IO[bytes] = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw
            _write_plain(stream, text, limit, bounds)
        except _DAMAGED as error:
            raise Unreadable(
                text.name, f"damaged here ({error}); download it again", text.lines + 1
            ) from error
    return text


def _write_plain(stream: IO[bytes], text: TextFile, limit: int, bounds: Bounds) -> None:
    """Copy a stream as UTF-8 with plain line ends; counts lines and quirks on the way."""
    ended = True
    with text.path.open("wb") as out:
        for block in _whole_lines(stream, text, limit, bounds):
            plain = _as_utf8(_without_controls(block, text), text)
            out.write(plain)
            ended = plain.endswith(b"\n")
            text.lines += plain.count(b"\n")
    if not ended:
        text.lines += 1
        text.met("no line break at the end")


def _whole_lines(stream: IO[bytes], text: TextFile, limit: int, bounds: Bounds) -> Iterator[bytes]:
    rest, seen, first = b"", 0, True
    while chunk := stream.read(_CHUNK):
        seen += len(chunk)
        if seen > limit:
            raise Hostile(
                text.name, f"unpacks to more than {limit / 2**20:,.0f} MB, more than it may", text.lines + 1
            )
        if first and chunk.startswith((b"PK\x03\x04", b"\x1f\x8b")):
            raise Hostile(text.name, "packed inside the zip; unpack it and give the inner file itself")
        if first and chunk.startswith(b"\xef\xbb\xbf"):
            chunk = chunk[3:]
            text.met("byte-order mark")
        first = False
        cut = (chunk := rest + chunk).rfind(b"\n") + 1
        rest = chunk[cut:]
        if cut:
            yield chunk[:cut]
        if len(rest) > bounds.line:
            raise Unreadable(text.name, f"a line of more than {bounds.line:,} bytes", text.lines + 1)
    if rest:
        yield rest


def _without_controls(block: bytes, text: TextFile) -> bytes:
    if (nul := block.find(b"\0")) >= 0:
        line = text.lines + 1 + block.count(b"\n", 0, nul)
        raise Unreadable(text.name, "a NUL byte, so no plain text; save it as UTF-8 and zip it anew", line)
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    text.met("control characters", len(block) - len(block.translate(None, _CONTROLS)))
    return block.translate(_SPACED)


def _as_utf8(block: bytes, text: TextFile) -> bytes:
    """Give the block as it is when it is UTF-8; else each line that is not is read as Windows-1252."""
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return b"".join(
            _line_as_utf8(n, line, text) for n, line in enumerate(block.splitlines(keepends=True), 1)
        )
    return block


def _line_as_utf8(number: int, line: bytes, text: TextFile) -> bytes:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        at = text.lines + number
        try:
            line = line.decode("cp1252").encode()
        except UnicodeDecodeError as error:
            why = "neither UTF-8 nor Latin-1 (Windows-1252); save the file as UTF-8 and zip it anew"
            raise Unreadable(text.name, why, at) from error
        text.met("not UTF-8", 1, f"first on line {at:,}")
    return line
