"""A real server and real processes: enormous uploads, a server killed while it writes, a full disk, a demonstration
killed half-way. SQLite only: what is tested is its files.
"""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.faults.wire import Answer, get, post, upload
from tests.world import EXOVIGIL, environment, serve

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.environ.get("DATABASE_URL", "").startswith("postgres"),
        reason="the server, its files and its death are tested on SQLite",
    ),
]
ROOT = Path(__file__).resolve().parents[2]
MB = 1024 * 1024
ANSWERS = 50
SMALL_DEMO = (
    "from exovigil.cli.demo import places; places.TREATMENTS = {}; from exovigil.cli import main; main()"
)


@dataclass(frozen=True)
class Registry:
    """A registry on disk with one treated patient."""

    data: Path
    page: str
    form: str
    cookies: dict[str, str]

    def count(self, query: str) -> int:
        """A number read from the file, beside whatever else has it open."""
        with sqlite3.connect(f"file:{self.data / 'registry.sqlite3'}?mode=ro", uri=True) as connection:
            return connection.execute(query).fetchone()[0]

    @property
    def answers(self) -> int:
        return self.count("SELECT count(*) FROM clinic_followupanswer")

    def assert_whole(self) -> None:
        """Every answer has its line in the audit trail and its memory of the form, and every row what it names."""
        events = "SELECT count(*) FROM governance_auditevent WHERE action = 'clinic.answer.received'"
        forms = "SELECT count(*) FROM governance_submission WHERE target_type = 'clinic.followupanswer'"
        assert self.answers == self.count(events) == self.count(forms)
        assert self.count("SELECT count(*) FROM pragma_foreign_key_check") == 0

    def processes(self) -> list[int]:
        """The server of this registry and its workers, by the directory they were started with."""
        mine = str(self.data).encode()
        return [pid for pid in _processes() if mine in _read(pid, "cmdline").split(b"\0")]

    def most_memory(self) -> int:
        """Bytes that the largest of them ever held."""
        status = [_read(pid, "status").decode() for pid in self.processes()]
        return max(int(found[1]) * 1024 for s in status if (found := re.search(r"VmHWM:\s+(\d+) kB", s)))


def _processes() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:  # it has ended
        return b""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Registry:
    data = tmp_path_factory.mktemp("registry") / "data"
    _run(
        "init",
        str(data),
        "--site=Oak",
        "--code=OAK",
        "--email=a@oak.example",
        "--password=correct-horse-battery",
    )
    made = subprocess.run(
        [sys.executable, "-m", "tests.faults.populate", str(data)],
        env=environment(), cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return Registry(data, **json.loads(made.stdout))


@pytest.fixture
def registry(prepared, tmp_path) -> Registry:
    """A copy of its own for each test."""
    data = tmp_path / "data"
    shutil.copytree(prepared.data, data)
    return Registry(data, prepared.page, prepared.form, prepared.cookies)


def _run(*arguments: str, code: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    command = [*([sys.executable, "-c", code] if code else EXOVIGIL), *arguments]
    env = environment() | variables
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True)


def _carried(page: Answer) -> str:
    found = re.search(r'name="carried" value="([^"]+)"', page.text)
    assert found, page.text
    return unescape(found[1])


# --- Enormous uploads -------------------------------------------------------------------------------


def test_enormous_uploads_are_refused_at_once_held_nowhere_and_change_nothing(registry):
    before = registry.answers, registry.count("SELECT max(position) FROM governance_auditevent")
    with serve(registry.data) as address:
        token = {"csrfmiddlewaretoken": registry.cookies["csrftoken"]}
        patient = {"step": "photo", "carried": _carried(get(address + registry.page))}
        asked = [(registry.page, patient, {}), (registry.form, token, registry.cookies)]
        get(address + registry.form)
        quiet = registry.most_memory()
        started = time.monotonic()
        for path, fields, cookies in asked:
            refused = upload(address + path, fields, 200 * MB, cookies=cookies)
            assert refused.status == 413
            assert "That file is too large" in refused.text
            assert "Send a smaller one" in refused.text
        clinic = upload(address + registry.form, token, 60 * MB, cookies=registry.cookies)
        assert clinic.status == 422
        assert "larger than 20 MB" in clinic.text
        for path, fields, cookies in asked:  # of no declared length
            assert upload(address + path, fields, 200 * MB, cookies=cookies, chunked=True).status in {
                403,
                422,
            }
        assert time.monotonic() - started < 20
        assert registry.most_memory() - quiet < 40 * MB
        assert get(f"{address}/health/").status == 200
    assert (registry.answers, registry.count("SELECT max(position) FROM governance_auditevent")) == before
    assert not list(registry.data.glob("sealed/*"))
    registry.assert_whole()


# --- A server killed while it writes ----------------------------------------------------------------


def test_a_server_killed_while_it_writes_keeps_what_it_acknowledged_and_nothing_by_halves(registry):
    with serve(registry.data) as address:
        forms = [
            urlencode({"step": "how", "skin": "well", "carried": _carried(get(address + registry.page))})
            for _ in range(ANSWERS)
        ]
        acknowledged: list[str] = []
        with ThreadPoolExecutor(8) as crowd:
            sending = {crowd.submit(post, address + registry.page, form): form for form in forms}
            for sent in as_completed(sending):
                if _thanked(sent.result()):
                    acknowledged.append(sending[sent])
                if len(acknowledged) == ANSWERS // 5:
                    for pid in registry.processes():
                        os.kill(pid, signal.SIGKILL)
    assert ANSWERS // 5 <= len(acknowledged) < ANSWERS
    registry.assert_whole()
    assert json.loads(_run("verify", "--json", "--data", str(registry.data)).stdout)["intact"]
    kept = registry.answers
    assert kept >= len(acknowledged)
    with serve(registry.data) as address:
        assert all(_thanked(post(address + registry.page, form)) for form in acknowledged)
        assert registry.answers == kept  # each of them was there: sending it again made no second row
        assert all(_thanked(post(address + registry.page, form)) for form in forms)
        assert registry.answers == ANSWERS
    registry.assert_whole()


def _thanked(answer: Answer) -> bool:
    return answer.status == 200 and "Thank you" in answer.text


# --- A full disk ------------------------------------------------------------------------------------


def test_a_full_disk_is_said_and_leaves_nothing_by_halves(registry):
    told = subprocess.run(
        [sys.executable, "-m", "tests.faults.full_disk", str(registry.data), registry.page],
        env=environment(), cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    said = json.loads(told.stdout)
    assert 0 < said["kept"] < said["tried"]
    assert said["refusal"] == 500
    assert "Nothing you sent was half-saved" in said["words"]
    assert said["after"] == 200  # room again
    assert registry.answers == said["kept"] + 1
    registry.assert_whole()


# --- The demonstration ------------------------------------------------------------------------------


def test_a_demonstration_killed_half_way_leaves_nothing_that_looks_finished(tmp_path):
    data, draft = tmp_path / "demo", tmp_path / "demo.building"
    half = [sys.executable, "-c", SMALL_DEMO.format(400), "demo", "--once", "--data", str(data)]
    builder = subprocess.Popen(half, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for_rows(draft / "registry.sqlite3", builder)
    finally:
        builder.kill()
        builder.wait()
    assert draft.exists()
    assert not data.exists()
    elsewhere = {"DATABASE_URL": f"sqlite:///{tmp_path / 'another-registry.sqlite3'}"}
    told = _run("demo", "--once", "--json", "--data", str(data), code=SMALL_DEMO.format(24), **elsewhere)
    assert json.loads(told.stdout) == json.loads((data / "demo.json").read_text())
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
    with sqlite3.connect(data / "registry.sqlite3") as connection:
        assert connection.execute("SELECT count(*) FROM clinic_treatment").fetchone() == (24,)


def _wait_for_rows(database: Path, builder: subprocess.Popen[bytes]) -> None:
    """Wait until the clinics have their stock and treatments begin; at most two minutes."""
    for _ in range(1200):
        assert builder.poll() is None, "it was finished before it could be killed"
        try:
            with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
                if connection.execute("SELECT count(*) FROM catalogue_lot").fetchone()[0]:
                    return
        except sqlite3.OperationalError:
            pass
        time.sleep(0.1)
    raise AssertionError("no lot within two minutes")
