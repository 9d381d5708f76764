"""Published editions of dossiers, kept as they were."""

from django.conf import settings
from django.db import models

from exovigil.governance.privacy import classify


class Edition(models.Model):
    """One dossier for one condition and product class as it stood when it was built."""

    condition = models.CharField(max_length=40)
    product_class = models.CharField(max_length=12)
    number = models.PositiveIntegerField()
    body = models.JSONField()
    sha256 = models.CharField(max_length=64)
    built_at = models.DateTimeField(auto_now_add=True)
    built_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)

    privacy = classify(operational="id condition product_class number body sha256 built_at built_by")

    class Meta:
        ordering = ["condition", "product_class", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["condition", "product_class", "number"], name="edition_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.condition} × {self.product_class}, edition {self.number}"
