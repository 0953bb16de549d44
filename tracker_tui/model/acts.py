"""What a person asks the program to do, as values: they travel from a key to the service and back.

Each names one call of the service. Screens make them; only the app hands them to the service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from tracker_tui.model.records import BelowZero, Customer, Product, Purchase, SaleItem
from tracker_tui.tuples import NamedTuple

if TYPE_CHECKING:
    from tracker_tui.model.day_close import Till
    from tracker_tui.model.drafts import Kind
    from tracker_tui.model.import_tables import ImportTable


class AddProduct(NamedTuple):
    """Take a new product into the shop."""

    product: Product


class EditProduct(NamedTuple):
    """Change some fields of a product.

    Attributes:
        product_id: Which one.
        fields: New values, by field; only these are touched.
        was: The product as it was when the form opened: what others changed since is not overwritten.
            None = do not look.
    """

    product_id: str
    fields: Mapping[str, object]
    was: Product | None = None


class RemoveProduct(NamedTuple):
    """Take a product out of the shop."""

    product_id: str


class Receive(NamedTuple):
    """Take a delivery of one product into the stock."""

    product_id: str
    pieces: int
    note: str = ""


class Count(NamedTuple):
    """Set the stock of one product to what was counted."""

    product_id: str
    pieces: int
    note: str = ""


class Adjust(NamedTuple):
    """Add to or take from the stock of one product, for a reason."""

    product_id: str
    change: int
    note: str


class BookList(NamedTuple):
    """Make a count or a delivery one entry.

    Attributes:
        kind: `count` or `delivery`, as `model.drafts.Kind` has it.
        draft_id: Its id.
    """

    kind: Kind
    draft_id: str


class CloseDay(NamedTuple):
    """Keep what was counted in the till.

    Attributes:
        counted: Cash in the till.
        opening: Cash that was in it at the beginning.
        banked: Cash that is taken out of it.
        note: Free text.
        seen: What should have been in it, as it was shown; where that differs by now, nothing is booked.
    """

    counted: Decimal
    opening: Decimal
    banked: Decimal
    note: str
    seen: Till


class Sell(NamedTuple):
    """Book a sale.

    Attributes:
        items: What is sold, 1 or more lines.
        sale: The basket's own id: the same basket booked twice is one sale.
        customer: Id or name; a name nobody has becomes a new customer; empty = a walk-in.
        payment: How it is paid.
        note: Free text.
        below_zero: The owner's word for selling more than there is; None = there must be enough.
    """

    items: tuple[SaleItem, ...]
    sale: str
    customer: str = ""
    payment: str = "cash"
    note: str = ""
    below_zero: BelowZero | None = None


class GiveBack(NamedTuple):
    """Take goods of a sale back.

    Attributes:
        sale: The sale's id; empty = without a receipt.
        items: What comes back; empty = all that is left of the sale.
        own_id: Id of the return itself, so that it is booked once.
        note: The reason.
        customer: Id of the customer, where there is no receipt.
        to_shelf: Whether the goods go into the stock again.
    """

    sale: str
    items: tuple[SaleItem, ...] = ()
    own_id: str = ""
    note: str = ""
    customer: str = ""
    to_shelf: bool = True


class PayAccount(NamedTuple):
    """Take money for what a customer owes.

    Attributes:
        customer: Id of the customer.
        amount: What is paid, above 0.
        payment: How it comes in: `cash`, `card` and so on.
        own_id: Id of the payment itself, so that it is booked once.
        note: Free text.
    """

    customer: str
    amount: Decimal
    payment: str = "cash"
    own_id: str = ""
    note: str = ""


class Undo(NamedTuple):
    """Take an entry back by a further entry."""

    entry: int


class AddCustomer(NamedTuple):
    """Take in a new customer; the id is given by the shop, that of `customer` does not count."""

    customer: Customer


class EditCustomer(NamedTuple):
    """Change some fields of a customer, as `EditProduct` does."""

    customer_id: str
    fields: Mapping[str, object]
    was: Customer | None = None


class AnswerEdit(NamedTuple):
    """Take a large edit of `inventory.txt` by hand over, or put the rows back as they were."""

    take: bool


class AnswerLost(NamedTuple):
    """Put entries that are gone from their logs back, or count them no more."""

    put_back: bool


class TakeIn(NamedTuple):
    """Take in the products of somebody's table, as one entry.

    Attributes:
        table: The table.
        columns: Where each field stands.
        told: Told now and then how many rows were looked at.
        unwanted: Tells whether nobody wants it any more; asked until it is booked.
    """

    table: ImportTable
    columns: Mapping[str, int]
    told: Callable[[int], None]
    unwanted: Callable[[], bool]


Act: TypeAlias = (
    AddProduct
    | EditProduct
    | RemoveProduct
    | Receive
    | Count
    | Adjust
    | BookList
    | CloseDay
    | Sell
    | GiveBack
    | PayAccount
    | Undo
    | AddCustomer
    | EditCustomer
    | AnswerEdit
    | AnswerLost
    | TakeIn
)
"""Anything that changes the shop."""


class Outcome(NamedTuple):
    """What came of an act, once it is on disk.

    Attributes:
        act: What was asked.
        text: What happened, for a person, as one line.
        entry: Number of its entry; None for a change of customers, which has none.
        purchase: The sale or return, where it is one.
        customer: The customer, where one was made or changed.
    """

    act: Act
    text: str
    entry: int | None = None
    purchase: Purchase | None = None
    customer: Customer | None = None
