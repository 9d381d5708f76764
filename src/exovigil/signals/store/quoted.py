"""Reading comma-separated text with quotes, in which a cell may hold line breaks; every row is accounted for."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exovigil.signals.store.layouts import Column, read_header
from exovigil.signals.store.problems import Unreadable
from exovigil.signals.store.unpack import TextFile
from exovigil.signals.store.workbench import FileCount, Workbench

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

NOTHING = {"NA", "N/A", "NOT AVAILABLE", "NOT REPORTED", "UNKNOWN", "U", "UNK"}
_CELL = 1 << 20
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:[T ].*)?")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins on, and its cells by the store's column names, trimmed."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def known(self, column: str) -> str:
        """Give a cell, empty where it says in words that nothing is known."""
        cell = self[column]
        return "" if cell.upper() in NOTHING else cell


def read_quoted(
    work: Workbench, text: TextFile, wanted: tuple[Column, ...], count: FileCount
) -> Iterator[Row]:
    """Give the rows of a file in order; a row with too few or too many cells goes to the rejects.

    ``count.read`` grows with every row. Raises Unreadable with the line where quotes do not close.
    """
    before = csv.field_size_limit(_CELL)
    try:
        with text.path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            try:
                yield from _rows(work, text, wanted, count, reader)
            except csv.Error as error:
                why = f"{error}; a quote was opened and not closed, or stands inside a cell"
                raise Unreadable(text.name, why, reader.line_num) from error
    finally:
        csv.field_size_limit(before)


def _rows(
    work: Workbench, text: TextFile, wanted: tuple[Column, ...], count: FileCount, reader: "CsvReader"
) -> Iterator[Row]:
    cells = next(reader, None)
    if not cells:
        raise Unreadable(text.name, "empty; give the file with its header", 1)
    header = read_header(text.name, cells, wanted)
    for quirk, names in header.quirks.items():
        text.met(quirk, len(names), ", ".join(names))
    line = reader.line_num + 1
    rejected = list[tuple[str, int, str]]()
    for cells in reader:
        count.read += 1
        if len(cells) == header.width:
            yield Row(line, {name: cells[place].strip() for name, place in header.places.items()})
        else:
            few = "too few fields" if cells else "empty line"
            rejected.append((text.name, line, few if len(cells) < header.width else "too many fields"))
        line = reader.line_num + 1
    work.fill("rejects", rejected)


def compact(date: str) -> str:
    """Write a date as the store reads it, ``20260312``, from ``3/12/2026`` or ``2026-03-12``; else as it stands."""
    if found := _US_DATE.fullmatch(date):
        month, day, year = found.groups()
        return f"{year}{month:0>2}{day:0>2}"
    if found := _ISO_DATE.fullmatch(date):
        return "".join(part for part in found.groups() if part)
    return date


def merge_quirks(text: TextFile, count: FileCount) -> None:
    """Take over what was met while a file was read."""
    count.quirks.update(text.quirks)
    count.notes |= text.notes
