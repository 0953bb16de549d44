"""Questions about a snapshot: searches, totals, the report. Pure: a snapshot in, a tuple out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from tracker_tui.model.money import line_total, rounded
from tracker_tui.model.records import Customer, Product, Purchase, SaleLine
from tracker_tui.model.rules import is_low
from tracker_tui.model.state import Snapshot
from tracker_tui.model.text import folded

Row = TypeVar("Row", bound=Product | Customer)


class Report(NamedTuple):
    """What a span of time brought; returns are taken off, undone entries do not count.

    Attributes:
        customers: Number of people who bought, told apart by id.
        customer_names: Their distinct names, sorted.
        purchases: Number of sales.
        returns: Number of returns.
        units: Pieces sold less pieces returned.
        total_sales: Money of the sales less that of the returns.
        lowest_stock: All products that share the lowest quantity.
        low_stock: Products at or below their reorder level, lowest first.
        since: First day counted, None = from the beginning.
        until: Last day counted, None = to the end.
    """

    customers: int
    customer_names: tuple[str, ...]
    purchases: int
    returns: int
    units: int
    total_sales: Decimal
    lowest_stock: tuple[Product, ...]
    low_stock: tuple[Product, ...]
    since: date | None = None
    until: date | None = None


class Bought(NamedTuple):
    """What one customer bought in all.

    Attributes:
        purchases: Number of sales.
        units: Pieces, returns taken off.
        total: Money, returns taken off.
        last: Time of the last sale, None if there was none.
    """

    purchases: int = 0
    units: int = 0
    total: Decimal = Decimal(0)
    last: datetime | None = None


class TextIndex(Generic[Row]):
    """The lower-case text of every row, kept from snapshot to snapshot; only changed rows are read anew."""

    def __init__(self, text_of: Callable[[Row], str]) -> None:
        self._text_of = text_of
        self._rows: Mapping[str, Row] = {}
        self._texts: dict[str, str] = {}

    def update(self, rows: Mapping[str, Row]) -> None:
        """Take over the rows of a new snapshot, by id."""
        if rows is self._rows:
            return
        old, texts = self._rows, self._texts
        self._texts = {
            key: texts[key] if old.get(key) is row else folded(self._text_of(row))
            for key, row in rows.items()
        }
        self._rows = rows

    def matching(self, typed: str, within: Iterable[str] | None = None) -> list[Row]:
        """Return the rows that hold every word of `typed`, in their order.

        Args:
            typed: Words, in any order and case; empty = all rows.
            within: Keys to look among; None = all.
        """
        rows, texts = self._rows, self._texts
        keys: Iterable[str] = rows.keys() if within is None else [key for key in within if key in rows]
        for word in folded(typed).split():
            keys = [key for key in keys if word in texts[key]]
        return [rows[key] for key in keys]


def product_text(product: Product) -> str:
    """Return all text of a product that a search looks at."""
    return "\n".join(
        (
            product.id,
            product.name,
            *sorted(product.categories),
            *sorted(product.barcodes),
            *product.extra.values(),
        )
    )


def customer_text(customer: Customer) -> str:
    """Return all text of a customer that a search looks at."""
    return "\n".join((*customer[:5], *customer.extra.values()))


def find_product(shop: Snapshot, code: str) -> Product | None:
    """Return the product with this barcode, else this id, else None."""
    return shop.products.get(shop.barcodes.get(code, code))


def categories_like(shop: Snapshot, typed: str) -> tuple[str, ...]:
    """Return the categories whose name holds every word of `typed`."""
    words = folded(typed).split()
    return tuple(name for name in shop.categories if all(word in folded(name) for word in words))


def in_categories(shop: Snapshot, chosen: Iterable[str], *, every: bool) -> tuple[Product, ...]:
    """Return the products in all of the chosen categories, or in any of them; none chosen = all products."""
    sets = [shop.categories.get(name, frozenset()) for name in chosen]
    if not sets:
        return tuple(shop.products.values())
    ids = frozenset.intersection(*sets) if every else frozenset[str]().union(*sets)
    return tuple(product for product in shop.products.values() if product.id in ids)


def customers_named(customers: Mapping[str, Customer], name: str) -> tuple[Customer, ...]:
    """Return the customers of exactly this name, without regard to case."""
    wanted = folded(name.strip())
    return tuple(customer for customer in customers.values() if folded(customer.name) == wanted)


def lowest_stock(products: Iterable[Product]) -> tuple[Product, ...]:
    """Return all products that share the lowest quantity."""
    rows = tuple(products)
    lowest = min((product.quantity for product in rows), default=0)
    return tuple(product for product in rows if product.quantity == lowest)


def low_stock(shop: Snapshot) -> tuple[Product, ...]:
    """Return the products at or below their reorder level, lowest quantity first."""
    low = [product for product in shop.products.values() if is_low(product, shop.settings)]
    return tuple(sorted(low, key=lambda product: (product.quantity, product.name.casefold())))


def report(shop: Snapshot, since: date | None = None, until: date | None = None) -> Report:
    """Total what a span of days brought.

    Args:
        shop: The shop.
        since: First day counted, in the time of each entry; None = from the beginning.
        until: Last day counted; None = to the end.

    Source: the original script's report panel; ties for the lowest stock are all given.
    """
    people: dict[str, str] = {}
    sales = returns = units = 0
    total = Decimal(0)
    for purchase in shop.sales():
        if not _within(purchase.time.date(), since, until):
            continue
        units += purchase.units
        total += purchase.total
        if is_return(purchase):
            returns += 1
            continue
        sales += 1
        key = purchase.customer_id or purchase.customer
        if key:
            people[key] = purchase.customer
    names = {shop.customers[key].name if key in shop.customers else name for key, name in people.items()}
    return Report(
        customers=len(people),
        customer_names=tuple(sorted(names, key=lambda name: (name.casefold(), name))),
        purchases=sales,
        returns=returns,
        units=units,
        total_sales=total,
        lowest_stock=lowest_stock(shop.products.values()),
        low_stock=low_stock(shop),
        since=since,
        until=until,
    )


def is_return(purchase: Purchase) -> bool:
    """Tell whether goods came back."""
    return bool(purchase.returns) or purchase.units < 0


def _within(day: date, since: date | None, until: date | None) -> bool:
    return (since is None or day >= since) and (until is None or day <= until)


def bought_by_customer(shop: Snapshot) -> Mapping[str, Bought]:
    """Total what each customer bought, by customer id."""
    totals: dict[str, Bought] = {}
    for purchase in shop.sales():
        if not purchase.customer_id:
            continue
        had = totals.get(purchase.customer_id, Bought())
        gave_back = is_return(purchase)
        totals[purchase.customer_id] = Bought(
            had.purchases + (0 if gave_back else 1),
            had.units + purchase.units,
            had.total + purchase.total,
            had.last if gave_back else purchase.time,
        )
    return totals


def purchases_of(shop: Snapshot, customer_id: str) -> tuple[Purchase, ...]:
    """Return the sales and returns of one customer that count, newest first."""
    return tuple(reversed([p for p in shop.sales() if p.customer_id == customer_id]))


def find_sale(shop: Snapshot, sale: str) -> Purchase | None:
    """Return the purchase with this sale id, None if there is none."""
    return next((e for e in shop.entries if isinstance(e, Purchase) and e.sale == sale), None)


def still_with_customer(shop: Snapshot, sale: Purchase) -> list[SaleLine]:
    """Return the lines of a sale less what was returned of it; lines with nothing left are not in it.

    Args:
        shop: The shop.
        sale: The sale, as booked.

    Returns:
        The lines in the order of the sale, `quantity`, `discount` and `total` being what is left of them.
    """
    left = list(sale.lines)
    for purchase in shop.sales():
        if purchase.returns == sale.sale:
            for line in purchase.lines:
                _take_back(left, line, shop.settings.decimals)
    return [line for line in left if line.quantity > 0]


def _take_back(left: list[SaleLine], back: SaleLine, decimals: int) -> None:
    """Take a line of a return off what is left of a sale: its pieces, and just what was paid back for them."""
    pieces, discount = -back.quantity, -back.discount
    for place, line in enumerate(left):
        if (line.product_id, line.price) != (back.product_id, back.price) or not line.quantity:
            continue
        taken = min(pieces, line.quantity)
        share = discount if taken == pieces else part_of_line(line, taken, decimals).discount
        left[place] = less_of_line(line, taken, share)
        pieces, discount = pieces - taken, discount - share
        if not pieces:
            return


def less_of_line(line: SaleLine, taken: int, discount: Decimal) -> SaleLine:
    """Return what is left of a line without `taken` pieces, for which `discount` of its own counts.

    The totals of all that is taken add up to the line's own, whatever was rounded on the way.
    """
    rest = line.quantity - taken
    total = line.total - line_total(taken, line.price, discount, _decimals_of(line.total))
    return line._replace(quantity=rest, discount=line.price * rest - total, total=total)


def _decimals_of(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return min(8, max(0, -exponent)) if isinstance(exponent, int) else 0


def part_of_line(line: SaleLine, quantity: int, decimals: int) -> SaleLine:
    """Return `quantity` pieces of a line, with their share of its discount."""
    if quantity == line.quantity:
        return line
    share = rounded(line.discount * quantity / line.quantity, decimals)
    return line._replace(
        quantity=quantity, discount=share, total=line_total(quantity, line.price, share, decimals)
    )
