"""The scan of spontaneous reports: every pair ranked, and one pair opened to what it rests on."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from exovigil.foundation.listing import PAGE_SIZE, Column, ListPage, csv_of
from exovigil.foundation.marks import number_words
from exovigil.governance.access import requires
from exovigil.governance.roles import Permission
from exovigil.signals import charts_scan, queries
from exovigil.signals.pair import Pair, ReportRow
from exovigil.signals.scan_table import ORDERS, RULES, PairRow, ScanTable, Wanted

FEWEST = (1, 2, 3, 5, 10)
DRAWN = 800
LEVELS_SHOWN = 12
REPORTS_SHOWN = 25
EMPTY = "No pair matches. Take a word out of the search, or choose all."
SUBGROUP_NAMES = {"sex": "Sex", "age": "Age", "country": "Country", "origin": "Where the report came from"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter: its name in the address, its label, and its values, which the file answers by name."""

    name: str
    label: str
    options: tuple[tuple[str, str, None], ...]


@dataclass(slots=True)
class PairListing(ListPage[PairRow]):
    """The pairs of a scan as people meet them; only the page shown is read from the file."""

    request: HttpRequest
    scan: queries.Scan
    name: str = "pairs"
    search: bool = True
    page_size: int = PAGE_SIZE
    rows: Any = field(init=False)
    columns: tuple[Column, ...] = field(init=False)
    choices: tuple[Choice, ...] = field(init=False)
    query: str = field(init=False)
    sort: str = field(init=False)

    def __post_init__(self) -> None:
        """Take search, filters and order from the address; what it does not understand is ignored."""
        given = self.request.GET
        self.query = given.get("q", "").replace("\0", "").strip()[:80]
        fewest = given.get("fewest", "")
        order = given.get("sort", "")
        self.sort = order if order.lstrip("-") in ORDERS else ""
        wanted = Wanted(
            words=self.query,
            at_least=int(fewest) if fewest in {str(n) for n in FEWEST} else 1,
            rule=given.get("rule", ""),
            order=self.sort or self.scan.order,
        )
        self.rows = ScanTable(self.scan.pairs, wanted)
        self.columns = COLUMNS
        self.choices = (
            Choice("rule", "Only where", tuple((name, label, None) for name, label in RULES.items())),
            Choice("fewest", "Reports, at least", tuple((str(n), str(n), None) for n in FEWEST[1:])),
        )

    def export(self) -> HttpResponse:
        """Return every pair wanted as CSV, with the bounds that the page has no room for."""
        return csv_of("pairs", EXPORTED, self.rows)


@require_GET
@requires(Permission.VIEW_WATCH)
def scan(request: HttpRequest) -> HttpResponse:
    """Every pair of the latest scan: ranked, filtered, drawn and to be opened."""
    latest = queries.latest_scan()
    crumbs = [("Watch", reverse("signals:watch"))]
    if latest is None:
        return render(
            request, "signals/scan.html", {"scan": None, "store": settings.REPORT_STORE, "crumbs": crumbs}
        )
    listing = PairListing(request, latest)
    if listing.wants_export:
        return listing.export()
    page = {
        "scan": latest,
        "chart": charts_scan.volcano(listing.rows[:DRAWN]),
        "drawn": min(DRAWN, len(listing.rows)),
        "counts": queries.scan_counts(latest),
        "rules": RULES,
        "crumbs": crumbs,
    }
    return render(request, "signals/scan.html", page | listing.context(_address, EMPTY))


@require_GET
@requires(Permission.VIEW_WATCH)
def pair(request: HttpRequest) -> HttpResponse:
    """One pair: its 2 × 2 table, in subgroups, over time, without its competitors, and its reports."""
    latest = queries.latest_scan()
    product, reaction = (
        request.GET.get(name, "").replace("\0", "")[:500] for name in ("product", "reaction")
    )
    if latest is None or not (product and reaction):
        return redirect("signals:scan")
    row = queries.scanned_pair(latest, product, reaction)
    if row is None:
        raise Http404("the scan has no such pair")
    found = queries.opened_pair(latest, Pair(product, reaction, latest.roles))
    page = {
        "scan": latest,
        "row": row,
        "pair": found,
        "name": f"{product} and {reaction}",
        "measures": _measures(row),
        "without_product": found.whole.total - found.whole.product_total,
        "without_reaction": found.whole.total - found.whole.reaction_total,
        "subgroups": [
            {
                "name": SUBGROUP_NAMES[name],
                "levels": levels[:LEVELS_SHOWN],
                "left_out": len(levels) - LEVELS_SHOWN,
                "chart": charts_scan.by_level(levels[:LEVELS_SHOWN], title=SUBGROUP_NAMES[name]),
            }
            for name, levels in found.subgroups.items()
            if len(levels) > 1
        ],
        "course": charts_scan.over_time(found.course, name=f"{product} and {reaction}"),
        "reports": [_report(r) for r in queries.reports_of_pair(latest, found.pair, limit=REPORTS_SHOWN)],
        "counts": queries.scan_counts(latest),
        "crumbs": [("Watch", reverse("signals:watch")), ("Scan", reverse("signals:scan"))],
    }
    return render(request, "signals/pair.html", page)


MEASURES = (
    ("PRR", "prr", "prr_low", "prr_high", "times the reaction’s share among reports of other products"),
    ("ROR", "ror", "ror_low", "ror_high", "times the odds of the reaction among reports of other products"),
    ("IC", "ic", "ic025", None, "doublings over what is expected, held back where few were expected"),
    ("EBGM", "ebgm", "eb05", "eb95", "times what is expected, shrunk towards what is usual among all pairs"),
    (
        "Chi-square",
        "chi2",
        None,
        None,
        "how unlike the table is to one without any relation, with Yates’ correction",
    ),
)


def _measures(row: PairRow) -> list[dict[str, str]]:
    """Each measure with its bounds and what it says in words."""
    return [
        {
            "name": name,
            "value": _figure(value, 2)(row),
            "interval": _interval(row, low, high),
            "says": says,
        }
        for name, value, low, high, says in MEASURES
    ]


def _interval(row: PairRow, low: str | None, high: str | None) -> str:
    if low is None:
        return "–"
    if high is None:
        return f"from {_figure(low, 2)(row)}"
    words = f"{_figure(low, 2)(row)} to {_figure(high, 2)(row)}"
    return f"{words} (90 %: EB05 to EB95)" if low == "eb05" else words


def _address(row: PairRow) -> str:
    return f"{reverse('signals:pair')}?{urlencode({'product': row.product, 'reaction': row.reaction})}"


def _report(row: ReportRow) -> dict[str, Any]:
    """Tell of a report what its public file tells; of a registry case, nothing about the patient."""
    ours = row.origin.lower() == "registry"
    return {
        "row": row,
        "ours": ours,
        "name": "A case of this registry" if ours else f"{row.origin} {row.case_id}",
        "person": "" if ours else ", ".join(_person(row)),
    }


def _person(row: ReportRow) -> list[str]:
    age = f"{row.age_years:.0f} years" if row.age_years is not None else "age not known"
    return [row.sex or "sex not known", age]


def _figure(name: str, places: int) -> Any:
    def value(row: PairRow) -> str:
        return number_words(getattr(row, name), places)

    return value


COLUMNS = (
    Column("Product", lambda row: row.product),
    Column("Reaction", lambda row: row.reaction),
    Column("Reports", lambda row: number_words(row.n, 0), sort="n", numeric=True),
    Column("Expected", _figure("expected", 1), sort="expected", numeric=True),
    Column("EB05", _figure("eb05", 2), sort="eb05", numeric=True),
    Column("EBGM", _figure("ebgm", 2), sort="ebgm", numeric=True),
    Column("IC025", _figure("ic025", 2), sort="ic025", numeric=True),
    Column("IC", _figure("ic", 2), sort="ic", numeric=True),
    Column("PRR", _figure("prr", 2), sort="prr", numeric=True),
    Column("ROR", _figure("ror", 2), sort="ror", numeric=True),
    Column("Chi-square", _figure("chi2", 1), sort="chi2", numeric=True),
)


def _as_is(name: str) -> Any:
    return lambda row: getattr(row, name)


EXPORTED = tuple(Column(name, _as_is(name)) for name in PairRow.__dataclass_fields__)
