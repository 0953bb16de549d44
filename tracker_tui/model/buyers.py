"""The customers with what each of them bought, as the screen lists them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, overload

from tracker_tui.model.ledger import Ledger
from tracker_tui.model.records import Customer
from tracker_tui.model.tally import Bought


class CustomerRow(NamedTuple):
    """A customer and what they bought.

    Attributes:
        customer: Who.
        bought: What in all; None while that is not known.
    """

    customer: Customer
    bought: Bought | None


class CustomerRows(Sequence[CustomerRow]):
    """Customers with what they bought; each row is made when it is looked at.

    Args:
        customers: Who, in any order.
        ledger: All entries; None = they cannot be asked yet.
    """

    def __init__(self, customers: Sequence[Customer], ledger: Ledger | None) -> None:
        self.customers = customers
        self._ledger = ledger

    def __len__(self) -> int:
        return len(self.customers)

    @overload
    def __getitem__(self, index: int) -> CustomerRow: ...
    @overload
    def __getitem__(self, index: slice) -> CustomerRows: ...
    def __getitem__(self, index: int | slice) -> CustomerRow | CustomerRows:
        """Return the row at a position, or those of a slice."""
        if isinstance(index, slice):
            return CustomerRows(self.customers[index], self._ledger)
        customer = self.customers[index]
        return CustomerRow(customer, self._ledger.bought(customer.id) if self._ledger is not None else None)
