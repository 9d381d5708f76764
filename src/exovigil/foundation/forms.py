"""Forms that look and behave the same everywhere.

The renderer draws a field with its label, help, error beside it and the right ARIA links; ``ActionForm`` carries the
idempotency key and turns a refused action into an error beside the field it concerns.
"""

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils import timezone

from exovigil.foundation.partial_date import PartialDate

R = TypeVar("R")
TOO_LARGE = "exovigil.too_large"  # where web.uploads notes, on the request, the field of a file it dropped


class Renderer(TemplatesSetting):
    """Draws fields with the house's templates."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class ActionForm(forms.Form):
    """A form whose answer is handed to an action exactly once."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, initial=lambda: str(uuid.uuid4()))

    required_css_class = "required"
    use_required_attribute = False  # the server says what is missing, beside the field

    def values(self) -> dict[str, Any]:
        """Cleaned answers without the key."""
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}

    def attempt(self, act: Callable[..., R], **kwargs: Any) -> R | None:
        """Call the action with the form's key; a refusal becomes an error on this form and returns None."""
        try:
            return act(key=self.cleaned_data["key"], **kwargs)
        except Exception as error:
            message, field = getattr(error, "message", None), getattr(error, "field", None)
            if message is None or not hasattr(error, "field"):
                raise
            self.add_error(field if field in self.fields else None, message)
            return None


class DayField(forms.DateField):
    """A full date, by default not in the future."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, *, allow_future: bool = False, **kwargs: Any) -> None:
        self.allow_future = allow_future
        kwargs.setdefault(
            "error_messages",
            {"required": "Enter the date.", "invalid": "Enter a date of the calendar, such as 2026-03-12."},
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        """Refuse a date that has not come yet."""
        day = super().clean(value)
        if day and not self.allow_future and day > timezone.localdate():
            raise forms.ValidationError("This date is in the future. Enter the day it happened.")
        if day and day.year < 1900:
            raise forms.ValidationError("This date is too long ago. Check the year.")
        return day


class PartialDateField(forms.CharField):
    """A date known to the day, the month or the year; cleans to its text form, or empty."""

    def clean(self, value: Any) -> str:
        """Check the calendar and refuse the future."""
        text = str(super().clean(value) or "").strip()
        if not text:
            return ""
        try:
            date = PartialDate.parse(text)
        except ValueError as error:
            raise forms.ValidationError(f"{str(error)[0].upper()}{str(error)[1:]}.") from error
        if date.earliest > timezone.localdate():
            raise forms.ValidationError("This date is in the future. Enter when it began.")
        return str(date)
