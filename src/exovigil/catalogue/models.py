"""Products, what is declared and verified about them, lots and their releases, and stock."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from exovigil.governance.models import Site
from exovigil.governance.privacy import classify
from exovigil.governance.scoping import SiteScoped


class Product(models.Model):
    """Something that is given to patients, as its maker names it."""

    class Kind(models.TextChoices):
        EXOSOME = "exosome", "Exosome / EV product"
        CONDITIONED_MEDIUM = "conditioned_medium", "Conditioned medium"
        PRP = "prp", "Platelet-rich plasma"
        POLYNUCLEOTIDE = "polynucleotide", "Polynucleotide"
        CARRIER = "carrier", "Saline or carrier: no active product"

    class SourceClass(models.TextChoices):
        HUMAN = "human", "Human"
        ANIMAL = "animal", "Animal"
        PLANT = "plant", "Plant"
        BACTERIAL = "bacterial", "Bacterial"
        UNKNOWN = "unknown", "Not stated"

    class Route(models.TextChoices):
        TOPICAL = "topical", "Topical only"
        INJECTION = "injection", "Injection"
        UNKNOWN = "unknown", "Not stated"

    name = models.CharField(max_length=120, unique=True)
    maker = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.EXOSOME)
    source_class = models.CharField(max_length=12, choices=SourceClass)
    declared_route = models.CharField(max_length=12, choices=Route, default=Route.UNKNOWN)
    strength = models.CharField("declared strength", max_length=120, blank=True)
    is_synthetic = models.BooleanField(default=False)
    added_at = models.DateTimeField(auto_now_add=True)

    privacy = classify(
        operational="id name maker kind source_class declared_route strength is_synthetic added_at"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CompositionStatement(models.Model):
    """One attribute of a product as somebody stated it: declared by the maker or verified by a test."""

    class Basis(models.TextChoices):
        DECLARED = "declared", "Declared"
        VERIFIED = "verified", "Verified"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="composition")
    attribute = models.CharField(max_length=40)
    value = models.CharField(max_length=200)
    basis = models.CharField(max_length=10, choices=Basis)
    stated_by = models.CharField(max_length=120)
    stated_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300, blank=True)

    privacy = classify(operational="id product attribute value basis stated_by stated_on source")

    class Meta:
        ordering = ["attribute", "basis", "pk"]

    def __str__(self) -> str:
        return f"{self.attribute}: {self.value} ({self.get_basis_display().lower()})"


class LegalStatement(models.Model):
    """What somebody said about this product's legal standing in one jurisdiction, dated and sourced."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="legal_statements")
    jurisdiction = models.CharField(max_length=40)
    statement = models.TextField()
    stated_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300)
    confidence = models.CharField(max_length=120, blank=True)

    privacy = classify(operational="id product jurisdiction statement stated_on source confidence")

    class Meta:
        ordering = ["jurisdiction", "-stated_on"]

    def __str__(self) -> str:
        return f"{self.jurisdiction}: {self.statement}"


class Lot(models.Model):
    """One manufactured batch of a product, with the certificate it was released on."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="lots")
    number = models.CharField("lot number", max_length=35)
    made_on = models.DateField("manufactured on", null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    certificate_issuer = models.CharField(max_length=120, blank=True)
    certificate_issued_on = models.DateField(null=True, blank=True)
    certificate_sha256 = models.CharField(max_length=64, blank=True)
    is_quarantined = models.BooleanField(default=False)
    added_at = models.DateTimeField(auto_now_add=True)

    privacy = classify(
        operational="id product number made_on expires_on certificate_issuer certificate_issued_on"
        " certificate_sha256 is_quarantined added_at"
    )

    class Meta:
        ordering = ["product__name", "number"]
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="lot_number_once_per_product"),
            models.CheckConstraint(
                condition=Q(made_on__isnull=True)
                | Q(expires_on__isnull=True)
                | Q(expires_on__gt=F("made_on")),
                name="lot_expires_after_it_was_made",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product.name}, lot {self.number}"


class ReleaseTest(models.Model):
    """One result of one release test; a repeat is another row, and the worst of them counts."""

    class Outcome(models.TextChoices):
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        NOT_DONE = "not_done", "Not done"

    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="release_tests")
    test = models.CharField(max_length=40)
    outcome = models.CharField(max_length=10, choices=Outcome)
    result = models.CharField(max_length=120, blank=True)
    tested_on = models.DateField(null=True, blank=True)

    privacy = classify(operational="id lot test outcome result tested_on")

    class Meta:
        ordering = ["test", "pk"]

    def __str__(self) -> str:
        return f"{self.test}: {self.get_outcome_display().lower()}"


class LotOverride(models.Model):
    """A documented decision of one site to use a lot that its release tests block.

    ``covers`` holds what blocked the lot at that time (``mycoplasma:missing``): a later fault is not covered.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="overrides")
    reason = models.TextField()
    covers = models.JSONField(default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    made_at = models.DateTimeField(auto_now_add=True)

    objects = SiteScoped()

    privacy = classify(operational="id site lot reason covers made_by made_at")

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.lot} allowed at {self.site}"


class Quarantine(models.Model):
    """A hold on a lot at every site, from the moment it was placed until somebody lifted it and said why.

    A recall is a hold too; beyond stopping the lot it asks every site to send back or discard what is left.
    """

    class Kind(models.TextChoices):
        QUARANTINE = "quarantine", "Quarantine"
        RECALL = "recall", "Recall"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.QUARANTINE)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="quarantines")
    reason = models.TextField()
    placed_at = models.DateTimeField(auto_now_add=True)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_because = models.TextField(blank=True)

    privacy = classify(
        operational="id kind lot placed_at placed_by lifted_at lifted_by", free_text="reason lifted_because"
    )

    class Meta:
        ordering = ["-placed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lot"], condition=Q(lifted_at__isnull=True), name="one_open_quarantine_per_lot"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.lot}"


class StockMovement(models.Model):
    """One entry of a site's stock ledger, in vials; the balance is their sum; entries never change."""

    class Reason(models.TextChoices):
        RECEIVED = "received", "Received"
        USED = "used", "Used in a treatment"
        DISCARDED = "discarded", "Discarded"
        RETURNED = "returned", "Returned to the supplier"

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="stock_movements")
    vials = models.IntegerField(help_text="Positive in, negative out")
    reason = models.CharField(max_length=10, choices=Reason)
    moved_on = models.DateField()
    reference = models.CharField(max_length=60, blank=True)

    objects = SiteScoped()

    privacy = classify(operational="id site lot vials reason moved_on reference")

    class Meta:
        ordering = ["moved_on", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(vials=0), name="stock_moves_something")]
        indexes = [models.Index(fields=["site", "lot"])]

    def __str__(self) -> str:
        return f"{self.vials:+d} {self.lot}"
