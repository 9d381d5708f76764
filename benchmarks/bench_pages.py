"""How long the demonstration's pages take on a warm server, against the health page of the same run.

Target: 150 ms at the median. The floor is an answer that touches neither database nor template.
"""

import re
import statistics
import time
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode

from tests.world import Served, demonstration

TARGET_MS = 150
ROUNDS = 15
# "list > pattern" is the first page on a list whose address fits the pattern.
PAGES = {
    "clinician": (
        "/",
        "/patients/",
        r"/patients/ > /patients/\d+/",
        "/follow-ups/",
        r"/follow-ups/ > /follow-ups/\d+/",
        "/products/",
        r"/products/ > /products/\d+/",
    ),
    "safety officer": (
        "/",
        "/cases/",
        r"/cases/ > /cases/\d+/",
        "/watch/",
        r"/watch/ > /watch/streams/\d+/",
        "/watch/duplicates/",
        r"/watch/ > /watch/alarms/\d+/decide/",
    ),
    "reviewer": (
        "/",
        "/evidence/",
        "/evidence/studies/",
        "/evidence/harms/",
        "/dossiers/",
        "/dossiers/skin_ageing/human/",
    ),
    "administrator": ("/", "/governance/members/", "/governance/audit/"),
}


class Visitor:
    """A browser without a screen: keeps cookies, follows redirects."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open

    def get(self, path: str) -> str:
        with self.open(self.address + path) as answer:
            return answer.read().decode()

    def sign_in(self, email: str, password: str) -> None:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get("/account/login/"))
        assert token
        form = {"csrfmiddlewaretoken": token[1], "login": email, "password": password}
        self.open(self.address + "/account/login/", urlencode(form).encode()).read()

    def find(self, wanted: str) -> str:
        """The address itself, or the first one on a list that fits."""
        start, _, pattern = wanted.partition(" > ")
        if not pattern:
            return start
        found = re.search(rf'href="({pattern})"', self.get(start))
        if not found:
            raise LookupError(f"no {pattern} on {start}")
        return found[1]

    def milliseconds(self, path: str) -> float:
        """Median of several visits, after one that warms."""
        self.get(path)
        taken = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            self.get(path)
            taken.append((time.perf_counter() - start) * 1000)
        return statistics.median(taken)


def main() -> None:
    with demonstration() as world:
        floor = Visitor(world.address).milliseconds("/health/")
        print(f"  floor (health page): {floor:.1f} ms")
        medians = [ms for role in PAGES for ms in _role(world, role, floor)]
        print(
            f"  median over {len(medians)} pages {statistics.median(medians):.0f} ms, slowest {max(medians):.0f} ms; "
            f"target {TARGET_MS} ms: {'met' if statistics.median(medians) <= TARGET_MS else 'MISSED'}"
        )


def _role(world: Served, role: str, floor: float) -> list[float]:
    visitor = Visitor(world.address)
    visitor.sign_in(world.email_of(role), world.password)
    found = []
    for wanted in PAGES[role]:
        path = visitor.find(wanted)
        ms = visitor.milliseconds(path)
        print(f"  {role:<15} {path:<32} {ms:7.1f} ms  {ms / floor:6.1f} × floor")
        found.append(ms)
    return found
