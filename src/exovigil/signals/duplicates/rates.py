"""What the hit-miss model assumes: how much agreement or disagreement in one field tells hangs on these rates.

Of a true value a report tells a hit, a miss (a value drawn at random from all reports) or nothing (Copas and
Hilton 1990; Norén, Orre, Bate, KDD 2005, doi 10.1145/1081870.1081923, and Norén et al., Data Min Knowl Disc
2007: abstracts read). With ``miss`` the chance that at least one of two tellings of a case is a miss, and ``p``
how often the value occurs, two reports that agree are ``miss + (1 - miss) / p`` times as likely from one case as
from two at random, and two that differ ``miss`` times. Blanks tell nothing. Dates and years have a third way: both
tell nearly the same, with a deviation that falls off with the distance (the hit-miss mixture). The formulas are in
``formulas.sql``; all weights are in bits (log2).

There is no training: real labelled pairs are not public. Every rate below is a round number chosen by this
project from first principles before any result was seen, and none was fitted to labels.
"""

from dataclasses import asdict, dataclass

_CHANCES = {"extra", "duplicated", "number_right", "certain", "review"}


@dataclass(frozen=True, slots=True)
class Rates:
    """What the scorer assumes; each a design choice of this project, changed only with a reason.

    ``*_miss``: chance that at least one of two tellings of one case is wrong at random. ``*_near``: chance that
    they differ by a deviation, whose mean size is ``*_scale`` (days, years). ``extra``: chance that one telling
    names a further product or reaction that the other does not. ``*_cells``: how many values are plausible
    before any report is seen; each counts as seen once, so that a rare value in few reports is not taken as
    proof (Laplace's rule). ``duplicated``: share of reports that repeat another one.
    ``number_right``: chance that two reports, the only ones to share a report number, are one case.
    ``scene_days``: reports of one lot, or of one product at one clinic, with onsets at most so far apart make
    one scene: an outbreak looks like that. ``certain``, ``review``: the chance from which a pair is in that band.
    """

    patient_miss: float = 0.02
    sex_miss: float = 0.02
    born_miss: float = 0.02
    year_miss: float = 0.05
    year_near: float = 0.25
    year_scale: float = 1.0
    onset_miss: float = 0.10
    onset_near: float = 0.30
    onset_scale: float = 7.0
    country_miss: float = 0.02
    site_miss: float = 0.05
    product_miss: float = 0.05
    lot_miss: float = 0.10
    reaction_miss: float = 0.30
    extra: float = 0.30
    patient_cells: float = 100_000
    sex_cells: float = 2
    born_cells: float = 20_000
    year_cells: float = 60
    onset_cells: float = 1_000
    country_cells: float = 10
    site_cells: float = 50
    product_cells: float = 50
    lot_cells: float = 200
    reaction_cells: float = 100
    duplicated: float = 0.05
    number_right: float = 0.995
    scene_days: int = 30
    certain: float = 0.99
    review: float = 0.50

    def __post_init__(self) -> None:
        """Refuse what is no rate."""
        for name, value in asdict(self).items():
            chance = name.endswith(("_miss", "_near")) or name in _CHANCES
            if not (0 < value < 1 if chance else value >= 1):
                allowed = "between 0 and 1" if chance else "at least 1"
                raise ValueError(f"{name} is {value}; it must be {allowed}")

    @property
    def parameters(self) -> dict[str, float]:
        """The rates by name, as the SQL takes them."""
        return asdict(self)
