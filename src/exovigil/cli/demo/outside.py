"""What came in from outside: one report that waits for a decision, and one from the literature that is chased."""

from django_scopes import scope

from exovigil.cli.demo.build import World
from exovigil.cli.demo.plan import DAY
from exovigil.governance import actors
from exovigil.vigilance import actions

SITE = "alder"
TOLD = {
    "words": "Three weeks after the treatment I got a firm red lump beside my nose. It has not gone. Invented.",
    "product_words": "I was told it was exosomes; I do not know the name on the box",
    "onset": "",
    "outcome": "3",
    "age": 38,
    "sex": "female",
    "reporter": "5",
    "reporter_name": "Nobody Real",
    "may_contact": True,
}
PAPER = {
    "citation": "Fabricated A, Notreal B. An invented case report. Journal That Does Not Exist, 2026",
    "words": "Firm papules of the cheeks five weeks after microneedling. Invented.",
    "patient_note": "the only patient of the paper",
    "sex": "female",
    "reporter": "1",
}


def report_from_outside(world: World) -> None:
    """Bring both in at one site; the paper names no product, so its authors were asked."""
    site, today = world.sites[SITE], world.plan.today
    with scope(site=[site.pk]):
        actions.tell_from_outside(by=actors.outside(site.pk), site=site, told=TOLD)
        paper = actions.record_literature(
            by=world.officer, site=site, told=PAPER, received_on=today - 12 * DAY
        )
        actions.record_chase(
            by=world.officer,
            site=site,
            incoming=paper,
            chased_on=today - 9 * DAY,
            how="email",
            outcome="Asked the authors which product it was. No answer yet. Invented.",
            next_on=today - 2 * DAY,
        )
