"""The registry's cases in the report store: as the watch counts them, and replaced whole each time."""

import pytest
from django_scopes import scopes_disabled

from exovigil.signals.queries.for_store import FORMAT, registry_source
from exovigil.signals.store import import_sources, open_store
from exovigil.vigilance.models import Case
from exovigil.vigilance.terms import reaction_term
from tests.signals.store.quarters import quarter, rows
from tests.signals.world import AS_OF, World


@pytest.fixture
def world(site, other_site) -> World:
    return World([site, other_site])


def test_every_case_of_the_network_comes_in_without_a_person_in_it(world, tmp_path):
    cases = world.cluster()
    done = import_sources(tmp_path / "s", FORMAT, [registry_source(AS_OF)]).imports[-1]
    store = open_store(tmp_path / "s")
    assert done.reports == {"read": 8, "kept": 8}
    reports = {r["case_id"]: r for r in rows(store, "reports")}
    assert reports.keys() == {case.number for case in cases}
    assert {r["source"] for r in reports.values()} == {"registry"}
    assert {p["lot_key"] for p in rows(store, "products")} == {"VX1"}
    assert {r["reaction"] for r in rows(store, "reactions")} == {
        reaction_term(code).label.upper() for code in ("papule", "nodule", "granuloma")
    }
    text = str([rows(store, table) for table in ("reports", "products", "reactions")])
    with scopes_disabled():
        assert not [case.patient.pseudonym for case in cases if case.patient.pseudonym in text]
    assert "hard red lump" not in text


def test_a_case_that_is_nullified_is_gone_at_the_next_import_and_other_sources_stay(world, tmp_path):
    from exovigil.signals.store import import_files

    import_files(tmp_path / "s", "faers", [quarter(tmp_path / "q.zip")])
    cases = world.cluster()
    import_sources(tmp_path / "s", FORMAT, [registry_source(AS_OF)])
    first = {r["case_id"]: r["report"] for r in rows(open_store(tmp_path / "s"), "reports")}
    with scopes_disabled():
        Case.objects.filter(pk=cases[0].pk).update(state=Case.State.NULLIFIED)
    import_sources(tmp_path / "s", FORMAT, [registry_source(AS_OF)])  # even on the same day
    after = {r["case_id"]: r["report"] for r in rows(open_store(tmp_path / "s"), "reports")}
    assert set(first) - set(after) == {cases[0].number}
    assert all(after[case] == number for case, number in first.items() if case in after)
    assert {"10000001", "10000002"} <= set(after)
