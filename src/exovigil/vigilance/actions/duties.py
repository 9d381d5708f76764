"""Recording the facts that the clocks turn on, the submissions made, and reminding those who report."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.core.mail import send_mail
from django.utils import timezone

from exovigil.foundation.marks import day_words
from exovigil.foundation.unknown import Missing
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.governance.vault import SealBroken, seal, unseal
from exovigil.vigilance import queries
from exovigil.vigilance.actions.cases import refuse_future, refuse_nullified, refuse_other_site
from exovigil.vigilance.duties import DutyLine
from exovigil.vigilance.duty_models import CaseSubmission, DutyFacts, DutyReminder, NewInformation
from exovigil.vigilance.models import Case, Chase, Report
from exovigil.vigilance.regimes import Claim, Region, ReporterRole, Status
from exovigil.vigilance.regimes.scales import own_questions
from exovigil.vigilance.regimes.tables import rule as find_rule

if TYPE_CHECKING:
    from django.core.files.base import File

PROOF_LIMIT = 5 * 1024 * 1024  # bytes
PROOF_KINDS = ("pdf", "xml", "eml", "txt", "png", "jpg")
_ANSWERS = frozenset({"yes", "no", *Missing})


@action(Permission.OPEN_CASE)
def record_duty_facts(
    *,
    by: Actor,
    site: Site,
    case: Case,
    status: str,
    claim: str,
    role: str,
    region: str = "",
    day_zero: dt.date | None = None,
    expected: str = DutyFacts.Expected.UNKNOWN,
    compared_with: str = "",
    answers: Mapping[str, str] | None = None,
) -> DutyFacts:
    """Record what decides who must hear; unknown is allowed everywhere and keeps the duty open.

    ``answers`` are the criteria that ICH does not have, keyed by code; ``expected`` other than unknown needs
    ``compared_with``, the declared information that the reaction was compared with.
    """
    refuse_other_site(case, site)
    answers = dict(answers or {})
    _refuse_bad_facts(status, claim, role, region, expected, answers)
    if expected in {"listed", "not_listed"} and not compared_with.strip():
        raise Refused("Name the leaflet, label or brochure it was compared with.", "compared_with")
    if day_zero and day_zero < case.received_on:
        raise Refused("This is before the reaction was first known. Check the date.", "day_zero")
    if day_zero and day_zero > timezone.localdate():
        raise Refused("This date is in the future. Enter the day it happened.", "day_zero")
    row, made = DutyFacts.objects.update_or_create(
        case=case,
        defaults={
            "site": site,
            "status": status,
            "claim": claim,
            "role": role,
            "region": region,
            "day_zero": day_zero,
            "expected": expected,
            "compared_with": compared_with.strip(),
            "answers": {code: str(value) for code, value in answers.items()},
            "recorded_by_id": by.user_id,
        },
    )
    audit.record(
        "vigilance.duties.facts_recorded",
        by=by,
        target=case,
        site=site,
        status=status,
        claim=claim,
        role=role,
        region=region,
        new=made,
    )
    return row


@action(Permission.ASSESS_CASE)
def record_submission(
    *,
    by: Actor,
    site: Site,
    case: Case,
    rule: str,
    sent_on: dt.date,
    sent_to: str,
    reference: str = "",
    report: Report | None = None,
    proof: "File[bytes] | None" = None,
) -> CaseSubmission:
    """Record that a report for one duty was sent, with the proof of it; the proof is kept sealed.

    ``rule`` is the key of the duty; a follow-up's names its new information too: ``us_cosmetic_firm@12``. ``report`` is
    the file that was sent, if it was one of ours: the receiver's answer then finds the submission.
    """
    refuse_other_site(case, site)
    if report is not None and report.case_id != case.pk:
        raise Refused("This report was written for another case.", "report")
    rule, _, told = rule.partition("@")
    row, news = find_rule(rule), _news_of(case, told)
    if row is None:
        raise Refused("Choose the duty that this submission meets.", "rule")
    if sent_on > timezone.localdate():
        raise Refused("This date is in the future. Enter the day it was sent.", "sent_on")
    if sent_on < case.received_on:
        raise Refused("It was sent before the reaction was first known. Check the date.", "sent_on")
    if not sent_to.strip():
        raise Refused("Say to whom it was sent.", "sent_to")
    if news and sent_on < news.received_on:
        raise Refused("It was sent before this information came. Check the date.", "sent_on")
    data, kind = _read_proof(proof)
    lines = queries.duties(case).lines
    due = next((x.duty.due_on for x in lines if x.duty.rule.key == rule and x.news == news), None)
    made = CaseSubmission.objects.create(
        site=site,
        case=case,
        rule=rule,
        news=news,
        title=row.title,
        due_on=due,
        sent_on=sent_on,
        sent_to=sent_to.strip(),
        reference=reference.strip(),
        report=report,
        proof=seal(data) if data is not None else None,
        proof_kind=kind,
        proof_sha256=hashlib.sha256(data).hexdigest() if data is not None else "",
        recorded_by_id=by.user_id,
    )
    audit.record(
        "vigilance.submission.recorded",
        by=by,
        target=made,
        site=site,
        case=case.pk,
        rule=rule,
        news=news.pk if news else None,
        sent_on=str(sent_on),
        due_on=str(due) if due else None,
        sha256=made.proof_sha256,
    )
    return made


@action(Permission.ASSESS_CASE)
def judge_news(
    *, by: Actor, site: Site, case: Case, received_on: dt.date, significant: str, what: str
) -> NewInformation:
    """Say whether information that came after a report is significant: it then starts the clock of a follow-up report.

    What waited to be judged is settled by it, so ``received_on`` may not be later than the first day of that.
    """
    refuse_other_site(case, site)
    refuse_nullified(case)
    first = case.submissions.order_by("sent_on").values_list("sent_on", flat=True).first()
    if first is None:
        raise Refused("No report of this case has been sent yet, so it goes into the first one.")
    if significant not in NewInformation.Significant.values:
        raise Refused("Choose whether it is significant, “Not known” if nobody can say yet.", "significant")
    if not what.strip():
        raise Refused("Say what is new.", "what")
    refuse_future(received_on, "received_on")
    if received_on < first:
        raise Refused(
            f"The first report was sent on {day_words(first)}. Enter the day this came after it.",
            "received_on",
        )
    if case.news_since and received_on > case.news_since:
        waited = day_words(case.news_since)
        raise Refused(f"Information waits to be judged since {waited}. Enter that day.", "received_on")
    row = NewInformation.objects.create(
        site=site,
        case=case,
        received_on=received_on,
        significant=significant,
        what=what.strip(),
        judged_by_id=by.user_id,
    )
    case.news_since = None
    case.save(update_fields=["news_since"])
    audit.record(
        "vigilance.news.judged",
        by=by,
        target=row,
        site=site,
        case=case.pk,
        received_on=str(received_on),
        significant=significant,
    )
    return row


@action(Permission.VIEW_CASES)
def read_proof(*, by: Actor, site: Site, submission: CaseSubmission) -> bytes:
    """Unseal the proof of a submission for somebody who may see it; the reading is recorded."""
    if submission.site_id != site.pk or submission.proof is None:
        raise Refused("There is no proof with this submission.")
    try:
        data = unseal(bytes(submission.proof))
    except SealBroken as error:
        raise Refused(
            "This proof cannot be read: it was sealed with another key. Ask whoever runs Exovigil."
        ) from error
    if hashlib.sha256(data).hexdigest() != submission.proof_sha256:
        raise Refused("This proof is not the one that was recorded. Tell whoever runs Exovigil.")
    audit.record("vigilance.submission.proof_read", by=by, target=submission, site=site)
    return data


@action(Permission.ASSESS_CASE)
def remind(*, by: Actor, site: Site, as_of: dt.date) -> list[DutyReminder]:
    """Send an e-mail for every duty that is due soon, came back rejected or is overdue, and for every chase due.

    Each goes out once for its duty, date and stage, or for its chase. The mail names the case or report by number
    only. A mail that cannot be sent undoes the whole run, so that the next one sends it.
    """
    recipients = queries.to_remind(site)
    lines = [line for line in queries.open_duties() if line.duty.is_certain and line.stage(as_of)]
    sent = queries.reminders_sent({line.case.pk for line in lines})
    made, mails = [], []
    for line in lines if recipients else []:
        due, stage = line.duty.date, line.stage(as_of)
        if due is None or (line.case.pk, line.duty.rule.key, due, stage) in sent:
            continue
        sent.add((line.case.pk, line.duty.rule.key, due, stage))
        made.append(
            DutyReminder.objects.create(
                site=site,
                case=line.case,
                rule=line.duty.rule.key,
                due_on=due,
                stage=stage,
                recipients=len(recipients),
            )
        )
        mails.append((_subject(line, as_of), _body(line, as_of)))
    chases = _due_chases(as_of) if recipients else []
    Chase.objects.filter(pk__in=[chase.pk for chase in chases]).update(reminded_on=as_of)
    mails += [(f"{row.incoming.number}: ask again", _chase_body(row)) for row in chases]
    audit.record(
        "vigilance.clocks.run",
        by=by,
        site=site,
        as_of=str(as_of),
        due=len(lines),
        reminders=len(made),
        chases=len(chases),
    )
    for subject, body in mails:
        send_mail(subject, body, None, recipients)
    return made


def _news_of(case: Case, told: str) -> NewInformation | None:
    """New information that a follow-up report tells; none for a first report."""
    if not told:
        return None
    found = case.news.filter(pk=int(told)).first() if told.isdecimal() else None
    if found is None:
        raise Refused("Choose the duty that this submission meets.", "rule")
    return found


def _refuse_bad_facts(
    status: str, claim: str, role: str, region: str, expected: str, answers: Mapping[str, str]
) -> None:
    for value, allowed, field in (
        (status, set(Status), "status"),
        (claim, set(Claim), "claim"),
        (role, set(ReporterRole), "role"),
        (region, {"", *Region}, "region"),
        (expected, set(DutyFacts.Expected.values), "expected"),
    ):
        if value not in allowed:
            raise Refused("Choose one of the answers, “not known” if nobody knows.", field)
    known = {question.code for question in own_questions()}
    for code, value in answers.items():
        if code not in known or value not in _ANSWERS:
            raise Refused("Choose an answer, “not asked” if it was not.", code if code in known else None)


def _read_proof(proof: "File[bytes] | None") -> tuple[bytes | None, str]:
    if proof is None:
        return None, ""
    kind = str(proof.name or "").rsplit(".", 1)[-1].lower().replace("jpeg", "jpg")
    if kind not in PROOF_KINDS:
        raise Refused(f"Send the proof as one of these kinds of file: {', '.join(PROOF_KINDS)}.", "proof")
    proof.seek(0)
    data = proof.read(PROOF_LIMIT + 1)
    if not data:
        raise Refused("This file is empty. Choose it again.", "proof")
    if len(data) > PROOF_LIMIT:
        raise Refused("This file is larger than 5 MB. Send a smaller one.", "proof")
    return data, kind


def _due_chases(as_of: dt.date) -> list[Chase]:
    """Chases that are due and nobody was told of yet."""
    rows = [row.next_chase for row in queries.chases_due(as_of)]
    return [chase for chase in rows if chase is not None and chase.reminded_on is None]


def _chase_body(chase: Chase) -> str:
    return "\n".join(
        (
            f"Report {chase.incoming.number} to {chase.incoming.site} is not valid yet.",
            f"It was last asked about on {day_words(chase.chased_on)}; the next attempt was set for "
            f"{day_words(chase.next_on)}.",
            "",
            "Open it under Incoming in Exovigil to see what it lacks, and write down what came of it.",
        )
    )


def _subject(line: DutyLine, as_of: dt.date) -> str:
    return f"{line.case.number}: {line.duty.rule.title}, {line.state(as_of)[0].lower()}"


def _body(line: DutyLine, as_of: dt.date) -> str:
    kind = "by law" if line.duty.due_on else "a reminder of this registry, not a date of law"
    return "\n".join(
        (
            f"Case {line.case.number} of {line.case.site}",
            f"What: {line.title}",
            f"By when: {day_words(line.duty.date)} ({kind}); {line.state(as_of)[0].lower()}",
            "",
            "Open the case in Exovigil to see why, and record the submission there when it was sent.",
        )
    )
