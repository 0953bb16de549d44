"""Kill the driver at every system call of an act that touches a file, and hold what is left to the promises."""

from __future__ import annotations

import itertools
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from tests.faults.harness import Driver, calls, claim, judge, read_ledger

CALLS: Final = [
    "open",
    "openat",
    "creat",
    "mkdir",
    "mkdirat",
    "read",
    "pread64",
    "write",
    "pwrite64",
    "writev",
    "sendto",
    "fsync",
    "fdatasync",
    "sync_file_range",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "truncate",
    "ftruncate",
    "fallocate",
    "fchmod",
    "fchmodat",
    "fchown",
    "flock",
    "close",
    "getdents64",
]
"""Every call that opens, changes, names, locks or closes a file; and the one that sends the answer."""
LIST: Final = ",".join(f"?{name}" for name in CALLS)
"""The same for strace; a name that this machine does not have is passed over."""


class Kills(NamedTuple):
    """What was tried.

    Attributes:
        points: Kills that hit.
        untouched: Runs that finished, each after the last point of one call.
        acknowledged: Kills after the answer had been sent.
        there: Kills that left the act's entry whole, acknowledged or not.
    """

    points: int
    untouched: int
    acknowledged: int
    there: int


def kill_at_every_call(
    driver: Driver,
    template: Path,
    place: Path,
    act: str,
    *,
    every: int = 1,
    whole: bool = False,
    unsure: int = 1,
    also: Callable[[Path], None] = lambda _: None,
) -> Kills:
    """Kill the act at every call (or each `every`-th), each time on a fresh copy of the shop.

    Args:
        driver: Does the act.
        template: The shop before it.
        place: Where copies are made.
        act: Which act.
        every: Take each so-many-th point.
        whole: Whether start and close are killed as well.
        unsure: How many entries the session may make, of which only the act's is acknowledged.
        also: A further judge, who looks at the shop after the first.
    """
    before = read_ledger(template).entries
    following = max(before, default=0) + 1
    customer = "Cara Act" if act == "customer" else ""
    points = untouched = acknowledged = there = 0
    job = {"dir": str(place), "act": act, "whole": whole}
    shutil.copytree(template, place)
    dry = driver.run(job, "-e", f"trace={LIST}")
    dry.check()
    claim(dry.acked and dry.end == 0, f"the act itself does not work: {dry.said}")
    judge(place, read_ledger(place).entries, customer=customer)
    shutil.rmtree(place)
    made = calls(dry.trace)
    first = 1
    for call in (name for name in CALLS if made[name]):
        for number in itertools.count(first, every):
            shutil.copytree(template, place)
            trace = ("-e", f"trace={LIST}", "-e", f"inject={call}:signal=KILL:when={number}")
            answers = driver.run(job, *trace)
            answers.check()
            killed = answers.end == -signal.SIGKILL
            claim(killed or answers.end == 0, f"{act}, {call} {number}: it ended with {answers.end}")
            claim(killed == ("+++ killed by SIGKILL +++" in answers.trace), "the kill was not the tracer's")
            points += killed
            acknowledged += killed and bool(answers.acked)
            there += killed and following in read_ledger(place).entries
            acked = {**before, **{entry: None for entry in answers.acked if entry}}
            try:
                judge(place, acked, range(following, following + unsure), customer if answers.acked else "")
                also(place)
            except Exception as error:
                error.add_note(f"{act} killed at {call} {number}:\n{answers.trace[-1500:]}")
                raise
            shutil.rmtree(place)
            if not killed:
                first = max(number - made[call], 1)  # It may make fewer calls than the first time.
                untouched += 1
                break
    return Kills(points, untouched, acknowledged, there)
