"""What every journey does: sign in, fill in, look."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.world import Served

SHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


def visitor(browser: Browser, size: dict[str, int] = DESKTOP) -> Page:
    """A fresh visitor; a page that logs an error to the console fails the test at the next look."""
    page = browser.new_context(viewport=size, locale="en-GB", accept_downloads=True).new_page()
    page.set_default_timeout(10_000)
    page.console_errors = []
    page.on("console", lambda message: _note(page, message))
    return page


def _note(page: Page, message: ConsoleMessage) -> None:
    refused = "status of 422" in message.text  # a form sent back to be corrected
    if message.type == "error" and not refused:
        page.console_errors.append(message.text)


def sign_in(page: Page, world: Served, role: str) -> None:
    """Sign in through the form."""
    page.goto(f"{world.address}/account/login/")
    page.fill("input[name=login] >> visible=true", world.email_of(role))
    page.fill("input[name=password] >> visible=true", world.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{world.address}/")


def look(page: Page, name: str) -> None:
    """Take pictures wide and narrow; no axe violation, nothing wider than a phone, nothing on the console."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    for size, suffix in ((DESKTOP, "wide"), (PHONE, "phone")):
        page.set_viewport_size(size)
        page.screenshot(path=SHOTS / f"{name}-{suffix}.png", full_page=True)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], f"{name} is {width} px wide on {size['width']} px"
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}, {suffix}: {found.generate_report()}"
    page.set_viewport_size(before)
    assert page.console_errors == [], f"{name}: {page.console_errors}"


def answer(page: Page, **answers: str) -> None:
    """Fill in fields by name: text, a date, a choice, a radio button or, with a list, checkboxes."""
    for name, value in answers.items():
        field = page.locator(f'main [name="{name}"]').first
        kind = field.evaluate("e => e.type")
        if isinstance(value, list):
            for one in value:
                page.check(f'main [name="{name}"][value="{one}"]')
        elif kind == "radio":
            page.check(f'main [name="{name}"][value="{value}"]')
        elif kind == "select-one":
            field.select_option(value)
        else:
            field.fill(value)


def press(page: Page, label: str) -> None:
    """Press a button or follow a link by its words."""
    page.locator("main").get_by_role("button", name=label, exact=True).or_(
        page.locator("main").get_by_role("link", name=label, exact=True)
    ).first.click()


def says(page: Page, *words: str) -> None:
    """The page says all of these, wherever and however capitalised."""
    text = page.locator("main").inner_text()
    for word in words:
        assert word.casefold() in text.casefold(), f"{word!r} is not on {page.url}:\n{text[:1500]}"
