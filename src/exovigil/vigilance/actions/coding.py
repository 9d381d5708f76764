"""MedDRA: importing a site's own licensed release, and giving a case's reaction one of its terms."""

from pathlib import Path
from typing import Any

from django.core.files.base import File

from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.vigilance.actions.cases import refuse_nullified, refuse_other_site, save_changed
from exovigil.vigilance.meddra import MeddraError, Release, from_folder, from_zip, read_release
from exovigil.vigilance.models import Case, MeddraRelease, MeddraTerm, ReactionCode

_AT_ONCE = 2_000  # rows


@action(Permission.ASSESS_CASE)
def import_meddra(*, by: Actor, site: Site, source: "File[Any] | Path") -> MeddraRelease:
    """Import one release from a MedAscii zip or folder, all of it or nothing.

    The site says by importing that its own licence covers it; terms are kept for this site only. Refuses, with file
    and line, what is no release, and a release that the site has already.
    """
    release = _read(source)
    if MeddraRelease.objects.filter(site=site, version=release.version, language=release.language).exists():
        raise Refused(f"MedDRA {release.version} in {release.language} was imported already.", "source")
    row = MeddraRelease.objects.create(
        site=site,
        version=release.version,
        language=release.language,
        sha256=release.sha256,
        terms_count=len(release.terms),
        imported_by_id=by.user_id,
    )
    MeddraTerm.objects.bulk_create(
        (
            MeddraTerm(
                site=site,
                release=row,
                code=term.code,
                name=term.name,
                is_current=term.current,
                pt_code=term.pt_code,
                pt_name=term.pt_name,
                soc_name=term.soc_name,
            )
            for term in release.terms
        ),
        batch_size=_AT_ONCE,
    )
    audit.record(
        "vigilance.meddra.imported",
        by=by,
        target=row,
        site=site,
        version=row.version,
        language=row.language,
        terms=row.terms_count,
        sha256=row.sha256,
    )
    return row


@action(Permission.ASSESS_CASE)
def code_reaction(*, by: Actor, site: Site, case: Case, term: MeddraTerm) -> ReactionCode:
    """Give the case's reaction a current lowest level term; the latest code counts, the earlier ones stay."""
    refuse_other_site(case, site)
    refuse_nullified(case)
    if term.site_id != site.pk:
        raise Refused(
            "This term was imported by another site, under its licence. Import your own release.", "term"
        )
    if not term.is_current:
        raise Refused("This term is no longer current. Choose another under the same preferred term.", "term")
    release = term.release
    row = ReactionCode.objects.create(
        site=site,
        case=case,
        term=case.term,
        version=release.version,
        llt_code=term.code,
        llt_name=term.name,
        pt_code=term.pt_code,
        pt_name=term.pt_name,
        soc_name=term.soc_name,
        coded_by_id=by.user_id,
    )
    save_changed(case)
    audit.record(
        "vigilance.case.coded", by=by, target=case, site=site, code=row.llt_code, version=release.version
    )
    return row


def _read(source: "File[Any] | Path") -> Release:
    try:
        files = from_folder(source) if isinstance(source, Path) else from_zip(source)
        return read_release(files)
    except MeddraError as error:
        raise Refused(f"Nothing was imported: {error}.", "source") from error
