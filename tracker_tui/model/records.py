"""The values that everything passes around: products, customers, sales, changes, and what is wrong in a file.

All are tuples. Money is an exact `Decimal`, quantities are whole pieces, times are aware and to the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Final, TypeAlias

NO_EXTRA: Final[Mapping[str, str]] = MappingProxyType({})
"""The own columns of a row that has none."""

NO_DISCOUNT: Final = Decimal(0)
"""What is taken off a line of a sale where nobody says anything."""


class Product(NamedTuple):
    """One product as it stands.

    Attributes:
        id: The shop's own id (SKU); never empty, never changes.
        name: What people call it.
        price: Sale price of one piece, 0 or more.
        quantity: Pieces in stock; below 0 only where the shop allowed it or a file says so.
        categories: Names of the categories it stands in; may be empty.
        reorder_level: At this quantity or below it is low in stock; 0 = the shop's general level.
        barcodes: Codes that scan as this product.
        cost: What one piece costs the shop; None if not known.
        extra: The shop's own columns of `inventory.txt`, by column name.
    """

    id: str
    name: str
    price: Decimal
    quantity: int
    categories: frozenset[str] = frozenset()
    reorder_level: int = 0
    barcodes: frozenset[str] = frozenset()
    cost: Decimal | None = None
    extra: Mapping[str, str] = NO_EXTRA

    def with_quantity(self, quantity: int) -> Product:
        """Return the product with so many pieces in stock; quicker than `_replace`, for each line of a sale."""
        key, name, price, _, categories, reorder_level, barcodes, cost, extra = self
        return Product(key, name, price, quantity, categories, reorder_level, barcodes, cost, extra)


EDITED_COLUMNS: Final = ("name", "price", "categories", "reorder_level", "barcodes", "cost")
"""The fields of a product that an edit may change, each a column of both the table and the log; in the log's order."""
EDITED_FIELDS: Final = (*EDITED_COLUMNS, "extra")
"""The same with the shop's own columns."""


class Customer(NamedTuple):
    """One customer; two people of one name are two customers with two ids.

    Attributes:
        id: `C0001`, `C0002` and so on.
        name: As the shop calls them.
        phone: Free text.
        email: Free text.
        note: Free text.
        extra: The shop's own columns of `customers.txt`, by column name.
    """

    id: str
    name: str
    phone: str = ""
    email: str = ""
    note: str = ""
    extra: Mapping[str, str] = NO_EXTRA


class SaleItem(NamedTuple):
    """What a basket asks for: one product, a number of pieces.

    Attributes:
        product_id: Which product.
        quantity: Pieces, 1 or more.
        price: Price of one piece; None = the product's price at the commit.
        discount: Amount taken off the whole line, 0 or more.
    """

    product_id: str
    quantity: int
    price: Decimal | None = None
    discount: Decimal = NO_DISCOUNT


class BelowZero(NamedTuple):
    """The owner's word that more of some products is sold than there is.

    Attributes:
        reason: Why; it is written into the note of the sale.
        products: Ids of the products; of all others there must be enough.
    """

    reason: str
    products: frozenset[str]


class SaleLine(NamedTuple):
    """One booked line of a purchase.

    Attributes:
        product_id: The product's id; empty for a line of the original script whose product is unknown.
        product: The product's name at the time.
        quantity: Pieces sold; negative where they came back.
        price: Price of one piece at the time.
        discount: Amount taken off the line, with the sign of the quantity.
        total: `quantity * price - discount`, in the shop's decimals.
    """

    product_id: str
    product: str
    quantity: int
    price: Decimal
    discount: Decimal
    total: Decimal


class Purchase(NamedTuple):
    """One sale or return, with all its lines: one entry of `purchases.txt`.

    Attributes:
        entry: Its number; sales and changes share one counter.
        clerk: Who did it.
        sale: The purchase's own id, made when its basket was opened.
        customer_id: The customer, empty for a walk-in.
        customer: The customer's name at the time.
        lines: The products sold, in the order of the basket; 1 or more.
        payment: How it was paid: `cash`, `card` and so on.
        returns: The sale this takes back, empty for a sale.
        note: Free text.
        time: When it was booked.
    """

    entry: int
    clerk: str
    sale: str
    customer_id: str
    customer: str
    lines: tuple[SaleLine, ...]
    payment: str
    returns: str
    note: str
    time: datetime

    @property
    def total(self) -> Decimal:
        """Sum of the lines; negative for a return."""
        return sum((line.total for line in self.lines), Decimal(0))

    @property
    def units(self) -> int:
        """Pieces of all lines; negative for a return."""
        return sum(line.quantity for line in self.lines)

    @property
    def undoes(self) -> int | None:
        """The entry this purchase undoes, None if it is a sale or return of its own."""
        return _earlier_entry(self.sale, UNDO_SALE, self.entry)


UNDO_SALE: Final = "undo-"
"""A purchase that undoes entry 17 has the sale id `undo-17`: so an entry can be undone only once."""


class Action(StrEnum):
    """What a change of the products was."""

    ADD = "add"
    EDIT = "edit"
    REMOVE = "remove"
    RECEIVE = "receive"
    COUNT = "count"
    ADJUST = "adjust"
    IMPORT = "import"
    UNDO = "undo"
    HAND_EDIT = "hand-edit"
    CLOSE = "close"


OF_NO_PRODUCT: Final = frozenset((Action.CLOSE, Action.UNDO))
"""Actions whose lines may be of no product: the close of a day, see `day_close`, and the undo of one."""


class ChangeLine(NamedTuple):
    """One product of a change.

    Attributes:
        product_id: Which product; empty where it is of none, as the close of a day.
        after: The product as it is after the change; its `quantity` means nothing here, as others may
            have sold meanwhile. None where the product is gone after it.
        quantity_change: Pieces more (or, negative, fewer) than before.
        name: The product's name, also where it is gone.
        extra: The product's own columns after it; None = this line did not touch them.
    """

    product_id: str
    after: Product | None
    quantity_change: int
    name: str
    extra: Mapping[str, str] | None = None


class Change(NamedTuple):
    """One act on the products, with all its lines: one entry of `changes.txt`.

    Attributes:
        entry: Its number; sales and changes share one counter.
        clerk: Who did it.
        action: What it was.
        lines: The products it touched; 1 or more.
        note: Free text; for an undo the entry it takes back, as `entry 17`.
        time: When.
    """

    entry: int
    clerk: str
    action: Action
    lines: tuple[ChangeLine, ...]
    note: str
    time: datetime

    @property
    def undoes(self) -> int | None:
        """The entry this change undoes, None if it is no undo."""
        return _earlier_entry(self.note, UNDO_NOTE, self.entry) if self.action is Action.UNDO else None

    @property
    def own_id(self) -> str:
        """The id of its own, by which it is booked once only; empty where it has none."""
        return own_id_of(self.note)


OWN_ID: Final = "#"
"""Begins the last word of the note of a change that has an id of its own, as in `Farm & Co #260302-090000-0badcafe`."""

_OWN_ID_CHARACTERS: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyz-")


def own_id_of(note: str) -> str:
    """Return the id that ends a note; empty where none does."""
    mark, _, own_id = note.rpartition(" ")[2].partition(OWN_ID)
    return own_id if not mark and own_id and _OWN_ID_CHARACTERS.issuperset(own_id) else ""


def with_own_id(note: str, own_id: str) -> str:
    """Return a note that ends with an id; without one it is left as it is."""
    return f"{note} {OWN_ID}{own_id}".lstrip() if own_id else note


UNDO_NOTE: Final = "entry "
"""How the note of an undo names what it takes back."""


def _earlier_entry(text: str, mark: str, entry: int) -> int | None:
    """Return the number behind a mark; None where it names no earlier entry, so that undoes make no circle."""
    number = text.removeprefix(mark)
    if number == text or not number.isascii() or not number.isdecimal() or len(number) > 15:
        return None
    return int(number) if int(number) < entry else None


Entry: TypeAlias = Purchase | Change
"""One entry of either log."""


class Problem(NamedTuple):
    """Something in a file that could not be understood; it is kept there as it is.

    Attributes:
        file: Name of the file inside the shop's folder.
        line: Number of the line, from 1; 0 for the file as a whole.
        reason: What is wrong, for a person.
    """

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class HeldEdit(NamedTuple):
    """A change of `inventory.txt` by hand that is too large to be taken over unasked.

    Attributes:
        mark: Names exactly this state of the file.
        who: Login that owns the file.
        products: How many products there were.
        gone: How many are gone from the file.
        changed: How many differ.
        added: How many are new.
        logs_short: Whether the logs lack entries that the file counts, so that the file may well be right.
    """

    mark: str
    who: str
    products: int
    gone: int
    changed: int
    added: int
    logs_short: bool

    def __str__(self) -> str:
        numbers = (
            f"{self.gone} {'product' if self.gone == 1 else 'products'} gone, {self.changed} changed,"
            f" {self.added} new, of {self.products}"
        )
        if self.logs_short:
            return f"the file counts entries that the logs lack, and differs from them: {numbers}"
        return f"{self.who} changed much of it by hand: {numbers}"


class TaxRules(NamedTuple):
    """Which taxes the shop takes; all rates are percents, 0 to 100.

    Attributes:
        included: Whether prices hold the tax; otherwise the customer pays it on top.
        rate: Of products that nothing else is said of; None = no tax on them.
        categories: By category; of several categories of one product the highest rate counts.
        products: By product id; goes before its categories.
    """

    included: bool = True
    rate: Decimal | None = None
    categories: Mapping[str, Decimal] = MappingProxyType({})
    products: Mapping[str, Decimal] = MappingProxyType({})

    def __bool__(self) -> bool:
        return self.rate is not None or bool(self.categories) or bool(self.products)


class ReceiptSettings(NamedTuple):
    """How receipts look, and where they are printed.

    Attributes:
        width: Characters of a line: one of `RECEIPT_WIDTHS`.
        header: Lines under the shop's name.
        footer: Lines at the end.
        printer: Command that gets the receipt on its standard input, such as `lp -d till`; empty = none.
        device: A raw printer's device, such as `/dev/usb/lp0`; empty = none.
        encoding: The printer's character set, as Python names it.
        escpos: Whether what is sent to the printer sets it up and cuts the paper; needs the extra `receipt`.
    """

    width: int = 42
    header: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    printer: str = ""
    device: str = ""
    encoding: str = "utf-8"
    escpos: bool = False


RECEIPT_WIDTHS: Final = (32, 42, 48)
"""Characters on a line of the usual paper: 58 mm, and 80 mm in two fonts."""


class Settings(NamedTuple):
    """What `tracker.toml` may say.

    Attributes:
        shop: The shop's name.
        currency: Sign put before amounts.
        decimals: Decimals of money, 0 to 4.
        low_stock: Quantity at or below which a product without a reorder level of its own is low.
        below_zero: Whether the owner may sell more of a product than there is, with a reason.
        keys: Own keys: id of a binding -> keys, separated by commas.
        tax: The shop's taxes.
        receipt: How receipts look, and where they are printed.
    """

    shop: str = ""
    currency: str = "$"
    decimals: int = 2
    low_stock: int = 0
    below_zero: bool = False
    keys: Mapping[str, str] = NO_EXTRA
    tax: TaxRules = TaxRules()
    receipt: ReceiptSettings = ReceiptSettings()
