"""What happens in the demonstration world, decided from a seed alone: no database, no clock, no rooms.

The same seed and the same last day always give the same plan. Routine life is drawn at random; the
eight women of the published picture are placed by hand on one human-derived lot (``places.CLUSTER``).
"""

import datetime as dt
import random
from dataclasses import dataclass, field

from exovigil.cli.demo import places
from exovigil.cli.demo.places import CLUSTER, ClusterPatient, DemoProduct

DAY = dt.timedelta(days=1)
LOT_DAYS = 62
CLUSTER_OFFSETS = (3, 8, 15, 20, 27, 33, 41, 50)
INDICATION_WEIGHTS = {
    "skin_ageing": 46,
    "acne_scars": 16,
    "hyperpigmentation": 12,
    "androgenetic_alopecia": 14,
    "melasma": 8,
    "atopic_dermatitis": 4,
}


@dataclass(frozen=True, slots=True)
class PlannedLot:
    """One lot: the days it is in use, and which mandatory tests did not pass."""

    product: str
    number: str
    first_use: dt.date
    last_use: dt.date
    unmet: tuple[tuple[str, str], ...] = ()

    @property
    def failed(self) -> bool:
        """A failed test: the clinics keep using the lot before it."""
        return any(outcome == "failed" for _, outcome in self.unmet)


@dataclass(frozen=True, slots=True)
class PlannedReaction:
    """A reaction that becomes a case."""

    kind: str  # cluster, nodule, cellulitis or hypersensitivity
    onset_on: dt.date
    told_on: dt.date
    words: str
    reactions: dict[str, str]
    again_on: dt.date | None = None
    woman: ClusterPatient | None = None


@dataclass(slots=True)
class PlannedTreatment:
    """One session of a course, and the serious reaction to it if there is one."""

    lot: PlannedLot
    day: dt.date
    route: str
    indication: str
    regions: tuple[str, ...]
    reaction: PlannedReaction | None = None


@dataclass(slots=True)
class PlannedPatient:
    """One invented person and their course."""

    clinic: str
    name: str
    sex: str
    born_on: dt.date
    product: DemoProduct
    treatments: list[PlannedTreatment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that happens, in no particular order."""

    first_day: dt.date
    today: dt.date
    lots: tuple[PlannedLot, ...]
    cluster_lot: PlannedLot
    patients: tuple[PlannedPatient, ...]

    @property
    def treatments(self) -> list[tuple[PlannedPatient, PlannedTreatment]]:
        """All sessions in order of time."""
        pairs = [(p, t) for p in self.patients for t in p.treatments]
        return sorted(pairs, key=lambda pair: (pair[1].day, pair[0].name))


def make_plan(seed: int, today: dt.date, treatments: int = places.TREATMENTS) -> Plan:
    """Draw the world that ends ``today``."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    first_day = places.start_of_world(today)
    lots = [lot for product in places.PRODUCTS for lot in _lots_of(product, first_day, today)]
    cluster_lot = max(
        (lot for lot in lots if _may_hold_the_cluster(lot, today)), key=lambda lot: lot.first_use
    )
    patients = [_cluster_patient(chance, woman, index, cluster_lot) for index, woman in enumerate(CLUSTER)]
    wanted = treatments - len(patients)
    while wanted > 0:
        patient = _routine_patient(chance, first_day, today, lots, wanted)
        patients.append(patient)
        wanted -= len(patient.treatments)
    _place_background_reactions(chance, patients[len(CLUSTER) :], cluster_lot, today)
    _place_yesterdays_red_flag(patients[len(CLUSTER) :], cluster_lot, today)
    return Plan(first_day, today, tuple(lots), cluster_lot, tuple(patients))


def _lots_of(product: DemoProduct, first_day: dt.date, today: dt.date) -> list[PlannedLot]:
    """Consecutive lots of two months each; two of all lots carry a certificate that blocks them."""
    lots, start, number = [], first_day, 1
    while start <= today:
        unmet: tuple[tuple[str, str], ...] = ()
        if product.key == "salmon" and number == 7:
            unmet = (("endotoxin", "failed"),)
        if product.key == "plant" and number == 7:
            unmet = (("mycoplasma", "not_done"),)
        end = min(start + (LOT_DAYS - 1) * DAY, today)
        lots.append(
            PlannedLot(
                product.key, f"{product.key[0].upper()}{start:%y}-{100 + number * 7}", start, end, unmet
            )
        )
        start, number = start + LOT_DAYS * DAY, number + 1
    return lots


def _may_hold_the_cluster(lot: PlannedLot, today: dt.date) -> bool:
    last = max(
        offset + w.onset_day + w.told_after for offset, w in zip(CLUSTER_OFFSETS, CLUSTER, strict=True)
    )
    return lot.product == places.CLUSTER_PRODUCT and lot.first_use + (last + 21) * DAY <= today


def _working_day(day: dt.date) -> dt.date:
    """Clinics are closed on Sundays: the day before."""
    return day - DAY if day.weekday() == 6 else day


def _cluster_patient(
    chance: random.Random, woman: ClusterPatient, index: int, lot: PlannedLot
) -> PlannedPatient:
    product = next(p for p in places.PRODUCTS if p.key == lot.product)
    day = lot.first_use + CLUSTER_OFFSETS[index] * DAY
    onset = day + woman.onset_day * DAY
    reaction = PlannedReaction(
        "cluster",
        onset,
        onset + woman.told_after * DAY,
        "Firm red bumps have come up where it was injected. They do not go away.",
        {"nodule": "moderate", "erythema": "moderate"},
        again_on=onset + (woman.told_after + 12) * DAY if index == 3 else None,
        woman=woman,
    )
    born = dt.date(day.year - woman.age, 1 + (index * 5) % 12, 3 + index * 3)
    if (born.month, born.day) > (day.month, day.day):
        born = born.replace(year=born.year - 1)
    patient = PlannedPatient(places.ALL[index % 3], _name(chance, "female"), "female", born, product)
    patient.treatments.append(
        PlannedTreatment(lot, day, "intradermal", "skin_ageing", woman.regions, reaction)
    )
    return patient


def _routine_patient(
    chance: random.Random, first_day: dt.date, today: dt.date, lots: list[PlannedLot], at_most: int
) -> PlannedPatient:
    clinic = chance.choices(places.CLINICS, [c.share for c in places.CLINICS])[0]
    product = chance.choices(places.PRODUCTS, [p.share for p in places.PRODUCTS])[0]
    sex = chance.choices(("female", "male"), (0.84, 0.16))[0]
    start = _working_day(first_day + chance.randrange((today - first_day).days + 1) * DAY)
    start = max(start, first_day)
    born = start - dt.timedelta(days=chance.randint(22 * 366, 67 * 365))
    patient = PlannedPatient(clinic.code, _name(chance, sex), sex, born, product)
    indication = chance.choices(list(INDICATION_WEIGHTS), list(INDICATION_WEIGHTS.values()))[0]
    regions = _regions_for(chance, indication)
    route = chance.choice(product.routes)
    day, sessions = start, min(chance.choices((1, 2, 3, 4), (30, 20, 38, 12))[0], at_most)
    for _ in range(sessions):
        patient.treatments.append(
            PlannedTreatment(_lot_on(lots, product, day), day, route, indication, regions)
        )
        day = _working_day(day + chance.randint(21, 35) * DAY)
        if day > today:
            break
    return patient


def _lot_on(lots: list[PlannedLot], product: DemoProduct, day: dt.date) -> PlannedLot:
    """The newest lot of the product that a clinic may use on a day."""
    usable = (lot for lot in lots if lot.product == product.key and lot.first_use <= day and not lot.failed)
    return max(usable, key=lambda lot: lot.first_use)


def _regions_for(chance: random.Random, indication: str) -> tuple[str, ...]:
    if indication == "androgenetic_alopecia":
        return ("scalp_front", "scalp_crown")
    face = ("forehead", "cheek_left", "cheek_right", "chin", "perioral", "neck")
    return tuple(chance.sample(face, chance.randint(2, 5)))


def _place_background_reactions(
    chance: random.Random, patients: list[PlannedPatient], cluster_lot: PlannedLot, today: dt.date
) -> None:
    """Harm that has nothing to do with the cluster lot: rare, scattered, and counted like any other."""
    needled = [
        t
        for p in patients
        for t in p.treatments
        if t.lot is not cluster_lot
        and t.route in {"microneedling", "intradermal"}
        and (today - t.day).days > 120
    ]
    chosen = chance.sample(needled, 4)
    stories = (
        ("nodule", 33, 6, "A small hard lump under the skin of the cheek.", {"nodule": "mild"}),
        ("nodule", 61, 9, "Two little lumps where the needles went in.", {"nodule": "mild"}),
        (
            "cellulitis",
            4,
            1,
            "Hot, red and spreading; I feel feverish.",
            {"swelling": "severe", "fever": "moderate"},
        ),
        (
            "hypersensitivity",
            1,
            1,
            "Very itchy swelling all over the face.",
            {"allergic": "moderate", "swelling": "moderate"},
        ),
    )
    for treatment, (kind, onset, after, words, reactions) in zip(chosen, stories, strict=True):
        onset_on = treatment.day + onset * DAY
        treatment.reaction = PlannedReaction(kind, onset_on, onset_on + after * DAY, words, reactions)


def _place_yesterdays_red_flag(
    patients: list[PlannedPatient], cluster_lot: PlannedLot, today: dt.date
) -> None:
    """One answer that came in last night and that nobody has looked at yet."""
    recent = [
        t
        for p in patients
        for t in p.treatments
        if p.clinic == places.ALL[0] and t.lot is not cluster_lot and 23 <= (today - t.day).days <= 35
    ]
    if recent:
        words = "A small lump has come up on my cheek since the weekend. It is not sore."
        onset = max(today - 4 * DAY, recent[0].day)
        recent[0].reaction = PlannedReaction("unseen", onset, today - DAY, words, {"nodule": "mild"})


def _name(chance: random.Random, sex: str) -> str:
    first = chance.choice(places.FIRST_NAMES if sex == "female" else places.MALE_NAMES)
    return f"{first} {chance.choice(places.LAST_NAMES)}"
