"""Lines that are likely to be seen next, drawn while nothing is typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

PAUSE_S: Final = 0.012
"""How long after a key it begins: later than its own paint, and early enough for the next one of a held key."""

SLICE: Final = 8
"""Lines that are drawn in one go; a key waits for no more of them."""


class LinesAhead:
    """Draws lines a few at a time, from its own loop; to be used in that loop.

    Args:
        draw: Draws one line, by its number; False ends it all.
    """

    def __init__(self, draw: Callable[[int], bool]) -> None:
        self._draw = draw
        self._lines = range(0)
        self._next: asyncio.TimerHandle | None = None

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to draw."""
        return self._next is None

    def begin(self, lines: range) -> None:
        """Draw these lines in a moment, and no others any more."""
        self.stop()
        self._lines = lines
        self._next = asyncio.get_running_loop().call_later(PAUSE_S, self._go_on)

    def stop(self) -> None:
        """Draw no more."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _go_on(self) -> None:
        self._next = None
        now, self._lines = self._lines[:SLICE], self._lines[SLICE:]
        if all(map(self._draw, now)) and self._lines:
            self._next = asyncio.get_running_loop().call_later(0, self._go_on)
