"""A real Chromium against the demonstration world, built and served by its own commands."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.world import Served, demonstration


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser, and keep the steps of the journey in order."""
    places = [index for index, item in enumerate(items) if item.path.name == "test_journey.py"]
    for place, step in zip(places, sorted((items[p] for p in places), key=lambda i: i.name), strict=True):
        items[place] = step
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("no Chromium on this machine; `make test` installs it where it may")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def world() -> Iterator[Served]:
    with demonstration() as served:
        yield served
