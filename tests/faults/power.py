"""Record mixed acts of the driver and judge the shop in the states that a power cut may leave."""

from __future__ import annotations

import hashlib
import random
import shutil
from pathlib import Path
from typing import Final, NamedTuple

from tests.faults.disk_model import TRACED, Cut, Recording
from tests.faults.harness import Answers, Driver, claim, judge, read_ledger

ACTS: Final = 30
_CARA: Final = "Cara Act"


class Recorded(NamedTuple):
    """A run of the driver, and what its disk may have held.

    Attributes:
        cuts: Legal states, none twice; each with the most answers that had been given by then.
        answers: What the driver answered, the word `ready` first.
        lines: The lines of each entry at the end.
        points: Operations after which the power was cut.
    """

    cuts: list[Cut]
    answers: list[dict[str, object]]
    lines: dict[int, tuple[bytes, ...]]
    points: int


def record(driver: Driver, place: Path, seed: int, most: int, *faults: str) -> Recorded:
    """Do mixed acts in a new shop and gather the states that the disk may hold after each operation."""
    shop = place / "new" / "shop"
    job = {"dir": str(shop), "acts": ACTS, "save every": 4, "again": True}
    run: Answers = driver.run(job, "-y", "-xx", "-s", "1000000", "-e", f"trace={TRACED}", *faults)
    run.check()
    claim(len(run.acked) == ACTS, f"not all acts were done: {run.said}")
    recording, chance = Recording(shop), random.Random(seed)
    found: dict[bytes, Cut] = {}
    points = 0
    for line in run.trace.splitlines():
        if recording.take(line):
            points += 1
            for cut in recording.cuts(chance, most):
                found[_key(cut)] = cut
    recorded = Recorded(list(found.values()), recording.answers, read_ledger(shop).entries, points)
    claim({str(shop.parent), str(place)} <= recording.synced, f"only {recording.synced} was synced")
    claim(len(recorded.lines) >= ACTS - 4, "there are too few entries")
    shutil.rmtree(shop.parent)
    return recorded


def _key(cut: Cut) -> bytes:
    digest = hashlib.sha256()
    for name in sorted(cut.files):
        digest.update(b"%s %d " % (name.encode(), len(cut.files[name])) + cut.files[name])
    return digest.digest()


def judge_cut(place: Path, recorded: Recorded, cut: Cut) -> None:
    """Build a state of the disk and hold it against every promise."""
    place.mkdir(mode=0o770)
    for name, content in cut.files.items():
        (place / name).write_bytes(content)
    told = recorded.answers[: cut.acked]
    acked = [entry for said in told if isinstance(entry := said.get("ack"), int) and entry]
    free = recorded.lines.keys() - set(acked)
    customers = sum(bool(said.get("customer")) and "ack" in said for said in told)
    try:
        judge(place, {entry: recorded.lines[entry] for entry in acked}, free)
        text = (place / "customers.txt").read_text() if (place / "customers.txt").exists() else ""
        claim(text.count(_CARA) >= customers, f"a customer is gone: {text}")
    except Exception as error:
        error.add_note(f"after {told[-1:]}: { {name: data[-150:] for name, data in cut.files.items()} }")
        raise
    shutil.rmtree(place)
