"""Forms of the dossier room."""

from django import forms

from exovigil.evidence import queries as evidence
from exovigil.foundation.forms import ActionForm


def _conditions() -> list[tuple[str, str]]:
    return [("", "Choose a condition"), *((row.key, row.name) for row in evidence.conditions())]


def _classes() -> list[tuple[str, str]]:
    return [("", "Choose a product class"), *((row.key, row.label) for row in evidence.PRODUCT_CLASSES)]


class BuildForm(ActionForm):
    """Which dossier to build."""

    condition = forms.ChoiceField(
        choices=_conditions,
        error_messages={
            "required": "Choose the condition.",
            "invalid_choice": "Choose a condition from the list.",
        },
    )
    product_class = forms.ChoiceField(
        label="Product class",
        choices=_classes,
        help_text="What the product is made from.",
        error_messages={
            "required": "Choose the product class.",
            "invalid_choice": "Choose a product class from the list.",
        },
    )
