"""The course of a case after its first report: treatments tried, lesions counted, steps of the pathway done or not."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from exovigil.foundation.unknown import MISSING_CHOICES
from exovigil.governance.models import Site
from exovigil.governance.privacy import classify
from exovigil.governance.scoping import SiteScoped

_NOT_KNOWN, _NOT_ASKED, _ = MISSING_CHOICES


class Management(models.Model):
    """One treatment tried for the reaction, and how it responded."""

    class Kind(models.TextChoices):
        TOPICAL_STEROID = "topical_steroid", "Topical steroid"
        ORAL_STEROID = "oral_steroid", "Oral steroid"
        INTRALESIONAL_STEROID = "intralesional_steroid", "Steroid injected into the lesion"
        ANTIBIOTIC = "antibiotic", "Antibiotic"
        EXCISION = "excision", "Excision"
        OTHER = "other", "Other"

    class Course(models.TextChoices):
        """Whether it still goes on; the day it stopped is kept apart and may be unknown."""

        ONGOING = "ongoing", "Still going on"
        STOPPED = "stopped", "Stopped"
        UNKNOWN = _NOT_KNOWN
        NOT_ASKED = _NOT_ASKED

    class Response(models.TextChoices):
        COMPLETE = "complete", "Complete"
        PARTIAL = "partial", "Partial"
        NONE = "none", "None"
        RECURRED = "recurred", "Recurred"
        UNKNOWN = _NOT_KNOWN
        NOT_ASKED = _NOT_ASKED

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    case = models.ForeignKey("vigilance.Case", on_delete=models.CASCADE, related_name="management")
    kind = models.CharField(max_length=24, choices=Kind)
    dose = models.CharField("product and dose", max_length=120, blank=True)
    started_on = models.DateField(null=True, blank=True)
    course = models.CharField("does it go on?", max_length=10, choices=Course, default=Course.UNKNOWN)
    stopped_on = models.DateField(null=True, blank=True)
    response = models.CharField(max_length=10, choices=Response, default=Response.UNKNOWN)
    note = models.CharField(max_length=250, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SiteScoped()

    privacy = classify(
        operational="id site case recorded_by",
        clinical="kind started_on course stopped_on response",
        free_text="dose note",
    )

    class Meta:
        ordering = ["started_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_on__isnull=True) | Q(course="stopped"), name="management_stopped_on_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_response_display()}"

    @property
    def tone(self) -> str:
        """Tone in which the response is shown."""
        return {"complete": "good", "none": "stop", "recurred": "stop", "partial": "warn"}.get(
            self.response, "neutral"
        )


class LesionVisit(models.Model):
    """Lesions as somebody saw and counted them on one day; seen again on that day, the newer count stands.

    ``lesions`` is a list of ``{"region", "kind", "count", "size_mm"}``, see ``vigilance.lesions``; it is empty when the
    skin was looked at and there was nothing.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    case = models.ForeignKey("vigilance.Case", on_delete=models.CASCADE, related_name="lesion_visits")
    seen_on = models.DateField()
    lesions = models.JSONField(default=list)
    note = models.CharField(max_length=250, blank=True)
    recorded_at = models.DateTimeField(auto_now=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SiteScoped()

    privacy = classify(
        operational="id site case recorded_at recorded_by", clinical="seen_on lesions", free_text="note"
    )

    class Meta:
        ordering = ["seen_on"]
        constraints = [models.UniqueConstraint(fields=["case", "seen_on"], name="lesions_once_a_day")]

    def __str__(self) -> str:
        return f"{self.case}: lesions seen on {self.seen_on}"


class PathwayRecord(models.Model):
    """What became of one step of the pathway in one case; a new record is a new row, the latest counts."""

    class State(models.TextChoices):
        DONE = "done", "Done"
        NOT_DONE = "not_done", "Will not be done"
        TO_DO = "to_do", "Still to do"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    case = models.ForeignKey("vigilance.Case", on_delete=models.CASCADE, related_name="pathway_records")
    step = models.CharField(max_length=40)
    state = models.CharField("what became of it", max_length=8, choices=State)
    done_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(help_text="As it stood when this was recorded")
    words = models.CharField("result, or why not", max_length=250, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SiteScoped()

    privacy = classify(
        operational="id site case step due_on recorded_at recorded_by",
        clinical="state done_on",
        free_text="words",
    )

    class Meta:
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="done") | Q(done_on__isnull=True), name="pathway_only_done_has_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case}, {self.step}: {self.get_state_display()}"


class PathwayEdit(models.Model):
    """How a site has a step of the pathway: its own words and time, or left out; a new edit is a new row.

    The cited step stays in the content file and is shown beside it. Empty ``text`` and ``due_days`` are the cited ones.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    step = models.CharField(max_length=40)
    text = models.TextField(blank=True)
    due_days = models.PositiveSmallIntegerField(null=True, blank=True)
    is_skipped = models.BooleanField(default=False)
    reason = models.CharField(max_length=250)
    edited_at = models.DateTimeField(auto_now_add=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SiteScoped()

    privacy = classify(
        operational="id site step text due_days is_skipped reason edited_at edited_by",
    )

    class Meta:
        ordering = ["-edited_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.site}: {self.step}"
