"""The first page of the shop, on the screen before the screens' own modules are loaded.

That takes most of a start. The page is what stood there at the last start at such a terminal, where nothing that
it shows has changed; the screens take over the very same screen and draw the very same page. Keys that are typed
meanwhile wait in the terminal, as they do while any program starts.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
import threading
from binascii import crc32
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Final, NoReturn, Self

from tracker_tui import __version__
from tracker_tui.storage.page_file import read_page, read_theme, write_page, write_theme
from tracker_tui.storage.plain import AnyPath

_SHOW: Final = "\x1b[?1049h\x1b[?25l\x1b[?7l"
_HIDE: Final = "\x1b[?7h\x1b[?1049l\x1b[?25h"
_LINE: Final = re.compile(
    "(?:\x1b\\[[0-9;]*m|[^\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff])*"
)
"""Styles and what prints: nothing else may come from a file to a terminal."""

_TERMINAL: Final = ("TERM", "COLORTERM", "NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG")
_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)


class FirstPage:
    """A page that is shown while the screens are loaded; to be used in a `with`.

    Where the screens never take it over, the end of the `with` puts the terminal back. It waits for what is being
    kept: a process that ended meanwhile would leave half a file.

    Args:
        directory: The shop's folder.
        clerk: Who works in the session.
        session: What else the page depends on: what they may do.

    Attributes:
        theme: What the colours are called that the clerk chose last; "" for the usual ones.
    """

    def __init__(self, directory: AnyPath, clerk: str, *session: str) -> None:
        self._directory = directory
        self._mode: list[Any] | None = None
        self._size = _size()
        width, height = self._size
        terminal = (f"{name}={os.environ.get(name)}" for name in _TERMINAL)
        self._clerk = f"{crc32(f'{os.getuid()} {clerk}'.encode('utf-8', 'surrogateescape')):08x}"
        self.theme = read_theme(directory, self._clerk)
        who = (str(os.getuid()), clerk, self.theme)
        told = (__version__, f"{width}x{height}", *who, *session, *terminal)
        self._made_of = "\0".join(told).encode("utf-8", "surrogateescape")
        self._name = f"{crc32(self._made_of):08x}"
        self._lines: list[str] = []
        self._keeping: list[threading.Thread] = []

    def __enter__(self) -> Self:
        """Show the page, where there is one."""
        lines = read_page(self._directory, self._name, self._made_of) if self._size[1] else None
        if lines is None or len(lines) != self._size[1] or not all(map(_LINE.fullmatch, lines)):
            return self
        try:
            self._mode = termios.tcgetattr(2)
            termios.tcsetattr(2, termios.TCSANOW, _quiet(self._mode))
        except termios.error:
            self._mode = None
            return self
        for number in _SIGNALS:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _end)
        self._lines = lines
        placed = (f"\x1b[{row};1H{line}\x1b[0m" for row, line in enumerate(lines, 1))
        _write(_SHOW + "".join(placed))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in _SIGNALS:
            if signal.getsignal(number) is _end:
                signal.signal(number, signal.SIG_DFL)
        mode = self.take_over()
        if mode is not None:
            _write(_HIDE)
            termios.tcsetattr(2, termios.TCSANOW, mode)
        for thread in self._keeping:
            thread.join()

    def take_over(self) -> list[Any] | None:
        """Hand the screen over.

        Returns:
            How the terminal was before, to be put back at the end; None where no page stands there.
        """
        mode, self._mode = self._mode, None
        return mode

    def keep(self, lines: list[str]) -> None:
        """Keep what stands on the screen now for the next start, in a thread of its own.

        Args:
            lines: What each line of the screen was told.
        """
        if lines == self._lines or len(lines) != self._size[1] or not all(map(_LINE.fullmatch, lines)):
            return
        self._keep(write_page, self._directory, self._name, self._made_of, lines)

    def keep_theme(self, theme: str) -> None:
        """Keep the colours that were chosen, for the clerk's next start in this shop, in a thread of its own."""
        self._keep(write_theme, self._directory, self._clerk, theme)

    def _keep(self, write: Callable[..., None], *words: object) -> None:
        thread = threading.Thread(target=write, args=words, name="first-page", daemon=True)
        self._keeping.append(thread)
        thread.start()


def _size() -> tuple[int, int]:
    """Return the columns and lines of the terminal, as the screens will find them; (0, 0) where there is none."""
    try:
        if all(os.isatty(fd) for fd in (0, 1, 2)):
            return os.get_terminal_size(1)
    except OSError:
        pass
    return (0, 0)


def _quiet(mode: list[Any]) -> list[Any]:
    """Return a terminal's mode in which keys wait, unseen and as they are."""
    quiet = [*mode]
    quiet[0] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    quiet[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    return quiet


def _write(text: str) -> None:
    data = memoryview(text.encode(getattr(sys.__stderr__, "encoding", None) or "utf-8", "backslashreplace"))
    try:
        while data:
            data = data[os.write(2, data) :]
    except OSError:  # The terminal is gone; the screens find that out as well.
        return


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
