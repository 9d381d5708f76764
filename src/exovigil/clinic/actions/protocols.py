"""Installation steps: the follow-up schedule and the consent text become frozen rows."""

import datetime as dt

from django.utils import timezone

from exovigil.clinic import consent, schedule
from exovigil.clinic.models import ConsentText, Protocol, ProtocolVisit
from exovigil.foundation.content import Source
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.roles import Permission

PROTOCOL_CODE = "delayed-reactions"
PROTOCOL_VERSION = 1
PROTOCOL_TITLE = "Follow-up for early and delayed reactions"
CONSENT_TITLE = "Consent to treatment with an exosome or related product"


@action(Permission.MANAGE_CATALOGUE)
def adopt_protocol(*, by: Actor, adopted_on: dt.date | None = None) -> Protocol:
    """Adopt the follow-up schedule of the content file; running it again finds the same rows.

    A schedule that treatments follow is never changed: if the file differs from the adopted version, this
    refuses and asks for a new version.
    """
    _only_the_program(by)
    wanted = [_visit_row(visit) for visit in schedule.visits()]
    protocol = Protocol.objects.filter(code=PROTOCOL_CODE, version=PROTOCOL_VERSION).first()
    if protocol is not None:
        held = list(protocol.visits.values(*wanted[0]))
        if held != wanted:
            raise Refused(
                f"The schedule in {schedule.FILE} differs from the adopted version {PROTOCOL_VERSION}. "
                "Give the new schedule a new version."
            )
        audit.record("clinic.protocol.confirmed", by=by, target=protocol, version=protocol.version)
        return protocol
    protocol = Protocol.objects.create(
        code=PROTOCOL_CODE,
        version=PROTOCOL_VERSION,
        title=PROTOCOL_TITLE,
        source="\n".join(_citations(schedule.visits())),
        adopted_on=adopted_on or timezone.localdate(),
    )
    ProtocolVisit.objects.bulk_create(ProtocolVisit(protocol=protocol, **row) for row in wanted)
    audit.record(
        "clinic.protocol.adopted",
        by=by,
        target=protocol,
        code=protocol.code,
        version=protocol.version,
        visits=[row["code"] for row in wanted],
    )
    return protocol


@action(Permission.MANAGE_CATALOGUE)
def freeze_consent_text(*, by: Actor) -> ConsentText:
    """Freeze the newest version of the consent text; running it again finds the same row."""
    _only_the_program(by)
    version = consent.latest_version()
    fingerprint = consent.version_fingerprint(version)
    text = ConsentText.objects.filter(sha256=fingerprint).first()
    if text is not None:
        audit.record("clinic.consent_text.confirmed", by=by, target=text, sha256=fingerprint)
        return text
    if ConsentText.objects.filter(version=version).exists():
        raise Refused(
            f"Version {version} of the consent text was frozen with other words. "
            f"Undo the change in {consent.FILE} and add a new version instead."
        )
    text = ConsentText.objects.create(
        version=version,
        title=CONSENT_TITLE,
        paragraphs=[
            {"heading": p.heading, "text": p.text, "sources": [plain_source(s) for s in p.sources]}
            for p in consent.paragraphs(version)
        ],
        sha256=fingerprint,
    )
    audit.record("clinic.consent_text.frozen", by=by, target=text, version=version, sha256=fingerprint)
    return text


def plain_source(source: Source) -> dict[str, str | bool]:
    """Write a source as JSON that ``components/source.html`` can show, so that it stays with its row."""
    return {
        "citation": source.citation,
        "link": source.link,
        "published": source.published,
        "read_depth": str(source.read_depth),
        "verified": source.verified,
    }


def _only_the_program(by: Actor) -> None:
    if by.identity != "system":
        raise Refused("This is done on the server: exovigil init, or ask whoever runs Exovigil.")


def _visit_row(visit: schedule.Visit) -> dict[str, str | int]:
    return {
        "code": visit.code,
        "label": visit.label,
        "opens_day": visit.opens_day,
        "target_day": visit.target_day,
        "closes_day": visit.closes_day,
        "mode": visit.mode,
        "why": visit.why,
    }


def _citations(visits: tuple[schedule.Visit, ...]) -> list[str]:
    found = {source.key: source.citation for visit in visits for source in visit.sources}
    return list(found.values())
