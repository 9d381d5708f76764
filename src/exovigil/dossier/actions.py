"""Writes of the dossier room: an edition is built once and never changed."""

from django.db import IntegrityError, transaction

from exovigil.dossier import body, queries
from exovigil.dossier.models import Edition
from exovigil.foundation.marks import day_words
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.roles import Permission


@action(Permission.BUILD_DOSSIER)
def build_edition(*, by: Actor, condition: str, product_class: str) -> Edition:
    """Freeze what is known now of a product class for a condition; refused while nothing has changed."""
    try:
        made = queries.current_body(condition, product_class)
    except KeyError as error:
        field = "product_class" if "product class" in str(error) else "condition"
        raise Refused("Choose one from the list.", field) from error
    last = queries.newest_of(condition, product_class)
    if last is not None and last.body["built"]["facts_sha256"] == made["built"]["facts_sha256"]:
        built = day_words(last.built_at)
        raise Refused(
            f"Nothing has changed since edition {last.number} of {built},"
            " so no new edition was made. Open the dossier to read it."
        )
    number = last.number + 1 if last else 1
    try:
        with transaction.atomic():
            edition = Edition.objects.create(
                condition=condition,
                product_class=product_class,
                number=number,
                body=made,
                sha256=body.digest(made),
                built_by_id=by.user_id,
            )
    except IntegrityError as error:
        raise Refused(
            "Somebody else has just built this dossier. Open it to read the new edition."
        ) from error
    audit.record(
        "dossier.edition.built",
        by=by,
        target=edition,
        condition=condition,
        product_class=product_class,
        number=number,
        sha256=edition.sha256,
    )
    return edition
