"""Who and what is in the demonstration world.

Every name is invented; the telephone numbers are ones reserved for fiction.
"""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clinic:
    """A fictitious clinic and its share of the treatments."""

    code: str
    name: str
    town: str
    telephone: str
    share: float


@dataclass(frozen=True, slots=True)
class Member:
    """A fictitious member of staff."""

    name: str
    email: str
    role: str
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """A fictitious product with what its maker declares."""

    key: str
    name: str
    maker: str
    source_class: str
    declared_route: str
    strength: str
    composition: tuple[tuple[str, str], ...]
    routes: tuple[str, ...]
    share: float


CLINICS = (
    Clinic("alder", "Alder House Dermatology", "Harrowdale", "0113 496 0140", 0.42),
    Clinic("quay", "Quayside Skin Clinic", "Port Ansell", "0191 498 0177", 0.33),
    Clinic("north", "Northgate Aesthetics", "Kestrel Bay", "0117 496 0121", 0.25),
)
ALL = tuple(clinic.code for clinic in CLINICS)
PASSWORD = "demonstration-only"  # noqa: S105 - printed on the sign-in page; the world holds nothing real
MEMBERS = (
    Member("Imogen Fictive", "clinician@exovigil.example", "clinician", ("alder",)),
    Member("Osric Notional", "clinician.quay@exovigil.example", "clinician", ("quay",)),
    Member("Perdita Sample", "clinician.north@exovigil.example", "clinician", ("north",)),
    Member("Dr Quentin Placeholder", "safety@exovigil.example", "safety_officer", ALL),
    Member("Dr Rosalind Example", "reviewer@exovigil.example", "reviewer", ALL),
    Member("Basil Specimen", "admin@exovigil.example", "administrator", ALL),
)

PRODUCTS = (
    DemoProduct(
        "adipose",
        "Veridra A1 (fictitious)",
        "Lindmark Fiction Bio",
        "human",
        "topical",
        "1e10 particles per vial (declared)",
        (
            ("source_species_name", "Homo sapiens"),
            ("source_tissue", "adipose_msc"),
            ("preparation", "vesicles"),
            ("isolation", "tangential_flow"),
            ("formulation", "lyophilised"),
            ("other_ingredients", "trehalose"),
            ("storage_temperature", "2–8 °C"),
        ),
        ("microneedling", "intradermal", "microneedling"),
        0.34,
    ),
    DemoProduct(
        "cord",
        "Cordessa U (fictitious)",
        "Halvorsen Invented Labs",
        "human",
        "topical",
        "5e9 particles per mL (declared)",
        (
            ("source_species_name", "Homo sapiens"),
            ("source_tissue", "umbilical_msc"),
            ("preparation", "vesicles"),
            ("isolation", "ultracentrifugation"),
            ("purification", "size-exclusion chromatography"),
            ("formulation", "solution"),
            ("storage_temperature", "−80 °C"),
        ),
        ("microneedling", "laser", "microneedling"),
        0.22,
    ),
    DemoProduct(
        "plant",
        "Florisome R (fictitious)",
        "Bramble Pretend Actives",
        "plant",
        "topical",
        "20 mg per vial (declared)",
        (
            ("source_species_name", "Rosa damascena"),
            ("source_tissue", "rose_cell"),
            ("preparation", "vesicles"),
            ("formulation", "lyophilised"),
            ("storage_temperature", "room temperature"),
        ),
        ("microneedling", "topical", "laser"),
        0.26,
    ),
    DemoProduct(
        "salmon",
        "Salmavia S (fictitious)",
        "Skerry Makebelieve Marine",
        "animal",
        "topical",
        "5e9 particles per vial (declared)",
        (
            ("source_species_name", "Salmo salar"),
            ("source_tissue", "salmon_testis"),
            ("preparation", "vesicles"),
            ("formulation", "solution"),
            ("storage_temperature", "2–8 °C"),
        ),
        ("microneedling", "topical"),
        0.18,
    ),
)

FIRST_NAMES = tuple(
    "Avelina Brunhild Clementia Dorabella Euphemia Fenella Griselda Hermia Isolde Jocasta Kerensa Lettice"
    " Melisande Nerissa Ottoline Philomena Rosamund Sidony Tamsin Ursuline Verity Winifred Xanthe Yolande"
    " Zenobia".split()
)
MALE_NAMES = tuple("Auberon Balthazar Cuthbert Dunstan Evander Florian Godric Hamlet Ignatius".split())
LAST_NAMES = tuple(
    "Testerson Notreal Madeup Fictional Samplewood Inventedley Pretendham Mockford Dummywell Placeholt"
    " Examplegate Synthwaite Illustrous Trialby".split()
)


@dataclass(frozen=True, slots=True)
class ClusterPatient:
    """One of the eight women of the published picture: her age and her days from treatment to onset."""

    age: int
    onset_day: int
    told_after: int
    regions: tuple[str, ...]
    response: str


# Fits the abstract of Nahm, Thunga, Yoo 2024 (doi 10.1002/der2.242): eight women, 26 to 52 years, onset
# two weeks to three months, necrotising granuloma, no mycobacteria, varied response to steroids. The
# per-patient values are invented.
CLUSTER = (
    ClusterPatient(34, 14, 4, ("cheek_left", "cheek_right"), "partial"),
    ClusterPatient(26, 23, 6, ("cheek_right",), "complete"),
    ClusterPatient(47, 31, 5, ("forehead", "cheek_left"), "partial"),
    ClusterPatient(52, 44, 9, ("chin", "jawline_left"), "none"),
    ClusterPatient(39, 38, 7, ("cheek_left", "cheek_right"), "recurred"),
    ClusterPatient(29, 57, 3, ("forehead",), "complete"),
    ClusterPatient(43, 71, 8, ("cheek_right", "jawline_right"), "none"),
    ClusterPatient(36, 90, 6, ("cheek_left",), "partial"),
)
MILD_EARLY = (("erythema", 0.34), ("swelling", 0.14), ("pain", 0.1))
MONTHS = 14
TREATMENTS = 1500
CLUSTER_PRODUCT = "adipose"


def start_of_world(today: dt.date) -> dt.date:
    """Return the first day of the fourteen months that end today."""
    month = today.month - 1 - MONTHS
    return dt.date(today.year + month // 12, month % 12 + 1, 1)
