"""The input of every field of one line: it keeps still, so that an idle screen sends nothing."""

from __future__ import annotations

from typing import Final

from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input

LONGEST_TYPED: Final = 200
"""What a field for words takes; a paste of more is cut."""


class LineInput(Input):
    """An input of one line, without a border and without blinking.

    A blinking cursor sends bytes for ever, and keeps the server from noticing a dead line.

    Args:
        value: What stands in it at first.
        placeholder: Shown while it is empty.
        longest: Most characters it takes.
        selects: Whether coming into it selects what stands in it.
        disabled: Whether it only shows.
    """

    virtual_size = Reactive(Size(0, 0))
    """Textual's own lays the whole screen out anew with every key; a field of one line needs only a repaint."""

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        longest: int = LONGEST_TYPED,
        selects: bool = False,
        disabled: bool = False,
    ) -> None:
        super().__init__(
            value,
            placeholder=placeholder,
            compact=True,
            max_length=longest,
            select_on_focus=selects,
            disabled=disabled,
        )
        self.cursor_blink = False

    def on_focus(self) -> None:
        """Paint once more behind Textual's own answer, which moves the terminal's cursor only with the next paint."""
        self.call_later(self.refresh)
