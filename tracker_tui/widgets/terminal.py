"""The one place that hardens Textual 8 at the terminal: its text, its input, its signals.

As shipped, Textual sends control characters of any text to the terminal, ends at a byte that is not
UTF-8, spins when the terminal is gone and stops by SIGTERM without putting the screen back. All that
is private to Textual and had to be used is used here or in `terminal_input`, with the reason beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Final, Protocol, cast

from rich.console import Console

# Private to Textual and Rich: every widget's text goes through these two tables, and no option sets them.
from rich.control import _CONTROL_STRIP_TRANSLATE as _RICH_TABLE
from rich.segment import Segment
from textual.app import App, ScreenStackError
from textual.content import _CONTROL_STRIP_TRANSLATE as _TEXTUAL_TABLE
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip

from tracker_tui.model.text import visible
from tracker_tui.widgets.abilities import draw_digits_plainly, encoder, of_this_terminal
from tracker_tui.widgets.bare_lines import BareLinesDriver
from tracker_tui.widgets.key_order import KeysInOrder
from tracker_tui.widgets.output import Output
from tracker_tui.widgets.resizing import follow_size
from tracker_tui.widgets.terminal_input import FloodGate, TerminalInput

GRACE_S: Final = 3
"""Seconds between the request to end and the kill, for a terminal that nobody reads any more."""

BACKLOG_LIMIT: Final = 50
"""Keys that wait to be handled before no more are read; further ones wait in the kernel.

A screen may handle as few as 200 keys in a second, and ends only after the ones it already has.
"""

_CHUNK_BYTES: Final = 64
_OTHER_SCREEN: Final = "\x1b[?1049h"
_BEHIND_MS: Final = 10
_GAP_MS: Final = 300
"""Silence that ends a flood."""
_FLOODED: Final = "Too much came at once, as from a paste: all but its beginning was left out"
_UNWANTED: Final = [
    *(code for code in range(0x20) if chr(code) not in "\t\n\r"),
    *range(0x7F, 0xA0),
    *(0x061C, 0x180E),
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
]
_NEVER_SENT: Final = re.compile(f"[\r{re.escape(''.join(map(chr, _UNWANTED)))}]")
_RENDER: Final = Strip.render
_CHANGED_SIGNALS: Final = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGTSTP,
    signal.SIGCONT,
    signal.SIGWINCH,
    signal.SIGTTIN,
    signal.SIGTTOU,
)


def harden_text() -> None:
    """Make Textual and Rich show control and invisible characters of any text as symbols.

    Changes their two tables in place, so it holds for every widget of every app in this process; a second
    call changes nothing. Line feed and tab stay as they are, carriage return is left out as before.
    Text that goes around the tables (segments that a widget makes itself, `Content + str`) loses these
    characters where lines become bytes; the width of the line was counted without them.
    """
    shown = {code: _shown(chr(code)) for code in _UNWANTED}
    shown.update(dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))
    for table in (_RICH_TABLE, _TEXTUAL_TABLE):
        cast("dict[int, str | None]", table).update(shown)
    if Strip.render is not _render_clean:
        Strip.render = _render_clean  # type: ignore[assignment, method-assign]


def _render_clean(strip: Strip, console: Console) -> str:
    """Stand in for `Strip.render`, through which each line of each widget passes on its way out."""
    text = strip.text
    if text.isprintable() or not _NEVER_SENT.search(text):
        return _RENDER(strip, console)
    segments = [Segment(_NEVER_SENT.sub("", part), style) for part, style, _control in strip]
    return _RENDER(Strip(segments, strip.cell_length), console)


def _shown(character: str) -> str:
    """Return the symbol for `character`, or nothing if the shop's own mapping has none for it."""
    symbol = visible(character)
    return "" if symbol == character else symbol


def open_screen(app: App[Any]) -> int:
    """Run `app` in the terminal, hardened, until it ends.

    Args:
        app: An app that was made with `driver_class=SafeDriver`.

    Returns:
        The status for `sys.exit`: 0 only after an exit that was asked for.
    """
    harden_text()
    draw_digits_plainly(of_this_terminal().charset)
    with _dispositions_kept():
        try:
            app.run()
        except KeyboardInterrupt:
            return 128 + signal.SIGINT
    # Private to Textual: a crash during an exit leaves the exit's own status, only this remembers it.
    crashed = app._exception is not None  # noqa: SLF001
    return 1 if crashed or app.return_code is None else app.return_code


@contextlib.contextmanager
def _dispositions_kept() -> Iterator[None]:
    """Put the signals' handlers back afterwards; where a signal has ended the app, ignore further ones.

    The alarm is due then, whatever hangs, and a further signal must not cut off what is still done. A
    handler would not do: an interpreter that ends puts the default action, which kills, in its place.
    """
    before = {number: signal.getsignal(number) for number in _CHANGED_SIGNALS}
    try:
        yield
    finally:
        leaving = signal.getitimer(signal.ITIMER_REAL)[0] > 0
        for number, handler in before.items():
            if leaving:
                signal.signal(number, signal.SIG_IGN)
            elif handler is not None:
                signal.signal(number, handler)


def guard_signals(app: App[Any], leave: Callable[[], None] | None = None) -> None:
    """End `app` cleanly on SIGTERM, SIGHUP and SIGINT, and never stop it for job control.

    The process is gone `GRACE_S` after the first of these signals in any case: the kernel sees to that, as
    an event loop that waits for a terminal that nobody reads runs no handler any more.
    Does nothing in a headless app and outside of the main thread.

    Args:
        app: The running app.
        leave: Run once, on the event loop; it ends the app, at once or when its work is done.
            `app.exit` if not given.
    """
    if app.is_headless or threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    context = contextvars.copy_context()
    once = iter([leave or app.exit])

    def end(_number: int, _frame: FrameType | None) -> None:
        # No event or lock remembers the first signal: the next one may come while this handler holds it.
        for act in once:
            signal.alarm(GRACE_S)
            with contextlib.suppress(RuntimeError):  # the loop is closed: the app has ended
                loop.call_soon_threadsafe(act, context=context)

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, end)
    signal.signal(signal.SIGTSTP, _stay)


def _stay(_number: int, _frame: FrameType | None) -> None:
    """Take the signal and do nothing; unlike SIG_IGN, a child process does not inherit it."""


class _WakingEvent(threading.Event):
    """An event that also makes a file descriptor readable, for a thread that waits in `poll`."""

    def __init__(self) -> None:
        super().__init__()
        self._readable, self._writable = os.pipe()
        self._open = True

    def fileno(self) -> int:
        return self._readable

    def set(self) -> None:
        super().set()
        if self._open:
            os.write(self._writable, b"!")

    def clear(self) -> None:
        if self._open and self.is_set():
            os.read(self._readable, _CHUNK_BYTES)
        super().clear()

    def close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._readable)
            os.close(self._writable)


def lines_of(screen: Screen[Any]) -> list[str]:
    """Return what the terminal is told for each line of a screen as it stands."""
    strips = screen._compositor.render_strips()  # noqa: SLF001 - only it knows where the widgets' lines lie
    able = of_this_terminal()
    encode = encoder(able)
    return [encode(strip.render(screen.app.console)).decode(able.charset) for strip in strips]


def repaint(app: App[Any]) -> None:
    """Draw the whole screen anew, for where something else has written on the terminal."""
    driver = app._driver  # noqa: SLF001 - no public name leads to it
    if isinstance(driver, SafeDriver):
        driver.forget_screen()
    app.refresh(layout=True)


class HandsOver(Protocol):
    """What drew on the terminal before, and knows how that was."""

    def take_over(self) -> list[Any] | None:
        """Return the terminal's mode of before; None where nothing was drawn."""


class SafeDriver(BareLinesDriver):
    """Textual's driver for a terminal that may send anything, stall, or go away at any moment."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._output = Output(sys.__stderr__ or sys.stderr)
        self._file = cast("Any", self._output)
        self._waking = _WakingEvent()
        self.exit_event = self._waking
        self._arrived = threading.Event()
        self._arrived.set()
        self._under_way = 0
        self._is_taken_over = False
        self._raw_mode: list[Any] | None = None
        # LinuxDriver starts a second input thread at each SIGCONT, stopped or not.
        signal.signal(signal.SIGCONT, self._continued)

    @property
    def can_suspend(self) -> bool:
        """Never: under a forced command nobody could continue a stopped process."""
        return False

    def open_url(self, url: str, new_tab: bool = True) -> None:  # noqa: FBT001 - the base class's signature
        """Open nothing: a browser started on the shop's server would be a way out of the program."""

    def start_application_mode(self) -> None:
        """Start application mode, with the signals guarded from its first moment."""
        guard_signals(self._app)
        page: HandsOver | None = getattr(self._app, "first_page", None)
        before = page.take_over() if page is not None else None
        self._is_taken_over = before is not None
        super().start_application_mode()  # type: ignore[no-untyped-call]
        follow_size(self._app, self._get_terminal_size)
        if before is not None:
            self.attrs_before = before
        with contextlib.suppress(termios.error):
            self._raw_mode = termios.tcgetattr(self.fileno)

    def write(self, data: str) -> None:
        """Write to the terminal; a page that stands on the other screen already is not wiped away."""
        if self._is_taken_over and data == _OTHER_SCREEN:
            self._is_taken_over = False
            return
        super().write(data)

    def close(self) -> None:
        """Perform any final cleanup."""
        super().close()
        self._waking.close()

    def run_input_thread(self) -> None:
        """Read keys until the app ends; an idle terminal does not wake it."""
        keys, flood = TerminalInput(of_this_terminal().charset), FloodGate()
        poll = select.poll()
        poll.register(self._waking, select.POLLIN)
        while not self.exit_event.is_set():
            behind = not flood.is_open and self._is_behind()
            poll.register(self.fileno, 0 if behind else select.POLLIN)
            waiting_ms = _GAP_MS if flood.is_open else _milliseconds(keys.patience_s)
            ready = dict(poll.poll(_BEHIND_MS if behind else waiting_ms))
            state = ready.get(self.fileno, 0)
            if state & select.POLLIN:
                sent = self._read()
                if sent == b"":
                    return self._hang_up()
                self._take(sent or b"", keys, flood)
            elif state:
                return self._hang_up()
            elif not ready and not behind:
                flood.close()
                self._pass_on(keys.fall_silent())
        return None

    def _take(self, sent: bytes, keys: TerminalInput, flood: FloodGate) -> None:
        """Pass on what was typed, but nothing of a flood behind its beginning."""
        if flood.is_open:
            return
        self._pass_on(keys.feed(sent))
        flood.took(len(sent), 0 if keys.inside_paste else _bytes_waiting(self.fileno))
        if flood.is_open:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the app has ended
                self._loop.call_soon_threadsafe(self._tell_of_flood)

    def _tell_of_flood(self) -> None:
        self._app.notify(_FLOODED, severity="warning", markup=False)

    def _read(self) -> bytes | None:
        """Return what was typed, `b""` if the terminal is gone, None if somebody else has read it."""
        try:
            return os.read(self.fileno, _CHUNK_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def _pass_on(self, messages: Iterator[Message]) -> None:
        """Send `messages` to the app, and behind them a mark that shows when they got there."""
        if self._arrived.is_set():
            self._under_way = 0
        for message in messages:
            self.process_message(message)
            self._under_way += 1
        if self._arrived.is_set() and self._under_way:
            self._arrived.clear()
            self._loop.call_soon_threadsafe(self._arrived.set)

    def _is_behind(self) -> bool:
        """Tell if the app has enough to do: keys on the way to it, and in the queues they go through."""
        if not self._arrived.is_set() and self._under_way > BACKLOG_LIMIT:
            return True
        try:
            pumps = [self._app, self._app.screen, self._app.focused]
        except ScreenStackError:
            return False
        waiting = self._app.backlog if isinstance(self._app, KeysInOrder) else 0
        return waiting + sum(pump.message_queue_size for pump in pumps if pump) > BACKLOG_LIMIT

    def _hang_up(self) -> None:
        """The terminal is gone: end as SIGHUP would, which may not come or not be heard."""
        signal.alarm(GRACE_S)
        os.kill(os.getpid(), signal.SIGHUP)

    def _continued(self, _number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the app has ended
            self._loop.call_soon_threadsafe(self._set_up_again)

    def forget_screen(self) -> None:
        """Draw everything anew from the next paint on, whatever is known to stand there."""
        self._output.forget_screen()

    def _set_up_again(self) -> None:
        """After a SIGCONT the terminal may be as the shell wants it: take it back and repaint."""
        if self._raw_mode is None or self.exit_event.is_set():
            return
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self.fileno, termios.TCSANOW, self._raw_mode)
        self.write("\x1b[?1049h\x1b[?25l")
        self._enable_bracketed_paste()
        self._disable_line_wrap()
        self._enable_mouse_support()
        self._app.refresh(layout=True)


def _bytes_waiting(fd: int) -> int:
    """Return how many bytes could be read at once; 0 where the kernel does not tell."""
    try:
        return int(struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, bytes(4)))[0])
    except OSError:
        return 0


def _milliseconds(seconds: float | None) -> int | None:
    """Return `seconds` for `poll`, rounded up so that the time is really over."""
    return None if seconds is None else int(seconds * 1000) + 1
