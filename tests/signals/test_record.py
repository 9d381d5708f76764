"""Results kept as plain JSON and read again; the two pictures drawn from them."""

import dataclasses
import json
import math

import pytest

from exovigil.signals import charts, record
from exovigil.signals.queries.runs import counted_once, ordinal, sentence
from exovigil.signals.second_opinion import second_opinions, sensitivity
from exovigil.signals.watch import OpenStream, StreamKey, run_stream, watch, watch_designs
from tests.signals.test_watch import AS_OF, CLUSTER, DESIGN, LOT, day

OPENED = OpenStream(StreamKey("lot", "1"), day(0), 1, 0.007)


def renamed(events):
    """The same events with numbers for names, as the registry has them."""
    return [dataclasses.replace(event, case_id=str(number)) for number, event in enumerate(events, 1)]


def kept(events, once=None, exposures=LOT):
    events = renamed(events)
    once = events if once is None else [events[n] for n in once]
    result = run_stream(exposures, events, once, DESIGN, OPENED.alpha, AS_OF)
    other = sensitivity(exposures, events, once, DESIGN, OPENED.alpha, AS_OF)
    names = {e.case_id: (f"OAK-{e.case_id}", "oak") for e in events}
    plain = record.plain_result(OPENED, result, events, once, other, names)
    return result, json.loads(json.dumps(plain, allow_nan=False))


def test_a_result_read_again_is_the_path_it_took():
    result, plain = kept(CLUSTER, once=[0, 2, 3, 4, 5, 6, 7])
    path = record.replay(plain, result.expected)
    assert [(s.on, s.expected, s.raw, s.deduplicated) for s in path.steps] == [
        (p.on, p.expected, p.raw, p.deduplicated) for p in result.path
    ]
    assert (path.raw.alarm.on, path.deduplicated.alarm.on) == (day(61), day(66))
    assert [row["null_risk"] for row in plain["sensitivity"]] == list(DESIGN.sensitivity_null_risks)
    assert [e["counted_once"] for e in plain["events"]] == [True, False, *[True] * 6]
    assert plain["events"][0] == {
        "case": 1, "number": "OAK-1", "site": "oak", "received_on": day(36).isoformat(),
        "days": 30, "standing": "inside", "counted_once": True,
    }  # fmt: skip


def test_the_second_opinion_is_kept_beside_the_first():
    events = renamed(CLUSTER)
    found = watch(LOT, events, events, DESIGN, AS_OF)
    (opened, result), *_ = [pair for pair in found.streams if pair[0].key.kind == "lot"]
    second = second_opinions(found, DESIGN)[opened.key]
    names = {e.case_id: (f"OAK-{e.case_id}", "oak") for e in events}
    plain = record.plain_result(opened, result, events, events, (), names, second)
    kept_second = json.loads(json.dumps(plain, allow_nan=False))["second_opinion"]
    assert kept_second == {
        "streams": 2, "log_e": second.log_e, "picked": True, "log_e_upper": second.log_e_upper, "picked_upper": True,
    }  # fmt: skip
    assert record.second_opinion(plain) == second
    assert kept(CLUSTER)[1]["second_opinion"] is None
    assert record.second_opinion(kept(CLUSTER)[1]) is record.second_opinion({}) is None


def test_infinity_is_kept_as_a_word_and_read_again():
    result, plain = kept(CLUSTER[:3], exposures=[])
    assert plain["raw"]["llr"] == "infinity"
    path = record.replay(plain, result.expected)
    assert math.isinf(path.steps[-1].llr_raw)
    assert path.raw.number == 3
    assert charts.against_boundary(path, name="a lot").startswith("<svg")


def test_a_quiet_stream_keeps_only_its_design():
    result, plain = kept([])
    assert set(plain) == {"rank", "opened_on", "alpha", "critical_value", "alpha_spent", "attained"}
    path = record.replay(plain, result.expected)
    assert (path.steps, path.raw, sentence(path.raw)) == ((), record.Track(), "")


@pytest.mark.parametrize(
    ("count", "number", "ending"),
    [
        (3, 0, "no further case has been reported."),
        (5, 5, "the 5th and latest was reported on"),
        (8, 8, "the 8th"),
    ],
)
def test_the_eighth_case_is_marked_or_the_latest(count, number, ending):
    result, plain = kept(CLUSTER[:count])
    path = record.replay(plain, result.expected)
    assert path.raw.marked_number == number
    assert ending in sentence(path.raw)


def test_past_the_eighth_the_sentence_does_not_call_it_latest():
    more = [*CLUSTER, type(CLUSTER[0])("C9", day(200), day(130), day(70), "P", "L1")]
    result, plain = kept(more)
    assert "the 8th was reported" in sentence(record.replay(plain, result.expected).raw)


def test_designs_are_kept_with_their_sources():
    (plain,) = [json.loads(json.dumps(record.plain_design(d))) for d in watch_designs()]
    assert plain["null_risk_source"]["verified"] is False
    assert plain["window_source"]["link"] == "https://doi.org/10.1002/der2.242"


@pytest.mark.parametrize("draw", [charts.against_boundary, charts.in_time])
def test_the_pictures_name_what_they_show_without_inline_style(draw):
    result, plain = kept(CLUSTER, once=[0, 2, 3, 4, 5, 6, 7])
    svg = draw(record.replay(plain, result.expected), name="Lot <1>")
    assert 'role="img"' in svg
    assert "Lot &lt;1&gt;" in svg
    assert " style=" not in svg
    assert f"Alarm, {day(61):%-d %b %Y}" in svg


def test_both_counts_and_the_boundary_are_named_directly():
    result, plain = kept(CLUSTER, once=[0, 2, 3, 4, 5, 6, 7])
    svg = charts.against_boundary(record.replay(plain, result.expected), name="lot")
    for word in ("Boundary", "Raw", "De-duplicated"):
        assert f">{word}<" in svg
    assert "stroke-dasharray" in svg


def test_a_picture_of_one_early_report_can_be_drawn():
    result, plain = kept(CLUSTER[:1])
    path = record.replay(plain, result.expected)
    assert "no alarm" in charts.against_boundary(path, name="lot")
    assert "Case" not in charts.in_time(path, name="lot").replace("Cases so far", "")


def test_without_an_alarm_on_the_deduplicated_count_the_page_says_so():
    result, plain = kept(CLUSTER[:3], once=[0, 1])
    assert counted_once(record.replay(plain, result.expected)) == (
        "With double reports counted once there is no alarm."
    )


def test_a_picture_is_built_once_for_a_path():
    result, plain = kept(CLUSTER)
    path, built = record.replay(plain, result.expected), []

    def picture(path, *, name):
        built.append(name)
        return charts.SafeString("<svg>")

    for name in ("built once", "built once", "another"):
        assert charts.draw(picture, path, name=name) == "<svg>"
    assert built == ["built once", "another"]


def test_ordinals():
    assert [ordinal(n) for n in (1, 2, 3, 8, 11, 22, 113)] == [
        "1st",
        "2nd",
        "3rd",
        "8th",
        "11th",
        "22nd",
        "113th",
    ]
