"""The second opinion on the pages: words and numbers, agreeing or not, and never in the way of an alarm."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.governance.actors import system
from exovigil.signals import actions, queries
from exovigil.signals.models import Alarm, Stream
from exovigil.signals.views.opinion_panel import e_words, panel
from tests.signals.world import AS_OF, World

DISAGREES = (
    "It disagrees with the alarm: among the 2 lots and products watched the evidence does not stand out"
)


@pytest.fixture
def world(site, other_site) -> World:
    made = World([site, other_site])
    made.quiet_treatments(60)
    made.cluster()
    return made


@pytest.fixture
def stream(world) -> Stream:
    run = actions.run_watch(by=system(), as_of=AS_OF)
    return queries.lot_stream(run, world.lot.pk)


@pytest.fixture
def read(client_of, safety_officer):
    client = client_of(safety_officer)

    def go(url: str) -> str:
        response = client.get(url)
        assert response.status_code == 200
        return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())

    return go


def doubted(stream: Stream) -> None:
    """The same run, had the evidence not stood out."""
    for row in (stream, *Stream.objects.filter(lot=None)):
        row.result["second_opinion"] |= {"picked": False, "picked_upper": False}
        row.save()


def pages(stream: Stream) -> tuple[str, str]:
    alarm = Alarm.objects.get(lot=stream.lot_id)
    return f"/watch/streams/{stream.pk}/", f"/watch/alarms/{alarm.pk}/comparison/"


@pytest.mark.django_db
def test_both_pages_tell_what_it_says_and_whom_it_picks(stream, read):
    kept = stream.result["second_opinion"]
    for url in pages(stream):
        text = read(url)
        assert "It agrees with the alarm" in text
        assert f"1 in 1 000 (the design) {e_words(kept['log_e'])} picked" in text.replace("\u202f", " ")
        assert f"1 in 100 (upper bound) {e_words(kept['log_e_upper'])}" in text
        assert "40.00 is enough for one to be picked alone" in text
        assert text.count("in alarm", text.index("Picked out of all lots")) >= 2
    assert "second test" not in read("/watch/")


@pytest.mark.django_db
def test_a_disagreement_is_told_beside_the_alarm_that_stands(stream, read):
    doubted(stream)
    for url in pages(stream):
        text = read(url)
        assert DISAGREES in text
        assert "at 5 % None." in text
    watch = read("/watch/")
    assert "Alarm: lot VX-1" in watch
    assert DISAGREES in watch


@pytest.mark.django_db
def test_a_stream_without_a_case_that_counts_has_no_panel(stream, read):
    stream.result["second_opinion"] = None
    stream.save()
    assert panel(stream, in_alarm=True) is None
    assert "second test" not in read(pages(stream)[0])
    assert "the latest run has no case of this alarm that counts" in read(pages(stream)[1])


@pytest.mark.parametrize(
    ("log_e", "words"),
    [
        (0.0, "1.00"),
        (-800.0, "0.00"),
        (math.log(1234), "1\u202f234"),
        (math.log(9.97e8), "1.0 × 10⁹"),
        (50.0, "5.2 × 10²¹"),
        (2000.0, "3.9 × 10⁸⁶⁸"),
    ],
)
def test_e_values_in_words(log_e, words):
    assert e_words(log_e) == words


@given(st.floats(math.log(20_000), 700))
def test_large_e_values_read_back_to_what_they_were(log_e):
    mantissa, power = e_words(log_e).split(" × 10")
    read = float(mantissa) * 10.0 ** int(power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")))
    assert read == pytest.approx(math.exp(log_e), rel=0.051)
