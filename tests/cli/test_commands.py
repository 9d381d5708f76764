"""The command line: exit codes, words and JSON."""

import json
from pathlib import Path

import pytest
from django.db import connection
from typer.testing import CliRunner

from exovigil import __version__
from exovigil.cli.app import app
from exovigil.governance import audit
from exovigil.governance.actors import system
from exovigil.vigilance.e2b.writer import write
from tests import tiny_meddra
from tests.vigilance.test_e2b_model import batch, minimal_case

run = CliRunner()


def test_it_says_its_version():
    assert run.invoke(app, ["version"]).stdout.strip() == __version__


def test_wrong_use_is_exit_code_two():
    assert run.invoke(app, ["nonsense"]).exit_code == 2
    assert run.invoke(app, ["report", "check", "/no/such/file.xml"]).exit_code == 2
    assert run.invoke(app, ["signals", "critical-value", "--upper-limit", "-3"]).exit_code == 2


def test_a_critical_value_agrees_with_the_published_one():
    found = run.invoke(
        app, ["signals", "critical-value", "--upper-limit", "10", "--alpha", "0.05", "--min-events", "2"]
    )
    assert float(found.stdout) == pytest.approx(3.238009, abs=1e-5)
    as_json = run.invoke(app, ["signals", "critical-value", "--upper-limit", "1", "--json"])
    assert json.loads(as_json.stdout)["value"] == pytest.approx(2.853937, abs=1e-5)


def test_a_file_that_is_no_report_gives_findings_and_exit_code_one(tmp_path: Path):
    file = tmp_path / "not-a-report.xml"
    file.write_text("<hello/>")
    found = run.invoke(app, ["report", "check", str(file), "--json"])
    assert found.exit_code == 1
    assert json.loads(found.stdout)[0]["file"] == str(file)


def test_a_folder_without_schemas_is_wrong_use(tmp_path: Path):
    file = tmp_path / "report.xml"
    file.write_bytes(write(batch(minimal_case())))
    assert run.invoke(app, ["report", "check", str(file)]).exit_code == 0
    missing = run.invoke(app, ["report", "check", str(file), "--schemas", str(tmp_path)])
    assert missing.exit_code == 2
    assert "schema" in missing.stderr


@pytest.mark.django_db
def test_verify_finds_a_row_altered_with_triggers_dropped():
    for number in range(3):
        audit.record("test.happened", by=system(), number=number)
    whole = run.invoke(app, ["verify", "--json"])
    assert whole.exit_code == 0
    assert json.loads(whole.stdout)["events"] == 3
    on_table = " ON governance_auditevent" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER auditevent_no_update{on_table}")
        cursor.execute("UPDATE governance_auditevent SET actor = 'user:9' WHERE position = 2")
    broken = run.invoke(app, ["verify"])
    assert broken.exit_code == 1
    assert "broken at event 2" in broken.stdout


def test_meddra_is_imported_from_a_folder_or_a_zip_and_a_wrong_line_is_named(tmp_path: Path, site):
    for name, text in tiny_meddra.files().items():
        (tmp_path / name).write_text(text)
    done = run.invoke(app, ["import-meddra", str(tmp_path), "--site", site.code])
    assert done.exit_code == 0
    assert "MedDRA 90.1, English was imported" in done.stdout
    packed = tmp_path / "newer.zip"
    packed.write_bytes(tiny_meddra.packed(version="90.2"))
    assert "MedDRA 90.2" in run.invoke(app, ["import-meddra", str(packed), "--site", site.code]).stdout
    (tmp_path / "llt.asc").write_text("nonsense")
    wrong = run.invoke(app, ["import-meddra", str(tmp_path), "--site", site.code])
    assert wrong.exit_code == 1
    assert "llt.asc, line 1" in wrong.output
    nowhere = run.invoke(app, ["import-meddra", str(tmp_path), "--site", "nowhere"])
    assert nowhere.exit_code == 1
