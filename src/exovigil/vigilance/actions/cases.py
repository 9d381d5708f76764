"""Opening a case and recording what happened, how serious it was and how it ended."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from exovigil.foundation.partial_date import PartialDate
from exovigil.foundation.unknown import Missing
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.vigilance import seriousness
from exovigil.vigilance.labels import region_choices, term_choices
from exovigil.vigilance.models import Case
from exovigil.vigilance.tasks_of import OVER

if TYPE_CHECKING:
    from exovigil.catalogue.models import Lot, Product
    from exovigil.clinic.models import FollowUpAnswer, Patient, Treatment

_ANSWERS = frozenset({"yes", "no", *Missing})


@action(Permission.OPEN_CASE)
def open_case(
    *,
    by: Actor,
    site: Site,
    term: str,
    words: str,
    answer: "FollowUpAnswer | None" = None,
    treatment: "Treatment | None" = None,
    patient: "Patient | None" = None,
    product: "Product | None" = None,
    product_status: str = Missing.UNKNOWN,
    lot: "Lot | None" = None,
    lot_status: str = Missing.UNKNOWN,
    reporter: str = Case.Reporter.UNKNOWN,
    source: str = "",
    received_on: dt.date | None = None,
    onset: str = "",
    regions: Sequence[str] = (),
    lesion: str = "",
) -> Case:
    """Open a case from a follow-up answer, from a treatment, or from what little is known.

    An answer or a treatment settles the patient, the product and the lot; without either the caller names them or
    says why they are missing (``unknown``, ``not_asked``, ``refused``). ``received_on`` is the day the clinic first
    heard; for an answer it is the day of the answer. ``source`` is where it came from, if not from the clinic or
    its patient.
    """
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)  # numbers are given out one at a time
    treatment = _treatment_of(site, answer, treatment)
    if treatment:
        patient, product, lot = treatment.patient, treatment.product, treatment.lot
    if answer:
        received_on, reporter = answer.answered_on, _reporter_of(answer, reporter)
    received_on = received_on or timezone.localdate()
    refuse_bad_course(treatment, received_on, term=term, words=words, onset=onset, regions=regions)
    refuse_bad_product(product, lot)
    if patient and patient.site_id != site.pk:
        raise Refused("This patient belongs to another site.")
    if reporter not in Case.Reporter.values:
        raise Refused("Choose who told the clinic.", "reporter")
    by_patient = answer is not None and answer.channel == "patient"
    case = Case.objects.create(
        site=site,
        number=_next_number(site, received_on.year),
        source=Case.Source.PATIENT if by_patient else source or Case.Source.CLINIC,
        reporter=reporter,
        received_on=received_on,
        informed_on=received_on,
        patient=patient,
        treatment=treatment,
        answer=answer,
        product=product,
        product_status=_status(product, product_status, "product_status"),
        lot=lot,
        lot_status=_status(lot, lot_status, "lot_status"),
        words=words.strip(),
        term=term,
        onset=onset,
        regions=list(regions),
        lesion=lesion.strip(),
        seriousness={c.code: Missing.NOT_ASKED.value for c in seriousness.criteria()},
        opened_by_id=by.user_id,
    )
    audit.record(
        "vigilance.case.opened",
        by=by,
        target=case,
        site=site,
        number=case.number,
        answer=answer.pk if answer else None,
        treatment=treatment.pk if treatment else None,
    )
    return case


@action(Permission.OPEN_CASE)
def record_what_happened(
    *,
    by: Actor,
    site: Site,
    case: Case,
    term: str,
    words: str,
    onset: str = "",
    regions: Sequence[str] = (),
    lesion: str = "",
    informed_on: dt.date | None = None,
) -> Case:
    """Correct or complete the reaction: its class, the reporter's words, when it began, where, what was seen."""
    refuse_other_site(case, site)
    refuse_bad_course(case.treatment, case.received_on, term=term, words=words, onset=onset, regions=regions)
    new = {
        "term": term,
        "words": words.strip(),
        "onset": onset,
        "regions": list(regions),
        "lesion": lesion.strip(),
    }
    changed = [name for name, value in new.items() if getattr(case, name) != value]
    for name, value in new.items():
        setattr(case, name, value)
    heard(case, informed_on, *new)
    audit.record("vigilance.case.described", by=by, target=case, site=site, changed=changed)
    return case


@action(Permission.OPEN_CASE)
def record_seriousness(
    *,
    by: Actor,
    site: Site,
    case: Case,
    answers: Mapping[str, str],
    informed_on: dt.date | None = None,
) -> Case:
    """Answer the six ICH criteria, each yes, no, or why there is no answer."""
    refuse_other_site(case, site)
    for criterion in seriousness.criteria():
        if answers.get(criterion.code) not in _ANSWERS:
            raise Refused(f"{criterion.label}: choose an answer, “not asked” if it was not.", criterion.code)
    strangers = set(answers) - {c.code for c in seriousness.criteria()}
    if strangers:
        raise Refused(f"{sorted(strangers)[0]} is not a criterion of seriousness.")
    if case.outcome == Case.Outcome.FATAL and answers["death"] != "yes":
        raise Refused("The outcome is recorded as fatal. Answer yes, or correct the outcome first.", "death")
    changed = [code for code, value in answers.items() if case.seriousness.get(code) != value]
    case.seriousness = {code: str(value) for code, value in answers.items()}
    heard(case, informed_on, "seriousness")
    audit.record("vigilance.case.seriousness_recorded", by=by, target=case, site=site, changed=changed)
    return case


@action(Permission.OPEN_CASE)
def record_outcome(
    *,
    by: Actor,
    site: Site,
    case: Case,
    outcome: str,
    ended_on: dt.date | None = None,
    informed_on: dt.date | None = None,
) -> Case:
    """Record how the reaction stood when last looked at, and the day it was over if it is and the day is known."""
    refuse_other_site(case, site)
    if outcome not in Case.Outcome.values:
        raise Refused("Choose the outcome.", "outcome")
    if outcome == Case.Outcome.FATAL and case.seriousness.get("death") == "no":
        raise Refused(
            "The seriousness says that it did not result in death. Correct the seriousness first.", "outcome"
        )
    _refuse_bad_end(case, outcome, ended_on)
    case.outcome, case.ended_on = outcome, ended_on
    heard(case, informed_on, "outcome", "ended_on")
    audit.record("vigilance.case.outcome_recorded", by=by, target=case, site=site)
    return case


def heard(case: Case, informed_on: dt.date | None, *fields: str) -> None:
    """Save ``fields`` of the case and note when the latest information came; that day never moves back.

    What comes after a report had left may start a clock of its own: the first such day waits for somebody to judge it.
    """
    day = informed_on or timezone.localdate()
    case.informed_on = max(case.informed_on, day)
    if case.submissions.filter(sent_on__lte=day).exists():
        case.news_since = min(case.news_since or day, day)
    save_changed(case, "informed_on", "news_since", *fields)


def save_changed(case: Case, *fields: str) -> None:
    """Save ``fields``; a case that was reported is open again, since its report no longer tells all of it."""
    refuse_nullified(case)
    if case.state in {Case.State.REPORTED, Case.State.ACCEPTED}:
        case.state = Case.State.OPEN
    case.save(update_fields=["state", *fields])


def refuse_other_site(case: Case, site: Site) -> None:
    """Refuse a case of another site than the one the action was allowed for."""
    if case.site_id != site.pk:
        raise Refused("This case belongs to another site.")


def refuse_future(day: dt.date | None, field: str) -> None:
    """Refuse a day that has not come."""
    if day and day > timezone.localdate():
        raise Refused("This date is in the future. Enter the day it happened.", field)


def refuse_nullified(case: Case) -> None:
    """Refuse to change a case that was nullified; what it held stays as it was."""
    if Case.objects.filter(pk=case.pk, state=Case.State.NULLIFIED).exists():
        raise Refused(
            "This case was nullified and can no longer be changed. Open a new case if it was one after all."
        )


def refuse_bad_course(
    treatment: "Treatment | None",
    received_on: dt.date,
    *,
    term: str,
    words: str,
    onset: str,
    regions: Sequence[str],
) -> None:
    """Refuse a reaction that is not in the list, has no words, or cannot have happened in that order."""
    if term not in dict(term_choices()):
        raise Refused("Choose the reaction from the list.", "term")
    if not words.strip():
        raise Refused("Write what was reported, in the reporter's own words.", "words")
    unknown = sorted(set(regions) - set(dict(region_choices())))
    if unknown:
        raise Refused(f"{unknown[0]} is not a region of the body map. Choose from the map.", "regions")
    if received_on > timezone.localdate():
        raise Refused("This date is in the future. Enter the day the clinic was told.", "received_on")
    if treatment and received_on < treatment.treated_on:
        raise Refused(
            "The reaction was reported before the treatment. Check the date, or the treatment.", "received_on"
        )
    if onset:
        _refuse_bad_onset(treatment, received_on, onset)


def refuse_bad_product(product: "Product | None", lot: "Lot | None") -> None:
    """Refuse a lot that is not one of the product."""
    if lot and (product is None or lot.product_id != product.pk):
        raise Refused("This lot belongs to another product. Choose the product first, then its lot.", "lot")


def _refuse_bad_end(case: Case, outcome: str, ended_on: dt.date | None) -> None:
    if ended_on is None:
        return
    if outcome not in OVER:
        raise Refused(
            "The outcome says that it is not over. Clear the day, or choose another outcome.", "ended_on"
        )
    refuse_future(ended_on, "ended_on")
    began = PartialDate.parse(case.onset).earliest if case.onset else None
    earliest = max(
        (day for day in (began, case.treatment and case.treatment.treated_on) if day), default=None
    )
    if earliest and ended_on < earliest:
        raise Refused("It was over before it began. Check the date.", "ended_on")


def _refuse_bad_onset(treatment: "Treatment | None", received_on: dt.date, onset: str) -> None:
    try:
        began = PartialDate.parse(onset)
    except ValueError as error:
        raise Refused(f"{str(error)[0].upper()}{str(error)[1:]}.", "onset") from error
    if began.earliest > received_on:
        raise Refused("It cannot have begun after it was reported. Check when it began.", "onset")
    if treatment and began.latest < treatment.treated_on:
        raise Refused(
            "It began before the treatment, so it cannot be a reaction to it. Check the date, or open the case "
            "from another treatment.",
            "onset",
        )


def _treatment_of(
    site: Site, answer: "FollowUpAnswer | None", treatment: "Treatment | None"
) -> "Treatment | None":
    """Find the treatment that a case is about; refuse an answer that is a case already, and another site's row."""
    if answer is not None:
        earlier = Case.objects.filter(answer=answer).first()
        if earlier:
            raise Refused(f"This answer is already case {earlier.number}. Open that case instead.")
        treatment = answer.follow_up.treatment
    if treatment is not None and treatment.site_id != site.pk:
        raise Refused("This treatment belongs to another site.")
    return treatment


def _reporter_of(answer: "FollowUpAnswer", reporter: str) -> str:
    """Give the patient as reporter of an answer by link, whatever was chosen; the clinic's own stays as chosen."""
    return str(Case.Reporter.PATIENT) if answer.channel == "patient" else reporter


def _status(row: object | None, status: str, field: str) -> str:
    if row is not None:
        return "known"
    if status not in set(Missing):
        raise Refused("Say why it is not known: not known, not asked, or did not want to say.", field)
    return str(status)


def _next_number(site: Site, year: int) -> str:
    """Give the next number of the site and the year in which the reaction was first known."""
    start = f"{site.code.upper()}-{year}-"
    last = Case.objects.filter(site=site, number__startswith=start).order_by("-pk").first()
    return f"{start}{int(last.number.removeprefix(start)) + 1 if last else 1:04d}"
