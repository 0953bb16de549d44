"""Sell: the till. Products go into the basket, F9 pays, and the next customer can come."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one

from tracker_tui.messages import UndoRequested
from tracker_tui.model.basket import new_basket
from tracker_tui.model.kept import Kept
from tracker_tui.model.records import BelowZero, Settings
from tracker_tui.model.sales import LONGEST_REASON
from tracker_tui.model.scan import Scan
from tracker_tui.model.state import Snapshot
from tracker_tui.model.tax import added
from tracker_tui.screens.buyer_screen import BuyerScreen
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.screens.kept_baskets import KeptBaskets
from tracker_tui.screens.pay_dialog import Paid, PayDialog
from tracker_tui.screens.reason_dialog import ReasonDialog
from tracker_tui.widgets.basket_table import BasketRow, BasketTable, basket_columns, basket_rows
from tracker_tui.widgets.cell_editor import CellEditor
from tracker_tui.widgets.customer_panel import CustomerLine, CustomerPanel
from tracker_tui.widgets.customer_picker import CustomerPicker
from tracker_tui.widgets.picker import Picker
from tracker_tui.widgets.product_picker import ProductPicker
from tracker_tui.widgets.shown import money
from tracker_tui.widgets.till_foot import TillFoot


class SellScreen(BuyerScreen):
    """The customer, the product field, the basket and what it comes to."""

    MODE = "sell"
    TITLE = "Sell"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]
    HELP = """\
# Sell

Scan a code, wherever the cursor is: it goes into the basket, `3*` before it puts in three. A code that no product
has rings the bell and is listed (Ctrl+T). Or type an id or part of a name and press Enter; Down chooses among what
matches. What is only digits must be a whole code or id, so that an unknown scan never sells something else.

The same field takes a customer: a name, part of a name, a phone number or an id, where no product is called so.
Shift+Tab goes to a field that takes nothing else, and shows who buys; empty is a walk-in. A name that nobody has
becomes a new customer with the sale. Two people of one name are told apart by their ids. What a customer took at the
last visits stands beside the basket, or in a line above it: **Ctrl+L** or a click goes there, Enter puts a product in.

**F9 pays**, F9 again books the sale. Down or Tab goes to the basket: type a quantity, or `+` and `-`; `p` another
price, `%` a discount, `b` one of the whole basket, `d` takes the line out. What would be sold below its cost is asked
about. More than there is is sold only where `below_zero = true` in `tracker.toml` lets the owner give a reason for it.
`u` or Ctrl+Z takes back the last step; with nothing in the basket it takes back the last sale. Escape never
throws the basket away; Ctrl+N does, and asks first.

After a sale **Ctrl+R** shows its receipt, until the next product comes. **Ctrl+G** takes goods back, by their receipt.

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
        Binding("ctrl+g", "give_back", "Return", id="sell.give_back", tooltip="Take goods back"),
        Binding("ctrl+r", "receipt", "Receipt", id="sell.receipt", tooltip="Show the last sale's receipt"),
        Binding("slash", "product", "Product field", id="sell.product", show=False),
        Binding("escape", "product", "Product field", id="sell.leave", show=False),
        Binding(
            "b", "discount", "Off the basket", id="sell.discount", tooltip="Take something off the basket"
        ),
        Binding("c", "customer", "Customer", id="sell.customer", tooltip="Say who buys", show=False),
        Binding(
            "ctrl+l",
            "usual",
            "Usual",
            id="sell.usual",
            tooltip="What this customer usually takes",
            show=False,
        ),
    ]

    product = query_one(ProductPicker)
    foot = query_one(TillFoot)

    def __init__(self) -> None:
        super().__init__()
        self._paid: Paid | None = None
        self._paying: PayDialog | None = None
        self._held: list[Scan] = []
        self._handed_out = 0
        self._kept = Kept()
        self._below_zero: BelowZero | None = None
        self._settings: Settings | None = None

    def compose_body(self) -> ComposeResult:
        """Lay out the fields, the basket, and below it the total."""
        customer = CustomerPicker(id="customer")
        yield customer
        yield CustomerLine(id="customer-line")
        yield ProductPicker(customer.people, id="product")
        with Horizontal(id="basket-row"):
            with Vertical(id="basket-area"):
                yield BasketTable(id="basket")
                yield CellEditor(id="basket-cell")
            yield CustomerPanel(id="customer-panel")
        yield TillFoot(id="sell-foot")

    def on_mount(self) -> None:
        """Follow the kept baskets too, and begin in the product field."""
        super().on_mount()
        self.watch(self.app, "kept", self._take_kept)
        self.action_product()

    def show_shop(self, shop: Snapshot) -> None:
        """Show the stock and the prices of now."""
        if shop.settings != self._settings:
            self._settings = shop.settings
            self.table.set_columns(basket_columns(shop.settings))
        self.product.show_shop(shop)
        self.customer.show_shop(shop)
        self.show_basket()

    # What is shown

    def _take_kept(self, kept: Kept) -> None:
        """Say how many baskets wait."""
        self._kept = kept
        self._show_status(basket_rows(self._basket, self.snapshot))

    def show_basket(self) -> None:
        """Show the lines, what they come to, and what there is too little of."""
        shop, basket = self.snapshot, self._basket
        if basket.lines:
            self._paid = None
        rows = basket_rows(basket, shop)
        self.table.show(rows)
        self.table.flash([basket.last])
        self.show_customer()
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
        self.foot.show_amount(label, money(amount, shop.settings))

    def _is_undone(self, paid: Paid) -> bool:
        return paid.purchase.entry in self.snapshot.undone

    def _show_status(self, rows: list[BasketRow]) -> None:
        if self._paid is not None:
            undoable = not self._paid.before and not self._is_undone(self._paid)
            self.foot.say(self._result(self._paid), sold=True, undoable=undoable)
            return
        basket, shop = self._basket, self.snapshot
        first = "Ready for the next sale"
        if rows:
            lines = f"{len(rows)} {'product' if len(rows) == 1 else 'products'}"
            first = f"{lines}, {basket.pieces:,} {'piece' if basket.pieces == 1 else 'pieces'}"
        if rows and basket.discount:
            part = f"{basket.discount.text} = " if basket.discount.percent else ""
            first += f"; {part}{money(basket.taken_off(shop), shop.settings)} off"
        if rows and (extra := added(basket.taxes(shop))):
            first += f"; {money(extra, shop.settings)} tax on top"
        waiting = len(self._kept.others(basket.sale))
        others = f"{waiting} other {'basket' if waiting == 1 else 'baskets'}: Ctrl+O" if waiting else ""
        self.foot.say(f"{first}\n{others}")

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
        return f"{first}\nEntry {sale.entry}.{given} Ctrl+R: receipt."

    def action_undo_sale(self) -> None:
        """Take the sale back whose result is in sight."""
        paid = self._paid
        if paid is not None and not paid.before and not self._is_undone(paid) and self.may_change():
            self.post_message(UndoRequested(paid.purchase.entry))

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
        self.settle_cell()
        times = scan.pieces * self.product.take_count()
        self._change(self._basket.add(scan.product_id, times))
        self.table.go_to(scan.product_id)
        if not self.is_active:
            there = self._basket.quantity_of(scan.product_id)
            self.tell(f"In the basket: {there:,} x {self.name_of(scan.product_id)}")

    def _take_held(self, *, sold: bool) -> None:
        """Put what was scanned during a booking into the next basket; where none came of it, say so."""
        held, self._held = self._held, []
        if sold:
            for scan in held:
                self._scan_in(scan)
        elif held:
            names = ", ".join(f"{scan.pieces:,} x {self.name_of(scan.product_id)}" for scan in held)
            self.app.bell()
            self.tell(f"Scanned while a sale was being booked, and not in the basket: {names}", error=True)

    # Products and quantities

    @on(ProductPicker.Taken)
    def _add(self, event: ProductPicker.Taken) -> None:
        self._change(self._basket.add(event.product_id, event.pieces))
        self.table.go_to(event.product_id)

    def emptied(self) -> None:
        """Go back to where one scans."""
        self.action_product()

    def action_baskets(self) -> None:
        """List the kept baskets, and park this one."""
        self.app.push_screen(KeptBaskets(self._basket))

    # Paying

    def action_pay(self) -> None:
        """Open the pay dialog, where nothing stands in the way of the sale."""
        if not self._may_pay():
            return
        below = self.lines_below_cost()
        if below:
            self._ask_then_pay(below)
            return
        short = self._short_rows()
        if short:
            self._ask_why_then_pay(short)
            return
        # Not awaited in a worker: the very next key must find the dialog, or it would land in a field here.
        self._paying = PayDialog(self._basket, self._buyer(), self._below_zero)
        self.app.push_screen(self._paying, self._finish_sale)

    def _ask_then_pay(self, below: list[str]) -> None:
        """Ask about what would be sold below its cost, and pay where that is wanted."""

        def answer(yes: bool | None) -> None:  # noqa: FBT001 - a dialog's answer
            if yes:
                self._below_cost |= frozenset(below)
                self.action_pay()

        self.open_dialog(ConfirmDialog(self.below_cost_question(below), "Sell it so"), answer)

    @property
    def _goes_below_zero(self) -> bool:
        """Whether who sits here may sell more than there is."""
        return self.snapshot.settings.below_zero and not self.clerk_mode

    def _short_rows(self) -> list[BasketRow]:
        """Return the lines of which there is too little, and which nobody gave a reason for."""
        rows = (row for row in basket_rows(self._basket, self.snapshot) if row.is_short)
        return [row for row in rows if row.stock is None or row.product_id not in self._agreed]

    @property
    def _agreed(self) -> frozenset[str]:
        """The products that the owner sells though there is too little."""
        return self._below_zero.products if self._below_zero is not None else frozenset()

    def _ask_why_then_pay(self, short: list[BasketRow]) -> None:
        """Ask the owner for a reason to sell more than there is, and pay where there is one."""

        def answer(reason: str | None) -> None:
            if reason is not None:
                products = self._agreed | {row.product_id for row in short}
                self._below_zero = BelowZero(reason, products)
                self.action_pay()

        told = "; ".join(f"{row.name}: {row.quantity:,} in the basket, {row.left}" for row in short)
        dialog = ReasonDialog("More than there is", told, "Sell it so", longest=LONGEST_REASON)
        self.open_dialog(dialog, answer)

    def _forget(self) -> None:
        super()._forget()
        self._below_zero = None

    def _go_to_short(self) -> bool:
        """Go to the first line of which there is too little, if there is one."""
        short = next(iter(self._short_rows()), None)
        if short is None:
            return False
        self.table.go_to(short.product_id)
        self.set_focus(self.table)
        return True

    def _may_pay(self) -> bool:
        """Tell whether the basket can be paid for; if not, say why and go where it can be put right."""
        if not self.take_open_cell() or not self.is_active:
            return False
        short = next((r for r in self._short_rows() if r.stock is None or not self._goes_below_zero), None)
        if self.product.is_pending:
            self.product.complain("Enter takes this first, Esc clears it; then F9")
            self.action_product()
        elif not self._basket.lines:
            self.product.complain("nothing to pay yet: scan or type a product first")
            self.action_product()
        elif short is not None:
            self.tell(f"{short.name}: {short.left}. Change the quantity or remove the line.", error=True)
            self._go_to_short()
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
            self._forget()
            self._put(new_basket(datetime.now().astimezone()))
        self._take_held(sold=paid is not None)
        if paid is not None or not self._go_to_short():
            self.action_product()

    # Moving about

    def action_product(self) -> None:
        """Go to the product field."""
        self.set_focus(self.product.field)

    def action_receipt(self) -> None:
        """Show the receipt of the sale that was just booked; only the first one handed out is no copy."""
        paid = self._paid
        if paid is None:
            self.tell("There is a receipt once something is sold; those of earlier sales are in History (F8)")
            return
        copy = paid.before or self._handed_out == paid.purchase.entry
        self.show_receipt(paid.purchase, copy=copy, given=paid.given, then=self._note_receipt)

    def _note_receipt(self, handed_out: bool | None) -> None:  # noqa: FBT001 - a dialog's answer
        if handed_out and self._paid is not None:
            self._handed_out = self._paid.purchase.entry

    @on(Picker.Left, "#product")
    def _leave_product(self) -> None:
        if self._basket.lines:
            self.set_focus(self.table)

    @on(Picker.Left, "#customer")
    @on(BasketTable.LeftUpwards)
    def _go_to_product(self) -> None:
        self.action_product()
