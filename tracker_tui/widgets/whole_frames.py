"""All that one key changes comes to the screen in one frame."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from threading import get_ident
from time import monotonic
from typing import Final, TypeVar

from textual.message import Message
from textual.messages import Prompt, Update
from textual.screen import Screen
from textual.widget import Widget

from tracker_tui.widgets.changed_lines import ChangedLines

Answer = TypeVar("Answer")

LONGEST_S: Final = 0.025
"""How long what has changed waits for a key that is still at work."""

LAPS: Final = 5
"""How often the widgets get their turn before what a key changed is surely known, if they are not at rest before: the
widget finds itself idle, tells the screen, and the screen notes it."""


class WholeFrames(Screen[Answer]):
    """A screen whose changes wait until the key under way has done all that it does.

    Left to itself Textual paints the first widget that has changed at once, and the others a frame later: what
    is typed, then the rows that are found and the details of the first of them. That is twice the work,
    and the last of it stands there twice as late.
    """

    _turn = 0
    _holds = False
    _laps_left = 0
    _turn_let_go = 0
    _held_since: float | None = None

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        # Private to Textual, which has no other place for what makes its frames.
        self._compositor = ChangedLines()

    def hold(self) -> None:
        """Wait with changes: a key sets out."""
        self._turn += 1
        self._holds = True

    async def let_go(self) -> None:
        """Paint what has changed: the key has done all that it does."""
        turn = self._turn
        for _ in range(LAPS):
            if not self._holds or turn != self._turn:
                return
            if self._is_at_rest():
                self._paint()
                return
            await asyncio.sleep(0)
        self._laps_left, self._turn_let_go = LAPS, turn
        self.call_later(self._let_go_later)

    def paint(self) -> None:
        """Paint what has changed now, where nothing else is under way; else it comes with that."""
        if not self._holds and self.is_current and self._is_at_rest():
            self._paint()

    def _is_at_rest(self) -> bool:
        """Tell whether nothing is on its way to what is in sight, and nothing but lines has to be made anew."""
        return not any(map(_is_busy, (self, *self._compositor.visible_widgets)))

    def _let_go_later(self) -> None:
        if self._turn_let_go != self._turn:
            return
        self._laps_left -= 1
        if self._laps_left:
            self.call_later(self._let_go_later)
        else:
            self._paint()

    def _paint(self) -> None:
        """Paint all that has changed, also what widgets would only tell when they find themselves idle."""
        self._holds = False
        for widget in self._compositor.visible_widgets:
            if widget is not self and widget._repaint_required:  # noqa: SLF001 - private to Textual, as is all of this
                widget._repaint_required = False  # noqa: SLF001
                self._dirty_widgets.add(widget)
        if self._dirty_widgets:
            self._on_timer_update()

    def post_message(self, message: Message) -> bool:
        """Take a message; that a widget has changed is noted at once, and not only when its turn comes."""
        if (
            isinstance(message, Update)
            and self._thread_id == get_ident()
            and message.widget in self._compositor
        ):
            self._dirty_widgets.add(message.widget)
            self.check_idle()
            return True
        return super().post_message(message)

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


def _is_busy(widget: Widget) -> bool:
    """Tell whether something is on its way to a widget, or more than its lines has to be made anew."""
    # Private to Textual. A prompt only makes a widget tell what it needs, which is looked at here.
    waiting: Iterable[Message] = widget._message_queue.values  # noqa: SLF001
    return bool(
        widget._layout_required  # noqa: SLF001
        or widget._scroll_required  # noqa: SLF001
        or widget._recompose_required  # noqa: SLF001
        or widget._refresh_styles_required  # noqa: SLF001
        or widget._next_callbacks  # noqa: SLF001
        or any(type(message) is not Prompt for message in waiting)
    )
