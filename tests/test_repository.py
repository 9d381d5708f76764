"""Rules about the repository itself."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
TEMPLATES = sorted((ROOT / "src").rglob("*.html"))
STATIC = ROOT / "src/exovigil/web/static/house"


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [p for p in SOURCES if "migrations" not in p.parts], ids=relative)
def test_no_source_file_is_longer_than_400_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_no_template_has_inline_script_or_style(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert "<style" not in text
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)


def test_no_page_ships_more_than_60_kb_of_script():
    import django_htmx

    htmx = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"
    own = sum(path.stat().st_size for path in STATIC.glob("*.js"))
    assert htmx.stat().st_size + own <= 60 * 1024


@pytest.mark.parametrize(
    "room", ["catalogue", "clinic", "vigilance", "signals", "evidence", "dossier", "statistics"]
)
def test_each_room_says_what_lives_there(room):
    text = (ROOT / f"src/exovigil/{room}/__init__.py").read_text(encoding="utf-8")
    assert len(text) > 120
    assert text.startswith('"""')


WRITES = re.compile(
    r"\.(create|bulk_create|update_or_create|get_or_create|bulk_update|delete)\(|\.save\((?:\)|update_fields|force_insert|using)"
)
MAY_WRITE = {"actions.py", "audit.py", "action.py", "models.py"}


@pytest.mark.parametrize("path", [p for p in SOURCES if "migrations" not in p.parts], ids=relative)
def test_rows_are_written_in_actions_only(path):
    in_actions = "actions" in path.parts or path.name in MAY_WRITE
    if in_actions or "statistics" in path.parts or "foundation" in path.parts:
        return
    found = [line for line in path.read_text(encoding="utf-8").splitlines() if WRITES.search(line)]
    assert not found


# Each of these is named, with what crosses, in docs/decisions/0004-sites-and-the-network.md.
MAY_LEAVE_THE_SCOPE = {
    "governance/scoping.py",
    "governance/action.py",
    "governance/queries.py",
    "clinic/links.py",
    "clinic/queries/network.py",
    "vigilance/queries/network.py",
    "signals/queries/duplicates.py",
}
LEAVING = re.compile(r"scopes_disabled|_base_manager|DisabledQuerySet")


def test_only_the_named_places_read_beyond_the_sites_in_scope():
    package = ROOT / "src/exovigil"
    found = {
        str(path.relative_to(package))
        for path in SOURCES
        if "migrations" not in path.parts and LEAVING.search(path.read_text(encoding="utf-8"))
    }
    assert found == MAY_LEAVE_THE_SCOPE


def test_the_decision_names_every_read_that_leaves_the_scope():
    text = (ROOT / "docs/decisions/0004-sites-and-the-network.md").read_text(encoding="utf-8")
    reads = [
        f"{module.split('/')[0]}.queries.{name}"
        for module in ("clinic/queries/network.py", "vigilance/queries/network.py")
        for name in re.findall(
            r"^def ([a-z]\w+)", (ROOT / "src/exovigil" / module).read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert len(reads) == 10
    assert [name for name in reads if f"`{name}`" not in text] == []


def test_the_rows_that_cross_sites_hold_nothing_that_names_a_patient():
    from exovigil.clinic.queries import ExperienceRow, ExposureRow
    from exovigil.vigilance.queries import AffectedCount, ReactionCount, ReactionRow

    named = {
        ExposureRow: {"treated_on", "product_id", "lot_id", "site_code", "route"},
        ExperienceRow: {"indication", "source_class", "treatments", "answers", "answered"},
        ReactionCount: {"indication", "source_class", "term", "cases"},
        AffectedCount: {"indication", "source_class", "treatments"},
        ReactionRow: {
            *("case_id", "case_number", "site_id", "site_code", "product_id", "lot_id", "term"),
            *("treated_on", "onset", "received_on", "patient_key", "sex", "birth_year"),
            *("worldwide", "numbers", "linked"),  # numbers of reports: of a case, never of a person
        },
    }
    for row, fields in named.items():
        assert set(row.__slots__) == fields


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_nothing_tracked_names_a_registry_of_packages_or_a_machine():
    forbidden = (
        "pypi" + ".org",
        "files.python" + "hosted",
        "/ro" + "ot/",
        "/wo" + "rk/",
        "registry.npm" + "js",
    )
    for path in tracked():
        text = path.read_text(encoding="utf-8", errors="ignore")
        for word in forbidden:
            assert word not in text, f"{relative(path)} holds {word}"
