"""Lists of content rows that search, filter, sort, page and export, as ``foundation.listing`` does for tables.

The pages draw both with the same template, so this class answers to the same names. Content rows are a few dozen
dataclasses in memory: nothing here touches the database.
"""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse

from exovigil.foundation.listing import PAGE_SIZE, Column, defuse

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class RowChoice:
    """One filter: its name in the address, its label, and the allowed values with the test each stands for."""

    name: str
    label: str
    options: tuple[tuple[str, str, Callable[[Any], bool]], ...]


@dataclass(slots=True)
class RowListing(Generic[R]):
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
    found: list[R] = field(init=False)

    def __post_init__(self) -> None:
        """Apply search, filters and order from the address; what it does not understand is ignored."""
        self.query = self.request.GET.get("q", "").strip()[:80]
        self.found = list(self.rows)
        if self.query and self.text_of:
            words, text_of = self.query.casefold().split(), self.text_of
            self.found = [row for row in self.found if all(w in text_of(row).casefold() for w in words)]
        for choice in self.choices:
            wanted = self.request.GET.get(choice.name, "")
            for value, _, test in choice.options:
                if value == wanted:
                    self.found = [row for row in self.found if test(row)]
        self.sort = self.request.GET.get("sort", "")
        for column in self.columns:
            if column.sort and column.sort == self.sort.lstrip("-"):
                self._order_by(column)

    def _order_by(self, column: Column) -> None:
        known = [row for row in self.found if column.value(row) not in {None, ""}]
        unknown = [row for row in self.found if column.value(row) in {None, ""}]
        known.sort(key=lambda row: _sortable(column.value(row)), reverse=self.sort.startswith("-"))
        self.found = known + unknown  # what is not known is last in either direction

    @property
    def search(self) -> bool:
        """Whether the page offers a search field."""
        return self.text_of is not None

    @property
    def wants_export(self) -> bool:
        """True when the address asks for the CSV file."""
        return self.request.GET.get("export") == "csv"

    def page(self) -> Page[R]:
        """Return the page of the address, or the nearest one there is."""
        return Paginator(self.found, self.page_size).get_page(self.request.GET.get("page"))

    def context(self, url: Callable[[R], str], empty_text: str) -> dict[str, Any]:
        """Return what ``components/listing.html`` draws."""
        page = self.page()
        rows = [(url(row), [(c, c.value(row)) for c in self.columns]) for row in page]
        return {"listing": self, "page": page, "rows": rows, "empty_text": empty_text}

    def headings(self) -> list[dict[str, Any]]:
        """Headings with the address that sorts by them and the current direction."""
        return [self._heading(column) for column in self.columns]

    def _heading(self, column: Column) -> dict[str, Any]:
        direction = ""
        if column.sort and self.sort.lstrip("-") == column.sort:
            direction = "descending" if self.sort.startswith("-") else "ascending"
        following = f"-{column.sort}" if direction == "ascending" else column.sort
        url = self._address(sort=following) if column.sort else ""
        return {"heading": column.heading, "numeric": column.numeric, "direction": direction, "url": url}

    def filters(self) -> list[dict[str, Any]]:
        """Filters with the option now chosen."""
        return [
            {
                "name": c.name,
                "label": c.label,
                "options": [(v, label, self.request.GET.get(c.name, "") == v) for v, label, _ in c.options],
            }
            for c in self.choices
        ]

    def page_url(self, number: int) -> str:
        """Address of another page with the same filters and order."""
        return self._address(page=str(number))

    @property
    def export_url(self) -> str:
        """Address of the whole filtered list as CSV."""
        return self._address(export="csv")

    def export(self) -> HttpResponse:
        """Return every filtered row as CSV, with the columns that the page has no room for."""
        return csv_of(self.name, (*self.columns, *self.more_columns), self.found)

    def _address(self, **changes: str) -> str:
        query = self.request.GET.copy()
        for stale in ("page", "export"):
            query.pop(stale, None)
        for name, value in changes.items():
            query[name] = value
        return f"?{query.urlencode()}"


def csv_of(name: str, columns: Iterable[Column], rows: Iterable[Any]) -> HttpResponse:
    """Write rows as a CSV download; a leading formula sign is defused for spreadsheets."""
    columns = tuple(columns)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(response)
    writer.writerow([c.heading for c in columns])
    writer.writerows([defuse(c.value(row)) for c in columns] for row in rows)
    return response


def _sortable(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
