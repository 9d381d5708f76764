"""Forms for products and what is stated about them."""

from typing import Any

from django import forms

from exovigil.catalogue import composition, legal
from exovigil.catalogue.composition import Attribute
from exovigil.catalogue.forms.answers import answer_field, has_other, in_words
from exovigil.catalogue.models import Product
from exovigil.foundation.forms import ActionForm, DayField

TAKEN_OVER = {"source_species", "declared_route"}  # asked once, as properties of the product itself
ALSO_ASKED = {"source_species_name", "purification"}


class ProductForm(ActionForm):
    """A product as its maker describes it; answers left open stay unknown."""

    name = forms.CharField(
        label="Product name",
        max_length=120,
        help_text="As the maker writes it on the label.",
        error_messages={"required": "Enter the product's name as its maker writes it."},
    )
    maker = forms.CharField(max_length=120, required=False)
    kind = forms.ChoiceField(label="Kind of product", choices=Product.Kind.choices)
    source_class = forms.ChoiceField(
        label="Source of the material, as declared",
        choices=Product.SourceClass.choices,
        widget=forms.RadioSelect(attrs={"across": True}),
        error_messages={"required": "Choose the declared source, or “Not stated”."},
    )
    declared_route = forms.ChoiceField(
        label="Route the maker declares",
        choices=Product.Route.choices,
        widget=forms.RadioSelect(attrs={"across": True}),
        error_messages={"required": "Choose the declared route, or “Not stated”."},
    )
    strength = forms.CharField(
        label="Declared strength",
        max_length=120,
        required=False,
        help_text="In the maker's words and units.",
    )
    composition_source = forms.CharField(
        label="Where the maker declares it",
        max_length=300,
        required=False,
        help_text="Label, leaflet or page, with its date if there is one.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for attribute in _asked():
            self.fields[attribute.code] = answer_field(attribute, required=False)
            if has_other(attribute):
                self.fields[f"{attribute.code}_words"] = _words_field(attribute)
        self.order_fields([name for name in self.fields if name != "composition_source"])

    def clean(self) -> dict[str, Any]:
        """Ask for words where "other" was chosen."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for attribute in _asked():
            words = f"{attribute.code}_words"
            if cleaned.get(attribute.code) == "other" and not cleaned.get(words):
                self.add_error(words, f"Say what the {attribute.label.lower()} is.")
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return the answers with the composition gathered in one mapping."""
        given = super().values()
        answers = {}
        for attribute in _asked():
            answers[attribute.code] = in_words(
                given.pop(attribute.code), given.pop(f"{attribute.code}_words", "")
            )
        return {**given, "composition": answers}


class CompositionForm(ActionForm):
    """What somebody declared or verified about one attribute."""

    words = forms.CharField(label="In words, if “other”", max_length=180, required=False)
    basis = forms.ChoiceField(
        label="How is it known?",
        choices=[
            ("declared", "Declared: the maker or seller says so"),
            ("verified", "Verified: a laboratory or an inspector found it"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose declared or verified."},
    )
    stated_by = forms.CharField(
        label="Who says so",
        max_length=120,
        help_text="The maker, a laboratory, an authority.",
        error_messages={"required": "Say who stated this: the maker, a laboratory, an inspector."},
    )
    stated_on = DayField(label="Date of the statement", required=False)
    source = forms.CharField(
        max_length=300,
        required=False,
        help_text="Label, leaflet, report or address. Needed for a verified statement.",
    )
    field_order = ["value", "words", "basis", "stated_by", "stated_on", "source"]  # noqa: RUF012

    def __init__(self, *args: Any, attribute: Attribute, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attribute = attribute
        self.fields["value"] = answer_field(attribute, required=True)
        if not has_other(attribute):
            del self.fields["words"]
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Ask for words where "other" was chosen."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("value") == "other" and not cleaned.get("words"):
            self.add_error("words", f"Say what the {self.attribute.label.lower()} is.")
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return the answers with the attribute they are about."""
        given = super().values()
        value = in_words(given.pop("value"), given.pop("words", ""))
        return {**given, "attribute": self.attribute.code, "value": value}


class LegalStandingForm(ActionForm):
    """What a source says of the product's legal standing."""

    jurisdiction = forms.CharField(
        label="Country or region",
        max_length=40,
        error_messages={"required": "Name the country or region the statement is about."},
    )
    statement = forms.CharField(
        label="What the source says",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        help_text="In its own terms. A statement is recorded, not judged.",
        error_messages={"required": "Enter what the source says, in its own terms."},
    )
    source = forms.CharField(
        max_length=300,
        help_text="Who says it and where: authority, paper or address.",
        error_messages={"required": "Name the source, so that others can open it."},
    )
    stated_on = DayField(label="Date of the source", required=False, help_text="Leave empty if not known.")
    confidence = forms.ChoiceField(
        label="Confidence in the source",
        choices=[
            ("", "Not judged"),
            ("high", "High: the authority itself"),
            ("medium", "Medium: a competent summary"),
            ("low", "Low: hearsay or an interested party"),
        ],
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = ", ".join(legal.jurisdictions())
        self.fields["jurisdiction"].help_text = f"Already used: {places}."


def _asked() -> list[Attribute]:
    """Attributes the product form asks for: the mandatory ones and two that often tell products apart."""
    return [
        attribute
        for attribute in composition.attributes()
        if attribute.code not in TAKEN_OVER
        and (attribute.level == "mandatory" or attribute.code in ALSO_ASKED)
    ]


def _words_field(attribute: Attribute) -> forms.CharField:
    return forms.CharField(
        label=f"{attribute.label}, in words",
        max_length=180,
        required=False,
        help_text="Only if you chose “other”.",
    )
