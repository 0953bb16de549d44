"""A line of names of which one is chosen: by a click, or by keys that the screen has for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from tracker_tui.model.text import visible
from tracker_tui.widgets.hinted import Hinted


class ChoiceLine(Hinted):
    """Names from left to right, the chosen one between brackets, and behind them a text.

    Args:
        choices: Key and name of each.
        lead: What stands before them.
        hint: What is chosen by them, and the keys for it: what the mouse is told behind the name.
        id: Id of the widget.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"choice-line--here", "choice-line--aside"}
    DEFAULT_CSS = "ChoiceLine { height: 1; }"

    here: reactive[str] = reactive("")
    aside: reactive[str] = reactive("")

    @dataclass
    class Chosen(Message):
        """A name was clicked."""

        line: ChoiceLine
        key: str

        @property
        def control(self) -> ChoiceLine:
            """The line, for `@on` with a selector."""
            return self.line

    def __init__(
        self,
        choices: Sequence[tuple[str, str]],
        lead: str = "",
        *,
        hint: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name for it
    ) -> None:
        super().__init__(id=id)
        self._told = hint
        self._choices = tuple(choices)
        self._lead = lead

    def _places(self) -> list[tuple[int, str, str]]:
        """Return where each name begins, its key and it; those that do not fit go, but not the chosen one."""
        lead = f"{self._lead} " if self._lead else ""
        kept = list(self._choices)
        while len(lead) + sum(len(name) + 2 for _, name in kept) > self.size.width and len(kept) > 1:
            goes = next(at for at in range(len(kept) - 1, -1, -1) if kept[at][0] != self.here)
            del kept[goes]
        places: list[tuple[int, str, str]] = []
        x = len(lead)
        for key, name in kept:
            places.append((x, key, name))
            x += len(name) + 2
        return places

    def render(self) -> Content:
        """Draw the line."""
        style = self.get_visual_style("choice-line--here")
        parts = [Content(f"{self._lead} ") if self._lead else Content("")]
        for _, key, name in self._places():
            parts.append(Content(f"[{name}]").stylize(style) if key == self.here else Content(f" {name} "))
        line = Content("").join(parts)
        room = self.size.width - line.cell_length
        if self.aside and room > 2:
            aside = Content(visible(self.aside)).truncate(room - 1, ellipsis=True)
            aside = aside.stylize(self.get_visual_style("choice-line--aside"))
            line += Content(" " * (room - 1 - aside.cell_length)) + aside
        return line

    def next_key(self, by: int) -> str:
        """Return the key of the choice so many behind the chosen one; the first where none is."""
        keys = [key for key, _ in self._choices]
        at = keys.index(self.here) + by if self.here in keys else 0
        return keys[at % len(keys)]

    def _at(self, at: int) -> tuple[str, str] | None:
        """Return key and name of the choice at a cell."""
        return next(
            ((key, name) for x, key, name in self._places() if x <= at < x + len(name) + 2),
            None,
        )

    def hint_at(self, x: int, y: int) -> str:  # noqa: ARG002 - it has one line
        """Return what choosing the name does."""
        choice = self._at(x)
        return f"{choice[1]}: {self._told}" if choice and self._told else ""

    def on_click(self, event: events.Click) -> None:
        """Choose the name that was clicked."""
        choice = self._at(event.x)
        if choice and event.button == 1:
            self.post_message(self.Chosen(self, choice[0]))
