"""Small marks that pages, lists and papers share: a status as word and shape, a date in words."""

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from exovigil.foundation.partial_date import PartialDate

_SHAPES = {"good": "✓", "warn": "!", "stop": "✕"}


def status_mark(word: str, tone: str = "neutral") -> SafeString:
    """Draw a status as word and shape: ✓ good, ! attention, ✕ stop, ○ neutral."""
    return format_html(
        '<span class="status status-{}"><span class="status-shape" aria-hidden="true">{}</span>{}</span>',
        tone,
        _SHAPES.get(tone, "○"),
        word,
    )


def status_marks(pairs: Iterable[tuple[str, str]]) -> SafeString:
    """Draw several statuses side by side."""
    return format_html_join(" ", "{}", ((status_mark(word, tone),) for word, tone in pairs))


def nowrap(text: str) -> SafeString:
    """Keep a number or a date on one line."""
    return format_html('<span class="nowrap">{}</span>', text)


def day_words(value: dt.date | str | None, missing: str = "not known") -> str:
    """Write a date as 12 Mar 2026, a moment as its day here; takes ISO text, which may lack day and month."""
    if not value:
        return missing
    if isinstance(value, str):
        return PartialDate.parse(value[:10]).words
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value)
    return date_format(value, "j M Y")


def number_words(value: float | None, places: int = 2) -> str:
    """Write a number with fixed places and unbreakable narrow spaces between thousands; an unknown one as a dash."""
    return "–" if value is None else f"{value:,.{places}f}".replace(",", "\u202f")
