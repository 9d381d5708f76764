"""Follow-up: links for patients, what they or the clinic for them answered, and the clinic's review of it."""

import datetime as dt
from collections.abc import Mapping

from django.core.files.base import File
from django.utils import timezone

from exovigil.clinic import links, solicited
from exovigil.clinic.actions.photos import files_follow_the_transaction, keep
from exovigil.clinic.models import FollowUp, FollowUpAnswer, FollowUpLink
from exovigil.foundation.partial_date import PartialDate
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission

LONGEST_WORDS = 4000


@action(Permission.FOLLOW_UP)
def make_link(
    *, by: Actor, site: Site, follow_up: FollowUp, expires_at: dt.datetime | None = None
) -> FollowUpLink:
    """Make the patient's link to one follow-up; there is one that can be used at a time."""
    _belongs(follow_up.site_id, site)
    now = timezone.now()
    if follow_up.links.filter(revoked_at__isnull=True, expires_at__gt=now).exists():
        raise Refused("There is already a link that can be used. Withdraw it before you make a new one.")
    expires_at = expires_at or links.default_expiry(follow_up, now)
    if expires_at <= now:
        raise Refused("The link would have expired already. Choose a later day.", "expires_at")
    link = FollowUpLink.objects.create(site=site, follow_up=follow_up, expires_at=expires_at)
    audit.record(
        "clinic.link.made", by=by, target=link, site=site, follow_up=follow_up.pk, expires_at=expires_at
    )
    return link


@action(Permission.FOLLOW_UP)
def revoke_link(*, by: Actor, site: Site, link: FollowUpLink) -> FollowUpLink:
    """Withdraw a link: whoever opens it is told to call the clinic."""
    _belongs(link.site_id, site)
    kept = FollowUpLink.objects.select_for_update().get(pk=link.pk)
    if not links.is_open(kept):
        raise Refused("This link has already ended, so there is nothing to withdraw.")
    kept.revoked_at = timezone.now()
    kept.save(update_fields=["revoked_at"])
    audit.record("clinic.link.revoked", by=by, target=kept, site=site, follow_up=kept.follow_up_id)
    return kept


@action(Permission.ANSWER_FOLLOW_UP)
def answer_follow_up(
    *,
    by: Actor,
    site: Site,
    follow_up: FollowUp,
    all_well: bool,
    reactions: Mapping[str, int] | None = None,
    onset: str = "",
    words: str = "",
    answered_on: dt.date | None = None,
) -> FollowUpAnswer:
    """Keep what the patient said through the link of this very follow-up.

    ``reactions`` maps the codes of ``solicited.reactions`` to severity 1 to 3; ``onset`` is a partial date or empty.
    Each call adds an answer and none is overwritten.
    """
    try:
        link = links.of_actor(by)
    except links.LinkProblem as problem:
        raise Refused("This link can no longer be used. Please call the clinic.") from problem
    if link.follow_up_id != follow_up.pk:
        raise Refused("This link belongs to another follow-up. Please call the clinic.")
    answer = FollowUpAnswer(
        channel=FollowUpAnswer.Channel.PATIENT,
        all_well=all_well,
        reactions=dict(reactions or {}),
        onset=onset,
        words=words.strip(),
        answered_on=answered_on or timezone.localdate(),
    )
    return _keep_answer(by, site, follow_up, answer)


@files_follow_the_transaction
@action(Permission.FOLLOW_UP)
def record_follow_up(
    *,
    by: Actor,
    site: Site,
    follow_up: FollowUp,
    all_well: bool,
    answered_on: dt.date,
    reactions: Mapping[str, int] | None = None,
    onset: str = "",
    words: str = "",
    photo: "File[bytes] | None" = None,
) -> FollowUpAnswer:
    """Keep what a patient said on the phone or at a visit, with a photograph if one was taken."""
    answer = FollowUpAnswer(
        channel=FollowUpAnswer.Channel.CLINIC,
        all_well=all_well,
        reactions=dict(reactions or {}),
        onset=onset,
        words=words.strip(),
        answered_on=answered_on,
        recorded_by_id=by.user_id,
    )
    kept = _keep_answer(by, site, follow_up, answer)
    if photo is not None:
        keep(by=by, site=site, answer=kept, photo=photo)
    return kept


@action(Permission.VIEW_CASES)
def review_answer(*, by: Actor, site: Site, answer: FollowUpAnswer, note: str) -> FollowUpAnswer:
    """Sign that a clinician or a safety officer has seen an answer, with what was decided."""
    _belongs(answer.site_id, site)
    if by.user_id is None:
        raise Refused("A person reviews an answer; sign in to do it.")
    kept = FollowUpAnswer.objects.select_for_update().get(pk=answer.pk)
    if kept.reviewed_at is not None:
        raise Refused("This answer was reviewed before. Open a case to add to it.")
    if not note.strip():
        raise Refused("Write what you decided, for example “called, seen today”.", "note")
    kept.reviewed_at, kept.reviewed_by_id, kept.review_note = timezone.now(), by.user_id, note.strip()
    kept.save(update_fields=["reviewed_at", "reviewed_by", "review_note"])
    audit.record("clinic.answer.reviewed", by=by, target=kept, site=site)
    return kept


@action(Permission.VIEW_PATIENTS)
def export_follow_ups(*, by: Actor, site: Site, follow_ups: list[FollowUp]) -> list[FollowUp]:
    """Hand out follow-up rows of one site for a file; the event says how many left."""
    for row in follow_ups:
        _belongs(row.site_id, site)
    audit.record("clinic.follow_ups.exported", by=by, site=site, rows=len(follow_ups), identifiers=False)
    return follow_ups


def _keep_answer(by: Actor, site: Site, follow_up: FollowUp, answer: FollowUpAnswer) -> FollowUpAnswer:
    """Check an answer against its treatment and the reactions asked for, flag it and save it."""
    _belongs(follow_up.site_id, site)
    treated_on = follow_up.treatment.treated_on
    _check_substance(answer)
    _check_dates(answer, treated_on)
    flags = solicited.red_flags(answer.reactions, (answer.answered_on - treated_on).days)
    answer.site, answer.follow_up = site, follow_up
    answer.red_flags = [flag.reaction.code for flag in flags]
    answer.save(force_insert=True)
    _mark_done(follow_up, answer.answered_on)
    audit.record(
        "clinic.answer.received" if by.user_id is None else "clinic.answer.recorded",
        by=by,
        target=answer,
        site=site,
        follow_up=follow_up.pk,
        channel=answer.channel,
    )
    return answer


def _check_substance(answer: FollowUpAnswer) -> None:
    """All well or something wrong, and if wrong, at least one reaction or some words."""
    if answer.all_well and (answer.reactions or answer.onset):
        raise Refused("Say either that all is well or what is wrong, not both.", "all_well")
    if not answer.all_well and not answer.reactions and not answer.words:
        raise Refused("Say what is wrong: choose from the list, or describe it in your own words.", "words")
    if len(answer.words) > LONGEST_WORDS:
        raise Refused(f"This is too long. Use at most {LONGEST_WORDS} characters.", "words")
    known = {reaction.code for reaction in solicited.reactions()}
    grades = {severity.grade for severity in solicited.severities() if severity.grade > 0}
    for code, grade in answer.reactions.items():
        if code not in known or isinstance(grade, bool) or grade not in grades:
            raise Refused("Choose from the list, and say for each how bad it is.", "reactions")


def _check_dates(answer: FollowUpAnswer, treated_on: dt.date) -> None:
    if answer.answered_on > timezone.localdate():
        raise Refused("This day has not come yet. Enter the day of the answer.", "answered_on")
    if answer.answered_on < treated_on:
        raise Refused("This is before the treatment. Enter the day of the answer.", "answered_on")
    if not answer.onset:
        return
    try:
        onset = PartialDate.parse(answer.onset)
    except ValueError as error:
        raise Refused(f"{str(error)[0].upper()}{str(error)[1:]}.", "onset") from error
    if onset.latest < treated_on:
        raise Refused(
            "This is before the treatment. Check the date, or leave it empty if it is not known.", "onset"
        )
    if onset.earliest > answer.answered_on:
        raise Refused("This is after the answer. Check when it began.", "onset")


def _mark_done(follow_up: FollowUp, answered_on: dt.date) -> None:
    """Count the visit as done by the first answer from the day its window opens.

    An earlier one, such as "something is wrong" on the second day through the link for week 8, is kept and flagged
    but does not stand for week 8.
    """
    if answered_on < follow_up.opens_on:
        return
    if follow_up.answered_on is None or answered_on < follow_up.answered_on:
        follow_up.answered_on = answered_on
        follow_up.save(update_fields=["answered_on"])


def _belongs(site_id: int, site: Site) -> None:
    if site_id != site.pk:
        raise Refused("This record belongs to another site.")
