"""Every page that a role can reach by following links, wide, narrow and dark: whole, named, in order, in reach.

The walk starts from the addresses of the permission table that need no arguments and follows links; of each
address in the table the first example found is looked at.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve, reverse
from playwright.sync_api import Browser, Page

from tests.browser.steps import PHONE, look, sign_in, visitor
from tests.web.permission_table import ROLES, ROWS
from tests.world import Served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Files, and pages that a member without a second factor never sees.
NO_PAGE = {
    "clinic:consent-pdf",
    "vigilance:form-file",
    "clinic:photo",
    "dossier:pdf",
    "dossier:studies-csv",
    "health",
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_view_recovery_codes",
    "vigilance:report-file",
}
ALIKE_FOR_ALL = ("evidence:", "dossier:")  # looked at as the reviewer, who may do the most there
# Pages that the first example found may not link to, since they wait for another step or a blocked lot.
FURTHER = {
    "clinic:patient": ("screening/", "consent/", "treat/"),
    "catalogue:lot": ("quarantine/", "override/", "expiry/", "stock/remove/"),
}
REACHED = {
    "clinician": {
        "clinic:patient",
        "clinic:screen",
        "clinic:consent",
        "clinic:treat",
        "clinic:follow-up",
        "clinic:treatment",
    },
    "safety_officer": {
        "vigilance:case",
        "vigilance:naranjo",
        "signals:stream",
        "catalogue:lot",
        "catalogue:product",
    },
    "reviewer": {"evidence:study", "evidence:condition", "dossier:dossier", "signals:stream"},
    "administrator": {"governance:audit", "governance:members", "catalogue:product", "mfa_index"},
}
FAULTS = """() => {
  const faults = [], say = (what, e) => faults.push(what + ": " + (e.outerHTML || e).slice(0, 110));
  const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")];
  if (headings.filter(h => h.tagName === "H1").length !== 1) faults.push("not exactly one h1");
  headings.reduce((last, h) => {
    if (+h.tagName[1] > last + 1) say("heading skips a level", h);
    return +h.tagName[1];
  }, 0);
  for (const e of document.querySelectorAll("table:not([aria-label], [aria-labelledby])"))
    if (!e.caption) say("table without a name", e);
  const inline = "[style]:not([style='']), style, script:not([src])"; // the screenshots leave style='' behind
  for (const e of document.querySelectorAll(inline)) say("inline style or script", e);
  for (const e of document.querySelectorAll("a, button, input, select, textarea, summary")) {
    const box = e.getBoundingClientRect();
    if (!box.width || e.type === "hidden" || e.matches(".skip, label *, .visually-hidden *")) continue;
    if (e.tagName === "A" && getComputedStyle(e).display === "inline") continue; // a link in a sentence
    if (box.width < 24 || box.height < 24) say("target under 24 px", e);
    if (e.matches(".button:not(.slim)") && box.height < 44) say("main action under 44 px", e);
  }
  return faults;
}"""


def faults_of(page: Page, name: str) -> list[str]:
    """What is wrong with a page, in light and dark, wide and narrow."""
    found = [f"{name}: {fault}" for fault in page.evaluate(FAULTS)]
    try:
        look(page, name)
    except AssertionError as error:
        found.append(str(error)[:900])
    page.set_viewport_size(PHONE)
    found += [f"{name}, phone: {fault}" for fault in page.evaluate(FAULTS)]
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    dark = Axe().run(page, options={"runOnly": ["color-contrast"]})
    if dark.violations_count:
        found.append(f"{name}, dark: {dark.generate_report()[:900]}")
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


def name_of(path: str) -> str:
    """Name of an address in the permission table, or nothing for what is not a page of ours."""
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


def may_open(who: str, name: str) -> bool:
    return any(row.name == name and who in row.roles for row in ROWS)


def links_on(page: Page) -> Iterator[str]:
    for address in page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)"):
        parts = urlsplit(address)
        if parts.netloc == urlsplit(page.url).netloc:
            yield parts.path


def walk(page: Page, world: Served, starts: list[str], who: str) -> tuple[set[str], list[str]]:
    """Look at one example of every page that can be reached; return their names and all faults."""
    waiting, seen, faults = list(starts), set(), []
    while waiting:
        path = waiting.pop(0)
        name = name_of(path)
        if not name or name in seen or name in NO_PAGE:
            continue
        if name.startswith(ALIKE_FOR_ALL) and who != "reviewer":
            continue
        seen.add(name)
        response = page.goto(world.address + path)
        assert response.status == 200, f"{who}: {path} answers {response.status}"
        faults += faults_of(page, f"page-{who}-{re.sub('[^a-z_-]', '-', name)}")
        waiting += links_on(page)
        waiting += [path + end for end in FURTHER.get(name, ()) if may_open(who, name_of(path + end))]
    return seen, faults


@pytest.mark.parametrize("role", ROLES.values())
def test_every_page_of_a_role(browser: Browser, world: Served, role: str) -> None:
    page = visitor(browser)
    sign_in(page, world, role.replace("_", " "))
    mine = [
        reverse(row.name)
        for row in ROWS
        if row.method == "get" and not row.arguments and not row.public and role in row.roles
    ]
    seen, faults = walk(page, world, mine, role)
    assert faults == [], "\n".join(faults)
    assert REACHED[role] <= seen


def test_every_page_of_nobody(browser: Browser, world: Served) -> None:
    public = [reverse(row.name) for row in ROWS if row.method == "get" and row.public and not row.arguments]
    page = visitor(browser)
    faults = walk(page, world, public, "nobody")[1]
    page.goto(world.address + world.note["patient_link"])
    faults += faults_of(page, "page-patient-how")
    page.get_by_role("button", name="Something is wrong").click()
    faults += faults_of(page, "page-patient-which")
    assert faults == [], "\n".join(faults)


def test_on_a_phone_the_whole_menu_is_in_sight(browser: Browser, world: Served) -> None:
    page = visitor(browser, PHONE)
    sign_in(page, world, "safety officer")
    for link in page.locator("nav.menu a").all():
        box = link.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
        assert box["height"] >= 44


def test_the_keyboard_shows_where_it_is(browser: Browser, world: Served) -> None:
    page = visitor(browser)
    page.goto(f"{world.address}/account/login/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    for _ in range(4):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outline")
        assert "solid" in outline
        assert "3px" in outline


def test_a_tap_on_the_drawing_ticks_its_box(browser: Browser, world: Served) -> None:
    page = visitor(browser)
    sign_in(page, world, "safety officer")
    page.goto(f"{world.address}/cases/")
    page.locator("#listing tbody a").last.click()
    page.goto(f"{page.url}what-happened/")
    chin, box = page.locator("[data-region=chin]"), page.locator("input[value=chin]")
    before = box.is_checked()
    chin.click()
    assert box.is_checked() is not before
    assert chin.evaluate("e => e.classList.contains('on')") is not before
    box.click()
    assert chin.evaluate("e => e.classList.contains('on')") is before


def test_colours_forced_by_the_reader_leave_states_to_be_seen(browser: Browser, world: Served) -> None:
    page = visitor(browser)
    sign_in(page, world, "safety officer")
    page.emulate_media(forced_colors="active")
    page.goto(f"{world.address}/watch/")
    edge = "e => { const s = getComputedStyle(e); return s.borderBottomStyle + ' ' + parseFloat(s.borderBottomWidth); }"
    style, width = page.locator(".status").first.evaluate(edge).split()
    assert style == "solid"
    assert float(width) >= 1
    current, other = (
        page.locator(f"nav.menu a{which}").first.evaluate("e => getComputedStyle(e).borderBottomColor")
        for which in ("[aria-current]", ":not([aria-current])")
    )
    assert current != other
