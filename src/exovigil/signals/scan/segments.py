"""The encoded copy of a store on disk: segments that are never rewritten, and what is gone from each since.

An import adds one segment, of the reports that it brought, and notes the places of those that it took out of
the others. A copy lies under ``encoded/<snapshot>/``; the next one links to the same files of its segments.
It is a cache: it may be deleted at any time and is made again.
"""

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from exovigil.signals.scan import encoding
from exovigil.signals.scan.encoding import Encoded, IntArray

MOST_SEGMENTS = 24  # six years of quarters
MOST_GONE = 0.1  # of all reports in the segments


@dataclass(frozen=True, slots=True)
class Segment:
    """Reports encoded together, ascending; the places of those gone since; the folder that holds them, if any."""

    encoded: Encoded
    gone: IntArray
    folder: Path | None = None

    def places(self, reports: IntArray) -> IntArray:
        """Where those of the ``reports`` (ascending, each once) are that are here and not gone."""
        held = self.encoded.reports
        if not len(held):
            return np.empty(0, np.int64)
        place: IntArray = np.minimum(np.searchsorted(held, reports), len(held) - 1)
        place = place[held[place] == reports]
        here: IntArray = place[~np.isin(place, self.gone)]
        return here


@dataclass(frozen=True, slots=True)
class Copy:
    """A store in whole numbers; every report stands in one segment."""

    segments: tuple[Segment, ...]

    @property
    def reports(self) -> int:
        """How many there are."""
        return sum(len(segment.encoded.reports) - len(segment.gone) for segment in self.segments)

    def whole(self) -> Encoded:
        """All segments as one, in memory; reports are in the order of the segments."""
        parts = [
            segment.encoded.without(segment.gone) if len(segment.gone) else segment.encoded
            for segment in self.segments
        ]
        return encoding.together(parts)

    def holds_any(self, reports: IntArray) -> bool:
        """Whether any of the reports (ascending, each once) is there."""
        return any(len(segment.places(reports)) for segment in self.segments)

    def without(self, reports: IntArray) -> "tuple[Copy, list[Encoded]] | None":
        """The copy without these reports (ascending, each once), and what they were; None if one is not there."""
        segments, taken = [], []
        for segment in self.segments:
            found = segment.places(reports)
            if len(found):
                taken.append(segment.encoded.rows(found))
                segment = replace(segment, gone=np.sort(np.concatenate([segment.gone, found])))
            segments.append(segment)
        if sum(len(part.reports) for part in taken) != len(reports):
            return None
        return Copy(tuple(segments)), taken

    def plus(self, more: Encoded) -> "Copy":
        """The copy with one more segment."""
        return Copy((*self.segments, Segment(more, np.empty(0, np.int64))))

    def kept_together(self) -> "Copy":
        """The same as one segment, once there are more than 24 or a tenth of the reports in them is gone."""
        gone = sum(len(segment.gone) for segment in self.segments)
        if len(self.segments) <= MOST_SEGMENTS and gone <= MOST_GONE * (gone + self.reports):
            return self
        whole = self.whole()
        return copy_of(whole.rows(np.argsort(whole.reports, kind="stable")))


def copy_of(encoded: Encoded) -> Copy:
    """A copy of one segment."""
    return Copy((Segment(encoded, np.empty(0, np.int64)),))


def save(copy: Copy, folder: Path) -> None:
    """Write into a folder; segments that are on disk already are linked."""
    for number, segment in enumerate(copy.segments):
        here = folder / f"segment-{number}"
        if segment.folder is None:
            encoding.save(segment.encoded, here)
        else:
            _link(segment.folder, here)
        np.save(folder / f"gone-{number}.npy", segment.gone)


def _link(folder: Path, here: Path) -> None:
    here.mkdir()
    for path in folder.iterdir():
        try:
            os.link(path, here / path.name)
        except OSError:  # a file system without links
            shutil.copyfile(path, here / path.name)


def load(folder: Path) -> Copy:
    """Map what ``save`` wrote."""
    numbers = sorted(int(path.stem.removeprefix("gone-")) for path in folder.glob("gone-*.npy"))
    return Copy(tuple(_loaded(folder, number) for number in numbers))


def _loaded(folder: Path, number: int) -> Segment:
    here = folder / f"segment-{number}"
    return Segment(encoding.load(here), np.load(folder / f"gone-{number}.npy"), here)
