"""Fields that ask about one attribute of a product's composition."""

from django import forms

from exovigil.catalogue import composition
from exovigil.catalogue.composition import Attribute
from exovigil.catalogue.queries.composition import OTHER

NOT_STATED = "not stated"


def answer_field(attribute: Attribute, *, required: bool) -> forms.Field:
    """Make the field that fits how an attribute is answered; the help says the unit."""
    error = {"required": f"Enter the answer for “{attribute.label}”."}
    if attribute.kind in {"code", "yes or no"}:
        pairs = _pairs(attribute)
        return forms.ChoiceField(
            label=attribute.label,
            help_text=attribute.help,
            choices=pairs if required else _not_stated_first(pairs),
            required=required,
            error_messages={**error, "invalid_choice": "Choose one of the answers offered."},
        )
    unit = f" In {attribute.unit}." if attribute.unit else ""
    return forms.CharField(
        label=attribute.label,
        help_text=attribute.help + unit,
        max_length=180,
        required=required,
        error_messages=error,
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "class": "short"} if attribute.kind == "number" else {}
        ),
    )


def has_other(attribute: Attribute) -> bool:
    """Tell whether the answer may be given in words of one's own."""
    return any(code.code == "other" for code in composition.codes(attribute.code))


def in_words(choice: str, words: str) -> str:
    """Join the choice "other" with the words that say what it is."""
    return f"{OTHER}{words.strip()}" if choice == "other" and words.strip() else choice


def _pairs(attribute: Attribute) -> list[tuple[str, str]]:
    if attribute.kind == "yes or no":
        return [("yes", "Yes"), ("no", "No"), (NOT_STATED, "Not stated")]
    return [(code.code, code.label) for code in composition.codes(attribute.code)]


def _not_stated_first(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [("", "Not stated"), *(pair for pair in pairs if pair[0] != NOT_STATED)]
