"""The stock of the whole shop at the end of any past day, beside that of now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from time import monotonic
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static
from textual.worker import get_current_worker

from tracker_tui.errors import TrackerError
from tracker_tui.messages import ShowProduct
from tracker_tui.model.movements import Unwanted, products_on
from tracker_tui.model.periods import parse_day
from tracker_tui.model.records import Product
from tracker_tui.model.state import Snapshot
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.record_table import Column, RecordTable
from tracker_tui.widgets.shown import content, money
from tracker_tui.widgets.table_columns import MOST_NAME, MOST_SHORT

_TOLD_EVERY_S: Final = 0.2
"""How often is said how far it is."""


class PastStock(ModalScreen[None]):
    """Leads the stock back to the end of a day.

    Args:
        day: The day, as it was typed; empty = it is asked for.
    """

    @dataclass
    class _Told(Message):
        """How far it is, or what was found.

        Attributes:
            day: Which day.
            text: In words.
            shop: The shop with the products of then; None = not yet, or never.
            failed: Whether it came to nothing.
        """

        day: date
        text: str
        shop: Snapshot | None = None
        failed: bool = False

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "look", "Look", id="past.look", priority=True),
        Binding("escape", "leave", "Close", id="past.close"),
    ]
    HELP = """\
# Stock on a past day

Type a day and Ctrl+S: the products as they were at its end, those that are gone too, beside what there is now. It is
led back from the stock of now through all that was sold, received and counted since, which takes a while for a day long
ago; Escape ends it. Enter on a row goes to the product, `s` sorts, `X` exports the table.
"""

    table = query_one("#past-table", RecordTable)
    field = query_one(FormField)

    def __init__(self, day: str = "") -> None:
        super().__init__()
        self._day = day
        self._now = Snapshot()
        self._then: Snapshot | None = None
        self._wanted: date | None = None

    def compose(self) -> ComposeResult:
        """Lay out the field of the day, the products and the buttons."""
        with Vertical(classes="dialog -full", id="past"):
            yield Static("Stock on a past day", id="past-title", classes="dialog-title", markup=False)
            yield FormField("day", "Day", self._day, hint="such as 2026-03-31", longest=32)
            yield RecordTable[Product](
                self._columns(), lambda product: product.id, empty="Type a day, then Ctrl+S.", id="past-table"
            )
            yield Static("", id="form-message", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Look  Ctrl+S", "screen.look", classes="-primary")
                yield MouseButton("Close  Esc", "screen.leave")

    def on_mount(self) -> None:
        """Follow the shop, and look at once where a day was given."""
        self.watch(self.app, "snapshot", self._take_snapshot)
        self.set_focus(self.field.input)
        if self._day:
            self.action_look()

    def _take_snapshot(self, shop: Snapshot) -> None:
        self._now = shop
        if self._then is not None:
            self.table.set_columns(self._columns())

    def _columns(self) -> list[Column[Product]]:
        settings = self._now.settings

        def now(product: Product) -> int | None:
            there = self._now.products.get(product.id)
            return there.quantity if there is not None else None

        def change(product: Product) -> str:
            quantity = now(product)
            gained = (quantity or 0) - product.quantity
            return f"{gained:+,}" if gained else ""

        return [
            Column("id", "Id", 8, lambda p: p.id, flex=1, most=MOST_SHORT, sort=lambda p: p.id),
            Column("name", "Name", 16, lambda p: p.name, flex=4, most=MOST_NAME, sort=lambda p: p.name),
            Column(
                "quantity", "Then", 8, lambda p: f"{p.quantity:,}", "right", sort=lambda p: float(p.quantity)
            ),
            Column("now", "Now", 8, lambda p: "gone" if (n := now(p)) is None else f"{n:,}", "right"),
            Column("change", "Since", 8, change, "right"),
            Column(
                "price",
                "Price then",
                10,
                lambda p: money(p.price, settings),
                "right",
                sort=lambda p: float(p.price),
            ),
        ]

    @on(FormField.Typed)
    def _take_typed(self, event: FormField.Typed) -> None:
        event.stop()
        event.field.complain("")

    def action_look(self) -> None:
        """Lead the stock back to the day that is typed."""
        try:
            day = parse_day(self.field.value, datetime.now().astimezone().date())
        except ValueError as error:
            self.field.complain(str(error))
            return
        self._wanted = day
        self._say("leading back…")
        self._lead_back(self._now, day)

    @work(thread=True, exclusive=True, group="lead-back")
    def _lead_back(self, shop: Snapshot, day: date) -> None:
        worker = get_current_worker()
        said = 0.0

        def told(done: int, of: int) -> None:
            nonlocal said
            if worker.is_cancelled:
                raise Unwanted
            if monotonic() - said > _TOLD_EVERY_S:
                said = monotonic()
                self.post_message(self._Told(day, f"leading back… {100 * done // max(of, 1)} %"))

        try:
            then = shop.with_fields(products=products_on(shop.ledger, shop.products, day, told))
            count = len(then.goods.all_products())
        except Unwanted:
            return
        except TrackerError as error:
            self.post_message(self._Told(day, str(error), failed=True))
        else:
            products = "product" if count == 1 else "products"
            self.post_message(self._Told(day, f"{count:,} {products} at the end of {day}", then))

    @on(_Told)
    def _take_told(self, event: _Told) -> None:
        if event.day != self._wanted:
            return
        self._say(event.text, error=event.failed)
        if event.shop is not None:
            self._then = event.shop
            self.query_one("#past-title", Static).update(f"Stock at the end of {event.day}")
            self.table.say_when_empty("There was no product yet.")
            self.table.set_columns(self._columns())
            self.table.show(event.shop.goods.all_products())
            self.set_focus(self.table)

    def _say(self, text: str, *, error: bool = False) -> None:
        message = self.query_one("#form-message", Static)
        message.set_class(error, "-error")
        message.update(content(f"! {text}" if error else text))

    @on(RecordTable.Chosen)
    def _choose(self) -> None:
        row = self.table.row
        if row is not None and row.id in self._now.products:
            self.app.post_message(ShowProduct(row.id))
            self.dismiss(None)

    def action_leave(self) -> None:
        """Close, and end what is being looked up."""
        self.dismiss(None)
