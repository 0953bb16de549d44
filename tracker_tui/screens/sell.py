"""Sell: the till. Products go into the basket, F9 pays, and the next customer can come."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.widgets import Digits, Static

from tracker_tui.messages import BasketChanged
from tracker_tui.model.basket import Basket, new_basket
from tracker_tui.model.kept import Kept
from tracker_tui.model.records import Settings
from tracker_tui.model.scan import Scan
from tracker_tui.model.state import Snapshot
from tracker_tui.model.text import visible
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.screens.kept_baskets import KeptBaskets
from tracker_tui.screens.pay_dialog import Paid, PayDialog
from tracker_tui.screens.quantity_dialog import QuantityDialog
from tracker_tui.screens.shop_screen import ShopScreen
from tracker_tui.screens.text_dialog import content_lines
from tracker_tui.widgets.basket_table import BasketRow, BasketTable, basket_columns, basket_rows
from tracker_tui.widgets.customer_picker import NEW, WALK_IN, CustomerPicker
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.picker import Picker
from tracker_tui.widgets.product_picker import ProductPicker
from tracker_tui.widgets.record_table import RecordTable
from tracker_tui.widgets.shown import content, money

MOST_STEPS = 200
"""Changes of one basket that can be taken back."""


class SellScreen(ShopScreen):
    """The customer, the product field, the basket and what it comes to."""

    MODE = "sell"
    TITLE = "Sell"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]
    HELP = """\
# Sell

Scan a code, wherever the cursor is: it goes into the basket, `3*` before it puts in three. A code that no product
has rings the bell and is listed (Ctrl+T). Or type an id or part of a name and press Enter; Down chooses among what
matches. What is only digits must be a whole code or id, so that an unknown scan never sells something else.

Shift+Tab goes to the customer: a name, part of a name, a phone number or an id. A name that nobody has becomes
a new customer with the sale; empty is a walk-in. Two people of one name are told apart by their ids.

**F9 pays**, F9 again books the sale. Down or Tab goes to the basket: `+` and `-` change a quantity, Enter or
`e` sets it, `d` takes the line out. `u` or Ctrl+Z takes back the last step; with nothing in the basket it takes
back the last sale. Escape never throws the basket away; Ctrl+N does, and asks first.

**Ctrl+O** parks the basket under a name and lists the parked ones of all clerks, to go on with. The open basket is on
disk after every line: if the session ends, however that happens, it is offered at your next start.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "pay", "Pay", id="sell.pay", tooltip="Pay for the basket"),
        Binding(
            "ctrl+o",
            "baskets",
            "Baskets",
            id="sell.baskets",
            tooltip="Park the basket, or go on with another",
        ),
        Binding("ctrl+n", "empty", "Empty", id="sell.empty", tooltip="Empty the basket; asks first"),
        Binding(
            "ctrl+z",
            "undo_last",
            "Undo",
            id="sell.undo",
            tooltip="Take back the last step of the basket, or the last sale",
        ),
        Binding("slash", "product", "Product field", id="sell.product", show=False),
        Binding("escape", "product", "Product field", id="sell.leave", show=False),
        Binding("c", "customer", "Customer", id="sell.customer", tooltip="Say who buys", show=False),
    ]

    customer = query_one(CustomerPicker)
    product = query_one(ProductPicker)
    table = query_one(BasketTable)

    def __init__(self) -> None:
        super().__init__()
        self._basket = Basket("")
        self._sent: list[Basket] = []
        self._steps: list[Basket] = []
        self._paid: Paid | None = None
        self._paying: PayDialog | None = None
        self._held: list[Scan] = []
        self._kept = Kept()
        self._settings: Settings | None = None

    def compose_body(self) -> ComposeResult:
        """Lay out the fields, the basket, and below it the total."""
        yield CustomerPicker(id="customer")
        yield ProductPicker(id="product")
        yield BasketTable(id="basket")
        with Horizontal(id="sell-foot"):
            with Vertical(id="sell-left"):
                yield Static("", id="sell-status", markup=False)
                with Horizontal(id="sell-buttons"):
                    yield MouseButton("Pay  F9", "screen.pay", classes="-primary")
                    yield MouseButton("+", "screen.line('more')", classes="line-button")
                    yield MouseButton("-", "screen.line('fewer')", classes="line-button")
                    yield MouseButton("Quantity", "screen.line('set')", classes="line-button")
                    yield MouseButton("Remove", "screen.line('remove')", classes="line-button")
                    yield MouseButton("Empty", "screen.empty", classes="line-button")
            with Vertical(id="sell-right"):
                yield Static("", id="total-label", markup=False)
                yield Static("", id="total-plain", markup=False)
            yield Digits("", id="total-digits")

    def on_mount(self) -> None:
        """Follow the basket and begin in the product field."""
        super().on_mount()
        self.watch(self.app, "basket", self._take_basket)
        self.watch(self.app, "kept", self._take_kept)
        self.action_product()

    def show_shop(self, shop: Snapshot) -> None:
        """Show the stock and the prices of now."""
        if shop.settings != self._settings:
            self._settings = shop.settings
            self.table.set_columns(basket_columns(shop.settings))
        self.product.show_shop(shop)
        self.customer.show_shop(shop)
        self._show_basket()

    # The basket

    def _take_basket(self, basket: Basket) -> None:
        """Take the app's basket over, unless it is only what this screen made of it a moment ago."""
        for place, sent in enumerate(self._sent):
            if sent is basket:
                del self._sent[: place + 1]
                return
        self._sent.clear()
        if basket.sale != self._basket.sale:
            self._steps.clear()
        elif basket != self._basket:
            self._steps.append(self._basket)
        self._basket = basket
        self._show_basket()
        self.table.go_to(basket.last)

    def _take_kept(self, kept: Kept) -> None:
        """Say how many baskets wait."""
        self._kept = kept
        self._show_status(basket_rows(self._basket, self.snapshot))

    def _change(self, basket: Basket) -> None:
        """Make the basket another one, and remember the one there was."""
        if basket != self._basket:
            self._steps = [*self._steps[-MOST_STEPS:], self._basket]
            self._put(basket)

    def _put(self, basket: Basket) -> None:
        self._basket = basket
        self._sent.append(basket)
        self.post_message(BasketChanged(basket))
        self._show_basket()

    def _show_basket(self) -> None:
        """Show the lines, what they come to, and what there is too little of."""
        shop, basket = self.snapshot, self._basket
        if basket.lines:
            self._paid = None
        rows = basket_rows(basket, shop)
        self.table.show(rows)
        self.customer.show_customer(basket.customer)
        self._show_total()
        short = [row for row in rows if row.is_short]
        if short:
            what = "; ".join(f"{row.name}: {row.quantity:,} in the basket, {row.left}" for row in short)
            self.product.note(f"! {what} (- or e changes it)", error=True)
        else:
            self.product.note("" if rows else "Enter puts it into the basket, 3*… puts in three")
        self._show_status(rows)

    def _show_total(self) -> None:
        shop, paid = self.snapshot, self._paid
        label, amount = "Total", self._basket.total(shop)
        if paid is not None and paid.change is not None and not self._is_undone(paid):
            label, amount = "Change", paid.change
        self.query_one("#sell-foot").set_class(label == "Change", "-change")
        text = visible(money(amount, shop.settings))
        self.query_one("#total-label", Static).update(label, layout=False)
        self.query_one("#total-plain", Static).update(content(text), layout=self.has_class("-low"))
        self.query_one("#total-digits", Digits).update(text)

    def _is_undone(self, paid: Paid) -> bool:
        return paid.purchase.entry in self.snapshot.undone

    def _show_status(self, rows: list[BasketRow]) -> None:
        status = self.query_one("#sell-status", Static)
        status.set_class(self._paid is not None, "-paid")
        if self._paid is not None:
            status.update(content_lines(self._result(self._paid)), layout=False)
            return
        pieces = sum(row.quantity for row in rows)
        lines = f"{len(rows)} {'product' if len(rows) == 1 else 'products'}"
        count = (
            f"{lines}, {pieces:,} {'piece' if pieces == 1 else 'pieces'}"
            if rows
            else "Ready for the next sale"
        )
        waiting = len(self._kept.others(self._basket.sale))
        if waiting:
            count += f"\n{waiting} other {'basket' if waiting == 1 else 'baskets'}: Ctrl+O"
        status.update(content_lines(count), layout=False)

    def _result(self, paid: Paid) -> str:
        """Say what was sold, in two lines that stay until the next product comes."""
        settings, sale = self.snapshot.settings, paid.purchase
        if self._is_undone(paid):
            return f"Entry {sale.entry} was undone:\n{money(sale.total, settings)} back, stock as before."
        if paid.before:
            what = f"It came to {money(sale.total, settings)}; nothing was booked now."
            return f"! {sale.clerk} booked this basket before, as entry {sale.entry}\n{what}"
        who = f" to {sale.customer}" if sale.customer else ""
        first = f"Sold for {money(sale.total, settings)}{who}, {sale.payment}"
        if sale.total != paid.asked:
            first = f"! A price changed: {money(sale.total, settings)}, not {money(paid.asked, settings)}"
        given = "" if paid.given is None else f" Given {money(paid.given, settings)}."
        return f"{first}\nEntry {sale.entry}. Ctrl+Z undoes it.{given}"

    # Scans

    def take_scan(self, scan: Scan) -> bool:
        """Put what was scanned into the basket, also while something lies over it.

        While a sale is being booked it is kept for the next one.
        """
        if not scan.product_id:
            return False
        if self._paying is not None and (self._paying.is_booking or self._paying.is_over):
            self._held.append(scan)
        else:
            self._scan_in(scan)
        return True

    def _scan_in(self, scan: Scan) -> None:
        times = scan.pieces * self.product.take_count()
        self._change(self._basket.add(scan.product_id, times))
        self.table.go_to(scan.product_id)
        if not self.is_active:
            there = self._basket.quantity_of(scan.product_id)
            self.tell(f"In the basket: {there:,} x {self._name_of(scan.product_id)}")

    def _take_held(self, *, sold: bool) -> None:
        """Put what was scanned during a booking into the next basket; where none came of it, say so."""
        held, self._held = self._held, []
        if sold:
            for scan in held:
                self._scan_in(scan)
        elif held:
            names = ", ".join(f"{scan.pieces:,} x {self._name_of(scan.product_id)}" for scan in held)
            self.app.bell()
            self.tell(f"Scanned while a sale was being booked, and not in the basket: {names}", error=True)

    # Products and quantities

    @on(ProductPicker.Taken)
    def _add(self, event: ProductPicker.Taken) -> None:
        self._change(self._basket.add(event.product_id, event.pieces))
        self.table.go_to(event.product_id)

    @on(BasketTable.ChangeWanted)
    def _change_line(self, event: BasketTable.ChangeWanted) -> None:
        self._change_by(event.kind, event.product_id)

    @on(RecordTable.Chosen, "#basket")
    def _choose_line(self, event: RecordTable.Chosen) -> None:
        self._change_by("set", event.key)

    def action_line(self, kind: str) -> None:
        """Change the line under the cursor: `more`, `fewer`, `set` or `remove`."""
        key = self.table.cursor_key
        if key is not None:
            self._change_by(kind, key)

    def _change_by(self, kind: str, product_id: str) -> None:
        quantity = self._basket.quantity_of(product_id)
        if kind == "more":
            self._change(self._basket.add(product_id))
        elif kind == "fewer" and quantity > 1:
            self._change(self._basket.add(product_id, -1))
        elif kind == "fewer":
            self.tell("One is the least; d takes the line out")
        elif kind == "remove" and quantity:
            self._change(self._basket.put(product_id, 0))
            self.tell(f"{self._name_of(product_id)} is out of the basket; u puts it back")
        elif kind == "set" and quantity:
            self._ask_quantity(product_id)

    def _name_of(self, product_id: str) -> str:
        product = self.snapshot.products.get(product_id)
        return product.name if product is not None else product_id

    @work(exclusive=True, group="dialog")
    async def _ask_quantity(self, product_id: str) -> None:
        product = self.snapshot.products.get(product_id)
        stock = product.quantity if product is not None else 0
        quantity = self._basket.quantity_of(product_id)
        wanted = await self.app.push_screen_wait(QuantityDialog(self._name_of(product_id), quantity, stock))
        if wanted is not None:
            self._change(self._basket.put(product_id, wanted))

    @work(exclusive=True, group="dialog")
    async def action_empty(self) -> None:
        """Take everything out of the basket, after a question."""
        lines = len(self._basket.lines)
        if not lines and not self._basket.customer:
            self.tell("The basket is empty already")
            return
        what = f"Take {'the line' if lines == 1 else f'all {lines} lines'} out of the basket?"
        question = f"{what} Ctrl+Z puts them back." if lines else "Forget the customer?"
        if await self.app.push_screen_wait(ConfirmDialog(question, "Empty it")):
            self._change(self._basket._replace(lines=(), customer="", last=""))
            self.action_product()

    def action_baskets(self) -> None:
        """List the kept baskets, and park this one."""
        self.app.push_screen(KeptBaskets(self._basket))

    def action_undo_last(self) -> None:
        """Take back the last step of this basket; where there is none, the last change of this session."""
        if self._steps:
            self._put(self._steps.pop())
        else:
            super().action_undo_last()

    # The customer

    @on(CustomerPicker.Taken)
    def _take_customer(self, event: CustomerPicker.Taken) -> None:
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

    # Paying

    def action_pay(self) -> None:
        """Open the pay dialog, where nothing stands in the way of the sale."""
        if not self._may_pay():
            return
        # Not awaited in a worker: the very next key must find the dialog, or it would land in a field here.
        self._paying = PayDialog(self._basket, self._buyer())
        self.app.push_screen(self._paying, self._finish_sale)

    def _may_pay(self) -> bool:
        """Tell whether the basket can be paid for; if not, say why and go where it can be put right."""
        short = next((row for row in basket_rows(self._basket, self.snapshot) if row.is_short), None)
        if self.product.is_pending:
            self.product.complain("Enter takes this first, Esc clears it; then F9")
            self.action_product()
        elif not self._basket.lines:
            self.product.complain("nothing to pay yet: scan or type a product first")
            self.action_product()
        elif short is not None:
            self.tell(f"{short.name}: {short.left}. Change the quantity or remove the line.", error=True)
            self.table.go_to(short.product_id)
            self.set_focus(self.table)
        elif not self.customer.resolve():
            self.action_customer()
        elif self.may_change():
            if self.customer.customer != self._basket.customer:
                self._change(self._basket._replace(customer=self.customer.customer))
            return True
        return False

    def _finish_sale(self, paid: Paid | None) -> None:
        """Begin the next sale, with the result of this one in sight."""
        self._paying = None
        if paid is not None:
            self._paid = paid
            self._steps.clear()
            self._put(new_basket(datetime.now().astimezone()))
        self._take_held(sold=paid is not None)
        self.action_product()

    # Moving about

    def action_product(self) -> None:
        """Go to the product field."""
        self.set_focus(self.product.field)

    def action_customer(self) -> None:
        """Go to the customer field."""
        self.set_focus(self.customer.field)

    @on(Picker.Left, "#product")
    def _leave_product(self) -> None:
        if self._basket.lines:
            self.set_focus(self.table)

    @on(Picker.Left, "#customer")
    @on(BasketTable.LeftUpwards)
    def _go_to_product(self) -> None:
        self.action_product()

    def on_key(self, event: events.Key) -> None:
        """Let digits that are typed on the basket be a code, and their Enter take it.

        In a burst the later keys are on their way to the table too when the first one moves the focus.
        """
        field = self.product.field
        if self.focused not in (self.table, field):
            return
        if event.character is not None and event.character.isdecimal():
            self.set_focus(field)
            field.insert_text_at_cursor(event.character)
        elif event.key == "enter" and self.focused is field:
            self.product.enter()
        else:
            return
        event.stop()
        event.prevent_default()
