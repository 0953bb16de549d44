"""What an empty shop offers to begin with, each a click or a key away."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal

from tracker_tui.widgets.mouse_button import MouseButton


class FirstSteps(Horizontal):
    """A line of buttons; the keys that stand on them are the screen's."""

    DEFAULT_CSS = """
    FirstSteps { height: 1; align-horizontal: center; }
    FirstSteps > MouseButton { width: auto; margin: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__(id="first-steps")

    def compose(self) -> ComposeResult:
        """Lay out the buttons."""
        yield MouseButton("Add a product  a", "screen.add", classes="-primary")
        yield MouseButton("Import a file  I", "app.import")
        yield MouseButton("Try a demo  D", "app.demo")
