"""A basket on its way to being a sale: what, how many, for whom. Immutable: each change makes a new one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Self

from tracker_tui.model.money import MOST_PIECES, rounded
from tracker_tui.model.records import SaleItem
from tracker_tui.model.state import Snapshot


class BasketLine(NamedTuple):
    """One product in a basket.

    Attributes:
        product_id: Which product.
        quantity: Pieces, 1 or more.
    """

    product_id: str
    quantity: int


class Basket(NamedTuple):
    """What one clerk is selling.

    Attributes:
        sale: Its own id: booked twice it is one sale.
        lines: Products, each once, in the order they came.
        customer: Id of the customer, or the name of a new one; empty = a walk-in.
        last: Product of the line touched last; empty if none was.
    """

    sale: str
    lines: tuple[BasketLine, ...] = ()
    customer: str = ""
    last: str = ""

    def quantity_of(self, product_id: str) -> int:
        """Return the pieces of a product in the basket."""
        return next((line.quantity for line in self.lines if line.product_id == product_id), 0)

    def put(self, product_id: str, quantity: int) -> Self:
        """Return the basket with so many pieces of a product; 0 or fewer takes it out."""
        quantity = min(quantity, MOST_PIECES)
        if quantity <= 0:
            lines = tuple(line for line in self.lines if line.product_id != product_id)
            last = self.last if self.last != product_id else ""
            return self._replace(lines=lines, last=last)
        fresh = BasketLine(product_id, quantity)
        if self.quantity_of(product_id):
            lines = tuple(fresh if line.product_id == product_id else line for line in self.lines)
        else:
            lines = (*self.lines, fresh)
        return self._replace(lines=lines, last=product_id)

    def add(self, product_id: str, quantity: int = 1) -> Self:
        """Return the basket with more (or, negative, fewer) pieces of a product."""
        return self.put(product_id, self.quantity_of(product_id) + quantity)

    def items(self) -> tuple[SaleItem, ...]:
        """Return what is to be sold."""
        return tuple(SaleItem(line.product_id, line.quantity) for line in self.lines)

    def total(self, shop: Snapshot) -> Decimal:
        """Return what the basket costs at the prices of now."""
        prices = (
            shop.products[line.product_id].price * line.quantity
            for line in self.lines
            if line.product_id in shop.products
        )
        return rounded(sum(prices, Decimal(0)), shop.settings.decimals)

    def short(self, shop: Snapshot) -> Iterable[BasketLine]:
        """Yield the lines of which there is not enough now, or whose product is gone."""
        for line in self.lines:
            product = shop.products.get(line.product_id)
            if product is None or product.quantity < line.quantity:
                yield line


def new_basket(now: datetime) -> Basket:
    """Return an empty basket with an id of its own."""
    return Basket(new_sale_id(now))


def new_sale_id(now: datetime) -> str:
    """Return an id for a sale: day and time, and enough chance that no two are alike."""
    return f"{now:%y%m%d-%H%M%S}-{os.urandom(4).hex()}"
