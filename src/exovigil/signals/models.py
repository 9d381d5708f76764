"""What the watch computed, its alarms and what was decided of them, duplicates, and what is done at night."""

import datetime as dt

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
    design = models.JSONField(help_text="Every design as it was, with its sources")
    inputs = models.JSONField(help_text="Counts of what went in, and events without a known product or lot")
    snapshot_sha256 = models.CharField(max_length=64)
    version = models.CharField(max_length=20)

    privacy = classify(operational="id as_of ran_at design snapshot_sha256 version", clinical="inputs")

    class Meta:
        ordering = ["-ran_at", "-pk"]

    def __str__(self) -> str:
        return f"watch as of {self.as_of}"


class Stream(models.Model):
    """One lot or product in one run; counts only, no patient."""

    class Kind(models.TextChoices):
        LOT = "lot", "Lot"
        PRODUCT = "product", "Product"

    class State(models.TextChoices):
        ALARM = "alarm", "Alarm"
        WATCHING = "watching", "Watching"
        EXHAUSTED = "exhausted", "Design exhausted"

    run = models.ForeignKey(WatchRun, on_delete=models.CASCADE, related_name="streams")
    event_class = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=Kind)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    lot = models.ForeignKey(Lot, null=True, on_delete=models.CASCADE)
    state = models.CharField(max_length=10, choices=State)
    treatments = models.PositiveIntegerField()
    expected = models.FloatField()
    events_raw = models.PositiveIntegerField()
    events_deduplicated = models.PositiveIntegerField()
    alarmed_on = models.DateField(null=True)
    alarmed_on_deduplicated = models.DateField(null=True)
    result = models.JSONField(help_text="The whole result: path, boundary, events, sensitivity (record.py)")

    privacy = classify(
        operational="id run event_class kind product lot state treatments expected events_raw"
        " events_deduplicated alarmed_on alarmed_on_deduplicated",
        clinical="result",
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="lot", lot__isnull=False) | Q(kind="product", lot__isnull=True),
                name="stream_names_its_lot",
            )
        ]
        indexes = [models.Index(fields=["run", "state"])]

    def __str__(self) -> str:
        return str(self.lot or self.product)


class StreamRank(models.Model):
    """The place in the order of opening that a stream was given, for good: its share of alpha hangs on it."""

    event_class = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=Stream.Kind)
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    lot = models.ForeignKey(Lot, null=True, on_delete=models.PROTECT)
    rank = models.PositiveIntegerField()
    given_at = models.DateTimeField(auto_now_add=True)

    privacy = classify(operational="id event_class kind product lot rank given_at")

    class Meta:
        ordering = ["event_class", "kind", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["event_class", "kind", "rank"], name="rank_given_once"),
            models.UniqueConstraint(fields=["event_class", "lot"], name="one_rank_per_lot"),
            models.UniqueConstraint(
                fields=["event_class", "product"],
                condition=Q(lot__isnull=True),
                name="one_rank_per_product",
            ),
            models.CheckConstraint(
                condition=Q(kind="lot", lot__isnull=False) | Q(kind="product", lot__isnull=True),
                name="rank_names_its_lot",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.rank} of {self.event_class}"


class Alarm(models.Model):
    """The first time a stream crossed its boundary; raised once, it opens an investigation that a person closes."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CONFIRMED = "confirmed", "Under investigation, being acted on"
        CLOSED = "closed", "Closed after action"
        DISMISSED = "dismissed", "Closed without action"

    event_class = models.CharField(max_length=40)
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    lot = models.ForeignKey(Lot, null=True, on_delete=models.PROTECT)
    alarmed_on = models.DateField()
    events = models.PositiveIntegerField()
    expected = models.FloatField()
    raised_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)

    privacy = classify(operational="id event_class product lot alarmed_on events expected raised_at state")

    class Meta:
        ordering = ["-alarmed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["event_class", "lot"], name="one_alarm_per_lot"),
            models.UniqueConstraint(
                fields=["event_class", "product"],
                condition=Q(lot__isnull=True),
                name="one_alarm_per_product",
            ),
        ]

    def __str__(self) -> str:
        return f"alarm on {self.lot or self.product}"

    @property
    def is_closed(self) -> bool:
        """True when the investigation was closed and not opened again."""
        return self.state in {self.State.CLOSED, self.State.DISMISSED}


class AlarmDecision(models.Model):
    """One decision in the investigation of an alarm, why, and what happened with it; every one is kept.

    ``state`` is the alarm's state after it. ``done`` says what was carried out: numbers of the lots that were held,
    codes of the clinics that were told.
    """

    class Kind(models.TextChoices):
        LOOK_INTO = "look_into", "Look into it"
        QUARANTINE = "quarantine", "Quarantine lots"
        RECALL = "recall", "Recall lots"
        INFORM = "inform", "Inform the clinics"
        NO_ACTION = "no_action", "No action"
        CLOSE = "close", "Investigation closed"
        REOPEN = "reopen", "Investigation reopened"

    alarm = models.ForeignKey(Alarm, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=Alarm.State)
    note = models.TextField()
    done = models.JSONField(default=dict)
    decided_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)

    privacy = classify(operational="id alarm kind state done decided_at decided_by", free_text="note")

    class Meta:
        ordering = ["-decided_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.alarm}: {self.get_kind_display()}"


class Notice(models.Model):
    """A message about an alarm: to the safety officers when it is raised, to a clinic when it is decided so.

    The row is there before the message goes out, and ``sent_at`` is set in the transaction that sends it, so that a
    program that was stopped in between sends it later and nobody gets it twice.
    """

    alarm = models.ForeignKey(Alarm, on_delete=models.CASCADE, related_name="notices")
    decision = models.ForeignKey(AlarmDecision, null=True, on_delete=models.CASCADE, related_name="notices")
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    recipients = models.PositiveIntegerField(default=0)

    privacy = classify(operational="id alarm decision site made_at sent_at recipients")

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["alarm"], condition=Q(decision__isnull=True), name="officers_told_once_of_an_alarm"
            ),
            models.UniqueConstraint(fields=["decision", "site"], name="clinic_told_once_of_a_decision"),
            models.CheckConstraint(
                condition=Q(decision__isnull=True, site__isnull=True)
                | Q(decision__isnull=False, site__isnull=False),
                name="notice_of_a_decision_names_its_clinic",
            ),
        ]

    def __str__(self) -> str:
        return f"notice of {self.alarm}"


class NightlyJob(models.Model):
    """One job of one night: planned once, done once, whatever is restarted in between.

    ``queued_at`` is when it was put in the queue last. ``held_until`` is how long whoever took it has it for itself;
    after that it was stopped, and may be taken again.
    """

    class Job(models.TextChoices):
        WATCH = "watch", "Watch on lots and products"
        CLOCKS = "clocks", "Reminders of reports that are due"

    night = models.DateField()
    job = models.CharField(max_length=10, choices=Job)
    queued_at = models.DateTimeField()
    held_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    run = models.ForeignKey(WatchRun, null=True, on_delete=models.SET_NULL, related_name="+")

    privacy = classify(operational="id night job queued_at held_until attempts done_at run")

    class Meta:
        ordering = ["-night", "job"]
        constraints = [models.UniqueConstraint(fields=["night", "job"], name="nightly_job_once_a_night")]

    def __str__(self) -> str:
        return f"{self.get_job_display()}, night of {self.night}"

    def is_in_hand(self, now: dt.datetime, hold: dt.timedelta) -> bool:
        """Whether it is done, in somebody's hands, or has not been in the queue for too long."""
        taken = self.held_until is not None and self.held_until > now
        return self.done_at is not None or taken or (self.held_until is None and self.queued_at + hold > now)


class DuplicateDecision(models.Model):
    """What a person decided about two cases that may be one; cases themselves are never merged.

    A new decision is a new row and the latest counts, so that deciding again undoes and the history stays.
    """

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

    privacy = classify(operational="id site first second decision decided_at decided_by", free_text="reason")

    class Meta:
        ordering = ["-decided_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(first__lt=models.F("second")), name="pair_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} / {self.second_id}: {self.decision}"
