"""Lists that filter, sort, page and export, all the same way and all without script.

A view describes its columns once; the address carries the state (``?q=…&sort=-date&page=2``), and ``export=csv`` gives
every row of the filtered list, not only the page.
"""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse

M = TypeVar("M", bound=Model)
R = TypeVar("R")
PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Column:
    """One column: heading, the value of a row, and the database field to sort by if it can be sorted."""

    heading: str
    value: Callable[[Any], Any]
    sort: str = ""
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter: its name in the address, its label and the allowed values with the condition each stands for."""

    name: str
    label: str
    options: tuple[tuple[str, str, Q], ...]


class ListPage(Generic[R]):
    """What every list answers, over a table or in memory: its page, its addresses and its file."""

    __slots__ = ()
    request: HttpRequest
    rows: Any
    columns: tuple[Column, ...]
    name: str
    choices: tuple[Any, ...]
    page_size: int
    sort: str

    @property
    def wants_export(self) -> bool:
        """True when the address asks for the CSV file."""
        return self.request.GET.get("export") == "csv"

    def page(self) -> Page[R]:
        """Return the page of the address, or the nearest one there is."""
        return Paginator(self.rows, self.page_size).get_page(self.request.GET.get("page"))

    def context(
        self, url: Callable[[R], str] | None = None, empty_text: str = "Nothing here yet."
    ) -> dict[str, Any]:
        """Return what ``components/listing.html`` draws; ``url`` gives each row's address."""
        page = self.page()
        rows = [(url(row) if url else "", [(c, c.value(row)) for c in self.columns]) for row in page]
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

    def _address(self, **changes: str) -> str:
        query = self.request.GET.copy()
        for stale in ("page", "export"):
            query.pop(stale, None)
        for name, value in changes.items():
            query[name] = value
        return f"?{query.urlencode()}"


@dataclass(slots=True)
class Listing(ListPage[M]):
    """A queryset as people meet it."""

    request: HttpRequest
    rows: QuerySet[M]
    columns: tuple[Column, ...]
    name: str
    search: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    page_size: int = PAGE_SIZE
    query: str = field(init=False)
    sort: str = field(init=False)

    def __post_init__(self) -> None:
        """Apply search, filters and order from the address; what it does not understand is ignored."""
        # PostgreSQL has no text with a null character, and nobody looks for one.
        self.query = self.request.GET.get("q", "").replace("\0", "").strip()[:80]
        if self.query and self.search:
            condition = Q()
            for name in self.search:
                condition |= Q(**{f"{name}__icontains": self.query})
            self.rows = self.rows.filter(condition)
        for choice in self.choices:
            wanted = self.request.GET.get(choice.name, "")
            for value, _, condition in choice.options:
                if value == wanted:
                    self.rows = self.rows.filter(condition)
        self.sort = self.request.GET.get("sort", "")
        if self.sort.lstrip("-") in {c.sort for c in self.columns if c.sort}:
            self.rows = self.rows.order_by(self.sort, "pk")

    def export(self, rows: Iterable[M] | None = None) -> HttpResponse:
        """Return every filtered row as CSV."""
        found = rows if rows is not None else self.rows.iterator(chunk_size=1000)
        return csv_of(self.name, self.columns, found)


def csv_of(name: str, columns: Iterable[Column], rows: Iterable[Any]) -> HttpResponse:
    """Write rows as a CSV download; a leading formula sign is defused for spreadsheets."""
    columns = tuple(columns)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(response)
    writer.writerow([c.heading for c in columns])
    writer.writerows([defuse(c.value(row)) for c in columns] for row in rows)
    return response


def defuse(value: Any) -> str:
    """Write a cell so that a spreadsheet takes it for text."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
