"""A return on its way: what of a sale is still with the customer, and what of it comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Self

from tracker_tui.errors import NotFound
from tracker_tui.model import queries
from tracker_tui.model.records import Purchase, SaleItem, SaleLine
from tracker_tui.model.sales import original_sale, taxed_lines_back
from tracker_tui.model.state import Snapshot
from tracker_tui.tuples import NamedTuple

_ENTRY: Final = re.compile(r"[Ee]?(\d{1,15})", re.ASCII)
_OWN_CODE: Final = re.compile(r"\d{6}-\d{6}-[0-9a-f]{8}|E\d{1,15}", re.ASCII)


def is_receipt_code(code: str) -> bool:
    """Tell whether a scanned code is one that stands on a receipt: a sale's id, or `E` and an entry's number."""
    return _OWN_CODE.fullmatch(code) is not None


def sold_as(shop: Snapshot, typed: str) -> Purchase:
    """Return the sale of a receipt, by its id or by the number of its entry.

    Raises:
        NotFound: There is no such sale.
        Invalid: It is no sale but a return or a payment on account.
        Conflict: It was undone.
    """
    found = shop.ledger.find_sale(typed)
    number = _ENTRY.fullmatch(typed)
    if found is None and number is not None:
        entry = shop.find(int(number[1]))
        if entry is not None and not isinstance(entry, Purchase):
            raise NotFound(f"entry {entry.entry} is no sale")
        found = entry
    return original_sale(shop, found, found.sale if found is not None else typed)


class Returnable(NamedTuple):
    """What is left of a sale with the customer, and what of it is to come back.

    Attributes:
        sale: The sale.
        left: One line for each product of which pieces are left: all of them, whatever lines they were sold in.
        back: Pieces that come back, by product id; those that do not are not in it.
    """

    sale: Purchase
    left: tuple[SaleLine, ...]
    back: Mapping[str, int]

    @classmethod
    def of(cls, shop: Snapshot, sale: Purchase, back: Mapping[str, int] | None = None) -> Self:
        """Return what is left of a sale; None = all of that is to come back.

        What others took back meanwhile is not in it, and pieces beyond what is left do not come back.
        """
        merged: dict[str, SaleLine] = {}
        for line in queries.still_with_customer(shop, sale):
            if not line.product_id:
                continue
            known = merged.get(line.product_id)
            if known is not None:
                line = line._replace(quantity=known.quantity + line.quantity, total=known.total + line.total)  # noqa: PLW2901
            merged[line.product_id] = line
        wanted = {key: line.quantity for key, line in merged.items()} if back is None else back
        kept = {key: min(wanted.get(key, 0), line.quantity) for key, line in merged.items()}
        return cls(sale, tuple(merged.values()), {key: count for key, count in kept.items() if count})

    def left_of(self, product_id: str) -> int:
        """Return how many pieces of a product are left."""
        return next((line.quantity for line in self.left if line.product_id == product_id), 0)

    def with_pieces(self, product_id: str, pieces: int) -> Self:
        """Return it with so many pieces of a product coming back: 0 to what is left."""
        count = max(0, min(pieces, self.left_of(product_id)))
        back = {key: number for key, number in self.back.items() if key != product_id}
        return self._replace(back={**back, product_id: count} if count else back)

    def with_all(self, *, wanted: bool) -> Self:
        """Return it with all that is left coming back, or nothing."""
        return self._replace(back={line.product_id: line.quantity for line in self.left} if wanted else {})

    @property
    def items(self) -> tuple[SaleItem, ...]:
        """What comes back, in the order of the sale."""
        return tuple(
            SaleItem(line.product_id, self.back[line.product_id])
            for line in self.left
            if line.product_id in self.back
        )

    def amount(self, shop: Snapshot) -> Decimal:
        """Return what is paid back, discounts and taxes as they were."""
        if not self.back:
            return Decimal(0)
        lines = taxed_lines_back(shop, self.sale, self.items)
        return -sum((line.total for line in lines), Decimal(0))
