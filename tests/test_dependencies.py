"""What is declared is used, and what is imported is declared; why each is there stands in decision 2."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DECLARED = {re.split(r"[\[<>=~!]", line)[0].lower() for line in PROJECT["dependencies"]}
# Named in the settings as text, or found by another package, without an import in our code.
BY_NAME = {
    "django-axes": "axes",
    "django-csp": "csp",
    "django-htmx": "django_htmx",
    "whitenoise": "whitenoise",
    "argon2-cffi": "Argon2PasswordHasher",
}


def modules_of(distribution: str) -> set[str]:
    """Top-level modules that an installed package brings."""
    return {
        module
        for module, found in importlib.metadata.packages_distributions().items()
        if distribution in {name.lower().replace("_", "-") for name in found}
    }


def imported() -> set[str]:
    """Top-level modules that the package imports."""
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_every_declared_package_is_used(name):
    if name in BY_NAME:
        assert BY_NAME[name] in (ROOT / "src/exovigil/web/settings.py").read_text(encoding="utf-8")
    else:
        assert modules_of(name) & imported()


def test_every_import_is_declared():
    extras = {
        re.split(r"[\[<>=~!]", line)[0].lower()
        for lines in PROJECT["optional-dependencies"].values()
        for line in lines
    }
    known = {module for name in DECLARED | extras for module in modules_of(name)}
    foreign = imported() - set(sys.stdlib_module_names) - {"exovigil"}
    assert foreign - known == set()


def test_the_requirements_and_the_decision_name_the_same_packages():
    lines = (ROOT / "requirements/runtime.in").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert wanted == PROJECT["dependencies"]
    decision = (ROOT / "docs/decisions/0002-dependencies.md").read_text(encoding="utf-8").lower()
    known_as = {"vl-convert-python": "vl-convert"}
    assert [name for name in sorted(DECLARED) if known_as.get(name, name) not in decision] == []
