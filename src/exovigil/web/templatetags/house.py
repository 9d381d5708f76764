"""Small words that templates need everywhere."""

import datetime as dt
from typing import Any

from django import template

from exovigil.foundation.marks import day_words, number_words, status_mark

register = template.Library()


register.filter("day", day_words)
register.filter("number", number_words)
register.simple_tag(status_mark, name="status")


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
def lookup(mapping: dict[str, Any], key: str) -> Any:
    """Value of a key that is itself a variable; empty when absent."""
    return mapping.get(key, "") if mapping else ""


@register.simple_tag(takes_context=True)
def page_url(context: dict[str, Any], listing: Any, page: int) -> str:
    """Address of another page of a list."""
    return str(listing.page_url(page))
