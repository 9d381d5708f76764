"""Reads of the vigilance room: the worklist and the case file, and what crosses sites."""

from exovigil.vigilance.queries.cases import (
    CaseCounts,
    answers_without_case,
    case,
    case_files,
    cases,
    counts,
    management,
    not_serious,
    reports,
    serious,
    versions,
)
from exovigil.vigilance.queries.coding import (
    codes_to_upgrade,
    meddra_releases,
    meddra_search,
    meddra_terms,
)
from exovigil.vigilance.queries.network import (
    AffectedCount,
    ReactionCount,
    ReactionRow,
    affected_counts,
    reaction_counts,
    reactions,
)

__all__ = [
    "AffectedCount",
    "CaseCounts",
    "ReactionCount",
    "ReactionRow",
    "affected_counts",
    "answers_without_case",
    "case",
    "case_files",
    "cases",
    "codes_to_upgrade",
    "counts",
    "management",
    "meddra_releases",
    "meddra_search",
    "meddra_terms",
    "not_serious",
    "reaction_counts",
    "reactions",
    "reports",
    "serious",
    "versions",
]
