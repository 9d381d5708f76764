"""Alarms and what was decided about them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils import timezone

from exovigil.clinic import queries as clinic
from exovigil.governance.models import Site
from exovigil.governance.roles import MEMBER_ROLES, SAFETY_OFFICER, Permission
from exovigil.signals.models import Alarm, Notice, Stream
from exovigil.signals.queries.runs import counted_once, latest_run, replay, sentence, streams_of
from exovigil.signals.record import Replay, second_opinion
from exovigil.signals.second_opinion import beside_watch


@dataclass(frozen=True, slots=True)
class AlarmView:
    """An alarm beside its stream in the latest run, if that run has it; ``story`` says when it alarmed.

    ``counted_once`` says it of the de-duplicated count where that differs, ``doubt`` what the second opinion says
    where it disagrees. ``lots`` are, for an alarm on a product, the lots of it that are in alarm themselves.
    """

    alarm: Alarm
    stream: Stream | None
    path: Replay | None
    story: str
    counted_once: str = ""
    doubt: str = ""
    lots: tuple[Stream, ...] = ()


def alarms() -> QuerySet[Alarm]:
    """Every alarm, newest first, with its decisions."""
    return Alarm.objects.select_related("product", "lot__product").prefetch_related("decisions__decided_by")


def open_alarms() -> QuerySet[Alarm]:
    """Alarms nobody has decided yet, newest first."""
    return alarms().filter(state=Alarm.State.OPEN)


def alarm(alarm_id: int) -> Alarm:
    """One alarm by key; raises Alarm.DoesNotExist."""
    return alarms().get(pk=alarm_id)


def alarm_views(found: Iterable[Alarm]) -> list[AlarmView]:
    """Put alarms beside their streams in the latest run; of one product its lots come before itself."""
    rows, run = sorted(found, key=lambda a: (a.lot_id is None, a.alarmed_on)), latest_run()
    wanted = Q(pk__in=[])
    for row in rows:
        same = Q(lot=row.lot_id) if row.lot_id else Q(lot=None) | Q(state=Stream.State.ALARM)
        wanted |= Q(event_class=row.event_class, product=row.product_id) & same
    streams = {_key(s): s for s in streams_of(run).filter(wanted)} if run and rows else {}
    return [_view(row, streams) for row in rows]


def in_hand() -> QuerySet[Alarm]:
    """Alarms whose investigation is not closed, newest first."""
    return alarms().filter(state__in=[Alarm.State.OPEN, Alarm.State.CONFIRMED])


def sites_that_used(alarm: Alarm) -> list[Site]:
    """Clinics of the network that treated with the alarm's lot, or with any lot of its product."""
    rows = clinic.exposures(timezone.localdate(), product_id=alarm.product_id)
    codes = {row.site_code for row in rows if alarm.lot_id is None or row.lot_id == alarm.lot_id}
    return list(Site.objects.filter(code__in=codes).order_by("code"))


def addresses_of(notice: Notice) -> list[str]:
    """E-mail addresses a notice goes to, each once.

    The safety officers of the network when an alarm is raised; those of a clinic who see patients when it is told.
    """
    wanted = Q(is_active=True, memberships__role=SAFETY_OFFICER.key)
    if notice.site_id is not None:
        treating = [key for key, role in MEMBER_ROLES.items() if Permission.VIEW_PATIENTS in role.permissions]
        wanted = Q(is_active=True, memberships__role__in=treating, memberships__site=notice.site_id)
    return sorted(set(get_user_model().objects.filter(wanted).values_list("email", flat=True)))


def unsent() -> list[int]:
    """Notices that have not gone out yet, by key, the oldest first."""
    rows = Notice.objects.filter(sent_at__isnull=True).order_by("made_at", "pk")
    return list(rows.values_list("pk", flat=True))


def notices_to(site_ids: Iterable[int]) -> QuerySet[Notice]:
    """Notices to some clinics, newest first, with the alarm and the decision they are about."""
    rows = Notice.objects.filter(site__in=list(site_ids))
    return rows.select_related("alarm__product", "alarm__lot__product", "decision__decided_by", "site")


def _view(alarm: Alarm, streams: dict[tuple[str, int, int | None], Stream]) -> AlarmView:
    stream = streams.get(_key(alarm))
    path = replay(stream) if stream else None
    lots = (s for key, s in streams.items() if key[:2] == _key(alarm)[:2] and s.lot and s.alarmed_on)
    own = tuple(lots) if alarm.lot_id is None else ()
    if path is None:
        return AlarmView(alarm, stream, None, "", lots=own)
    return AlarmView(alarm, stream, path, sentence(path.raw, alarm), counted_once(path), _doubt(stream), own)


def _doubt(stream: Stream | None) -> str:
    second = second_opinion(stream.result) if stream else None
    beside = beside_watch(second, in_alarm=True) if second else None
    return beside.words if beside and not beside.agrees else ""


def _key(row: Alarm | Stream) -> tuple[str, int, int | None]:
    return row.event_class, row.product_id, row.lot_id
