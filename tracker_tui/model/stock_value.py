"""What the goods on the shelf are worth, at cost and at price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final

from tracker_tui.model.money import parse_stored_amount
from tracker_tui.model.records import Product
from tracker_tui.model.shelf import Shelf
from tracker_tui.tuples import NamedTuple

_PIECE: Final = 500
_NOTHING: Final = Decimal(0)


class StockValue(NamedTuple):
    """What the stock is worth; quantities below 0 count as nothing.

    Attributes:
        at_price: All of it at its sale prices.
        at_cost: What is of known cost, at its cost.
        unknown: How many products with stock have no cost.
    """

    at_price: Decimal = _NOTHING
    at_cost: Decimal = _NOTHING
    unknown: int = 0

    def with_one(self, product: Product, times: int) -> StockValue:
        """Return it with a product counted in, or with -1 out again."""
        pieces = times * max(0, product.quantity)
        if product.cost is None:
            return StockValue(
                self.at_price + pieces * product.price, self.at_cost, self.unknown + (times if pieces else 0)
            )
        return StockValue(
            self.at_price + pieces * product.price, self.at_cost + pieces * product.cost, self.unknown
        )


class _Counted(NamedTuple):
    """The value of the products of a shelf."""

    shelf: Shelf[Product]
    value: StockValue


def stock_value(shelf: Shelf[Product], turn: Callable[[], None] = lambda: None) -> StockValue:
    """Return what the stock is worth, looking only at products that changed since it was last asked for.

    Args:
        shelf: All products; nobody changes them any more.
        turn: Lets others go on, every few hundred products.
    """
    known = shelf.trail.kept.get(_Counted)
    before = known if isinstance(known, _Counted) else None
    changes = None if before is None else shelf.changes_since(before.shelf)
    if before is None or changes is None:
        value = _whole_value(shelf, turn)
    else:
        value = before.value
        for place in changes:
            for of, times in ((before.shelf, -1), (shelf, 1)):
                row = of.row(place)
                value = value.with_one(row, times) if row is not None else value
    shelf.trail.kept[_Counted] = _Counted(shelf, value)
    return value


def _whole_value(shelf: Shelf[Product], turn: Callable[[], None]) -> StockValue:
    """Add all products up: what stands plainly in the table as its texts say, and without making values of it."""
    value = StockValue()
    changed, quantities = shelf.changed, shelf.rows.numbers("quantity")
    at_price, at_cost, unknown = Counter[str](), Counter[str](), 0
    for places, fields in shelf.rows.plain_fields(("price", "cost")):
        turn()
        pieces = [0 if place in changed else max(0, int(quantities[place])) for place in places]
        if fields is None:
            value = _with_all(value, (shelf.row(place) for place in places if place not in changed))
            continue
        prices, costs = fields
        for price, cost, count in zip(prices, costs, pieces, strict=True):
            if count:
                at_price[price] += count
                at_cost[cost] += count
                unknown += not cost.strip()
    for number, row in enumerate(changed.values()):
        if not number % _PIECE:
            turn()
        value = _with_all(value, [row])
    return StockValue(
        value.at_price + _worth(at_price), value.at_cost + _worth(at_cost), value.unknown + unknown
    )


def _with_all(value: StockValue, products: Iterable[Product | None]) -> StockValue:
    for product in products:
        if product is not None:
            value = value.with_one(product, 1)
    return value


def _worth(pieces: Mapping[str, int]) -> Decimal:
    """Return what pieces come to at amounts as they stand in the table; an empty one is nothing."""
    amounts = ((text.strip(), count) for text, count in pieces.items())
    return sum((parse_stored_amount(text, 0) * count for text, count in amounts if text), start=_NOTHING)
