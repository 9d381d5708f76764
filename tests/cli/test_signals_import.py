"""``exovigil signals import``: what it says, in words and as JSON, and how it refuses."""

import json

from typer.testing import CliRunner

from exovigil.cli.app import app
from exovigil.signals.store import open_store
from tests.signals.store.quarters import REAC, lines, quarter, reac

run = CliRunner()


def test_it_tells_every_file_quirk_and_rejected_row(tmp_path):
    path = quarter(tmp_path / "q.zip", REAC=b"\xef\xbb\xbf" + lines(REAC, reac("10000001"), "1$2"))
    said = run.invoke(
        app, ["signals", "import", "--store", str(tmp_path / "s"), "--format", "faers", str(path)]
    )
    assert said.exit_code == 0
    assert "q.zip/ascii/REAC17Q2.txt: 2 rows read, 1 kept" in said.stdout
    assert "rejected: 1 × too few fields (first on line 3)" in said.stdout
    assert "met: 1 × byte-order mark — left out" in said.stdout
    assert "2 reports added, 0 taken out" in said.stdout
    assert open_store(tmp_path / "s").snapshot in said.stdout


def test_both_mini_zips_tell_their_quirks_as_json(tmp_path, shared):
    paths = sorted((shared / "data/signals/layouts").glob("*.zip"))
    asked = [
        "signals",
        "import",
        "--store",
        str(tmp_path / "s"),
        "--format",
        "faers",
        *map(str, paths),
        "--json",
    ]
    told = json.loads(run.invoke(app, asked).stdout)
    met = {quirk["quirk"] for file in told["files"] for quirk in file["quirks"]}
    assert met == {
        "renamed column", "unnamed last column", "column not read", "lot not known", "several lots in one field",
        "1 January, perhaps the year only", "country not specified",
    }  # fmt: skip
    assert told["reports"] == {"read": 200, "kept": 200}
    assert told["snapshot"] == open_store(tmp_path / "s").snapshot


def test_a_refused_file_is_exit_code_one_with_file_and_line(tmp_path):
    path = quarter(tmp_path / "q.zip", REAC=lines(REAC, reac("10000001")) + b"1$\x00$")
    said = run.invoke(
        app, ["signals", "import", "--store", str(tmp_path / "s"), "--format", "faers", str(path)]
    )
    assert said.exit_code == 1
    assert "q.zip/ascii/REAC17Q2.txt, line 3:" in " ".join(said.stderr.split())


def test_wrong_use_is_exit_code_two(tmp_path):
    path = str(quarter(tmp_path / "q.zip"))
    store = ["signals", "import", "--store", str(tmp_path / "s"), "--format"]
    assert run.invoke(app, [*store, "xls", path]).exit_code == 2
    assert run.invoke(app, [*store, "faers"]).exit_code == 2
    assert run.invoke(app, [*store, "registry", path]).exit_code == 2
    assert run.invoke(app, [*store, "table", path, "--report", "id"]).exit_code == 2


def test_a_table_is_named_after_its_file_unless_told_otherwise(tmp_path):
    path = tmp_path / "clinic.csv"
    path.write_text("id,drug,event\n1,A,Nodule\n")
    asked = ["signals", "import", "--store", str(tmp_path / "s"), "--format", "table", str(path)]
    named = ["--report", "id", "--product", "drug", "--reaction", "event"]
    assert run.invoke(app, [*asked, *named]).exit_code == 0
    assert open_store(tmp_path / "s").reports().to_pyarrow().to_pylist()[0]["source"] == "clinic"
