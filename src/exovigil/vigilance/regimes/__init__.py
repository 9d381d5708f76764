"""Who must hear of a reaction, by when and how: pure tables and arithmetic, without Django.

The law is in ``content/regimes.toml``, one row a duty with its source and how far it was read; ``router`` matches a
situation against the rows, ``calendar`` counts the days, ``scales`` says what is serious in which regime.
"""

from exovigil.vigilance.regimes.router import Duty, Filing, Routing, follow_up, route
from exovigil.vigilance.regimes.situation import (
    Claim,
    Origin,
    RegimeRoute,
    Region,
    ReporterRole,
    Situation,
    Status,
    region_of,
)
from exovigil.vigilance.regimes.tables import Category, Rule, rules

__all__ = [
    "Category",
    "Claim",
    "Duty",
    "Filing",
    "Origin",
    "RegimeRoute",
    "Region",
    "ReporterRole",
    "Routing",
    "Rule",
    "Situation",
    "Status",
    "follow_up",
    "region_of",
    "route",
    "rules",
]
