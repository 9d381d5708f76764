"""Reads of the vigilance room: the worklist and the case file, and what crosses sites."""

from exovigil.vigilance.queries.cases import (
    CaseCounts,
    answers_without_case,
    case,
    case_files,
    cases,
    clinical_files,
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
from exovigil.vigilance.queries.duties import duties, open_duties, reminders_sent, submissions, to_remind
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
    "clinical_files",
    "codes_to_upgrade",
    "counts",
    "duties",
    "management",
    "meddra_releases",
    "meddra_search",
    "meddra_terms",
    "not_serious",
    "open_duties",
    "reaction_counts",
    "reactions",
    "reminders_sent",
    "reports",
    "serious",
    "submissions",
    "to_remind",
    "versions",
]
