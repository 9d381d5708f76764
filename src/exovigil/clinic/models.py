"""Patients, selection, consent, treatments and follow-up: everything belongs to one site."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from exovigil.catalogue.models import Lot, Product
from exovigil.foundation.unknown import MISSING_CHOICES
from exovigil.governance.models import Site
from exovigil.governance.privacy import classify
from exovigil.governance.scoping import SiteScoped
from exovigil.governance.vault import EncryptedTextField


class Patient(models.Model):
    """A person under treatment, known to clinical rows by a pseudonym only."""

    class Sex(models.TextChoices):
        FEMALE = "female", "Female"
        MALE = "male", "Male"
        OTHER = "other", "Other"
        UNKNOWN = MISSING_CHOICES[0]
        NOT_ASKED = MISSING_CHOICES[1]
        REFUSED = MISSING_CHOICES[2]

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    pseudonym = models.CharField(max_length=20)
    sex = models.CharField(max_length=10, choices=Sex, default=Sex.UNKNOWN)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    added_at = models.DateTimeField(auto_now_add=True)

    objects = SiteScoped()

    privacy = classify(operational="id site added_at", quasi="pseudonym sex birth_year")

    class Meta:
        ordering = ["pseudonym"]
        constraints = [models.UniqueConstraint(fields=["site", "pseudonym"], name="pseudonym_once_per_site")]

    def __str__(self) -> str:
        return self.pseudonym


class PatientIdentity(models.Model):
    """Who the patient is: encrypted, apart from everything clinical, and every reading is audited."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    patient = models.OneToOneField(Patient, on_delete=models.CASCADE, related_name="identity")
    name = EncryptedTextField()
    email = EncryptedTextField(blank=True)
    phone = EncryptedTextField(blank=True)
    date_of_birth = EncryptedTextField(blank=True)

    objects = SiteScoped()

    privacy = classify(operational="id site patient", identifier="name email phone date_of_birth")

    def __str__(self) -> str:
        return f"identity of {self.patient_id}"


class Screening(models.Model):
    """Answers to the selection questions on one day and what followed from them."""

    class Outcome(models.TextChoices):
        ELIGIBLE = "eligible", "Eligible"
        CAUTION = "caution", "Caution"
        EXCLUDED = "excluded", "Excluded"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="screenings")
    answers = models.JSONField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    reasons = models.JSONField(default=list)
    criteria_sha256 = models.CharField(max_length=64)
    note = models.TextField(blank=True)
    screened_on = models.DateField()
    screened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)

    objects = SiteScoped()

    privacy = classify(
        operational="id site patient criteria_sha256 screened_by",
        clinical="answers outcome reasons screened_on",
        free_text="note",
    )

    class Meta:
        ordering = ["-screened_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.patient} {self.screened_on}: {self.get_outcome_display()}"


class ConsentText(models.Model):
    """A frozen version of the text patients sign; a change makes a new version."""

    version = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=200)
    paragraphs = models.JSONField()
    sha256 = models.CharField(max_length=64, unique=True)
    frozen_at = models.DateTimeField(auto_now_add=True)

    privacy = classify(operational="id version title paragraphs sha256 frozen_at")

    class Meta:
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class Consent(models.Model):
    """A patient's signature under one frozen text for one product.

    ``filled`` is what the blanks of the text said for this patient and ``filled_sha256`` the digest of the
    whole text as it was read, so that what was agreed to can be shown word by word. ``confirmed`` holds the
    sentences that were ticked. Registry and reporting are separate choices, and neither changes treatment.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="consents")
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT)
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    signed_name = EncryptedTextField()
    signed_on = models.DateField()
    signed_at = models.DateTimeField(auto_now_add=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="consents_taken"
    )
    filled = models.JSONField(default=dict)
    filled_sha256 = models.CharField(max_length=64)
    confirmed = models.JSONField(default=list)
    agrees_to_registry = models.BooleanField(default=False)
    agrees_to_reporting = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_to = models.CharField(max_length=120, blank=True)

    objects = SiteScoped()

    privacy = classify(
        operational="id site patient text product filled_sha256 signed_at taken_by withdrawn_at withdrawn_to",
        identifier="signed_name",
        clinical="filled confirmed signed_on agrees_to_registry agrees_to_reporting",
    )

    class Meta:
        ordering = ["-signed_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_to="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_to="")),
                name="withdrawal_has_time_and_recipient",
            )
        ]

    def __str__(self) -> str:
        return f"{self.patient}, {self.text}"


class Protocol(models.Model):
    """A follow-up schedule: its visits are rows, so a site can adopt another without new code."""

    code = models.SlugField(max_length=40)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    source = models.TextField(blank=True)
    adopted_on = models.DateField()

    privacy = classify(operational="id code version title source adopted_on")

    class Meta:
        ordering = ["code", "-version"]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="protocol_version_once")]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class ProtocolVisit(models.Model):
    """One planned follow-up, in days after treatment, how it is done and why."""

    class Mode(models.TextChoices):
        CLINIC = "clinic", "At the clinic"
        PATIENT_LINK = "patient link", "By patient link"

    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="visits")
    code = models.SlugField(max_length=20)
    label = models.CharField(max_length=60)
    opens_day = models.PositiveSmallIntegerField()
    target_day = models.PositiveSmallIntegerField()
    closes_day = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=12, choices=Mode, default=Mode.PATIENT_LINK)
    why = models.CharField(max_length=300, blank=True)

    privacy = classify(operational="id protocol code label opens_day target_day closes_day mode why")

    class Meta:
        ordering = ["target_day"]
        constraints = [
            models.UniqueConstraint(fields=["protocol", "code"], name="visit_once_per_protocol"),
            models.CheckConstraint(
                condition=Q(opens_day__lte=F("target_day"), target_day__lte=F("closes_day")),
                name="visit_window_holds_its_target",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Treatment(models.Model):
    """One product given to one patient on one day."""

    class Route(models.TextChoices):
        TOPICAL = "topical", "Topical"
        MICRONEEDLING = "microneedling", "Topical with microneedling"
        LASER = "laser", "Topical after laser"
        INTRADERMAL = "intradermal", "Intradermal injection"
        SUBCUTANEOUS = "subcutaneous", "Subcutaneous injection"
        UNKNOWN = MISSING_CHOICES[0]

    class RouteStanding(models.TextChoices):
        AS_DECLARED = "as_declared", "As declared by the maker"
        OFF_LABEL = "off_label", "Off-label: not the declared route"
        NOT_KNOWN = "not_known", "Declared route not known"

    class DoseUnit(models.TextChoices):
        ML = "mL", "mL"
        VIAL = "vial", "vial"
        MG = "mg", "mg"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="treatments")
    screening = models.ForeignKey(Screening, on_delete=models.PROTECT)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT)
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT)
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT)
    indication = models.CharField(max_length=40)
    treated_on = models.DateField()
    dose = models.DecimalField(max_digits=7, decimal_places=2)
    dose_unit = models.CharField(max_length=6, choices=DoseUnit)
    vials = models.PositiveSmallIntegerField("vials opened", default=1)
    route = models.CharField(max_length=16, choices=Route)
    route_standing = models.CharField(
        max_length=12,
        choices=RouteStanding,
        default=RouteStanding.NOT_KNOWN,
        help_text="On the day of treatment",
    )
    device = models.CharField(max_length=80, blank=True)
    topical_agents = models.CharField("other agents used in the sitting", max_length=200, blank=True)
    regions = models.JSONField(default=list)
    practitioner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="treatments_given"
    )
    note = models.TextField(blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = SiteScoped()

    privacy = classify(
        operational="id site patient screening consent product lot protocol practitioner recorded_at",
        clinical="indication treated_on dose dose_unit vials route route_standing device"
        " topical_agents regions",
        free_text="note",
    )

    class Meta:
        ordering = ["-treated_on", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(dose__gt=0), name="dose_is_positive")]
        indexes = [models.Index(fields=["lot", "treated_on"]), models.Index(fields=["product", "treated_on"])]

    def __str__(self) -> str:
        return f"{self.patient}, {self.treated_on}"


class FollowUp(models.Model):
    """One planned follow-up of one treatment, with the window it may be answered in."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    treatment = models.ForeignKey(Treatment, on_delete=models.CASCADE, related_name="follow_ups")
    visit = models.ForeignKey(ProtocolVisit, on_delete=models.PROTECT)
    opens_on = models.DateField()
    due_on = models.DateField()
    closes_on = models.DateField()
    answered_on = models.DateField(null=True, blank=True)

    objects = SiteScoped()

    privacy = classify(
        operational="id site treatment visit", clinical="opens_on due_on closes_on answered_on"
    )

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["treatment", "visit"], name="visit_once_per_treatment")
        ]
        indexes = [models.Index(fields=["site", "answered_on", "due_on"])]

    def __str__(self) -> str:
        return f"{self.visit} of {self.treatment}"


class FollowUpLink(models.Model):
    """A patient's way in without an account: its address is this identifier, signed; it can be revoked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="links")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = SiteScoped()

    privacy = classify(operational="id site follow_up made_at expires_at revoked_at")

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"link to {self.follow_up_id}"


class FollowUpAnswer(models.Model):
    """What the patient, or the clinic for the patient, said at a follow-up."""

    class Channel(models.TextChoices):
        PATIENT = "patient", "Patient, by link"
        CLINIC = "clinic", "Clinic"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="answers")
    channel = models.CharField(max_length=8, choices=Channel)
    answered_on = models.DateField()
    received_at = models.DateTimeField(auto_now_add=True)
    all_well = models.BooleanField()
    reactions = models.JSONField(default=dict, help_text="Solicited reaction code to severity")
    onset = models.CharField(max_length=10, blank=True, help_text="Partial date")
    words = models.TextField("in the patient's words", blank=True)
    red_flags = models.JSONField(default=list)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    review_note = models.TextField(blank=True)

    objects = SiteScoped()

    privacy = classify(
        operational="id site follow_up channel received_at recorded_by reviewed_at reviewed_by",
        clinical="answered_on all_well reactions onset red_flags",
        free_text="words review_note",
    )

    class Meta:
        ordering = ["-received_at"]

    def __str__(self) -> str:
        return f"answer to {self.follow_up_id}"


class Photo(models.Model):
    """A photograph a patient sent: re-encoded without metadata, sealed on disk."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    answer = models.ForeignKey(FollowUpAnswer, on_delete=models.CASCADE, related_name="photos")
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    received_at = models.DateTimeField(auto_now_add=True)

    objects = SiteScoped()

    privacy = classify(operational="id site answer sha256 width height received_at")

    def __str__(self) -> str:
        return f"photo {self.id}"
