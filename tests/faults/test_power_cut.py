"""A power cut loses nothing that was acknowledged: legal states of the disk, replayed, and real cuts of ext4.

Quick form: 800 states, 20 cuts. Full form (`TRACKER_FULL=1`): at least 5,000 distinct states, 120 cuts.
"""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.faults.conftest import Tell
from tests.faults.harness import FULL, Driver, judge
from tests.faults.power import ACTS, judge_cut, record

PARTS: Final = 4
_SHUT_DOWN: Final = 0x8004587D
_WITHOUT_THE_JOURNAL: Final = 2


@pytest.mark.timeout(1200 if FULL else 300)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_legal_state_has_what_was_acknowledged(
    part: int, driver: Driver, place: Path, tell: Tell
) -> None:
    recorded = record(driver, place, seed=part, most=400 if FULL else 60)
    mine = random.Random(0).sample(recorded.cuts, len(recorded.cuts))[part::PARTS]
    for cut in mine if FULL else mine[: 600 // PARTS]:
        judge_cut(place / "state", recorded, cut)
    tried = len(mine) if FULL else len(mine[: 600 // PARTS])
    tell("power cuts", states=tried, distinct=len(recorded.cuts), points=recorded.points, lost=0)
    assert len(recorded.cuts) >= (5000 if FULL else 600)


@pytest.mark.timeout(1200 if FULL else 300)
@pytest.mark.parametrize("which", [*map(str, range(1, 33)), "9+11"] if FULL else ["1", "3", "7", "9+11"])
def test_every_legal_state_with_a_failed_fsync(which: str, driver: Driver, place: Path, tell: Tell) -> None:
    """What a failed fsync covered may be lost or not, whatever later fsyncs say."""
    recorded = record(driver, place, 9, 30, "-e", f"inject=fsync:error=EIO:when={which}")
    cuts = random.Random(9).sample(recorded.cuts, min(len(recorded.cuts), 200 if FULL else 80))
    for cut in cuts:
        judge_cut(place / "state", recorded, cut)
    refused = sum("refused" in said for said in recorded.answers)
    tell(
        f"power cuts, fsync {which} failed", states=len(cuts), points=recorded.points, refused=refused, lost=0
    )


# Real cuts


class Ext4:
    """An ext4 file system in a file, whose power can be cut."""

    def __init__(self, folder: Path, options: str) -> None:
        self.image, self.at, self.options = folder / "disk.img", folder / "disk", options
        self.at.mkdir()
        with self.image.open("wb") as file:
            file.truncate(32 << 20)

    def mount(self) -> str:
        """Mount it; return why it could not be."""
        words = ["mount", "-o", f"loop,{self.options}", str(self.image), str(self.at)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        return done.stderr.strip() if done.returncode else ""

    def unmount(self) -> None:
        """Unmount it, where it is mounted."""
        if os.path.ismount(self.at):
            subprocess.run(["umount", str(self.at)], check=True)

    def cut(self) -> None:
        """Stop it at once: not one further block is written, not even of its journal."""
        fd = os.open(self.at, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, _SHUT_DOWN, struct.pack("I", _WITHOUT_THE_JOURNAL))
        finally:
            os.close(fd)


@pytest.fixture(params=["data=ordered", "data=writeback,noauto_da_alloc,commit=60"])
def ext4(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ext4]:
    """Return a mounted ext4; skip where nobody may mount one."""
    if os.geteuid() != 0 or not shutil.which("mkfs.ext4"):
        pytest.skip("only root may mount, and mkfs.ext4 is needed")
    disk = Ext4(tmp_path, request.param)
    subprocess.run(["mkfs.ext4", "-q", str(disk.image)], check=True, capture_output=True)
    reason = disk.mount()
    if reason:
        pytest.skip(f"no loop device can be mounted here: {reason}")
    try:
        yield disk
    finally:
        disk.unmount()


@pytest.mark.timeout(1200 if FULL else 300)
def test_real_cut_of_ext4(ext4: Ext4, driver: Driver, place: Path, tell: Tell) -> None:
    """The power goes while the session is at work; what it had answered is there after the journal's replay.

    Only what was answered before the cut counts: afterwards there would be no machine to answer, and Linux says
    0 to an fsync that the shutdown overtakes.
    """
    chance = random.Random(4)
    acked = lost_acts = 0
    cuts = 60 if FULL else 10
    for _ in range(cuts):
        heard: list[dict[str, Any]] = []

        def hear(
            packet: dict[str, Any],
            last: int = chance.randrange(1, ACTS),
            heard: list[dict[str, Any]] = heard,
        ) -> None:
            if len(heard) < last:
                heard.append(packet)
                if len(heard) == last:
                    ext4.cut()

        job = {"dir": str(ext4.at / "shop"), "acts": ACTS, "save every": 3}
        answers = driver.run(job, heard=hear)
        answers.check()
        ext4.unmount()
        assert not ext4.mount()
        shutil.copytree(ext4.at / "shop", place / "shop")
        entries = [said["ack"] for said in heard if said.get("ack")]
        judge(place / "shop", dict.fromkeys(entries), range(1, ACTS + 2))
        acked, lost_acts = acked + len(entries), lost_acts + ACTS - len(answers.acked)
        shutil.rmtree(place / "shop")
        shutil.rmtree(ext4.at / "shop")
        os.sync()
    tell(f"real cuts, {ext4.options}", cuts=cuts, acknowledged=acked, refused=lost_acts, lost=0)
    assert lost_acts
