"""The cycle collector rests while a file is written or checked, leaves nothing behind, and is put back as it was."""

import datetime as dt
import gc

import pytest

from exovigil.vigilance.e2b.checker import check
from exovigil.vigilance.e2b.collector import collector_paused
from exovigil.vigilance.e2b.writer import write_record_file
from tests.vigilance.e2b_random import random_batch

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _as_it_was():
    yield
    gc.enable()


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_put_back_as_it_was(on):
    (gc.enable if on else gc.disable)()
    with collector_paused():
        assert not gc.isenabled()
    assert gc.isenabled() is on
    with pytest.raises(KeyError), collector_paused():
        raise KeyError
    assert gc.isenabled() is on


def test_writing_and_checking_leave_no_cycles_behind():
    batch = random_batch(1, cases=3)
    check(write_record_file(batch), now=NOW)
    gc.collect()
    gc.disable()
    for _ in range(5):
        check(write_record_file(batch).replace(b'unit="', b'unit="furlong'), now=NOW)
    assert gc.collect() == 0
