"""What the clocks of a case need: facts the record cannot give, the submissions made, and the reminders sent.

The duties themselves are no table: they follow from the case and the rules every time they are looked at.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from exovigil.foundation.unknown import MISSING_CHOICES
from exovigil.governance.models import Site
from exovigil.governance.privacy import classify
from exovigil.governance.scoping import SiteScoped
from exovigil.vigilance.regimes import Claim, Region, ReporterRole, Status


class DutyFacts(models.Model):
    """Facts on which the duties of one case turn and that nothing else in the record says."""

    class Expected(models.TextChoices):
        """Whether the product's declared information lists the reaction."""

        LISTED = "listed", "Yes: it is listed"
        NOT_LISTED = "not_listed", "No: it is not listed, or not in this severity"
        NOTHING_DECLARED = "none", "There is no declared information to compare with"
        UNKNOWN = MISSING_CHOICES[0]

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    case = models.OneToOneField("vigilance.Case", on_delete=models.CASCADE, related_name="duty_facts")
    status = models.CharField(
        max_length=16, choices=[(s.value, s.label) for s in Status], default=Status.UNKNOWN.value
    )
    claim = models.CharField(
        max_length=12, choices=[(c.value, c.label) for c in Claim], default=Claim.UNKNOWN.value
    )
    region = models.CharField(
        max_length=8,
        blank=True,
        choices=[(r.value, r.label) for r in Region],
        help_text="Empty: the country of the site",
    )
    role = models.CharField(
        max_length=20,
        choices=[(r.value, r.label) for r in ReporterRole],
        default=ReporterRole.UNKNOWN.value,
    )
    day_zero = models.DateField(
        null=True, blank=True, help_text="Empty: the day the reaction was first known"
    )
    expected = models.CharField(max_length=12, choices=Expected, default=Expected.UNKNOWN)
    compared_with = models.CharField(max_length=200, blank=True)
    answers = models.JSONField(
        default=dict, help_text="Criteria that ICH does not have, to yes, no or unknown"
    )
    recorded_at = models.DateTimeField(auto_now=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SiteScoped()

    privacy = classify(
        operational="id site case status claim region role compared_with recorded_at recorded_by",
        clinical="day_zero expected answers",
    )

    def __str__(self) -> str:
        return f"{self.case}: facts for its clocks"


class NewInformation(models.Model):
    """Information that came after a report had left, and whether it is significant: then it starts a clock."""

    class Significant(models.TextChoices):
        """Whether it matters to what was reported."""

        YES = "yes", "Yes: it matters to what was reported"
        NO = "no", "No"
        UNKNOWN = MISSING_CHOICES[0]

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    case = models.ForeignKey("vigilance.Case", on_delete=models.PROTECT, related_name="news")
    received_on = models.DateField()
    significant = models.CharField("is it significant?", max_length=8, choices=Significant)
    what = models.TextField("what is new")
    judged_at = models.DateTimeField(auto_now_add=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SiteScoped()

    privacy = classify(
        operational="id site case judged_at judged_by", clinical="received_on significant", free_text="what"
    )

    class Meta:
        ordering = ["received_on", "pk"]

    def __str__(self) -> str:
        return f"{self.case}: information of {self.received_on}"


class CaseSubmission(models.Model):
    """One report that left the house: for which duty, when, to whom, and the proof of it, sealed.

    ``news`` is the new information that a follow-up report tells; None for the first report. ``answer`` is what the
    receiver's latest acknowledgement says of it; a rejected one meets no duty.
    """

    class Answer(models.TextChoices):
        NONE = "", "Not answered"
        ACCEPTED = "accepted", "Accepted"
        REMARKS = "remarks", "Accepted, with remarks"
        REJECTED = "rejected", "Rejected"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    case = models.ForeignKey("vigilance.Case", on_delete=models.PROTECT, related_name="submissions")
    rule = models.CharField(max_length=40)
    news = models.ForeignKey(
        NewInformation, null=True, blank=True, on_delete=models.PROTECT, related_name="submissions"
    )
    title = models.CharField(max_length=120)
    due_on = models.DateField(null=True, blank=True, help_text="As it stood when the submission was recorded")
    sent_on = models.DateField()
    sent_to = models.CharField(max_length=160)
    reference = models.CharField("reference number", max_length=80, blank=True)
    report = models.ForeignKey(
        "vigilance.Report", null=True, blank=True, on_delete=models.PROTECT, related_name="submissions"
    )
    answer = models.CharField(max_length=8, choices=Answer, blank=True, default=Answer.NONE)
    proof = models.BinaryField(null=True, blank=True)
    proof_kind = models.CharField(max_length=5, blank=True)
    proof_sha256 = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SiteScoped()

    privacy = classify(
        operational="id site case rule news title due_on sent_on sent_to reference report answer proof_kind"
        " proof_sha256"
        " recorded_at recorded_by",
        free_text="proof",
    )

    class Meta:
        ordering = ["-sent_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(proof__isnull=True, proof_sha256="")
                | (Q(proof__isnull=False) & ~Q(proof_sha256="")),
                name="proof_has_its_fingerprint",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.title}"


class DutyReminder(models.Model):
    """A reminder that was sent by e-mail: once for each duty, date and stage."""

    class Stage(models.TextChoices):
        SOON = "soon", "Due within three days"
        BACK = "back", "Came back rejected"
        LATE = "late", "Past its date"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    case = models.ForeignKey("vigilance.Case", on_delete=models.CASCADE, related_name="duty_reminders")
    rule = models.CharField(max_length=40)
    due_on = models.DateField()
    stage = models.CharField(max_length=4, choices=Stage)
    recipients = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField(auto_now_add=True)

    objects = SiteScoped()

    privacy = classify(operational="id site case rule due_on stage recipients sent_at")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "rule", "due_on", "stage"], name="one_reminder_per_duty_and_stage"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case}, {self.rule}: {self.get_stage_display()}"
