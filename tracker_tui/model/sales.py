"""What a sale or a return comes to: lines, stock, who buys. Pure: the shop of now in, lines or a refusal out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from tracker_tui.errors import Conflict, FieldProblem, Invalid, NotFound, OutOfStock
from tracker_tui.model import queries
from tracker_tui.model.account import ON_ACCOUNT, TO_ACCOUNT, is_account_payment
from tracker_tui.model.money import MOST_PIECES, NOTHING, line_total, rounded
from tracker_tui.model.records import (
    NO_DISCOUNT,
    UNDO_SALE,
    BelowZero,
    Customer,
    Product,
    Purchase,
    SaleItem,
    SaleLine,
    Settings,
)
from tracker_tui.model.rules import amount_problem, count_problem, text_problem
from tracker_tui.model.state import Snapshot
from tracker_tui.model.tax import with_taxes_back
from tracker_tui.model.text import normal
from tracker_tui.typed import Final, TypeAlias

Item: TypeAlias = SaleItem | tuple[str, int]
"""What is sold or comes back: a product's id and pieces, or a `SaleItem` that says more."""

BELOW_ZERO: Final = "sold below zero"
"""How the note of a sale begins that took more than there was, before the reason."""

LONGEST_REASON: Final = 200
WALK_IN: Final = Customer("", "")
"""Who buys where nobody in particular does."""

_CUSTOMER_ID: Final = r"C([0-9]{1,9})"


def sale_item(item: Item) -> SaleItem:
    """Return an item as a `SaleItem`."""
    return item if isinstance(item, SaleItem) else SaleItem(*item)


def sale_problems(
    items: Sequence[SaleItem],
    customer: str,
    sale: str | None,
    payment: str,
    note: str,
    decimals: int,
    *,
    whole: bool = False,
) -> list[FieldProblem]:
    """Say what is wrong with a basket, whatever the stock.

    Args:
        items: What is in it.
        customer: Id or name; empty = a walk-in.
        sale: Its own id; None = one will be made.
        payment: How it is paid.
        note: Free text.
        decimals: The shop's decimals.
        whole: Whether all of a sale comes back, so that no items are named.
    """
    found: list[tuple[str, str]] = []
    if customer and (reason := text_problem(customer)):
        found.append(("customer", reason))
    if sale and (reason := text_problem(sale, longest=100)):
        found.append(("sale", reason))
    if reason := text_problem(payment, required=True, longest=100):
        found.append(("payment", reason))
    if note and (reason := text_problem(note)):
        found.append(("note", reason))
    if payment == ON_ACCOUNT and not customer and not whole:
        found.append(("payment", "on account needs a customer"))
    if payment.endswith(TO_ACCOUNT):
        found.append(("payment", f"must not end with “{TO_ACCOUNT}”"))
    if sale and sale.startswith(UNDO_SALE):
        found.append(("sale", f"must not begin with {UNDO_SALE}"))
    if not items and not whole:
        found.append(("", "there is nothing in the basket"))
    found += _item_problems(items, decimals)
    return [FieldProblem(field, reason) for field, reason in found]


def _item_problems(items: Sequence[SaleItem], decimals: int) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for product_id, quantity, price, discount in items:
        usual = type(quantity) is int and 0 < quantity <= MOST_PIECES
        if not usual and (reason := count_problem(quantity, least=1)):
            found.append((f"{product_id} quantity", reason))
        if price is not None and (reason := amount_problem(price, decimals)):
            found.append((f"{product_id} price", reason))
        if discount is not NO_DISCOUNT and (reason := amount_problem(discount, decimals)):
            found.append((f"{product_id} discount", reason))
    return found


def goods_of(products: Mapping[str, Product], items: Iterable[SaleItem]) -> dict[str, Product]:
    """Return the products that items name, as far as they are there; each is looked up once."""
    found: dict[str, Product] = {}
    for item in items:
        key = item.product_id
        if key not in found and (product := products.get(key)) is not None:
            found[key] = product
    return found


def account_problems(
    customer: str, amount: Decimal, payment: str, note: str, own_id: str | None, decimals: int
) -> list[FieldProblem]:
    """Say what is wrong with a payment on account; see `InventoryService.pay_account`."""
    problem = amount_problem(amount, decimals)
    problems = [
        FieldProblem("customer", text_problem(customer, required=True)),
        FieldProblem("amount", problem or ("" if amount > 0 else "must be more than 0")),
        FieldProblem("payment", text_problem(payment, required=True, longest=80)),
        FieldProblem("note", text_problem(note)),
        FieldProblem("sale", text_problem(own_id, longest=100) if own_id else ""),
    ]
    if payment == ON_ACCOUNT or payment.endswith(TO_ACCOUNT):
        problems.append(FieldProblem("payment", "must be how the money comes in, such as cash"))
    return problems


def sale_line(products: Mapping[str, Product], item: SaleItem, decimals: int) -> SaleLine:
    """Return the line that books an item, at today's price or the one it names.

    Raises:
        NotFound: There is no such product.
        Invalid: The discount is more than the line costs.
    """
    product_id, quantity, asked, off = item
    product = products.get(product_id)
    if product is None:
        raise NotFound(f"there is no product {product_id}")
    price = product.price if asked is None else rounded(asked, decimals)
    discount = NOTHING[decimals] if off is NO_DISCOUNT else rounded(off, decimals)
    total = line_total(quantity, price, discount, decimals)
    if total < 0:
        raise Invalid([FieldProblem(f"{product_id} discount", "is more than the line costs")])
    return SaleLine(product.id, product.name, quantity, price, discount, total)


def checked_stock(
    products: Mapping[str, Product],
    lines: Iterable[SaleLine],
    note: str,
    below_zero: BelowZero | None,
    settings: Settings,
) -> str:
    """Refuse more of a product, over all lines, than there is, unless the owner wants it so.

    Returns:
        The note of the sale, with the owner's reason where it counted.

    Raises:
        Invalid: The owner's word has no reason, or the shop's settings do not let them.
        OutOfStock: The first product of which there is not enough, and of which the owner said nothing.
    """
    wanted: dict[str, int] = {}
    for product_id, _, quantity, *_ in lines:
        wanted[product_id] = wanted.get(product_id, 0) + quantity
    counted = False
    for product_id, quantity in wanted.items():
        product = products[product_id]
        if quantity > product.quantity:
            if below_zero is None or product_id not in below_zero.products:
                raise OutOfStock(product, quantity, product.quantity)
            counted = True
    if below_zero is None or not counted:
        return note
    problem = below_zero_problem(below_zero.reason, settings)
    if problem:
        raise Invalid([FieldProblem("reason", problem)])
    return f"{note}; " * bool(note) + f"{BELOW_ZERO}: {normal(below_zero.reason)}"


def below_zero_problem(reason: str, settings: Settings) -> str:
    """Say why a reason does not let the stock go below zero; empty where it does."""
    if not settings.below_zero:
        return "the shop does not sell what is not there; see below_zero in tracker.toml"
    return text_problem(reason, required=True, longest=LONGEST_REASON)


def original_sale(shop: Snapshot, purchase: Purchase | None, sale: str) -> Purchase:
    """Return the sale that goods come back of.

    Raises:
        NotFound: There is none.
        Invalid: It is itself a return.
        Conflict: It was undone.
    """
    if purchase is None:
        raise NotFound(f"there is no sale {sale}")
    if is_account_payment(purchase):
        raise Invalid([FieldProblem("sale", f"{sale} is a payment on account; undo it instead")])
    if queries.is_return(purchase):
        raise Invalid([FieldProblem("sale", f"{sale} is itself a return")])
    if purchase.entry in shop.undone:
        raise Conflict(f"sale {sale} was undone, so nothing can come back", entry=purchase.entry)
    return purchase


def lines_back(shop: Snapshot, original: Purchase, items: Sequence[SaleItem] | None) -> list[SaleLine]:
    """Return the lines that take goods of a sale back, at the price that was paid.

    Args:
        shop: The shop.
        original: The sale.
        items: What comes back; None = all that is left of it.

    Raises:
        NotFound: A product is not in the sale.
        Invalid: More comes back than is left, or nothing is left.
    """
    left = queries.still_with_customer(shop, original)
    if items is None:
        if not left:
            raise Invalid([FieldProblem("", "all of this sale came back already")])
        return [negative(line) for line in left]
    back: list[SaleLine] = []
    for item in items:
        if not any(line.product_id == item.product_id for line in original.lines):
            raise NotFound(f"product {item.product_id} is not in sale {original.sale}")
        missing = item.quantity
        for place, line in enumerate(left):
            taken = min(missing, line.quantity) if line.product_id == item.product_id else 0
            if taken:
                part = queries.part_of_line(line, taken, shop.settings.decimals)
                back.append(negative(part))
                left[place] = queries.less_of_line(line, taken, part.discount)
                missing -= taken
        if missing:
            there = item.quantity - missing
            reason = (
                f"only {there} of product {item.product_id} are left of this sale, {item.quantity} came back"
            )
            raise Invalid([FieldProblem("quantity", reason)])
    return back


def taxed_lines_back(shop: Snapshot, original: Purchase, items: Sequence[SaleItem] | None) -> list[SaleLine]:
    """Return the lines that take goods of a sale back, as `lines_back`, and those that take its taxes back."""
    back = lines_back(shop, original, items)
    returns = shop.ledger.returns_of(original.sale)
    left = queries.still_with_customer(shop, original)
    return with_taxes_back(original, returns, left, back, shop.settings.decimals)


def off_shelf(back: Iterable[SaleLine]) -> list[SaleLine]:
    """Return the lines of a return whose goods are not put into the stock again; see `queries.off_shelf_text`."""
    return [
        line._replace(product_id="", product=queries.off_shelf_text(line)) if line.product_id else line
        for line in back
    ]


def negative(line: SaleLine) -> SaleLine:
    """Return the line that takes a line back."""
    return line._replace(quantity=-line.quantity, discount=-line.discount, total=-line.total)


def buyer(customers: Mapping[str, Customer], customer: str) -> Customer:
    """Return who buys: by id, by name, or new with the next id; one without an id for a walk-in.

    Raises:
        Conflict: The name belongs to several; the text has their ids.
    """
    name = normal(customer)
    if not name:
        return WALK_IN
    if name in customers:
        return customers[name]
    namesakes = queries.customers_named(customers, name)
    if len(namesakes) > 1:
        ids = ", ".join(who.id for who in namesakes)
        raise Conflict(f"{len(namesakes)} customers are called {name}: {ids}; give the id")
    return namesakes[0] if namesakes else Customer(next_customer_id(customers), name)


def next_customer_id(customers: Mapping[str, Customer]) -> str:
    """Return the id that the next new customer gets."""
    found = map(re.compile(_CUSTOMER_ID).fullmatch, customers)
    highest = max((int(number[1]) for number in found if number), default=0)
    return f"C{highest + 1:04d}"


def new_sale_id(now: datetime) -> str:
    """Return an id for a sale: day and time, and enough chance that no two are alike."""
    day = f"{now.year % 100:02}{now.month:02}{now.day:02}"
    return f"{day}-{now.hour:02}{now.minute:02}{now.second:02}-{os.urandom(4).hex()}"
