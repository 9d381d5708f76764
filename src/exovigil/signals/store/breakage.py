"""Where a zip that lost its end breaks off: which member, which line of it.

A zip's list of contents stands at its end, so a truncated one cannot be opened. Its members still stand one after the
other from the front; they are walked without being kept.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import IO

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_DEFLATED = 8
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Breakage:
    """The last member begun and the line it broke off in; empty and zero when not even one was begun."""

    member: str = ""
    line: int = 0


def where_it_breaks(file: IO[bytes], limit: int) -> Breakage:
    """Walk members from the front until one does not end; reads at most ``limit`` unpacked bytes."""
    found, budget = Breakage(), limit
    while len(head := file.read(_LOCAL.size)) == _LOCAL.size and budget > 0:
        signature, _, flags, method, *_, packed, _, name_length, extra_length = _LOCAL.unpack(head)
        if signature != b"PK\x03\x04":
            break
        name = file.read(name_length).decode("utf-8", "replace")
        file.seek(extra_length, 1)
        if method != _DEFLATED:
            file.seek(packed, 1)
            found = Breakage(name, 1)
            continue
        lines, whole, budget = _walk(file, budget)
        found = Breakage(name, lines + 1)
        if not whole:
            break
        _skip_descriptor(file, bool(flags & 0x8))
    return found


def _walk(file: IO[bytes], budget: int) -> tuple[int, bool, int]:
    """Inflate one member; leaves the file where it ends. Returns its lines, whether it ended, and what is left."""
    unpacker, lines = zlib.decompressobj(-15), 0
    while budget > 0 and (chunk := file.read(_CHUNK)):
        while chunk:
            try:
                plain = unpacker.decompress(chunk, _CHUNK)
            except zlib.error:
                return lines, False, budget
            lines += plain.count(b"\n")
            budget -= len(plain)
            if unpacker.eof:
                file.seek(-len(unpacker.unused_data), 1)
                return lines, True, budget
            chunk = unpacker.unconsumed_tail if budget > 0 else b""
    return lines, False, budget


def _skip_descriptor(file: IO[bytes], present: bool) -> None:
    if present:
        start = file.tell()
        size = 16 if file.read(4) == b"PK\x07\x08" else 12
        file.seek(start + size)
