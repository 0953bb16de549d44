"""The page that stands there before the screens are loaded: right or not there, and gone without a trace."""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pexpect  # type: ignore[import-untyped]
import pyte
import pytest

from tests.screens.helpers import wait_until
from tracker_tui import first_page
from tracker_tui.app import TrackerApp
from tracker_tui.first_page import _LINE, FirstPage
from tracker_tui.model import Product
from tracker_tui.service import InventoryService
from tracker_tui.storage import page_file
from tracker_tui.storage.page_file import read_page, write_page

WIDTH, HEIGHT = 80, 24
NAME, MADE_OF, LINES = "0123abcd", b"version, size", ["one", "\x1b[1mtwo\x1b[0m"]
SECONDS = 60


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    with InventoryService.open(tmp_path / "shop", "amal") as service:
        for number in range(30):
            service.add(Product(f"{number:03}", f"Tea {number}", Decimal(2), 50))
    return tmp_path / "shop"


class Session:
    """A program in a terminal, and what it shows."""

    def __init__(self, *words: str) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in ("LINES", "COLUMNS")}
        self.program: Any = pexpect.spawn(
            sys.executable,
            [*words],
            env={**environment, "TERM": "xterm-256color"},
            dimensions=(HEIGHT, WIDTH),
            timeout=SECONDS,
        )
        self.mode = termios.tcgetattr(self.program.child_fd)
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.ByteStream(self.screen)
        self.sent = b""

    def read(self) -> bool:
        """Read on; False at the end."""
        try:
            data = self.program.read_nonblocking(65536, SECONDS)
        except pexpect.EOF:
            return False
        self.sent += data
        self._stream.feed(data)
        return True

    def until(self, text: str) -> None:
        while not any(text in line for line in self.screen.display):
            assert self.read(), "\n".join(self.screen.display)

    def cells(self) -> list[list[Any]]:
        """Return each character with its colours."""
        return [[self.screen.buffer[row][column] for column in range(WIDTH)] for row in range(HEIGHT)]

    def end(self) -> int:
        """Read to the end; return the status."""
        while self.read():
            pass
        self.program.close()
        ended = self.program.signalstatus
        return int(self.program.exitstatus if ended is None else -ended)


def screens(shop: Path) -> Session:
    return Session("-m", "tracker_tui", "-d", str(shop), "--as", "amal")


def kept_pages(shop: Path) -> list[Path]:
    return sorted((shop / ".tracker").glob("page-*"))


@pytest.fixture
def seen_before(shop: Path) -> Path:
    """Return a shop that was opened at this terminal before."""
    first = screens(shop)
    first.until("Tea 1")
    while not kept_pages(shop):
        assert first.read()
    first.program.send("\x11")
    assert first.end() == 0
    return shop


def test_second_start_shows_the_page_that_the_screens_draw(seen_before: Path) -> None:
    page = kept_pages(seen_before)[0].read_bytes()
    again = screens(seen_before)
    again.until("Tea 1")
    assert b"\x1b[?1000h" not in again.sent, "nothing of the screens yet"
    while not again.screen.display[HEIGHT - 1].strip():
        assert again.read()
    shown = again.cells()
    again.program.send("\x1b[B")
    again.until(">  001")
    assert again.sent.count(b"\x1b[?1049h") == 1, "the screen is not wiped"
    again.program.send("\x11")
    assert again.end() == 0
    assert kept_pages(seen_before)[0].read_bytes() == page, "drawn again, it was the same page"
    assert any("Tea 0" in "".join(cell.data for cell in row) for row in shown)


def test_nothing_moves_where_the_screens_take_over(seen_before: Path) -> None:
    again = screens(seen_before)
    again.until("Help")
    shown = again.cells()
    while again.sent.count(b"\x1b[?1006h") == 0:
        assert again.read()
        assert again.cells() == shown or b"\x1b[?1006h" in again.sent
    again.until(" 30 ")
    different = [row for row, cells in enumerate(again.cells()) if cells != shown[row]]
    assert different == [1], "only the number of rows was not known before"
    again.program.send("\x11")
    assert again.end() == 0


def test_keys_typed_on_the_page_are_kept_and_the_terminal_is_as_before(seen_before: Path) -> None:
    again = screens(seen_before)
    while b"Tea 1" not in again.sent:
        assert again.read()
    again.program.send("\x1b[B\x1b[B\x11")
    assert again.end() == 0
    assert "Tea" not in "".join(again.screen.display) or again.sent.rstrip().endswith(b"l")
    assert again.sent.count(b"\x1b[?1049l") == 1


def test_changed_row_is_never_shown_as_it_was(seen_before: Path) -> None:
    inventory = seen_before / "inventory.txt"
    inventory.write_text(inventory.read_text().replace("Tea 3,", "Coffee 3,"))
    again = screens(seen_before)
    again.until("Coffee 3")
    assert b"Tea 3 " not in again.sent
    again.program.send("\x11")
    assert again.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_on_the_page_puts_the_terminal_back(seen_before: Path, number: int) -> None:
    words = f"Path({str(seen_before)!r}), 'amal', 'False False'"
    program = (
        "import signal; from pathlib import Path; from tracker_tui.first_page import FirstPage\n"
        f"signal.signal({int(number)}, signal.SIG_DFL)  # pytest itself may have been started to ignore it\n"
        f"with FirstPage({words}): signal.raise_signal({int(number)})"
    )
    session = Session("-c", program)
    assert session.end() == 128 + number
    assert b"Tea 1" in session.sent
    assert session.sent.endswith(b"\x1b[?1049l\x1b[?25h")


def test_refused_start_puts_the_terminal_back(seen_before: Path) -> None:
    program = (
        "import sys, tracker_tui.work.opening as o; from tracker_tui.errors import StorageError\n"
        "from tracker_tui.cli import run\n"
        "def refuse(*_, **__): raise StorageError('the disk failed')\n"
        "o.Opening.at = refuse\n"
        f"sys.exit(run(['-d', {str(seen_before)!r}, '--as', 'amal']))"
    )
    session = Session("-c", program)
    assert session.end() == 3
    assert re.search(rb"Tea 1.*\x1b\[\?1049l\x1b\[\?25h.*the disk failed", session.sent, re.DOTALL)


# The file


def test_page_is_that_of_the_very_rows_and_settings(shop: Path) -> None:
    write_page(shop, NAME, MADE_OF, LINES)
    assert read_page(shop, NAME, MADE_OF) == LINES
    assert read_page(shop, NAME, MADE_OF + b"!") is None
    assert read_page(shop, "00000000", MADE_OF) is None
    inventory = shop / "inventory.txt"
    rows = inventory.read_text()
    inventory.write_text(rows.replace("as of entry 30", "as of entry 31"))
    assert read_page(shop, NAME, MADE_OF) == LINES, "the number of the entry is on no page"
    inventory.write_text(rows.replace("Tea 7,2.00", "Tea 7,2.10"))
    assert read_page(shop, NAME, MADE_OF) is None
    inventory.write_text(rows)
    (shop / "tracker.toml").write_text('currency = "€"\n')
    assert read_page(shop, NAME, MADE_OF) is None


def test_the_end_waits_for_a_page_that_is_being_kept(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited_for, kept = threading.Event(), list[str]()
    join = threading.Thread.join

    def write(*_words: object) -> None:
        waited_for.wait(SECONDS)
        kept.append("page")

    def wait(thread: threading.Thread, timeout: float | None = None) -> None:
        waited_for.set()
        join(thread, timeout)

    monkeypatch.setattr(first_page, "write_page", write)
    monkeypatch.setattr(first_page, "_size", lambda: (WIDTH, len(LINES)))
    monkeypatch.setattr(threading.Thread, "join", wait)
    with FirstPage(shop, "amal", "x") as page:
        page.keep(LINES)
    waited_for.set()
    assert kept == ["page"]


def test_oldest_pages_go(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_file, "_MOST_PAGES", 3)
    for number in range(5):
        write_page(shop, f"{number:08}", MADE_OF, LINES)
        os.utime(shop / ".tracker" / f"page-{number:08}", (number, number))
    assert [page.name for page in kept_pages(shop)] == ["page-00000002", "page-00000003", "page-00000004"]


def test_page_that_is_a_link_or_nowhere_is_passed_over(shop: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "nowhere", NAME, MADE_OF, LINES)
    assert read_page(tmp_path / "nowhere", NAME, MADE_OF) is None
    write_page(shop, NAME, MADE_OF, LINES)
    page = shop / ".tracker" / f"page-{NAME}"
    page.rename(tmp_path / "elsewhere")
    page.symlink_to(tmp_path / "elsewhere")
    assert read_page(shop, NAME, MADE_OF) is None


@pytest.mark.parametrize(
    "text", ["\x1b]52;c;x\x07", "\x1b[2J", "\x07", "\x9b31m", "\u202e", "a\nb", "\x1b[?1049l"]
)
def test_nothing_but_styles_and_text_comes_from_a_file_to_the_terminal(text: str) -> None:
    assert _LINE.fullmatch("\x1b[1;38;5;2mTea ·\x1b[0m │")
    assert not _LINE.fullmatch(f"Tea {text}")


def test_colours_are_kept_for_the_next_start_of_the_same_clerk(shop: Path) -> None:
    """The page of a start in other colours is not shown."""
    first = FirstPage(shop, "amal", "x")
    assert first.theme == ""
    with first:
        first.keep_theme("textual-light")
    assert FirstPage(shop, "amal", "x").theme == "textual-light"
    assert FirstPage(shop, "bert", "x").theme == ""
    names = {FirstPage(shop, clerk, "x")._name for clerk in ("amal", "bert")} | {first._name}
    assert len(names) == 3


@pytest.mark.parametrize("kept", [b"", b"../x", b"Textual-Light", b"a" * 41, b"dark\n\x1b[5n"])
def test_what_is_no_name_of_colours_counts_for_nothing(shop: Path, kept: bytes) -> None:
    with FirstPage(shop, "amal", "x") as page:
        page.keep_theme("nord")
    (file,) = (shop / ".tracker").glob("theme-*")
    file.write_bytes(kept)
    assert FirstPage(shop, "amal", "x").theme == ""


async def test_the_palette_has_light_and_dark_colours_which_are_kept(shop: Path) -> None:
    page = FirstPage(shop, "amal", "x")
    with InventoryService.open(shop, "amal") as service:
        app = TrackerApp(service, page=page)
        async with app.run_test(size=(80, 24)) as pilot:
            commands = {command.title: command for command in app.get_system_commands(app.screen)}
            commands["Light colours"].callback()
            await wait_until(pilot, lambda: FirstPage(shop, "amal", "x").theme == "textual-light")
            assert not app.current_theme.dark
    with InventoryService.open(shop, "amal") as service:
        app = TrackerApp(service, page=FirstPage(shop, "amal", "x"))
        assert app.theme == "textual-light"


def test_colours_that_nobody_knows_are_the_usual_ones(shop: Path) -> None:
    page = FirstPage(shop, "amal", "x")
    page.theme = "of-another-version"
    with InventoryService.open(shop, "amal") as service:
        assert TrackerApp(service, page=page).theme == TrackerApp(service).theme
