"""Baskets that are kept on disk: the open one of each session, those that a session left, and parked ones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tracker_tui.model.basket import Basket
from tracker_tui.model.records import Problem
from tracker_tui.model.state import Snapshot
from tracker_tui.tuples import NamedTuple


class KeptBasket(NamedTuple):
    """One basket as it lies on disk.

    Attributes:
        basket: What is in it; its sale id is its name.
        clerk: Who had it last.
        changed: When it was written.
        name: What it was parked as; empty where it was not parked, so that its clerk has or left it.
        in_use: Whether a session that lives has it open.
        entry: The entry by which it was sold after all; None where it was not.
    """

    basket: Basket
    clerk: str
    changed: datetime
    name: str = ""
    in_use: bool = False
    entry: int | None = None

    @property
    def is_left(self) -> bool:
        """Whether a session ended with it: killed, cut off, or left."""
        return not self.name and not self.in_use


class Kept(NamedTuple):
    """All baskets of a shop.

    Attributes:
        baskets: The latest first.
        problems: Files that could not be read; they are left as they are.
    """

    baskets: tuple[KeptBasket, ...] = ()
    problems: tuple[Problem, ...] = ()

    def find(self, sale: str) -> KeptBasket | None:
        """Return the basket of a sale id; None if there is none."""
        return next((kept for kept in self.baskets if kept.basket.sale == sale), None)

    def others(self, own: str) -> tuple[KeptBasket, ...]:
        """Return all but the one with the sale id `own`."""
        return tuple(kept for kept in self.baskets if kept.basket.sale != own)

    def left_by(self, clerk: str) -> tuple[KeptBasket, ...]:
        """Return what sessions of a clerk left, the latest first."""
        return tuple(kept for kept in self.baskets if kept.is_left and kept.clerk == clerk)


def park_name(basket: Basket, shop: Snapshot, taken: Iterable[KeptBasket]) -> str:
    """Return a name for a basket that nobody named: its customer, else its first product, told apart by number."""
    customer = shop.customers.get(basket.customer)
    name = customer.name if customer is not None else basket.customer
    if not name and basket.lines:
        product = shop.products.get(basket.lines[0].product_id)
        name = product.name if product is not None else basket.lines[0].product_id
    names = {kept.name for kept in taken}
    numbers = (f"{name} {number}" for number in range(2, len(names) + 3))
    return next(free for free in (name or "basket", *numbers) if free not in names)
