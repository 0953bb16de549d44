"""The shop as it stands: an immutable snapshot, and what one entry makes of the products.

The logs are the truth. `apply` is the only place that says what an entry does to the stock, so a replay
of all entries and the running program cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from functools import cached_property
from types import MappingProxyType

from tracker_tui.model.ledger import Ledger
from tracker_tui.model.records import (
    NO_EXTRA,
    ChangeLine,
    Customer,
    Entry,
    HeldEdit,
    Problem,
    Product,
    Purchase,
    Settings,
)
from tracker_tui.model.shelf import Shelf
from tracker_tui.typed import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tracker_tui.model.goods import Goods

_NO_PRODUCTS: Final[Mapping[str, Product]] = MappingProxyType({})
_NO_CUSTOMERS: Final[Mapping[str, Customer]] = MappingProxyType({})

_USUAL: Final = Settings()
_MANY: Final = 100
"""Lines of a change from which it is worth while to look at them together."""

READING: Final = "reading the shop…"
"""What a shop is doing in its first moments on the screen."""


class Snapshot:
    """The whole shop at one moment. Never changes; a change makes a new one with a higher revision.

    Attributes:
        revision: Grows with every change that this process has seen; only for telling two apart.
        entry: Number of the last entry that is counted in.
        products: Products by id, in the order of `inventory.txt`.
        customers: Customers by id.
        entries: All entries of both logs, oldest first.
        problems: What could not be read in the files.
        notices: What this session set aside or took over, so that nobody wonders.
        held_edit: A large change of `inventory.txt` by hand that waits for an answer; None if there is none.
        lost: Entries that this session saw and that are gone from their log; they still count here.
        settings: What `tracker.toml` says.
        read_only: Why nothing can be changed in this session; empty where it can.
        own_columns: The shop's own columns of `inventory.txt`, in its order.
        loading: What is done while only the first products are there; empty where all is.
    """

    revision: int
    entry: int
    products: Mapping[str, Product]
    customers: Mapping[str, Customer]
    entries: Sequence[Entry]
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]
    held_edit: HeldEdit | None
    lost: tuple[Entry, ...]
    settings: Settings
    read_only: str
    own_columns: Sequence[str]
    loading: str

    def __init__(
        self,
        revision: int = 0,
        entry: int = 0,
        *,
        products: Mapping[str, Product] = _NO_PRODUCTS,
        customers: Mapping[str, Customer] = _NO_CUSTOMERS,
        entries: Sequence[Entry] = (),
        problems: tuple[Problem, ...] = (),
        notices: tuple[Problem, ...] = (),
        held_edit: HeldEdit | None = None,
        lost: tuple[Entry, ...] = (),
        settings: Settings = _USUAL,
        read_only: str = "",
        own_columns: Sequence[str] = (),
        loading: str = "",
    ) -> None:
        vars(self).update(
            revision=revision,
            entry=entry,
            products=products,
            customers=customers,
            entries=entries,
            problems=problems,
            notices=notices,
            held_edit=held_edit,
            lost=lost,
            settings=settings,
            read_only=read_only,
            own_columns=own_columns,
            loading=loading,
        )

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: others look at it.

        Raises:
            AttributeError: Always.
        """
        raise AttributeError(f"{name} of a snapshot never changes")

    def with_fields(self, **fields: object) -> Snapshot:
        """Return the same shop with some fields other than here."""
        named: dict[str, Any] = {name: vars(self)[name] for name in Snapshot.__annotations__}
        return Snapshot(**{**named, **fields})

    @cached_property
    def ledger(self) -> Ledger:
        """The entries, and what can be asked of all of them."""
        return self.entries if isinstance(self.entries, Ledger) else Ledger(list(self.entries))

    @cached_property
    def goods(self) -> Goods:
        """The products, and what can be asked of all of them."""
        from tracker_tui.model.goods import Goods  # noqa: PLC0415 - a sale by ids asks nothing of all of them

        products = self.products
        return Goods(products if isinstance(products, Shelf) else Shelf(changes=products))

    @property
    def categories(self) -> Mapping[str, frozenset[str]]:
        """Ids of the products of each category, categories in the order of the alphabet."""
        return self.goods.categories

    @property
    def barcodes(self) -> Mapping[str, str]:
        """Product id by barcode."""
        return self.goods.barcodes

    @property
    def undone(self) -> frozenset[int]:
        """Numbers of the entries that do not count: those taken back, and those that took them back."""
        return self.ledger.undone

    def sales(self) -> Iterator[Purchase]:
        """Yield the sales and returns that count, oldest first."""
        return self.ledger.sales()

    def find(self, number: int) -> Entry | None:
        """Return the entry with this number, None if there is none."""
        return self.ledger.find(number)


def apply(products: MutableMapping[str, Product], entry: Entry) -> None:
    """Make of `products`, in place, what they are after `entry`.

    A line of a sale whose product is not there (any more, or not yet) leaves the products alone.
    """
    if isinstance(entry, Purchase):
        for line in entry.lines:
            product = products.get(line.product_id)
            if product is not None:
                products[line.product_id] = product.with_quantity(product.quantity - line.quantity)
    elif len(entry.lines) >= _MANY:
        from tracker_tui.model.many_products import apply_many  # noqa: PLC0415 - few changes are large

        apply_many(products, entry.lines, apply_change)
    else:
        for change in entry.lines:
            apply_change(products, change)


def apply_change(products: MutableMapping[str, Product], line: ChangeLine) -> None:
    """Make of `products`, in place, what they are after one line of a change."""
    before = products.get(line.product_id)
    if line.after is None:
        products.pop(line.product_id, None)
        return
    if line.extra is not None:
        extra = line.extra
    else:
        extra = before.extra if before is not None else NO_EXTRA
    held = before.quantity if before is not None else 0
    products[line.product_id] = line.after._replace(quantity=held + line.quantity_change, extra=extra)


def replay(entries: Iterable[Entry], products: Mapping[str, Product] = _NO_PRODUCTS) -> dict[str, Product]:
    """Return the products after `entries`, starting from `products`."""
    result = dict(products)
    for entry in entries:
        apply(result, entry)
    return result


def difference(before: Product | None, after: Product | None, product_id: str) -> ChangeLine:
    """Return the line that makes `after` of `before`."""
    held = before.quantity if before is not None else 0
    if after is None:
        return ChangeLine(product_id, None, -held, before.name if before is not None else "")
    was_extra = before.extra if before is not None else NO_EXTRA
    extra = after.extra if dict(after.extra) != dict(was_extra) else None
    bare = after._replace(quantity=0, extra=NO_EXTRA)
    return ChangeLine(product_id, bare, after.quantity - held, after.name, extra)
