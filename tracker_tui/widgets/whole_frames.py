"""All that one key changes comes to the screen in one frame."""

from __future__ import annotations

from time import monotonic
from typing import Final, TypeVar

from textual.screen import Screen

from tracker_tui.widgets.changed_lines import ChangedLines

Answer = TypeVar("Answer")

LONGEST_S: Final = 0.025
"""How long what has changed waits for a key that is still at work."""

LAPS: Final = 4
"""How often a mark goes through the screen's queue before the widgets that a key changed have surely said so: the
widget finds itself idle, tells the screen, and the screen notes it."""


class WholeFrames(Screen[Answer]):
    """A screen whose changes wait until the key under way has done all that it does.

    Left to itself Textual paints the first widget that has changed at once, and the others a frame later: what
    is typed, then the rows that are found and the details of the first of them. That is twice the work,
    and the last of it stands there twice as late.
    """

    _turn = 0
    _holds = False
    _held_since: float | None = None

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        # Private to Textual, which has no other place for what makes its frames.
        self._compositor = ChangedLines()

    def hold(self) -> None:
        """Wait with changes: a key sets out."""
        self._turn += 1
        self._holds = True

    def let_go(self) -> None:
        """Paint what has changed: the key has done all that it does."""
        if self._holds:
            self.call_later(self._let_go_after, self._turn, LAPS)

    def _let_go_after(self, turn: int, laps: int) -> None:
        if turn != self._turn:
            return
        if laps:
            self.call_later(self._let_go_after, turn, laps - 1)
            return
        self._holds = False
        if self._dirty_widgets:
            self._on_timer_update()

    def _on_timer_update(self) -> None:
        """Stand in for Textual's own, which is private and the only place where a frame begins.

        While changes are held the timer ticks on, so they come at the latest after `LONGEST_S`.
        """
        if self._holds and not (self._layout_required or self._scroll_required or self._recompose_required):
            now = monotonic()
            if self._held_since is None:
                self._held_since = now
            if now - self._held_since < LONGEST_S:
                return
        self._held_since = None
        super()._on_timer_update()
