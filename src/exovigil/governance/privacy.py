"""Privacy classes: every field of every table says what kind of personal data it holds.

Encryption, de-identified export and erasure derive from the class. A model declares
``privacy = classify(identifier="name", clinical="outcome", …)``; a field left out fails the tests.
"""

import enum


class Privacy(enum.StrEnum):
    """What a field can reveal about a patient."""

    IDENTIFIER = "identifier"  # names the person: encrypted, never exported
    QUASI = "quasi-identifier"  # narrows the person down: coarsened on export
    CLINICAL = "clinical"  # about the person's health
    FREE_TEXT = "free text"  # may hold anything: left out of exports
    OPERATIONAL = "operational"  # keys, times, staff and products: not about the patient


def classify(**groups: str) -> dict[str, Privacy]:
    """Map field names to classes: ``classify(identifier="name email", clinical="outcome")``."""
    return {field: Privacy[group.upper()] for group, fields in groups.items() for field in fields.split()}
