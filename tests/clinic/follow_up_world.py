"""A treatment with one follow-up, and pictures, for the tests of follow-up."""

import datetime as dt
import io
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django_scopes import scope
from PIL import Image

from exovigil.catalogue.models import Lot, Product
from exovigil.clinic import actions
from exovigil.clinic.models import (
    Consent,
    ConsentText,
    FollowUp,
    FollowUpAnswer,
    FollowUpLink,
    Patient,
    Protocol,
    ProtocolVisit,
    Screening,
    Treatment,
)
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site

WELL = {"all_well": True}
NODULE = {"all_well": False, "reactions": {"nodule": 2}}


def day(offset: int) -> dt.date:
    """A day counted from today."""
    return timezone.localdate() + dt.timedelta(days=offset)


def make_follow_up(
    site: Site,
    *,
    treated: int = -56,
    opens: int = -7,
    due: int = 0,
    closes: int = 7,
    pseudonym: str = "OAK-0001",
    visit: str = "week_8",
    answered: int | None = None,
) -> FollowUp:
    """A planned follow-up; days are counted from today."""
    product, _ = Product.objects.get_or_create(
        name="Testosome (invented)", defaults={"source_class": "human"}
    )
    lot, _ = Lot.objects.get_or_create(product=product, number="T-1")
    text, _ = ConsentText.objects.get_or_create(
        version=1, defaults={"title": "Consent", "paragraphs": [], "sha256": "0" * 64}
    )
    protocol, _ = Protocol.objects.get_or_create(
        code="test", version=1, defaults={"title": "Test", "adopted_on": day(-900)}
    )
    visit_row, _ = ProtocolVisit.objects.get_or_create(
        protocol=protocol,
        code=visit,
        defaults={"label": "8 weeks", "opens_day": 49, "target_day": 56, "closes_day": 63},
    )
    with scope(site=[site.pk]):
        patient, _ = Patient.objects.get_or_create(site=site, pseudonym=pseudonym)
        screening = Screening.objects.create(
            site=site,
            patient=patient,
            answers={},
            outcome="eligible",
            criteria_sha256="0" * 64,
            screened_on=day(treated),
        )
        consent = Consent.objects.create(
            site=site,
            patient=patient,
            text=text,
            product=product,
            signed_name="Invented Person",
            signed_on=day(treated),
        )
        treatment = Treatment.objects.create(
            site=site,
            patient=patient,
            screening=screening,
            consent=consent,
            product=product,
            lot=lot,
            protocol=protocol,
            indication="ageing",
            treated_on=day(treated),
            dose=Decimal("2.00"),
            dose_unit="mL",
            route="microneedling",
            regions=["cheek_left"],
        )
        return FollowUp.objects.create(
            site=site,
            treatment=treatment,
            visit=visit_row,
            opens_on=day(opens),
            due_on=day(due),
            closes_on=day(closes),
            answered_on=None if answered is None else day(answered),
        )


def make_link(by: Actor, follow_up: FollowUp) -> FollowUpLink:
    """The patient's link, made by the clinic."""
    with scope(site=[follow_up.site_id]):
        return actions.make_link(by=by, site=follow_up.site, follow_up=follow_up)


def record(by: Actor, follow_up: FollowUp, **said) -> FollowUpAnswer:
    """An answer that the clinic wrote down, by default that all is well today."""
    with scope(site=[follow_up.site_id]):
        told = {"answered_on": day(0), **(said or WELL)}
        return actions.record_follow_up(by=by, site=follow_up.site, follow_up=follow_up, **told)


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options) -> bytes:
    """A small picture, its left half red."""
    image = Image.new(mode, size, "white" if mode in {"RGB", "RGBA"} else 0)
    if mode == "RGB":
        image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def upload(data: bytes | None = None, name: str = "skin.jpg") -> SimpleUploadedFile:
    """A picture as a browser sends it."""
    return SimpleUploadedFile(name, picture() if data is None else data, content_type="image/jpeg")
