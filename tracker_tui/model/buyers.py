"""The customers with what each of them bought, as the screen lists them."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping
from typing import Final, get_args, overload

from tracker_tui.model.chosen import Chosen, Sort
from tracker_tui.model.lazy import LazyRows
from tracker_tui.model.ledger import Ledger
from tracker_tui.model.matches import customer_lookup_text
from tracker_tui.model.records import Customer
from tracker_tui.model.sorts import by_id, by_name, by_text
from tracker_tui.model.tally import Bought, Ranked
from tracker_tui.model.text_index import TextIndex
from tracker_tui.tuples import NamedTuple

CUSTOMER_SORTS: Final[Mapping[str, Sort[Customer]]] = {
    "id": by_id(),
    "name": by_name(lambda customer: customer.name),
    "phone": by_text(2, lambda customer: customer.phone),
    "email": by_text(3, lambda customer: customer.email),
}
"""How customers can be ordered, by column; by what they bought see `CustomerRows`."""

RANKS: Final[Mapping[str, Ranked]] = {name: name for name in get_args(Ranked)}
"""The columns of what customers bought."""


def customer_index() -> TextIndex[Customer]:
    """Return what finds customers by words."""
    return TextIndex(customer_lookup_text, CUSTOMER_SORTS)


class CustomerRow(NamedTuple):
    """A customer and what they bought.

    Attributes:
        customer: Who.
        bought: What in all; None while that is not known.
    """

    customer: Customer
    bought: Bought | None


class CustomerRows(LazyRows[CustomerRow]):
    """Customers with what they bought; each row is made when it is looked at.

    Args:
        customers: Who.
        ledger: All entries; None = they cannot be asked yet.
    """

    __slots__ = ("_ordered", "customers", "ledger")

    def __init__(self, customers: Chosen[Customer], ledger: Ledger | None) -> None:
        self.customers = customers
        self.ledger = ledger
        self._ordered: dict[tuple[str, bool], CustomerRows] = {}

    def __len__(self) -> int:
        return len(self.customers)

    @overload
    def __getitem__(self, index: int) -> CustomerRow: ...
    @overload
    def __getitem__(self, index: slice) -> CustomerRows: ...
    def __getitem__(self, index: int | slice) -> CustomerRow | CustomerRows:
        """Return the row at a position, or those of a slice."""
        if isinstance(index, slice):
            return CustomerRows(self.customers[index], self.ledger)
        customer = self.customers[index]
        return CustomerRow(customer, self.ledger.bought(customer.id) if self.ledger is not None else None)

    def key_at(self, index: int) -> str:
        """Return the id of the customer at a position."""
        return self.customers.key_at(index)

    def place_at(self, index: int) -> int:
        """Return the customer's place."""
        return self.customers.place_at(index)

    def position(self, key: str) -> int | None:
        """Return where a customer stands, None if they do not."""
        return self.customers.position(key)

    def changes_since(self, earlier: LazyRows[CustomerRow]) -> Collection[int] | None:
        """Return the places whose rows may differ from those of `earlier`; None = any."""
        if not isinstance(earlier, CustomerRows) or earlier.ledger is not self.ledger:
            return None
        return self.customers.changes_since(earlier.customers)

    def is_sorted(self, column: str, *, reverse: bool) -> bool:
        """Tell whether `sorted_by` takes no time worth speaking of."""
        if column in RANKS:
            return len(self) <= _FEW or (column, reverse) in self._ordered
        return self.customers.is_sorted(column, reverse=reverse)

    def sorted_by(self, column: str, *, reverse: bool) -> CustomerRows:
        """Return the rows ordered by a column; rows that are equal in it stand as in the file."""
        known = self._ordered.get((column, reverse))
        if known is None:
            rank = RANKS.get(column)
            if rank is not None:
                ordered = self._ranked(rank, reverse=reverse)
            else:
                ordered = self.customers.sorted_by(column, reverse=reverse)
            known = CustomerRows(ordered, self.ledger)
            self._ordered = {(column, reverse): known}
        return known

    def _ranked(self, by: Ranked, *, reverse: bool) -> Chosen[Customer]:
        """Return the customers in the order of what they bought."""
        customers, rank = self.customers, self.ledger.ranking(by) if self.ledger is not None else {}
        ranks = [rank.get(customers.key_at(at), 0.0) for at in range(len(customers))]
        ordered = sorted(range(len(customers)), key=ranks.__getitem__, reverse=reverse)
        places = array("I", [customers.place_at(at) for at in ordered])
        return Chosen(customers.shelf, places, customers.sorts, None)


_FEW: Final = 1_000
"""So many customers are put in order between two keys."""
