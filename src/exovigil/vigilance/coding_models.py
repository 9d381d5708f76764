"""MedDRA as a site's own licence gives it, and the term given to a case's reaction."""

from django.conf import settings
from django.db import models

from exovigil.governance.models import Site
from exovigil.governance.privacy import classify
from exovigil.governance.scoping import SiteScoped


class MeddraRelease(models.Model):
    """One release of MedDRA that a site imported from its own licensed files; nothing of it is shipped."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    version = models.CharField(max_length=8)
    language = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64, help_text="Of the files read, in the order of their names")
    terms_count = models.PositiveIntegerField()
    imported_at = models.DateTimeField(auto_now_add=True)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)

    objects = SiteScoped()

    privacy = classify(
        operational="id site version language sha256 terms_count imported_at imported_by",
    )

    class Meta:
        ordering = ["-imported_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "version", "language"], name="meddra_release_once_per_site"
            )
        ]

    def __str__(self) -> str:
        return f"MedDRA {self.version}, {self.language}"


class MeddraTerm(models.Model):
    """A lowest level term of one release, with the preferred term and primary system organ class above it."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    release = models.ForeignKey(MeddraRelease, on_delete=models.CASCADE, related_name="terms")
    code = models.CharField(max_length=8)
    name = models.CharField(max_length=150)
    is_current = models.BooleanField()
    pt_code = models.CharField(max_length=8)
    pt_name = models.CharField(max_length=150)
    soc_name = models.CharField(max_length=150)

    objects = SiteScoped()

    privacy = classify(operational="id site release code name is_current pt_code pt_name soc_name")

    class Meta:
        ordering = ["name", "code"]
        constraints = [models.UniqueConstraint(fields=["release", "code"], name="llt_once_per_release")]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class ReactionCode(models.Model):
    """The MedDRA term given to a case's reaction; a new coding is a new row, the latest counts.

    The term is kept in words and numbers, so that the code can be read after its release was removed. ``term`` is the
    reaction class it was given for: once that is changed, the code no longer counts.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    case = models.ForeignKey("vigilance.Case", on_delete=models.CASCADE, related_name="codes")
    term = models.CharField(max_length=40)
    version = models.CharField(max_length=8)
    llt_code = models.CharField(max_length=8)
    llt_name = models.CharField(max_length=150)
    pt_code = models.CharField(max_length=8)
    pt_name = models.CharField(max_length=150)
    soc_name = models.CharField(max_length=150)
    coded_at = models.DateTimeField(auto_now_add=True)
    coded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)

    objects = SiteScoped()

    privacy = classify(
        operational="id site case version coded_at coded_by",
        clinical="term llt_code llt_name pt_code pt_name soc_name",
    )

    class Meta:
        ordering = ["-coded_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.llt_name} ({self.llt_code}), MedDRA {self.version}"
