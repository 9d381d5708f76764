"""New information on a reported case: it waits to be judged, starts a clock if it matters, and ends with its report."""

import datetime as dt
import uuid

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django_scopes import scopes_disabled

from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed, system
from exovigil.governance.models import AuditEvent
from exovigil.vigilance import actions, queries, seriousness
from exovigil.vigilance.models import CaseSubmission, NewInformation
from exovigil.vigilance.regimes.scales import own_questions

pytestmark = pytest.mark.django_db

SENT_ON = dt.date(2026, 5, 1)
CAME_ON = dt.date(2026, 5, 11)
US_FIRM = {"status": "cosmetic", "claim": "cosmetic", "role": "responsible_person", "region": "US"}
RULE = "us_cosmetic_firm"


def url(name, *args):
    return reverse(f"vigilance:{name}", args=args)


def lines(case):
    with scopes_disabled():
        return [x for x in queries.duties(queries.case(case.pk)).lines if x.duty.rule.key == RULE]


def again(case):
    return [(str(x.duty.due_on), x.duty.is_certain, x.is_met) for x in lines(case) if x.duty.news_on]


def count(model):
    with scopes_disabled():
        return model.objects.count()


@pytest.fixture
def reported(clinician, safety_officer, site, case):
    """A case that a US firm has reported."""
    to = {"site": site, "case": case}
    answers = {c.code: "no" for c in seriousness.criteria()} | {"hospitalisation": "yes"}
    actions.record_seriousness(by=clinician, **to, answers=answers, informed_on=case.received_on)
    own = {question.code: "no" for question in own_questions()}
    actions.record_duty_facts(by=clinician, **to, **US_FIRM, answers=own)
    actions.record_submission(by=safety_officer, **to, rule=RULE, sent_on=SENT_ON, sent_to="FDA")
    case.refresh_from_db()
    return case


@pytest.fixture
def to(safety_officer, site, reported):
    return {"by": safety_officer, "site": site, "case": reported}


def judge(to, **changes):
    given = {"received_on": CAME_ON, "significant": "yes", "what": "The biopsy shows a granuloma."}
    return actions.judge_news(**to, **(given | changes))


def test_before_a_report_has_left_nothing_is_new(clinician, site, case):
    actions.record_outcome(by=clinician, site=site, case=case, outcome="2")
    case.refresh_from_db()
    assert case.news_since is None
    with pytest.raises(Refused, match="goes into the first one"):
        actions.judge_news(
            by=system(), site=site, case=case, received_on=CAME_ON, significant="yes", what="x"
        )


def test_what_comes_after_the_report_waits_to_be_judged_since_its_first_day(clinician, site, reported):
    assert again(reported) == []
    for day in (dt.date(2026, 5, 20), CAME_ON, dt.date(2026, 4, 28)):
        actions.record_outcome(by=clinician, site=site, case=reported, outcome="2", informed_on=day)
    reported.refresh_from_db()
    assert reported.news_since == CAME_ON, "what was known before the report is not new"
    assert again(reported) == [("2026-06-01", False, False)]


def test_a_judgement_makes_the_duty_certain_and_its_report_meets_it(to, clinician, site, reported):
    actions.record_outcome(by=clinician, site=site, case=reported, outcome="2", informed_on=CAME_ON)
    reported.refresh_from_db()
    news = judge(to)
    reported.refresh_from_db()
    assert reported.news_since is None
    assert again(reported) == [("2026-06-01", True, False)]
    sent = {"rule": f"{RULE}@{news.pk}", "sent_on": dt.date(2026, 5, 30), "sent_to": "FDA"}
    row = actions.record_submission(**to, **sent)
    assert (row.rule, row.news, row.due_on) == (RULE, news, dt.date(2026, 6, 1))
    assert again(reported) == [("2026-06-01", True, True)]
    first = next(x for x in lines(reported) if not x.duty.news_on)
    assert [s.sent_on for s in first.submissions] == [SENT_ON], "the first report keeps its own"
    trail = AuditEvent.objects.filter(action="vigilance.news.judged").get()
    assert "granuloma" not in str(trail.data)


def test_not_significant_brings_nothing_and_the_latest_judgement_of_a_day_counts(to, reported):
    judge(to, significant="unknown")
    assert again(reported) == [("2026-06-01", False, False)]
    judge(to, significant="no")
    assert again(reported) == []
    judge(to, significant="yes")
    assert again(reported) == [("2026-06-01", True, False)]
    assert count(NewInformation) == 3


def test_more_of_a_day_that_was_judged_is_asked_about_again(to, clinician, site, reported):
    judge(to, significant="no")
    actions.record_outcome(by=clinician, site=site, case=reported, outcome="3", informed_on=CAME_ON)
    assert again(reported) == [("2026-06-01", False, False)]


def test_after_a_year_nothing_more_is_owed(to, reported, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *_: dt.date(2028, 1, 1))
    judge(to, received_on=dt.date(2027, 5, 3))
    assert again(reported) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"significant": "perhaps"}, "significant"),
        ({"what": " "}, "what"),
        ({"received_on": dt.date(2026, 4, 30)}, "received_on"),
        ({"received_on": dt.date(2999, 1, 1)}, "received_on"),
    ],
)
def test_a_judgement_that_cannot_be_is_refused(to, changes, field):
    with pytest.raises(Refused) as refused:
        judge(to, **changes)
    assert refused.value.field == field
    assert count(NewInformation) == 0


def test_what_waits_cannot_be_judged_with_a_later_day(to, clinician, site, reported):
    actions.record_outcome(by=clinician, site=site, case=reported, outcome="2", informed_on=CAME_ON)
    reported.refresh_from_db()
    with pytest.raises(Refused, match="since 11 May 2026"):
        judge(to, received_on=dt.date(2026, 5, 12))


@pytest.mark.parametrize(
    "rule", ["us_cosmetic_firm@999", "us_cosmetic_firm@x", "nonsense@1", "us_cosmetic_firm@²"]
)
def test_a_follow_up_report_of_nothing_is_refused(to, rule):
    with pytest.raises(Refused) as refused:
        actions.record_submission(**to, rule=rule, sent_on=CAME_ON, sent_to="FDA")
    assert refused.value.field == "rule"
    assert count(CaseSubmission) == 1


def test_a_follow_up_report_does_not_leave_before_its_news(to):
    news = judge(to)
    with pytest.raises(Refused, match="before this information came"):
        actions.record_submission(**to, rule=f"{RULE}@{news.pk}", sent_on=SENT_ON, sent_to="FDA")


def test_it_is_judged_by_who_reports(to, clinician):
    with pytest.raises(NotAllowed):
        judge(to | {"by": clinician})


def test_two_days_with_one_due_date_bring_one_mail(to, site, reported):
    for day in (dt.date(2026, 5, 9), dt.date(2026, 5, 10)):  # Saturday and Sunday: one business day follows
        judge(to, received_on=day)
    made = actions.remind(by=system("Clocks"), site=site, as_of=dt.date(2026, 5, 28))
    assert [str(row.due_on) for row in made if row.rule == RULE] == ["2026-05-29"]
    body = next(sent.body for sent in mail.outbox if "2026-0001" in sent.subject)
    assert "New information of 9 May 2026" in body
    assert "granuloma" not in body


def test_the_pages_ask_take_the_judgement_once_and_show_the_date(
    client_of, safety_officer, clinician, site, reported
):
    page = client_of(safety_officer)
    actions.record_outcome(by=clinician, site=site, case=reported, outcome="2", informed_on=CAME_ON)
    whole = page.get(url("case", reported.pk)).content.decode()
    for said in ("New information of 11 May 2026", "Say whether it is significant", "Nobody has judged it"):
        assert said in whole
    sending = page.get(url("add-submission", reported.pk)).content.decode()
    assert "New information of" not in sending, "first say whether it is significant"
    form_page = url("judge-news", reported.pk)
    assert 'value="2026-05-11"' in page.get(form_page).content.decode()
    assert page.post(form_page, {}).status_code == 422
    form = {"received_on": "2026-05-11", "significant": "yes", "what": "A biopsy", "key": str(uuid.uuid4())}
    for _ in range(2):
        assert page.post(form_page, form).status_code == 302
    assert count(NewInformation) == 1
    with scopes_disabled():
        key = f"{RULE}@{NewInformation.objects.get().pk}"
    assert f'value="{key}"' in page.get(url("add-submission", reported.pk)).content.decode()
    whole = page.get(url("case", reported.pk)).content.decode()
    assert "1 Jun 2026" in whole
    assert "15 working days" in whole
