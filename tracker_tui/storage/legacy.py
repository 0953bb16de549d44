"""The original script's `purchases.txt`: blocks of a customer, products and a total.

    Customer: Chips
    - Milk (x5)
    Total: $25.00

Each block becomes one sale, to the cent. The block has no prices: today's are taken, and what they miss of
the block's total goes to the last line as a discount (or, below zero, a surcharge).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from tracker_tui.model.money import MOST_PIECES, rounded
from tracker_tui.model.records import Customer, Problem, Product, Purchase, SaleLine
from tracker_tui.model.text import folded, normal
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Final

_LINE: Final = re.compile(r"-\s*(.*?)\s*\(x(\d{1,9})\)", re.ASCII)
_TOTAL: Final = re.compile(r"Total:\s*[^\d\s.,-]{0,4}(\d{1,12}(?:\.\d{1,4})?)", re.ASCII)
_LONGEST: Final = 10_000
_UNWRITABLE: Final = frozenset("\0\r")
_CUSTOMER: Final = "Customer:"
_ORIGINAL_FILE: Final = "purchases.txt"


class Block(NamedTuple):
    """One purchase of the original file.

    Attributes:
        line: Where it begins, from 1.
        customer: As written; may be empty.
        items: Name of the product, pieces.
        total: As written.
    """

    line: int
    customer: str
    items: tuple[tuple[str, int], ...]
    total: Decimal


def is_original(data: bytes) -> bool:
    """Tell whether a `purchases.txt` is the original script's."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_CUSTOMER.encode())


def read_blocks(data: bytes) -> tuple[tuple[Block, ...], tuple[Problem, ...]]:
    """Read the original file; what cannot be understood is reported with its line."""
    reading = _Reading()
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        text = raw[:_LONGEST].decode("utf-8", "replace").strip()
        reading.take(number, text if len(raw) <= _LONGEST and not _UNWRITABLE & set(text) else f"?{text}")
    reading.end()
    return tuple(reading.blocks), tuple(reading.problems)


class _Reading:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.problems: list[Problem] = []
        self._start = 0
        self._customer = ""
        self._items: list[tuple[str, int]] = []

    def take(self, number: int, line: str) -> None:
        total = _TOTAL.fullmatch(line)
        item = _LINE.fullmatch(line)
        if line.startswith(_CUSTOMER):
            self.end()
            self._start, self._customer = number, normal(line.removeprefix(_CUSTOMER))
        elif item and self._start and 0 < int(item[2]) <= MOST_PIECES:
            self._items.append((normal(item[1]), int(item[2])))
        elif total and self._start and self._items:
            self.blocks.append(Block(self._start, self._customer, tuple(self._items), Decimal(total[1])))
            self._start, self._items = 0, []
        elif line:
            self._report(number, "is no line of the original form; it stays in the old file")

    def end(self) -> None:
        """Give up a block without a total."""
        if self._start:
            self._report(self._start, "this purchase has no total or no products; it stays in the old file")
        self._start, self._items = 0, []

    def _report(self, line: int, reason: str) -> None:
        self.problems.append(Problem(_ORIGINAL_FILE, line, reason))


def purchases_from(
    blocks: tuple[Block, ...],
    products: Mapping[str, Product],
    clerk: str,
    time: datetime,
    decimals: int,
    *,
    after: int = 0,
) -> list[Purchase]:
    """Make a sale of each block, with a customer id for each name.

    Args:
        blocks: The blocks, oldest first.
        products: The products of today, for ids and prices.
        clerk: Who owns the old file.
        time: When it was last written: the blocks have no times of their own.
        decimals: The shop's decimals.
        after: The last number that is used. Where there is one the shop is in use already, and the stock
            as it counts it has nothing to do with these sales: their lines are of no product of it.
    """
    by_name = {folded(product.name): product for product in reversed(list(products.values()))}
    customers: dict[str, Customer] = {}
    made: list[Purchase] = []
    for number, block in enumerate(blocks, after + 1):
        customer = Customer("", "")
        if block.customer:
            fresh = Customer(f"C{len(customers) + 1:04d}", block.customer)
            customer = customers.setdefault(folded(block.customer), fresh)
        lines = _lines(block, by_name, products, decimals)
        if after:
            lines = tuple(line._replace(product_id="") for line in lines)
        made.append(
            Purchase(
                number, clerk, f"original-{number}", customer.id, customer.name, lines, "cash", "",
                f"taken over from line {block.line} of the original file", time,
            )
        )  # fmt: skip
    return made


def _lines(
    block: Block, by_name: Mapping[str, Product], products: Mapping[str, Product], decimals: int
) -> tuple[SaleLine, ...]:
    lines: list[SaleLine] = []
    for name, quantity in block.items:
        product = by_name.get(folded(name)) or products.get(name)
        price = product.price if product is not None else Decimal(0)
        total = rounded(price * quantity, decimals)
        lines.append(
            SaleLine(
                product.id if product else "", name, quantity, price, rounded(Decimal(0), decimals), total
            )
        )
    missing = block.total - sum((line.total for line in lines), Decimal(0))
    if missing:
        last = lines[-1]
        lines[-1] = last._replace(discount=-missing, total=last.total + missing)
    return tuple(lines)
