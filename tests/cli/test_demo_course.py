"""The demonstration's women over time: lesions counted, steps taken, treatments tried, nothing after today."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from django_scopes import scopes_disabled

from exovigil.vigilance import queries
from exovigil.vigilance.models import Case
from exovigil.vigilance.tasks_of import seen
from tests.small_world import SmallWorld, small_world

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[SmallWorld]:
    with django_db_blocker.unblock(), small_world(tmp_path_factory.mktemp("sealed")) as found:
        yield found


@pytest.fixture
def women(world) -> list[Case]:
    """The eight of the published picture: a biopsy shows the granuloma."""
    with scopes_disabled():
        return list(queries.case_files().filter(investigations__kind="biopsy").order_by("pk"))


def test_each_womans_lesions_are_counted_and_go_as_her_treatment_went(women):
    assert len(women) == 8
    for case in women:
        days = [seen(visit) for visit in case.lesion_visits.all()]
        response = case.management.all()[0].response
        assert days
        assert days[-1].on <= timezone.localdate()
        if len(days) > 2:
            first, last = days[0].total(), days[-1].total()
            assert (last < first) is (response in {"complete", "partial", "recurred"})
        assert (case.ended_on is None) or (case.outcome == "1" and days[-1].is_clear)


def test_the_responses_vary_as_published_and_say_that_they_are_invented(women):
    tried = [row for case in women for row in case.management.all()]
    assert {row.response for row in tried} >= {"complete", "partial", "none", "recurred"}
    assert {row.kind for row in tried} <= {"topical_steroid", "oral_steroid", "intralesional_steroid"}
    assert all("invented" in row.dose for row in tried)


def test_steps_were_taken_and_some_not_and_one_site_has_one_of_its_own(women):
    with scopes_disabled():
        states = {task.state for case in women for task in queries.pathway_tasks(case)}
        changed = {
            case.site.code for case in women for task in queries.pathway_tasks(case) if task.own.is_changed
        }
        times = queries.waiting_times(timezone.localdate())
    assert {"done", "not done"} <= {state.value for state in states}
    assert changed == {"alder"}
    assert times.to_biopsy[0].reached == 8
    assert times.to_biopsy[0].waiting >= 1, "the double report and a single nodule have none"
