"""Reports: cases a second for generating, checking and validating on one core, and a batch of 2,000.

The floor of the same run is lxml's own validation of the same files: what is above it is writing and rules.
``EXOVIGIL_E2B_SCHEMAS`` names the folder of the ICH schema set; ``EXOVIGIL_E2B_CASES`` how many random cases to
check (10,000 unless told otherwise).
"""

import io
import os
import resource
import time
from pathlib import Path

from lxml import etree

from exovigil.vigilance.e2b.checker import check
from exovigil.vigilance.e2b.record import Record
from exovigil.vigilance.e2b.writer import write_messages, write_record_file
from tests.vigilance.e2b_random import random_batch

_SHARED = Path(__file__).parents[1].parent / "shared/data/e2b/schemas"
SCHEMAS = Path(os.environ.get("EXOVIGIL_E2B_SCHEMAS", _SHARED))
CASES = int(os.environ.get("EXOVIGIL_E2B_CASES", "10000"))
BATCH = 2_000


def seeded_cases() -> None:
    """Write, check and validate random cases; the time of making them up is left out."""
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "multicacheschemas" / "MCCI_IN200100UV01.xsd"))
    ours = floor = 0.0
    findings = 0
    for seed in range(CASES):
        batch = random_batch(seed)
        start = time.process_time()
        data = write_record_file(batch)
        findings += len(check(data, schemas=SCHEMAS))
        ours += time.process_time() - start
        start = time.process_time()
        schema.validate(etree.fromstring(data))
        floor += time.process_time() - start
    print(
        f"{CASES:,} random cases over the whole core: {findings} findings, {CASES / ours:.0f} cases/s written, "
        f"checked and validated, {ours / floor:.1f} x the floor of parsing and validating ({CASES / floor:.0f}/s)"
    )


def large_batch() -> None:
    """Write a batch message by message and give its time and the most memory it took."""
    messages: list[Record] = [m for seed in range(50) for m in random_batch(seed).inner["message"]]
    target, before = io.BytesIO(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    header = Record("batch", random_batch(1).held)
    start = time.process_time()
    write_messages(target, header, (messages[place % len(messages)] for place in range(BATCH)))
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = target.tell() / 1024 / 1024
    print(
        f"a batch of {BATCH:,} ({size:.0f} MB): {seconds:.1f} CPU s, peak {peak / 1024:.0f} MB "
        f"({(peak - before) / 1024:.0f} MB more than before, the file itself among them)"
    )


def main() -> None:
    if not SCHEMAS.is_dir():
        print(f"the ICH schema set is not at {SCHEMAS}; set EXOVIGIL_E2B_SCHEMAS")
        return
    large_batch()
    seeded_cases()


if __name__ == "__main__":
    main()
