"""One key at a time: a key is handed out only when the one before has done all that it does.

Textual hands every key at once to the widget that has the focus, and learns only later that an earlier one
moved the focus or opened a dialog. Keys that come bunched, from a scanner or over a slow line, then land in
the wrong field: `M01 Tab Milk` gave a product with the id `M01Milk`. Here each key travels its whole way,
from the widget up to the app, before the next sets out, and waits for a screen that it opened to be ready.

What a scanner sends is no key at all: `ScanReader` takes it out, and the app gets it as one scan in its turn.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, Generic, Protocol, TypeVar, runtime_checkable

from textual import events, on
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.widgets import Input
from textual.widgets.input import Selection

from tracker_tui.model.matches import Wanted
from tracker_tui.widgets.scan_reader import LONGEST, Pause, Scanned, ScanReader
from tracker_tui.widgets.whole_frames import WholeFrames

Result = TypeVar("Result")

PATIENCE_S: Final = 2.0
"""How long a key may be under way: a widget that went away on the way never reports back."""

LAPS: Final = 2
"""How often a mark follows a key: the first is there when the key was handled, the second when what that asked for was:
a table that posts "open this cell" posts it behind the first mark."""

HOLD_S: Final = 2.0
"""How long keys may wait for what they need."""


@dataclass
class _KeyArrived(Message):
    """Follows a key through the same queues, so that it arrives when the key has done what it does.

    Attributes:
        turn: Which key, counted.
        place: The screen that it was handed to.
        target: What it was handed to.
        lap: Which mark this is, counted.
    """

    turn: int
    place: MessagePump
    target: MessagePump
    lap: int = 1


@dataclass
class _PauseOver(Message):
    """The time to wait for more of a burst is over; behind all that arrived until now.

    Attributes:
        arrivals: How many keys had arrived when the pause began.
    """

    arrivals: int


@dataclass(frozen=True)
class _FieldBefore:
    """A field as it was before it got a key."""

    field: Input
    value: str
    selection: Selection

    def restore(self) -> None:
        """Make the field what it was."""
        self.field.value = self.value
        self.field.selection = self.selection


@runtime_checkable
class ExpectsText(Protocol):
    """A widget into which people type what looks like a code and is none."""

    def expects_text(self, text: str) -> bool:
        """Tell whether this is such a text."""


class _Focus:
    """The widget that has the focus, as the reader of scans asks for it."""

    def __init__(self, focused: Widget | None) -> None:
        self._focused = focused

    def takes(self, key: events.Key) -> bool:
        """Tell whether it takes this key as text."""
        return self._focused is not None and self._focused.check_consume_key(key.key, key.character)

    def expects(self, text: str) -> bool:
        """Tell whether this may well be typed there, though it looks like a code."""
        around = () if self._focused is None else self._focused.ancestors_with_self
        return any(isinstance(node, ExpectsText) and node.expects_text(text) for node in around)

    def field(self) -> _FieldBefore | None:
        """Return the field with the focus and how it is now; None where no field has it."""
        field = self._focused
        return _FieldBefore(field, field.value, field.selection) if isinstance(field, Input) else None


class KeysInOrder(App[Result], Generic[Result]):
    """An app whose keys act one after the other, however fast they come, and whose scans are no keys."""

    is_untouched = True
    """Whether nothing came from keyboard and mouse so far."""

    touched_at = 0.0
    """When something last came from there, in seconds of `time.monotonic`."""

    _turn = 0
    _arrivals = 0
    _under_way = False
    _due: Scanned | events.Key | None = None
    _holding: WholeFrames[Any] | None = None
    _hold: asyncio.TimerHandle | None = None
    _held_enough = False
    _watchdog: asyncio.TimerHandle | None = None
    _last_mark: _KeyArrived | None = None
    _pause: asyncio.TimerHandle | None = None

    @property
    def _reader(self) -> ScanReader:
        if not hasattr(self, "_scan_reader"):
            self._scan_reader = ScanReader(self.knows_code)
        return self._scan_reader

    def knows_code(self, code: str) -> bool:  # noqa: ARG002 - for children
        """Tell whether something in the shop has this code."""
        return False

    def take_scan(self, wanted: Wanted) -> None:
        """Do what a scan does; no key comes before that is done."""

    def waits(self, key: events.Key) -> bool:  # noqa: ARG002 - for children
        """Tell whether a key, and all behind it, must wait for something; `end_hold` ends that."""
        return False

    async def end_hold(self) -> None:
        """Let the keys go that had to wait."""
        if self._hold is not None:
            self._hold.cancel()
            self._hold = None
            await self._hand_out()

    @property
    def is_bursting(self) -> bool:
        """Whether keys that came in a burst wait for its end."""
        return self._pause is not None

    @property
    def backlog(self) -> int:
        """How many keys wait for their turn; a burst that waits for its end does not count."""
        waiting = len(self._reader)
        return 0 if self.is_bursting and waiting <= LONGEST else waiting

    async def on_event(self, event: events.Event) -> None:
        """Hand out a key, or let it wait for its turn; all else goes its way."""
        if isinstance(event, (events.InputEvent, events.Paste)):
            self.is_untouched = False
            self.touched_at = monotonic()
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded:
            await super().on_event(event)
            return
        self._arrivals += 1
        self._reader.arrived(event)
        self._end_pause()
        if not self._under_way and self._hold is None:
            await self._hand_out()

    async def _hand_out(self, *, waited: bool = False) -> None:
        turn = self._due or self._reader.next(_Focus(self.focused), waited=waited)
        if turn is None:
            return
        if isinstance(turn, Pause):
            wait_s = max(0.0, turn.until - monotonic())
            over = _PauseOver(self._arrivals)
            self._pause = asyncio.get_running_loop().call_later(wait_s, self.post_message, over)
            return
        if isinstance(turn, events.Key):
            self._due = None
            if not self._held_enough and self.waits(turn):
                self._due = turn
                self._hold = asyncio.get_running_loop().call_later(HOLD_S, self._hold_no_longer)
                return
        self._turn += 1
        self._under_way = True
        place = self.screen
        target = self.focused or place
        if isinstance(place, WholeFrames):
            place.hold()
            self._holding = place
        self._watchdog = asyncio.get_running_loop().call_later(PATIENCE_S, self._give_up, self._turn)
        if isinstance(turn, Scanned):
            self._hand_out_scan(turn)
        else:
            await super().on_event(turn)
        if not target.post_message(_KeyArrived(self._turn, place, target)):
            await self._go_on(self._turn)

    def _hand_out_scan(self, scanned: Scanned) -> None:
        """Take a scan; where a field got its first keys, first take those back, as a turn of its own."""
        if isinstance(scanned.before, _FieldBefore):
            scanned.before.restore()
            self._due = Scanned(scanned.wanted)
        else:
            self._due = None
            self.take_scan(scanned.wanted)

    def _hold_no_longer(self) -> None:
        self._held_enough = True
        self.call_later(self.end_hold)

    @on(_PauseOver)
    async def _look_again(self, over: _PauseOver) -> None:
        if over.arrivals == self._arrivals and self._pause is not None and self._hold is None:
            self._end_pause()
            await self._hand_out(waited=True)

    def _end_pause(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None

    @on(_KeyArrived)
    def _end_turn(self, arrived: _KeyArrived) -> None:
        """Go on, but behind what the key asked to have done later: `Widget.focus` is such a wish."""
        self._last_mark = arrived
        # As `call_later` does, but without a partial, whose signature Textual would look at each time.
        self.post_message(events.Callback(self._look_round))

    async def _look_round(self) -> None:
        arrived, screen = self._last_mark, self.screen
        if arrived is None:
            return
        turn = arrived.turn
        if arrived.place is not screen:
            further = _KeyArrived(turn, screen, screen)
        elif arrived.lap < LAPS:
            further = _KeyArrived(turn, screen, arrived.target, arrived.lap + 1)
        else:
            await self._go_on(turn)
            return
        if not further.target.post_message(further):
            await self._go_on(turn)

    async def _go_on(self, turn: int) -> None:
        if turn != self._turn or not self._under_way:
            return
        self._under_way = False
        if self._watchdog is not None:
            self._watchdog.cancel()
        held, self._holding = self._holding, None
        await self._hand_out()
        if held is not None and self._holding is not held:
            await held.let_go()

    def _give_up(self, turn: int) -> None:
        """Stop waiting for a key whose widget went away while it was under way."""
        self.call_later(self._go_on, turn)
