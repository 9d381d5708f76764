"""Freezing a case: at each report, on purpose, and for the last time when it should never have been a case."""

from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.vigilance import queries
from exovigil.vigilance.actions.cases import refuse_nullified, refuse_other_site
from exovigil.vigilance.models import Case, CaseVersion, Report
from exovigil.vigilance.snapshot import snapshot
from exovigil.vigilance.versions import Change, difference, freeze, thaw

REASON_LIMIT = 2000  # characters: ICH E2B(R3) C.1.11.2
_BY_HAND = (CaseVersion.Kind.FOLLOW_UP, CaseVersion.Kind.AMENDMENT)


@action(Permission.ASSESS_CASE)
def make_version(*, by: Actor, site: Site, case: Case, kind: str, reason: str) -> CaseVersion:
    """Freeze the case as it stands, as a follow-up (something new was heard) or an amendment (we correct ourselves).

    The first version of a case is the initial one, made with its first report or before a report from outside is
    added. Refuses when nothing has changed since the last version, since a version that says nothing new would only
    hide the last one that did.
    """
    refuse_other_site(case, site)
    case = _locked(case)
    refuse_nullified(case)
    if kind not in _BY_HAND:
        raise Refused("Choose follow-up or amendment.", "kind")
    latest = _latest(case)
    if latest is None:
        raise Refused("The first version is made with the first report. Write the report first.")
    if not _changes(latest, case):
        raise Refused("Nothing has changed since the last version. Record what is new first.")
    return _add(by, case, kind, _checked(reason))


@action(Permission.ASSESS_CASE)
def nullify_case(*, by: Actor, site: Site, case: Case, reason: str) -> CaseVersion:
    """Declare that the case should never have been one: it stays visible, is marked, and can no longer be changed.

    Write a report afterwards to tell receivers of earlier reports; it carries the nullification and its reason.
    """
    refuse_other_site(case, site)
    case = _locked(case)
    refuse_nullified(case)
    version = _add(by, case, CaseVersion.Kind.NULLIFICATION, _checked(reason))
    case.state = Case.State.NULLIFIED
    case.save(update_fields=["state"])
    return version


def version_for_report(by: Actor, case: Case) -> CaseVersion:
    """Give the version that a report now written tells: the latest if nothing has changed, else a new one.

    A new one is a follow-up when something was heard since the last, otherwise an amendment that names what changed.
    """
    latest = _latest(case)
    if latest is None:
        return _add(by, case, CaseVersion.Kind.INITIAL, "First report.")
    changes = _changes(latest, case)
    if case.state == Case.State.NULLIFIED or not changes:
        return latest
    heard = any(change.key == "informed_on" for change in changes)
    kind = CaseVersion.Kind.FOLLOW_UP if heard else CaseVersion.Kind.AMENDMENT
    labels = "; ".join(change.label for change in changes)
    return _add(by, case, kind, f"Changed since version {latest.number}: {labels}."[:REASON_LIMIT])


def freeze_before(by: Actor, case: Case, reason: str) -> None:
    """Freeze a case that has no version yet, so that what is added next can be compared with it."""
    if _latest(case) is None:
        _add(by, _locked(case), CaseVersion.Kind.INITIAL, reason)


def freeze_follow_up(by: Actor, case: Case, reason: str) -> CaseVersion:
    """Freeze what was just added to a case, as a follow-up."""
    return _add(by, _locked(case), CaseVersion.Kind.FOLLOW_UP, reason)


def attach_report(version: CaseVersion, report: Report) -> None:
    """Note which report told a version first."""
    if version.report_id is None:
        version.report = report
        version.save(update_fields=["report"])


def _locked(case: Case) -> Case:
    """Give the whole case file, its row held so that versions are numbered one at a time."""
    Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    return queries.case(case.pk)


def _latest(case: Case) -> CaseVersion | None:
    return CaseVersion.objects.filter(case=case).first()


def _changes(latest: CaseVersion, case: Case) -> tuple[Change, ...]:
    return difference(thaw(latest.content, latest.sha256), snapshot(case))


def _checked(reason: str) -> str:
    if not reason.strip():
        raise Refused("Say why, in a sentence: it goes into the report.", "reason")
    if len(reason.strip()) > REASON_LIMIT:
        raise Refused(
            f"The reason has {len(reason.strip()):,} characters; a report takes {REASON_LIMIT:,}. Shorten it.",
            "reason",
        )
    return reason.strip()


def _add(by: Actor, case: Case, kind: str, reason: str) -> CaseVersion:
    latest = _latest(case)
    content, sha256 = freeze(snapshot(case))
    row = CaseVersion.objects.create(
        site=case.site,
        case=case,
        number=latest.number + 1 if latest else 1,
        kind=kind,
        reason=reason,
        content=content,
        sha256=sha256,
        made_by_id=by.user_id,
    )
    audit.record(
        "vigilance.version.made",
        by=by,
        target=row,
        site=case.site,
        case=case.pk,
        number=row.number,
        kind=str(kind),
        sha256=sha256,
    )
    return row
