"""Reports with known duplicates and known outbreaks, invented; real labelled pairs are not public.

8 % of the reports are told twice. The second telling errs as people do: onset missing 10 %, shifted by up to a
fortnight 20 %, known to the month only 5 %; first reaction changed 25 %, second one added or lost 40 %; lot
missing 45 %, mistyped 3 %; clinic missing 30 %; product changed 3 %; sex missing 5 %; year of birth one out 5 %;
full date of birth mistyped 1 %. How much of the birth is told (full date 30 %, year 40 %, age only 25 %, nothing
5 %) is drawn for each telling alone. No report carries a number of another: that would be too easy.

Outbreaks: eight distinct women of 26 to 52 years with the same clinic, product, lot and reaction, onset within
30 days; one for every 1,742 reports. Clinics (one for 60 reports) and lots (one for 25) grow with the reports,
as they do in life; products (300), reactions (400), countries (12) and the five years do not.
"""

import numpy as np
import pyarrow as pa

PRODUCTS, REACTIONS, COUNTRIES, DAYS = 300, 400, 12, 1826
DUPLICATED, OUTBREAK, WOMEN = 0.08, 1742, 8
FIRST = np.datetime64("2020-01-01")


def synthetic_reports(rows: int, seed: int) -> pa.Table:
    """Make ``rows`` reports with the columns of ``Report``, and ``person`` and ``outbreak`` (-1: none) as labels."""
    rng = np.random.default_rng(seed)
    base = round(rows / (1 + DUPLICATED))
    truth = _truth(rng, base)
    _plant(rng, truth, max(1, rows // OUTBREAK))
    copied = rng.choice(base, rows - base, replace=False)
    told = [_told(rng, truth, lot_missing=0.20, clinic_missing=0.05)]
    again = {name: values[copied] for name, values in truth.items()}
    _err(rng, again)
    told.append(_told(rng, again, lot_missing=0.45, clinic_missing=0.30, copy=True))
    table = pa.concat_tables(told)
    order = rng.permutation(rows)
    table = table.take(pa.array(order))
    return table.append_column("id", pa.array([f"R{n:08d}" for n in range(rows)]))


def _zipf(rng: np.random.Generator, size: int, values: int) -> np.ndarray:
    weights = 1 / np.arange(1, values + 1)
    return rng.choice(values, size, p=weights / weights.sum())


def _truth(rng: np.random.Generator, base: int) -> dict[str, np.ndarray]:
    product = _zipf(rng, base, PRODUCTS)
    lots_of = np.maximum(1, np.bincount(product, minlength=PRODUCTS) // 25)
    age = np.clip(rng.normal(42, 13, base), 18, 85)
    onset = rng.integers(0, DAYS, base)
    return {
        "person": np.arange(base),
        "outbreak": np.full(base, -1),
        "sex": rng.choice(np.array(["female", "male", "other"]), base, p=[0.85, 0.14, 0.01]),
        "born": FIRST + onset - (age * 365.25).astype(int),
        "clinic": rng.integers(0, max(20, base // 60), base),
        "product": product,
        "lot": rng.integers(0, lots_of[product]),
        "reaction": _zipf(rng, base, REACTIONS),
        "second": np.where(rng.random(base) < 0.5, _zipf(rng, base, REACTIONS), -1),
        "onset": onset,
        "received": onset + rng.exponential(60, base).astype(int) + 1,
    }


def _plant(rng: np.random.Generator, truth: dict[str, np.ndarray], outbreaks: int) -> None:
    rows = rng.choice(len(truth["person"]), (outbreaks, WOMEN), replace=False)
    for number, women in enumerate(rows):
        for name in ("clinic", "product", "lot", "reaction"):
            truth[name][women] = truth[name][women[0]]
        start = rng.integers(0, DAYS - 30)
        truth["outbreak"][women] = number
        truth["sex"][women] = "female"
        truth["onset"][women] = start + rng.integers(0, 31, WOMEN)
        days = (rng.uniform(26, 53, WOMEN) * 365.25).astype(int)
        truth["born"][women] = FIRST + truth["onset"][women] - days
        truth["received"][women] = truth["onset"][women] + rng.exponential(60, WOMEN).astype(int) + 1


def _err(rng: np.random.Generator, again: dict[str, np.ndarray]) -> None:
    size = len(again["person"])
    chance = lambda share: rng.random(size) < share  # noqa: E731 - one line, four uses
    shift = rng.integers(1, 15, size) * rng.choice([-1, 1], size)
    again["onset"] = np.where(chance(0.20), np.clip(again["onset"] + shift, 0, DAYS - 1), again["onset"])
    again["reaction"] = np.where(chance(0.25), _zipf(rng, size, REACTIONS), again["reaction"])
    other = np.where(again["second"] < 0, _zipf(rng, size, REACTIONS), -1)
    again["second"] = np.where(chance(0.40), other, again["second"])
    again["product"] = np.where(chance(0.03), _zipf(rng, size, PRODUCTS), again["product"])
    again["received"] = again["received"] + rng.exponential(30, size).astype(int)


def _told(
    rng: np.random.Generator,
    truth: dict[str, np.ndarray],
    lot_missing: float,
    clinic_missing: float,
    copy: bool = False,
) -> pa.Table:
    size = len(truth["person"])
    wrong = 1.0 if copy else 0.0
    full, known, age_only = _birth_told(rng, size)
    born = truth["born"] + np.where(rng.random(size) < 0.01 * wrong, rng.integers(1, 28, size), 0)
    year = born.astype("datetime64[Y]").astype(int) + 1970
    year = year + np.where(rng.random(size) < 0.05 * wrong, rng.choice([-1, 1], size), 0)
    age = ((FIRST + truth["onset"] - truth["born"]).astype(int) / 365.25).astype(int)
    birth = np.where(full, born.astype(str), np.where(known, year.astype(str), ""))
    onset = (FIRST + truth["onset"]).astype(str)
    draw = rng.random(size)
    onset = np.where(draw < 0.10 * wrong, "", np.where(draw < 0.15 * wrong, _first7(onset), onset))
    lot = np.char.add(np.char.add(truth["product"].astype(str), "-"), truth["lot"].astype(str))
    lot = np.where(rng.random(size) < 0.03 * wrong, np.char.add(lot, "x"), lot)
    lot = np.where(rng.random(size) < lot_missing, "", lot)
    clinic = np.where(rng.random(size) < clinic_missing, "", truth["clinic"].astype(str))
    sex = np.where(rng.random(size) < 0.05 * wrong, "", truth["sex"])
    empty = pa.array([[]] * size, pa.list_(pa.string()))
    return pa.table(
        {
            "numbers": empty,
            "linked": empty,
            "patient": pa.nulls(size, pa.string()),
            "sex": pa.array(sex),
            "birth": pa.array(birth),
            "age": pa.array(age, pa.int32(), mask=~age_only),
            "country": pa.array((truth["clinic"] % COUNTRIES).astype(str)),
            "site": pa.array(clinic),
            "products": _lists(truth["product"]),
            "lots": _lists(lot),
            "reactions": _lists(truth["reaction"], truth["second"]),
            "onset": pa.array(onset),
            "received": pa.array((FIRST + truth["received"]).astype("datetime64[D]")),
            "person": pa.array(truth["person"]),
            "outbreak": pa.array(truth["outbreak"]),
            "copy": pa.array(np.full(size, copy)),
        }
    )


def _birth_told(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = rng.random(size)
    return draw < 0.30, draw < 0.70, (draw >= 0.70) & (draw < 0.95)


def _first7(dates: np.ndarray) -> np.ndarray:
    return dates.astype("U7")


def _lists(*columns: np.ndarray) -> pa.Array:
    """One list a row of the values that are known (not empty, not -1)."""
    rows = zip(*(column.astype(str).tolist() for column in columns), strict=True)
    return pa.array([[v for v in row if v not in {"", "-1"}] for row in rows], pa.list_(pa.string()))
