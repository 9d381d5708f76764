"""``exovigil report ack --site``: receivers' answers, matched to the reports of a site."""

from pathlib import Path

from django.core.files import File

from exovigil.cli.setup import complaints, console, refuse
from exovigil.governance.action import Refused
from exovigil.governance.actors import system
from exovigil.governance.models import Site
from exovigil.vigilance import actions


def run(files: list[Path], code: str) -> int:
    """Read each file for the site with this code; gives 0, 1 when a report was rejected, 2 for a bad file."""
    site = Site.objects.filter(code=code).first()
    if site is None:
        refuse(f"No site has the code {code!r}.")
        return 2
    by, worst = system("Acknowledgements"), 0
    for path in files:
        try:
            with path.open("rb") as file:
                done = actions.receive_acknowledgement(by=by, site=site, source=File(file))
        except (OSError, Refused) as error:
            complaints.print(f"{path}: {error}", style="red", markup=False)
            worst = 2
            continue
        about = f"report {done.report.number} of case {done.case.number}"
        reason = f" — {done.reason}" if done.reason else ""
        console.print(f"{path}: {about}: {done.get_verdict_display()}{reason}", markup=False)
        worst = max(worst, int(done.verdict == "rejected"))
    return worst
