"""How many of one product: a small form that changes the basket, not the shop."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.model.money import parse_count
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.shown import content

_LONGEST_BY_ENTER: Final = 4
"""Digits that Enter takes: barcodes have more, and a scan must not become a quantity."""


class _QuantityField(FormField):
    """The field; its Enter sets the quantity, in its turn among the keys that are typed fast."""

    class Entered(Message):
        """Enter was pressed."""

    def on_key(self, event: events.Key) -> None:
        """Answer Enter; there is no other field to go to."""
        if event.key in ("enter", "ctrl+j"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Entered())


class QuantityDialog(ModalScreen[int | None]):
    """Asks for a number of pieces.

    Args:
        name: The product's name.
        quantity: Pieces in the basket now.
        stock: Pieces there are.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "submit", "Set", id="quantity.set"),
        Binding("escape", "cancel", "Cancel", id="quantity.cancel"),
    ]
    HELP = """\
## Quantity

Type how many pieces. Enter sets up to 9,999; more, as a safeguard against a scan, Ctrl+S.
"""

    field = query_one(FormField)

    def __init__(self, name: str, quantity: int, stock: int) -> None:
        super().__init__()
        self._name_of_product = name
        self._quantity = quantity
        self._stock = stock
        self._refused = ""

    def compose(self) -> ComposeResult:
        """Lay out the name, the number and the buttons."""
        with Vertical(classes="dialog -small"):
            yield Static(content(self._name_of_product), classes="dialog-title")
            yield _QuantityField("quantity", "Quantity", str(self._quantity), longest=16)
            yield Static(f"{'':16}{self._stock:,} in stock", classes="dialog-hint", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Set  Enter", "screen.submit", classes="-primary")
                yield MouseButton("Cancel  Esc", "screen.cancel")

    def on_mount(self) -> None:
        """Let the first digit replace what is there."""
        self.field.input.focus()
        self.field.input.select_all()

    @on(FormField.Typed)
    def _check_as_typed(self, event: FormField.Typed) -> None:
        event.stop()
        if self.field.value != self._refused:
            self.field.complain(self._problem())

    def _problem(self) -> str:
        try:
            wanted = parse_count(self.field.value, least=1)
        except ValueError as error:
            return str(error)
        return f"only {self._stock:,} in stock" if wanted > self._stock else ""

    def action_submit(self) -> None:
        """Close with the number, if it is one; more than there is is the basket's to complain about."""
        try:
            wanted = parse_count(self.field.value, least=1)
        except ValueError as error:
            hint = "; d takes the line out" if self.field.value.strip() == "0" else ""
            self._refuse(f"{error}{hint}")
            return
        self.dismiss(wanted)

    @on(_QuantityField.Entered)
    def _submit_few(self) -> None:
        """Close with the number unless it is as long as a code."""
        typed = self.field.value.strip()
        if len(typed) > _LONGEST_BY_ENTER or (len(typed) > 1 and typed.startswith("0")):
            self._refuse("was that a scan? Ctrl+S takes it as a quantity")
        else:
            self.action_submit()

    def _refuse(self, reason: str) -> None:
        """Say why what is typed is not taken; the next key takes its place."""
        self._refused = self.field.value
        self.field.complain(reason)
        self.field.input.select_all()

    def action_cancel(self) -> None:
        """Leave the quantity as it is."""
        self.dismiss(None)
