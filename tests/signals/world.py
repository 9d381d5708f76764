"""A small network for the tests of the watch, put straight into the tables; every name is invented."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from django_scopes import scopes_disabled

from exovigil.catalogue.models import Lot, Product
from exovigil.clinic.models import Consent, ConsentText, Patient, Protocol, Screening, Treatment
from exovigil.governance.models import Site
from exovigil.vigilance.duplicate_links import normal
from exovigil.vigilance.models import Case, IncomingReport, ReportIdentifier

DAY_0 = dt.date(2026, 1, 5)
AS_OF = dt.date(2026, 9, 30)


def day(number: int) -> dt.date:
    """A day counted from the first treatment of the lot."""
    return DAY_0 + dt.timedelta(days=number)


@dataclass
class World:
    """One product, one lot, and what happened with it."""

    sites: list[Site]
    product: Product = field(init=False)
    lot: Lot = field(init=False)

    def __post_init__(self) -> None:
        self.product = Product.objects.create(name="Vesiculin (invented)", source_class="human")
        self.lot = self.another_lot("VX-1")
        self.text = ConsentText.objects.create(version=1, title="Consent", paragraphs=[], sha256="0" * 64)
        self.protocol = Protocol.objects.create(code="test", version=1, title="Test", adopted_on=day(-30))
        self.made = 0

    def another_lot(self, number: str) -> Lot:
        return Lot.objects.create(product=self.product, number=number)

    def patient(self, site: Site, **more) -> Patient:
        self.made += 1
        with scopes_disabled():
            return Patient.objects.create(
                site=site,
                pseudonym=f"{site.code.upper()}-{self.made:04d}",
                **{"sex": "female", "birth_year": 1984, **more},
            )

    def treat(self, patient: Patient, on: int, lot: Lot | None = None) -> Treatment:
        with scopes_disabled():
            screening = Screening.objects.create(
                site=patient.site,
                patient=patient,
                answers={},
                outcome="eligible",
                criteria_sha256="0" * 64,
                screened_on=day(on),
            )
            consent = Consent.objects.create(
                site=patient.site,
                patient=patient,
                text=self.text,
                product=self.product,
                signed_name="Invented Person",
                signed_on=day(on),
            )
            return Treatment.objects.create(
                site=patient.site,
                patient=patient,
                screening=screening,
                consent=consent,
                product=self.product,
                lot=lot or self.lot,
                protocol=self.protocol,
                indication="rejuvenation",
                treated_on=day(on),
                dose=Decimal(1),
                dose_unit="mL",
                route="intradermal",
            )

    def case(
        self, treatment: Treatment, /, *, onset: int | str | None, received: int, term: str = "nodule", **more
    ) -> Case:
        """A case; ``onset`` is days after treatment, a partial date, or None for not known."""
        began = treatment.treated_on + dt.timedelta(days=onset) if isinstance(onset, int) else onset
        self.made += 1
        with scopes_disabled():
            return Case.objects.create(
                **{
                    "site": treatment.site,
                    "number": f"{treatment.site.code.upper()}-C{self.made:04d}",
                    "source": "clinic",
                    "received_on": day(received),
                    "informed_on": day(received),
                    "patient": treatment.patient,
                    "treatment": treatment,
                    "product_status": "known",
                    "product": treatment.product,
                    "lot_status": "known",
                    "lot": treatment.lot,
                    "words": "A hard red lump where the needle went in.",
                    "term": term,
                    "onset": str(began or ""),
                    **more,
                }
            )

    def named_by_others(self, case: Case, received: int, **numbers: str) -> None:
        """A report from outside that gave a case numbers, by kind in small letters such as ``linked``."""
        self.made += 1
        with scopes_disabled():
            report = IncomingReport.objects.create(
                site=case.site,
                number=f"{case.site.code.upper()}-R{self.made:04d}",
                source="e2b",
                received_on=day(received),
                case=case,
                state="added",
            )
            for kind, number in numbers.items():
                ReportIdentifier.objects.create(
                    site=case.site,
                    incoming=report,
                    case=case,
                    kind=ReportIdentifier.Kind[kind.upper()],
                    value=number,
                    value_key=normal(number),
                )

    def quiet_treatments(self, count: int) -> None:
        """Treatments that nothing came of, one a day, on both sites in turn."""
        for number in range(count):
            self.treat(self.patient(self.sites[number % 2]), number)

    def cluster(self) -> list[Case]:
        """Eight women of one age on one lot over two sites, two weeks to three months after treatment."""
        plan = [(2, 30, 36), (9, 41, 55), (20, 37, 61), (31, 14, 66)]
        plan += [(33, 62, 99), (52, 70, 124), (60, 88, 150), (71, 90, 170)]
        terms = ["papule", "nodule", "granuloma", "nodule", "nodule", "papule", "nodule", "nodule"]
        cases = []
        for number, ((treated, onset, received), term) in enumerate(zip(plan, terms, strict=True)):
            treatment = self.treat(self.patient(self.sites[number % 2]), treated)
            cases.append(self.case(treatment, onset=onset, received=received, term=term))
        return cases
