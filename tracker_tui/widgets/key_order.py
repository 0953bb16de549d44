"""One key at a time: a key is handed out only when the one before has done all that it does.

Textual hands every key at once to the widget that has the focus, and learns only later that an earlier one
moved the focus or opened a dialog. Keys that come bunched, from a scanner or over a slow line, then land in
the wrong field: `M01 Tab Milk` gave a product with the id `M01Milk`. Here each key travels its whole way,
from the widget up to the app, before the next sets out, and waits for a screen that it opened to be ready.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from textual import events, on
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump

Result = TypeVar("Result")

PATIENCE_S: Final = 2.0
"""How long a key may be under way: a widget that went away on the way never reports back."""


@dataclass
class _KeyArrived(Message):
    """Follows a key through the same queues, so that it arrives when the key has done what it does.

    Attributes:
        turn: Which key, counted.
        place: The screen that it was handed to.
    """

    turn: int
    place: MessagePump


class KeysInOrder(App[Result], Generic[Result]):
    """An app whose keys act one after the other, however fast they come."""

    _turn = 0
    _under_way = False
    _watchdog: asyncio.TimerHandle | None = None

    @property
    def keys_waiting(self) -> deque[events.Key]:
        """The keys that came while an earlier one was under way, in order."""
        if not hasattr(self, "_keys_waiting"):
            self._keys_waiting: deque[events.Key] = deque()
        return self._keys_waiting

    async def on_event(self, event: events.Event) -> None:
        """Hand out a key, or let it wait for its turn; all else goes its way."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        self.keys_waiting.append(event)
        if not self._under_way:
            await self._hand_out()

    async def _hand_out(self) -> None:
        event = self.keys_waiting.popleft()
        self._turn += 1
        self._under_way = True
        place = self.screen
        target = self.focused or place
        self._watchdog = asyncio.get_running_loop().call_later(PATIENCE_S, self._give_up, self._turn)
        await super().on_event(event)
        if not target.post_message(_KeyArrived(self._turn, place)):
            await self._go_on(self._turn)

    @on(_KeyArrived)
    def _end_turn(self, arrived: _KeyArrived) -> None:
        """Go on, but behind what the key asked to have done later: `Widget.focus` is such a wish."""
        self.call_later(self._look_round, arrived)

    async def _look_round(self, arrived: _KeyArrived) -> None:
        further = _KeyArrived(arrived.turn, self.screen)
        if arrived.place is self.screen or not self.screen.post_message(further):
            await self._go_on(arrived.turn)

    async def _go_on(self, turn: int) -> None:
        if turn != self._turn or not self._under_way:
            return
        self._under_way = False
        if self._watchdog is not None:
            self._watchdog.cancel()
        if self.keys_waiting:
            await self._hand_out()

    def _give_up(self, turn: int) -> None:
        """Stop waiting for a key whose widget went away while it was under way."""
        self.call_later(self._go_on, turn)
