"""One theme for every chart, and the way a chart gets onto a page or into a paper.

A chart is an Altair definition drawn to SVG on the server: no script reaches the browser, and the same
drawing goes into the PDF. ``as_svg`` strips inline styles, which the content security policy forbids, and
labels the picture for people who listen to it. Put the numbers in a table beside it.
"""

import hashlib
import re

import altair as alt
import vl_convert as vlc
from altair.vegalite.v6.schema._config import AxisConfigKwds
from django.core.cache import cache
from django.utils.html import escape
from django.utils.safestring import SafeString

# The stylesheet's light colours to the letter: house.css turns each of them with the reader's light or dark.
INK, QUIET, RULE = "#14232b", "#51626c", "#d8e0e3"
ACCENT, ALERT = "#0b6669", "#a62f27"
FONT = "-apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, system-ui, sans-serif"


@alt.theme.register("exovigil", enable=True)
def _theme() -> alt.theme.ThemeConfig:
    axis: AxisConfigKwds = {
        "labelColor": QUIET,
        "titleColor": QUIET,
        "titleFontWeight": "normal",
        "domainColor": RULE,
        "tickColor": RULE,
        "gridColor": RULE,
        "gridOpacity": 0.7,
        "labelFontSize": 12,
        "titleFontSize": 12,
    }
    return {
        "config": {
            "font": FONT,
            "background": "transparent",
            "axis": axis,
            "view": {"stroke": None},
            "text": {"font": FONT, "fontSize": 12, "color": INK},
            "title": {"color": INK, "fontSize": 14, "anchor": "start", "fontWeight": 600},
        }
    }


def as_svg(chart: alt.TopLevelMixin, *, label: str) -> SafeString:
    """Draw a chart as inline SVG with ``label`` as its accessible name; identical definitions are drawn once."""
    definition = chart.to_json(indent=None)
    key = "chart:" + hashlib.sha256((definition + label).encode()).hexdigest()
    svg: str | None = cache.get(key)
    if svg is None:
        svg = _tidy(vlc.vegalite_to_svg(definition), label)
        cache.set(key, svg, timeout=24 * 3600)
    return SafeString(svg)


def _tidy(svg: str, label: str) -> str:
    svg = re.sub(r'\sstyle="[^"]*"', "", svg)
    svg = re.sub(r"<style>.*?</style>", "", svg, flags=re.S)
    return re.sub(r"<svg\b", f'<svg role="img" aria-label="{escape(label)}"', svg, count=1)
