"""The registry's own cases as the report store reads them: what crosses sites already, and nothing more.

The rows are those of the watch (``vigilance.queries.reactions``): no name, no pseudonym, no free text.
"""

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING

from exovigil.catalogue import queries as catalogue
from exovigil.signals.store.gathered import Gathered
from exovigil.signals.store.importing import Source
from exovigil.signals.store.workbench import FileCount, Origin, Workbench
from exovigil.vigilance import queries as vigilance
from exovigil.vigilance.terms import reaction_terms

if TYPE_CHECKING:
    from exovigil.vigilance.queries import ReactionRow

FORMAT = "registry"
_NAME = "registry"


def registry_source(as_of: dt.date) -> Source:
    """Every case known by a day, as something to import; it replaces what the store held of the registry."""
    cases = vigilance.reactions(as_of)
    products = dict(catalogue.products().order_by("pk").values_list("pk", "name"))
    lots = dict(catalogue.lots().order_by("pk").values_list("pk", "number"))
    labels = {term.code: term.label for term in reaction_terms()}
    rows = [_cells(case, products, lots, labels) for case in cases]
    taken = (
        f"{as_of} {dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%S.%f}"  # of two on one day the later one stands
    )
    text = json.dumps([taken, rows], sort_keys=True).encode()

    def read(work: Workbench) -> list[str]:
        _stage(work, taken, rows)
        return []

    return Source(f"{_NAME} as of {as_of}", hashlib.sha256(text).hexdigest(), len(text), read)


def _cells(
    case: "ReactionRow", products: dict[int, str], lots: dict[int, str], labels: dict[str, str]
) -> dict[str, str]:
    product = products.get(case.product_id, "") if case.product_id else ""
    age = str(case.received_on.year - case.birth_year) if case.birth_year else ""
    return {
        "report_number": case.case_number,
        "received": f"{case.received_on:%Y%m%d}",
        "event": case.onset.replace("-", ""),
        "sex": case.sex,
        "age": age,
        "product": product,
        "lot": lots.get(case.lot_id, "") if case.lot_id else "",
        "started": f"{case.treated_on:%Y%m%d}" if case.treated_on else "",
        "reaction": labels.get(case.term, case.term),
    }


def _stage(work: Workbench, taken: str, rows: list[dict[str, str]]) -> None:
    gathered = Gathered()
    for place, row in enumerate(rows, start=1):
        number = row["report_number"]
        gathered.add(
            "reports", "cases", place,
            report_number=number, case_id=number, received=row["received"], event=row["event"],
            age=row["age"], age_unit="YR" if row["age"] else "", sex=row["sex"],
        )  # fmt: skip
        if row["product"]:
            gathered.add(
                "products", "products of cases", place,
                report_number=number, product=row["product"], role="suspect", lot=row["lot"], started=row["started"],
            )  # fmt: skip
        gathered.add(
            "reactions", "reactions of cases", place,
            report_number=number, reaction=row["reaction"], onset=row["event"],
        )  # fmt: skip
    names = {"reports": "cases", "products": "products of cases", "reactions": "reactions of cases"}
    counts = {table: FileCount(name, table, read=len(gathered.rows[table])) for table, name in names.items()}
    work.con.execute("INSERT INTO staged_whole VALUES (?)", [_NAME])
    gathered.stage(work, Origin(_NAME, _NAME, FORMAT, period=taken), counts)
