"""Taking goods back: the sale by its receipt, what of it comes back, whether it is for sale again, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from tracker_tui.errors import TrackerError
from tracker_tui.messages import ActDone, ActFailed, ActRequested
from tracker_tui.model.acts import GiveBack, Outcome
from tracker_tui.model.giving_back import Returnable, is_receipt_code, sold_as
from tracker_tui.model.records import Purchase, SaleLine
from tracker_tui.model.rules import text_problem
from tracker_tui.model.sales import new_sale_id
from tracker_tui.model.scan import Scan
from tracker_tui.model.state import Snapshot
from tracker_tui.model.text import normal, visible
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.record_table import Column, RecordTable
from tracker_tui.widgets.shown import content, moment, money

_EMPTY = "Scan or type the code of the receipt above."
_NOTHING_LEFT = "All of this sale came back already."


class ReturnDialog(ModalScreen[Outcome | None]):
    """Takes goods of one sale back; closes only when that is on disk, or with nothing done.

    Args:
        typed: Id of the sale, or the number of its entry; empty = it is asked for.
    """

    @dataclass
    class _Found(Message):
        """The sale was looked up.

        Attributes:
            typed: What was looked for.
            sale: The sale; None where there is none.
            reason: Why nothing of it can come back.
        """

        typed: str
        sale: Purchase | None
        reason: str = ""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "submit", "Take back", id="return.submit", priority=True),
        Binding("plus,equals_sign", "pieces(1)", "One more", id="return.more"),
        Binding("minus", "pieces(-1)", "One fewer", id="return.fewer"),
        Binding("a", "all", "All or nothing", id="return.all"),
        Binding("b", "shelf", "Back to the shelf?", id="return.shelf"),
        Binding("escape", "cancel", "Cancel", id="return.cancel"),
    ]
    HELP = """\
# Take goods back

Scan the code of the receipt, or type the sale's id or the number of its entry, and Enter. All that is left of the sale
comes back at first: `+` and `-` change the pieces of the line under the cursor, `a` all or nothing; scanning a product
of the sale takes one piece more of it. They are paid back at the price that was paid, discounts and taxes included.

`b` says whether they go **back to the shelf**; what is spoilt is paid back and not for sale again. A reason is needed,
which everybody can read in History. **Ctrl+S takes them back**; Enter never does. Ctrl+Z undoes it.
"""

    table = query_one(RecordTable)

    def __init__(self, typed: str = "") -> None:
        super().__init__()
        self._typed = typed
        self._own_id = new_sale_id(datetime.now().astimezone())
        self._shop = Snapshot()
        self._sought = ""
        self._returnable: Returnable | None = None
        self._to_shelf = True
        self._waiting = False
        self._asked_to_leave = False

    def compose(self) -> ComposeResult:
        """Lay out the receipt's field, the lines of the sale, the reason and the buttons."""
        with Vertical(classes="dialog", id="return"):
            yield Static("Take goods back", classes="dialog-title", markup=False)
            yield FormField(
                "sale",
                "Receipt",
                self._typed,
                hint="scan it, or type the sale's id or entry number",
                longest=100,
            )
            yield Static("", id="return-sale", markup=False)
            yield RecordTable[SaleLine](self._columns(), lambda line: line.product_id, empty=_EMPTY)
            yield FormField("reason", "Reason", hint="why it comes back", longest=200)
            with Horizontal(id="return-line"):
                yield MouseButton("+", "screen.pieces(1)", each=True)
                yield MouseButton("-", "screen.pieces(-1)", each=True)
                yield MouseButton("All  a", "screen.all")
                yield MouseButton("", "screen.shelf", id="return-shelf")
                yield Static("", id="return-amount", markup=False)
            yield Static("", id="form-message", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Take back  Ctrl+S", "screen.submit", classes="-primary")
                yield MouseButton("Cancel  Esc", "screen.cancel")

    def on_mount(self) -> None:
        """Follow the shop, and begin where something is to be said."""
        self.watch(self.app, "snapshot", self._take_snapshot)
        self._show()
        self.set_focus(self._field("sale").input)
        if self._typed:
            self._look_for(self._typed)

    def _field(self, key: str) -> FormField:
        return self.query_one(f"#field-{key}", FormField)

    def _take_snapshot(self, shop: Snapshot) -> None:
        """Show what is left by now, where somebody took something back meanwhile."""
        self._shop = shop
        if self._returnable is not None and not self._waiting:
            self._look_for(self._returnable.sale.sale)

    # The sale

    @on(FormField.Typed)
    def _take_typed(self, event: FormField.Typed) -> None:
        event.stop()
        event.field.complain("")
        self._asked_to_leave = False
        if event.field.key == "sale":
            self._look_for(normal(event.field.value))

    def _look_for(self, typed: str) -> None:
        self._sought = typed
        if typed:
            self._find(self._shop, typed)
        else:
            self._returnable = None
            self._show()

    @work(thread=True, exclusive=True, group="look-up")
    def _find(self, shop: Snapshot, typed: str) -> None:
        """Find the sale; it may lie far back in the files."""
        try:
            found = self._Found(typed, sold_as(shop, typed))
        except TrackerError as error:
            found = self._Found(typed, None, str(error))
        self.post_message(found)

    @on(_Found)
    def _take_found(self, event: _Found) -> None:
        if event.typed != self._sought or self._waiting:
            return
        known = self._returnable
        if event.sale is None:
            self._returnable = None
            self._say(event.reason)
        else:
            back = known.back if known is not None and known.sale.sale == event.sale.sale else None
            self._returnable = Returnable.of(self._shop, event.sale, back)
            self._say("")
        self._show()

    def take_scan(self, scan: Scan) -> bool:
        """Take the code of a receipt, or one piece of a product of the sale; leave the rest to the screen beneath."""
        if self._waiting:
            return False
        known = self._returnable
        if not scan.product_id and is_receipt_code(scan.code):
            self._field("sale").value = scan.code
            self.set_focus(self.table)
            return True
        if known is None or not known.left_of(scan.product_id):
            return False
        pieces = known.back.get(scan.product_id, 0) + scan.pieces
        if len(known.back) == len(known.left) and all(
            known.back[line.product_id] == line.quantity for line in known.left
        ):
            known, pieces = known.with_all(wanted=False), scan.pieces
        self._returnable = known.with_pieces(scan.product_id, pieces)
        self._show()
        self.table.go_to(scan.product_id)
        return True

    # What is shown

    def _columns(self) -> list[Column[SaleLine]]:
        def back(line: SaleLine) -> str:
            known = self._returnable
            return f"{known.back.get(line.product_id, 0) if known is not None else 0:,}"

        def price(line: SaleLine) -> str:
            return money(line.price, self._shop.settings)

        def total(line: SaleLine) -> str:
            return money(line.total, self._shop.settings)

        return [
            Column("back", "Back", 6, back, "right"),
            Column(
                "left", "of", 6, lambda line: f"{line.quantity:,}", "right", plain=lambda line: line.quantity
            ),
            Column("product", "Product", 12, lambda line: line.product, flex=3),
            Column("id", "Id", 5, lambda line: line.product_id, flex=1, drop=1),
            Column("price", "Price", 10, price, "right", plain=lambda line: line.price),
            Column("total", "Total", 10, total, "right", plain=lambda line: line.total),
        ]

    def _show(self) -> None:
        """Show the sale, its lines, and what is paid back."""
        known, settings = self._returnable, self._shop.settings
        about, amount = "", ""
        if known is not None:
            sale = known.sale
            buyer = f", {sale.customer} ({sale.customer_id})" if sale.customer_id else ""
            about = f"Entry {sale.entry}, {moment(sale.time)}, {money(sale.total, settings)}{buyer}, {sale.payment}"
            way = f"{sale.payment}: " if sale.payment else ""
            amount = (
                f"Pay back {way}{money(known.amount(self._shop), settings)}"
                if known.back
                else "Nothing comes back"
            )
        self.query_one("#return-sale", Static).update(content(about))
        self.query_one("#return-amount", Static).update(content(amount))
        shelf = self.query_one("#return-shelf", Button)
        shelf.label = visible(f"Back to the shelf: {'yes' if self._to_shelf else 'NO'}  b")
        self.table.say_when_empty(_EMPTY if known is None else _NOTHING_LEFT)
        self.table.set_columns(self._columns())
        self.table.show(known.left if known is not None else ())

    def _say(self, text: str) -> None:
        message = self.query_one("#form-message", Static)
        message.set_class(bool(text), "-error")
        message.update(content(f"! {text}" if text else ""))

    # What comes back

    def action_pieces(self, step: int) -> None:
        """Take more or fewer pieces of the line under the cursor back."""
        known, line = self._returnable, self.table.row
        if known is None or line is None or self._waiting:
            return
        key = line.product_id
        self._returnable = known.with_pieces(key, known.back.get(key, 0) + step)
        self._show()

    def action_all(self) -> None:
        """Take all back, or nothing where it was all."""
        known = self._returnable
        if known is None or self._waiting:
            return
        everything = known.with_all(wanted=True)
        self._returnable = everything if known.back != everything.back else known.with_all(wanted=False)
        self._show()

    def action_shelf(self) -> None:
        """Say whether the goods are for sale again."""
        if not self._waiting:
            self._to_shelf = not self._to_shelf
            self._show()

    # The act

    def action_submit(self) -> None:
        """Take the goods back, if nothing is wrong with it."""
        if self._waiting:
            return
        known, reason = self._returnable, normal(self._field("reason").value)
        problem = text_problem(reason, required=True, longest=200)
        if known is None:
            self._field("sale").complain("say which sale it is of")
            self._field("sale").input.focus()
        elif not known.back:
            self._say("nothing comes back: + takes a piece, a takes all" if known.left else _NOTHING_LEFT)
            self.table.focus()
        elif problem:
            self._field("reason").complain(problem)
            self._field("reason").input.focus()
        else:
            self._waiting = True
            self._say("")
            act = GiveBack(known.sale.sale, known.items, self._own_id, reason, to_shelf=self._to_shelf)
            self.post_message(ActRequested(act, self))

    @on(ActDone)
    def _finish(self, event: ActDone) -> None:
        self.dismiss(event.outcome)

    @on(ActFailed)
    def _show_failure(self, event: ActFailed) -> None:
        self._waiting = False
        self._say(str(event.error))
        if self._returnable is not None:
            self._look_for(self._returnable.sale.sale)

    def action_cancel(self) -> None:
        """Leave; where a reason was typed, only at the second time."""
        if self._waiting:
            return
        if self._field("reason").value and not self._asked_to_leave:
            self._asked_to_leave = True
            self._say("Nothing is taken back yet. Escape again leaves it so; Ctrl+S takes it back.")
            return
        self.dismiss(None)
