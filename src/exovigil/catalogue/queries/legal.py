"""What is said about a product's legal standing: its own statements and the cited ones for its source."""

from dataclasses import dataclass

from exovigil.catalogue import legal
from exovigil.catalogue.composition import SourceClass
from exovigil.catalogue.models import LegalStatement, Product
from exovigil.foundation.content import Source


@dataclass(frozen=True, slots=True)
class Standing:
    """One statement, of the product's own or of the cited content.

    ``date`` may be partial or empty (not known). ``source`` is set for cited content; the product's own
    statements have their source in words in ``citation``.
    """

    key: str
    statement: str
    date: str
    confidence: str
    citation: str
    is_own: bool
    source: Source | None = None
    source_kind: str = ""
    date_note: str = ""
    confidence_note: str = ""
    conflicts_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """What is said in one jurisdiction; statements of one group contradict each other."""

    name: str
    groups: tuple[tuple[Standing, ...], ...]

    @property
    def statements(self) -> tuple[Standing, ...]:
        """Every statement."""
        return tuple(statement for group in self.groups for statement in group)

    @property
    def contradicts(self) -> bool:
        """True when sources contradict each other here."""
        return any(len(group) > 1 for group in self.groups)

    @property
    def opens(self) -> bool:
        """True when it should be read at once: a contradiction, or words on this very product."""
        return self.contradicts or any(statement.is_own for statement in self.statements)


def legal_statements(product: Product) -> tuple[Jurisdiction, ...]:
    """Everything said about a product, by jurisdiction; contradictions stay together, none is preferred.

    The cited content is about exosome products, so other kinds of product have only their own statements.
    """
    by_place: dict[str, list[Standing]] = {}
    for row in LegalStatement.objects.filter(product=product):
        by_place.setdefault(row.jurisdiction, []).append(_own(row))
    if product.kind == Product.Kind.EXOSOME:
        for cited in legal.find(source_class=source_class_of(product)):
            for place in cited.jurisdictions:
                by_place.setdefault(place, []).append(_cited(cited))
    return tuple(Jurisdiction(place, _groups(by_place[place])) for place in sorted(by_place))


def source_class_of(product: Product) -> SourceClass:
    """Return the content's name of a product's source class."""
    if product.source_class == Product.SourceClass.UNKNOWN:
        return SourceClass.NOT_STATED
    return SourceClass(product.source_class)


def _groups(rows: list[Standing]) -> tuple[tuple[Standing, ...], ...]:
    """Join statements that contradict each other, directly or through a third; own ones come first."""
    left = sorted(rows, key=lambda row: (row.is_own, row.date), reverse=True)
    groups = []
    while left:
        group = [left.pop(0)]
        while near := [row for row in left if any(_contradict(row, member) for member in group)]:
            group += near
            left = [row for row in left if row not in near]
        groups.append(tuple(group))
    return tuple(groups)


def _contradict(one: Standing, other: Standing) -> bool:
    return other.key in one.conflicts_with or one.key in other.conflicts_with


def _own(row: LegalStatement) -> Standing:
    return Standing(
        key=f"own:{row.pk}",
        statement=row.statement,
        date=row.stated_on.isoformat() if row.stated_on else "",
        confidence=row.confidence,
        citation=row.source,
        is_own=True,
    )


def _cited(row: legal.LegalStatement) -> Standing:
    return Standing(
        key=row.key,
        statement=row.statement,
        date=row.date,
        confidence=row.confidence,
        citation=row.source.citation,
        is_own=False,
        source=row.source,
        source_kind=row.source_kind,
        date_note=row.date_note,
        confidence_note=row.confidence_note,
        conflicts_with=row.conflicts_with,
    )
