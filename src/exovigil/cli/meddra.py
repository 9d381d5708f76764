"""``exovigil import-meddra``: a site's own licensed release, from a folder or a zip."""

from pathlib import Path

from django.core.files import File

from exovigil.cli.setup import console, refuse
from exovigil.governance.action import Refused
from exovigil.governance.actors import system
from exovigil.governance.models import Site
from exovigil.vigilance import actions


def run(source: Path, code: str) -> None:
    """Import it for the site with this code, or say with file and line what is wrong."""
    site = Site.objects.filter(code=code).first()
    if site is None:
        refuse(f"No site has the code {code!r}.")
        return
    by = system("Import of MedDRA")
    try:
        if source.is_dir():
            release = actions.import_meddra(by=by, site=site, source=source)
        else:
            with source.open("rb") as file:
                release = actions.import_meddra(by=by, site=site, source=File(file))
    except Refused as refusal:
        refuse(refusal.message)
        return
    console.print(f"{release} was imported for {site}: {release.terms_count:,} terms.", markup=False)
