"""Paying: the total, how it is paid, the change, and the commit that only F9, `y` or a click can make."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from time import monotonic
from typing import ClassVar, Final

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.message import Message
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Button, Digits, Static

from tracker_tui.errors import OutOfStock, StorageError, TrackerError
from tracker_tui.messages import ActDone, ActFailed, ActRequested
from tracker_tui.model.account import ON_ACCOUNT, balance
from tracker_tui.model.acts import Sell
from tracker_tui.model.basket import Basket
from tracker_tui.model.money import written
from tracker_tui.model.payment import PAYMENTS, Payment, given_amount, round_amounts
from tracker_tui.model.records import BelowZero, Purchase
from tracker_tui.model.state import Snapshot
from tracker_tui.model.tax import goods_of
from tracker_tui.model.text import visible
from tracker_tui.tuples import NamedTuple
from tracker_tui.widgets.amount_field import AmountField
from tracker_tui.widgets.basket_table import basket_rows
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.shown import content, money

DEAF_S: Final = 0.3
"""For so long after it opened the dialog hears no key: what is still being typed was meant for the till."""

ALONE_S: Final = 0.15
"""A `y` counts when no key follows for so long; one inside a scanned code does not."""

_NOTES: Final = 4


class Paid(NamedTuple):
    """A sale that is booked.

    Attributes:
        purchase: As it is on disk.
        given: What the customer handed over; None where it was not counted.
        asked: The total that was shown when the clerk booked it.
        before: Whether another session had booked this basket before, so that nothing was booked now.
    """

    purchase: Purchase
    given: Decimal | None
    asked: Decimal
    before: bool = False

    @property
    def change(self) -> Decimal | None:
        """What goes back to the customer; None where nothing was counted."""
        return None if self.given is None else self.given - self.purchase.total


class PayDialog(ModalScreen[Paid | None]):
    """Books the basket; closes only when the sale is on disk, or with nothing done.

    Args:
        basket: What is sold. The sale keeps its id however often it is tried, so it is booked once.
        buyer: Who buys, for a person to read.
        below_zero: The owner's word for selling more than there is; None where there must be enough.
    """

    @dataclass
    class _Owed(Message):
        """What the customer owes before this sale."""

        amount: Decimal

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "commit", "Book the sale", id="pay.commit"),
        Binding("y", "yes", "Book the sale", id="pay.yes", show=False),
        *(
            Binding(way.key, f"pay_by('{way.name}')", way.label, id=f"pay.{way.name}", show=False)
            for way in PAYMENTS
        ),
        Binding("left", "next_way(-1)", "Way to pay before", id="pay.previous", priority=True, show=False),
        Binding("right", "next_way(1)", "Next way to pay", id="pay.next", priority=True, show=False),
        Binding("escape", "cancel", "Back to the basket", id="pay.cancel"),
    ]
    HELP = """\
# Pay

`c` cash, `k` card, `o` other, `a` on the customer's account, or Left and Right. For cash type what you are given and
the change is shown; leave it empty where it is exact. **F9 books the sale**, so does `y` or a click; Enter and Space
never do.
Escape goes back to the basket. If the sale is refused, nothing is booked and the basket stays. What is scanned
meanwhile goes into the basket, and the total with it; what is scanned while the sale is being booked, into the next.
"""

    given = query_one(AmountField)

    def __init__(self, basket: Basket, buyer: str, below_zero: BelowZero | None = None) -> None:
        super().__init__()
        self._basket = basket
        self._below_zero = below_zero
        self._buyer = buyer
        self._way: Payment = PAYMENTS[0]
        self._shop = Snapshot()
        self._total = Decimal(0)
        self._notes: tuple[Decimal, ...] = ()
        self._asked = Decimal(0)
        self._given: Decimal | None = None
        self._owed: Decimal | None = None
        self._waiting = False
        self._refused = False
        self._refused_amount = ""
        self._hears = False
        self._deaf_until = inf
        self._yes: Timer | None = None

    @property
    def hears(self) -> bool:
        """Whether keys count by now."""
        return self._hears

    @property
    def is_booking(self) -> bool:
        """Whether the sale is on its way to the disk."""
        return self._waiting

    @property
    def is_over(self) -> bool:
        """Whether the dialog was closed, with or without a sale."""
        return self not in self.app.screen_stack

    @property
    def seen_at(self) -> float:
        """Since when the dialog can be seen, on the monotonic clock."""
        return self._deaf_until - DEAF_S

    def compose(self) -> ComposeResult:
        """Lay out the total, the ways to pay, what is given and the change."""
        with Vertical(classes="dialog", id="pay"):
            yield Static("", id="pay-title", classes="dialog-title", markup=False)
            with Horizontal(id="pay-total"):
                yield Static("Total", classes="pay-label")
                yield Digits("", id="pay-digits")
            with Horizontal(id="pay-ways"):
                yield Static("Paid by", classes="pay-label")
                for way in PAYMENTS:
                    label = _label(way, chosen=way is self._way)
                    yield MouseButton(label, f"screen.pay_by('{way.name}')", id=f"way-{way.name}")
            with Vertical(id="pay-cash"):
                yield AmountField("given", "Cash given", hint="empty = the exact amount", longest=32)
                with Horizontal(id="pay-notes"):
                    yield Static("", classes="pay-label")
                    for place in range(_NOTES):
                        yield MouseButton("", f"screen.give({place})", id=f"note-{place}")
                with Horizontal(id="pay-change-line"):
                    yield Static("Change", classes="pay-label")
                    yield Static("", id="pay-change", markup=False)
            yield Static("", id="pay-account", markup=False)
            yield Static("", id="form-message", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Book the sale  F9", "screen.commit", classes="-primary")
                yield MouseButton("Back  Esc", "screen.cancel")

    def on_mount(self) -> None:
        """Follow the shop, and hear keys a little later."""
        self.watch(self.app, "snapshot", self._take_snapshot)
        self.watch(self.app, "basket", self._take_basket, init=False)
        self._show_way()
        self.call_after_refresh(self._begin_to_hear)

    def _begin_to_hear(self) -> None:
        """Count from when the dialog can be seen; what was typed before that waited, and is not meant for it."""
        self._deaf_until = self.given.deaf_until = monotonic() + DEAF_S
        self.set_timer(DEAF_S, self._hear)

    def _hear(self) -> None:
        self._hears = True
        self._show_way()

    def _take_basket(self, basket: Basket) -> None:
        """Take what was scanned meanwhile; a total that nobody has seen is not booked by a key on its way.

        Another basket in its place means that somebody else has just sold this one.
        """
        if self._waiting or self.is_over or basket == self._basket:
            return
        if basket.sale != self._basket.sale:
            self.dismiss(None)
            return
        self._basket = basket
        self._refused = False
        self._take_snapshot(self._shop)
        self._deaf_until = self.given.deaf_until = monotonic() + DEAF_S

    def _take_snapshot(self, shop: Snapshot) -> None:
        """Show the total at the prices of now, and what there is too little of."""
        self._shop = shop
        self._total = self._basket.total(shop)
        pieces = sum(line.quantity for line in self._basket.lines)
        title = f"Pay: {pieces:,} {'piece' if pieces == 1 else 'pieces'}, {self._buyer}"
        self.query_one("#pay-title", Static).update(content(title))
        self.query_one("#pay-digits", Digits).update(visible(money(self._total, shop.settings)))
        self._notes = round_amounts(self._total, shop.settings.decimals, _NOTES)
        for place, amount in enumerate(self._notes):
            self.query_one(f"#note-{place}", Button).label = visible(money(amount, shop.settings))
        self._show_change()
        self._show_account()
        if not (self._waiting or self._refused):
            self._say(*self._short())

    def _short(self) -> tuple[str, bool]:
        agreed = self._below_zero
        rows = [row for row in basket_rows(self._basket, self._shop) if row.is_short]
        told = "; ".join(f"{row.name}: {row.left}" for row in rows)
        if agreed is not None and all(row.product_id in agreed.products for row in rows):
            return (f"{told}. Sold below zero: {agreed.reason}" if rows else "", False)
        return told, bool(rows)

    def _say(self, text: str, error: bool = False) -> None:  # noqa: FBT001 - passed on as a pair
        message = self.query_one("#form-message", Static)
        message.set_class(error, "-error")
        message.update(content(f"! {text}" if error else text))

    # The way to pay

    def _show_way(self) -> None:
        for way in PAYMENTS:
            button = self.query_one(f"#way-{way.name}", Button)
            button.set_class(way is self._way, "-primary")
            button.label = _label(way, chosen=way is self._way)
        self.query_one("#pay-cash").display = self._way.gives_change
        self._show_account()
        if self._hears:
            self.set_focus(self.given.input if self._way.gives_change else None)

    def action_pay_by(self, name: str) -> None:
        """Choose a way to pay."""
        if self._waiting:
            return
        self._forget_yes()
        way = next(way for way in PAYMENTS if way.name == name)
        if way.name == ON_ACCOUNT and not self._basket.customer:
            self._say("On account needs a customer: Esc, then Shift+Tab says who", error=True)
            return
        self._way = way
        self._show_way()
        if way.name == ON_ACCOUNT:
            self._look_up_account(self._shop, self._basket.customer)

    def action_next_way(self, step: int) -> None:
        """Choose the way to pay that stands beside; on account only where somebody is known to buy."""
        ways = [way for way in PAYMENTS if way.name != ON_ACCOUNT or self._basket.customer]
        self.action_pay_by(ways[(ways.index(self._way) + step) % len(ways)].name)

    @work(thread=True, exclusive=True, group="account")
    def _look_up_account(self, shop: Snapshot, customer: str) -> None:
        """Find what the customer owes; it may lie far back in the files."""
        with suppress(
            StorageError
        ):  # A log is being replaced by another program: the sale goes on all the same.
            self.post_message(self._Owed(balance(shop.ledger.purchases_of(customer))))

    @on(_Owed)
    def _take_owed(self, event: _Owed) -> None:
        self._owed = event.amount
        self._show_account()

    def _show_account(self) -> None:
        """Show what the customer owes, before and after this sale."""
        line = self.query_one("#pay-account", Static)
        line.display = self._way.name == ON_ACCOUNT
        if self._owed is None:
            line.update("On account", layout=False)
            return
        settings = self._shop.settings
        before, after = money(self._owed, settings), money(self._owed + self._total, settings)
        line.update(content(f"On account: owes {before} now, {after} with this sale"))

    def action_give(self, place: int) -> None:
        """Take a round amount as given."""
        if not self._waiting and place < len(self._notes):
            self.given.value = written(self._notes[place])

    @on(FormField.Typed)
    def _check_as_typed(self, event: FormField.Typed) -> None:
        event.stop()
        self._forget_yes()
        if self.given.value != self._refused_amount:
            self.given.complain("")
        self._show_change()

    def _show_change(self) -> None:
        """Show what goes back, as it is typed; what is still missing is no error before the commit."""
        line = self.query_one("#pay-change", Static)
        try:
            given = given_amount(self.given.value, self._total, self._shop.settings)
        except ValueError as error:
            line.set_class(True, "-missing")
            line.update(content(str(error)))
            return
        line.set_class(False, "-missing")
        line.update(content("" if given is None else money(given - self._total, self._shop.settings)))

    # The commit

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Hear no key before the time."""
        own = action in {"commit", "yes", "pay_by", "next_way", "cancel"}
        return self._hears if own else True

    def on_key(self, event: events.Key) -> None:
        """Let nothing through before the time; any key after a `y` takes it back."""
        self._forget_yes()
        if not self._hears or event.time < self._deaf_until:
            event.stop()
            event.prevent_default()

    def action_yes(self) -> None:
        """Book the sale unless another key follows at once."""
        self._forget_yes()
        self._yes = self.set_timer(ALONE_S, self.action_commit)

    def _forget_yes(self) -> None:
        if self._yes is not None:
            self._yes.stop()
            self._yes = None

    def action_commit(self) -> None:
        """Book the sale, once."""
        self._forget_yes()
        if self._waiting:
            return
        given = None
        if self._way.gives_change:
            try:
                given = given_amount(self.given.value, self._total, self._shop.settings)
            except ValueError as error:
                self._refused_amount = self.given.value
                self.given.complain(str(error))
                self.given.input.focus()
                return
        self._given = given
        self._asked = self._total
        self._waiting = True
        self._refused = False
        self._say("Booking…")
        basket = self._basket
        sale = Sell(basket.items(self._shop), basket.sale, basket.customer, self._way.name)
        self.post_message(ActRequested(sale._replace(below_zero=self._below_zero), self))

    @on(ActDone)
    def _finish(self, event: ActDone) -> None:
        purchase = event.outcome.purchase
        if purchase is not None:
            booked = {(line.product_id, line.quantity) for line in goods_of(purchase)}
            wanted = {(line.product_id, line.quantity) for line in self._basket.lines}
            clerk = getattr(self.app, "clerk", purchase.clerk)
            before = (purchase.clerk, booked) != (clerk, wanted)
            self.dismiss(Paid(purchase, None if before else self._given, self._asked, before))

    @on(ActFailed)
    def _show_failure(self, event: ActFailed) -> None:
        self._waiting = False
        self._refused = True
        self._say(self._why(event.error), error=True)

    def _why(self, error: TrackerError) -> str:
        if isinstance(error, OutOfStock):
            return f"{error}. Nothing was booked; Esc goes back to change the basket."
        return f"{error}. Nothing was booked; F9 tries again, Esc goes back."

    def action_cancel(self) -> None:
        """Go back to the basket, unless the sale is being booked."""
        if not self._waiting:
            self.dismiss(None)


def _label(way: Payment, *, chosen: bool) -> str:
    """Return what stands on the button of a way to pay; the chosen one is known without colours too."""
    return f"{'•' if chosen else ' '} {way.label}  {way.key}"
