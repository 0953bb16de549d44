"""The foot of the till: what is in the basket or what was just sold, the buttons, and the total in large digits."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Digits, Static

from tracker_tui.model.text import visible
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.shown import content, content_lines


class TillFoot(Horizontal):
    """Two lines of words, a line of buttons, and on the right an amount."""

    def compose(self) -> ComposeResult:
        """Lay out the words over the buttons, and beside them the amount."""
        with Vertical(id="sell-left"):
            yield Static("", id="sell-status", markup=False)
            with Horizontal(id="sell-buttons"):
                yield MouseButton("Pay  F9", "screen.pay", classes="-primary")
                yield MouseButton(
                    "+", "screen.line('more')", hint="One piece more", each=True, classes="line-button"
                )
                yield MouseButton(
                    "-", "screen.line('fewer')", hint="One piece fewer", each=True, classes="line-button"
                )
                yield MouseButton(
                    "Discount", "screen.discount", hint="Take something off the basket", classes="line-button"
                )
                yield MouseButton(
                    "Remove", "screen.line('remove')", hint="Take the line out", classes="line-button"
                )
                yield MouseButton("Empty", "screen.empty", classes="line-button")
                yield MouseButton(
                    "Undo the sale  Ctrl+Z", "screen.undo_sale", hint="Take the sale back", id="undo-sale"
                )
        with Vertical(id="sell-right"):
            yield Static("", id="total-label", markup=False)
            yield Static("", id="total-plain", markup=False)
        yield Digits("", id="total-digits")

    def say(self, text: str, *, sold: bool = False, undoable: bool = False) -> None:
        """Show one or two lines of words.

        Args:
            text: The words.
            sold: Whether they are about a sale that is done.
            undoable: Whether that sale can be taken back by a click.
        """
        self.set_class(undoable, "-undoable")
        status = self.query_one("#sell-status", Static)
        status.set_class(sold, "-paid")
        status.update(content_lines(text), layout=False)

    def show_amount(self, label: str, amount: str) -> None:
        """Show an amount; `Change` stands out."""
        self.set_class(label == "Change", "-change")
        text = visible(amount)
        self.query_one("#total-label", Static).update(label, layout=False)
        self.query_one("#total-plain", Static).update(content(text), layout=self.screen.has_class("-low"))
        self.query_one("#total-digits", Digits).update(text)
