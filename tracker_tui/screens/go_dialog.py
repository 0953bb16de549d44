"""What follows a `g`: the letters of the main screens, shown while one is waited for."""

from __future__ import annotations

from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.widgets.mode_bar import MODES

_LETTERS: Final = {mode.letter: mode.name for mode in MODES} | {"g": "top"}


class GoDialog(ModalScreen[str]):
    """Waits for one letter; closes with the screen's name, `top`, or nothing for any other key."""

    HELP = """\
# Go to

The letter of a screen goes there, a second `g` to the first row of the table. Any other key closes this.
"""

    def compose(self) -> ComposeResult:
        """Lay out the letters."""
        lines = [f"  {mode.letter}   {mode.label}" for mode in MODES]
        with Vertical(classes="dialog -small"):
            yield Static("Go to", classes="dialog-title", markup=False)
            yield Static("\n".join([*lines, "  g   First row"]), markup=False)

    def on_key(self, event: events.Key) -> None:
        """Take the letter."""
        event.stop()
        event.prevent_default()
        self.dismiss(_LETTERS.get(event.key, ""))
