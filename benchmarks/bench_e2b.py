"""Reports: cases a second for generating, checking and validating on one core, and a batch of 2,000.

Times are CPU seconds. A case is *generated* (records to bytes) and *checked* (those bytes parsed safely, ICH schema,
every element against the table, references, ICH conditions and FDA rules); making up a random case is not timed.
What is checked is always the bytes that were written, read anew, and nothing of a case is kept from one check to
the next. The batch is written message by message and checked from the file, a few messages in memory at a time. The
floor of the same run is lxml's own parsing and validation of the same files; the peer is the PyPI package ``e2br3``
(parse and validate), which has neither rules nor a writer. ``EXOVIGIL_E2B_SCHEMAS`` names the folder of the ICH
schema set; ``EXOVIGIL_E2B_CASES`` how many random cases to check (10,000 unless told otherwise).
"""

import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from lxml import etree

from exovigil.vigilance.e2b.checker import check
from exovigil.vigilance.e2b.read_records import read_records
from exovigil.vigilance.e2b.record import Record
from exovigil.vigilance.e2b.writer import write, write_messages, write_record_file
from tests.vigilance.e2b_random import random_batch
from tests.vigilance.test_e2b_model import batch, full_case

_SHARED = Path(__file__).parents[1].parent / "shared/data/e2b"
SCHEMAS = Path(os.environ.get("EXOVIGIL_E2B_SCHEMAS", _SHARED / "schemas"))
CASES = int(os.environ.get("EXOVIGIL_E2B_CASES", "10000"))
BATCH = 2_000
PEER_CASES = 300


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one piece of work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def realistic_cases() -> None:
    """Our own full case and the regulator's samples: the best of 20 rounds, by case and by element."""
    samples = sorted((_SHARED / "samples").glob("FAERS2022Scenario*.xml"))
    small = [
        path for path in samples if path.stat().st_size < 1_000_000
    ]  # the mega sample carries 2 MB of files
    for name, records in (
        ("the registry's own full case", [read_records(write(batch(full_case())))]),
        (f"{len(small)} samples of FDA", [read_records(path) for path in small]),
    ):
        if records:
            _tell_rounds(name, records)


def _tell_rounds(name: str, records: list[Record]) -> None:
    files = [write_record_file(record) for record in records]
    size = sum(sum(1 for _ in etree.fromstring(file).iter()) for file in files) / len(files)
    check(files[0], schemas=SCHEMAS)
    written = min(seconds(lambda: [write_record_file(r) for r in records]) for _ in range(20)) / len(files)
    checked = min(seconds(lambda: [check(f, schemas=SCHEMAS) for f in files]) for _ in range(20)) / len(files)
    print(
        f"{name} ({size:.0f} XML elements): generated in {written * 1e3:.2f} ms, rules and schema "
        f"{checked * 1e3:.2f} ms: {1 / (written + checked):.0f} cases/s, "
        f"{(written + checked) / size * 1e6:.1f} us an element"
    )


def seeded_cases() -> None:
    """Write, check and validate random cases over the whole core; there must be no finding."""
    schema = _schema()
    written = checked = floor = 0.0
    findings = size = 0
    for seed in range(CASES):
        record = random_batch(seed)
        start = time.process_time()
        data = write_record_file(record)
        middle = time.process_time()
        findings += len(check(data, schemas=SCHEMAS))
        end = time.process_time()
        tree = etree.fromstring(data)
        schema.validate(tree)
        written, checked, floor = (
            written + middle - start,
            checked + end - middle,
            floor + time.process_time() - end,
        )
        size += sum(1 for _ in tree.iter())
    ours = written + checked
    print(
        f"{CASES:,} random cases over the whole core ({size / CASES:.0f} elements each): {findings} findings, "
        f"{CASES / ours:.0f} cases/s ({written / CASES * 1e3:.2f} ms generated, {checked / CASES * 1e3:.2f} ms rules "
        f"and schema; {ours / size * 1e6:.1f} us an element), {ours / floor:.1f} x the floor ({CASES / floor:.0f}/s)"
    )


def against_peer() -> None:
    """The same files through ours (rules and schema) and through ``e2br3`` (parse and schema)."""
    try:
        import e2br3  # a development dependency that may be absent
    except ImportError:
        print("e2br3 is not installed; no comparison")
        return
    files = [write_record_file(random_batch(seed)) for seed in range(PEER_CASES)]

    def peer(file: bytes) -> None:
        e2br3.parse(file)
        if e2br3.validate(file, SCHEMAS):
            raise AssertionError("the peer finds a fault in a valid file")

    check(files[0], schemas=SCHEMAS)
    peer(files[0])
    ours = seconds(lambda: [check(file, schemas=SCHEMAS) for file in files])
    theirs = seconds(lambda: [peer(file) for file in files])
    print(
        f"{PEER_CASES} cases read, checked by rules and validated: {PEER_CASES / ours:.0f}/s; e2br3 parse and "
        f"validate, without rules: {PEER_CASES / theirs:.0f}/s; ratio {theirs / ours:.1f}"
    )


def large_batch() -> None:
    """Generate a batch message by message into a file, then check it: time and the most memory of both."""
    messages: list[Record] = [m for seed in range(50) for m in random_batch(seed).inner["message"]]
    header = Record("batch", random_batch(1).held)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "batch.xml"
        many: Iterable[Record] = (messages[place % len(messages)] for place in range(BATCH))

        def generate() -> None:
            with path.open("wb") as target:
                write_messages(target, header, many)

        written = seconds(generate)
        size = path.stat().st_size / 1024 / 1024
        checked = seconds(lambda: _expect_nothing(path))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    floor = _floor([write_record_file(random_batch(seed)) for seed in range(50)]) * BATCH / 50
    print(
        f"a batch of {BATCH:,} ({size:.0f} MB): generated in {written:.1f} s, rules and schema {checked:.1f} s, "
        f"together {written + checked:.1f} s, {(written + checked) / floor:.1f} x the floor ({floor:.1f} s); "
        f"peak {peak:.0f} MB"
    )


def _floor(files: list[bytes]) -> float:
    """CPU seconds that lxml alone takes to parse and validate files."""
    schema = _schema()
    return seconds(lambda: [schema.validate(etree.fromstring(file)) for file in files])


def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMAS / "multicacheschemas" / "MCCI_IN200100UV01.xsd"))


def _expect_nothing(path: Path) -> None:
    found = check(path, schemas=SCHEMAS)
    if found:
        raise AssertionError(f"{len(found)} findings in a batch without faults, first {found[0]}")


def main() -> None:
    if not SCHEMAS.is_dir():
        print(f"the ICH schema set is not at {SCHEMAS}; set EXOVIGIL_E2B_SCHEMAS")
        return
    large_batch()  # first, so that the peak is its own
    realistic_cases()
    against_peer()
    seeded_cases()


if __name__ == "__main__":
    main()
