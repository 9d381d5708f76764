"""A message as data: what each node of the table's levels holds, in any number and any depth.

A record keeps three things apart for every element: a value (text as it stands in the message), a reason for
its absence (a null flavour), and nothing said at all (the element is not in ``held``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from exovigil.vigilance.e2b.model import NullFlavor


@dataclass(slots=True)
class Record:
    """One node of a level: its elements, and the records of the levels inside it, each in document order."""

    level: str
    held: dict[str, str | NullFlavor] = field(default_factory=dict)
    inner: dict[str, list["Record"]] = field(default_factory=dict)

    def value(self, element: str) -> str:
        """Text of an element; empty when there is none or a null flavour instead."""
        found = self.held.get(element, "")
        return found if isinstance(found, str) else ""

    def add(self, level: str) -> "Record":
        """Append an empty record of an inner level and return it."""
        made = Record(level)
        self.inner.setdefault(level, []).append(made)
        return made

    def walk(self) -> Iterator["Record"]:
        """Give this record and every record inside it."""
        yield self
        for records in self.inner.values():
            for record in records:
                yield from record.walk()
