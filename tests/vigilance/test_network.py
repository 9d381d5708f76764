"""What crosses sites: report numbers, as they are compared and only once they were known."""

import pytest
from django_scopes import scope, scopes_disabled

from exovigil.vigilance import queries
from exovigil.vigilance.duplicate_links import normal
from exovigil.vigilance.models import CaseSubmission
from tests.signals.world import World, day

pytestmark = pytest.mark.django_db


def test_report_numbers_cross_sites_as_they_are_compared(site, other_site):
    world = World([site, other_site])
    treatment = world.treat(world.patient(site), 0)
    first, second, quiet = (world.case(treatment, onset=20, received=30 + n) for n in range(3))
    world.named_by_others(
        first, 40, worldwide="GB-Other-0001", sender="S-0002", linked=f"GB-EXOVIGIL-{second.number}"
    )
    world.named_by_others(first, 41, worldwide="GB OTHER 0001", other="GB-OTHER-0001")
    with scope(site=[]):
        rows = {row.case_id: row for row in queries.reactions(day(60))}
        before = queries.reactions(day(39))
    told = rows[first.pk]
    assert (told.worldwide, told.numbers) == (("GBOTHER0001",), ("S0002",))
    assert told.linked == rows[second.pk].numbers == (normal(f"GB-EXOVIGIL-{second.number}"),)
    assert (rows[quiet.pk].worldwide, rows[quiet.pk].numbers, rows[quiet.pk].linked) == ((), (), ())
    assert [(row.worldwide, row.linked) for row in before] == [((), ())] * 3, (
        "not known before it was received"
    )


def test_a_receivers_reference_is_a_number_of_the_case_once_somebody_names_it(site, other_site):
    world = World([site, other_site])
    treatment = world.treat(world.patient(site), 0)
    first, second = (world.case(treatment, onset=20, received=30 + n) for n in range(2))
    with scopes_disabled():
        CaseSubmission.objects.create(
            site=site,
            case=second,
            rule="x",
            title="x",
            sent_on=day(35),
            sent_to="MHRA",
            reference="ADR 12345",
        )
    assert [row.numbers for row in queries.reactions(day(60))] == [(), ()]
    world.named_by_others(first, 40, linked="ADR-12345")
    assert [row.numbers for row in queries.reactions(day(60))] == [(), ("ADR12345",)]
