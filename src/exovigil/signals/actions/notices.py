"""Sending the messages of the watch: each once, without patient data, whatever is stopped in between."""

import contextlib
from collections.abc import Iterable

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from exovigil.foundation.marks import day_words
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor, system
from exovigil.governance.roles import Permission
from exovigil.signals.models import Notice
from exovigil.signals.queries.alarms import addresses_of, unsent
from exovigil.signals.watch import watch_designs

SENDER = "Watch"


def send_after_commit(notices: Iterable[Notice]) -> None:
    """Send notices once the change that made them is kept; what fails is sent with the next night's run."""
    keys = [notice.pk for notice in notices]

    def send() -> None:  # not functools.partial: it has no name for Django to log when it fails
        for key in keys:
            with contextlib.suppress(Refused):
                send_notice(by=system(SENDER), notice=key)

    if keys:
        transaction.on_commit(send, robust=True)


def send_what_is_left(*, by: Actor) -> int:
    """Send every notice that has not gone out yet; returns how many went."""
    sent = 0
    for key in unsent():
        with contextlib.suppress(Refused):
            send_notice(by=by, notice=key)
            sent += 1
    return sent


@action(Permission.RUN_WATCH)
def send_notice(*, by: Actor, notice: int) -> Notice:
    """Send one notice to everybody it is for, out of sight of each other; refused when it went out before.

    The mail is the last thing in the transaction: when it cannot be sent the notice stays unsent. Without anybody to
    send it to it is refused and stays too, until there is somebody.
    """
    row = Notice.objects.select_for_update(of=("self",)).select_related("alarm", "site").get(pk=notice)
    addresses = addresses_of(row)
    if row.sent_at is not None:
        raise Refused("This notice went out already.")
    if not addresses:
        raise Refused("There is nobody to send this notice to. Add a member to the site.")
    row.sent_at, row.recipients = timezone.now(), len(addresses)
    row.save(update_fields=["sent_at", "recipients"])
    audit.record(
        "signals.notice.sent",
        by=by,
        target=row,
        alarm=row.alarm_id,
        decision=row.decision_id,
        clinic=row.site.code if row.site else "",
        recipients=len(addresses),
    )
    EmailMessage(subject=_subject(row), body=_body(row), bcc=addresses).send()
    return row


def _what(row: Notice) -> str:
    alarm = row.alarm
    return f"lot {alarm.lot.number} of {alarm.product.name}" if alarm.lot else alarm.product.name


def _subject(row: Notice) -> str:
    return f"Exovigil {'safety notice' if row.decision_id else 'alarm'}: {_what(row)}"


def _body(row: Notice) -> str:
    alarm, link = row.alarm, _address(reverse("signals:alarm", args=[row.alarm_id]))
    if row.decision_id:
        told = (
            f"The safety officers of the network have decided to inform every clinic that used {_what(row)}.\n"
            f"Sign in and read the notice before the next treatment: {link}\n"
        )
    else:
        event = next(
            (d.event_class for d in watch_designs() if d.key == alarm.event_class), alarm.event_class
        )
        told = (
            f"The watch found more of one event than the treatments with {_what(row)} explain.\n\n"
            f"Event: {event}\n"
            f"Crossed its boundary on {day_words(alarm.alarmed_on)}, with {alarm.events} cases "
            f"where {alarm.expected:.3f} were expected.\n\n"
            f"Sign in to see the investigation and decide what to do: {link}\n"
        )
    return f"{told}This message holds no patient data.\n"


def _address(path: str) -> str:
    return f"{settings.SITE_ADDRESS.rstrip('/')}{path}" if settings.SITE_ADDRESS else f"Exovigil, page {path}"
