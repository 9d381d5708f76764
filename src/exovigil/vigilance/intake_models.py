"""What comes in from outside: reports that wait to be decided on, the files they came in, and how they were chased.

An incoming report is no case. It is kept as it came, valid or not; a person decides what becomes of it, and nothing
is ever merged.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from exovigil.foundation.unknown import MISSING_CHOICES, Missing
from exovigil.governance.models import Site
from exovigil.governance.privacy import classify
from exovigil.governance.scoping import SiteScoped
from exovigil.governance.vault import EncryptedTextField

SEXES = (("female", "Female"), ("male", "Male"), ("other", "Other"), *MISSING_CHOICES)


class IncomingFile(models.Model):
    """A file of reports as it was brought in, sealed."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    batch = models.CharField("batch number", max_length=100, blank=True)
    sender = models.CharField(max_length=100, blank=True)
    reports_count = models.PositiveSmallIntegerField()
    brought_at = models.DateTimeField(auto_now_add=True)
    brought_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SiteScoped()

    privacy = classify(
        operational="id site sha256 batch sender reports_count brought_at brought_by", free_text="content"
    )

    class Meta:
        ordering = ["-brought_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["site", "sha256"], name="incoming_file_once_per_site")]

    def __str__(self) -> str:
        return f"file of {self.reports_count} from {self.sender or 'a sender not named'}"


class IncomingReport(models.Model):
    """One report from outside. ``met`` names the minimum criteria it meets; ``valid_on`` is day 0, once all are met.

    ``content`` is the message that was read, written anew for this report alone and sealed; it is empty for what
    was typed in.
    """

    class Source(models.TextChoices):
        OUTSIDE = "outside", "Form for outside reporters"
        E2B = "e2b", "E2B file"
        LITERATURE = "article", "Literature"

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for a decision"
        OPENED = "opened", "Became a case"
        ADDED = "added", "Added to a case"
        ASIDE = "aside", "Set aside"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    number = models.CharField(max_length=24)
    source = models.CharField(max_length=8, choices=Source)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    received_on = models.DateField("first received on")
    valid_on = models.DateField("all four criteria known on", null=True, blank=True)
    met = models.JSONField(default=list)
    reporter = models.CharField("qualification of the reporter", max_length=8, default="unknown")
    reporter_name = EncryptedTextField(blank=True)
    reporter_contact = EncryptedTextField(blank=True)
    may_contact = models.BooleanField(null=True, blank=True)
    country = models.CharField(max_length=2, blank=True)
    patient_name = EncryptedTextField("patient, as named", blank=True)
    patient_note = models.CharField("what else tells who the patient is", max_length=120, blank=True)
    age = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Years, at the reaction")
    sex = models.CharField(max_length=10, choices=SEXES, default=Missing.UNKNOWN.value)
    product_words = models.CharField("product, as named", max_length=250, blank=True)
    product = models.ForeignKey(
        "catalogue.Product", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lot_words = models.CharField("lot, as named", max_length=80, blank=True)
    words = models.TextField("reaction, in the reporter's words", blank=True)
    onset = models.CharField(max_length=10, blank=True, help_text="Partial date; empty when not known")
    outcome = models.CharField(max_length=1, default="0")
    serious = models.JSONField(default=list, help_text="Criteria of seriousness that were ticked or sent")
    more = models.TextField("what else was said", blank=True)
    citation = models.CharField(max_length=500, blank=True)
    doi = models.CharField("DOI", max_length=120, blank=True)
    file = models.ForeignKey(
        IncomingFile, null=True, blank=True, on_delete=models.PROTECT, related_name="reports"
    )
    position = models.PositiveSmallIntegerField(default=1, help_text="Place in its file")
    content = models.BinaryField(null=True, blank=True)
    not_held = models.BinaryField(
        null=True, blank=True, help_text="What content lacks of the message, sealed"
    )
    sent_from = models.CharField(
        max_length=64, blank=True, help_text="Keyed digest of the address, for a day"
    )
    arrived_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    case = models.ForeignKey(
        "vigilance.Case", null=True, blank=True, on_delete=models.PROTECT, related_name="incoming"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField("why", blank=True)

    objects = SiteScoped()

    privacy = classify(
        identifier="reporter_name reporter_contact patient_name",
        quasi="patient_note age sex",
        clinical="received_on valid_on onset outcome serious",
        free_text="words more reason content not_held product_words lot_words",
        operational="id site number source state met reporter may_contact country product citation doi file"
        " position sent_from arrived_at recorded_by case decided_at decided_by",
    )

    class Meta:
        ordering = ["-received_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["site", "number"], name="incoming_number_once_per_site"),
            models.CheckConstraint(
                condition=Q(state__in=("opened", "added"), case__isnull=False)
                | (~Q(state__in=("opened", "added")) & Q(case__isnull=True)),
                name="incoming_has_its_case",
            ),
            models.CheckConstraint(
                condition=Q(valid_on__isnull=True) | Q(valid_on__gte=F("received_on")),
                name="incoming_valid_since_received",
            ),
        ]
        indexes = [models.Index(fields=["site", "state"])]

    def __str__(self) -> str:
        return self.number

    @property
    def is_valid(self) -> bool:
        """Whether all four minimum criteria are met."""
        return self.valid_on is not None


class ReportIdentifier(models.Model):
    """A number that somebody gave a report: what an incoming report calls itself, others, and those it names.

    ``value_key`` is what is compared. Once the report belongs to a case, so does the number.
    """

    class Kind(models.TextChoices):
        WORLDWIDE = "C.1.8.1", "Worldwide unique case identification"
        SENDER = "C.1.1", "Sender's own case number"
        OTHER = "C.1.9.1", "Case number in an earlier transmission"
        LINKED = "C.1.10", "Report that it names as linked"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    incoming = models.ForeignKey(IncomingReport, on_delete=models.CASCADE, related_name="identifiers")
    case = models.ForeignKey(
        "vigilance.Case", null=True, blank=True, on_delete=models.PROTECT, related_name="identifiers"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    source = models.CharField(max_length=100, blank=True)
    value = models.CharField(max_length=100)
    value_key = models.CharField(max_length=100, db_index=True)

    objects = SiteScoped()

    privacy = classify(operational="id site incoming case kind source value value_key")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Chase(models.Model):
    """One attempt to get what a report lacks: when, how, what came of it, and when to try again."""

    class How(models.TextChoices):
        TELEPHONE = "phone", "Telephone"
        EMAIL = "email", "E-mail"
        LETTER = "letter", "Letter"
        IN_PERSON = "person", "In person"
        OTHER = "other", "Another way"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    incoming = models.ForeignKey(IncomingReport, on_delete=models.CASCADE, related_name="chases")
    chased_on = models.DateField()
    how = models.CharField(max_length=6, choices=How)
    outcome = models.TextField("what came of it")
    next_on = models.DateField(null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True, help_text="When an e-mail said that it is due")
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SiteScoped()

    privacy = classify(
        operational="id site incoming chased_on how next_on reminded_on made_at made_by", free_text="outcome"
    )

    class Meta:
        ordering = ["-chased_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(next_on__isnull=True) | Q(next_on__gt=F("chased_on")), name="chase_looks_ahead"
            )
        ]

    def __str__(self) -> str:
        return f"{self.incoming}: {self.get_how_display()}"
