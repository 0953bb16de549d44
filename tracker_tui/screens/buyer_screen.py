"""The part of the till that knows who buys: the customer's field, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual import events, on, work
from textual.getters import query_one
from textual.message import Message

from tracker_tui.errors import StorageError
from tracker_tui.model.habits import LOOKED_AT, Habits, habits
from tracker_tui.model.state import Snapshot
from tracker_tui.screens.basket_screen import BasketScreen
from tracker_tui.widgets.customer_panel import CustomerLine, CustomerPanel
from tracker_tui.widgets.customer_picker import NEW, WALK_IN, CustomerPicker
from tracker_tui.widgets.product_picker import ProductPicker

BROAD: Final = 108
"""From this width on what is known of a customer stands beside the whole basket."""


class BuyerScreen(BasketScreen):
    """A screen whose basket has a customer.

    A child lays out a `CustomerPicker`, a `CustomerLine` and a `CustomerPanel`.
    """

    @dataclass
    class _HabitsFound(Message):
        """What a customer usually does was found in the logs."""

        customer: str
        habits: Habits

    customer = query_one(CustomerPicker)
    panel = query_one(CustomerPanel)
    line = query_one(CustomerLine)

    def __init__(self) -> None:
        super().__init__()
        self._habits_of = ""
        self._habits = Habits()
        self._panel_shown = ("", self._habits, 0)
        self.set_class(self.app.size.width >= BROAD, "-broad")

    def on_resize(self, event: events.Resize) -> None:
        """Fold what is known of a customer away where there is no room for it."""
        self.set_class(event.size.width >= BROAD, "-broad")

    def action_customer(self) -> None:
        """Go to the customer field."""
        self.set_focus(self.customer.field)

    def action_product(self) -> None:
        """Go to the product field."""

    @on(CustomerPicker.Taken)
    @on(ProductPicker.CustomerTaken)
    def _take_customer(self, event: CustomerPicker.Taken | ProductPicker.CustomerTaken) -> None:
        self._change(self._basket._replace(customer=event.customer))
        if event.customer:
            self.action_product()

    def _buyer(self) -> str:
        """Say who buys, for a person."""
        customer = self._basket.customer
        if not customer:
            return WALK_IN
        known = self.snapshot.customers.get(customer)
        return f"{known.name} ({known.id})" if known is not None else f"{customer} ({NEW})"

    # What is known of them

    def show_customer(self) -> None:
        """Show who buys and, once it is found, what they usually do."""
        customer = self._basket.customer
        self.customer.show_customer(customer)
        known = self.snapshot.customers.get(customer)
        wanted = customer if known is not None else ""
        if wanted != self._habits_of:
            self._habits_of, self._habits = wanted, Habits()
            if wanted:
                self._look_up_habits(self.snapshot, wanted)
        self._show_panel()

    def _show_panel(self) -> None:
        shown = (self._habits_of, self._habits, self.snapshot.revision)
        if shown == self._panel_shown or not (self._habits_of or self.panel.is_known):
            return
        self._panel_shown = shown
        self.panel.show_habits(self.snapshot.customers.get(self._habits_of), self._habits, self.snapshot)
        self.line.say(self.panel.summary)

    @work(thread=True, exclusive=True, group="habits")
    def _look_up_habits(self, shop: Snapshot, customer: str) -> None:
        """Find what a customer usually does; it may lie far back in the files."""
        try:
            found = habits(shop.ledger.purchases_of(customer, LOOKED_AT))
        except StorageError:
            return  # A log is being replaced by another program: selling goes on, with less in sight.
        self.post_message(self._HabitsFound(customer, found))

    @on(_HabitsFound)
    def _take_habits(self, event: _HabitsFound) -> None:
        if event.customer == self._habits_of:
            self._habits = event.habits
            self._show_panel()

    @on(CustomerLine.Clicked)
    def action_usual(self) -> None:
        """Go to the products that this customer usually takes."""
        if self.panel.is_known:
            self.panel.unfold()
        elif self._basket.customer:
            self.tell(f"{self._buyer()} has bought nothing yet")
        else:
            self.tell("Say who buys first: Shift+Tab")

    @on(CustomerPanel.Wanted)
    def _put_usual_in(self, event: CustomerPanel.Wanted) -> None:
        self._change(self._basket.add(event.product_id))
        self.table.go_to(event.product_id)
