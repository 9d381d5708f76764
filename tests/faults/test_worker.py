"""The worker as a program: killed while it computes the night, and two of them started at once."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.world import EXOVIGIL, environment

pytestmark = pytest.mark.slow

STUCK = """
import sys, time, pathlib
from exovigil.cli.setup import open_registry
open_registry(pathlib.Path(sys.argv[1]))
from exovigil.cli import worker
from exovigil.signals.actions import nightly
def compute(day):
    pathlib.Path(sys.argv[2]).touch()
    time.sleep(120)
nightly.compute = compute
worker.run(once=True, interval=1)
"""


@pytest.fixture
def data(tmp_path) -> Path:
    folder = tmp_path / "data"
    answers = [
        "--site",
        "Oak",
        "--code",
        "oak",
        "--email",
        "a@oak.example",
        "--password",
        "correct-horse-battery",
    ]
    subprocess.run(
        [*EXOVIGIL, "init", str(folder), *answers], env=environment(), check=True, capture_output=True
    )
    return folder


def ask(data: Path, question: str) -> list[tuple]:
    with sqlite3.connect(data / "registry.sqlite3") as database:
        return database.execute(question).fetchall()


def start(data: Path) -> subprocess.Popen[str]:
    command = [*EXOVIGIL, "worker", "--once", "--data", str(data)]
    return subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_killed_while_it_computes_the_next_one_does_the_night_once(data, tmp_path):
    mark = tmp_path / "computing"
    command = [sys.executable, "-c", STUCK, str(data), str(mark)]
    stuck = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        if mark.exists() or stuck.poll() is not None:
            break
        time.sleep(0.1)
    os.kill(stuck.pid, signal.SIGKILL)
    stuck.wait()
    assert mark.exists()
    words = start(data).communicate(timeout=120)[0]
    assert "in other hands" in " ".join(words.split())  # nobody can tell yet that it is dead
    assert ask(data, "SELECT count(*) FROM signals_watchrun") == [(0,)]
    with sqlite3.connect(data / "registry.sqlite3") as database:
        database.execute("UPDATE signals_nightlyjob SET held_until = '2020-01-01 00:00:00'")
    again = start(data)
    assert "is done" in again.communicate(timeout=120)[0]
    assert again.returncode == 0
    assert ask(data, "SELECT count(*) FROM signals_watchrun") == [(1,)]
    rows = ask(data, "SELECT job, done_at IS NOT NULL, attempts FROM signals_nightlyjob ORDER BY job")
    assert rows == [("clocks", 1, 1), ("watch", 1, 2)]


def test_two_at_once_do_each_job_of_the_night_once(data):
    both = [start(data) for _ in range(2)]
    words = [one.communicate(timeout=180)[0] for one in both]
    assert [one.returncode for one in both] == [0, 0], words
    assert ask(data, "SELECT count(*) FROM signals_watchrun") == [(1,)]
    rows = ask(data, "SELECT job, done_at IS NOT NULL, attempts FROM signals_nightlyjob ORDER BY job")
    assert rows == [("clocks", 1, 1), ("watch", 1, 1)]
