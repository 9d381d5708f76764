"""Published harms: counts without denominators stay without rates."""

from exovigil.evidence import harms
from exovigil.evidence.studies import study


def test_every_row_says_where_and_how_far_it_was_read() -> None:
    assert len(harms.harms()) == 9
    for row in harms.harms():
        assert row.url.startswith("http")
        assert row.citation
        assert row.read_depth
        assert row.read_on


def test_no_published_harm_has_a_denominator() -> None:
    assert [row.denominator for row in harms.harms()] == [None] * 9


def test_the_korean_series() -> None:
    nahm = next(row for row in harms.exosome_harms() if row.key == "nahm2024")
    assert nahm.people == 8
    assert (nahm.onset_from_days, nahm.onset_to_days) == (14, 92)
    assert nahm.product == ""
    assert nahm.how_often == "8 affected; no denominator, so how often cannot be known"


def test_fewer_than_five_is_not_turned_into_a_number() -> None:
    nebraska = next(row for row in harms.harms() if row.key == "nebraska2019")
    assert nebraska.people is None
    assert nebraska.how_often.startswith("fewer than 5 affected")


def test_look_alikes_are_without_exosomes() -> None:
    rows = harms.look_alikes()
    assert {row.key for row in rows} == {"microneedling_sr", "soltani2014", "ntm_cosmetic", "hk_mabsc2023"}
    assert not any(row.exosome for row in rows)


def test_manufacturing_failures_do_not_count_people() -> None:
    rows = [row for row in harms.harms() if row.kind == "manufacturing failure"]
    assert {row.how_often for row in rows} == {"not a count of people"}


def test_series_of_cases_are_no_denominator() -> None:
    assert not {"nahm2024", "tawanwongsri2024"} & {row.study.key for row in harms.ascertained()}


def test_studies_that_give_events_and_people() -> None:
    found = {row.study.key: (row.events, row.of) for row in harms.ascertained()}
    assert found["chandran2025"] == (1, 10)
    assert found["lde_acne"] == (1, 3)
    assert found["imcas2025_300"] == (0, 300)
    assert all(events <= of for events, of in found.values())


def test_silence_in_many_people_is_questioned() -> None:
    assert [row.study for row in harms.ascertained() if row.none_in_many] == [study("imcas2025_300")]
