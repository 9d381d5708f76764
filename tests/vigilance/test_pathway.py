"""Cautions on the work-up: raised by facts, silent when the record is in order, and always sourced."""

import dataclasses

import pytest

from exovigil.foundation.partial_date import PartialDate
from exovigil.vigilance.pathway import CaseFacts, MycobacterialTest, TestKind, rules, warnings
from exovigil.vigilance.seriousness import Answer
from exovigil.vigilance.terms import reaction_term, reaction_terms

STEROID = "steroid_before_mycobacterial_test"
EXCLUDED = "infection_excluded_without_mycobacterial_test"
BIOPSY = "delayed_nodule_without_biopsy"
GRANULOMA = "granuloma_without_histology"


def day(text):
    return PartialDate.parse(text)


def culture(taken, final):
    return MycobacterialTest(TestKind.CULTURE, day(taken) if taken else None, day(final) if final else None)


IN_ORDER = CaseFacts(
    nodule=Answer.YES,
    treated_on=day("2026-01-05"),
    onset_on=day("2026-02-16"),
    biopsy=Answer.YES,
    called_granuloma=Answer.YES,
    histology_shows_granuloma=Answer.YES,
    steroid=Answer.YES,
    steroid_from=day("2026-04-20"),
    infection_excluded=Answer.YES,
    mycobacterial_tests=(culture("2026-03-01", "2026-04-12"),),
)


def raised(**changes):
    return [warning.rule.code for warning in warnings(dataclasses.replace(IN_ORDER, **changes))]


def test_a_record_in_order_raises_nothing():
    assert warnings(IN_ORDER) == ()
    assert warnings(CaseFacts()) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"steroid_from": day("2026-02-20")}, STEROID),
        ({"steroid_from": day("2026")}, STEROID),
        ({"steroid_from": None}, STEROID),
        ({"infection_excluded": Answer.NO, "mycobacterial_tests": ()}, STEROID),
        ({"steroid": Answer.NO, "mycobacterial_tests": ()}, EXCLUDED),
        ({"steroid": Answer.NO, "mycobacterial_tests": (culture("2026-03-01", None),)}, EXCLUDED),
        ({"mycobacterial_tests": (culture("2026-03-01", "2026-03-12"),)}, EXCLUDED),
        ({"biopsy": Answer.NO}, BIOPSY),
        ({"biopsy": Answer.UNKNOWN}, BIOPSY),
        ({"histology_shows_granuloma": Answer.UNKNOWN}, GRANULOMA),
    ],
)
def test_each_gap_raises_its_own_caution(changes, code):
    assert raised(**changes) == [code]


@pytest.mark.parametrize(
    "changes",
    [
        {"steroid_from": day("2026-03-01")},  # the day of the sample itself
        {"onset_on": day("2026-01-10"), "biopsy": Answer.NO},  # not delayed
        {"nodule": Answer.NO, "biopsy": Answer.NO},
        {"mycobacterial_tests": (MycobacterialTest(TestKind.PCR, day("2026-03-01"), day("2026-03-03")),)},
        {"mycobacterial_tests": (culture("2026-03-01", "2026-03-13"),)},
        {"mycobacterial_tests": (culture("2026-03-01", "2026-03-12"), culture("2026-03-02", "2026-04-20"))},
    ],
)
def test_no_caution_without_a_gap(changes):
    assert raised(**changes) == []


def test_every_caution_says_why_and_cites_a_source_that_was_read():
    bare = CaseFacts(
        nodule=Answer.YES,
        treated_on=day("2026-01"),
        onset_on=day("2026-03"),
        called_granuloma=Answer.YES,
        steroid=Answer.YES,
        infection_excluded=Answer.YES,
    )
    found = warnings(bare)
    assert [warning.rule for warning in found] == list(rules())
    assert all(warning.because and warning.rule.fact and warning.rule.source.verified for warning in found)
    assert all(warning.rule.source.link for warning in found)


def test_reaction_terms_have_unique_codes_and_no_half_code():
    codes = [term.code for term in reaction_terms()]
    assert len(set(codes)) == len(codes)
    assert all(bool(term.ncit_code) == bool(term.ncit_term) for term in reaction_terms())
    assert (reaction_term("granuloma").ncit_code, reaction_term("granuloma").imdrf_code) == ("C3064", "E2317")
    with pytest.raises(KeyError, match="sunburn"):
        reaction_term("sunburn")
