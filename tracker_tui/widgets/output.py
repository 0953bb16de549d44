"""The way to the terminal: what it can show, in few bytes, and never an error."""

from __future__ import annotations

import os
import select
from typing import Final, TextIO

from tracker_tui.widgets.abilities import encoder, of_this_terminal
from tracker_tui.widgets.repaint import Shown
from tracker_tui.widgets.terse import terse

_WRITE_BYTES: Final = 8192


class Output:
    """What Textual's writer thread writes to; it outlives a terminal that is gone or would block.

    That thread ends at the first error, and then the app blocks for ever as soon as its queue is full.
    """

    def __init__(self, file: TextIO) -> None:
        self._fileno = file.fileno()
        self._encode = encoder(of_this_terminal())
        self._waiting = bytearray()
        self._shown = Shown()
        self._is_stale = False
        self._size: os.terminal_size | None = None

    def forget_screen(self) -> None:
        """Draw everything anew from the next paint on; for any thread."""
        self._is_stale = True

    def fileno(self) -> int:
        """Return the terminal's descriptor."""
        return self._fileno

    def write(self, text: str) -> None:
        """Take what is drawn; it goes out once there is enough of it."""
        size = self._terminal_size()
        if self._is_stale or size != self._size:  # A terminal of another size has not kept what stood on it.
            self._is_stale, self._size = False, size
            self._shown.forget()
        self._waiting += self._encode(terse(self._shown.news_of(text)))
        if len(self._waiting) >= _WRITE_BYTES:
            self.flush()

    def _terminal_size(self) -> os.terminal_size | None:
        try:
            return os.get_terminal_size(self._fileno)
        except OSError:
            return None

    def flush(self) -> None:
        """Send all that waits; where the terminal is gone, drop it."""
        while self._waiting:
            try:
                del self._waiting[: os.write(self._fileno, self._waiting)]
            except BlockingIOError:
                select.select([], [self._fileno], [])
            except OSError:
                self._waiting.clear()
