"""What a place of a widget does, told where the mouse rests on it."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.widget import Widget

from tracker_tui.model.text import visible


class Hinted(Widget):
    """A widget that draws several things of which each has a tooltip of its own.

    The tooltip changes only where the mouse comes to another of them: nothing is drawn or sent while it rests.
    """

    _hint = ""

    def hint_at(self, x: int, y: int) -> str:  # noqa: ARG002 - for those that have hints
        """Return what the mouse points at does; "" where there is nothing to tell. Cells from the top left."""
        return ""

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Take the tooltip of what the mouse points at."""
        hint = self.hint_at(event.x, event.y)
        if hint != self._hint:
            self._hint = hint
            self.tooltip = Content(visible(hint)) if hint else None
