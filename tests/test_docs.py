"""The reference pages say what the content files and the code say, and links between pages lead somewhere."""

import re
from pathlib import Path

import pytest
import typer

from docs.build import REFERENCE, pages
from exovigil.cli.app import app
from exovigil.governance.roles import MEMBER_ROLES, Permission

ROOT = Path(__file__).resolve().parents[1]
WRITTEN = [
    path
    for path in sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))
    if ".venv" not in path.parts
]
LINK = re.compile(r"\]\(([^()\s]+)\)")


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


def test_no_reference_page_is_stale_missing_or_left_over(made):
    kept = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md")}
    stale = sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))
    assert stale == [], "run: make docs"


def test_every_command_is_documented(made):
    def names(command, prefix):
        for key, found in getattr(command, "commands", {}).items():
            yield from names(found, f"{prefix} {key}") if hasattr(found, "commands") else [f"{prefix} {key}"]

    found = list(names(typer.main.get_command(app), "exovigil"))
    assert len(found) > 5
    assert [name for name in found if f"\n## `{name}`\n" not in made["commands.md"]] == []


def test_every_role_and_permission_is_documented(made):
    for role in MEMBER_ROLES.values():
        assert f"| {role.display_name} | `{role.key}` | {role.description} |" in made["roles.md"]
    for permission in Permission:
        assert f"\n| {permission.value} |" in made["roles.md"]


@pytest.mark.parametrize(
    "name", ["selection.md", "release-tests.md", "care-pathway.md", "causality.md", "e2b-elements.md"]
)
def test_every_row_of_a_content_page_has_a_source_and_how_far_it_was_read(made, name):
    body = made[name].split("## Sources")[0]
    rows = [line for line in body.splitlines() if line.startswith("| ")]
    with_source, depth = (
        0,
        re.compile(r"\((full text|excerpt|abstract|secondary|background|design)[^)]*\)[^|]*\|$"),
    )
    for line in rows:
        if line.rstrip(" |").endswith("Source"):
            continue
        assert depth.search(line), line
        with_source += 1
    assert with_source >= 10


@pytest.mark.parametrize("path", WRITTEN, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_inside_the_repository_lead_somewhere(path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    broken = []
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        aimed = (path.parent / file).resolve() if file else path
        if not aimed.exists() or (anchor and anchor not in anchors(aimed)):
            broken.append(target)
    assert broken == []


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}
