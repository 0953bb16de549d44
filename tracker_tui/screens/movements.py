"""What became of a product: every movement with the stock after it, its prices, and its stock on any day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
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
from tracker_tui.messages import PastStockWanted
from tracker_tui.model.drafts import several
from tracker_tui.model.movements import Movement, Unwanted, movements, price_changes
from tracker_tui.model.periods import parse_day
from tracker_tui.model.records import Settings
from tracker_tui.model.state import Snapshot
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.record_table import Column, RecordTable
from tracker_tui.widgets.shown import content, moment, money

_PART: Final = 1_000
"""Movements that are shown together while more are looked up."""


class Movements(ModalScreen[int | None]):
    """Shows the movements of one product; closes with the number of the entry that somebody wants to see.

    Args:
        product_id: Which product.
        shop: The shop, as it is now.
    """

    @dataclass
    class _Found(Message):
        """Some more movements were looked up.

        Attributes:
            rows: All so far, newest first.
            of: The revision of the shop that they are of.
            done: Whether these are all.
            reason: Why there are no more, where a log could not be read.
        """

        rows: tuple[Movement, ...]
        of: int
        done: bool
        reason: str = ""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+o",
            "prices",
            "Prices",
            id="movements.prices",
            tooltip="Only where the price or cost changed",
        ),
        Binding("a", "all_products", "All products", id="movements.all", tooltip="All products on that day"),
        Binding("slash", "day", "On a day", id="movements.day", tooltip="Type a day: the stock at its end"),
        Binding("escape", "leave", "Close", id="movements.close"),
    ]
    HELP = """\
# What became of a product

Every sale, delivery, count and change of it, the newest first, with the pieces in stock after it; what was undone is
in it, and its undo. `Ctrl+O` shows only where its price or cost changed. Type a day above (`/`) for the stock at its
end; `a` shows all products of that day. Enter on a row goes to its entry in History, `X` exports the table.
"""

    table = query_one("#movements-table", RecordTable)
    day = query_one(FormField)

    def __init__(self, product_id: str, shop: Snapshot) -> None:
        super().__init__()
        self._product_id = product_id
        self._shop = shop
        self._rows: tuple[Movement, ...] = ()
        self._complete = False
        self._only_prices = False

    def compose(self) -> ComposeResult:
        """Lay out the field of the day, the movements and the buttons."""
        product = self._shop.products.get(self._product_id)
        name = product.name if product is not None else "gone"
        with Vertical(classes="dialog -full", id="movements"):
            yield Static(content(f"{name} ({self._product_id})"), classes="dialog-title")
            yield FormField("day", "On the day", hint="such as 2026-03-31: the stock at its end", longest=32)
            yield Static("", id="movements-then", markup=False)
            yield RecordTable[Movement](
                _columns(self._shop.settings), _key, empty="looking up…", id="movements-table"
            )
            yield Static("", id="form-message", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Prices  Ctrl+O", "screen.prices")
                yield MouseButton("All products  a", "screen.all_products")
                yield MouseButton("Close  Esc", "screen.leave")

    def on_mount(self) -> None:
        """Follow the shop."""
        self.set_focus(self.table)
        self.watch(self.app, "snapshot", self._take_snapshot)

    def _take_snapshot(self, shop: Snapshot) -> None:
        if not shop.loading:
            self._shop = shop
            self._look_up(shop)

    @work(thread=True, exclusive=True, group="movements")
    def _look_up(self, shop: Snapshot) -> None:
        """Look the movements up, which may lie far back in the logs; the first ones are shown at once."""
        worker = get_current_worker()
        rows: list[Movement] = []
        reason = ""
        try:
            for movement in movements(shop.ledger, self._product_id, lambda: worker.is_cancelled):
                rows.append(movement)
                if len(rows) % _PART == 0:
                    self.post_message(self._Found(tuple(reversed(rows)), shop.revision, done=False))
        except Unwanted:
            return
        except TrackerError as error:
            reason = str(error)
        self.post_message(self._Found(tuple(reversed(rows)), shop.revision, done=True, reason=reason))

    @on(_Found)
    def _take_found(self, event: _Found) -> None:
        if event.of != self._shop.revision or (not event.done and self._complete):
            return
        self._rows = event.rows
        self._complete = self._complete or event.done
        if event.reason:
            self._say(event.reason, error=True)
        elif not event.done:
            self._say(f"{len(event.rows):,} movements so far…")
        self._show()

    def _show(self) -> None:
        rows = self._rows
        if self._only_prices:
            rows = tuple(reversed(tuple(price_changes(reversed(rows)))))
        self.table.say_when_empty("Nothing became of it yet." if self._complete else "looking up…")
        self.table.show(rows)
        if self._complete and not self.query_one("#form-message").has_class("-error"):
            self._say(several(len(rows), "price" if self._only_prices else "movement"))
        self._show_day()

    def _say(self, text: str, *, error: bool = False) -> None:
        message = self.query_one("#form-message", Static)
        message.set_class(error, "-error")
        message.update(content(f"! {text}" if error else text))

    # A day

    @on(FormField.Typed)
    def _take_day(self, event: FormField.Typed) -> None:
        event.stop()
        event.field.complain("")
        self._show_day()

    def _show_day(self) -> None:
        """Say how many there were at the end of the day that is typed."""
        line = self.query_one("#movements-then", Static)
        try:
            day = parse_day(self.day.value, datetime.now().astimezone().date())
        except ValueError:
            line.update(content(_now(self._rows, self._shop.settings)))
            return
        line.update(content(_then(self._rows, day, self._shop.settings)))

    def action_day(self) -> None:
        """Go to the field of the day."""
        self.set_focus(self.day.input)

    def action_all_products(self) -> None:
        """Show all products as they were on the day that is typed."""
        self.app.post_message(PastStockWanted(self.day.value.strip()))
        self.dismiss(None)

    # The dialog

    def action_prices(self) -> None:
        """Show only the movements that changed the price or the cost, or all again."""
        self._only_prices = not self._only_prices
        self._show()

    @on(RecordTable.Chosen)
    def _choose(self) -> None:
        row = self.table.row
        self.dismiss(row.entry if row is not None else None)

    def action_leave(self) -> None:
        """Leave the field of the day, or close."""
        if self.day.input.has_focus:
            self.set_focus(self.table)
        else:
            self.dismiss(None)


def _key(row: Movement) -> str:
    return str(row.entry)


def _now(rows: Sequence[Movement], settings: Settings) -> str:
    return _state(rows[0], "Now", settings) if rows else ""


def _then(rows: Sequence[Movement], day: date, settings: Settings) -> str:
    """Say what a product was at the end of a day; `rows` are newest first."""
    oldest_first = rows[::-1]
    upto = bisect_right(oldest_first, day, key=lambda row: row.time.date())
    if not upto:
        return f"At the end of {day} it was not there yet"
    return _state(oldest_first[upto - 1], f"At the end of {day}", settings)


def _state(row: Movement, when: str, settings: Settings) -> str:
    if row.listed is None:
        return f"{when}: not there any more"
    cost = f", cost {money(row.cost, settings)}" if row.cost is not None else ""
    return f"{when}: {row.balance:,} in stock, price {money(row.listed, settings)}{cost}"


def _columns(settings: Settings) -> list[Column[Movement]]:
    def amount(value: Decimal | None, none: str) -> str:
        return money(value, settings) if value is not None else none

    return [
        Column("entry", "Entry", 7, lambda row: str(row.entry), "right", drop=3),
        Column("time", "Time", 16, lambda row: moment(row.time)),
        Column("what", "What", 9, lambda row: row.what),
        Column("change", "Change", 7, lambda row: f"{row.change:+,}" if row.change else "", "right"),
        Column("balance", "Stock", 7, lambda row: f"{row.balance:,}", "right"),
        Column("price", "Price", 9, lambda row: amount(row.price, "gone"), "right"),
        Column("cost", "Cost", 9, lambda row: amount(row.cost, ""), "right", drop=1),
        Column("clerk", "Clerk", 6, lambda row: row.clerk, flex=1, drop=2),
        Column("about", "About", 6, lambda row: row.about, flex=3),
    ]
