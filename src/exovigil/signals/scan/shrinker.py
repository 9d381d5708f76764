"""EBGM for a scan: the prior of all its pairs, or the reason why there is none."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from exovigil.signals.scan.sources import WholeTable
from exovigil.statistics.shrinkage import CONSENSUS, RULE, FitRefused, PriorFit, TooFewPairs, fit_prior
from exovigil.statistics.shrunken_ratio import shrunken_ratios

FloatArray = NDArray[np.float64]
State = Literal["fitted", "refused", "too few pairs", "not asked for"]
COLUMNS = ("ebgm", "eb05", "eb95")


@dataclass(frozen=True, slots=True)
class Shrinker:
    """The fitted prior, or its absence with the reason in words."""

    state: State
    fit: PriorFit | None = None
    reason: str = ""

    @classmethod
    def of(cls, table: WholeTable) -> "Shrinker":
        """Fit all pairs by the declared rule; a refusal is a result too, with no numbers in it."""
        try:
            return cls("fitted", fit_prior(table.n, table.expected, margins=table.margins))
        except TooFewPairs as refused:
            return cls("too few pairs", reason=str(refused))
        except FitRefused as refused:
            return cls("refused", reason=str(refused))

    def scores(self, n: NDArray[np.int64], expected: FloatArray) -> dict[str, FloatArray]:
        """EBGM, EB05 and EB95 of each pair; not a number where there is no prior."""
        if self.fit is None or not len(n):
            return {name: np.full(len(n), np.nan) for name in COLUMNS}
        found = shrunken_ratios(n, expected, self.fit.prior)
        return {name: getattr(found, name) for name in COLUMNS}

    def said(self) -> Mapping[str, Any]:
        """What a reader must know of these numbers, as plain data."""
        if self.fit is None:
            return {"state": self.state, "reason": self.reason, "rule": RULE, "consensus": CONSENSUS}
        return {"state": self.state, "consensus": CONSENSUS, **asdict(self.fit)}
