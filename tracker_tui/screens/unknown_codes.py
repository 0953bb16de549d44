"""The codes that were scanned and that no product has, to make products of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.messages import CodeForgotten
from tracker_tui.model.scan import UnknownCode
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.record_table import Column, RecordTable

_LINES = 12
_EMPTY = "Every code that was scanned\nbelongs to a product."
_MAKE = "Enter makes a product with this code."
_CLERK = "Products are the owner's: leave the list to them."


class UnknownCodes(ModalScreen[UnknownCode]):
    """Lists the codes; closes with the one that a product shall be made of, or nothing.

    Args:
        makes: Whether this session may make products.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,ctrl+t", "close", "Close", id="codes.close"),
        Binding("a", "make", "Make a product", id="codes.make"),
        Binding("d", "forget", "Forget it", id="codes.forget"),
    ]
    HELP = """\
# Codes that no product has

Enter or `a` makes a product with the code; sold on Sell, it is put into the basket at once. `d` forgets a code.
The list is kept until you leave the program. Scanning goes on behind it.
"""

    table = query_one(RecordTable)

    def __init__(self, *, makes: bool) -> None:
        super().__init__()
        self._makes = makes

    def compose(self) -> ComposeResult:
        """Lay out the list and the buttons."""
        with Vertical(classes="dialog"):
            yield Static("Scanned, but no product has the code", classes="dialog-title", markup=False)
            yield RecordTable[UnknownCode](_COLUMNS, lambda code: code.code, empty=_EMPTY, id="unknown-codes")
            yield Static(_MAKE if self._makes else _CLERK, classes="dialog-hint", markup=False)
            with Horizontal(classes="dialog-buttons"):
                if self._makes:
                    yield MouseButton("Make a product  a", "screen.make", classes="-primary")
                yield MouseButton("Forget  d", "screen.forget")
                yield MouseButton("Close  Esc", "screen.close")

    def on_mount(self) -> None:
        """Follow the list."""
        self.watch(self.app, "unknown_codes", self._show)
        self.table.focus()

    def _show(self, codes: Sequence[UnknownCode]) -> None:
        self.table.styles.height = max(4, min(len(codes) + 1, _LINES))
        self.table.show(codes)

    @on(RecordTable.Chosen)
    def _choose(self) -> None:
        self.action_make()

    def action_make(self) -> None:
        """Close with the code under the cursor."""
        code = self.table.row
        if code is not None and self._makes:
            self.dismiss(code)

    def action_forget(self) -> None:
        """Take the code under the cursor off the list."""
        code = self.table.row
        if code is not None:
            self.post_message(CodeForgotten(code.code))

    def action_close(self) -> None:
        """Close the list."""
        self.dismiss(None)


_COLUMNS = [
    Column[UnknownCode]("code", "Code", 20, lambda row: row.code, flex=1),
    Column[UnknownCode](
        "times", "Scanned", 8, lambda row: f"{row.times:,}", "right", plain=lambda row: row.times
    ),
    Column[UnknownCode](
        "pieces", "Pieces", 8, lambda row: f"{row.pieces:,}", "right", plain=lambda row: row.pieces
    ),
]
