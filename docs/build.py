"""Make ``docs/reference/`` from the content files and the code: ``python -m docs.build``."""

import os
import tempfile
from pathlib import Path

REFERENCE = Path(__file__).parent / "reference"


def pages() -> dict[str, str]:
    """Return every reference page by file name; Django must be set up."""
    from docs import code_pages as code
    from docs import content_pages as content
    from docs import regime_pages as regime

    made = {
        "selection.md": content.selection_questions(),
        "follow-up.md": content.follow_up_schedule(),
        "solicited-reactions.md": content.solicited_reactions(),
        "release-tests.md": content.release_tests(),
        "seriousness.md": content.seriousness_criteria(),
        "seriousness-in-each-regime.md": regime.regime_seriousness(),
        "who-must-hear.md": regime.regimes(),
        "care-pathway.md": content.care_pathway(),
        "causality.md": content.causality_methods(),
        "reaction-classes.md": content.reaction_classes(),
        "watch-designs.md": content.watch_design(),
        "e2b-elements.md": content.e2b_elements(),
        "e2b-r2.md": content.e2b_r2(),
        "roles.md": code.roles_and_permissions(),
        "privacy.md": code.privacy_classes(),
        "commands.md": code.commands(),
    }
    titles = {name: text.split("\n", 1)[0].removeprefix("# ") for name, text in made.items()}
    lines = "\n".join(f"- [{title}]({name})" for name, title in titles.items())
    head = "# Reference\n\nMade by `make docs` from the content files and the code; a test fails when a page is stale."
    return {"README.md": f"{head}\n\n{lines}\n", **made}


def build() -> list[Path]:
    """Write every page and take away those that are no longer made; returns the files that changed."""
    REFERENCE.mkdir(exist_ok=True)
    changed, made = [], pages()
    for name, text in made.items():
        path = REFERENCE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    for path in REFERENCE.glob("*.md"):
        if path.name not in made:
            path.unlink()
            changed.append(path)
    return changed


def main() -> None:
    """Set up the registry's code with an empty data directory, and build."""
    with tempfile.TemporaryDirectory() as data:
        os.environ["EXOVIGIL_DATA"] = data
        os.environ["DJANGO_SETTINGS_MODULE"] = "exovigil.web.settings"
        import django

        django.setup()
        changed = build()
    print("\n".join(str(path) for path in changed) or "Every page is as the content files and the code say.")


if __name__ == "__main__":
    main()
