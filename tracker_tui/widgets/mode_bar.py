"""The first line of every main screen: where one is, where one can go, who one is, what is wrong."""

from __future__ import annotations

from typing import Final

from textual import events
from textual.content import Content
from textual.reactive import var

from tracker_tui.messages import ModeRequested
from tracker_tui.model.text import visible
from tracker_tui.tuples import NamedTuple
from tracker_tui.widgets.hinted import Hinted


class Mode(NamedTuple):
    """One of the main screens.

    Attributes:
        name: As the app calls it.
        key: The key that opens it.
        label: What people call it.
        letter: Opens it after `g`.
    """

    name: str
    key: str
    label: str
    letter: str


MODES: Final = (
    Mode("products", "F2", "Products", "p"),
    Mode("search", "F3", "Search", "f"),
    Mode("sell", "F4", "Sell", "s"),
    Mode("customers", "F6", "Customers", "c"),
    Mode("report", "F7", "Report", "r"),
    Mode("history", "F8", "History", "h"),
)


class ModeBar(Hinted):
    """One line: the main screens, each a click away, and on the right the clerk and any trouble."""

    COMPONENT_CLASSES = {"mode-bar--here", "mode-bar--key", "mode-bar--trouble"}
    DEFAULT_CSS = "ModeBar { height: 1; dock: top; }"

    here: var[str] = var("")
    right: var[str] = var("")
    trouble: var[str] = var("")

    def _watch_here(self) -> None:
        self.refresh()

    def _watch_right(self) -> None:
        self.refresh()

    def _watch_trouble(self) -> None:
        self.refresh()

    def _places(self) -> list[tuple[int, str, Mode]]:
        """Return where each screen's name begins, and as what; only the keys where the line is narrow."""
        spare = self.size.width - len(self.right) - len(self.trouble) - 4
        full = sum(len(mode.key) + len(mode.label) + 3 for mode in MODES)
        places: list[tuple[int, str, Mode]] = []
        x = 1
        for mode in MODES:
            text = f"{mode.key} {mode.label}" if full <= spare or mode.name == self.here else mode.key
            places.append((x, text, mode))
            x += len(text) + 2
        return places

    def render(self) -> Content:
        """Draw the line."""
        key_style = self.get_visual_style("mode-bar--key")
        here_style = self.get_visual_style("mode-bar--here")
        parts: list[Content] = []
        for _, text, mode in self._places():
            if mode.name == self.here:
                parts.append(Content(f" {text} ").stylize(here_style))
            else:
                parts.append(Content(f" {text} ").stylize(key_style, 1, 1 + len(mode.key)))
        left = Content("").join(parts)
        right = Content(f" {visible(self.right)} ")
        if self.trouble:
            right = Content(f" {self.trouble} ").stylize(self.get_visual_style("mode-bar--trouble")) + right
        gap = max(0, self.size.width - left.cell_length - right.cell_length)
        return left + Content(" " * gap) + right

    def _mode_at(self, at: int) -> Mode | None:
        """Return the screen whose name stands at a cell."""
        return next((mode for x, text, mode in self._places() if x - 1 <= at < x + len(text) + 1), None)

    def _is_trouble(self, at: int) -> bool:
        end = self.size.width - len(self.right) - 2
        return bool(self.trouble) and end - len(self.trouble) - 2 <= at < end

    def hint_at(self, x: int, y: int) -> str:  # noqa: ARG002 - it has one line
        """Return where a click goes."""
        mode = self._mode_at(x)
        if mode is not None:
            return f"{mode.label} ({mode.key}, or g {mode.letter})"
        if self._is_trouble(x):
            return "What is wrong (!)"
        return "Who works in this session" if x >= self.size.width - len(self.right) - 2 else ""

    def on_click(self, event: events.Click) -> None:
        """Open the screen that was clicked, or what the trouble is."""
        mode = self._mode_at(event.x)
        if mode is not None:
            self.post_message(ModeRequested(mode.name))
        elif self._is_trouble(event.x):
            self.post_message(ModeRequested("problems"))
