"""Answer a follow-up again and again while the registry's file may not grow: ``python -m tests.faults.full_disk``.

Takes the data directory and the address of a patient's page; prints what happened as JSON.
"""

import json
import os
import re
import sys
from html import unescape
from pathlib import Path

from exovigil.cli.setup import open_registry

MOST = 60


def main(data: Path, page: str) -> None:
    """Send until it is refused for want of room, then once more with room again."""
    os.environ["EXOVIGIL_LOG_LEVEL"] = "CRITICAL"
    open_registry(data)
    from django.db import connection
    from django.test import Client

    client = Client(raise_request_exception=False)

    def send(words: str):
        sent = [{"step": "which", "something_else": "on"}, {"step": "when", "words": words}]
        response = client.get(page)
        for answers in ({"step": "how", "skin": "wrong"}, *sent):
            found = re.search(r'name="carried" value="([^"]+)"', response.content.decode())
            assert found
            response = client.post(page, answers | {"carried": unescape(found[1])})
        return response

    def pragma(statement: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {statement}")
            return int(cursor.fetchone()[0])

    pragma(f"max_page_count = {pragma('page_count') + 4}")
    kept, refused = 0, None
    while refused is None and kept < MOST:
        response = send("x" * 3000)
        if response.status_code == 200:
            kept += 1
        else:
            refused = response
    assert refused is not None, "the disk was never full"
    pragma("max_page_count = 1073741823")
    after = send("y").status_code
    told = {"kept": kept, "tried": kept + 1, "refusal": refused.status_code, "after": after}
    print(json.dumps({**told, "words": refused.content.decode()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
