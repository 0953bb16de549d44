"""The installed program in a real terminal: add a product, sell it, read the report, quit, find it all again.

Nothing here sleeps to win a race: each key waits until the screen shows what the one before did.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pexpect  # type: ignore[import-untyped]
import pyte
import pytest

PROGRAM = Path(sys.executable).parent / "tracker-tui"
WIDTH, HEIGHT = 100, 30
DEADLINE_S = 60.0
LOOK_EVERY_S = 0.03
KEYS = {
    "Tab": "\t",
    "Enter": "\r",
    "C-s": "\x13",
    "C-q": "\x11",
    "F2": "\x1bOQ",
    "F4": "\x1bOS",
    "F7": "\x1b[18~",
    "F8": "\x1b[19~",
    "F9": "\x1b[20~",
}
"""Keys by tmux's names, and what a terminal sends for them."""


class Terminal(Protocol):
    """A terminal with a program in it."""

    def start(self, command: str) -> None:
        """Run a shell command in it."""

    def type(self, text: str) -> None:
        """Type characters."""

    def press(self, key: str) -> None:
        """Press one of `KEYS`."""

    def screen(self) -> list[str]:
        """Return its lines."""

    def cursor_line(self) -> int:
        """Return which line the cursor is in."""

    def close(self) -> None:
        """End it."""


class TmuxTerminal:
    """A terminal of tmux, on a server of its own."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "tmux"

    def _tmux(self, *words: str) -> str:
        command = ["tmux", "-S", str(self._socket), "-f", "/dev/null", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def start(self, command: str) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._tmux("kill-session", "-t", "shop")
        self._tmux("new-session", "-d", "-s", "shop", "-x", str(WIDTH), "-y", str(HEIGHT), command)

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-t", "shop", "-l", text)

    def press(self, key: str) -> None:
        self._tmux("send-keys", "-t", "shop", key)

    def screen(self) -> list[str]:
        return self._tmux("capture-pane", "-t", "shop", "-p").split("\n")

    def cursor_line(self) -> int:
        return int(self._tmux("display-message", "-t", "shop", "-p", "#{cursor_y}"))

    def close(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._tmux("kill-server")


class PyteTerminal:
    """A pseudo-terminal with an emulator behind it, for where there is no tmux."""

    def __init__(self, _folder: Path) -> None:
        self._program: Any = None
        self._screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.ByteStream(self._screen)

    def start(self, command: str) -> None:
        self.close()
        self._screen.reset()
        environment = {**os.environ, "TERM": "xterm-256color"}
        self._program = pexpect.spawn(
            "/bin/sh", ["-c", command], dimensions=(HEIGHT, WIDTH), env=environment, timeout=None
        )

    def type(self, text: str) -> None:
        self._program.send(text)

    def press(self, key: str) -> None:
        self._program.send(KEYS[key])

    def _read(self) -> None:
        with contextlib.suppress(pexpect.TIMEOUT, pexpect.EOF):
            while True:
                self._stream.feed(self._program.read_nonblocking(1 << 16, timeout=0))

    def screen(self) -> list[str]:
        self._read()
        return list(self._screen.display)

    def cursor_line(self) -> int:
        self._read()
        return int(self._screen.cursor.y)

    def close(self) -> None:
        if self._program is not None:
            self._program.close(force=True)


class Clerk:
    """Somebody at a terminal, who looks before typing on."""

    def __init__(self, terminal: Terminal, shop: Path) -> None:
        self.terminal = terminal
        self.shop = shop

    def open(self) -> None:
        """Start the program; what it leaves behind at its end is seen on the screen."""
        command = f"{shlex.quote(str(PROGRAM))} -d {shlex.quote(str(self.shop))} --as amal"
        self.terminal.start(f"{command}; echo ended with $?; exec sleep 1000")

    def wait(self, fits: Callable[[], object], wanted: str) -> None:
        """Look until `fits`; fail with the screen where it does not in time."""
        deadline = time.monotonic() + DEADLINE_S
        while not fits():
            if time.monotonic() > deadline:
                pytest.fail(f"not seen in {DEADLINE_S:.0f} s: {wanted}\n" + "\n".join(self.terminal.screen()))
            time.sleep(LOOK_EVERY_S)

    def shows(self, pattern: str) -> bool:
        return any(re.search(pattern, line) for line in self.terminal.screen())

    def see(self, *patterns: str) -> None:
        for pattern in patterns:
            self.wait(lambda sought=pattern: self.shows(sought), pattern)  # type: ignore[misc]

    def see_no_more(self, pattern: str) -> None:
        self.wait(lambda: not self.shows(pattern), f"no more {pattern}")

    def press(self, key: str, *patterns: str) -> None:
        self.terminal.press(key)
        self.see(*patterns)

    def fill_in(self, label: str, text: str) -> None:
        """Type into the field that has the cursor, and go on to the next one."""
        self.terminal.type(text)
        self.see(rf"{label} +{re.escape(text)}\b")
        line = self.terminal.cursor_line()
        self.terminal.press("Tab")
        self.wait(lambda: self.terminal.cursor_line() > line, f"the cursor behind {label}")

    def press_until_gone(self, key: str, pattern: str) -> None:
        """Press a key again and again: a dialog is deaf for its first moment, and one sale is booked once."""
        deadline = time.monotonic() + DEADLINE_S
        while self.shows(pattern):
            assert time.monotonic() < deadline, f"{pattern} stays"
            self.terminal.press(key)
            until = time.monotonic() + 1.0
            while self.shows(pattern) and time.monotonic() < until:
                time.sleep(LOOK_EVERY_S)

    def ask(self, *argv: str) -> Any:  # noqa: ANN401 - JSON has every shape
        """Ask the program's command line, beside the open screens."""
        command = [str(PROGRAM), "-d", str(self.shop), *argv, "--json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


TERMINALS = [
    pytest.param(
        TmuxTerminal, id="tmux", marks=pytest.mark.skipif(not shutil.which("tmux"), reason="there is no tmux")
    ),
    pytest.param(PyteTerminal, id="pyte"),
]


@pytest.fixture(params=TERMINALS)
def clerk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clerk]:
    terminal: Terminal = request.param(tmp_path)
    try:
        yield Clerk(terminal, tmp_path / "shop")
    finally:
        terminal.close()


def test_a_day_at_the_shop(clerk: Clerk) -> None:
    assert PROGRAM.exists(), "the program is not installed; run: pip install -e ."
    clerk.open()
    clerk.see("No products yet")
    clerk.terminal.type("a")
    clerk.see("New product")
    for label, text in (("Id", "M01"), ("Name", "Milk"), ("Price", "1.20"), ("Quantity", "10")):
        clerk.fill_in(label, text)
    clerk.press("C-s", r"M01 +Milk +\$1\.20 +10")
    clerk.see_no_more("New product")

    clerk.press("F4", "Nothing in the basket")
    clerk.terminal.type("2*M01")
    clerk.see(r"2\*M01")
    clerk.press("Enter", r"M01 +Milk +2 +\$1\.20 +\$2\.40")
    clerk.press("F9", "Pay: 2 pieces")
    clerk.press_until_gone("F9", "Pay: 2 pieces")

    clerk.press("F7", r"\$2\.40")
    assert clerk.ask("report")["total_sales"] == "2.40"
    clerk.press("C-q", "ended with 0")

    clerk.open()
    clerk.see(r"M01 +Milk +\$1\.20 +8")
    clerk.press("F7", r"\$2\.40")
    clerk.press("F8", r"\badded?\b|\badd\b", r"\bsale\b|\bsold\b|\bSale\b|\bSold\b")
    clerk.press("C-q", "ended with 0")

    assert [row["quantity"] for row in clerk.ask("products")] == [8]
    assert [(row["entry"], row["clerk"], row["total"]) for row in clerk.ask("purchases")] == [
        (2, "amal", "2.40")
    ]
    assert clerk.ask("check")["problems"] == []


def test_a_basket_outlives_a_kill(clerk: Clerk, tmp_path: Path) -> None:
    clerk.ask("add", "M01", "Milk", "1.20", "10")
    number = tmp_path / "number"
    program = f"{shlex.quote(str(PROGRAM))} -d {shlex.quote(str(clerk.shop))} --as amal"
    clerk.terminal.start(
        f"sh -c 'echo $$ >{number}; exec {program}'; stty sane; echo ended with $?; exec sleep 1000"
    )
    clerk.see("M01")
    clerk.press("F4", "Nothing in the basket")
    clerk.terminal.type("3*M01")
    clerk.see(r"3\*M01")
    clerk.press("Enter", r"M01 +Milk +3")
    baskets = clerk.shop / "baskets"
    clerk.wait(
        lambda: any("M01,3" in path.read_text() for path in baskets.glob("basket-*.txt")), "it on disk"
    )
    os.kill(int(number.read_text()), signal.SIGKILL)
    clerk.see("ended with")

    clerk.open()
    clerk.see("You left a basket", r"3 pieces, \$3\.60")
    clerk.terminal.type("y")
    clerk.see(r"M01 +Milk +3 +\$1\.20 +\$3\.60")
    clerk.press("F9", "Pay: 3 pieces")
    clerk.press_until_gone("F9", "Pay: 3 pieces")
    clerk.press("C-q", "ended with 0")
    assert [row["total"] for row in clerk.ask("purchases")] == ["3.60"]
    assert not list(baskets.glob("basket-*"))


def test_the_demo_opens_and_leaves_nothing(clerk: Clerk, tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    clerk.terminal.start(
        f"TMPDIR={shlex.quote(str(folder))} {shlex.quote(str(PROGRAM))} demo; echo ended with $?; exec sleep 1000"
    )
    clerk.see("Apple juice")
    assert len(list(folder.iterdir())) == 1
    clerk.press("F7", r"\$\d\d,\d{3}\.\d\d")
    clerk.press("C-q", "ended with 0")
    assert not list(folder.iterdir())
