"""A small registry for the tests of dossiers; every name is invented."""

import datetime as dt

from django_scopes import scopes_disabled

from exovigil.catalogue.models import Product
from exovigil.clinic.models import FollowUp, ProtocolVisit, Treatment
from exovigil.governance.models import Site
from tests.signals.world import World


class Registry(World):
    """Treatments of two clinics, each for a named condition, some of them with an answered follow-up."""

    def __init__(self, sites: list[Site]) -> None:
        super().__init__(sites)
        self.visit = ProtocolVisit.objects.create(
            protocol=self.protocol, code="w12", label="12 weeks", opens_day=77, target_day=84, closes_day=98
        )

    def treat_for(
        self, condition: str, count: int, site: Site | None = None, answered: int = 0
    ) -> list[Treatment]:
        """Treat ``count`` patients for a condition; the first ``answered`` of them answer the follow-up."""
        made = []
        with scopes_disabled():
            for number in range(count):
                treatment = self.treat(self.patient(site or self.sites[number % len(self.sites)]), number)
                treatment.indication = condition
                treatment.save()
                due = treatment.treated_on + dt.timedelta(days=84)
                FollowUp.objects.create(
                    site=treatment.site,
                    treatment=treatment,
                    visit=self.visit,
                    opens_on=due,
                    due_on=due,
                    closes_on=due,
                    answered_on=due if number < answered else None,
                )
                made.append(treatment)
        return made

    def another_product(self, source_class: str, kind: str = "exosome", **more) -> Product:
        """Use another product from here on, with a lot of its own."""
        self.product = Product.objects.create(
            name=f"Invented {kind} {source_class}", source_class=source_class, kind=kind, **more
        )
        self.lot = self.another_lot("N-1")
        return self.product
