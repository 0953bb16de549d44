"""Small forms of the fault tests, to be run on a copy of the program with a mistake in it.

`python -m tests.faults.small_checks NAME` ends with 0 where all promises hold and 3 where one is broken, and says
which. The mistake is in the `tracker_tui` that stands first in PYTHONPATH.
"""

from __future__ import annotations

import os
import random
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.faults.disks import fail_at_every_call, logs_of
from tests.faults.harness import FLAG, Driver, claim, judge, make_shop, quick_folder, read_ledger
from tests.faults.kills import kill_at_every_call
from tests.faults.power import judge_cut, record
from tracker_tui.errors import ReadOnly, TrackerError
from tracker_tui.service import InventoryService

BROKEN: Final = 3
Check = Callable[[Path], None]


def _power(place: Path, *faults: str) -> None:
    with Driver() as driver:
        recorded = record(driver, place, 1, 12, *faults)
        for cut in random.Random(5).sample(recorded.cuts, 160):
            judge_cut(place / "state", recorded, cut)


def power(place: Path) -> None:
    """Judge 160 legal states after a power cut."""
    _power(place)


def lost_name(place: Path) -> None:
    """Let the fsync of the folder fail after the first log was made: its name is made anew."""
    _power(place, "-e", "inject=fsync:error=EIO:when=3")


def kill_save(place: Path) -> None:
    """Kill a snapshot save at every call."""
    make_shop(place / "template")
    with Driver() as driver:
        kill_at_every_call(driver, place / "template", place / "shop", "save")


def failing_fsync(place: Path) -> None:
    """Let each fsync of a sale fail: always refused, never tried again, the log as it was."""
    make_shop(place / "template")
    with Driver() as driver:
        faults = fail_at_every_call(driver, place / "template", place / "shop", "sell", "fsync", "error=EIO")
    claim(faults.harmless == 0, f"a failed fsync was reported as a success: {faults}")


def short_write(place: Path) -> None:
    """Let the write of a sale be shorter than it should."""
    make_shop(place / "template")
    with Driver() as driver:
        faults = fail_at_every_call(driver, place / "template", place / "shop", "sell", "write", "retval=9")
    claim(faults.harmless == 0, f"a short write was reported as a success: {faults}")


def full_file(place: Path) -> None:
    """Let a real short write be taken back, or be left by a kill."""
    make_shop(place / "shop")
    before, old = read_ledger(place / "shop").entries, logs_of(place / "shop")
    room = len(old["purchases.txt"]) + 100
    with Driver() as driver:
        answers = driver.run({"dir": str(place / "shop"), "act": "sell", "room": room})
    claim(answers.end == 0 and not answers.acked, f"the sale was not refused: {answers.said}")
    claim(logs_of(place / "shop") == old, "the log is not what it was")
    judge(place / "shop", before)


def _torn(place: Path, cut: int, *, counts: bool) -> None:
    make_shop(place / f"shop{cut}")
    shop = place / f"shop{cut}"
    before = read_ledger(shop).entries
    entry = InventoryService.open(shop, "eve").sell([("P01", 1), ("P02", 1), ("P03", 1)]).entry
    log = shop / "purchases.txt"
    lines = log.read_bytes().splitlines(keepends=True)
    size = sum(map(len, lines)) - (len(lines[-1]) if cut < 0 else cut)
    os.truncate(log, size)
    judge(shop, {**before, entry: None} if counts else before, () if counts else {entry})


def torn_tail(place: Path) -> None:
    """Cut the last sale in the middle, in its time, and between two of its lines."""
    for cut in (40, 7, -1):
        _torn(place, cut, counts=False)


def lost_newline(place: Path) -> None:
    """Take the last newline away: the sale counts, the next begins a line of its own."""
    _torn(place, 1, counts=True)


def stray_quote(place: Path) -> None:
    """Put a quote into an old line: the sales after it stay counted, and that line is named."""
    make_shop(place / "shop")
    log = place / "shop" / "purchases.txt"
    log.write_bytes(log.read_bytes().replace(b",s-1,", b',"s-1,', 1))
    with InventoryService.open(place / "shop", "ben") as service:
        claim(
            {"s-0", "s-2", "s-3", "s-4", "s-5", "s-late"} <= {s.sale for s in service.snapshot.sales()},
            "lost",
        )
        claim(len(service.snapshot.problems) >= 1, "the line is not named")


def damaged_number(place: Path) -> None:
    """Damage the last line of a log: its number stays used."""
    make_shop(place / "shop")
    log = place / "shop" / "changes.txt"
    last = max(read_ledger(place / "shop").entries)
    log.write_bytes(log.read_bytes().replace(b"Thing six,6", b"Thing six,6x"))
    with InventoryService.open(place / "shop", "ben") as service:
        claim(service.sell([("P01", 1)]).entry == last + 1, "the number was used again")


def group_mode(place: Path) -> None:
    """Save under umask 077 in a group's folder: colleagues can read and write what was replaced."""
    make_shop(place / "shop")
    (place / "shop").chmod(0o2770)
    before = os.umask(0o077)
    try:
        with InventoryService.open(place / "shop", "ben") as service:
            service.sell([("P01", 1)], customer="New One")
    finally:
        os.umask(before)
    for name in ("inventory.txt", "customers.txt"):
        mode = stat.S_IMODE((place / "shop" / name).stat().st_mode)
        claim(mode == 0o660, f"{name} has {mode:o}")


def stopped(place: Path) -> None:
    """Leave the flag of a failing disk: nobody can change anything."""
    make_shop(place / "shop")
    (place / "shop" / FLAG).write_text("the disk failed\n")
    old = logs_of(place / "shop")
    try:
        InventoryService.open(place / "shop", "ben").receive("P01", 1)
    except ReadOnly:
        claim(logs_of(place / "shop") == old, "something was written")
        return
    claim(holds=False, text="the flag was passed over")


def stuck(place: Path) -> None:
    """Let taking back fail: the flag is there."""
    make_shop(place / "shop")
    with Driver() as driver:
        words = ("-e", "trace=fsync,ftruncate", "-e", "inject=fsync:error=EIO:when=2+")
        driver.run({"dir": str(place / "shop"), "act": "sell"}, *words)
    claim((place / "shop" / FLAG).exists(), "no flag was left")


def refused_customer(place: Path) -> None:
    """Let the folder's fsync after a replace fail: the customer is refused, then there once."""
    make_shop(place / "template")
    with Driver() as driver:
        fail_at_every_call(driver, place / "template", place / "shop", "customer", "fsync", "error=EIO")


CHECKS: Final[dict[str, Check]] = {
    check.__name__: check
    for check in (
        power,
        lost_name,
        kill_save,
        failing_fsync,
        short_write,
        full_file,
        torn_tail,
        lost_newline,
        stray_quote,
        damaged_number,
        group_mode,
        stopped,
        stuck,
        refused_customer,
    )
}


def main() -> int:
    """Run the check that is named; say what does not hold."""
    with quick_folder() as place:
        try:
            CHECKS[sys.argv[1]](place)
        except (AssertionError, TrackerError) as broken:
            print(f"{type(broken).__name__}: {broken}")
            return BROKEN
    return 0


if __name__ == "__main__":
    sys.exit(main())
