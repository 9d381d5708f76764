"""Lesions as counted: what is not known stays not known, and a line says what it means."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.vigilance.labels import region_labels
from exovigil.vigilance.lesions import LARGEST, MOST, Lesion, LesionKind, Seen, by_region, sentence
from exovigil.vigilance.pathway_forms import LesionsForm

DAY = dt.date(2026, 5, 4)
SENT = {"seen_on": "2026-05-04", "found": "lesions", "note": ""}
REGIONS = ["chin", "cheek_left"]
N, P, SCAR = LesionKind.NODULE, LesionKind.PAPULE, LesionKind.SCAR

lesions = st.lists(
    st.builds(
        Lesion,
        st.sampled_from(REGIONS),
        st.sampled_from(list(LesionKind)),
        st.none() | st.integers(0, MOST),
        st.none() | st.integers(1, LARGEST),
    ),
    max_size=8,
)


def form(earlier=None, **sent):
    return LesionsForm({**SENT, **sent}, regions=REGIONS, earlier=earlier)


def test_totals_keep_scars_apart_and_a_count_that_nobody_took_unknown():
    day = Seen(DAY, (Lesion("chin", N, 3, 6), Lesion("chin", P, 2), Lesion("cheek_left", SCAR, 1)))
    assert (day.total(), day.total(active=False), day.largest_mm, day.is_clear) == (5, 1, 6, False)
    assert Seen(DAY, (*day.lesions, Lesion("cheek_left", N, None))).total() is None
    assert Seen(DAY, ()).is_clear
    assert Seen(DAY, (Lesion("chin", N, 0), Lesion("chin", SCAR, 2))).is_clear
    assert not Seen(DAY, (Lesion("chin", N, None),)).is_clear


def test_lesions_in_words():
    rows = (
        Lesion("cheek_left", N, 1, 6),
        Lesion("cheek_left", LesionKind.ABSCESS, 2),
        Lesion("chin", P, 0, 4),
        Lesion("chin", LesionKind.PIGMENT, None),
    )
    assert by_region(rows, region_labels) == [
        ("Left cheek", "1 nodule, largest 6 mm; 2 abscesses"),
        ("Chin", "no papules; changes of pigment, not counted"),
    ]
    assert sentence(Seen(DAY, rows[:1]), region_labels) == "Left cheek: 1 nodule, largest 6 mm."
    assert sentence(Seen(DAY, ()), region_labels) == "No lesion was seen."


@given(lesions)
def test_what_is_stored_is_read_again_and_totals_are_the_sum_of_what_is_known(rows):
    assert tuple(Lesion.read(row.stored()) for row in rows) == tuple(rows)
    day = Seen(DAY, tuple(rows))
    counts = [row.count for row in rows if row.kind not in {SCAR, LesionKind.PIGMENT}]
    assert day.total() == (None if None in counts else sum(counts))
    assert set(day.regions) == {row.region for row in rows if row.count != 0}


@pytest.mark.parametrize(
    "wrong", [{"kind": "wart"}, {"count": -1}, {"count": MOST + 1}, {"size_mm": 0}, {"size_mm": LARGEST + 1}]
)
def test_rows_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=r"wart|number|size"):
        Lesion.read(Lesion("chin", N, 1, 1).stored() | wrong)


def test_a_form_gives_the_lines_that_were_filled_in():
    sent = form(
        **{"chin-0-kind": "nodule", "chin-0-count": "3", "chin-0-size_mm": "6", "chin-1-kind": "scar"}
    )
    assert not sent.is_valid(), "a kind needs its number"
    sent = form(
        **{
            "chin-0-kind": "nodule",
            "chin-0-count": "3",
            "cheek_left-2-kind": "scar",
            "cheek_left-2-count": "?",
        }
    )
    assert sent.is_valid()
    assert sent.values()["lesions"] == [Lesion("chin", N, 3), Lesion("cheek_left", SCAR, None)]
    assert not sent.values()["none_seen"]


def test_no_lesion_needs_no_line():
    sent = form(found="none", **{"chin-0-kind": "nodule"})  # the kind was filled in from the count before
    assert sent.is_valid()
    assert (sent.values()["none_seen"], sent.values()["lesions"]) == (True, [])


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"chin-0-count": "3"}, "chin-0-kind"),
        ({"chin-0-kind": "nodule", "chin-0-count": "many"}, "chin-0-count"),
        ({"chin-0-kind": "nodule", "chin-0-count": "-1"}, "chin-0-count"),
        ({"chin-0-kind": "nodule", "chin-0-count": "²"}, "chin-0-count"),
        ({"chin-0-kind": "nodule", "chin-0-count": "501"}, "chin-0-count"),
        ({"chin-0-kind": "wart", "chin-0-count": "1"}, "chin-0-kind"),
        ({"chin-0-kind": "nodule", "chin-0-count": "1", "chin-0-size_mm": "0"}, "chin-0-size_mm"),
        (
            {"chin-0-kind": "nodule", "chin-0-count": "1", "chin-1-kind": "nodule", "chin-1-count": "2"},
            "chin-1-kind",
        ),
    ],
)
def test_a_bad_line_says_so_beside_its_field(line, field):
    sent = form(**line)
    assert not sent.is_valid()
    assert field in sent.errors


def test_the_kinds_of_the_count_before_are_filled_in_and_its_numbers_only_shown():
    earlier = Seen(DAY, (Lesion("chin", N, 3, 6),))
    empty = LesionsForm(regions=REGIONS, earlier=earlier)
    (label, before, lines), (_, nothing, _) = empty.lines
    assert (label, before, nothing) == ("Chin", "3 nodules, largest 6 mm", "")
    assert lines[0].kind.value() is N
    assert lines[0].number.value() is None
