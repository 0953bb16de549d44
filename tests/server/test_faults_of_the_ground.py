"""What a line and a terminal may do to a session: after each the program runs, paints, and leaves in good order.

Quick form: nobody reads the terminal for three seconds. Full form (`TRACKER_FULL=1`): for a minute.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import pyte
import pytest

from tests.server.sshd import Login
from tracker_tui.model import Product
from tracker_tui.service import InventoryService

FULL: Final = bool(os.environ.get("TRACKER_FULL"))
MEGABYTE: Final = 1_000_000
RESIZES: Final = 1_000
UNREAD_S: Final = 60.0 if FULL else 3.0
SIZE: Final = (100, 30)
LATER: Final = (90, 28)
"""Another size, so that everything must be painted anew."""
RESTORED: Final = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1000l", b"\x1b[?1003l")
"""The other screen is left, the cursor is seen, pastes have no brackets, the mouse is the terminal's own."""


class Ground(Login):
    """A session and all that can be done to its terminal."""

    def resize(self, columns: int, rows: int) -> None:
        """Make the terminal another size, and an empty one."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)  # It is the terminal of no session, so the kernel tells nobody.

    def begin_anew(self) -> None:
        """Forget what was seen: what shall be seen from now on must be painted."""
        self.resize(*LATER)
        self.settle()
        self.forget()
        self._fed = 0
        self._screen = pyte.Screen(*SIZE)
        self._stream = pyte.ByteStream(self._screen)
        self.resize(*SIZE)

    def take(self) -> None:
        """Read what is there, without waiting."""
        self._wait(time.perf_counter())

    def send_unread(self, keys: bytes) -> None:
        """Send keys without reading; what the program does not take is lost, as the kernel has it."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, keys)

    def threads(self) -> int:
        """Count the program's threads."""
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def is_raw(self) -> bool:
        """Tell whether the terminal hands each key over as it is typed, and shows none."""
        return not termios.tcgetattr(self._master)[3] & (termios.ECHO | termios.ICANON)


@pytest.fixture
def login(tmp_path: Path) -> Iterator[Ground]:
    """Return a session at the till of a shop with some products."""
    folder = tmp_path / "shop"
    with InventoryService.open(folder, "owner") as service:
        for number in range(100):
            service.add(Product(f"M{number:03}", f"Milk {number}", Decimal("1.20"), 5_000))
    command = [sys.executable, "-m", "tracker_tui", "-d", str(folder), "--as", "anna"]
    with Ground(command, size=SIZE) as opened:
        opened.see("M001")
        opened.send("<F4>")
        opened.see("Nothing in the basket")
        opened.settle()
        yield opened


def noise(login: Ground) -> None:
    """Send bytes that are not UTF-8: one by one, cut sequences, and all there are above ASCII."""
    login.send_bytes(b"caf\xe9 ")
    login.see("caf\ufffd")
    for piece in (b"\xff", b"\xc3", b"(", b"\xe2\x82", b"\xf0\x9f\x98", bytes(range(0x80, 0x100))):
        login.send_bytes(piece)
        login.settle()


def continued(login: Ground) -> None:
    """Continue it though nothing has stopped it."""
    for _ in range(5):
        before = len(login.output)
        os.kill(login.pid, signal.SIGCONT)
        login.until("\x1b[?1049h", after=before)
        login.settle()


def pasted(login: Ground) -> None:
    """Paste a megabyte into a terminal that knows no brackets."""
    login.send_bytes(b"Milk 12 of the day, 4006381333931 " * (MEGABYTE // 34))
    login.see("Too much came at once")
    login.wait(lambda: hears(login), "the products")


def hears(login: Ground) -> bool:
    """Press a key and tell whether it did something; one that comes in the flood or close behind it does nothing."""
    login.send("<F2>")
    login.settle(0.5)
    return "M001" in login.text


def endless(login: Ground) -> None:
    """Paste a megabyte in brackets, then something of which the end is lost: silence ends it."""
    login.send_bytes(b"\x1b[200~" + b"x" * MEGABYTE + b"\x1b[201~")
    login.settle()
    login.send_bytes(b"\x1b[200~" + b"Milk" * 5)
    login.see("MilkMilk")


def resized(login: Ground) -> None:
    """Drag the window about, down to a single character, without waiting for any paint."""
    sizes = random.Random(7)
    for number in range(RESIZES):
        size = (1, 1) if number % 10 == 0 else (sizes.randint(1, 300), sizes.randint(1, 80))
        login.resize(*size)
        login.take()
    login.resize(1, 1)
    login.settle()


def unread(login: Ground) -> None:
    """Read nothing for a time, while keys come that all want a paint."""
    until = time.monotonic() + UNREAD_S
    number = 0
    while time.monotonic() < until:
        login.send_unread(b"\x1bOQ" if number % 2 else b"\x1bOS")
        number += 1
        time.sleep(0.01)  # It is the time itself that is tried here.
    login.settle(0.3)


FAULTS: Final[dict[str, Callable[[Ground], None]]] = {
    "noise on the line": noise,
    "SIGCONT without a stop": continued,
    "a megabyte without brackets": pasted,
    "a paste without an end": endless,
    "a thousand resizes": resized,
    "nobody reads": unread,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_runs_on_and_leaves_the_terminal_as_it_was(login: Ground, fault: str) -> None:
    memory, threads = login.resident_mib(), login.threads()
    assert login.is_raw()
    FAULTS[fault](login)
    login.begin_anew()
    login.see("Sell")
    login.send("<Escape><Escape><F2>")
    login.see("M001", "Milk 1")
    login.send("<F4>")
    login.see_no_more("M001")
    login.settle()
    assert login.threads() <= threads + 2
    assert login.resident_mib() < 2 * memory
    login.leave("<Ctrl+Q>")
    assert login.ends() == 0
    assert not login.is_raw()
    for ending in RESTORED:
        assert ending in login.output
