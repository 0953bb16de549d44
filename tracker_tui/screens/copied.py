"""What was copied last, as bare lines: for terminals that take no text onto their clipboard by themselves.

The Linux console, PuTTY as it comes and `screen` do not know OSC 52. There people mark text with the terminal's
own mouse, which needs the program to leave the mouse alone, and nothing else on the lines.
"""

from __future__ import annotations

from typing import ClassVar, Final

from rich.cells import chop_cells
from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget

from tracker_tui.model.text import visible
from tracker_tui.widgets.bare_lines import leave_mouse

NOTHING: Final = "Nothing was copied yet."


class BareLines(Widget):
    """Draws lines without any style; what does not fit into the width goes on in the next line.

    Args:
        text: People's text, of any number of lines.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "BareLines { width: 1fr; height: 1fr; }"

    def __init__(self, text: str) -> None:
        super().__init__()
        self._lines = [visible(line.expandtabs()) for line in text.splitlines()]
        self._top = 0
        self._folded: list[str] = []
        self._width = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region; going around the styles, which would colour the ground."""
        self._fold()
        shown = self._folded[self._top : self._top + self.size.height]
        shown += [""] * (self.size.height - len(shown))
        strips = (Strip([Segment(line)]).adjust_cell_length(self.size.width) for line in shown)
        return [strip.crop(crop.x, crop.right) for strip in strips][crop.y : crop.bottom]

    def move(self, lines: int) -> None:
        """Go down by lines, or up; the last page stays full."""
        self._fold()
        last = max(0, len(self._folded) - self.size.height)
        self._top = max(0, min(self._top + lines, last))
        self.refresh()

    def _fold(self) -> None:
        if self._width != self.size.width:
            self._width = self.size.width
            self._folded = [
                piece for line in self._lines for piece in (chop_cells(line, max(2, self._width)) or [""])
            ]
            self._top = min(self._top, max(0, len(self._folded) - self.size.height))


class Copied(ModalScreen[None]):
    """Shows the text that was copied last, and nothing else, while the mouse is the terminal's own.

    Args:
        text: The text; empty where nothing was copied.
    """

    IS_BARE = True
    """For the driver: no line is filled up with blanks."""

    DEFAULT_CSS = "Copied ToastRack { display: none; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,C", "close", "Close", id="copied.close"),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("pagedown,space", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
    ]
    HELP = """\
# What was copied

The text alone, to be marked with the mouse of your terminal. Space and Page Down go on, Esc leaves.
"""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text or NOTHING

    def compose(self) -> ComposeResult:
        """Lay out the lines."""
        yield BareLines(self._text)

    @property
    def lines(self) -> BareLines:
        """What is shown."""
        return self.query_one(BareLines)

    def on_screen_resume(self) -> None:
        """Leave the mouse to the terminal."""
        leave_mouse(self.app, is_left=True)

    def on_screen_suspend(self) -> None:
        """Take the mouse back."""
        leave_mouse(self.app, is_left=False)

    def action_close(self) -> None:
        """Close it."""
        self.dismiss(None)

    def action_move(self, lines: int) -> None:
        """Go on by lines."""
        self.lines.move(lines)

    def action_page(self, pages: int) -> None:
        """Go on by pages."""
        self.lines.move(pages * self.lines.size.height)
