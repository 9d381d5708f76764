"""Reports from outside: received by the public form, typed in from the literature, read from files, completed."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.mail import send_mail
from django.utils import timezone

from exovigil.foundation.partial_date import PartialDate
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.governance.vault import seal
from exovigil.vigilance import queries, seriousness
from exovigil.vigilance.duplicate_links import normal
from exovigil.vigilance.incoming_file import FileRefused, Message, read_file
from exovigil.vigilance.minimum import day_zero, met_by
from exovigil.vigilance.models import Case, IncomingFile, IncomingReport, ReportIdentifier

if TYPE_CHECKING:
    from django.core.files.base import File

FILE_LIMIT = 20 * 1024 * 1024  # bytes
LONGEST = 20_000  # characters of words
PER_ADDRESS, PER_SITE = 10, 60  # reports an hour by the public form
OLDEST = 130  # years
TOLD = (
    "reporter reporter_name reporter_contact may_contact country patient_name patient_note age sex product"
    " product_words lot_words words onset outcome serious more citation doi"
).split()
_LENGTHS = {"patient_note": 120, "product_words": 250, "lot_words": 80, "citation": 500, "doi": 120}
_LENGTHS |= dict.fromkeys(("words", "more"), LONGEST) | dict.fromkeys(
    ("reporter_name", "reporter_contact", "patient_name"), 300
)


class TooMany(Exception):
    """More reports came by the public form than it takes in an hour; no field of the form is wrong."""


@action(Permission.TELL_FROM_OUTSIDE)
def tell_from_outside(
    *, by: Actor, site: Site, told: Mapping[str, Any], sent_from: str = ""
) -> IncomingReport:
    """Take a report from somebody without an account, and tell those who report cases that it came.

    ``told`` is what was said, by field name (``TOLD``); whatever it lacks, it is kept. ``sent_from`` is a keyed
    digest of the address. Refuses with TooMany beyond a number of reports an hour.
    """
    _refuse_flood(site, sent_from)
    row = _keep(by, site, IncomingReport.Source.OUTSIDE, timezone.localdate(), told, sent_from=sent_from)
    recipients = queries.to_remind(site)
    if recipients:
        body = (
            f"A reaction was reported to {site} by the public form: {row.number}.\n\n"
            "Sign in to Exovigil and open Incoming to decide on it. The clock runs from the day it came."
        )
        send_mail(f"{row.number}: a report from outside", body, None, recipients, fail_silently=True)
    return row


@action(Permission.ASSESS_CASE)
def record_literature(
    *, by: Actor, site: Site, told: Mapping[str, Any], received_on: dt.date | None = None
) -> IncomingReport:
    """Take a case described in a publication; its citation or DOI stands for the reporter."""
    if not (told.get("citation") or "").strip() and not (told.get("doi") or "").strip():
        raise Refused("Give the publication: its citation, or its DOI.", "citation")
    received = received_on or timezone.localdate()
    _refuse_future(received, "received_on")
    return _keep(by, site, IncomingReport.Source.LITERATURE, received, told)


@action(Permission.ASSESS_CASE)
def bring_in_file(
    *, by: Actor, site: Site, source: "File[bytes]", received_on: dt.date | None = None
) -> IncomingFile:
    """Read a file from another sender: each message becomes an incoming report, the file is kept sealed.

    Refuses, saying why, what is no report, is not safe to open, or was brought in before.
    """
    received = received_on or timezone.localdate()
    _refuse_future(received, "received_on")
    source.seek(0)
    data = source.read(FILE_LIMIT + 1)
    if len(data) > FILE_LIMIT:
        raise Refused("This file is larger than 20 MB. Split the batch into smaller files.", "source")
    sha256 = hashlib.sha256(data).hexdigest()
    earlier = IncomingFile.objects.filter(site=site, sha256=sha256).first()
    if earlier:
        first = earlier.reports.order_by("position").first()
        raise Refused(f"This file was brought in already; its first report is {first}.", "source")
    try:
        batch = read_file(data)
    except FileRefused as error:
        raise Refused(str(error), "source") from error
    row = IncomingFile.objects.create(
        site=site,
        content=seal(data),
        sha256=sha256,
        batch=batch.number[:100],
        sender=batch.sender[:100],
        reports_count=len(batch.messages),
        brought_by_id=by.user_id,
    )
    for position, message in enumerate(batch.messages, start=1):
        _keep_message(by, site, row, position, message, received)
    audit.record(
        "vigilance.incoming.file_brought",
        by=by,
        target=row,
        site=site,
        reports=row.reports_count,
        sha256=sha256,
    )
    return row


@action(Permission.ASSESS_CASE)
def complete_incoming(
    *, by: Actor, site: Site, incoming: IncomingReport, heard_on: dt.date, told: Mapping[str, Any]
) -> IncomingReport:
    """Write down what was learnt since about a report that waits; day 0 is the day the last criterion became known."""
    incoming = waiting(site, incoming)
    _refuse_future(heard_on, "heard_on")
    if heard_on < incoming.received_on:
        raise Refused("This is before the report came. Check the date.", "heard_on")
    given = _checked(told, heard_on)
    changed = sorted(name for name, value in given.items() if getattr(incoming, name) != value)
    for name in changed:
        setattr(incoming, name, given[name])
    _judge(incoming, heard_on)
    incoming.save()
    audit.record(
        "vigilance.incoming.completed",
        by=by,
        target=incoming,
        site=site,
        changed=changed,
        valid_on=str(incoming.valid_on or ""),
    )
    return incoming


def waiting(site: Site, incoming: IncomingReport) -> IncomingReport:
    """Give the report as it is stored now, its row held; refuse another site's and one that was decided on."""
    if incoming.site_id != site.pk:
        raise Refused("This report belongs to another site.")
    now = IncomingReport.objects.select_for_update(no_key=True).get(pk=incoming.pk)
    if now.state != IncomingReport.State.WAITING:
        raise Refused(
            f"This report was decided on already: {now.get_state_display().lower()}. Open it to see."
        )
    return now


def told_by(row: IncomingReport) -> dict[str, object]:
    """Everything in a report that could meet each minimum criterion."""
    source = IncomingReport.Source
    reporters: dict[str, object] = {
        source.OUTSIDE: row.reporter_name or row.reporter_contact,
        source.LITERATURE: row.citation or row.doi,
        source.E2B: row.reporter_name
        or row.reporter_contact
        or (row.reporter if row.reporter != Case.Reporter.UNKNOWN else ""),
    }
    sex = row.sex if row.sex in {"female", "male", "other"} else ""
    age = "" if row.age is None else str(row.age)
    return {
        "reporter": reporters[row.source],
        "patient": row.patient_name or row.patient_note or age or sex,
        "product": "catalogue" if row.product_id else row.product_words,
        "reaction": row.words,
    }


def _keep(
    by: Actor, site: Site, source: str, received_on: dt.date, told: Mapping[str, Any], **more: Any
) -> IncomingReport:
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)  # numbers are given out one at a time
    row = IncomingReport(
        site=site,
        number=_next_number(site, received_on.year),
        source=source,
        received_on=received_on,
        recorded_by_id=by.user_id,
        **_checked(told, received_on),
        **more,
    )
    _judge(row, received_on)
    row.save()
    audit.record(
        "vigilance.incoming.received",
        by=by,
        target=row,
        site=site,
        number=row.number,
        source=str(source),
        met=row.met,
    )
    return row


def _keep_message(
    by: Actor, site: Site, file: IncomingFile, position: int, message: Message, received_on: dt.date
) -> None:
    """Keep one message; what its sender got wrong is kept as sent where it can be, and left out where it cannot."""
    told = dict(message.told)
    if told["onset"] and PartialDate.parse(told["onset"]).earliest > received_on:
        told["onset"] = ""
    lost = [[loss.path, loss.value, loss.times] for loss in message.lost]
    row = _keep(
        by,
        site,
        IncomingReport.Source.E2B,
        received_on,
        told,
        file=file,
        position=position,
        content=seal(message.content),
        not_held=seal(json.dumps(lost).encode()) if lost else None,
    )
    ReportIdentifier.objects.bulk_create(
        ReportIdentifier(
            site=site,
            incoming=row,
            kind=kind,
            source=source[:100],
            value=value[:100],
            value_key=normal(value)[:100],
        )
        for kind, source, value in message.numbers
    )


def _judge(row: IncomingReport, heard_on: dt.date) -> None:
    met = met_by(told_by(row))
    row.met = list(met)
    row.valid_on = day_zero(met, heard_on, row.valid_on, row.received_on)


def _checked(told: Mapping[str, Any], heard_on: dt.date) -> dict[str, Any]:
    """Give what was told, trimmed; refuse what cannot be, beside its field."""
    strangers = sorted(set(told) - set(TOLD))
    if strangers:
        raise Refused(f"{strangers[0]} is nothing that a report holds.")
    given = {name: value.strip() if isinstance(value, str) else value for name, value in told.items()}
    for name, longest in _LENGTHS.items():
        if len(given.get(name) or "") > longest:
            raise Refused(f"At most {longest:,} characters. Shorten it.", name)
    if given.get("doi"):
        given["doi"] = _doi(given["doi"])
    age = told.get("age")
    if age is not None and not 0 <= age <= OLDEST:
        raise Refused("Check the age: it is given in years.", "age")
    _refuse_unknown_codes(given)
    onset = given.get("onset")
    if onset:
        _refuse_bad_onset(onset, heard_on)
    if "serious" in given:
        given["serious"] = sorted(given["serious"])
    return given


def _doi(text: str) -> str:
    """Give a DOI without the address in front of it; refuse what is none."""
    found = re.fullmatch(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?\s*(10\.\d{4,9}/\S+)", text, re.IGNORECASE)
    if not found:
        raise Refused("A DOI starts with 10., such as 10.1002/der2.242. Check it, or leave it empty.", "doi")
    return found[1]


def _refuse_unknown_codes(given: Mapping[str, Any]) -> None:
    sexes = {value for value, _ in IncomingReport._meta.get_field("sex").flatchoices}
    allowed = {"reporter": set(Case.Reporter.values), "sex": sexes, "outcome": set(Case.Outcome.values)}
    for name, codes in allowed.items():
        if name in given and given[name] not in codes:
            raise Refused("Choose one of the answers, “not known” if nobody knows.", name)
    known = {criterion.code for criterion in seriousness.criteria()}
    if set(given.get("serious") or ()) - known:
        raise Refused("Choose from the list.", "serious")


def _refuse_bad_onset(onset: str, heard_on: dt.date) -> None:
    try:
        began = PartialDate.parse(onset)
    except ValueError as error:
        raise Refused(f"{str(error)[0].upper()}{str(error)[1:]}.", "onset") from error
    if began.earliest > heard_on:
        raise Refused("It cannot have begun after it was reported. Check when it began.", "onset")


def _refuse_future(day: dt.date, field: str) -> None:
    if day > timezone.localdate():
        raise Refused("This date is in the future. Enter the day it happened.", field)


def _refuse_flood(site: Site, sent_from: str) -> None:
    """Bound what the public form takes: from one address, and for one site."""
    hour = timezone.now() - dt.timedelta(hours=1)
    rows = IncomingReport.objects.filter(
        site=site, source=IncomingReport.Source.OUTSIDE, arrived_at__gte=hour
    )
    if rows.count() >= PER_SITE or (sent_from and rows.filter(sent_from=sent_from).count() >= PER_ADDRESS):
        raise TooMany(f"{site}: more reports in an hour than the public form takes")


def _next_number(site: Site, year: int) -> str:
    start = f"{site.code.upper()}-I{year}-"
    last = IncomingReport.objects.filter(site=site, number__startswith=start).order_by("-pk").first()
    return f"{start}{int(last.number.removeprefix(start)) + 1 if last else 1:04d}"
