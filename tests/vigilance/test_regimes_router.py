"""Who must hear: a table of scenarios of the reference page, and what holds over every combination of facts."""

import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.vigilance import seriousness
from exovigil.vigilance.regimes import (
    Category,
    Claim,
    Origin,
    RegimeRoute,
    Region,
    ReporterRole,
    Situation,
    Status,
    follow_up,
    region_of,
    route,
    rules,
)
from exovigil.vigilance.regimes.calendar import due_on, is_working_day
from exovigil.vigilance.regimes.router import _NEEDS
from exovigil.vigilance.regimes.scales import answers_in, is_serious_in, own_questions
from exovigil.vigilance.regimes.tables import filing_rows
from exovigil.vigilance.seriousness import Answer

DAY_ZERO = dt.date(2026, 4, 20)  # a Monday
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
CODES = [c.code for c in seriousness.criteria()] + [q.code for q in own_questions()]
NOTHING = dict.fromkeys(CODES, NO)
GRANULOMA = NOTHING | {"other_medically_important": YES}
HOSPITAL = NOTHING | {"hospitalisation": YES, "device_serious_deterioration": YES}
DEATH = NOTHING | {"death": YES}
LIFE = NOTHING | {"life_threatening": YES}
THREAT = NOTHING | {"health_threat": YES}


def at(**facts) -> Situation:
    return Situation(DAY_ZERO, **facts)


def owed(situation: Situation) -> dict[str, str]:
    """Certain duties with the law's date, "-" without one."""
    return {d.rule.key: str(d.due_on or "-") for d in route(situation).duties if d.is_certain}


S, O_, C, T, R, W = Status, Origin, Claim, RegimeRoute, Region, ReporterRole
SCENARIOS = [
    # status, origin, claim, route, region, who reports, unexpected, answers -> what is owed, by law until when
    # United Kingdom, medicines
    (S.UNLICENSED, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.GB, W.CLINICIAN, UNKNOWN, GRANULOMA,
     {"uk_clinician_medicine": "-"}),
    (S.NONE, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.GB, W.CLINICIAN, UNKNOWN, GRANULOMA,
     {"uk_clinician_medicine": "-"}),
    (S.UNKNOWN, O_.UNKNOWN, C.UNKNOWN, T.UNKNOWN, R.GB, W.CLINICIAN, UNKNOWN, {},
     {"uk_clinician_medicine": "-"}),
    (S.UNKNOWN, O_.HUMAN, C.UNKNOWN, T.BROKEN_SKIN, R.XI, W.PATIENT, UNKNOWN, GRANULOMA,
     {"uk_patient_medicine": "-"}),
    (S.LICENSED, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.GB, W.HOLDER, UNKNOWN, GRANULOMA,
     {"uk_holder_serious": "2026-05-05"}),
    (S.LICENSED, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.XI, W.HOLDER, UNKNOWN, NOTHING,
     {"uk_holder_not_serious": "2026-07-19"}),
    (S.UNLICENSED, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.GB, W.SUPPLIER, UNKNOWN, NOTHING,
     {"uk_special_supplier": "-"}),
    # United Kingdom, trials
    (S.INVESTIGATIONAL, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.GB, W.SPONSOR, YES, DEATH,
     {"uk_sponsor_grave": "2026-04-27"}),
    (S.INVESTIGATIONAL, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.GB, W.SPONSOR, YES, LIFE,
     {"uk_sponsor_grave": "2026-04-27"}),
    (S.INVESTIGATIONAL, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.GB, W.SPONSOR, YES, GRANULOMA,
     {"uk_sponsor_other": "2026-05-05"}),
    (S.INVESTIGATIONAL, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.GB, W.SPONSOR, NO, DEATH,
     {"ask_authority": "-"}),
    (S.INVESTIGATIONAL, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.GB, W.CLINICIAN, YES, GRANULOMA,
     {"uk_investigator": "-"}),
    # United Kingdom, cosmetics
    (S.COSMETIC, O_.OTHER, C.COSMETIC, T.TOPICAL, R.GB, W.RESPONSIBLE_PERSON, UNKNOWN, HOSPITAL,
     {"uk_cosmetic_firm": "2026-05-10"}),
    (S.COSMETIC, O_.OTHER, C.COSMETIC, T.TOPICAL, R.GB, W.RESPONSIBLE_PERSON, UNKNOWN, GRANULOMA,
     {"uk_cosmetic_file": "-"}),
    (S.COSMETIC, O_.OTHER, C.COSMETIC, T.BROKEN_SKIN, R.GB, W.CLINICIAN, UNKNOWN, HOSPITAL,
     {"uk_cosmetic_clinician": "-"}),
    (S.COSMETIC, O_.HUMAN, C.COSMETIC, T.BROKEN_SKIN, R.GB, W.CLINICIAN, UNKNOWN, GRANULOMA,
     {"uk_clinician_medicine": "-", "uk_human_cosmetic": "-", "uk_cosmetic_tell_firm": "-"}),
    (S.COSMETIC, O_.OTHER, C.THERAPEUTIC, T.TOPICAL, R.GB, W.CLINICIAN, UNKNOWN, GRANULOMA,
     {"uk_clinician_medicine": "-", "uk_cosmetic_tell_firm": "-"}),
    (S.COSMETIC, O_.OTHER, C.COSMETIC, T.INJECTED, R.GB, W.CLINICIAN, UNKNOWN, HOSPITAL,
     {"uk_clinician_medicine": "-", "uk_cosmetic_clinician": "-"}),
    # United Kingdom, devices
    (S.DEVICE, O_.OTHER, C.COSMETIC, T.INJECTED, R.GB, W.CLINICIAN, UNKNOWN, NOTHING,
     {"uk_clinician_device": "-"}),
    (S.DEVICE, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.GB, W.CLINICIAN, UNKNOWN, GRANULOMA,
     {"uk_clinician_device": "-", "uk_clinician_medicine": "-"}),
    (S.DEVICE, O_.OTHER, C.COSMETIC, T.INJECTED, R.GB, W.MANUFACTURER, NO, THREAT,
     {"gb_device_threat": "2026-04-22"}),
    (S.DEVICE, O_.OTHER, C.COSMETIC, T.INJECTED, R.GB, W.MANUFACTURER, NO, DEATH,
     {"gb_device_death": "2026-04-30"}),
    (S.DEVICE, O_.OTHER, C.COSMETIC, T.INJECTED, R.GB, W.MANUFACTURER, NO, HOSPITAL,
     {"gb_device_other": "2026-05-05"}),
    (S.DEVICE, O_.OTHER, C.COSMETIC, T.INJECTED, R.XI, W.MANUFACTURER, YES, HOSPITAL,
     {"eu_device_death": "2026-04-30"}),
    # European Union
    (S.UNLICENSED, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.EU, W.CLINICIAN, UNKNOWN, GRANULOMA,
     {"eu_clinician_medicine": "-"}),
    (S.LICENSED, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.EU, W.HOLDER, UNKNOWN, GRANULOMA,
     {"eu_holder_serious": "2026-05-05"}),
    (S.LICENSED, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.EU, W.HOLDER, UNKNOWN, NOTHING,
     {"eu_holder_not_serious": "2026-07-19"}),
    (S.INVESTIGATIONAL, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.EU, W.SPONSOR, YES, DEATH,
     {"eu_sponsor_grave": "2026-04-27"}),
    (S.INVESTIGATIONAL, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.EU, W.SPONSOR, YES, HOSPITAL,
     {"eu_sponsor_other": "2026-05-05"}),
    (S.COSMETIC, O_.OTHER, C.COSMETIC, T.TOPICAL, R.EU, W.RESPONSIBLE_PERSON, UNKNOWN, HOSPITAL,
     {"eu_cosmetic_firm": "2026-05-10"}),
    (S.COSMETIC, O_.HUMAN, C.COSMETIC, T.TOPICAL, R.EU, W.CLINICIAN, UNKNOWN, HOSPITAL,
     {"eu_clinician_medicine": "-", "eu_human_cosmetic": "-", "eu_cosmetic_clinician": "-"}),
    (S.DEVICE, O_.OTHER, C.COSMETIC, T.INJECTED, R.EU, W.MANUFACTURER, NO, THREAT,
     {"eu_device_threat": "2026-04-22"}),
    (S.DEVICE, O_.OTHER, C.COSMETIC, T.INJECTED, R.EU, W.MANUFACTURER, YES, HOSPITAL,
     {"eu_device_death": "2026-04-30"}),
    (S.DEVICE, O_.OTHER, C.COSMETIC, T.INJECTED, R.EU, W.MANUFACTURER, NO, HOSPITAL,
     {"eu_device_other": "2026-05-05"}),
    # United States
    (S.UNLICENSED, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.US, W.CLINICIAN, UNKNOWN, GRANULOMA,
     {"us_clinician_medicine": "-"}),
    (S.NONE, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.US, W.PATIENT, UNKNOWN, GRANULOMA,
     {"us_patient": "-"}),
    (S.LICENSED, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.US, W.HOLDER, YES, GRANULOMA,
     {"us_holder": "2026-05-05"}),
    (S.UNLICENSED, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.US, W.HOLDER, YES, GRANULOMA,
     {"us_unapproved": "2026-05-05"}),
    (S.INVESTIGATIONAL, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.US, W.SPONSOR, YES, LIFE,
     {"us_sponsor_grave": "2026-04-27"}),
    (S.INVESTIGATIONAL, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.US, W.SPONSOR, YES, GRANULOMA,
     {"us_sponsor_other": "2026-05-05"}),
    (S.COSMETIC, O_.OTHER, C.COSMETIC, T.TOPICAL, R.US, W.RESPONSIBLE_PERSON, UNKNOWN,
     GRANULOMA | {"disfigurement": YES}, {"us_cosmetic_firm": "2026-05-11"}),
    (S.COSMETIC, O_.OTHER, C.COSMETIC, T.TOPICAL, R.US, W.RESPONSIBLE_PERSON, UNKNOWN,
     NOTHING | {"infection": YES}, {"us_cosmetic_firm": "2026-05-11"}),
    (S.COSMETIC, O_.OTHER, C.COSMETIC, T.TOPICAL, R.US, W.RESPONSIBLE_PERSON, UNKNOWN, NOTHING,
     {"us_cosmetic_file": "-"}),
    (S.COSMETIC, O_.OTHER, C.COSMETIC, T.TOPICAL, R.US, W.CLINICIAN, UNKNOWN, GRANULOMA,
     {"us_clinician_medicine": "-", "us_cosmetic_tell_firm": "-"}),
    (S.DEVICE, O_.OTHER, C.COSMETIC, T.INJECTED, R.US, W.FACILITY, UNKNOWN, DEATH,
     {"us_facility_death": "2026-05-04"}),
    (S.DEVICE, O_.OTHER, C.COSMETIC, T.INJECTED, R.US, W.FACILITY, UNKNOWN, HOSPITAL,
     {"us_facility_injury": "2026-05-04"}),
    (S.DEVICE, O_.OTHER, C.COSMETIC, T.INJECTED, R.US, W.MANUFACTURER, UNKNOWN, THREAT,
     {"us_device_remedial": "2026-04-27"}),
    (S.DEVICE, O_.OTHER, C.COSMETIC, T.INJECTED, R.US, W.MANUFACTURER, UNKNOWN, HOSPITAL,
     {"us_device_manufacturer": "2026-05-20"}),
    # elsewhere
    (S.UNLICENSED, O_.HUMAN, C.THERAPEUTIC, T.INJECTED, R.OTHER, W.CLINICIAN, UNKNOWN, GRANULOMA,
     {"ask_authority": "-"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "origin", "claim", "how", "region", "role", "unexpected", "answers", "expected"), SCENARIOS
)
def test_a_scenario_brings_exactly_these_duties_by_these_days(
    status, origin, claim, how, region, role, unexpected, answers, expected
):
    situation = at(
        status=status, origin=origin, claim=claim, route=how, region=region, role=role,
        unexpected=unexpected, answers=answers,
    )  # fmt: skip
    assert owed(situation) == expected


def test_every_rule_is_reached_by_a_scenario():
    reached = {key for row in SCENARIOS for key in row[-1]}
    missing = {rule.key for rule in rules()} - reached
    # the same duty in another place, or one that no source was read for
    assert missing == {
        "eu_clinician_device", "eu_cosmetic_file", "eu_cosmetic_tell_firm", "eu_investigator",
        "us_clinician_device", "us_investigator",
    }  # fmt: skip


def test_unknown_status_is_filed_under_medicine_and_flagged():
    filings = route(at(region=Region.GB)).filings
    assert [f.category for f in filings] == [Category.UNLICENSED]
    assert filings[0].is_flagged


def test_a_product_with_a_known_basis_is_not_flagged():
    [filing] = route(at(status=Status.LICENSED, region=Region.GB)).filings
    assert not filing.is_flagged


def test_what_is_not_known_keeps_a_duty_open_and_asks_what_would_settle_it():
    found = route(
        at(status=Status.LICENSED, region=Region.GB, role=ReporterRole.HOLDER, answers=GRANULOMA)
    ).duties
    assert [(d.rule.key, d.is_certain) for d in found] == [("uk_holder_serious", True)]
    unclear = route(at(status=Status.LICENSED, region=Region.GB, role=ReporterRole.HOLDER))
    assert [(d.rule.key, d.is_certain) for d in unclear.duties] == [
        ("uk_holder_serious", False),
        ("uk_holder_not_serious", False),
    ]
    assert "Serious by the criteria of ICH (medicines)?" in unclear.questions


def test_the_first_day_counted_is_the_day_after_day_0():
    assert due_on(dt.date(2026, 4, 20), 1) == dt.date(2026, 4, 21)
    assert due_on(dt.date(2026, 4, 24), 1, "business") == dt.date(2026, 4, 27)  # Friday to Monday


def test_a_negative_period_is_refused():
    with pytest.raises(ValueError, match="-1 days"):
        due_on(DAY_ZERO, -1)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 400))
def test_working_days_agree_with_counting_them_one_by_one(day, days):
    found = due_on(day, days, "business")
    between = [day + dt.timedelta(n) for n in range(1, (found - day).days + 1)]
    assert sum(d.weekday() < 5 for d in between) == days
    assert found == day or is_working_day(found)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 400))
def test_a_due_date_never_falls_before_day_0_and_working_days_are_never_fewer(day, days):
    assert day <= due_on(day, days) <= due_on(day, days, "business")


def test_the_router_answers_every_combination_of_facts():
    seen = 0
    for facts in itertools.product(Status, Origin, Claim, RegimeRoute, Region, ReporterRole):
        found = route(Situation(DAY_ZERO, *facts))
        assert found.duties
        assert found.filings
        assert all(d.date is None or d.date >= DAY_ZERO for d in found.duties)
        seen += 1
    assert seen == 7 * 3 * 3 * 4 * 6 * 9


situations = st.builds(
    Situation,
    day_zero=st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)),
    status=st.sampled_from(Status),
    origin=st.sampled_from(Origin),
    claim=st.sampled_from(Claim),
    route=st.sampled_from(RegimeRoute),
    region=st.sampled_from(Region),
    role=st.sampled_from(ReporterRole),
    unexpected=st.sampled_from(Answer),
    answers=st.dictionaries(st.sampled_from(CODES), st.sampled_from(Answer)),
)


@settings(max_examples=400, deadline=None)
@given(situations)
def test_whatever_is_known_somebody_must_hear_or_is_asked(situation):
    found = route(situation)
    assert found.duties
    assert all(duty.because for duty in found.duties)
    assert all(duty.is_certain != bool(duty.depends_on) for duty in found.duties)
    assert all(duty.date is None or duty.date > situation.day_zero for duty in found.duties)


@settings(max_examples=300, deadline=None)
@given(situations, st.sampled_from(CODES), st.sampled_from([YES, NO]))
def test_answering_a_question_never_brings_a_duty_that_was_not_on_the_list(situation, code, answer):
    unanswered = {c: a for c, a in situation.answers.items() if c != code}
    fields = {name: getattr(situation, name) for name in Situation.__slots__}
    before = route(Situation(**(fields | {"answers": unanswered})))
    after = route(Situation(**(fields | {"answers": unanswered | {code: answer}})))
    known = {d.rule.key for d in before.duties}
    assert {d.rule.key for d in after.duties} <= known | {"ask_authority"}


def test_every_rule_names_its_source_and_every_clock_where_its_days_were_read():
    for rule in rules():
        assert rule.source.citation
        assert bool(rule.days) <= (rule.clock_source is not None)
        assert set(rule.needs) <= set(_NEEDS)


def test_what_was_only_recalled_is_unverified():
    unverified = {rule.key for rule in rules() if not rule.verified}
    assert {"us_holder", "us_unapproved", "eu_sponsor_grave", "eu_sponsor_other"} <= unverified
    assert {"uk_holder_serious", "us_cosmetic_firm", "us_facility_death", "eu_device_other"}.isdisjoint(
        unverified
    )
    assert not {row.key for row in filing_rows() if row.key == "cosmetic_injected" and row.source.verified}


@pytest.mark.parametrize(
    ("rule", "words"), [("us_cosmetic_firm", "holidays"), ("us_facility_death", "federal holidays")]
)
def test_a_clock_in_working_days_says_what_became_of_holidays(rule, words):
    [row] = [r for r in rules() if r.key == rule]
    assert row.unit == "business"
    assert words in row.clock_note


@pytest.mark.parametrize(
    ("country", "region"),
    [("GB", "GB"), ("gb", "GB"), ("XI", "XI"), ("IE", "EU"), ("US", "US"), ("KR", "other"), ("", "unknown")],
)
def test_a_country_has_a_region(country, region):
    assert region_of(country) == region


# --- seriousness regime by regime -------------------------------------------------------------------


def test_a_granuloma_without_hospital_is_serious_in_ich_and_mocra_but_not_by_itself_in_cosmetics_or_devices():
    answers = GRANULOMA | {"disfigurement": YES}
    assert is_serious_in("ich", answers) is YES
    assert is_serious_in("mocra", answers) is YES
    assert is_serious_in("sue", answers) is NO
    unargued = {k: v for k, v in answers.items() if k != "sue_functional_incapacity"}
    assert is_serious_in("sue", unargued) is UNKNOWN
    assert is_serious_in("device", answers) is NO


@pytest.mark.parametrize(
    ("scale", "code", "serious"),
    [
        ("ich", "other_medically_important", YES),
        ("sue", "other_medically_important", NO),
        ("mocra", "other_medically_important", NO),
        ("device", "other_medically_important", NO),
        ("mocra", "infection", YES),
        ("sue", "infection", NO),
        ("ich", "infection", NO),
        ("mocra", "intervention", YES),
        ("device", "intervention", YES),
        ("sue", "intervention", NO),
        ("device", "health_threat", YES),
        ("sue", "sue_functional_incapacity", YES),
        ("mocra", "sue_functional_incapacity", NO),
        *((scale, code, YES) for scale in ("ich", "sue", "mocra", "device")
          for code in ("death", "life_threatening", "hospitalisation", "disability", "congenital_anomaly")),
    ],
)  # fmt: skip
def test_one_criterion_alone_in_each_regime(scale, code, serious):
    assert is_serious_in(scale, NOTHING | {code: YES}) is serious


@given(st.dictionaries(st.sampled_from(CODES), st.sampled_from(Answer)))
def test_the_ich_scale_is_the_one_of_the_case(answers):
    ich = {c.code: answers.get(c.code, UNKNOWN) for c in seriousness.criteria()}
    assert is_serious_in("ich", answers) is seriousness.is_serious(ich)


@given(
    st.dictionaries(st.sampled_from(CODES), st.sampled_from(Answer)),
    st.sampled_from(["ich", "sue", "mocra", "device"]),
)
def test_seriousness_follows_from_the_answers_shown(answers, scale):
    shown = [answer for _, answer in answers_in(scale, answers)]
    expected = YES if YES in shown else NO if set(shown) == {NO} else UNKNOWN
    assert is_serious_in(scale, answers) is expected


# --- new information after the first report --------------------------------------------------------

SENT_ON = dt.date(2026, 5, 1)  # a Friday
US_COSMETIC = at(
    status=S.COSMETIC, origin=O_.OTHER, claim=C.COSMETIC, route=T.TOPICAL, region=R.US,
    role=W.RESPONSIBLE_PERSON, answers=HOSPITAL,
)  # fmt: skip
IND = {
    "status": S.INVESTIGATIONAL, "origin": O_.HUMAN, "claim": C.THERAPEUTIC, "route": T.INJECTED,
    "region": R.US, "role": W.SPONSOR, "unexpected": YES,
}  # fmt: skip


def first_of(situation, key):
    return next(duty for duty in route(situation).duties if duty.rule.key == key)


@pytest.mark.parametrize(
    ("situation", "key", "news_on", "due"),
    [
        # MoCRA: 15 business days, for a year
        (US_COSMETIC, "us_cosmetic_firm", dt.date(2026, 5, 4), "2026-05-25"),
        (US_COSMETIC, "us_cosmetic_firm", dt.date(2026, 5, 1), "2026-05-22"),
        (US_COSMETIC, "us_cosmetic_firm", dt.date(2026, 5, 9), "2026-05-29"),  # a Saturday
        (US_COSMETIC, "us_cosmetic_firm", dt.date(2027, 5, 1), "2027-05-21"),
        (US_COSMETIC, "us_cosmetic_firm", dt.date(2027, 5, 2), None),
        (US_COSMETIC, "us_cosmetic_firm", dt.date(2026, 4, 30), None),  # it was known when the report left
        # IND: 15 calendar days, after the 7-day report too, without an end
        (at(**IND, answers=LIFE), "us_sponsor_grave", dt.date(2026, 5, 4), "2026-05-19"),
        (at(**IND, answers=GRANULOMA), "us_sponsor_other", dt.date(2026, 5, 4), "2026-05-19"),
        (at(**IND, answers=GRANULOMA), "us_sponsor_other", dt.date(2029, 5, 4), "2029-05-19"),
    ],
)
def test_new_information_starts_a_clock_of_its_own(situation, key, news_on, due):
    again = follow_up(first_of(situation, key), SENT_ON, news_on, YES)
    assert (str(again.due_on) if again else None) == due
    if again:
        assert again.is_certain
        assert (again.news_on, again.rule.key) == (news_on, key)
        assert again.source.verified


def test_what_nobody_has_judged_depends_and_what_is_not_significant_brings_nothing():
    first = first_of(US_COSMETIC, "us_cosmetic_firm")
    open_ = follow_up(first, SENT_ON, SENT_ON, UNKNOWN)
    assert not open_.is_certain
    assert "significant" in open_.depends_on[0]
    assert follow_up(first, SENT_ON, SENT_ON, NO) is None


def test_a_year_from_29_february_loses_no_day():
    first = first_of(US_COSMETIC, "us_cosmetic_firm")
    assert follow_up(first, dt.date(2028, 2, 29), dt.date(2029, 3, 1), YES)
    assert follow_up(first, dt.date(2028, 2, 29), dt.date(2029, 3, 2), YES) is None


def test_a_rule_without_a_clock_for_new_information_brings_none():
    silent = [rule for rule in rules() if not rule.again_days]
    assert {rule.key for rule in rules()} - {rule.key for rule in silent} == {
        "us_cosmetic_firm", "us_sponsor_grave", "us_sponsor_other"
    }  # fmt: skip
    for duty in route(at(region=R.GB)).duties:
        assert follow_up(duty, SENT_ON, SENT_ON, YES) is None


@given(
    st.dates(dt.date(2026, 1, 1), dt.date(2028, 12, 31)),
    st.integers(0, 400),
    st.sampled_from([YES, UNKNOWN]),
)
def test_a_follow_up_is_due_after_the_information_and_never_on_a_weekend_of_working_days(sent, after, answer):
    news = sent + dt.timedelta(days=after)
    first = first_of(US_COSMETIC, "us_cosmetic_firm")
    again = follow_up(first, sent, news, answer)
    year = (
        sent.replace(year=sent.year + 1)
        if (sent.month, sent.day) != (2, 29)
        else dt.date(sent.year + 1, 3, 1)
    )
    assert (again is not None) == (news <= year)
    if again:
        worked = sum(
            is_working_day(news + dt.timedelta(days=n)) for n in range(1, (again.due_on - news).days + 1)
        )
        assert worked == 15
        assert is_working_day(again.due_on)
