"""The program in the terminals that clerks have: their `TERM`, their characters, their colours and their sizes."""

from __future__ import annotations

import fcntl
import os
import random
import re
import struct
import subprocess
import sys
import termios
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from tests.benchmarks.terminal import plain_environment
from tests.server.sshd import SIZE, Login
from tracker_tui.model import Product
from tracker_tui.service import InventoryService

COLOUR: Final = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a shop with names beyond ASCII."""
    with InventoryService.open(tmp_path / "shop", "owner") as service:
        service.add(Product("M01", "Café “Glück”", Decimal("1.20"), 50))
        service.add(Product("M02", "日本茶", Decimal("3.60"), 2))
    return tmp_path / "shop"


def opened(folder: Path, size: tuple[int, int] = SIZE, /, **variables: str) -> Login:
    """Open the screens in such a terminal."""
    left_out = ("LC_", "LANG", "TERM", "COLORTERM", "NO_COLOR")
    environment = {
        name: value for name, value in plain_environment().items() if not name.startswith(left_out)
    }
    command = [sys.executable, "-m", "tracker_tui", "-d", str(folder), "--as", "anna"]
    return Login(command, size=size, environment={**environment, **variables})


def unreadable(login: Login) -> list[str]:
    """Return the characters that stand on a ground of their own colour."""
    login.lines()
    cells = [cell for row in login._screen.buffer.values() for cell in row.values()]
    return [cell.data for cell in cells if cell.data.strip() and cell.fg == cell.bg != "default"]


@pytest.mark.parametrize(
    "variables",
    [
        {"TERM": "xterm", "LANG": "C.UTF-8"},
        {"TERM": "screen", "NO_COLOR": "1"},
        {"TERM": "linux", "LANG": "C.UTF-8"},
        {"TERM": "tmux-256color", "LANG": "C"},
        {"TERM": "vt220"},
    ],
    ids=lambda variables: " ".join(f"{name}={value}" for name, value in variables.items()),
)
def test_it_can_be_worked_with(folder: Path, variables: dict[str, str]) -> None:
    with opened(folder, SIZE, **variables) as login:
        plain = variables["TERM"] == "vt220" or variables.get("LANG") == "C"
        login.see('Cafe "Gluck"' if plain else "Café “Glück”", "anna")
        assert not unreadable(login)
        login.send("<F4>")
        login.see("Nothing in the basket")
        login.send("M02<Enter>")
        login.see("$3.60")
        login.send("<F9>")
        login.see("Pay: 1 piece")
        assert not unreadable(login)
        if plain:
            assert login.output.isascii()
            assert re.search(r" _ +_ +_ \W*\n.* _\| +\|_ +\| \|", login.text), login.text
        if "NO_COLOR" in variables or variables["TERM"] == "vt220":
            assert not COLOUR.search(login.output)
        if variables["TERM"] == "linux":
            assert not set("╭╮╰╯━┃") & set(login.output.decode())
        login.leave("<Ctrl+Q>")


def test_a_small_terminal_is_told_so_and_works(folder: Path) -> None:
    with opened(folder, (60, 20), TERM="xterm-256color") as login:
        login.see("60x20 is small: all works, but 80x24 shows more", "Café")
        login.send("<F4>M01<Enter>")
        login.see("$1.20")
        login.leave("<Ctrl+Q>")


def test_a_huge_terminal_is_filled(folder: Path) -> None:
    with opened(folder, (300, 80), TERM="xterm-256color") as login:
        login.see("Café", "Reorder")
        login.wait(lambda: "Help" in login.lines()[-1], "Help on the last line")
        login.leave("<Ctrl+Q>")


def test_resizing_all_the_time_does_no_harm(folder: Path) -> None:
    """Down to one cell and up to a wall of them, while somebody types."""
    dice = random.Random(7)
    with opened(folder, TERM="xterm-256color") as login:
        login.see("Café")
        before = login.resident_mib()
        for turn in range(300):
            columns, rows = dice.choice(
                ((1, 1), (500, 1), (1, 200), (dice.randrange(1, 200), dice.randrange(1, 90)))
            )
            size = struct.pack("HHHH", rows, columns, 0, 0)
            fcntl.ioctl(login._master, termios.TIOCSWINSZ, size)
            if turn % 20 == 0:
                login.send("<Down>")
            login._wait(0.0)
        fcntl.ioctl(login._master, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
        login.settle(0.3)
        login.output.clear()
        login._fed = 0
        login.send("<F4>")
        login.see("Nothing in the basket")
        assert login.resident_mib() < 2 * before
        login.leave("<Ctrl+Q>")
        assert login.ends() == 0


def test_keys_tells_what_the_terminal_sends() -> None:
    environment = {**plain_environment(), "TERM": "xterm"}
    with Login([sys.executable, "-m", "tracker_tui", "keys"], environment=environment) as login:
        login.see("Press keys; Ctrl+C ends")
        before = termios.tcgetattr(login._master)
        for keys, words, name in (
            ("<F9>", "ESC [ 2 0 ~", "f9"),
            ("a", "a", "a"),
            ("\x11", "^Q", "ctrl+q"),
            ("é", "C3 A9", "é"),
            ("<Escape>", "ESC", "escape"),
            ("\x1b[200~two words\x1b[201~", "SPACE w o r d s", "a paste of 9 characters"),
            ("\x1b[<0;12;5M", "[ < 0 ; 1 2 ; 5 M", "MouseDown at column 12, line 5"),
            ("\x1b[999~", "ESC [ 9 9 9 ~", "nothing"),
        ):
            login.send(keys)
            login.see(words, name)
        login.send("\x03")
        assert login.ends() == 0
        assert not before[3] & termios.ECHO
        assert b"\x1b[?2004l\x1b[<u" in login.output


def test_keys_needs_a_terminal() -> None:
    read, write = os.pipe()
    os.close(write)
    done = subprocess.run(
        [sys.executable, "-m", "tracker_tui", "keys"], stdin=read, capture_output=True, check=False
    )
    os.close(read)
    assert done.returncode == 1
    assert b"only in one" in done.stderr
