"""Sister cases: a person says that two cases belong to be looked at together, and may take it back."""

from django.utils import timezone

from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.vigilance.actions.cases import refuse_nullified, refuse_other_site
from exovigil.vigilance.models import Case, CaseLink

LONGEST = 2000  # characters of a reason


@action(Permission.ASSESS_CASE)
def link_cases(*, by: Actor, site: Site, case: Case, other: Case, kind: str, reason: str) -> CaseLink:
    """Link two cases as sisters with a reason; both stay cases of their own, and reports name each other (C.1.10)."""
    refuse_other_site(case, site)
    refuse_other_site(other, site)
    if case.pk == other.pk:
        raise Refused("A case is not its own sister. Choose another.", "case_number")
    refuse_nullified(case)
    refuse_nullified(other)
    if kind not in CaseLink.Kind.values:
        raise Refused("Choose what ties them together.", "kind")
    first, second = sorted((case, other), key=lambda row: row.pk)
    Case.objects.select_for_update(no_key=True).get(pk=first.pk)  # a pair is linked one at a time
    if CaseLink.objects.filter(first=first, second=second, undone_at__isnull=True).exists():
        raise Refused("These two cases are linked already.", "case_number")
    row = CaseLink.objects.create(
        site=site, first=first, second=second, kind=kind, reason=_checked(reason), made_by_id=by.user_id
    )
    audit.record(
        "vigilance.cases.linked", by=by, target=row, site=site, first=first.pk, second=second.pk, kind=kind
    )
    return row


@action(Permission.ASSESS_CASE)
def unlink_cases(*, by: Actor, site: Site, link: CaseLink, reason: str) -> CaseLink:
    """Take a link back with a reason; the row stays for whoever reads the history."""
    if link.site_id != site.pk:
        raise Refused("This link belongs to another site.")
    row = CaseLink.objects.select_for_update(no_key=True).get(pk=link.pk)
    if row.undone_at is not None:
        raise Refused("This link was taken back already.")
    row.undone_at, row.undone_by_id, row.undone_reason = timezone.now(), by.user_id, _checked(reason)
    row.save(update_fields=["undone_at", "undone_by", "undone_reason"])
    audit.record(
        "vigilance.cases.unlinked", by=by, target=row, site=site, first=row.first_id, second=row.second_id
    )
    return row


def _checked(reason: str) -> str:
    if not reason.strip():
        raise Refused("Say why, in a sentence.", "reason")
    if len(reason.strip()) > LONGEST:
        raise Refused(f"At most {LONGEST:,} characters. Shorten it.", "reason")
    return reason.strip()
