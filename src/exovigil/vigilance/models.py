"""Cases: what went wrong, what was found, how it was judged, and the reports made of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from exovigil.catalogue.models import Lot, Product
from exovigil.clinic.models import FollowUpAnswer, Patient, Treatment
from exovigil.foundation.unknown import KNOWN_OR_MISSING, MISSING_CHOICES
from exovigil.governance.models import Site
from exovigil.governance.privacy import classify
from exovigil.governance.scoping import SiteScoped
from exovigil.vigilance.coding_models import MeddraRelease, MeddraTerm, ReactionCode
from exovigil.vigilance.duty_models import CaseSubmission, DutyFacts, DutyReminder, NewInformation
from exovigil.vigilance.intake_models import Chase, IncomingFile, IncomingReport, ReportIdentifier
from exovigil.vigilance.link_models import Acknowledgement, CaseLink
from exovigil.vigilance.pathway_models import LesionVisit, Management, PathwayEdit, PathwayRecord

__all__ = [
    "Acknowledgement",
    "Assessment",
    "Case",
    "CaseLink",
    "CaseSubmission",
    "CaseVersion",
    "Chase",
    "DutyFacts",
    "DutyReminder",
    "IncomingFile",
    "IncomingReport",
    "Investigation",
    "LesionVisit",
    "Management",
    "MeddraRelease",
    "MeddraTerm",
    "NewInformation",
    "PathwayEdit",
    "PathwayRecord",
    "ReactionCode",
    "Report",
    "ReportIdentifier",
]


class Case(models.Model):
    """One patient's reaction, as the registry holds it now."""

    class Source(models.TextChoices):
        PATIENT = "patient", "Patient, by link"
        CLINIC = "clinic", "Clinic"
        OUTSIDE = "outside", "Outside reporter, by form"
        E2B = "e2b", "Another sender, by E2B file"
        LITERATURE = "article", "Literature"

    class Reporter(models.TextChoices):
        """Who told the clinic (C.2.r.4); the value is the code sent, "unknown" goes out as a null flavour."""

        PHYSICIAN = "1", "Physician"
        PHARMACIST = "2", "Pharmacist"
        OTHER_PROFESSIONAL = "3", "Other health professional"
        PATIENT = "5", "Patient or another member of the public"
        UNKNOWN = MISSING_CHOICES[0]

    class State(models.TextChoices):
        OPEN = "open", "Open"
        REPORTED = "reported", "Report written"
        ACCEPTED = "accepted", "Report accepted"
        NULLIFIED = "nullified", "Nullified"

    class Outcome(models.TextChoices):
        """ICH E2B(R3) E.i.7; the value is the code sent."""

        RECOVERED = "1", "Recovered"
        RECOVERING = "2", "Recovering"
        NOT_RECOVERED = "3", "Not recovered"
        SEQUELAE = "4", "Recovered with sequelae"
        FATAL = "5", "Fatal"
        UNKNOWN = "0", "Not known"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    number = models.CharField(max_length=24)
    source = models.CharField(max_length=8, choices=Source)
    reporter = models.CharField(
        "who told the clinic", max_length=8, choices=Reporter, default=Reporter.UNKNOWN
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    received_on = models.DateField("first known on")
    informed_on = models.DateField("latest information received on")
    patient = models.ForeignKey(Patient, null=True, on_delete=models.PROTECT, related_name="cases")
    treatment = models.ForeignKey(Treatment, null=True, on_delete=models.PROTECT, related_name="cases")
    answer = models.OneToOneField(
        FollowUpAnswer, null=True, blank=True, on_delete=models.PROTECT, related_name="case"
    )
    product_status = models.CharField(max_length=10, choices=KNOWN_OR_MISSING)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT)
    lot_status = models.CharField(max_length=10, choices=KNOWN_OR_MISSING)
    lot = models.ForeignKey(Lot, null=True, blank=True, on_delete=models.PROTECT)
    words = models.TextField("in the reporter's words")
    term = models.CharField("reaction", max_length=40)
    onset = models.CharField(max_length=10, blank=True, help_text="Partial date; empty when not known")
    regions = models.JSONField(default=list)
    lesion = models.TextField("what was seen", blank=True)
    seriousness = models.JSONField(
        default=dict, help_text="ICH criterion to yes, no or why there is no answer"
    )
    outcome = models.CharField(max_length=1, choices=Outcome, default=Outcome.UNKNOWN)
    ended_on = models.DateField(
        null=True, blank=True, help_text="E.i.5; the day it was over, if it is and the day is known"
    )
    news_since = models.DateField(
        null=True, blank=True, help_text="First day of information after a submission that nobody has judged"
    )
    narrative = models.TextField(blank=True)
    opened_at = models.DateTimeField(auto_now_add=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SiteScoped()

    privacy = classify(
        operational="id site number source reporter state patient treatment answer product_status product"
        " lot_status lot opened_at opened_by",
        clinical="received_on informed_on term onset regions seriousness outcome ended_on news_since",
        free_text="words lesion narrative",
    )

    class Meta:
        ordering = ["-received_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["site", "number"], name="case_number_once_per_site"),
            models.CheckConstraint(
                condition=Q(product_status="known", product__isnull=False)
                | (~Q(product_status="known") & Q(product__isnull=True)),
                name="case_product_known_or_not",
            ),
            models.CheckConstraint(
                condition=Q(lot_status="known", lot__isnull=False)
                | (~Q(lot_status="known") & Q(lot__isnull=True)),
                name="case_lot_known_or_not",
            ),
            models.CheckConstraint(
                condition=Q(informed_on__gte=F("received_on")), name="case_informed_since_received"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def meddra(self) -> "ReactionCode | None":
        """The latest code, unless the reaction was given another class since; needs ``codes`` prefetched."""
        latest = next(iter(self.codes.all()), None)
        return latest if latest and latest.term == self.term else None


class Investigation(models.Model):
    """A biopsy, culture or image taken for a case; no row means nobody has said whether it was done."""

    class Kind(models.TextChoices):
        BIOPSY = "biopsy", "Biopsy with histology"
        BACTERIAL = "bacterial_culture", "Bacterial culture"
        FUNGAL = "fungal_culture", "Fungal culture"
        MYCOBACTERIAL = "mycobacterial_culture", "Mycobacterial culture"
        MYCOBACTERIAL_PCR = "mycobacterial_pcr", "Mycobacterial PCR"
        ULTRASOUND = "ultrasound", "Ultrasound"

    class Result(models.TextChoices):
        NOT_DONE = "not_done", "Not done"
        PENDING = "pending", "Taken, result awaited"
        POSITIVE = "positive", "Positive / abnormal"
        NEGATIVE = "negative", "Negative / normal"
        UNKNOWN = "unknown", "Not known"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="investigations")
    kind = models.CharField(max_length=24, choices=Kind)
    result = models.CharField(max_length=10, choices=Result)
    taken_on = models.DateField(null=True, blank=True)
    resulted_on = models.DateField(null=True, blank=True)
    finding = models.CharField(max_length=250, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SiteScoped()

    privacy = classify(
        operational="id site case recorded_by",
        clinical="kind result taken_on resulted_on",
        free_text="finding",
    )

    class Meta:
        ordering = ["taken_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["case", "kind"], name="investigation_once_per_case")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_result_display()}"


class Assessment(models.Model):
    """A causality judgement by one method; a new judgement is a new row, the latest counts."""

    class Method(models.TextChoices):
        WHO_UMC = "who_umc", "WHO-UMC"
        NARANJO = "naranjo", "Naranjo"
        SPLIT = "split", "Cause split (Exovigil)"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assessments")
    method = models.CharField(max_length=8, choices=Method)
    answers = models.JSONField()
    result = models.CharField(max_length=24)
    score = models.SmallIntegerField(null=True, blank=True)
    assessed_at = models.DateTimeField(auto_now_add=True)
    assessed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)

    objects = SiteScoped()

    privacy = classify(
        operational="id site case assessed_at assessed_by", clinical="method answers result score"
    )

    class Meta:
        ordering = ["-assessed_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_method_display()}: {self.result}"


class Report(models.Model):
    """A file written for a regulator, kept as it was written, with what the checker found in it."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    number = models.PositiveSmallIntegerField()
    batch = models.CharField("batch number", max_length=100, blank=True, db_index=True)
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    is_draft = models.BooleanField(help_text="True while the reaction has no MedDRA code")
    findings = models.JSONField(default=list)
    answer = models.CharField(max_length=8, blank=True, help_text="Verdict of the latest acknowledgement")
    answer_reason = models.TextField("what the receiver said", blank=True)
    written_at = models.DateTimeField(auto_now_add=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)

    objects = SiteScoped()

    privacy = classify(
        operational="id site case number batch sha256 is_draft findings answer written_at written_by",
        free_text="content answer_reason",
    )

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="report_number_once_per_case")]

    def __str__(self) -> str:
        return f"{self.case}, report {self.number}"


class CaseVersion(models.Model):
    """The case as it stood at one moment: canonical JSON and its SHA-256, never changed afterwards."""

    class Kind(models.TextChoices):
        INITIAL = "initial", "Initial"
        FOLLOW_UP = "follow_up", "Follow-up"
        AMENDMENT = "amendment", "Amendment"
        NULLIFICATION = "nullify", "Nullification"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.TextField()
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    report = models.OneToOneField(
        Report, null=True, blank=True, on_delete=models.PROTECT, related_name="version"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)

    objects = SiteScoped()

    privacy = classify(
        operational="id site case number kind sha256 report made_at made_by", free_text="reason content"
    )

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="version_number_once_per_case")
        ]

    def __str__(self) -> str:
        return f"{self.case}, version {self.number}"
