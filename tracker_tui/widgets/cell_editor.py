"""A field that lies over one cell of a table while that is typed anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual import events
from textual.geometry import Region
from textual.message import Message

from tracker_tui.widgets.line_input import LineInput

_MOVES: Final = {"enter": 0, "ctrl+j": 0, "up": 0, "down": 0, "ctrl+s": 0, "tab": 1, "shift+tab": -1}
"""The keys that take what is typed, and how many cells they go on."""


_LONGEST_BY_ENTER: Final = 4
"""Digits of a quantity that Enter takes: codes have more, and are no quantity."""

LIKE_A_CODE: Final = "Was that a code? Ctrl+S takes it as a quantity"
"""What is said of a quantity that only Ctrl+S may take."""


def is_like_a_code(typed: str) -> bool:
    """Tell whether a quantity looks like a code that a slow scanner typed into the cell."""
    return len(typed) > _LONGEST_BY_ENTER or (len(typed) > 1 and typed.startswith("0"))


class CellEditor(LineInput):
    """Lies over a cell. Enter takes what is typed, Tab goes on to the next cell, Escape leaves it as it was.

    A scan never comes here: it is no key.

    Attributes:
        row: Key of the row whose cell is typed.
        column: Key of its column; empty while it is closed.
    """

    DEFAULT_CSS = """
    CellEditor { position: absolute; display: none; height: 1; }
    CellEditor.-wrong { color: $text-error; }
    """

    @dataclass
    class Typed(Message):
        """Something was typed for a cell.

        Attributes:
            column: Which column.
            key: The row.
            text: What was typed.
            move: How many cells to go on: -1, 0 or 1.
            by: The key that took it.
        """

        column: str
        key: str
        text: str
        move: int
        by: str

    @dataclass
    class Left(Message):
        """The cell stays as it was."""

    @dataclass
    class Passed(Message):
        """Something else has the focus now."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(longest=32)
        if id is not None:
            self.id = id
        self.row = ""
        self.column = ""

    @property
    def is_open(self) -> bool:
        """Whether a cell is being typed."""
        return bool(self.column)

    def open(self, row: str, column: str, region: Region, text: str, typed: str = "") -> None:
        """Lie over a cell.

        Args:
            row: The key of the row.
            column: The key of the column.
            region: Where the cell is, in the container of both.
            text: What stands in it; the first key takes its place.
            typed: What was typed already, in place of that.
        """
        self.row, self.column = row, column
        self.styles.offset = (region.x, region.y)
        self.styles.width = region.width
        self.set_class(False, "-wrong")
        self.value = typed or text
        self.display = True
        self.focus()
        if typed:
            self.cursor_position = len(typed)
        else:
            self.select_all()

    def close(self) -> None:
        """Go away."""
        self.column = ""
        self.display = False

    def refuse(self) -> None:
        """Show that what is typed cannot be taken; the next key takes its place."""
        self.set_class(True, "-wrong")
        self.select_all()

    def take(self, by: str) -> None:
        """Tell what is typed, as the key `by` does."""
        self.post_message(self.Typed(self.column, self.row, self.value, _MOVES[by], by))

    def on_key(self, event: events.Key) -> None:
        """Take what is typed, or leave the cell."""
        if event.key in _MOVES:
            self.take(event.key)
        elif event.key == "escape":
            self.post_message(self.Left())
        else:
            return
        event.stop()
        event.prevent_default()

    def on_blur(self) -> None:
        """Let what is typed be taken where something else gets the focus; another window of the person's is none."""
        if self.is_open and self.app.app_focus:
            self.post_message(self.Passed())
