"""A failing disk is not a lost sale: full disks, I/O errors, short writes, and taking back that fails too.

Quick form: each call of the acts; torn writes at every 5th byte. Full form (`TRACKER_FULL=1`): more acts, every byte.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Tell
from tests.faults.disks import Faults, fail_a_session, fail_at_every_call, logs_of
from tests.faults.driver import ACTS
from tests.faults.harness import FLAG, FULL, Driver, judge, read_ledger, run_check, run_cli
from tracker_tui.errors import ReadOnly, StorageError
from tracker_tui.service import InventoryService

ENTRIES = [act for act in ACTS if act not in ("save", "customer", "sell and save")]
FAULTS = (
    "write:error=ENOSPC",
    "write:error=EIO",
    "fsync:error=EIO",
    "fsync:error=ENOSPC",
    "openat:error=ENOSPC",
)
SAVE_FAULTS = (
    *FAULTS,
    "renameat:error=EIO",
    "renameat:error=ENOSPC",
    "fchmod:error=EIO",
    "unlinkat:error=EIO",
)


def _told(tell: Tell, what: str, faults: Faults) -> None:
    tell(f"faults, {what}", points=faults.points, refused=faults.refused, harmless=faults.harmless, lost=0)
    assert faults.points >= 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("act", ENTRIES if FULL else ["sell", "add", "import"])
def test_act_is_refused_and_can_be_tried_again(
    act: str, fault: str, driver: Driver, template: Path, place: Path, tell: Tell
) -> None:
    call, _, error = fault.partition(":")
    faults = fail_at_every_call(driver, template, place / "shop", act, call, error)
    _told(tell, f"{act}, {fault}", faults)
    assert faults.refused


@pytest.mark.parametrize("fault", SAVE_FAULTS)
@pytest.mark.parametrize("act", ["save", "customer", "sell and save"])
def test_failed_save_of_a_table_loses_nothing(
    act: str, fault: str, driver: Driver, template: Path, place: Path, tell: Tell
) -> None:
    call, _, error = fault.partition(":")
    _told(tell, f"{act}, {fault}", fail_at_every_call(driver, template, place / "shop", act, call, error))


@pytest.mark.parametrize("short", [0, 1, 150, 296])
def test_short_write_is_refused(short: int, driver: Driver, template: Path, place: Path, tell: Tell) -> None:
    faults = fail_at_every_call(driver, template, place / "shop", "sell", "write", f"retval={short}")
    _told(tell, f"sell, {short} bytes written", faults)
    assert faults.refused == faults.points


SESSION_FAULTS = (
    "openat",
    "pread64",
    "getdents64",
    "flock",
    "write",
    "fsync",
    "ftruncate",
    "renameat",
    "close",
)


@pytest.mark.parametrize("call", SESSION_FAULTS)
def test_session_that_puts_a_torn_tail_right_on_a_failing_disk(
    call: str, driver: Driver, template: Path, place: Path, tell: Tell
) -> None:
    log = template / "purchases.txt"
    InventoryService.open(template, "eve").sell([("P06", 1), ("P07", 1)], sale="s-torn")
    log.write_bytes(log.read_bytes()[:-60])
    faults = fail_a_session(driver, template, place / "shop", call, "error=EIO", 100)
    _told(tell, f"whole session, {call}", faults)


# Torn at every byte


def _sale_size(driver: Driver, template: Path, place: Path) -> tuple[int, int]:
    """Return the size of the log, and of what the three-line sale adds to it."""
    shutil.copytree(template, place)
    driver.run({"dir": str(place), "act": "sell"})
    before = len(logs_of(template)["purchases.txt"])
    added = len(logs_of(place)["purchases.txt"]) - before
    shutil.rmtree(place)
    return before, added


def test_real_short_write_at_any_byte_is_taken_back(
    driver: Driver, template: Path, place: Path, tell: Tell
) -> None:
    shop, before = place / "shop", read_ledger(template).entries
    size, added = _sale_size(driver, template, shop)
    refused = 0
    for cut in range(0, added, 1 if FULL else 5):
        shutil.copytree(template, shop)
        old = logs_of(shop)
        same: list[bool] = []
        job = {"dir": str(shop), "act": "sell", "turns": 2, "room": size + cut}
        answers = driver.run(job, between=lambda _: same.append(logs_of(shop) == old))  # noqa: B023
        answers.check()
        assert answers.said[0]["refused"] == "StorageError"
        assert same == [True]
        assert answers.acked == [max(before) + 1]
        judge(shop, {**before, max(before) + 1: None})
        shutil.rmtree(shop)
        refused += 1
    tell("short writes, taken back", bytes=added, refused=refused, lost=0)


def test_real_short_write_at_any_byte_left_by_a_kill_is_set_aside(
    driver: Driver, template: Path, place: Path, tell: Tell
) -> None:
    """The session dies as it is about to take the torn bytes back."""
    shop, before = place / "shop", read_ledger(template).entries
    size, added = _sale_size(driver, template, shop)
    torn = set_aside = 0
    kill = ("-e", "trace=ftruncate,write", "-e", "inject=ftruncate:signal=KILL:when=1")
    for cut in range(1, added, 1 if FULL else 10):
        shutil.copytree(template, shop)
        answers = driver.run({"dir": str(shop), "act": "sell", "room": size + cut}, *kill)
        assert answers.end == -signal.SIGKILL
        assert len(logs_of(shop)["purchases.txt"]) == size + cut
        torn += 1
        if cut % 50 == 1:
            checked = run_check(shop)
            assert (checked.returncode, ".torn" in checked.stderr) == (0, True), checked
        judge(shop, before, {max(before) + 1})
        set_aside += bool(list(shop.glob("purchases.txt.*.torn")))
        shutil.rmtree(shop)
    tell("short writes, killed", bytes=added, torn=torn, set_aside=set_aside, lost=0)
    assert set_aside >= torn - 1


# Where taking back fails too

STUCK = ("-y", "-e", "trace=fsync,ftruncate,openat,write", "-e", "inject=fsync:error=EIO:when=2+")


def test_failed_taking_back_stops_every_session_until_check(
    driver: Driver, template: Path, place: Path, tell: Tell
) -> None:
    shop, before = place / "shop", read_ledger(template).entries
    stopped = 0
    for stuck in (STUCK, (*STUCK, "-e", "inject=ftruncate:error=EIO")):
        shutil.copytree(template, shop)
        answers = driver.run({"dir": str(shop), "act": "sell", "turns": 2}, *stuck)
        answers.check()
        assert [said["refused"] for said in answers.said] == ["StorageError", "ReadOnly"]
        assert "check" in answers.said[0]["text"]
        assert (shop / FLAG).is_file()
        service = InventoryService.open(shop, "other")
        with pytest.raises(ReadOnly, match="check"):
            service.receive("P01", 1)
        assert run_cli(shop, "sell", "P01=1").returncode == 1
        checked = run_check(shop)
        assert (checked.returncode, (shop / FLAG).exists()) == (0, False), checked
        assert "can be changed again" in checked.stderr
        judge(shop, before, {max(before) + 1})
        stopped += 1
        shutil.rmtree(shop)
    tell("taking back failed", cases=stopped, read_only=stopped, lifted=stopped, lost=0)


def test_session_that_cannot_even_leave_the_flag_stops_itself(
    driver: Driver, template: Path, place: Path, tell: Tell
) -> None:
    shop = place / "shop"
    shutil.copytree(template, shop)
    broken = ("-e", "inject=fsync:error=EIO:when=2..3")
    job = {"dir": str(shop), "act": "sell", "turns": 2}
    opened = [call for call in driver.run(job, *STUCK[:3], *broken).trace.splitlines() if "openat(" in call]
    flag = next(number for number, call in enumerate(opened, 1) if FLAG in call and "O_CREAT" in call)
    shutil.rmtree(shop)
    shutil.copytree(template, shop)
    answers = driver.run(job, *STUCK[:3], *broken, "-e", f"inject=openat:error=EROFS:when={flag}")
    answers.check()
    assert [said["refused"] for said in answers.said] == ["StorageError", "ReadOnly"], answers.trace
    assert not (shop / FLAG).exists()
    judge(shop, read_ledger(template).entries, {18})
    tell("flag refused", cases=1, read_only=1)


def test_check_does_not_lift_the_flag_from_damaged_logs(template: Path) -> None:
    (template / FLAG).write_text("purchases.txt: the disk failed\n")
    log = template / "purchases.txt"
    log.write_bytes(log.read_bytes().replace(b"s-3,", b"s-3,,", 1))
    assert run_check(template).returncode == 1
    assert (template / FLAG).exists()


# A file system that is really full


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a shop on a file system of 96 KB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount")
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-o", "size=96k,mode=770"]
    made = subprocess.run(
        ["mount", "-t", "tmpfs", *options, "none", str(disk)], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {made.stderr.decode().strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def _fill(disk: Path) -> Path:
    """Fill a disk to its last block."""
    filler = disk / "filler"
    fd = os.open(filler, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for size in (4096, 1):
        with contextlib.suppress(OSError):
            while os.write(fd, b"x" * size):
                pass
    os.close(fd)
    return filler


def test_full_disk(small_disk: Path, template: Path, tell: Tell) -> None:
    shop = small_disk / "shop"
    shutil.copytree(template, shop)
    before = dict(read_ledger(shop).entries)
    filler = _fill(small_disk)
    first = run_cli(shop, "sell", "P01=1")
    assert first.returncode == 0, (
        "the last block of the log has room; that the table cannot be saved is no error"
    )
    service = InventoryService.open(shop, "ann")
    acked, refused = [max(before) + 1], 0
    while refused < 3:
        old = logs_of(shop)
        try:
            acked.append(service.sell([("P04", 1)], note="x" * 100).entry)
        except StorageError as error:
            refused += "disk is full" in str(error) and logs_of(shop) == old
    told = run_cli(shop, "sell", "P01=1", "--note", "y" * 200)
    assert told.returncode == 3
    assert "disk is full" in told.stderr
    with pytest.raises(StorageError, match="disk is full"):
        service.save()
    service.close()
    filler.unlink()
    acked.append(service.sell([("P06", 1)]).entry)
    judge(shop, {**before, **dict.fromkeys(acked)})
    tell("full disk", sold=len(acked), refused=refused + 1, lost=0)
