"""Taking the four files we read out of a MedAscii zip or folder, without ever writing or following a path."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO, TypeVar

T = TypeVar("T")

WANTED = ("llt.asc", "pt.asc", "mdhier.asc", "meddra_release.asc")
FILE_LIMIT = 64 * 1024 * 1024  # bytes of one file; llt.asc of a current release has about 7 million
MEMBER_LIMIT = 2_000  # files in a zip
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, EOFError, RuntimeError, OSError)
RATIO_LIMIT = 100  # times smaller packed; text packs about 10 times


class MeddraError(ValueError):
    """The files are not a MedDRA release; the message names file, line and what to do."""


def from_zip(file: IO[bytes]) -> dict[str, bytes]:
    """Read the wanted files of a zip into memory, keyed by lower-case name; other members are never opened.

    Raises MeddraError for something that is no zip, an encrypted or damaged member, a path that leaves the archive, a
    member that is too large or packed too tightly, and a wanted file that is missing or there twice.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > MEMBER_LIMIT:
                raise MeddraError(
                    f"the zip has {len(members):,} files, more than {MEMBER_LIMIT:,}; give the MedAscii folder only"
                )
            for member in members:
                _refuse_bad_path(member.filename)
            found = _pick((PurePosixPath(m.filename).name, m) for m in members if not m.is_dir())
            return {name: _unpack(archive, name, member) for name, member in found.items()}
    except MeddraError:
        raise
    except _DAMAGED as error:
        raise MeddraError(f"this is not a zip that can be read ({error}); download it again") from error


def from_folder(folder: Path) -> dict[str, bytes]:
    """Read the wanted files that lie in a folder itself; a link that leads out of it is refused."""
    root = folder.resolve()
    found = _pick((path.name, path) for path in sorted(root.iterdir()))
    for name, path in found.items():
        if path.is_symlink() or not path.is_file():
            raise MeddraError(f"{name}: this is not a plain file; copy the file itself into the folder")
        if path.stat().st_size > FILE_LIMIT:
            raise MeddraError(f"{name}: larger than {FILE_LIMIT // 2**20} MB; this is no MedDRA file")
    return {name: path.read_bytes() for name, path in found.items()}


def _pick(named: Iterable[tuple[str, T]]) -> dict[str, T]:
    found: dict[str, T] = {}
    for name, row in named:
        key = name.lower()
        if key not in WANTED:
            continue
        if key in found:
            raise MeddraError(f"{key} is there twice; give one release in one language at a time")
        found[key] = row
    for name in WANTED:
        if name not in found:
            raise MeddraError(f"{name} is missing; give the MedAscii folder of one release, or a zip of it")
    return found


def _refuse_bad_path(name: str) -> None:
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or (len(name) > 1 and name[1] == ":"):
        raise MeddraError(f"{name!r} leads out of the zip; this is not the zip you were given by the MSSO")


def _unpack(archive: zipfile.ZipFile, name: str, member: zipfile.ZipInfo) -> bytes:
    if member.flag_bits & 0x1:
        raise MeddraError(f"{name}: encrypted; unpack it with your password and zip the MedAscii folder anew")
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise MeddraError(f"{name}: packed in an unusual way; zip the MedAscii folder anew")
    if member.file_size > FILE_LIMIT:
        raise MeddraError(f"{name}: larger than {FILE_LIMIT // 2**20} MB unpacked; this is no MedDRA file")
    if member.file_size > RATIO_LIMIT * max(member.compress_size, 1024):
        raise MeddraError(f"{name}: packed more than {RATIO_LIMIT} times smaller; this is no MedDRA file")
    held = io.BytesIO()
    with archive.open(member) as stream:
        while chunk := stream.read(1 << 20):
            held.write(chunk)
            if held.tell() > member.file_size or held.tell() > FILE_LIMIT:
                raise MeddraError(f"{name}: longer than it says; download the zip again")
    return held.getvalue()
