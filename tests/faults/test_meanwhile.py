"""Two people at once: what the first decided stands, and the second is told."""

import pytest
from django_scopes import scope

from exovigil.clinic import actions
from exovigil.clinic.models import FollowUpAnswer, FollowUpLink
from exovigil.governance.action import Refused
from exovigil.governance.models import AuditEvent
from tests.clinic.follow_up_world import NODULE, make_follow_up, make_link, record

pytestmark = pytest.mark.django_db


def test_an_answer_reviewed_meanwhile_keeps_the_first_review(clinician, site):
    answer = record(clinician, make_follow_up(site), **NODULE)
    with scope(site=[site.pk]):
        seen_by_one, seen_by_other = (FollowUpAnswer.objects.get(pk=answer.pk) for _ in range(2))
        actions.review_answer(by=clinician, site=site, answer=seen_by_one, note="Called, seen today.")
        with pytest.raises(Refused, match="reviewed before"):
            actions.review_answer(by=clinician, site=site, answer=seen_by_other, note="Nothing to do.")
        assert FollowUpAnswer.objects.get(pk=answer.pk).review_note == "Called, seen today."
    assert AuditEvent.objects.filter(action="clinic.answer.reviewed").count() == 1


def test_a_link_withdrawn_meanwhile_ended_when_it_was_first_withdrawn(clinician, site):
    link = make_link(clinician, make_follow_up(site))
    with scope(site=[site.pk]):
        seen_by_other = FollowUpLink.objects.get(pk=link.pk)
        ended = actions.revoke_link(by=clinician, site=site, link=link).revoked_at
        with pytest.raises(Refused, match="already ended"):
            actions.revoke_link(by=clinician, site=site, link=seen_by_other)
        assert FollowUpLink.objects.get(pk=link.pk).revoked_at == ended
