"""Every page asks the database a bounded number of questions, and twice the data makes it ask no more of them."""

from dataclasses import dataclass
from typing import NamedTuple

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from exovigil.catalogue import actions as catalogue
from exovigil.clinic import queries as clinic
from exovigil.dossier import actions as dossier
from exovigil.governance import actions as governance
from exovigil.governance.actors import outside, system
from exovigil.vigilance import actions as vigilance
from exovigil.vigilance import queries as cases
from exovigil.vigilance.models import Investigation, Management
from tests.small_world import TOLD, SmallWorld, small_world
from tests.web.permission_table import ROLES, ROWS, Row
from tests.web.test_permissions import address

# Two worlds, built once; what a test changes is not kept.
pytestmark = pytest.mark.django_db

LISTS = {
    "governance:audit",
    "catalogue:products",
    "clinic:patients",
    "clinic:follow-ups",
    "vigilance:cases",
    "vigilance:incoming",
    "signals:watch",
    "evidence:studies",
    "dossier:dossiers",
}
OURS = [row for row in ROWS if row.method == "get" and not row.name.startswith(("account_", "mfa_"))]
MOST = 16  # queries a page, signing in and session included
# A case file is put together from twenty tables, each read once, and a comparison from whatever the watch reads; a page
# that needs the whole of it needs as many.
WHOLE_FILE = {
    "signals:alarm-comparison": 18,
    "vigilance:case": 20,
    "vigilance:add-submission": 18,
    "vigilance:form-file": 18,
    "vigilance:split": 17,
}


class Asked(NamedTuple):
    """What one request took."""

    status: int
    statements: tuple[str, ...]
    lines: int


class Visit(NamedTuple):
    """One page in one role; ``export`` is the list as a file."""

    row: Row
    role: str
    export: bool


VISITS = [
    Visit(row, role, export)
    for row in OURS
    for role in sorted(row.roles)
    for export in ((False, True) if row.name in LISTS else (False,))
]


@dataclass(frozen=True)
class Counted:
    """What every visit took in a small world and in one of twice its size."""

    small: dict[Visit, Asked]
    double: dict[Visit, Asked]


def look_around(world: SmallWorld) -> dict[Visit, Asked]:
    """Open every page twice and note what the second time took: the first fills what is kept in memory."""
    clients = {role: world.client(world.here[role]) for role in ROLES.values()}
    found = {}
    for visit in VISITS:
        there = address(world, visit.row) + ("?export=csv" if visit.export else "")
        clients[visit.role].get(there)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            response = clients[visit.role].get(there)
        statements = tuple(q["sql"] for q in asked.captured_queries)
        found[visit] = Asked(response.status_code, statements, response.content.count(b"\n"))
    return found


def enlarge(world: SmallWorld) -> None:
    """Add to what does not grow with the treatments: members, products with lots, cases, dossiers."""
    safety, site = world.actor("safety_officer"), world.site
    for number in range(3):
        governance.add_member(
            by=system(),
            site=site,
            email=f"more-{number}@alder.example",
            name=f"More {number}",
            role="clinician",
            password="x" * 12,
        )
        product = catalogue.add_product(
            by=safety,
            name=f"Invented {number}",
            source_class="human",
            declared_route="topical",
        )
        for lot in ("A", "B"):
            catalogue.add_lot(by=safety, product=product, number=f"{lot}-{number}")
    with scope(site=[site.pk]):
        for treatment in list(clinic.treatments(safety))[:6]:
            vigilance.open_case(
                by=safety,
                site=site,
                treatment=treatment,
                term="nodule",
                words="invented",
                received_on=timezone.localdate(),
            )
        case = cases.case(world.things["case"])
        for _ in range(4):
            vigilance.record_management(by=safety, site=site, case=case, kind=Management.Kind.values[0])
        for kind in Investigation.Kind.values:
            vigilance.record_investigation(by=safety, site=site, case=case, kind=kind, result="not_done")
        vigilance.write_report(by=safety, site=site, case=case)
        for number in range(3):
            vigilance.tell_from_outside(by=outside(site.pk), site=site, told=TOLD | {"age": 30 + number})
        for other in list(cases.cases().exclude(pk=case.pk).exclude(links_in__first=case))[:2]:
            if not cases.links().filter(first__in=(case, other), second__in=(case, other)).exists():
                vigilance.link_cases(
                    by=safety, site=site, case=case, other=other, kind="other", reason="Invented."
                )
    for condition in ("melasma", "androgenetic_alopecia"):
        dossier.build_edition(by=world.actor("reviewer"), condition=condition, product_class="human")


@pytest.fixture(scope="module")
def counted(django_db_setup, django_db_blocker, tmp_path_factory) -> Counted:
    with django_db_blocker.unblock():
        with small_world(tmp_path_factory.mktemp("small"), treatments=24) as world:
            small = look_around(world)
        with small_world(tmp_path_factory.mktemp("double"), treatments=48) as world:
            enlarge(world)
            double = look_around(world)
    return Counted(small, double)


def name(visit: Visit) -> str:
    return f"{visit.row.name}-{visit.role}{'-csv' if visit.export else ''}"


@pytest.mark.parametrize("visit", VISITS, ids=name)
def test_a_page_asks_a_bounded_number_of_questions(counted, visit):
    asked = counted.small[visit]
    assert asked.status == 200
    assert len(asked.statements) <= WHOLE_FILE.get(visit.row.name, MOST), "\n".join(asked.statements)


@pytest.mark.parametrize("visit", VISITS, ids=name)
def test_twice_the_data_takes_no_more_questions(counted, visit):
    small, double = counted.small[visit], counted.double[visit]
    assert double.status == 200
    assert len(double.statements) <= len(small.statements), "\n".join(double.statements)


@pytest.mark.parametrize("visit", [v for v in VISITS if v.export], ids=name)
def test_the_lists_did_grow(counted, visit):
    if visit.row.name == "evidence:studies":
        assert counted.double[visit].lines == counted.small[visit].lines  # published, not recorded here
    else:
        assert counted.double[visit].lines > counted.small[visit].lines
