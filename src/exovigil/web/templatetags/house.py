"""Small words that templates need everywhere."""

import datetime as dt
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from exovigil.foundation.partial_date import PartialDate

register = template.Library()


@register.filter
def day(value: dt.date | str | None) -> str:
    """Write a date as 12 Mar 2026; accepts ISO text and partial dates; empty as "not known"."""
    if not value:
        return "not known"
    if isinstance(value, str):
        return PartialDate.parse(value[:10]).words
    return date_format(value, "j M Y")


@register.filter
def since(value: dt.date | None, start: dt.date | None) -> str:
    """Say how long after ``start`` a date is: "8 weeks after treatment" style numbers without the noun."""
    if not value or not start:
        return ""
    days = (value - start).days
    if days < 0:
        return f"{-days} day{'s' if days != -1 else ''} before"
    if days < 14:
        return f"{days} day{'s' if days != 1 else ''}"
    return f"{round(days / 7)} weeks"


@register.filter
def number(value: float | None, places: int = 2) -> str:
    """Write a number with fixed places and a thin space between thousands; an unknown one as a dash."""
    return "–" if value is None else f"{value:,.{places}f}".replace(",", " ")


@register.filter
def lookup(mapping: dict[str, Any], key: str) -> Any:
    """Value of a key that is itself a variable; empty when absent."""
    return mapping.get(key, "") if mapping else ""


@register.simple_tag
def status(word: str, tone: str = "neutral") -> SafeString:
    """Return a status as word and shape: ✓ good, ! attention, ✕ stop, ○ neutral."""
    shape = {"good": "✓", "warn": "!", "stop": "✕"}.get(tone, "○")
    return format_html(
        '<span class="status status-{}"><span class="status-shape" aria-hidden="true">{}</span>{}</span>',
        tone,
        shape,
        word,
    )


@register.simple_tag(takes_context=True)
def page_url(context: dict[str, Any], listing: Any, page: int) -> str:
    """Address of another page of a list."""
    return str(listing.page_url(page))
