"""The patient's forms, one question each, and what is carried from one to the next."""

import datetime as dt
import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from django import forms
from django.core import signing
from django.utils import timezone
from django.utils.dates import MONTHS

from exovigil.clinic.actions.follow_up import LONGEST_WORDS
from exovigil.clinic.forms.follow_up import PhotoField, ReactionFields
from exovigil.clinic.models import FollowUpLink
from exovigil.foundation.partial_date import PartialDate

_SALT = "exovigil.clinic.patient-page"
_KEPT = dt.timedelta(hours=24)


@dataclass(slots=True)
class Carried:
    """What the patient has said so far; it travels signed inside the page and is kept nowhere else.

    ``link`` binds it to one link; ``page`` names one showing of the page, so that sending it twice counts once.
    ``answer`` is set once the answer has been saved, for photographs to be added to it.
    """

    link: str
    page: str = field(default_factory=lambda: uuid.uuid4().hex)
    reactions: dict[str, int] = field(default_factory=dict)
    something_else: bool = False
    when: dict[str, int] = field(default_factory=dict)
    words: str = ""
    answer: int | None = None

    def sealed(self) -> str:
        """Write as one signed text for a hidden field."""
        return signing.dumps(asdict(self), salt=_SALT, compress=True)

    @classmethod
    def opened(cls, text: str, link: FollowUpLink) -> "Carried | None":
        """Read it back; None when it was altered, is a day old or belongs to another link."""
        try:
            carried = cls(**signing.loads(text, salt=_SALT, max_age=_KEPT))
        except (signing.BadSignature, TypeError):
            return None
        return carried if carried.link == link.pk.hex else None

    def key_for(self, *content: object) -> str:
        """Idempotency key of sending this content from this showing of the page.

        The same content sent twice makes one row; after a correction it is another answer, never a refusal.
        """
        return str(uuid.uuid5(uuid.UUID(hex=self.page), repr(content)))


class WhichForm(ReactionFields):
    """Which of these do you have?"""

    something_else = forms.BooleanField(label="Something else", required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for one choice at least."""
        cleaned = super().clean()
        if not cleaned["reactions"] and not cleaned.get("something_else") and not self.errors:
            self.add_error("something_else", "Choose what you have, or “Something else”.")
        return cleaned


class WhenForm(forms.Form):
    """When did it begin, and in the patient's own words; a day or month that is not remembered stays empty.

    ``since`` is the day of treatment: only the years from then on are asked, and no year where there is only one.
    """

    day = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=31,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": "2"}),
        error_messages={k: "Enter a day from 1 to 31." for k in ("invalid", "min_value", "max_value")},
    )
    month = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "Not sure"), *MONTHS.items()],
        error_messages={"invalid_choice": "Choose a month."},
    )
    year = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": "Choose a year."},
    )
    words = forms.CharField(
        label="In your own words",
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"max_length": f"Please shorten this to {LONGEST_WORDS} characters."},
    )

    def __init__(self, *args: Any, since: dt.date, needs_words: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needs_words = needs_words
        years = range(timezone.localdate().year, since.year - 1, -1)
        self.only_year = years[0] if len(years) == 1 else None
        self.fields["year"].choices = [("", "Not sure"), *((y, str(y)) for y in years)]  # type: ignore[attr-defined]

    @property
    def date_errors(self) -> list[forms.BoundField]:
        """The parts of the date that have an error."""
        return [self[name] for name in ("day", "month", "year") if self[name].errors]

    def clean(self) -> dict[str, Any]:
        """Join the three parts to a partial date ``onset``."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["onset"] = ""
        if not self.date_errors:
            year = cleaned["year"] or (self.only_year if cleaned["month"] else None)
            cleaned["onset"] = self._onset(year, cleaned["month"], cleaned["day"])
        if self.needs_words and not cleaned.get("words") and "words" not in self.errors:
            self.add_error("words", "Please describe what is wrong. A few words are enough.")
        return cleaned

    def _onset(self, year: int | None, month: int | None, day: int | None) -> str:
        if day and not month:
            self.add_error("month", "Choose the month too, or clear the day.")
        elif month and not year:
            self.add_error("year", "Choose the year too, or “Not sure” for the month.")
        elif year:
            try:
                onset = PartialDate(year, month, day)
            except ValueError:
                self.add_error("day", "This day is not in the calendar. Check it.")
                return ""
            if onset.earliest <= timezone.localdate():
                return str(onset)
            self.add_error("day", "This day has not come yet. Enter when it began.")
        return ""


class PhotoForm(forms.Form):
    """A photograph, if the patient wishes."""

    photo = PhotoField(label="Your photograph", help_text="JPEG, PNG or WebP, up to 20 MB.")
