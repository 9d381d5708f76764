"""What the watch computed, which alarms it raised, and what people decided about duplicates."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from exovigil.catalogue.models import Lot, Product
from exovigil.governance.models import Site
from exovigil.governance.privacy import classify
from exovigil.governance.scoping import SiteScoped
from exovigil.vigilance.models import Case


class WatchRun(models.Model):
    """One run over every lot and product: the day it looks from, its design, and the hash of its inputs."""

    as_of = models.DateField()
    ran_at = models.DateTimeField(auto_now_add=True)
    design = models.JSONField()
    snapshot_sha256 = models.CharField(max_length=64)

    privacy = classify(operational="id as_of ran_at design snapshot_sha256")

    class Meta:
        ordering = ["-ran_at", "-pk"]

    def __str__(self) -> str:
        return f"watch as of {self.as_of}"


class Stream(models.Model):
    """One lot or product in one run; counts only, no patient."""

    class Kind(models.TextChoices):
        LOT = "lot", "Lot"
        PRODUCT = "product", "Product"

    run = models.ForeignKey(WatchRun, on_delete=models.CASCADE, related_name="streams")
    kind = models.CharField(max_length=8, choices=Kind)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    lot = models.ForeignKey(Lot, null=True, on_delete=models.CASCADE)
    treatments = models.PositiveIntegerField()
    expected = models.FloatField()
    events_raw = models.PositiveIntegerField()
    events_deduplicated = models.PositiveIntegerField()
    alarmed_on = models.DateField(null=True)
    alarmed_on_deduplicated = models.DateField(null=True)
    result = models.JSONField(help_text="The whole result: path, boundary, critical value, sensitivity")

    privacy = classify(
        operational="id run kind product lot treatments expected events_raw events_deduplicated alarmed_on"
        " alarmed_on_deduplicated result"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="lot", lot__isnull=False) | Q(kind="product", lot__isnull=True),
                name="stream_names_its_lot",
            )
        ]

    def __str__(self) -> str:
        return str(self.lot or self.product)


class Alarm(models.Model):
    """The first time a stream crossed its boundary; raised once, then decided by a person."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CONFIRMED = "confirmed", "Confirmed, being acted on"
        DISMISSED = "dismissed", "Dismissed"

    event_class = models.CharField(max_length=40)
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    lot = models.ForeignKey(Lot, null=True, on_delete=models.PROTECT)
    alarmed_on = models.DateField()
    events = models.PositiveIntegerField()
    expected = models.FloatField()
    raised_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    decision = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    decided_at = models.DateTimeField(null=True, blank=True)

    privacy = classify(
        operational="id event_class product lot alarmed_on events expected raised_at state decision decided_by decided_at"
    )

    class Meta:
        ordering = ["-alarmed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["event_class", "lot"], name="one_alarm_per_lot"),
            models.UniqueConstraint(
                fields=["event_class", "product"],
                condition=Q(lot__isnull=True),
                name="one_alarm_per_product",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="decided_alarm_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"alarm on {self.lot or self.product}"


class DuplicateDecision(models.Model):
    """What a person decided about two cases that may be one; cases themselves are never merged."""

    class Decision(models.TextChoices):
        SAME = "same", "Same reaction of the same patient"
        DIFFERENT = "different", "Different"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    first = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision)
    reason = models.TextField()
    decided_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)

    objects = SiteScoped()

    privacy = classify(operational="id site first second decision reason decided_at decided_by")

    class Meta:
        ordering = ["-decided_at"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_decision_per_pair"),
            models.CheckConstraint(condition=Q(first__lt=models.F("second")), name="pair_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} / {self.second_id}: {self.decision}"
