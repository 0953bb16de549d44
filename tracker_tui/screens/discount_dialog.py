"""What is taken off the whole basket: a small form that changes the basket, not the shop."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.model.basket import Discount, parse_discount
from tracker_tui.model.records import Settings
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton


class _DiscountField(FormField):
    """The field; its Enter sets the discount, in its turn among the keys that are typed fast."""

    class Entered(Message):
        """Enter was pressed."""

    def on_key(self, event: events.Key) -> None:
        """Answer Enter; there is no other field to go to."""
        if event.key in ("enter", "ctrl+j"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Entered())


class DiscountDialog(ModalScreen[Discount | None]):
    """Asks for a discount.

    Args:
        now: What is taken off now.
        settings: For the decimals and the currency.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "submit", "Set", id="discount.set"),
        Binding("escape", "cancel", "Cancel", id="discount.cancel"),
    ]
    HELP = """\
# Discount

What is taken off the whole basket: `10%`, or an amount such as `1.50`. Empty takes nothing off. Enter sets it.
"""

    field = query_one(FormField)

    def __init__(self, now: Discount, settings: Settings) -> None:
        super().__init__()
        self._now = now
        self._settings = settings

    def compose(self) -> ComposeResult:
        """Lay out the field and the buttons."""
        with Vertical(classes="dialog -small"):
            yield Static("Off the whole basket", classes="dialog-title", markup=False)
            yield _DiscountField("discount", "Discount", self._now.text, hint="10%, or an amount", longest=32)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Set  Enter", "screen.submit", classes="-primary")
                yield MouseButton("Cancel  Esc", "screen.cancel")

    def on_mount(self) -> None:
        """Let the first key replace what is there."""
        self.field.input.focus()
        self.field.input.select_all()

    @on(FormField.Typed)
    def _check_as_typed(self, event: FormField.Typed) -> None:
        event.stop()
        self._read()

    def _read(self) -> Discount | None:
        try:
            discount = parse_discount(self.field.value, self._settings)
        except ValueError as error:
            self.field.complain(str(error))
            return None
        self.field.complain("")
        return discount

    @on(_DiscountField.Entered)
    def action_submit(self) -> None:
        """Close with the discount, if it is one."""
        discount = self._read()
        if discount is not None:
            self.dismiss(discount)

    def action_cancel(self) -> None:
        """Leave it as it is."""
        self.dismiss(None)
