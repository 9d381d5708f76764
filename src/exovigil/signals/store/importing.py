"""One import: files in, a new version of the store out, or the store as it was."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from exovigil.signals.store.caers import read_caers
from exovigil.signals.store.commit import current, held, judge, write
from exovigil.signals.store.e2b import read_e2b
from exovigil.signals.store.faers import read_faers
from exovigil.signals.store.flat import Flat, read_flat
from exovigil.signals.store.layouts import quirks
from exovigil.signals.store.manifest import Import, Manifest
from exovigil.signals.store.problems import StoreError
from exovigil.signals.store.unpack import sha256_of
from exovigil.signals.store.vaers import read_vaers
from exovigil.signals.store.workbench import FileCount, Workbench, script

Reader = Callable[[Workbench, Path], list[str]]
READERS: dict[str, Reader] = {"faers": read_faers, "caers": read_caers, "vaers": read_vaers, "e2b": read_e2b}


@dataclass(frozen=True, slots=True)
class Source:
    """Something to import: its name, the SHA-256 of its content, and what reads it into a workbench."""

    name: str
    sha256: str
    size: int
    read: Callable[[Workbench], list[str]]


def import_files(
    directory: Path, format_: str, paths: Sequence[Path], *, flat: Flat | None = None, memory: str = "4GB"
) -> Manifest:
    """Import files of one format into a store, all of them or nothing; makes the store when there is none.

    ``flat`` names the columns for the format ``table``. Returns the manifest, whose last import says what happened.
    Raises StoreError, with file and line where there is one.
    """
    if format_ == "table" and flat is not None:
        reader: Reader = lambda work, path: read_flat(work, path, flat)  # noqa: E731
    elif format_ in READERS:
        reader = READERS[format_]
    else:
        raise StoreError(
            f"{format_!r} is no format that files have; there are {', '.join(sorted(READERS))} and table"
        )
    sources = []
    for path in paths:
        try:
            digest, size = sha256_of(path), path.stat().st_size
        except OSError as error:
            raise StoreError(f"{path}: cannot be read ({error.strerror})") from error
        sources.append(Source(path.name, digest, size, lambda work, path=path: reader(work, path)))  # type: ignore[misc]
    return import_sources(directory, format_, sources, memory=memory)


def import_sources(
    directory: Path, format_: str, sources: Sequence[Source], *, memory: str = "4GB"
) -> Manifest:
    """Import sources that know how to read themselves; see ``import_files``."""
    with held(directory) as folder:
        before = current(directory)
        _refuse_twice(before, sources)
        work = Workbench(folder, memory)
        try:
            ignored, described = list[str](), list[dict[str, Any]]()
            for source in sources:
                first = len(work.counts)
                ignored += [f"{source.name}/{name}" for name in source.read(work)]
                described.append(_described(before, format_, source, work.counts[first:], described))
            judge(work, directory)
            done = _import(work, before.version + 1, format_, described, ignored)
            after = replace(before, version=before.version + 1, imports=[*before.imports, done])
            return write(work, directory, after)
        finally:
            work.close()


def _refuse_twice(before: Manifest, sources: Sequence[Source]) -> None:
    known = {source["sha256"]: source["file"] for source in before.sources}
    for source in sources:
        if source.sha256 in known:
            raise StoreError(
                f"{source.name}: already imported, as {known[source.sha256]}; nothing was changed"
            )
        known[source.sha256] = source.name


def _described(
    before: Manifest, format_: str, source: Source, counts: list[FileCount], others: list[dict[str, Any]]
) -> dict[str, Any]:
    """Describe a source for the manifest. Raises StoreError when another file already gave its period."""
    periods = sorted({count.period for count in counts} - {""})
    for known in (*before.sources, *others):
        both = set(periods) & set(known["periods"]) if known["format"] == format_ else set()
        if both:
            raise StoreError(
                f"{source.name}: {min(both)} was already imported from {known['file']}, with other content; "
                "import a corrected release into a new store"
            )
    return {
        "file": source.name,
        "sha256": source.sha256,
        "size": source.size,
        "format": format_,
        "periods": periods,
        "rows_read": sum(count.read for count in counts),
        "rows_kept": sum(count.kept for count in counts),
        "rows_rejected": _summed(counts),
    }


def _summed(counts: list[FileCount]) -> dict[str, int]:
    total: dict[str, int] = {}
    for count in counts:
        for reason, times in count.rejected.items():
            total[reason] = total.get(reason, 0) + times
    return dict(sorted(total.items()))


def _import(
    work: Workbench, number: int, format_: str, sources: list[dict[str, Any]], ignored: list[str]
) -> Import:
    reports = dict(
        work.rows("SELECT reason, count(*) FROM judged WHERE stage >= 0 GROUP BY reason ORDER BY reason")
    )
    added, removed = work.one("SELECT count(*) FROM coming"), work.one("SELECT count(*) FROM going")
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    read = {"read": sum(reports.values()), "kept": reports.pop("", 0)}
    files = [_plain(count) for count in work.counts]
    alike = work.one(script("alike"))
    return Import(number, now, format_, sources, files, ignored, read | reports, added, removed, alike)


def _plain(count: FileCount) -> dict[str, Any]:
    """Write a file's count as JSON can hold it, each quirk with what is done about it."""
    return {
        "file": count.file,
        "table": count.table,
        "period": count.period,
        "read": count.read,
        "kept": count.kept,
        "rejected": dict(sorted(count.rejected.items())),
        "first_lines": dict(sorted(count.first_lines.items())),
        "quirks": [
            {"quirk": key, "times": times, "note": count.notes.get(key, ""), "does": quirks()[key].does}
            for key, times in sorted(count.quirks.items())
        ],
    }
