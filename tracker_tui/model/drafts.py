"""Work in the stock room that is not booked yet: a count of shelves, a delivery being unpacked.

Both are lists of products that grow by one line at a time, by several sessions together, and become one entry.
The last line of a product counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tracker_tui.model.records import Product, Settings
from tracker_tui.model.rules import is_low
from tracker_tui.tuples import NamedTuple


class Kind(StrEnum):
    """What a draft is of."""

    COUNT = "count"
    DELIVERY = "delivery"


class DraftLine(NamedTuple):
    """What was counted, or came, of one product.

    Attributes:
        product_id: Which product.
        pieces: How many in all, 0 or more; 0 in a delivery = it is none of it after all.
        clerk: Who said so.
        time: When.
        stock: Of a count, how many there should have been at that moment.
        cost: Of a delivery, what a piece cost; None = not said.
        moved: Of a count, whether pieces were sold or came between the first and the last line of the product,
            so that somebody should look again.
    """

    product_id: str
    pieces: int
    clerk: str
    time: datetime
    stock: int = 0
    cost: Decimal | None = None
    moved: bool = False

    @property
    def difference(self) -> int:
        """Of a count, the pieces that are too many or, negative, too few."""
        return self.pieces - self.stock


NO_LINES: Final[Mapping[str, DraftLine]] = MappingProxyType({})


class Draft(NamedTuple):
    """One list, as its file has it.

    Attributes:
        kind: What it is of.
        id: Its own id, also that of the entry which it becomes.
        name: Of a count, what it is called; of a delivery, who sent it.
        note: Free text: the invoice and so on.
        category: Of a count, the category that is counted; empty = all.
        search: Of a count, words that all products have which are counted; empty = all.
        clerk: Who began it.
        begun: When.
        changed: When somebody last did something to it.
        lines: The lines by product id, in the order of their first lines.
        entry: Number of the entry that it became; None = not yet.
        dropped: Whether it was thrown away.
        damaged: Numbers of the lines of its file that cannot be understood; they do not count.
    """

    kind: Kind
    id: str
    name: str
    note: str
    category: str
    search: str
    clerk: str
    begun: datetime
    changed: datetime
    lines: Mapping[str, DraftLine] = NO_LINES
    entry: int | None = None
    dropped: bool = False
    damaged: tuple[int, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it is still to be booked."""
        return self.entry is None and not self.dropped

    @property
    def title(self) -> str:
        """What people call it."""
        chosen = " ".join(part for part in (self.category, self.search) if part)
        return self.name or chosen or ("all products" if self.kind is Kind.COUNT else "no supplier named")


class Summary(NamedTuple):
    """What a list of products comes to.

    Attributes:
        products: How many have a line.
        pieces: Of all lines.
        value: Money: of a delivery what it cost; of a count what the differences are worth.
        differing: Of a count, how many products are not as many as they should be.
        missing: Pieces that are too few, as a number above 0.
        surplus: Pieces that are too many.
        unvalued: How many pieces are in `pieces` or differ, but not in the value, as no cost is known.
    """

    products: int = 0
    pieces: int = 0
    value: Decimal = Decimal(0)
    differing: int = 0
    missing: int = 0
    surplus: int = 0
    unvalued: int = 0


def several(number: int, what: str) -> str:
    """Return a number of things in words: `1 piece`, `2 pieces`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def worth(product: Product | None) -> Decimal | None:
    """Return what one piece is worth to the shop: its cost; None where nobody said."""
    return product.cost if product is not None else None


def count_summary(draft: Draft, cost_of: Callable[[str], Decimal | None]) -> Summary:
    """Add up the differences of a count.

    Args:
        draft: The count.
        cost_of: Returns what a piece of a product costs, by its id; None where nobody said.
    """
    off = [(line.difference, line.product_id) for line in draft.lines.values() if line.difference]
    costs = [(pieces, cost_of(product_id)) for pieces, product_id in off]
    return Summary(
        products=len(draft.lines),
        pieces=sum(line.pieces for line in draft.lines.values()),
        value=sum((pieces * each for pieces, each in costs if each is not None), Decimal(0)),
        differing=len(off),
        missing=-sum(pieces for pieces, _ in off if pieces < 0),
        surplus=sum(pieces for pieces, _ in off if pieces > 0),
        unvalued=sum(abs(pieces) for pieces, each in costs if each is None),
    )


def delivery_summary(draft: Draft, products: Mapping[str, Product]) -> Summary:
    """Add up a delivery, each line at its own cost, else the product's."""
    found = Summary()
    for line in draft.lines.values():
        if not line.pieces:
            continue
        each = line.cost if line.cost is not None else worth(products.get(line.product_id))
        found = found._replace(
            products=found.products + 1,
            pieces=found.pieces + line.pieces,
            value=found.value + line.pieces * (each or 0),
            unvalued=found.unvalued + (line.pieces if each is None else 0),
        )
    return found


def still_low(product: Product, draft: Draft, settings: Settings) -> bool:
    """Tell whether a product that is low in stock stays low after a delivery."""
    line = draft.lines.get(product.id)
    came = line.pieces if line is not None else 0
    return is_low(product._replace(quantity=product.quantity + came), settings)
