"""A basket on its way to being a sale: what, how many, at what price, for whom. Each change makes a new one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, Self

from tracker_tui.model.money import MOST_PIECES, line_total, parse_amount, rounded, written
from tracker_tui.model.records import SaleItem, Settings
from tracker_tui.model.sales import new_sale_id
from tracker_tui.model.state import Snapshot
from tracker_tui.model.tax import Tax, added, taxes_on
from tracker_tui.tuples import NamedTuple


class Discount(NamedTuple):
    """What is taken off: an amount, or a part; never both.

    Attributes:
        amount: In the shop's currency, 0 or more.
        percent: Of what it is taken off, 0 to 100.
    """

    amount: Decimal = Decimal(0)
    percent: Decimal = Decimal(0)

    def of(self, gross: Decimal, decimals: int) -> Decimal:
        """Return what it takes off `gross`: never more than that, rounded half up to the shop's decimals."""
        part = gross * self.percent / 100 if self.percent else self.amount
        return min(rounded(part, decimals), gross)

    @property
    def text(self) -> str:
        """The discount as a person types it: `10%`, `1.50`, or nothing."""
        if self.percent:
            return f"{written(self.percent.normalize())}%"
        return written(self.amount) if self.amount else ""

    def __bool__(self) -> bool:
        return bool(self.amount or self.percent)


NO_DISCOUNT: Final = Discount()


def parse_discount(typed: str, settings: Settings) -> Discount:
    """Read a discount that a person typed: `10%` or an amount; empty = none.

    Raises:
        ValueError: It is neither; the text says what to type.
    """
    text = typed.strip()
    if not text:
        return NO_DISCOUNT
    if text.endswith("%"):
        percent = parse_amount(text[:-1], 2)
        if percent > 100:
            raise ValueError("at most 100%")
        return Discount(percent=percent)
    return Discount(amount=parse_amount(text, settings.decimals, currency=settings.currency))


class BasketLine(NamedTuple):
    """One product in a basket.

    Attributes:
        product_id: Which product.
        quantity: Pieces, 1 or more.
        price: Price of one piece; None = the product's price at the commit.
        discount: What is taken off the line.
    """

    product_id: str
    quantity: int
    price: Decimal | None = None
    discount: Discount = NO_DISCOUNT


class PricedLine(NamedTuple):
    """What a line comes to at the prices of now.

    Attributes:
        line: The line.
        price: Price of one piece; 0 where the product is gone.
        discount: What is taken off the line itself.
        share: What the line bears of the whole basket's discount.
        total: What it comes to before that share.
    """

    line: BasketLine
    price: Decimal
    discount: Decimal
    share: Decimal
    total: Decimal


class Basket(NamedTuple):
    """What one clerk is selling.

    Attributes:
        sale: Its own id: booked twice it is one sale.
        lines: Products, each once, in the order they came.
        customer: Id of the customer, or the name of a new one; empty = a walk-in.
        last: Product of the line touched last; empty if none was.
        discount: What is taken off the whole basket.
    """

    sale: str
    lines: tuple[BasketLine, ...] = ()
    customer: str = ""
    last: str = ""
    discount: Discount = NO_DISCOUNT

    @property
    def pieces(self) -> int:
        """Pieces of all lines."""
        return sum(line.quantity for line in self.lines)

    def find(self, product_id: str) -> BasketLine | None:
        """Return the line of a product; None where it is not in the basket."""
        return next((line for line in self.lines if line.product_id == product_id), None)

    def quantity_of(self, product_id: str) -> int:
        """Return the pieces of a product in the basket."""
        line = self.find(product_id)
        return line.quantity if line is not None else 0

    def put(self, product_id: str, quantity: int) -> Self:
        """Return the basket with so many pieces of a product; 0 or fewer takes it out."""
        quantity = min(quantity, MOST_PIECES)
        if quantity <= 0:
            lines = tuple(line for line in self.lines if line.product_id != product_id)
            last = self.last if self.last != product_id else ""
            return self._replace(lines=lines, last=last)
        line = self.find(product_id)
        if line is None:
            return self._replace(lines=(*self.lines, BasketLine(product_id, quantity)), last=product_id)
        return self.with_line(line._replace(quantity=quantity))

    def with_line(self, fresh: BasketLine) -> Self:
        """Return the basket with another line of a product that is in it."""
        lines = tuple(fresh if line.product_id == fresh.product_id else line for line in self.lines)
        return self._replace(lines=lines, last=fresh.product_id)

    def priced_as(self, before: Self) -> Self:
        """Return the basket with the prices and discounts that another has, and its own lines and quantities."""
        lines: list[BasketLine] = []
        for line in self.lines:
            old = before.find(line.product_id)
            lines.append(line if old is None else line._replace(price=old.price, discount=old.discount))
        return self._replace(lines=tuple(lines), discount=before.discount)

    def add(self, product_id: str, quantity: int = 1) -> Self:
        """Return the basket with more (or, negative, fewer) pieces of a product."""
        return self.put(product_id, self.quantity_of(product_id) + quantity)

    def priced(self, shop: Snapshot) -> list[PricedLine]:
        """Return what the lines come to at the prices of now, in their order."""
        decimals = shop.settings.decimals
        priced: list[PricedLine] = []
        for line in self.lines:
            product = shop.products.get(line.product_id)
            price = line.price
            if price is None:
                price = product.price if product is not None else Decimal(0)
            less = line.discount.of(line_total(line.quantity, price, Decimal(0), decimals), decimals)
            total = line_total(line.quantity, price, less, decimals)
            priced.append(PricedLine(line, price, less, Decimal(0), total))
        if not self.discount:
            return priced
        totals = [line.total for line in priced]
        shares = spread(self.discount.of(sum(totals, Decimal(0)), decimals), totals, decimals)
        return [line._replace(share=share) for line, share in zip(priced, shares, strict=True)]

    def items(self, shop: Snapshot) -> tuple[SaleItem, ...]:
        """Return what is to be sold; a price that nobody set is left to the commit."""
        return tuple(
            SaleItem(line.line.product_id, line.line.quantity, line.line.price, line.discount + line.share)
            for line in self.priced(shop)
        )

    def taken_off(self, shop: Snapshot) -> Decimal:
        """Return what the whole basket's discount comes to."""
        return sum((line.share for line in self.priced(shop)), Decimal(0))

    def total(self, shop: Snapshot) -> Decimal:
        """Return what the customer pays at the prices of now, taxes on top of the prices among it."""
        priced = self.priced(shop)
        totals = (line.total - line.share for line in priced)
        taxes = added(self._taxes(shop, priced)) if shop.settings.tax else Decimal(0)
        return rounded(sum(totals, taxes), shop.settings.decimals)

    def taxes(self, shop: Snapshot) -> tuple[Tax, ...]:
        """Return the taxes at the prices and the rates of now, highest rate first."""
        return self._taxes(shop, self.priced(shop)) if shop.settings.tax else ()

    def _taxes(self, shop: Snapshot, priced: Iterable[PricedLine]) -> tuple[Tax, ...]:
        goods = ((shop.products.get(line.line.product_id), line.total - line.share) for line in priced)
        return taxes_on(goods, shop.settings.tax, shop.settings.decimals)

    def short(self, shop: Snapshot) -> Iterable[BasketLine]:
        """Yield the lines of which there is not enough now, or whose product is gone."""
        for line in self.lines:
            product = shop.products.get(line.product_id)
            if product is None or product.quantity < line.quantity:
                yield line


def spread(amount: Decimal, totals: Sequence[Decimal], decimals: int) -> list[Decimal]:
    """Share an amount among lines by what they come to, to the last coin.

    Args:
        amount: What is shared, 0 to the sum of the totals.
        totals: What each line comes to, 0 or more; shape (n,).
        decimals: The shop's decimals.

    Returns:
        The share of each line, none larger than the line, together exactly `amount`; shape (n,). The coins that
        do not go round go to the lines whose shares were cut most, the first of them first.
    """
    coins = [int(total.scaleb(decimals)) for total in totals]
    wanted, whole = int(amount.scaleb(decimals)), sum(coins)
    if not whole:
        return [Decimal(0)] * len(totals)
    shares = [wanted * coin // whole for coin in coins]
    by_cut = sorted(range(len(coins)), key=lambda place: -(wanted * coins[place] % whole))
    for place in by_cut[: wanted - sum(shares)]:
        shares[place] += 1
    return [Decimal(share).scaleb(-decimals) for share in shares]


def below_cost(line: PricedLine, cost: Decimal | None) -> bool:
    """Tell whether the pieces of a line are sold for less than they cost the shop."""
    return cost is not None and line.total - line.share < cost * line.line.quantity


def new_basket(now: datetime) -> Basket:
    """Return an empty basket with an id of its own."""
    return Basket(new_sale_id(now))
