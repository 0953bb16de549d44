"""Customers: who they are and how to reach them, and what each of them bought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Static

from tracker_tui.messages import BasketChanged, ModeRequested, ShowEntry
from tracker_tui.model.account import balance
from tracker_tui.model.acts import AddCustomer, Outcome
from tracker_tui.model.basket import Basket
from tracker_tui.model.buyers import CustomerRow, CustomerRows, customer_index
from tracker_tui.model.history import what
from tracker_tui.model.queries import purchases_of
from tracker_tui.model.records import Customer, Purchase, Settings
from tracker_tui.model.sales import new_sale_id
from tracker_tui.model.state import Snapshot
from tracker_tui.screens.customer_columns import customer_columns, purchase_columns
from tracker_tui.screens.customer_forms import AccountForm, AddCustomerForm, EditCustomerForm, owed_text
from tracker_tui.screens.filtered_screen import FilteredScreen
from tracker_tui.screens.form_dialog import FormDialog
from tracker_tui.widgets.filter_line import FilterLine
from tracker_tui.widgets.record_table import RecordTable
from tracker_tui.widgets.shown import content, money

_EMPTY = """\
No customers yet.

Press a to take the first one in,
or type a new name on the Sell screen (F4)."""
_NONE_MATCH = "Nobody has all these words.\n\nEsc takes the filter away."
_NOTHING_BOUGHT = "Nothing bought yet."


@dataclass
class _Found(Message):
    """What a customer bought was looked up."""

    shop: Snapshot
    customer_id: str
    purchases: tuple[Purchase, ...]


class CustomersScreen(FilteredScreen):
    """The table of customers, a filter above it, and below it what the chosen one bought."""

    MODE = "customers"
    AUTO_FOCUS = "RecordTable"
    TITLE = "Customers"
    HELP = """\
# Customers

All customers with what they bought in all; below, what the one under the cursor bought, newest first. Tab goes
there, Enter shows the entry in the history, Ctrl+R its receipt; Ctrl+G takes goods of it back.
Type `/` and any words to see only the customers that have them all.

Two people of one name are two customers with two ids. `b` puts the customer on the open sale and goes to it.
`p` takes a payment for what was sold on account: an entry of its own, which is in no total of the report.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", id="customers.filter"),
        Binding("a", "add", "Add", id="customers.add", tooltip="Take a new customer in"),
        Binding("e", "edit", "Edit", id="customers.edit", tooltip="Edit the customer"),
        Binding("p", "account", "Payment", id="customers.account", tooltip="Take a payment on account"),
        Binding("b", "sell", "Sell to", id="customers.sell", tooltip="Sell to this customer"),
        Binding(
            "ctrl+g",
            "give_back",
            "Return",
            id="customers.give_back",
            tooltip="Take goods of the purchase back",
        ),
        Binding(
            "ctrl+r", "receipt", "Receipt", id="customers.receipt", tooltip="Show the receipt of the purchase"
        ),
        Binding("escape", "clear", "Clear the filter", id="customers.clear", show=False),
    ]

    table = query_one("#customers", RecordTable)
    purchases = query_one("#purchases", RecordTable)

    def __init__(self) -> None:
        super().__init__()
        self._index = customer_index()
        self._settings: Settings | None = None
        self._basket = Basket("")
        self._bought_by = ""
        self._owed = Decimal(0)

    def compose_body(self) -> ComposeResult:
        """Lay out the filter, the customers, and what one of them bought."""
        yield FilterLine("Filter", "any words: name, phone, email, id")
        yield RecordTable[CustomerRow](
            customer_columns(Settings()), lambda row: row.customer.id, empty=_EMPTY, id="customers"
        )
        yield Static("", id="customer-details", markup=False)
        yield RecordTable[Purchase](
            purchase_columns(Settings()),
            lambda purchase: str(purchase.entry),
            empty=_NOTHING_BOUGHT,
            id="purchases",
        )

    def on_mount(self) -> None:
        """Follow the basket too, and begin on the table."""
        super().on_mount()
        self.watch(self.app, "basket", self._take_basket)
        self.table.focus()

    def _take_basket(self, basket: Basket) -> None:
        self._basket = basket

    def show_shop(self, shop: Snapshot) -> None:
        """Show the customers as they are now."""
        if shop.settings != self._settings:
            self._settings = shop.settings
            self.table.set_columns(customer_columns(shop.settings))
            self.purchases.set_columns(purchase_columns(shop.settings))
        self._index.update(shop.customers)
        self._bought_by = ""
        self._fill()

    # Showing

    def _fill(self, *, top: bool = False) -> None:
        self._filled_for = self.filter_line.text
        found = self._index.matching(self._filled_for)
        self.table.say_when_empty(_NONE_MATCH if self.snapshot.customers else _EMPTY)
        self.table.show(CustomerRows(found, self.snapshot.ledger), top=top)
        self.filter_line.count(len(found), len(self.snapshot.customers))
        self._show_details()

    def _show_details(self) -> None:
        customer = self._customer()
        details = self.query_one("#customer-details", Static)
        if customer is None:
            details.update("", layout=False)
            self.purchases.show([])
            return
        if self._bought_by != customer.id:
            self._owed = Decimal(0)
            self._look_up(self.snapshot, customer.id)
        bought = self.snapshot.ledger.bought(customer.id)
        parts = [f"{customer.name} ({customer.id})"]
        if bought.last is not None:
            parts.append(f"bought for {money(bought.total, self.snapshot.settings)}")
        if self._owed:
            parts.append(owed_text(self._owed, self.snapshot.settings).lower())
        parts += [text for text in (customer.phone, customer.email, customer.note) if text]
        parts += [f"{column}: {value}" for column, value in customer.extra.items()]
        details.update(content("  ·  ".join(parts)), layout=False)

    @work(thread=True, exclusive=True, group="look-up")
    def _look_up(self, shop: Snapshot, customer_id: str) -> None:
        """Find what a customer bought; it may lie far back in the files."""
        self.post_message(_Found(shop, customer_id, purchases_of(shop, customer_id)))

    @on(_Found)
    def _show_found(self, event: _Found) -> None:
        if event.shop is self.snapshot and event.customer_id == self.table.cursor_key:
            self._bought_by = event.customer_id
            self.purchases.show(event.purchases)
            self._owed = balance(event.purchases)
            self._show_details()

    def _customer(self) -> Customer | None:
        key = self.table.cursor_key
        return self.snapshot.customers.get(key) if key is not None else None

    def go_to(self, customer_id: str) -> None:
        """Put the cursor on a customer, taking the filter away where it hides them."""
        self._show_if_new()
        if not self.table.go_to(customer_id):
            self.filter_line.clear()
            self._fill()
            self.table.go_to(customer_id)
        self.table.focus()

    @on(RecordTable.Highlighted, "#customers")
    def _highlight(self) -> None:
        self._show_details()
        self.purchases.action_top()

    @on(RecordTable.Chosen, "#customers")
    def _choose(self) -> None:
        self.action_edit()

    @on(RecordTable.Chosen, "#purchases")
    def _show_entry(self, event: RecordTable.Chosen) -> None:
        self.post_message(ShowEntry(int(event.key)))

    # Acting

    def action_clear(self) -> None:
        """Go back to the customers, and take the filter away."""
        if self.focused is self.purchases:
            self.table.focus()
        else:
            super().action_clear()

    def action_add(self) -> None:
        """Take a new customer in."""
        if self.may_change():
            self._open(AddCustomerForm())

    def action_edit(self) -> None:
        """Edit the customer under the cursor."""
        customer = self._customer()
        if customer is not None and self.may_change():
            self._open(EditCustomerForm(customer))

    def action_account(self) -> None:
        """Take a payment on account of the customer under the cursor."""
        customer = self._customer()
        if customer is not None and self.may_change():
            sale = new_sale_id(datetime.now().astimezone())
            self._open(AccountForm(customer, self._owed, sale, self.snapshot.settings))

    def chosen_sale(self) -> Purchase | None:
        """Return the purchase under the cursor, where it is a sale."""
        purchase = self.purchases.row
        return purchase if purchase is not None and what(purchase) == "sale" else None

    def action_receipt(self) -> None:
        """Show the receipt of the purchase under the cursor, the latest one at first."""
        purchase = self.purchases.row
        if purchase is not None:
            self.show_receipt(purchase)
        else:
            self.tell("Nothing was bought here yet, so there is no receipt")

    def action_sell(self) -> None:
        """Put the customer under the cursor on the open sale, and go to it."""
        customer = self._customer()
        if customer is not None and self.may_change():
            self.post_message(BasketChanged(self._basket._replace(customer=customer.id)))
            self.post_message(ModeRequested("sell"))

    @work(exclusive=True, group="dialog")
    async def _open(self, form: FormDialog) -> None:
        outcome = await self.app.push_screen_wait(form)
        if outcome is not None:
            self._tell_outcome(outcome)

    def _tell_outcome(self, outcome: Outcome) -> None:
        self.tell(outcome.text)
        if isinstance(outcome.act, AddCustomer) and outcome.customer is not None:
            self.go_to(outcome.customer.id)
