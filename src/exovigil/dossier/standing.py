"""What sources say of the law for a product class: dated statements, contradictions kept together."""

from typing import Any

from exovigil.catalogue import legal
from exovigil.evidence.queries import ProductClass

Facts = dict[str, Any]


def facts(product_class: ProductClass) -> list[Facts]:
    """Freeze the statements by jurisdiction; none is preferred, and one about two places stands in both."""
    found = []
    for place in legal.jurisdictions():
        rows = legal.find(jurisdiction=place, source_class=product_class.source)
        if rows:
            keys = {row.key for row in rows}
            statements = [_statement(row, keys) for row in rows]
            found.append(
                {"place": place, "statements": statements, "contradicts": bool(legal.conflicts(rows))}
            )
    return found


def _statement(row: legal.LegalStatement, shown: set[str]) -> Facts:
    return {
        "key": row.key,
        "subject": row.subject,
        "statement": row.statement,
        "date": row.date,
        "date_note": row.date_note,
        "source_kind": row.source_kind,
        "confidence": row.confidence,
        "confidence_note": row.confidence_note,
        "contradicted": bool(shown & set(row.conflicts_with)),
        "citation": row.source.citation,
        "link": row.source.link,
        "read_depth": row.source.read_depth.value,
    }
