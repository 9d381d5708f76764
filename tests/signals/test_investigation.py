"""The investigation of an alarm: decisions carried out, closed and reopened, and a page that tells what is known."""

import math
import re
import uuid

import pytest
from django.core import mail
from django_scopes import scopes_disabled

from exovigil.catalogue import actions as catalogue
from exovigil.catalogue.models import Product, Quarantine
from exovigil.clinic.models import FollowUp, ProtocolVisit, Treatment
from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed, system
from exovigil.governance.models import AuditEvent
from exovigil.signals import actions, queries
from exovigil.signals.comparison import Side
from exovigil.signals.models import Alarm, AlarmDecision, Notice
from exovigil.signals.queries.investigation import Places, cases, comparison, places
from exovigil.statistics.rate_ratio import rate_ratio
from tests.signals.world import AS_OF, World, day

pytestmark = pytest.mark.django_db
NOTE = "Two biopsies show granuloma; the maker is told today."


@pytest.fixture
def world(site, other_site) -> World:
    made = World([site, other_site])
    made.sister = made.another_lot("VX-2")
    for number in range(40):
        made.treat(made.patient(made.sites[number % 2]), number, made.sister)
    made.cases = made.cluster()
    return made


@pytest.fixture
def alarm(world) -> Alarm:
    actions.run_watch(by=system(), as_of=AS_OF)
    return Alarm.objects.get(lot=world.lot)


@pytest.fixture
def decide(alarm, safety_officer, django_capture_on_commit_callbacks):
    def go(decision: str, **more) -> AlarmDecision:
        with django_capture_on_commit_callbacks(execute=True):
            return actions.decide_alarm(
                **{"by": safety_officer, "alarm": alarm, "decision": decision, "note": NOTE, **more}
            )

    return go


def state(alarm: Alarm) -> str:
    return Alarm.objects.get(pk=alarm.pk).state


def looked_at(alarm: Alarm) -> Places:
    with scopes_disabled():
        return places(alarm, AS_OF)


def text_of(response, status=200) -> str:
    assert response.status_code == status
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_quarantine_stops_the_lot_in_alarm_and_is_told(world, alarm, decide, safety_officer):
    made = decide("quarantine")
    world.lot.refresh_from_db()
    assert world.lot.is_quarantined
    assert (made.done, made.state, state(alarm)) == ({"lots": ["VX-1"]}, "confirmed", "confirmed")
    assert Quarantine.objects.get().placed_by_id == safety_officer.user_id
    event = AuditEvent.objects.get(action="signals.alarm.decided")
    assert '"lots":["VX-1"]' in event.data
    assert NOTE not in event.data


def test_a_recall_takes_the_place_of_a_quarantine_and_may_take_in_sister_lots(world, decide):
    decide("quarantine")
    made = decide("recall", lots=[world.lot, world.sister])
    assert made.done == {"lots": ["VX-1", "VX-2"]}
    held = Quarantine.objects.filter(lifted_at=None).order_by("lot__number")
    assert [(row.lot.number, row.kind) for row in held] == [("VX-1", "recall"), ("VX-2", "recall")]
    assert Quarantine.objects.get(kind="quarantine").lifted_because == "The lot was recalled."
    again = decide("quarantine", lots=[world.sister, world.another_lot("VX-3")])
    assert again.done == {"lots": ["VX-3"], "held_before": ["VX-2"]}


def test_informing_tells_each_clinic_that_used_it_once_and_names_no_patient(
    world, alarm, decide, member, site
):
    member("clinician", site)
    member("clinician", world.sites[1])
    actions.send_what_is_left(by=system())
    mail.outbox.clear()
    made = decide("inform")
    assert made.done == {"clinics": ["elm", "oak"]}
    assert {tuple(message.bcc) for message in mail.outbox} == {
        ("clinician@elm.example",),
        ("clinician@oak.example", "safety_officer@oak.example"),
    }
    actions.send_what_is_left(by=system())
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        assert f"/watch/alarms/{alarm.pk}/" in message.body
        assert NOTE not in message.body
        for case in world.cases:
            assert case.number not in message.body
            assert case.patient.pseudonym not in message.body


def test_a_clinic_that_never_used_the_lot_gets_no_notice(world, decide):
    with scopes_disabled():
        Treatment.objects.filter(lot=world.lot, site=world.sites[1]).update(lot=world.sister)
    assert decide("inform").done == {"clinics": ["oak"]}


def test_the_notice_stands_on_the_watch_of_the_clinic_it_went_to(world, decide, client_of, actor, other_site):
    with scopes_disabled():
        Treatment.objects.filter(lot=world.lot, site=world.sites[1]).update(lot=world.sister)
    decide("inform")
    assert "Safety notices to your clinics" in text_of(client_of(actor("clinician")).get("/watch/"))
    elsewhere = text_of(client_of(actor("clinician", other_site)).get("/watch/"))
    assert "Safety notices to your clinics" not in elsewhere


@pytest.mark.parametrize(("decision", "closed"), [("no_action", "dismissed"), ("quarantine", "closed")])
def test_closing_needs_a_decision_and_says_whether_anything_was_done(
    alarm, decide, safety_officer, decision, closed
):
    close = {"by": safety_officer, "alarm": alarm, "note": NOTE}
    with pytest.raises(Refused, match="Nothing was decided"):
        actions.close_alarm(**close)
    decide("look_into")
    with pytest.raises(Refused, match="Nothing was decided"):
        actions.close_alarm(**close)
    decide(decision)
    actions.close_alarm(**close)
    assert state(alarm) == closed
    with pytest.raises(Refused, match="Reopen it first"):
        decide("no_action")
    with pytest.raises(Refused, match="closed already"):
        actions.close_alarm(**close)


def test_reopening_asks_for_a_new_decision_and_keeps_the_old(alarm, decide, safety_officer):
    say = {"by": safety_officer, "alarm": alarm, "note": NOTE}
    with pytest.raises(Refused, match="is open"):
        actions.reopen_alarm(**say)
    decide("no_action")
    actions.close_alarm(**say)
    actions.reopen_alarm(**say)
    assert state(alarm) == "open"
    with pytest.raises(Refused, match="Nothing was decided"):
        actions.close_alarm(**say)
    decide("inform")
    actions.close_alarm(**say)
    kinds = [row.kind for row in alarm.decisions.all()]
    assert kinds == ["close", "inform", "reopen", "close", "no_action"]
    assert state(alarm) == "closed"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"decision": "close"}, "decision"),
        ({"decision": "perhaps"}, "decision"),
        ({"note": "  too short  "}, "note"),
    ],
)
def test_a_decision_without_grounds_changes_nothing(world, alarm, decide, change, field):
    with pytest.raises(Refused) as refusal:
        decide(**{"decision": "quarantine", **change})
    assert refusal.value.field == field
    world.lot.refresh_from_db()
    assert (state(alarm), world.lot.is_quarantined) == ("open", False)
    assert not AlarmDecision.objects.exists()


def test_lots_must_fit_the_decision_and_the_product(world, decide, safety_officer):
    other = Product.objects.create(name="Another (invented)", source_class="plant")
    foreign = catalogue.add_lot(by=system(), product=other, number="A-1")
    for decision, lots, words in (
        ("recall", [foreign], "alarm’s product"),
        ("inform", [world.lot], "quarantine or a recall only"),
    ):
        with pytest.raises(Refused, match=words) as refusal:
            decide(decision, lots=lots)
        assert refusal.value.field == "lots"
    product_alarm = Alarm.objects.get(lot=None)
    with pytest.raises(Refused, match="Choose the lots"):
        decide("quarantine", alarm=product_alarm)
    decide("quarantine", alarm=product_alarm, lots=[world.sister])
    with pytest.raises(Refused, match="held so already"):
        decide("quarantine", alarm=product_alarm, lots=[world.sister])


def test_only_a_safety_officer_decides(alarm, clinician):
    for act, more in (
        (actions.decide_alarm, {"decision": "no_action"}),
        (actions.close_alarm, {}),
        (actions.reopen_alarm, {}),
    ):
        with pytest.raises(NotAllowed):
            act(by=clinician, alarm=alarm, note=NOTE, **more)


def test_counts_of_lots_and_clinics_are_those_put_in(world, alarm, safety_officer):
    found = looked_at(alarm)
    assert [(line.lot.number, line.treatments, line.cases, line.clinics) for line in found.lots] == [
        ("VX-1", 8, 8, 2),
        ("VX-2", 40, 0, 2),
    ]
    assert [(row.name, row.treatments, row.affected) for row in found.clinics] == [
        ("elm", 4, 4),
        ("oak", 4, 4),
    ]
    with scopes_disabled():
        told = cases(safety_officer, alarm, AS_OF)
    assert told.elsewhere == (("elm", 4),)
    assert {line.case.number for line in told.cases} == {
        c.number for c in world.cases if c.site.code == "oak"
    }
    assert dict(told.concomitants)["Route"][0].affected == 8
    lots, others = comparison(alarm, AS_OF).against
    assert (lots.own, lots.other) == (Side(8, 8.0, 8), Side(40, 40.0, 0))
    assert lots.ratio == rate_ratio(8, 8.0, 0, 40.0)
    assert (others.other, others.ratio) == (Side(0, 0.0, 0), None)


def test_double_reports_count_once_and_cases_outside_the_window_not(world, alarm):
    first = world.cases[0]
    with scopes_disabled():
        world.case(first.treatment, onset=31, received=40)
        world.case(world.treat(world.patient(world.sites[0]), 5), onset=3, received=40)
    assert comparison(alarm, AS_OF).against[0].own == Side(9, 9.0, 8)


def test_the_earlier_rate_of_other_lots_is_shown_with_the_conditional_test(
    world, alarm, client_of, safety_officer
):
    early = world.another_lot("VX-0")
    for number in range(40):
        treatment = world.treat(world.patient(world.sites[0]), number - 300, early)
    world.case(treatment, onset=20, received=-230)
    (lots, _) = comparison(alarm, AS_OF).against
    assert (lots.sequential.critical.history, lots.sequential.crossed_on) == (1, day(61))
    text = text_of(client_of(safety_officer).get(f"/watch/alarms/{alarm.pk}/comparison/"))
    assert "More than the earlier rate of other lots of the product explains: 1 event in" in text
    assert "Conditional sequential test" in text


def test_an_alarm_on_a_product_takes_in_all_its_lots(world, alarm, safety_officer):
    whole = Alarm.objects.get(lot=None)
    found = looked_at(whole)
    assert sum(row.treatments for row in found.clinics) == 48
    assert sum(row.affected for row in found.clinics) == 8
    assert [row.against for row in comparison(whole, AS_OF).against] == ["all other products"]
    with scopes_disabled():
        assert len(cases(safety_officer, whole, AS_OF).cases) == 4


def test_lots_of_the_makers_other_product_from_the_same_cell_are_sisters(world, alarm):
    world.product.maker = "Invented Maker"
    world.product.save()
    for name, tissue, maker in (
        ("Same cell", "adipose_msc", "Invented Maker"),
        ("Another cell", "rose_cell", "Invented Maker"),
        ("Another maker", "adipose_msc", "Elsewhere"),
    ):
        product = Product.objects.create(name=name, source_class="human", maker=maker)
        product.composition.create(
            attribute="source_tissue", value=tissue, basis="declared", stated_by="Maker"
        )
        catalogue.add_lot(by=system(), product=product, number=name)
    world.product.composition.create(
        attribute="source_tissue", value="adipose_msc", basis="declared", stated_by="Maker"
    )
    found = looked_at(queries.alarm(alarm.pk))
    others = [
        (line.lot.number, line.relation) for line in found.lots if line.lot.product_id != world.product.pk
    ]
    assert others == [("Same cell", "Another product of the maker, same declared source")]


def test_lots_made_near_each_other_are_named_as_perhaps_one_run(world, alarm, safety_officer):
    for lot, made in ((world.lot, day(-60)), (world.sister, day(-50))):
        lot.made_on = made
        lot.save()
    far = world.another_lot("VX-9")
    far.made_on = day(0)
    far.save()
    found = looked_at(queries.alarm(alarm.pk))
    relations = {line.lot.number: line.relation for line in found.lots}
    assert "perhaps one run" in relations["VX-2"]
    assert relations["VX-9"] == "Same product"


def test_a_reviewer_sees_counts_and_no_case_or_practitioner(world, alarm, reviewer, client_of):
    client = client_of(reviewer)
    text = "".join(
        text_of(client.get(f"/watch/alarms/{alarm.pk}/{end}")) for end in ("", "cases/", "comparison/")
    )
    assert "4 at elm, 4 at oak" in text
    assert "No treatment with it at your sites" in text
    assert not [case.number for case in world.cases if case.number in text]


def test_the_curve_counts_loss_and_leaves_out_what_is_not_known(world, alarm, safety_officer):
    """Two treatments of the lot were lost; one case has its onset to the month only."""
    visit = ProtocolVisit.objects.create(
        protocol=world.protocol, code="w2", label="2 weeks", opens_day=10, target_day=14, closes_day=20
    )
    with scopes_disabled():
        for number in range(2):
            treatment = world.treat(world.patient(world.sites[0]), number)
            FollowUp.objects.create(
                site=treatment.site,
                treatment=treatment,
                visit=visit,
                opens_on=day(10),
                due_on=day(14),
                closes_on=day(20),
            )
        vague = world.treat(world.patient(world.sites[0]), 3)
        world.case(vague, onset="2026-02", received=90)
        curve = comparison(alarm, AS_OF).onset
    assert (curve.treatments, curve.onsets, curve.lost, curve.unknown) == (10, 8, 2, 1)
    assert [step.day for step in curve.days] == [14, 30, 37, 41, 62, 70, 88, 90]
    assert curve.days[0].at_risk == 8  # the two who were lost were never heard of
    assert curve.days[-1].incidence == pytest.approx(0.8)
    assert curve.days[-1].lost == pytest.approx(0.2)
    assert all(step.low is None or step.low < step.incidence < step.high for step in curve.days)


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (
            "",
            [
                "Lots and sister lots",
                "not on the certificate",
                "Look into it",
                NOTE,
                "Safety officers of the network",
            ],
        ),
        ("cases/", ["Not judged yet", "Who treated, at your sites", "What else was used", "Intradermal"]),
        (
            "comparison/",
            [
                "Other lots of the product",
                "no denominator",
                "The rate here is higher",
                "No treatment with another product is recorded",
                "no earlier rate to go by",
                "1 in 100 (upper bound)",
                "Descriptive only",
                "Johansen",
            ],
        ),
    ],
)
def test_the_pages_put_it_all_together(
    alarm, decide, safety_officer, client_of, end, said, django_assert_max_num_queries
):
    decide("look_into")
    client, url = client_of(safety_officer), f"/watch/alarms/{alarm.pk}/{end}"
    text = text_of(client.get(url))
    assert [words for words in said if words not in text] == []
    with django_assert_max_num_queries(18):
        client.get(url)


def test_ones_own_count_is_compared_and_not_kept(alarm, safety_officer, client_of):
    client, url = client_of(safety_officer), f"/watch/alarms/{alarm.pk}/comparison/"
    text = text_of(client.get(url, {"own_events": "1", "own_treatments": "400"}))
    assert "Microneedling without product 8 in 8.0 1 in 400.0 0.02 400 " in text
    for wrong, words in (
        ({"own_events": "3", "own_treatments": "2"}, "more people with a reaction than treatments"),
        ({"own_events": "", "own_treatments": "0"}, "Enter how many had the reaction"),
        ({"own_events": "x", "own_treatments": "-1"}, "Enter a whole number"),
    ):
        assert words in text_of(client.get(url, wrong), 422)


def test_large_ratios_are_written_as_the_house_writes_numbers(alarm, safety_officer, client_of):
    client, url = client_of(safety_officer), f"/watch/alarms/{alarm.pk}/comparison/"
    assert " 4 000 " in text_of(client.get(url, {"own_events": "1", "own_treatments": "4000"}))


def test_deciding_on_the_page_twice_is_once(world, alarm, safety_officer, client_of):
    client, url = client_of(safety_officer), f"/watch/alarms/{alarm.pk}/"
    answer = {
        "decision": "recall",
        "lots": [world.lot.pk, world.sister.pk],
        "note": NOTE,
        "key": str(uuid.uuid4()),
    }
    for _ in range(2):
        assert client.post(f"{url}decide/", answer).headers["Location"] == url
    assert AlarmDecision.objects.count() == 1
    assert "recalled at every site VX-1, VX-2" in text_of(client.get(url))
    assert client.post(f"{url}close/", {"note": NOTE, "key": str(uuid.uuid4())}).status_code == 302
    text = text_of(client.get(url))
    assert "Closed after action" in text
    assert "Reopen" in text
    assert "Investigation closed" in text_of(client.get("/watch/"))


def test_an_alarm_that_is_none_is_not_found(safety_officer, client_of):
    client = client_of(safety_officer)
    assert [client.get(f"/watch/alarms/999/{end}").status_code for end in ("", "decide/", "close/")] == [
        404
    ] * 3


def test_the_ratio_page_writes_infinity_as_a_sign(alarm, safety_officer, client_of):
    assert math.isinf(rate_ratio(8, 8.0, 0, 40.0).high)
    assert "∞" in text_of(client_of(safety_officer).get(f"/watch/alarms/{alarm.pk}/comparison/"))


def test_notices_wait_until_there_is_somebody(world, alarm, member, site):
    (waiting,) = Notice.objects.filter(sent_at=None, alarm=alarm)
    with pytest.raises(Refused, match="nobody to send"):
        actions.send_notice(by=system(), notice=waiting.pk)
    member("safety_officer", site)
    assert actions.send_what_is_left(by=system()) == Notice.objects.count()
    waiting.refresh_from_db()
    assert (waiting.recipients, waiting.sent_at is not None) == (1, True)
    with pytest.raises(Refused, match="went out already"):
        actions.send_notice(by=system(), notice=waiting.pk)


def test_the_curve_of_an_earlier_day_knows_only_what_was_known(alarm, safety_officer):
    early = comparison(alarm, day(62)).onset
    assert (early.treatments, early.onsets) == (7, 3)  # one woman was not treated yet
