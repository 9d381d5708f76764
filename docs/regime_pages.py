"""Reference pages of who must hear: the rules, what products are filed under, and seriousness in each regime."""

from docs.markdown import page, source, sources, table
from exovigil.foundation.content import Source
from exovigil.vigilance.regimes.scales import SCALES, scale_criteria
from exovigil.vigilance.regimes.tables import Rule, filing_rows, rules


def regimes() -> str:
    """Every duty and every heading, with their sources."""
    rows, filings = rules(), filing_rows()
    found = [s for row in rows for s in _sources(row)]
    return page(
        "Who must hear, by when and how",
        "`src/exovigil/vigilance/content/regimes.toml`",
        "Not legal advice. Day 0 is the day on which reporter, patient, product and reaction were first known; the "
        "first day counted is the day after it. Working days are Monday to Friday, since no source that was read "
        "says which holidays a rule takes out; a date on a weekend is not moved. Both can only make a date earlier. "
        "Rows whose source is background knowledge are shown as unverified. A reminder is this registry's own and "
        "never law. The clock of new information starts anew with significant information after the first report.",
        "## Duties\n\n"
        + table(
            (
                "Rule",
                "What",
                "For",
                "Where",
                "Who",
                "When",
                "To whom",
                "Clock",
                "New information",
                "Kind",
                "Sources",
            ),
            (
                (
                    f"`{r.key}`",
                    r.form,
                    ", ".join(r.categories),
                    ", ".join(r.regions),
                    ", ".join(role.replace("_", " ") for role in r.roles),
                    _when(r),
                    r.addressee,
                    _clock(r),
                    _again(r),
                    r.strength,
                    source(*_sources(r)),
                )
                for r in rows
            ),
        ),
        "## What a product is filed under\n\n"
        "Every row that fits counts, so a product may stand under several headings.\n\n"
        + table(
            ("Heading", "Status", "Origin", "Claim", "Route", "Where", "Because", "Flagged", "Source"),
            (
                (
                    f.category.value,
                    ", ".join(f.statuses),
                    ", ".join(f.origins),
                    ", ".join(f.claims),
                    ", ".join(f.routes),
                    ", ".join(f.regions),
                    f.because,
                    "yes" if f.flag else "",
                    source(f.source),
                )
                for f in filings
            ),
        ),
        sources([*found, *(f.source for f in filings)]),
    )


def regime_seriousness() -> str:
    """Criteria of each regime besides ICH."""
    rows = scale_criteria()
    return page(
        "Seriousness in each regime",
        "`src/exovigil/vigilance/content/seriousness_regimes.toml`",
        "One yes makes a reaction serious in that regime; a no needs every criterion answered no. The ICH scale has "
        "[its own page](seriousness.md).",
        table(
            ("Regime", "Criterion", "Meaning", "The same as ICH", "Implied by ICH", "Source"),
            (
                (SCALES[c.scale], c.label, c.help, c.same_as, ", ".join(c.implied_by), source(c.source))
                for c in rows
            ),
        ),
        sources(c.source for c in rows),
    )


def _when(rule: Rule) -> str:
    return f"{', '.join(rule.needs)} ({SCALES[rule.scale]})" if rule.needs else "any reaction"


def _clock(rule: Rule) -> str:
    if rule.days:
        return f"{rule.period}. {rule.clock_note}".strip()
    return f"none; reminder after {rule.aim_days} days" if rule.aim_days else "none"


def _again(rule: Rule) -> str:
    return f"{rule.again_period}. {rule.again_note}" if rule.again_days else "no clock was read"


def _sources(rule: Rule) -> list[Source]:
    return [found for found in (rule.source, rule.clock_source, rule.again_source) if found]
