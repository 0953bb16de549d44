"""Questions about a snapshot: searches, totals, the report. Pure: a snapshot in, a tuple out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from operator import is_

from tracker_tui.model.lazy import Counted
from tracker_tui.model.money import line_total, rounded
from tracker_tui.model.records import Customer, Product, Purchase, SaleLine
from tracker_tui.model.shelf import Shelf
from tracker_tui.model.state import Snapshot
from tracker_tui.model.tally import Bought as Bought  # noqa: PLC0414 - asked for here by others
from tracker_tui.model.tally import Tally
from tracker_tui.model.tally import is_return as is_return  # noqa: PLC0414 - as above
from tracker_tui.model.text import folded
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker_tui.model.chosen import Chosen
    from tracker_tui.model.sums import Turn


class RateTotal(NamedTuple):
    """What the goods of one tax rate come to.

    Attributes:
        rate: Percent.
        net: Without the tax.
        tax: The tax, as it was rounded on each sale.
    """

    rate: Decimal
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        """With the tax."""
        return self.net + self.tax


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
        taxes: The taxes that the sales keep, one for each rate, highest first; returns are taken off. What has no
            rate is in none of them.
    """

    customers: int
    customer_names: Sequence[str]
    purchases: int
    returns: int
    units: int
    total_sales: Decimal
    lowest_stock: Sequence[Product]
    low_stock: Sequence[Product]
    since: date | None = None
    until: date | None = None
    taxes: tuple[RateTotal, ...] = ()

    def average_sale(self, decimals: int) -> Decimal:
        """Return what one sale brought on average, returns taken off, rounded to so many decimals; 0 without sales."""
        return rounded(self.total_sales / (self.purchases or 1), decimals)


def find_product(shop: Snapshot, code: str) -> Product | None:
    """Return the product with this barcode, else this id, else None."""
    return shop.products.get(shop.barcodes.get(code, code))


def categories_like(shop: Snapshot, typed: str) -> tuple[str, ...]:
    """Return the categories whose name holds every word of `typed`."""
    words = folded(typed).split()
    return tuple(name for name in shop.goods.sizes if all(word in folded(name) for word in words))


def in_categories(shop: Snapshot, chosen: Collection[str], *, every: bool) -> Chosen[Product]:
    """Return the products in all of the chosen categories, or in any of them; none chosen = all products."""
    return shop.goods.in_categories(chosen, every=every) if chosen else shop.goods.all_products()


def customers_named(customers: Mapping[str, Customer], name: str) -> tuple[Customer, ...]:
    """Return the customers of exactly this name, without regard to case."""
    wanted = folded(name.strip())
    return tuple(customer for customer in customers.values() if folded(customer.name) == wanted)


class _OfAllDays(NamedTuple):
    """The report of all days, and the shop that it is of."""

    shop: Snapshot
    report: Report

    def is_of(self, shop: Snapshot) -> bool:
        """Tell whether all that it is made of is the same."""
        return all(map(is_, _parts(self.shop), _parts(shop)))


def _parts(shop: Snapshot) -> tuple[object, ...]:
    return shop.ledger, shop.customers, shop.goods.shelf, shop.settings


def report(shop: Snapshot, since: date | None = None, until: date | None = None) -> Report:
    """Total what a span of days brought; that of all days is kept until something changes.

    Args:
        shop: The shop.
        since: First day counted, in the time of each entry; None = from the beginning.
        until: Last day counted; None = to the end.

    Source: the original script's report panel; ties for the lowest stock are all given.
    """
    if since is not None or until is not None:
        return _report(shop, since, until)
    from tracker_tui.model.people import same_people  # noqa: PLC0415 - a sale makes no report

    kept = shop.goods.shelf.trail.kept
    last = kept.get(_OfAllDays)
    if not isinstance(last, _OfAllDays):
        made = _report(shop, None, None)
    elif last.is_of(shop):
        return last.report
    elif same_people(last.shop, shop):
        people = last.report.customers, len(last.report.customer_names)
        made = _report_with(shop, shop.ledger.tally(), *people)
    else:
        made = _report(shop, None, None)
    kept[_OfAllDays] = _OfAllDays(shop, made)
    return made


def sum_ahead(shop: Snapshot, turn: Turn) -> None:
    """Total all days before anybody asks for them, and keep that; of who bought only numbers stay in memory.

    Args:
        shop: The shop.
        turn: Lets others go on; raises what ends it.
    """
    from tracker_tui.model.people import count_people  # noqa: PLC0415 - as above

    kept = shop.goods.shelf.trail.kept
    if isinstance(shop.customers, Shelf) and _OfAllDays not in kept:
        tally = shop.ledger.tally()
        made = _report_with(shop, tally, *count_people(shop.customers, tally, turn))
        kept[_OfAllDays] = _OfAllDays(shop, made)


def _report_with(shop: Snapshot, tally: Tally, people: int, names: int) -> Report:
    """Make the report of all days of a tally, where it is known how many people there are, and how many names."""
    return _report_of(shop, tally, people, Counted(names, partial(_names, shop)))


def _report(shop: Snapshot, since: date | None, until: date | None) -> Report:
    from tracker_tui.model.people import names_now  # noqa: PLC0415 - as above

    tally = shop.ledger.tally(since, until)
    people = tally.bought()
    names = names_now(shop.customers, people, tally.called)
    made = _report_of(shop, tally, len(people), Counted(len(names), partial(_in_order, names)))
    return made._replace(since=since, until=until)


def _report_of(shop: Snapshot, tally: Tally, customers: int, names: Sequence[str]) -> Report:
    return Report(
        customers=customers,
        customer_names=names,
        purchases=tally.sales,
        returns=tally.returns,
        units=tally.units,
        total_sales=tally.money,
        lowest_stock=shop.goods.lowest_stock(),
        low_stock=Counted(
            len(shop.goods.low_by_place(shop.settings)), partial(shop.goods.low_stock, shop.settings)
        ),
        taxes=tuple(
            RateTotal(rate, net, tax) for rate, (net, tax) in sorted(tally.taxes.items(), reverse=True)
        ),
    )


def _names(shop: Snapshot) -> Sequence[str]:
    """Return the names of all who ever bought, in order."""
    from tracker_tui.model.people import names_now  # noqa: PLC0415 - as above

    tally = shop.ledger.tally()
    return _in_order(names_now(shop.customers, tally.bought(), tally.called))


def _in_order(names: Iterable[str]) -> Sequence[str]:
    return sorted(names, key=lambda name: (name.casefold(), name))


def bought_by_customer(shop: Snapshot) -> Mapping[str, Bought]:
    """Total what each customer bought, by customer id; those who bought nothing are not in it."""
    named = (entry.customer_id for entry in shop.ledger.recent() if isinstance(entry, Purchase))
    totals = ((key, shop.ledger.bought(key)) for key in dict.fromkeys([*shop.customers, *named]))
    return {key: bought for key, bought in totals if bought != Bought()}


def purchases_of(shop: Snapshot, customer_id: str) -> tuple[Purchase, ...]:
    """Return the sales and returns of one customer that count, newest first."""
    return tuple(reversed(shop.ledger.purchases_of(customer_id)))


def find_sale(shop: Snapshot, sale: str) -> Purchase | None:
    """Return the purchase with this sale id, None if there is none."""
    return shop.ledger.find_sale(sale)


def still_with_customer(shop: Snapshot, sale: Purchase) -> list[SaleLine]:
    """Return the lines of a sale less what was returned of it; lines with nothing left are not in it.

    Args:
        shop: The shop.
        sale: The sale, as booked.

    Returns:
        The lines in the order of the sale, `quantity`, `discount` and `total` being what is left of them.
    """
    left = list(sale.lines)
    for purchase in shop.ledger.returns_of(sale.sale):
        for line in purchase.lines:
            _take_back(left, line, shop.settings.decimals)
    return [line for line in left if line.quantity > 0]


def off_shelf_text(line: SaleLine) -> str:
    """Return what stands for the product in the line of a return that puts nothing into the stock.

    Such a line has no product id, so that no reader of the log counts its pieces as stock; which line of the sale it
    takes back is told by this text.
    """
    return f"{line.product_id} {line.product}, not back on the shelf"


def is_of(back: SaleLine, line: SaleLine) -> bool:
    """Tell whether a line of a return takes back pieces of a line of the sale, or of one like it."""
    if back.product_id or line.product_id == "":
        return back.product_id == line.product_id
    return back.product == off_shelf_text(line)


def _take_back(left: list[SaleLine], back: SaleLine, decimals: int) -> None:
    """Take a line of a return off what is left of a sale: its pieces, and just what was paid back for them."""
    pieces, discount = -back.quantity, -back.discount
    for place, line in enumerate(left):
        if line.price != back.price or not line.quantity or not is_of(back, line):
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
