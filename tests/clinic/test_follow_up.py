"""Follow-up at the clinic: what is due, answers written down, red flags, reviews, and their pages."""

import datetime as dt
import itertools
import uuid

import pytest
from django.urls import reverse
from django_scopes import scope

from exovigil.clinic import actions, links, queries
from exovigil.clinic.models import FollowUp, FollowUpAnswer, FollowUpLink, Photo
from exovigil.clinic.schedule import VisitState
from exovigil.governance.action import AlreadySubmitted, Refused
from exovigil.governance.actors import NotAllowed, system
from exovigil.governance.models import AuditEvent
from tests.clinic.follow_up_world import NODULE, WELL, day, make_follow_up, make_link, record, upload


@pytest.fixture
def follow_up(site) -> FollowUp:
    return make_follow_up(site)


def _answers() -> int:
    return FollowUpAnswer._base_manager.count()


# --- What is due ------------------------------------------------------------------------------------


@pytest.fixture
def every_kind(site) -> list[FollowUp]:
    """Windows all round today, answered and not."""
    windows = itertools.product((-3, -1, 0, 1), (-1, 0, 1, 2), (-1, 0, 1, 3), (None, -1, 0))
    return [
        make_follow_up(site, opens=o, due=d, closes=c, answered=a, visit=f"v{n}")
        for n, (o, d, c, a) in enumerate(windows)
        if o <= d <= c
    ]


def test_the_database_and_the_schedule_agree_on_every_state(every_kind, site):
    with scope(site=[site.pk]):
        for offset in range(-4, 6):
            today = day(offset)
            for state in VisitState:
                found = set(FollowUp.objects.filter(queries.state_condition(state, today)))
                assert found == {f for f in every_kind if queries.state_of(f, today) is state}, (
                    state,
                    offset,
                )


def test_the_list_holds_what_can_be_answered_now_and_counts_agree(every_kind, site):
    with scope(site=[site.pk]):
        due, counts = list(queries.due_list(day(0))), queries.counts(day(0))
        states = [queries.state_of(f, day(0)).value for f in due]
    assert set(states) == {"open", "due", "overdue"}
    assert counts == {word: states.count(word) for word in ("open", "due", "overdue")}
    assert [f.due_on for f in due] == sorted(f.due_on for f in due)


def test_another_sites_follow_ups_are_not_there(follow_up, other_site):
    with scope(site=[other_site.pk]):
        assert not queries.due_list(day(0)).exists()
        assert queries.counts(day(0)) == {"open": 0, "due": 0, "overdue": 0}


# --- Writing an answer down -------------------------------------------------------------------------


def test_all_well_is_kept_and_the_visit_is_done(follow_up, clinician):
    answer = record(clinician, follow_up)
    assert (answer.all_well, answer.red_flags, answer.channel) == (True, [], "clinic")
    assert answer.recorded_by_id == clinician.user_id
    follow_up.refresh_from_db()
    assert follow_up.answered_on == day(0)
    event = AuditEvent.objects.get(action="clinic.answer.recorded")
    assert "well" not in event.data
    assert "nodule" not in event.data


def test_a_red_flag_is_found_and_listed_until_reviewed(follow_up, clinician, safety_officer, site):
    record(clinician, make_follow_up(site, visit="other"), all_well=False, reactions={"scaling": 1})
    answer = record(clinician, follow_up, **NODULE, onset=str(day(-10))[:7], words="A hard bump.")
    assert answer.red_flags == ["nodule"]
    with scope(site=[site.pk]):
        assert list(queries.red_flags()) == [answer]
        assert [f.reaction.code for f in queries.flags_of(answer)] == ["nodule"]
        assert [(r.code, s.grade) for r, s in queries.said(answer)] == [("nodule", 2)]
        actions.review_answer(by=safety_officer, site=site, answer=answer, note="Called, seen today")
        assert not queries.red_flags().exists()
    answer.refresh_from_db()
    assert answer.reviewed_by_id == safety_officer.user_id
    assert answer.reviewed_at is not None


def test_redness_is_a_flag_only_when_it_is_late(clinician, site):
    early = make_follow_up(site, treated=-5, opens=-1, visit="early")
    late = make_follow_up(site, treated=-20, opens=-1, visit="late")
    redness = {"all_well": False, "reactions": {"erythema": 1}}
    assert record(clinician, early, **redness).red_flags == []
    assert record(clinician, late, **redness).red_flags == ["erythema"]


def test_an_answer_before_the_window_is_kept_but_does_not_stand_for_the_visit(clinician, site):
    follow_up = make_follow_up(site, treated=-3, opens=4, due=11, closes=15)
    assert record(clinician, follow_up, **NODULE).red_flags == ["nodule"]
    follow_up.refresh_from_db()
    assert follow_up.answered_on is None


def test_every_answer_stays_and_the_first_one_dates_the_visit(follow_up, clinician):
    record(clinician, follow_up)
    record(clinician, follow_up, **NODULE)
    record(clinician, follow_up, **WELL, answered_on=day(-2))
    follow_up.refresh_from_db()
    assert follow_up.answered_on == day(-2)
    assert _answers() == 3


@pytest.mark.parametrize(
    ("said", "field", "message"),
    [
        ({"all_well": True, "reactions": {"nodule": 1}}, "all_well", "not both"),
        ({"all_well": True, "onset": "2026"}, "all_well", "not both"),
        ({"all_well": False}, "words", "what is wrong"),
        ({"all_well": False, "words": "   "}, "words", "what is wrong"),
        ({"all_well": False, "words": "x" * 4001}, "words", "too long"),
        ({"all_well": False, "reactions": {"lump": 1}}, "reactions", "from the list"),
        ({"all_well": False, "reactions": {"nodule": 0}}, "reactions", "how bad"),
        ({"all_well": False, "reactions": {"nodule": 4}}, "reactions", "how bad"),
        ({"all_well": False, "reactions": {"nodule": "2"}}, "reactions", "how bad"),
        ({"all_well": False, "reactions": {"nodule": True}}, "reactions", "how bad"),
        ({"all_well": False, "reactions": {"nodule": None}}, "reactions", "how bad"),
        ({**NODULE, "onset": "last week"}, "onset", "write a date"),
        ({**NODULE, "onset": "2026-02-30"}, "onset", "not a date"),
        ({**NODULE, "onset": str(day(-57))}, "onset", "before the treatment"),
        ({**NODULE, "onset": str(day(-3)), "answered_on": day(-4)}, "onset", "after the answer"),
        ({**WELL, "answered_on": day(1)}, "answered_on", "not come yet"),
        ({**WELL, "answered_on": day(-57)}, "answered_on", "before the treatment"),
    ],
)
def test_a_broken_rule_is_refused_at_its_field_and_changes_nothing(
    follow_up, clinician, said, field, message
):
    with pytest.raises(Refused, match=f"(?i){message}") as refusal:
        record(clinician, follow_up, **said)
    assert refusal.value.field == field
    assert _answers() == 0
    follow_up.refresh_from_db()
    assert follow_up.answered_on is None


def test_the_month_of_the_treatment_is_no_contradiction(follow_up, clinician):
    assert record(clinician, follow_up, **NODULE, onset=str(day(-56))[:7]).onset == str(day(-56))[:7]


def test_who_may_not_record_or_review(follow_up, clinician, reviewer, administrator, actor, site, other_site):
    answer, stranger = record(clinician, follow_up), actor("clinician", other_site)
    for by in (reviewer, administrator, stranger):
        with pytest.raises(NotAllowed):
            record(by, follow_up)
        with pytest.raises(NotAllowed):
            actions.review_answer(by=by, site=site, answer=answer, note="Seen")
    with pytest.raises(Refused, match="another site"):
        actions.record_follow_up(
            by=stranger, site=other_site, follow_up=follow_up, answered_on=day(0), **WELL
        )
    with pytest.raises(Refused, match="another site"):
        actions.review_answer(by=stranger, site=other_site, answer=answer, note="Seen")
    assert _answers() == 1


def test_a_review_needs_a_person_words_and_happens_once(follow_up, clinician, site):
    answer = record(clinician, follow_up)
    with pytest.raises(Refused, match="A person"):
        actions.review_answer(by=system(), site=site, answer=answer, note="Seen")
    with pytest.raises(Refused, match="what you decided"):
        actions.review_answer(by=clinician, site=site, answer=answer, note="  ")
    actions.review_answer(by=clinician, site=site, answer=answer, note="Seen")
    with pytest.raises(Refused, match="reviewed before"):
        actions.review_answer(by=clinician, site=site, answer=answer, note="Seen again")
    answer.refresh_from_db()
    assert answer.review_note == "Seen"


def test_the_same_key_makes_one_answer_and_other_words_are_refused(follow_up, clinician):
    key = str(uuid.uuid4())
    assert record(clinician, follow_up, **NODULE, key=key) == record(clinician, follow_up, **NODULE, key=key)
    with pytest.raises(AlreadySubmitted):
        record(clinician, follow_up, **WELL, key=key)
    assert _answers() == 1


# --- Answering through the link ---------------------------------------------------------------------


def test_the_patient_answers_their_own_follow_up(follow_up, clinician, site):
    by = links.actor_of(make_link(clinician, follow_up))
    answer = actions.answer_follow_up(by=by, site=site, follow_up=follow_up, **NODULE)
    assert (answer.channel, answer.recorded_by_id, answer.answered_on) == ("patient", None, day(0))
    assert AuditEvent.objects.get(action="clinic.answer.received").actor == by.identity


def test_the_patient_answers_no_other_follow_up(follow_up, clinician, site):
    by = links.actor_of(make_link(clinician, follow_up))
    with pytest.raises(Refused, match="another follow-up"):
        actions.answer_follow_up(by=by, site=site, follow_up=make_follow_up(site), **WELL)
    with pytest.raises(NotAllowed):
        actions.answer_follow_up(by=clinician, site=site, follow_up=follow_up, **WELL)
    assert _answers() == 0


def test_a_link_that_ended_between_opening_and_sending_adds_nothing(follow_up, clinician, site):
    link = make_link(clinician, follow_up)
    actions.revoke_link(by=clinician, site=site, link=link)
    with pytest.raises(Refused, match="call the clinic"):
        actions.answer_follow_up(by=links.actor_of(link), site=site, follow_up=follow_up, **WELL)
    assert _answers() == 0


# --- Pages ------------------------------------------------------------------------------------------


def test_the_list_shows_red_flags_first_then_who_is_due(
    clinician, client_of, site, django_assert_max_num_queries
):
    for number in range(30):
        row = make_follow_up(site, pseudonym=f"OAK-{number:04d}", due=number % 5 - 2)
        if number < 8:
            record(clinician, row, **NODULE)
    client = client_of(clinician)
    with django_assert_max_num_queries(12):
        page = client.get(reverse("clinic:follow-ups"))
    text = page.content.decode()
    assert "8 not reviewed" in text
    assert text.index("A lump or hard area") < text.index("<table")
    assert "22</span>" in text or "of 22" in text
    assert "status-stop" in text
    assert "Overdue" in text


def test_the_list_filters_searches_and_looks_beyond(clinician, client_of, site):
    make_follow_up(site, pseudonym="OAK-0001", due=-1)
    make_follow_up(site, pseudonym="OAK-0002", due=3)
    make_follow_up(site, pseudonym="OAK-0003", opens=5, due=6, closes=9)
    make_follow_up(site, pseudonym="OAK-0004", opens=-9, due=-8, closes=-7)
    make_follow_up(site, pseudonym="OAK-0005", answered=-1)
    client, url = client_of(clinician), reverse("clinic:follow-ups")

    def shown(query: str) -> list[str]:
        text = client.get(url + query).content.decode()
        return [f"OAK-{n:04d}"[-1] for n in range(1, 6) if f"OAK-{n:04d}" in text]

    assert shown("") == ["1", "2"]
    assert shown("?q=0002") == ["2"]
    assert shown("?state=overdue") == ["1"]
    assert shown("?state=open") == ["2"]
    assert shown("?state=upcoming") == ["3"]
    assert shown("?state=missed") == ["4"]
    assert shown("?state=done") == ["5"]
    assert shown("?state=nonsense") == ["1", "2"]


def test_an_empty_list_says_what_to_do(clinician, client_of):
    assert "choose “Upcoming”" in client_of(clinician).get(reverse("clinic:follow-ups")).content.decode()


def test_the_export_is_plain_words_and_audited_at_each_site(clinician, client_of, follow_up, site):
    file = client_of(clinician).get(reverse("clinic:follow-ups") + "?export=csv")
    lines = file.content.decode().splitlines()
    assert lines[0].startswith("Patient,Visit,State,Weeks after treatment")
    assert lines[1].startswith("OAK-0001,8 weeks,Due,8,")
    event = AuditEvent.objects.get(action="clinic.follow_ups.exported")
    assert (event.site, '"rows":1' in event.data) == ("oak", True)


def test_an_export_of_another_sites_rows_is_refused(actor, follow_up, other_site):
    with pytest.raises(Refused, match="another site"):
        actions.export_follow_ups(by=actor("clinician", other_site), site=other_site, follow_ups=[follow_up])


def test_a_follow_up_with_its_link(clinician, client_of, follow_up, site, django_assert_max_num_queries):
    client, url = client_of(clinician), reverse("clinic:follow-up", args=[follow_up.pk])
    page = client.get(url)
    assert "There is no link that can be used" in page.content.decode()
    made = client.post(
        reverse("clinic:make-link", args=[follow_up.pk]), {"key": page.context["form"]["key"].value()}
    )
    assert made.status_code == 302
    link = FollowUpLink._base_manager.get()
    record(clinician, follow_up, **NODULE)
    with django_assert_max_num_queries(12):
        page = client.get(url)
    text = page.content.decode()
    assert f"http://testserver{links.address_of(link)}" in text
    assert "Red flag, not reviewed" in text
    assert "no-store" in page["Cache-Control"]
    client.post(reverse("clinic:revoke-link", args=[follow_up.pk]))
    text = client.get(url).content.decode()
    assert links.address_of(link) not in text
    assert "withdrawn" in text


def test_making_a_second_link_or_withdrawing_none_is_said(clinician, client_of, follow_up):
    client, make = client_of(clinician), reverse("clinic:make-link", args=[follow_up.pk])
    for expected in ("The link is ready", "already a link"):
        page = client.post(make, {"key": str(uuid.uuid4())}, follow=True)
        assert expected in page.content.decode()
    revoke = reverse("clinic:revoke-link", args=[follow_up.pk])
    for expected in ("The link was withdrawn", "no link to withdraw"):
        assert expected in client.post(revoke, follow=True).content.decode()
    assert FollowUpLink._base_manager.count() == 1


def test_a_safety_officer_sees_the_follow_up_but_not_the_patients_key(
    clinician, safety_officer, client_of, follow_up
):
    link = make_link(clinician, follow_up)
    text = client_of(safety_officer).get(reverse("clinic:follow-up", args=[follow_up.pk])).content.decode()
    assert "Can be used" in text
    assert links.token_of(link) not in text
    assert "Record an answer" not in text


def test_an_answer_by_phone(clinician, client_of, follow_up):
    client, url = client_of(clinician), reverse("clinic:record-follow-up", args=[follow_up.pk])
    form = client.get(url).context["form"]
    sent = {
        "key": form["key"].value(),
        "answered_on": str(day(0)),
        "all_well": "no",
        "has_nodule": "on",
        "severity_nodule": "2",
        "severity_fever": "3",  # chosen but not ticked: not reported
        "onset": str(day(-10)),
        "words": "It began as a small bump.",
        "photo": upload(),
    }
    page = client.post(url, sent, follow=True)
    answer = FollowUpAnswer._base_manager.get()
    assert page.redirect_chain == [(reverse("clinic:answer", args=[answer.pk]), 302)]
    assert (answer.reactions, answer.onset) == ({"nodule": 2}, str(day(-10)))
    assert Photo._base_manager.get().answer_id == answer.pk
    sent["photo"] = upload()
    client.post(url, sent)
    assert _answers() == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"all_well": ""}, "Choose whether all is well"),
        ({"all_well": "yes", "has_nodule": "on", "severity_nodule": "1"}, "You chose all well, but"),
        ({"all_well": "no"}, "Say what is wrong"),
        ({"all_well": "no", "has_nodule": "on"}, "choose how bad it is"),
        ({"all_well": "no", "has_nodule": "on", "severity_nodule": "9"}, "Choose one of the answers"),
        ({"answered_on": str(day(1))}, "in the future"),
        ({"answered_on": "in spring"}, "Enter a date of the calendar"),
        ({"all_well": "no", "words": "Bump", "onset": str(day(-60))}, "before the treatment"),
        ({"all_well": "no", "words": "Bump", "onset": "spring"}, "Write a date as"),
    ],
)
def test_a_wrong_answer_by_phone_is_shown_and_changes_nothing(
    clinician, client_of, follow_up, change, message
):
    url = reverse("clinic:record-follow-up", args=[follow_up.pk])
    sent = {"key": str(uuid.uuid4()), "answered_on": str(day(0)), "all_well": "yes", **change}
    page = client_of(clinician).post(url, sent)
    assert page.status_code == 422
    assert message in page.content.decode()
    assert _answers() == 0


def test_an_answer_with_its_reasons_photographs_and_review(
    clinician, safety_officer, client_of, follow_up, django_assert_max_num_queries
):
    answer = record(clinician, follow_up, **NODULE, words="A hard <b>bump</b>.", photo=upload())
    client, url = client_of(safety_officer), reverse("clinic:answer", args=[answer.pk])
    with django_assert_max_num_queries(12):
        page = client.get(url)
    text = page.content.decode()
    assert "necrotising granulomas" in text  # the reason, from the content file
    assert "10.1002/der2.242" in text  # its source
    assert "&lt;b&gt;bump" in text
    picture_url = reverse("clinic:photo", args=[Photo._base_manager.get().pk])
    assert f'<img src="{picture_url}"' in text
    review = reverse("clinic:review-answer", args=[answer.pk])
    empty = client.post(review, {"key": str(uuid.uuid4()), "note": ""})
    assert empty.status_code == 422
    assert "Write what you decided" in empty.content.decode()
    done = client.post(review, {"key": str(uuid.uuid4()), "note": "Called, seen today"}, follow=True)
    assert "Called, seen today" in done.content.decode()
    again = client.post(review, {"key": str(uuid.uuid4()), "note": "Once more"})
    assert again.status_code == 422
    assert "reviewed before" in again.content.decode()


def test_a_photograph_is_shown_once_per_look_and_kept_nowhere(clinician, client_of, follow_up):
    record(clinician, follow_up, **NODULE, photo=upload())
    picture = client_of(clinician).get(reverse("clinic:photo", args=[Photo._base_manager.get().pk]))
    assert picture["Content-Type"] == "image/jpeg"
    assert picture.content.startswith(b"\xff\xd8")
    assert "no-store" in picture["Cache-Control"]
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert AuditEvent.objects.filter(action="clinic.photo.read").count() == 1


def test_a_lost_photograph_is_said(clinician, client_of, follow_up, settings):
    record(clinician, follow_up, **NODULE, photo=upload())
    for file in settings.MEDIA_ROOT.iterdir():
        file.unlink()
    lost = client_of(clinician).get(reverse("clinic:photo", args=[Photo._base_manager.get().pk]))
    assert lost.status_code == 500
    assert b"restore it from a backup" in lost.content


def test_another_sites_rows_are_not_found(clinician, actor, client_of, follow_up, other_site):
    answer = record(clinician, follow_up, **NODULE, photo=upload())
    client = client_of(actor("clinician", other_site))
    reads = [
        ("follow-up", follow_up.pk),
        ("record-follow-up", follow_up.pk),
        ("answer", answer.pk),
        ("photo", Photo._base_manager.get().pk),
    ]
    for name, pk in reads:
        assert client.get(reverse(f"clinic:{name}", args=[pk])).status_code == 404
    writes = [("make-link", follow_up.pk), ("revoke-link", follow_up.pk), ("review-answer", answer.pk)]
    for name, pk in writes:
        assert client.post(reverse(f"clinic:{name}", args=[pk]), {"note": "x"}).status_code == 404


def test_roles_without_patients_see_none_of_it(reviewer, administrator, client_of, follow_up):
    for who in (reviewer, administrator):
        assert client_of(who).get(reverse("clinic:follow-ups")).status_code == 403
        assert client_of(who).get(reverse("clinic:follow-up", args=[follow_up.pk])).status_code == 403


def test_dates_in_the_list_are_of_the_house(clinician, client_of, follow_up):
    text = client_of(clinician).get(reverse("clinic:follow-ups")).content.decode()
    due: dt.date = follow_up.due_on
    assert f"{due.day} {due:%b %Y}" in text
