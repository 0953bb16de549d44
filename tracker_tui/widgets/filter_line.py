"""The line above a table in which one types what the rows must hold."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Input, Label

from tracker_tui.widgets.line_input import LineInput


class FilterLine(Horizontal):
    """A field for words, and beside it how many rows have them.

    Down and Enter go to the rows; Escape empties the field, then leaves it.
    """

    DEFAULT_CSS = """
    FilterLine { height: 1; }
    FilterLine > Label { width: auto; padding: 0 1; }
    FilterLine > Input { width: 1fr; }
    """

    @dataclass
    class Changed(Message):
        """Other words were typed."""

        line: FilterLine
        text: str

        @property
        def control(self) -> FilterLine:
            """The line, for `@on` with a selector."""
            return self.line

    @dataclass
    class Left(Message):
        """The clerk is done typing and wants the rows."""

        line: FilterLine

        @property
        def control(self) -> FilterLine:
            """The line, for `@on` with a selector."""
            return self.line

    field = query_one(Input)
    tally = query_one("#tally", Label)

    def __init__(self, label: str = "Filter", hint: str = "any words", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._label = label
        self._hint = hint
        self._told = ("", 0)

    def compose(self) -> ComposeResult:
        """Lay out the label, the field and the tally."""
        yield Label(f"{self._label}:", markup=False)
        yield LineInput(placeholder=self._hint)
        yield Label("", id="tally", markup=False).with_tooltip("How many rows are shown, and of how many")

    @property
    def text(self) -> str:
        """What is typed."""
        return self.field.value

    def clear(self) -> None:
        """Empty the field."""
        self.field.value = ""

    def count(self, shown: int, all_rows: int) -> None:
        """Say how many rows have the words; the line is laid out anew only where the text needs more room."""
        room = len(f"{all_rows:,} of {all_rows:,}")
        self._tell(f"{shown:,} of {all_rows:,}" if shown != all_rows else f"{all_rows:,}", room)

    def say(self, text: str) -> None:
        """Say something in the place of how many rows have the words."""
        self._tell(text, len(text))

    def _tell(self, text: str, room: int) -> None:
        if (text, room) != self._told:
            self.tally.update(text.rjust(room), layout=room != self._told[1])
            self._told = (text, room)

    @on(Input.Changed)
    def _pass_on(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self, event.value))

    def on_key(self, event: events.Key) -> None:
        """Leave the field for the rows, or empty it."""
        if event.key == "escape" and self.field.value:
            self.field.value = ""
        elif event.key in ("down", "enter", "escape"):
            self.post_message(self.Left(self))
        else:
            return
        event.stop()
        event.prevent_default()
