"""A large import tells how far it is, and can be ended."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pexpect  # type: ignore[import-untyped]
import pytest

from tracker_tui.service import InventoryService

ROWS = 30_000


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "products.csv"
    rows = "".join(f"P{number:05},Tea {number},1.20,3\n" for number in range(ROWS))
    file.write_text(f"id,name,price,quantity\n{rows}")
    return file


def importing(shop: Path, table: Path) -> pexpect.spawn:
    words = ["-m", "tracker_tui", "-d", str(shop), "import", str(table)]
    environment = {**os.environ, "TERM": "xterm"}
    return pexpect.spawn(sys.executable, words, env=environment, timeout=60, preexec_fn=_hear_interrupts)


def _hear_interrupts() -> None:
    """Undo what a shell does to a job in the background, which pytest itself may be."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_large_import_says_how_far_it_is(shop_dir: Path, table: Path) -> None:
    program = importing(shop_dir, table)
    program.expect(r"\r +\d+ % of 30,000 rows")
    program.expect(r"30000 new, 0 changed, 0 unchanged, 0 refused, entry 1")
    program.expect(pexpect.EOF)
    program.close()
    assert program.exitstatus == 0


def test_import_that_is_ended_takes_nothing_in(shop_dir: Path, table: Path) -> None:
    program = importing(shop_dir, table)
    program.expect(r"\d+ % of 30,000 rows")
    program.sendcontrol("c")
    program.expect(pexpect.EOF)
    program.close()
    assert program.exitstatus == 130
    with InventoryService.open(shop_dir) as shop:
        assert len(shop.snapshot.products) == 0
        assert shop.snapshot.entry == 0
        assert shop.snapshot.problems == ()
