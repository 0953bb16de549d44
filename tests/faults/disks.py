"""Let calls of the driver fail, one at a time or from one on, and hold what comes of it to the promises."""

from __future__ import annotations

import itertools
import re
import shutil
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.faults.harness import LOGS, Driver, claim, judge, read_ledger

TRACED: Final = (
    "openat,write,pwrite64,fsync,fdatasync,?rename,renameat,renameat2,unlinkat,ftruncate,fchmod,sendto"
)
_INJECTED: Final = re.compile(r"(?:fsync|fdatasync)\(\d+<([^>]*)>\) .*\(INJECTED\)")


class Faults(NamedTuple):
    """What was tried.

    Attributes:
        points: Faults that hit.
        refused: Acts that were refused by them, with nothing booked, and done by the next try.
        harmless: Acts that were done all the same.
    """

    points: int
    refused: int
    harmless: int


def logs_of(directory: Path) -> dict[str, bytes]:
    """Return the bytes of both logs; none for one that is not there."""
    return {name: (directory / name).read_bytes() if (directory / name).exists() else b"" for name in LOGS}


def fail_at_every_call(
    driver: Driver, template: Path, place: Path, act: str, call: str, error: str
) -> Faults:
    """Let each turn of a call fail once in an act, which is tried again after it."""
    before = read_ledger(template).entries
    following = max(before, default=0) + 1
    refused = harmless = 0
    job = {"dir": str(place), "act": act, "turns": 2}
    for number in itertools.count(1):
        shutil.copytree(template, place)
        old = logs_of(place)

        def compare(said: dict[str, Any], old: dict[str, bytes] = old) -> None:
            if "refused" in said:
                claim(logs_of(place) == old, f"the logs are not what they were: {said}")

        fault = ("-y", "-e", f"trace={TRACED}", "-e", f"inject={call}:{error}:when={number}")
        answers = driver.run(job, *fault, between=compare)
        try:
            answers.check()
            hit = "(INJECTED)" in answers.trace.split("sendto(", 1)[0]
            first, second = answers.said
            if hit:
                _judge_refusal(first, second)
                _judge_no_retry(answers.trace)
            refused += hit and "refused" in first
            harmless += hit and "ack" in first
            acked = {**before, **{entry: None for entry in answers.acked if entry}}
            judge(place, acked, {following}, "Cara Act" if act == "customer" else "")
        except Exception as wrong:
            wrong.add_note(f"{act}: {call} {number} {error}: {answers.said}\n{answers.trace[-2500:]}")
            raise
        finally:
            shutil.rmtree(place)
        if not hit:
            break
    return Faults(refused + harmless, refused, harmless)


def _judge_refusal(first: dict[str, Any], second: dict[str, Any]) -> None:
    if "refused" in first:
        claim(first["refused"] == "StorageError", f"refused as {first}")
        claim(re.search(r"disk|file|too large|quota", first["text"]), f"not clear: {first}")
        claim("ack" in second, f"the next try was refused: {second}")


def _judge_no_retry(trace: str) -> None:
    """Refuse an fsync of what failed to be synced, unless it was cut back before, in the same act."""
    lines = trace.split("sendto(", 1)[0].splitlines()
    for index, line in enumerate(lines):
        failed = _INJECTED.search(line)
        if failed is None:
            continue
        for later in lines[index + 1 :]:
            if f"<{failed[1]}>" not in later:
                continue
            claim("fsync(" not in later and "fdatasync(" not in later, f"synced again: {later}")
            if "ftruncate(" in later:
                break


def fail_a_session(driver: Driver, template: Path, place: Path, call: str, error: str, most: int) -> Faults:
    """Let each turn of a call fail once in a whole session: start, sale, close. The shop is sound after it."""
    before = read_ledger(template).entries
    following = max(before, default=0) + 1
    refused = harmless = 0
    for number in range(1, most):
        shutil.copytree(template, place)
        fault = ("-y", "-e", f"trace={call},sendto", "-e", f"inject={call}:{error}:when={number}")
        answers = driver.run({"dir": str(place), "act": "sell", "whole": True}, *fault)
        try:
            answers.check()
            hit = "(INJECTED)" in answers.trace
            refused += hit and not answers.acked
            harmless += hit and bool(answers.acked)
            judge(place, {**before, **dict.fromkeys(answers.acked)}, {following})
        except Exception as wrong:
            wrong.add_note(f"session: {call} {number} {error}: {answers.said}\n{answers.trace[-2500:]}")
            raise
        finally:
            shutil.rmtree(place)
        if not hit:
            break
    return Faults(refused + harmless, refused, harmless)
