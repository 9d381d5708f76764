"""Bad input to the commands: said in words, with an exit code of its own, and nothing is made."""

import dataclasses
import os
import socket

import pytest
from typer.testing import CliRunner

from exovigil.cli import install
from exovigil.cli.app import app
from exovigil.cli.demo import command
from exovigil.governance.models import AuditEvent, Site
from exovigil.signals.models import WatchRun
from exovigil.web.secrets import load_secrets

pytestmark = pytest.mark.django_db
run = CliRunner()
WANTED = install.Installation("Oakfield", "OAK", "gb", "admin@oak.example", "a-long-enough-password")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"site": " "}, "Give the site a name"),
        ({"code": "OAKFIELD-SKIN-CLINIC"}, "up to 12 letters"),
        ({"code": "A/B"}, "up to 12 letters"),
        ({"code": ""}, "up to 12 letters"),
        ({"country": "Britain"}, "two letters"),
        ({"email": "nobody"}, "valid email"),
        ({"password": "password1234"}, "too common"),
    ],
)
def test_a_registry_is_not_prepared_for_a_site_that_cannot_be(change, words, monkeypatch):
    monkeypatch.setattr(install, "prepare_tables", lambda: None)
    assert words in install.install(dataclasses.replace(WANTED, **change))
    assert not Site.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("day", "words"),
    [("2099-01-01", "looks back, not ahead"), ("2026-02-30", "write the day as"), ("soon", "day")],
)
def test_the_watch_of_a_day_that_cannot_be_is_no_alarm(day, words):
    told = run.invoke(app, ["watch", "--as-of", day])
    assert told.exit_code == 2
    assert words in " ".join(told.stderr.split())
    assert "Traceback" not in told.stderr
    assert not WatchRun.objects.exists()


def test_a_port_that_is_taken_or_none_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = [_serve("127.0.0.1", taken.getsockname()[1]), _serve("127.0.0.1", 99999)]
    assert "is taken by another program. Name another one with --port" in told[0]
    assert "Name one from 1024 to 65535" in told[1]
    assert "may not listen on 203.0.113.7" in _serve("203.0.113.7", 8000)


def _serve(host: str, port: int) -> str:
    told = run.invoke(app, ["serve", "--host", host, "--port", str(port)])
    assert told.exit_code == 1
    return " ".join(told.stderr.split())


def test_the_demonstration_never_takes_the_place_of_a_registry(tmp_path, monkeypatch):
    """It once did: whatever stood in its directory was replaced, secrets and all."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(command, "build", lambda *_: pytest.fail("it was built"))
    kept = tmp_path / "registry.sqlite3"
    kept.write_bytes(b"patients")
    for taken in (tmp_path, kept):
        told = run.invoke(app, ["demo", "--once", "--data", str(taken)])
        assert told.exit_code == 1
        assert "holds something that is no demonstration" in " ".join(told.stderr.split())
    assert kept.read_bytes() == b"patients"


def test_the_secrets_are_on_the_disk_before_they_can_be_used(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(os, "fsync", lambda file: done.append(os.fstat(file).st_size))
    link = os.link
    monkeypatch.setattr(os, "link", lambda *names: (done.append("named"), link(*names)))
    key, field_keys = load_secrets(tmp_path, "", [])
    size = (tmp_path / "secrets.json").stat().st_size
    assert done == [size, "named"]
    assert load_secrets(tmp_path, "", []) == (key, field_keys)
