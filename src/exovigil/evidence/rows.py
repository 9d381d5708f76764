"""Lists of content rows that search, filter, sort, page and export, as ``foundation.listing`` does for tables.

Content rows are a few dozen
dataclasses in memory: nothing here touches the database.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse

from exovigil.foundation.listing import PAGE_SIZE, Column, ListPage, csv_of

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class RowChoice:
    """One filter: its name in the address, its label, and the allowed values with the test each stands for."""

    name: str
    label: str
    options: tuple[tuple[str, str, Callable[[Any], bool]], ...]


@dataclass(slots=True)
class RowListing(ListPage[R]):
    """Rows in memory as people meet them; ``text_of`` gives the text of a row in which words are looked for."""

    request: HttpRequest
    rows: Iterable[R]
    columns: tuple[Column, ...]
    name: str
    text_of: Callable[[R], str] | None = None
    choices: tuple[RowChoice, ...] = ()
    page_size: int = PAGE_SIZE
    more_columns: tuple[Column, ...] = ()
    query: str = field(init=False)
    sort: str = field(init=False)

    def __post_init__(self) -> None:
        """Apply search, filters and order from the address; what it does not understand is ignored."""
        self.query = self.request.GET.get("q", "").strip()[:80]
        self.rows = list(self.rows)
        if self.query and self.text_of:
            words, text_of = self.query.casefold().split(), self.text_of
            self.rows = [row for row in self.rows if all(w in text_of(row).casefold() for w in words)]
        for choice in self.choices:
            wanted = self.request.GET.get(choice.name, "")
            for value, _, test in choice.options:
                if value == wanted:
                    self.rows = [row for row in self.rows if test(row)]
        self.sort = self.request.GET.get("sort", "")
        for column in self.columns:
            if column.sort and column.sort == self.sort.lstrip("-"):
                self._order_by(column)

    def _order_by(self, column: Column) -> None:
        known = [row for row in self.rows if column.value(row) not in {None, ""}]
        unknown = [row for row in self.rows if column.value(row) in {None, ""}]
        known.sort(key=lambda row: _sortable(column.value(row)), reverse=self.sort.startswith("-"))
        self.rows = known + unknown  # what is not known is last in either direction

    @property
    def search(self) -> bool:
        """Whether the page offers a search field."""
        return self.text_of is not None

    def export(self) -> HttpResponse:
        """Return every filtered row as CSV, with the columns that the page has no room for."""
        return csv_of(self.name, (*self.columns, *self.more_columns), self.rows)


def _sortable(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
