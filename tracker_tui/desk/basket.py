"""The app's part that has to do with baskets: the open one, kept on disk as it changes, and the parked ones."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from textual import on, work
from textual.driver import Driver
from textual.message import Message
from textual.reactive import var

from tracker_tui.desk.places import PlacesApp
from tracker_tui.errors import TrackerError
from tracker_tui.messages import (
    AddToBasket,
    BasketChanged,
    BasketDiscarded,
    BasketParked,
    BasketResumed,
    KeptWanted,
    ModeRequested,
)
from tracker_tui.model.basket import Basket, new_basket
from tracker_tui.model.kept import Kept, KeptBasket, park_name
from tracker_tui.model.money import shown
from tracker_tui.model.records import Purchase
from tracker_tui.model.state import Snapshot
from tracker_tui.model.text import visible
from tracker_tui.screens.shop_screen import ShopScreen
from tracker_tui.work.keeping import Keeper
from tracker_tui.work.opening import Opening

WRITTEN_WITHIN_S: Final = 3.0
"""How long leaving waits for the basket to be on disk; a disk that takes longer has failed."""


@dataclass
class _KeptSeen(Message):
    """The baskets on disk are other ones now."""

    kept: Kept

    def can_replace(self, message: Message) -> bool:
        """Let only the newest of several count."""
        return isinstance(message, _KeptSeen)


@dataclass
class _NotKept(Message):
    """The baskets cannot be kept on disk; empty = they can be again."""

    reason: str


class BasketApp(PlacesApp):
    """An app with one open basket, written to disk shortly after each change.

    Args:
        opening: The shop, open or to be opened.
        driver_class: What drives the terminal.
    """

    basket: var[Basket] = var(Basket(""), init=False)
    kept: var[Kept] = var(Kept, init=False)

    def __init__(self, opening: Opening, *, driver_class: type[Driver]) -> None:
        super().__init__(driver_class=driver_class)
        self._opening = opening
        self.clerk = opening.clerk
        self._keeper = Keeper(
            seen=lambda kept: self._pass_on(_KeptSeen(kept)),
            trouble=lambda reason: self._pass_on(_NotKept(reason)),
        )
        self._all_written = threading.Event()
        self._sold: set[str] = set()
        self._selling: set[str] = set()
        self._looked_at = None if opening.first.loading else opening.first.entry
        self._offered = False
        self.set_reactive(BasketApp.snapshot, opening.first)
        self.set_reactive(BasketApp.basket, new_basket(_now()))

    def _pass_on(self, message: Message) -> None:
        self.post_message(message)

    def say(self, text: str, *, error: bool = False) -> None:
        """Say something in passing; people's text may be in it."""
        self.notify(
            visible(text),
            severity="error" if error else "information",
            markup=False,
            timeout=10 if error else 4,
        )

    # The thread

    @work(thread=True, group="keep")
    def keep_baskets(self) -> None:
        """Write and read baskets, once the shop is open, until the app ends."""
        try:
            service = self._opening.service
            self._keeper.run(service.baskets, service.booked)
        except TrackerError:
            return  # The shop could not be opened; who waits for it says why.
        finally:
            self._all_written.set()

    def end_keeping(self) -> None:
        """Let the thread end once the open basket is written."""
        self._keeper.end()

    def wait_until_kept(self) -> None:
        """Wait until all is written; not to be called on the event loop."""
        self._keeper.end()
        self._all_written.wait(WRITTEN_WITHIN_S)

    @on(_NotKept)
    def _tell_trouble(self, event: _NotKept) -> None:
        if event.reason:
            self.say(f"{event.reason}. Selling goes on.", error=True)
        else:
            self.say("Baskets are kept again")

    # The open basket

    def watch_basket(self, old: Basket, new: Basket) -> None:
        """Have the basket written, or taken away once it is empty."""
        if self.snapshot.read_only or new.sale in self._sold:
            return
        if new.lines:
            self._keeper.keep(KeptBasket(new, self.clerk, _now()))
        elif old.sale == new.sale and old.lines:
            self._keeper.drop(new.sale)

    @on(BasketChanged)
    def _keep_basket(self, event: BasketChanged) -> None:
        self.basket = event.basket

    @on(AddToBasket)
    def _put_into_basket(self, event: AddToBasket) -> None:
        product = self.snapshot.products.get(event.product_id)
        if product is None:
            return
        self.basket = self.basket.add(event.product_id, event.quantity)
        there = self.basket.quantity_of(product.id)
        short = f"; only {product.quantity} in stock" if there > product.quantity else ""
        self.say(f"In the basket: {there} x {product.name}{short}. F4 sells.", error=bool(short))

    # Sales

    def begin_selling(self, sale: str) -> None:
        """Remember that a sale is on its way, so that its entry is known as this session's own."""
        self._selling.add(sale)

    def end_selling(self, sale: str, purchase: Purchase | None) -> None:
        """Forget the basket of a sale that is booked; `purchase` is None where it was refused."""
        self._selling.discard(sale)
        if purchase is not None:
            self._sold.add(sale)
            self._keeper.drop(sale)

    def look_for_sold(self, shop: Snapshot) -> None:
        """Put the open basket away where another session has just sold it."""
        if shop.loading:
            return
        since, self._looked_at = self._looked_at, shop.entry
        if since is None or not self.basket.lines or self.basket.sale in self._selling | self._sold:
            return
        for entry in shop.ledger.since(since):
            if isinstance(entry, Purchase) and entry.sale == self.basket.sale:
                self._sold.add(entry.sale)
                self.basket = new_basket(_now())
                amount = shown(entry.total, shop.settings.currency, shop.settings.decimals)
                self.say(f"{entry.clerk} has sold this basket: entry {entry.entry}, {amount}", error=True)
                return

    # Parked baskets

    @on(KeptWanted)
    def _read_again(self) -> None:
        self._keeper.look()

    @on(BasketParked)
    def _park(self, event: BasketParked) -> None:
        if self.basket.lines:
            self.say(f"Parked as {self._park_open(event.name)}; Ctrl+O lists it")
        else:
            self.say("There is nothing to park", error=True)

    def _park_open(self, name: str) -> str:
        """Park the open basket, begin another, and return what it is called."""
        name = name or park_name(self.basket, self.snapshot, self.kept.others(self.basket.sale))
        self._keeper.keep(KeptBasket(self.basket, self.clerk, _now(), name))
        self.basket = new_basket(_now())
        return name

    @on(BasketResumed)
    def _resume(self, event: BasketResumed) -> None:
        kept = self.kept.find(event.sale)
        if kept is None:
            self.say("This basket is gone: somebody sold it or threw it away", error=True)
        elif kept.entry is not None:
            self._tell_sold(kept)
        else:
            parked = f"; the open one is parked as {self._park_open('')}" if self.basket.lines else ""
            self.basket = kept.basket
            pieces = kept.basket.pieces
            self.say(f"Going on with {pieces:,} {'piece' if pieces == 1 else 'pieces'}{parked}")
            self.post_message(ModeRequested("sell"))

    @on(BasketDiscarded)
    def _discard(self, event: BasketDiscarded) -> None:
        self._keeper.drop(event.sale)

    def _tell_sold(self, kept: KeptBasket) -> None:
        """Say that a basket was sold after all, and take it away."""
        self._keeper.drop(kept.basket.sale)
        self.say(f"The basket of {kept.changed:%H:%M} was sold after all: it is entry {kept.entry}")

    # What was left at the last end

    @on(_KeptSeen)
    def _see_kept(self, event: _KeptSeen) -> None:
        self.kept = event.kept
        if not self._offered:
            self._offered = True
            self._offer(event.kept.left_by(self.clerk))

    def _offer(self, left: tuple[KeptBasket, ...]) -> None:
        """Offer to go on with what this clerk's last session left; what was sold after all is taken away."""
        if self.snapshot.read_only:
            return
        for kept in left:
            if kept.entry is not None:
                self._tell_sold(kept)
        open_ones = [kept for kept in left if kept.entry is None]
        if not open_ones:
            return
        newest, more = open_ones[0], len(open_ones) - 1
        if self.basket.lines or not isinstance(self.screen, ShopScreen):
            self.say("You left a basket last time; Ctrl+O on Sell goes on with it")
            return

        from tracker_tui.screens.confirm_dialog import ConfirmDialog

        def go_on(yes: bool | None) -> None:  # noqa: FBT001 - a dialog's answer
            if yes:
                self.post_message(BasketResumed(newest.basket.sale))

        self.push_screen(ConfirmDialog(_offer_text(newest, self.snapshot, more), "Go on", "Not now"), go_on)


def _offer_text(kept: KeptBasket, shop: Snapshot, more: int) -> str:
    pieces = kept.basket.pieces
    total = shown(kept.basket.total(shop), shop.settings.currency, shop.settings.decimals)
    customer = shop.customers.get(kept.basket.customer)
    name = customer.name if customer is not None else kept.basket.customer
    text = f"You left a basket at {kept.changed:%Y-%m-%d %H:%M}: {pieces:,} "
    text += (
        f"{'piece' if pieces == 1 else 'pieces'}, {total}{f', for {name}' if name else ''}. Go on with it?"
    )
    others = f" {more} more {'is' if more == 1 else 'are'} in the list of baskets (Ctrl+O on Sell)."
    return text + (others if more else "")


def _now() -> datetime:
    return datetime.now().astimezone().replace(microsecond=0)
