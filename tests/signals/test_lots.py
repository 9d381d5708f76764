"""Lot numbers: what is shown, what is compared, what is no lot at all."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exovigil.signals.lots import normalise_lot, normalise_lots, unknown_words

# What lot fields are made of: letters and digits that look alike, separators, and the words around them.
PIECES = st.sampled_from(
    [
        "LOT",
        "lot ",
        "Batch",
        "No",
        "#",
        ":",
        "-",
        "/",
        " ",
        ",",
        ";",
        "O",
        "0",
        "I",
        "1",
        "ab",
        "X",
        "é",
        "ß",
        "unk",
    ]
)
WRITTEN = st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=20)


@pytest.mark.parametrize(
    ("written", "shown", "key", "changes"),
    [
        ("VX-1", "VX-1", "VX1", ()),
        ("vx 1", "VX 1", "VX1", ("case",)),
        (" Lot# ab-1O3 ", "AB-1O3", "AB103", ("spaces", "case", "prefix")),
        ("LOT NUMBER: 123", "123", "123", ("prefix",)),
        ("Lot123", "123", "123", ("case", "prefix")),
        ("LOTUS1", "LOTUS1", "L0TUS1", ()),
        ("(AB12)", "AB12", "AB12", ("punctuation around",)),
        ("BATCH: LOT 5I", "5I", "51", ("prefix",)),
        ("03H0329", "03H0329", "03H0329", ()),
    ],
)
def test_a_lot_is_shown_and_compared(written, shown, key, changes):
    lot = normalise_lot(written)
    assert (lot.shown, lot.key, lot.changes) == (shown, key, changes)
    assert lot.as_reported == written


@pytest.mark.parametrize(
    "written",
    [
        "UNKNOWN",
        "unk",
        "N/A",
        "n.a.",
        "NI",
        "Lot unknown",
        "not available",
        "?",
        "---",
        "000",
        "xxx",
        "LOT #",
        "Lot",
    ],
)
def test_words_for_nothing_are_no_lot(written):
    assert normalise_lot(written) == normalise_lot(written)
    lot = normalise_lot(written)
    assert (lot.shown, lot.key, lot.changes) == ("", "", ("unknown",))


def test_an_empty_field_was_not_changed():
    assert normalise_lot("  ").changes == ()


@pytest.mark.parametrize("written", ["N1", "NA1", "UNK7", "0A", "X1", "NI-2"])
def test_a_lot_that_only_resembles_such_a_word_stays(written):
    assert normalise_lot(written).shown == written


def test_letters_that_look_like_digits_are_folded_only_to_compare():
    a, b = normalise_lot("1O1-A"), normalise_lot("IO1A")
    assert a.key == b.key == "101A"
    assert (a.shown, b.shown) == ("1O1-A", "IO1A")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("F2091A,F2152A", ["F2091A", "F2152A"]),
        ("UNKNOWN,UNKNOWN", [""]),
        ("UNKNOWN; B2007AA", ["B2007AA"]),
        ("AB123, ab-123", ["AB123"]),
        ("1,234", ["1,234"]),
        ("F2091A", ["F2091A"]),
    ],
)
def test_several_lots_in_one_field(written, shown):
    assert [lot.shown for lot in normalise_lots(written)] == shown


def test_taking_a_field_apart_is_told():
    assert {lot.changes[0] for lot in normalise_lots("F2091A,F2152A")} == {"several in one field"}


@given(WRITTEN)
@example("lot")
@example("ŉ LOT 1")
def test_reading_what_is_shown_changes_nothing_more(written):
    once = normalise_lot(written)
    again = normalise_lot(once.shown)
    assert (again.shown, again.key, again.changes) == (once.shown, once.key, ())


@given(WRITTEN)
def test_a_key_is_there_exactly_when_a_lot_is_shown_and_is_its_own_key(written):
    lot = normalise_lot(written)
    assert bool(lot.key) == bool(lot.shown)
    assert lot.key.isalnum() or not lot.key
    assert not set("OI") & set(lot.key)


@given(WRITTEN, st.sampled_from(["lot ", "Batch: ", "LOT#", " "]))
def test_what_stands_before_a_lot_and_its_case_do_not_matter(written, before):
    assert normalise_lot(before + "A" + written).key == normalise_lot(("a" + written).upper()).key


@given(WRITTEN)
def test_a_field_always_gives_a_lot_and_no_key_twice(written):
    keys = [lot.key for lot in normalise_lots(written)]
    assert keys
    assert len(keys) == len(set(keys))


def test_the_words_are_written_as_they_are_compared():
    assert all(word == "".join(filter(str.isalnum, word.upper())) for word in unknown_words())
