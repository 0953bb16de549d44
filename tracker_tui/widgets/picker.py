"""A field that finds one of many rows: what matches is listed under it while one types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Label, Static

from tracker_tui.widgets.key_order import KeysInOrder
from tracker_tui.widgets.line_input import LineInput
from tracker_tui.widgets.record_table import Column, RecordTable
from tracker_tui.widgets.shown import content
from tracker_tui.widgets.table_columns import Row

LOOK_AFTER_S: Final = 0.06
"""How long the typing must rest before the list is shown: a scanner's burst never opens it."""

MOST_MATCHES: Final = 50
MOST_LINES: Final = 7


class MatchList(RecordTable[Row], can_focus=False):
    """The rows that match; the field above keeps the focus, and one click chooses."""

    def on_click(self, event: events.Click) -> None:
        """Choose the row that is clicked; the header does nothing."""
        event.stop()
        event.prevent_default()
        at = event.get_content_offset(self)
        index = -1 if at is None else self.scroll_offset.y + at.y - 1
        if at is not None and at.y > 0 and index < self.row_count:
            self._move_to(index)
            self.action_choose()


class PickerField(LineInput):
    """The field itself.

    Its keys are answered here and not on their way up: in a fast scanner's burst the next code would already
    stand in the field by then.

    Args:
        answer: Gets every key that is no character; returns whether it used it.
        hint: Shown while the field is empty.
        selects: Whether coming into the field selects what stands in it.
    """

    def __init__(self, answer: Callable[[str], bool], *, hint: str, selects: bool) -> None:
        super().__init__(placeholder=hint, selects=selects)
        self._answer = answer

    def on_key(self, event: events.Key) -> None:
        """Answer a key that is no character."""
        if not event.is_printable and self._answer(event.key):
            event.stop()
            event.prevent_default()


class Picker(Vertical, Generic[Row]):
    """A field, a list of matches under it, and what is wrong with what was typed.

    Enter takes what was typed, at once and in the widget itself, so that the next code of a fast scanner finds
    the field empty. A child says what matches (`find`) and what taking means (`take`).

    Args:
        label: What people call it.
        columns: Of the list of matches.
        key: Names a row.
        hint: Shown while the field is empty.
        id: Id of the widget.
    """

    DEFAULT_CSS = """
    Picker { height: auto; }
    Picker > Horizontal { height: 1; }
    Picker Label { width: auto; padding: 0 1; }
    Picker Input { width: 1fr; }
    Picker .aside { width: auto; max-width: 50%; padding: 0 1; }
    Picker .below { height: 1; padding: 0 1; }
    Picker > MatchList { overlay: screen; display: none; height: 8; width: 100%; }
    Picker.-open > MatchList { display: block; }
    """
    SELECTS_ON_FOCUS: ClassVar[bool] = False

    @dataclass
    class Left(Message):
        """The clerk is done with the field and wants what is below."""

        picker: Picker[Any]

        @property
        def control(self) -> Picker[Any]:
            """The picker, for `@on` with a selector."""
            return self.picker

    field = query_one(PickerField)
    matches = query_one(MatchList)

    def __init__(
        self,
        label: str,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], str],
        *,
        hint: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name for it
    ) -> None:
        super().__init__(id=id)
        self._label = label
        self._columns = columns
        self._key = key
        self._hint = hint
        self._settled = ""
        self._note = ""
        self._note_is_error = False
        self._complaint = ""
        self._said = ("", False)
        self._pointed = False
        self._seen = ""
        self._look: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the label, the field, what is said about it, and the list."""
        with Horizontal():
            yield Label(f"{self._label}:", markup=False)
            yield PickerField(self._answer, hint=self._hint, selects=self.SELECTS_ON_FOCUS)
            yield Static("", classes="aside", markup=False)
        yield Static("", classes="below", markup=False)
        yield MatchList[Row](self._columns, self._key)

    # For children

    def find(self, typed: str) -> Sequence[Row]:
        """Return what matches, the likeliest first."""
        raise NotImplementedError

    def take(self, typed: str, row: Row | None, *, pointed: bool) -> str:
        """Take what was typed; where it cannot be taken, return why.

        Args:
            typed: What stands in the field, without white space around it.
            row: The row of the list that stands out; None where the list is not open.
            pointed: Whether the clerk went to that row; else it is only the likeliest.
        """
        raise NotImplementedError

    def is_whole(self, typed: str) -> bool:  # noqa: ARG002 - for children
        """Tell whether this is a whole code, so that a scanner's Tab takes it."""
        return False

    def settle(self, text: str = "") -> None:
        """Put in what was decided, with nothing left to take."""
        self._settled = self._seen = text
        self.field.value = text
        self._complaint = ""
        self.close()
        self._say()

    # For screens

    @property
    def text(self) -> str:
        """What is typed."""
        return self.field.value

    @property
    def is_open(self) -> bool:
        """Whether the list is shown."""
        return self.has_class("-open")

    @property
    def is_pending(self) -> bool:
        """Whether something is typed that was not taken yet."""
        return self.field.value.strip() != self._settled.strip()

    def note(self, text: str, *, error: bool = False) -> None:
        """Say something about the field that holds until something else is said."""
        self._note = text
        self._note_is_error = error
        self._say()

    def complain(self, reason: str) -> None:
        """Say what is wrong with what is typed; it stays, selected, and the next key takes the words away."""
        self._complaint = reason
        self._say()
        self.field.select_all()

    def close(self) -> None:
        """Close the list."""
        if self._look is not None:
            self._look.stop()
            self._look = None
        self._pointed = False
        self.remove_class("-open")

    def look_again(self) -> None:
        """Renew an open list, as the shop has changed."""
        if self.is_open:
            self._show_matches(self.find(self.text.strip()))

    # What happens

    def _say(self) -> None:
        text = f"! {self._complaint}" if self._complaint else self._note
        error = bool(self._complaint) or self._note_is_error
        if (text, error) == self._said:
            return
        self._said = (text, error)
        for place in self.query(".aside, .below").results(Static):
            place.set_class(error, "-error")
            place.update(content(text), layout=place.display and place.has_class("aside"))

    @on(Input.Changed)
    def _look_soon(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self.field.value or event.value == self._seen:
            return
        self.close()
        self._seen = ""
        if self._complaint:
            self._complaint = ""
            self._say()
        if not event.value.strip():
            self.take("", None, pointed=False)
        elif self.is_pending:
            self._look = self.set_timer(LOOK_AFTER_S, self._look_in_time)

    def _look_in_time(self) -> None:
        """Show the list, unless more keys of a burst are waiting: they may be a scan."""
        if isinstance(self.app, KeysInOrder) and self.app.is_bursting:
            self._look = self.set_timer(LOOK_AFTER_S, self._look_in_time)
        else:
            self._look_now()

    def _look_now(self) -> None:
        self.close()
        self._seen = self.text
        self._show_matches(self.find(self.text.strip()))

    def _show_matches(self, rows: Sequence[Row]) -> None:
        self.set_class(bool(rows), "-open")
        if rows:
            self.matches.styles.height = min(len(rows), MOST_LINES) + 1
            self.matches.show(rows)
            if not self._pointed:
                self.matches.action_top()

    def _answer(self, key: str) -> bool:
        """Move in the list, take, or leave; tell whether the key was meant for that."""
        if key == "tab" and not (self.is_pending and self.is_whole(self.text.strip())):
            return False
        if key in ("enter", "ctrl+j", "tab"):
            self.enter()
        elif key in ("down", "up", "pagedown", "pageup"):
            self._move(key)
        elif key == "escape":
            self._escape()
        else:
            return False
        return True

    def enter(self) -> None:
        """Take what is typed; where the list was about to open, what it would have shown counts."""
        if self.is_pending and self.text != self._seen:
            self._look_now()
        if self.is_open or self.is_pending:
            self._take()

    def _take(self) -> None:
        row = self.matches.row if self.is_open else None
        reason = self.take(self.text.strip(), row, pointed=self._pointed)
        if reason:
            self.complain(reason)

    def _move(self, key: str) -> None:
        if not self.is_open:
            if key == "down":
                self._open_or_leave()
            return
        if self._complaint and not self._pointed:
            self._pointed = True
            self._complaint = ""
            self._say()
            return
        moves = {
            "down": self.matches.action_cursor_down,
            "up": self.matches.action_cursor_up,
            "pagedown": self.matches.action_page_down,
            "pageup": self.matches.action_page_up,
        }
        moves[key]()
        self._pointed = True

    def _open_or_leave(self) -> None:
        rows = self.find_pointing(self.text.strip()) if self.is_pending else ()
        if rows:
            self.close()
            self._seen = self.text
            self._show_matches(rows)
            self._pointed = True
        else:
            self.post_message(self.Left(self))

    def find_pointing(self, typed: str) -> Sequence[Row]:
        """Return what matches where the clerk asks to see it, though it is not shown of itself."""
        return self.find(typed)

    def _escape(self) -> None:
        if self.is_open:
            self.close()
        elif self.field.value:
            self.field.value = ""
        else:
            self.post_message(self.Left(self))

    @on(RecordTable.Chosen)
    def _take_clicked(self, event: RecordTable.Chosen) -> None:
        event.stop()
        self._pointed = True
        self._take()

    @on(RecordTable.Highlighted)
    def _keep_quiet(self, event: RecordTable.Highlighted) -> None:
        event.stop()

    def on_descendant_blur(self) -> None:
        """Close the list when the field is left."""
        self.close()
