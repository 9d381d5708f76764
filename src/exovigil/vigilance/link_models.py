"""What ties a case to the world: its sister cases, and what receivers answered to its reports."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from exovigil.governance.models import Site
from exovigil.governance.privacy import classify
from exovigil.governance.scoping import SiteScoped


class CaseLink(models.Model):
    """Two cases that belong to be looked at together, said by a person with a reason; never a merge.

    Undone, the row stays with who undid it and why.
    """

    class Kind(models.TextChoices):
        LOT = "lot", "Same lot, possibly one cluster"
        MOTHER = "mother", "Mother and child"
        REPORTER = "reporter", "Same reporter"
        OTHER = "other", "Another reason"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    first = models.ForeignKey("vigilance.Case", on_delete=models.PROTECT, related_name="links_out")
    second = models.ForeignKey("vigilance.Case", on_delete=models.PROTECT, related_name="links_in")
    kind = models.CharField(max_length=8, choices=Kind)
    reason = models.TextField()
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_reason = models.TextField(blank=True)

    objects = SiteScoped()

    privacy = classify(
        operational="id site first second kind made_at made_by undone_at undone_by",
        free_text="reason undone_reason",
    )

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="linked_pair_in_order"),
            models.UniqueConstraint(
                fields=["first", "second"], condition=Q(undone_at__isnull=True), name="pair_linked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} / {self.second_id}: {self.get_kind_display()}"


class Acknowledgement(models.Model):
    """A receiver's answer to one of our reports, sealed as it came, with its verdict and reason in words."""

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        REMARKS = "remarks", "Accepted, with remarks"
        REJECTED = "rejected", "Rejected"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    case = models.ForeignKey("vigilance.Case", on_delete=models.PROTECT, related_name="acknowledgements")
    report = models.ForeignKey("vigilance.Report", on_delete=models.PROTECT, related_name="acknowledgements")
    submission = models.ForeignKey(
        "vigilance.CaseSubmission",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="acknowledgements",
    )
    number = models.CharField("the receiver's number", max_length=100, blank=True)
    sender = models.CharField(max_length=100, blank=True)
    batch_code = models.CharField(max_length=4, blank=True)
    message_code = models.CharField(max_length=4, blank=True)
    verdict = models.CharField(max_length=8, choices=Verdict)
    reason = models.TextField(blank=True, help_text="The receiver's own words")
    local_number = models.CharField(max_length=100, blank=True)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    read_at = models.DateTimeField(auto_now_add=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SiteScoped()

    privacy = classify(
        operational="id site case report submission number sender batch_code message_code verdict local_number"
        " sha256 read_at read_by",
        free_text="reason content",
    )

    class Meta:
        ordering = ["-read_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "sha256"], name="acknowledgement_once_per_report")
        ]

    def __str__(self) -> str:
        return f"{self.report}: {self.get_verdict_display()}"
