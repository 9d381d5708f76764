"""The hit-miss scorer: a worked example, a double loop over all pairs, outbreaks, forbidden pairs, blocks."""

import dataclasses
import math
import random
from itertools import combinations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.signals.duplicates.rates import Rates
from exovigil.signals.duplicates.scorer import Found, Report, find, load
from tests.signals.duplicates_oracle import Oracle, shares_block

BASE = Report(
    id="A",
    sex="female",
    birth="1984-05-06",
    country="KR",
    site="S1",
    products=("P1",),
    lots=("L1",),
    reactions=("nodule",),
    onset="2026-02-20",
)


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def searched(connection, reports, rates=None, **more) -> tuple[Found, dict]:
    load(connection, reports)
    return find(connection, rates, **more), scores(connection)


def weighed(connection, reports, pairs, rates=None) -> dict:
    """Only these pairs, however little they agree."""
    load(connection, reports)
    find(connection, rates, also=pairs)
    found = scores(connection)
    return {pair: found[pair] for pair in (tuple(sorted(pair)) for pair in pairs) if pair in found}


def scores(connection) -> dict:
    rows = connection.execute("select first, second, bits, band from duplicate_scored").fetchall()
    return {(a, b): (bits, band) for a, b, bits, band in rows}


def everyone_else(count: int) -> list[Report]:
    """Reports that share no value with BASE and hardly any with each other."""
    return [
        Report(
            f"Z{n:04d}",
            sex="female",
            birth=f"{1930 + n % 50}",
            country="FR",
            site=f"T{n}",
            products=(f"Q{n}",),
            lots=(f"M{n}",),
            reactions=(f"r{n}",),
            onset=f"{2010 + n % 10}-07-{1 + n % 28:02d}",
        )
        for n in range(count)
    ]


def test_a_worked_example_by_hand(connection):
    """Two of 1,000 reports: same sex, year of birth, lot and product; another reaction; onset 3 days apart."""
    first = dataclasses.replace(BASE, birth="1984", site=None, country=None)
    second = dataclasses.replace(first, id="B", reactions=("fever",), onset="2026-02-23")
    found = weighed(connection, [first, second, *everyone_else(998)], [("A", "B")])
    prior = math.log2(2 * 0.05 / 999)  # 50 duplicates expected among 499,500 pairs
    sex = math.log2(0.02 + 0.98 * (998 + 2) / 999)  # nearly all are women
    step = 1 / 2  # deviations of a year on average halve with each year
    same = 1 - 0.05 - 0.25 + 0.25 * (1 - step) / (1 + step)
    year = math.log2(0.05 + same * (998 + 60))
    lot = math.log2(0.10 + 0.90 * (998 + 200))  # the product adds nothing: the lot tells it
    reaction = math.log2(0.30)
    step = 7 / 8
    off_by_three = 0.30 * (1 - step) / (1 + step) * step**3
    onset = math.log2(0.10 + off_by_three * (998 + 1000))
    ceiling = math.log2(999)  # one of 999 others is of the same scene, where 3 days apart are no news
    assert 0.10 + off_by_three * 61 < 1 < sex + lot + onset - ceiling  # so the scene takes something back
    bits, band = found[("A", "B")]
    assert bits == pytest.approx(prior + year + ceiling + reaction, abs=1e-9)
    assert band == "review"  # nothing but sex and year of birth tells that it is one woman


def anyone(rng: random.Random, number: int) -> Report:
    def some(values, most=2):
        return tuple(sorted(rng.sample(values, rng.randint(0, most))))

    return Report(
        id=f"R{number:03d}",
        numbers=some(["W1", "W2", "W3"], 1) if rng.random() < 0.2 else (),
        linked=some(["W1", "W2", "W9"], 1) if rng.random() < 0.2 else (),
        patient=rng.choice([None, None, "p1", "p2"]),
        sex=rng.choice([None, "female", "female", "male"]),
        birth=rng.choice([None, "1984", "1985", "1984-05", "1984-05-06", "1984-05-07", "1990-01-01"]),
        age=rng.choice([None, 40, 41]),
        country=rng.choice([None, "KR", "FR"]),
        site=rng.choice([None, "S1", "S2", "S3"]),
        products=some(["P1", "P2", "P3"]),
        lots=some(["L1", "L2", "L3", "L4"], 2),
        reactions=some(["nodule", "papule", "fever", "pain", "rash"], 4),
        onset=rng.choice(
            [None, "2026", "2026-02", "2026-03", "2026-02-20", "2026-02-23", "2026-03-30", "2025-07-01"]
        ),
        received=rng.choice([None, "2026-05-01"]),
    )


@pytest.mark.parametrize("seed", range(6))
def test_sql_agrees_with_a_double_loop_over_all_pairs(connection, seed):
    rng = random.Random(seed)
    reports = [anyone(rng, number) for number in range(rng.choice([2, 7, 40]))]
    rates = Rates(duplicated=rng.choice([0.05, 0.3]), scene_days=rng.choice([5, 30]))
    wanted = Oracle(reports, rates).all_pairs()
    pairs = [(a.id, b.id) for a, b in combinations(reports, 2)]
    found = weighed(connection, reports, pairs, rates)
    assert found.keys() == wanted.keys()
    for pair, (bits, band) in wanted.items():
        assert found[pair][0] == pytest.approx(bits, abs=1e-9), pair
        assert found[pair][1] == band, pair
    by_id = {report.id: report for report in reports}
    told, proposed = searched(connection, reports, rates)
    blocked = {pair for pair in pairs if shares_block(by_id[pair[0]], by_id[pair[1]])}
    assert told.compared == len(blocked)
    assert set(proposed) == {pair for pair in blocked & wanted.keys() if wanted[pair][1]}
    assert all(proposed[pair] == found[pair] for pair in proposed)


def cluster(women: int = 8) -> list[Report]:
    """Distinct women of 26 to 52 years: same clinic, product, lot and reaction, onset within 30 days."""
    return [
        dataclasses.replace(
            BASE, id=f"C{n}", birth=f"{1974 + 3 * n}-0{1 + n}-11", onset=f"2026-02-{1 + 3 * n:02d}"
        )
        for n in range(women)
    ]


def test_distinct_women_of_a_lot_cluster_are_not_proposed(connection):
    crowd = everyone_else(2000)
    assert searched(connection, [*cluster(), *crowd])[1] == {}
    years = [dataclasses.replace(woman, birth=woman.birth[:4]) for woman in cluster()]
    assert searched(connection, [*years, *crowd])[1] == {}
    ageless = [dataclasses.replace(woman, birth=None) for woman in cluster()]
    assert searched(connection, [*ageless, *crowd])[1] == {}


def test_of_a_cluster_even_the_same_age_and_day_is_never_certain(connection):
    """What the eight share is discounted together; a twin in age and day is for a person to judge."""
    women = [dataclasses.replace(woman, birth="1984", onset="2026-02-10") for woman in cluster()]
    alone = [dataclasses.replace(BASE, id=one, birth="1984", onset="2026-02-10") for one in "AB"]
    crowded = searched(connection, [*women, *everyone_else(2000)])[1]
    outside = searched(connection, [*alone, *everyone_else(2006)])[1]
    assert {band for _, band in crowded.values()} <= {"review", None}
    bits = outside[("A", "B")][0]
    for crowded_bits, _ in crowded.values():
        assert crowded_bits < bits - 2.5  # seven mates instead of one


def test_a_report_told_twice_within_a_cluster_is_still_found(connection):
    again = dataclasses.replace(cluster()[2], id="D", lots=(), reactions=("granuloma",))
    found = searched(connection, [*cluster(), again, *everyone_else(2000)])[1]
    assert {pair: band for pair, (_, band) in found.items()} == {("C2", "D"): "certain"}


@pytest.mark.parametrize(
    "change",
    [{"patient": "p2"}, {"sex": "male"}, {"birth": "1984-05-07"}],
    ids=lambda change: next(iter(change)),
)
def test_a_known_difference_forbids_even_the_same_report_number(connection, change):
    first = dataclasses.replace(BASE, patient="p1", numbers=("W1",))
    second = dataclasses.replace(first, id="B", **change)
    assert searched(connection, [first, second])[1] == {}
    assert weighed(connection, [first, second], [("B", "A")]) == {}


def test_a_shared_number_is_certain_at_any_size_and_a_link_is_only_for_review(connection):
    reports = [Report("A", numbers=("W1",)), Report("B", numbers=("W1",)), Report("C", linked=("W1",))]
    _, found = searched(connection, [*reports[:2], *everyone_else(3000)])
    assert found[("A", "B")][1] == "certain"
    _, found = searched(connection, [reports[0], reports[2], *everyone_else(3000)])
    assert found[("A", "C")][1] == "review"
    against = dataclasses.replace(BASE, id="D", numbers=("W1",), reactions=("fever",), country="FR")
    _, found = searched(connection, [dataclasses.replace(BASE, numbers=("W1",), birth="1990"), against])
    assert found[("A", "D")][1] == "review"  # the rest speaks against it


def test_a_number_that_many_share_proves_little(connection):
    junk = [Report(f"J{n:02d}", numbers=("NONE",)) for n in range(60)]
    _, found = searched(connection, junk)
    assert len(found) == 60 * 59 // 2
    assert {band for _, band in found.values()} == {"review"}


def test_a_block_too_full_is_left_out_and_named(connection):
    crowd = [Report(f"A{n:02d}", birth="1984-05-06", sex="female") for n in range(12)]
    told, found = searched(connection, crowd, largest_block=11)
    assert (told.compared, found) == (0, {})
    assert [(o.rule, o.blocks, o.reports, o.fullest) for o in told.left_out] == [("date of birth", 1, 12, 12)]
    told, _ = searched(connection, crowd, largest_block=12)
    assert (told.compared, told.left_out) == (66, ())


def test_the_same_evidence_weighs_less_among_more_reports(connection):
    pair = [BASE, dataclasses.replace(BASE, id="B", birth="1984", lots=())]
    small = weighed(connection, [*pair, *everyone_else(100)], [("A", "B")])[("A", "B")][0]
    prior = math.log2(101 / 3001)
    large = weighed(connection, [*pair, *everyone_else(3000)], [("A", "B")])[("A", "B")][0]
    assert small > 0
    assert large - small > prior  # rarer values tell more, but the odds before looking fall


def test_terms_that_go_together_count_less_than_their_sum(connection):
    """Two products always given together tell what one of them tells."""
    both = [Report(f"B{n:02d}", products=("P1", "P2")) for n in range(30)]
    apart = [Report(f"C{n:02d}", products=(f"P{1 + n % 2}",)) for n in range(30)]
    pair = [dataclasses.replace(BASE, id=one, products=("P1", "P2"), lots=()) for one in ("X", "Y")]

    def product_bits(others):
        weighed(connection, [*pair, *others, *everyone_else(500)], [("X", "Y")])
        return connection.execute("select product_bits from duplicate_scored").fetchone()[0]

    assert product_bits([*both, *both[:0]]) < product_bits(apart) - 2


def test_ids_that_repeat_and_an_empty_store(connection):
    load(connection, [BASE, BASE])
    with pytest.raises(ValueError, match="'A' is there twice"):
        find(connection)
    told, found = searched(connection, [])
    assert (told.reports, told.compared, found) == (0, 0, {})
    told, found = searched(connection, [BASE])
    assert (told.reports, told.compared, found) == (1, 0, {})


@pytest.mark.parametrize("text", ["2026-02-30", "2026-13", "soon", "20260220"])
def test_a_date_that_is_none_is_refused_by_name(connection, text):
    load(connection, [dataclasses.replace(BASE, onset=text)])
    with pytest.raises(ValueError, match=f"report 'A': onset '{text}'"):
        find(connection)


def test_blank_text_is_unknown_and_matches_nothing(connection):
    blank = Report(
        "A", patient=" ", sex="", site=" ", products=("",), lots=("", " "), reactions=(), onset="", birth=""
    )
    found = weighed(connection, [blank, dataclasses.replace(blank, id="B")], [("A", "B")])
    assert found[("A", "B")] == (pytest.approx(math.log2(0.1)), None)


FIELDS = ("sex", "birth", "country", "site", "products", "lots", "reactions", "onset", "patient")
EMPTY = {name: () if name.endswith("s") else None for name in FIELDS}
seeds = st.integers(0, 10_000)


@settings(max_examples=30, deadline=None)
@given(seeds, st.sets(st.sampled_from(FIELDS)), st.sampled_from(FIELDS))
def test_adding_agreement_never_lowers_the_score(connection, seed, blank, added):
    """A blank that becomes an agreement; a third report gives the value up, so that no frequency changes."""
    rng = random.Random(seed)
    others = [anyone(rng, number) for number in range(10)]
    first = dataclasses.replace(anyone(rng, 99), id="A", numbers=(), linked=(), age=None)
    empty = {name: EMPTY[name] for name in {*blank, added}}
    without = dataclasses.replace(first, id="B", **empty)
    with_it = dataclasses.replace(without, **{added: getattr(first, added)})
    before = [first, without, dataclasses.replace(with_it, id="Z"), *others]
    after = [first, with_it, dataclasses.replace(without, id="Z"), *others]
    one = weighed(connection, before, [("A", "B")])[("A", "B")][0]
    other = weighed(connection, after, [("A", "B")])[("A", "B")][0]
    assert other >= one - 1e-9


@settings(max_examples=12, deadline=None)
@given(seeds)
def test_order_and_names_of_reports_do_not_matter(connection, seed):
    rng = random.Random(seed)
    reports = [anyone(rng, number) for number in range(8)]
    turned = [dataclasses.replace(report, id=f"R{999 - int(report.id[1:])}") for report in reports]
    pairs = [(a.id, b.id) for a, b in combinations(reports, 2)]
    one = weighed(connection, reports, pairs)
    other = weighed(connection, turned, [(b.id, a.id) for a, b in combinations(turned, 2)])
    assert len(one) == len(other)
    for (a, b), (bits, band) in one.items():
        mirrored = other[(f"R{999 - int(b[1:])}", f"R{999 - int(a[1:])}")]
        assert mirrored == (pytest.approx(bits, abs=1e-9), band)


@settings(max_examples=12, deadline=None)
@given(seeds)
def test_no_forbidden_pair_is_ever_proposed_and_certain_needs_the_person(connection, seed):
    rng = random.Random(seed)
    reports = {report.id: report for report in (anyone(rng, number) for number in range(25))}
    for (a, b), (_, band) in searched(connection, list(reports.values()))[1].items():
        one, other = reports[a], reports[b]
        assert not Oracle([], Rates()).forbidden(one, other)
        if band == "certain":
            birth = one.birth == other.birth and len(one.birth or "") == 10
            assert (
                birth
                or set(one.numbers) & set(other.numbers)
                or (one.patient and one.patient == other.patient)
            )
