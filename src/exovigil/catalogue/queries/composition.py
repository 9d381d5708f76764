"""What is declared about a product beside what was verified."""

import itertools
from dataclasses import dataclass

from exovigil.catalogue import composition
from exovigil.catalogue.composition import Agreement, Attribute
from exovigil.catalogue.models import CompositionStatement, Product

_TONES = {Agreement.AGREES: "good", Agreement.DIFFERS: "stop", Agreement.VERIFIED_ONLY: "warn"}
OTHER = "other: "


@dataclass(frozen=True, slots=True)
class Statement:
    """One stored statement with its answer in words."""

    text: str
    row: CompositionStatement


@dataclass(frozen=True, slots=True)
class CompositionRow:
    """One attribute: all that is declared and all that is verified, newest first, and how they agree."""

    attribute: Attribute
    declared: tuple[Statement, ...]
    verified: tuple[Statement, ...]
    agreement: Agreement

    @property
    def word(self) -> str:
        """How the two stand to each other, in words."""
        return self.agreement.value.capitalize()

    @property
    def tone(self) -> str:
        """Tone of the status."""
        return _TONES.get(self.agreement, "neutral")

    @property
    def is_open(self) -> bool:
        """True when nothing at all is known."""
        return not self.declared and not self.verified


def composition_of(product: Product) -> tuple[CompositionRow, ...]:
    """One row per attribute, in the order in which they are asked; every statement is kept."""
    stated: dict[tuple[str, str], list[CompositionStatement]] = {}
    for row in CompositionStatement.objects.filter(product=product):
        stated.setdefault((row.attribute, row.basis), []).append(row)
    return tuple(
        CompositionRow(attribute, _words(declared), _words(verified), _agreement(declared, verified))
        for attribute in composition.attributes()
        for declared, verified in [
            (_newest_first(stated, attribute, "declared"), _newest_first(stated, attribute, "verified"))
        ]
    )


def stated_answers(basis: str) -> dict[tuple[int, str], str]:
    """Newest answer of every product to each attribute, declared or verified; the kind of source is declared too."""
    found = dict[tuple[int, str], str]()
    if basis == CompositionStatement.Basis.DECLARED:
        classes = Product.objects.exclude(source_class=Product.SourceClass.UNKNOWN)
        found |= {(pk, "source_species"): code for pk, code in classes.values_list("pk", "source_class")}
    rows = CompositionStatement.objects.filter(basis=basis).values_list(
        "product_id", "attribute", "value", "stated_on", "pk"
    )
    for product, attribute, value, *_ in sorted(rows, key=lambda row: (str(row[3] or ""), row[4])):
        found[product, attribute] = value
    return found


def answer_text(attribute: str, value: str) -> str:
    """Say an answer in words: the label of a code, or what was written."""
    if value.startswith(OTHER):
        return f"Other: {value.removeprefix(OTHER)}"
    labels = {code.code: code.label for code in composition.codes(attribute)}
    unit = next((a.unit for a in composition.attributes() if a.code == attribute and a.kind == "number"), "")
    return labels.get(value) or f"{value[:1].upper()}{value[1:]} {unit}".strip()


def _newest_first(
    stated: dict[tuple[str, str], list[CompositionStatement]], attribute: Attribute, basis: str
) -> list[CompositionStatement]:
    rows = stated.get((attribute.code, basis), [])
    return sorted(rows, key=lambda r: (str(r.stated_on or ""), r.pk), reverse=True)


def _words(rows: list[CompositionStatement]) -> tuple[Statement, ...]:
    return tuple(Statement(answer_text(row.attribute, row.value), row) for row in rows)


def _agreement(declared: list[CompositionStatement], verified: list[CompositionStatement]) -> Agreement:
    """Differ when any declared statement is contradicted by a verified one; else let the newest speak."""
    for said, found in itertools.product(declared, verified):
        if composition.agreement(said.value, found.value) is Agreement.DIFFERS:
            return Agreement.DIFFERS
    newest = [rows[0].value if rows else "" for rows in (declared, verified)]
    return composition.agreement(*newest)
