"""Duplicates: which reports may tell of one case. Proposals for a person, never merges.

``cases`` are the registry's rules; ``scorer`` finds pairs among any number of reports by weight of evidence, on the
assumptions of ``rates``; ``explain`` puts the weights into words; ``clusters`` makes groups of pairs.
"""

from exovigil.signals.duplicates.cases import (
    Band,
    CaseKey,
    Deduplicated,
    ProposedPair,
    Sex,
    blocked_because,
    deduplicated,
    propose,
)
from exovigil.signals.duplicates.clusters import Decision

__all__ = [
    "Band",
    "CaseKey",
    "Decision",
    "Deduplicated",
    "ProposedPair",
    "Sex",
    "blocked_because",
    "deduplicated",
    "propose",
]
