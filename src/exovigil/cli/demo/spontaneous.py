"""Made-up spontaneous reports, such as an authority publishes, for the scan of the demonstration.

Three stories are planted. In the last ten months Veridra A1 is reported with granuloma. A filler that makes up
most of all granuloma reports masks it. And an anaesthetic cream that causes swelling is given together with
Cordessa U, which therefore looks as if it did. Everything else is chance.
"""

import csv
import datetime as dt
import random
import tempfile
from pathlib import Path

from exovigil.signals.queries.for_store import FORMAT, registry_source
from exovigil.signals.scan.run import Choice, scan
from exovigil.signals.store import Flat, import_files, import_sources

FILE = "synthetic-reports.csv"
REPORTS = 20_000
YEARS = 3
HEADINGS = ("report", "product", "reaction", "lot", "date", "sex", "age")
COLUMNS = Flat("synthetic", *HEADINGS)
FILLER, CREAM = "Granofill D (fictitious)", "Numbacalm cream (fictitious)"
VERIDRA, CORDESSA = "Veridra A1 (fictitious)", "Cordessa U (fictitious)"
# Product and its share of the reports.
PRODUCTS = {
    FILLER: 6,
    CREAM: 5,
    VERIDRA: 5,
    CORDESSA: 4,
    "Florisome R (fictitious)": 5,
    "Salmavia S (fictitious)": 4,
    "Hyalorell filler (fictitious)": 16,
    "Toxiblanc A (fictitious)": 18,
    "Plateletta PRP kit (fictitious)": 9,
    "Polynucleo V (fictitious)": 7,
    "Retiglow 0.05% (fictitious)": 12,
    "Peelwell TCA (fictitious)": 9,
}
# Reaction and its share of the reports of a product of which nothing is known.
REACTIONS = {
    "Injection site erythema": 20,
    "Injection site swelling": 14,
    "Injection site pain": 14,
    "Injection site bruising": 12,
    "Headache": 8,
    "Skin irritation": 8,
    "Pruritus": 7,
    "Skin hyperpigmentation": 5,
    "Herpes simplex reactivation": 3,
    "Acne": 3,
    "Urticaria": 3,
    "Cellulitis": 1,
    "Injection site nodule": 1,
    "Granuloma": 0.3,
    "Vision blurred": 0.3,
    "Syncope": 0.4,
}


def write_reports(folder: Path, seed: int, today: dt.date) -> Path:
    """Write the reports of the three years up to ``today`` as one CSV file, a row for each product and reaction."""
    rng = random.Random(seed)  # noqa: S311 - a story, not a secret
    path = folder / FILE
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for number in range(1, REPORTS + 1):
            writer.writerows(_rows(rng, number, today))
    return path


def _rows(rng: random.Random, number: int, today: dt.date) -> list[tuple[object, ...]]:
    ago = rng.randrange(YEARS * 365)
    received = today - dt.timedelta(days=ago)
    product = rng.choices(list(PRODUCTS), weights=list(PRODUCTS.values()))[0]
    products = [product]
    if product == CORDESSA and rng.random() < 0.6:
        products.append(CREAM)
    reactions = _reactions(rng, products, recent=ago < 300)
    lot = f"S{received:%y}-{rng.randrange(900):03d}" if rng.random() < 0.4 else ""
    about = (received.isoformat(), _sex(rng), _age(rng))
    return [(f"SYN-{number:06d}", name, reaction, lot, *about) for name in products for reaction in reactions]


def _reactions(rng: random.Random, products: list[str], *, recent: bool) -> set[str]:
    usual = rng.choices(list(REACTIONS), weights=list(REACTIONS.values()), k=1 + (rng.random() < 0.35))
    planted = {
        "Granuloma": 0.22 if FILLER in products else 0.05 if VERIDRA in products and recent else 0.0,
        "Injection site nodule": 0.12
        if FILLER in products
        else 0.06
        if VERIDRA in products and recent
        else 0.0,
        "Injection site swelling": 0.45 if CREAM in products else 0.0,
    }
    return {*usual, *(reaction for reaction, share in planted.items() if rng.random() < share)}


def _sex(rng: random.Random) -> str:
    return rng.choices(("F", "M", ""), weights=(80, 12, 8))[0]


def _age(rng: random.Random) -> str:
    return str(max(16, min(84, round(rng.gauss(43, 13))))) if rng.random() < 0.8 else ""


def fill_and_scan(store: Path, seed: int, today: dt.date) -> None:
    """Fill the report store with the registry's own cases and the made-up reports, and scan it for the pages."""
    with tempfile.TemporaryDirectory() as folder:
        import_files(store, "table", [write_reports(Path(folder), seed, today)], flat=COLUMNS)
    import_sources(store, FORMAT, [registry_source(today)])
    scan(store, None, Choice())
