"""A real shop's invoices, replayed: the totals are those that a few lines of Python make of the CSV."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest

from tracker_tui.model import Product, Purchase, SaleItem
from tracker_tui.model.figures import Figures
from tracker_tui.service import InventoryService

DATA = Path(__file__).parent / "data" / "online-retail-1000.csv"
OPENING = 5000
Row = dict[str, str]
OpenShop = Callable[..., InventoryService]


class Truth(NamedTuple):
    """What the CSV says, computed without the program."""

    total: Decimal
    units: int
    sales: int
    returns: int
    customers: set[str]
    stock: dict[str, int]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Return the lines of the CSV."""
    with DATA.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def truth(rows: list[Row]) -> Truth:
    """Return the totals, straight from the lines."""
    stock = Counter({row["StockCode"]: OPENING for row in rows})
    for row in rows:
        stock[row["StockCode"]] -= int(row["Quantity"])
    sold = {row["InvoiceNo"] for row in rows if row["InvoiceNo"][0] != "C"}
    return Truth(
        total=sum((int(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in rows), Decimal(0)),
        units=sum(int(row["Quantity"]) for row in rows),
        sales=len(sold),
        returns=len({row["InvoiceNo"] for row in rows} - sold),
        customers={row["CustomerID"] for row in rows if row["InvoiceNo"] in sold and row["CustomerID"]},
        stock=dict(stock),
    )


def products_of(rows: list[Row]) -> Iterator[Product]:
    """Yield each product once, as its first line names it."""
    firsts = {row["StockCode"]: row for row in reversed(rows)}
    for code, row in firsts.items():
        yield Product(code, row["Description"].strip() or code, Decimal(row["UnitPrice"]), OPENING)


def replay_into(shop: InventoryService, rows: list[Row]) -> list[Purchase]:
    """Book each invoice as one entry: a sale, or a return where its number begins with C."""
    booked = []
    for invoice, lines in groupby(rows, key=lambda row: row["InvoiceNo"]):
        whole = list(lines)
        customer = whole[0]["CustomerID"]
        items = [SaleItem(r["StockCode"], abs(int(r["Quantity"])), Decimal(r["UnitPrice"])) for r in whole]
        if invoice.startswith("C"):
            booked.append(shop.give_back(None, items, own_id=invoice, customer=customer))
        else:
            booked.append(shop.sell(items, customer=customer, sale=invoice))
    return booked


def check(shop: InventoryService, truth: Truth) -> None:
    """Compare what the shop tells with the truth."""
    told = shop.report()
    assert (told.total_sales, told.units) == (truth.total, truth.units)
    assert (told.purchases, told.returns) == (truth.sales, truth.returns)
    assert (told.customers, set(told.customer_names)) == (len(truth.customers), truth.customers)
    assert {key: product.quantity for key, product in shop.snapshot.products.items()} == truth.stock
    assert shop.snapshot.problems == ()


def added_up(rows: list[Row], column: str) -> dict[str, tuple[int, Decimal]]:
    """Return pieces and money of the CSV by one of its columns."""
    found: dict[str, tuple[int, Decimal]] = {}
    for row in rows:
        units, money = found.get(row[column], (0, Decimal(0)))
        pieces = int(row["Quantity"])
        found[row[column]] = (units + pieces, money + pieces * Decimal(row["UnitPrice"]))
    return found


def check_figures(shop: InventoryService, rows: list[Row]) -> None:
    """Compare what products and customers brought with the CSV."""
    figures, customers = Figures(shop.sale_columns()), shop.snapshot.customers
    told = {one.key: (one.units, one.money) for one in figures.by("product")}
    assert told == added_up(rows, "StockCode")
    told = {one.name: (one.units, one.money) for one in figures.by("customer", customers)}
    assert told == added_up(rows, "CustomerID")


def test_data_are_the_ones_described(rows: list[Row], truth: Truth) -> None:
    assert (len(rows), truth.sales + truth.returns, len(truth.stock)) == (999, 66, 589)
    assert len({row["CustomerID"] for row in rows}) == 49, "counting the empty one of a walk-in"
    assert sum(int(row["Quantity"]) < 0 for row in rows) == 10


def test_invoices_replayed_give_the_totals_of_the_csv(
    rows: list[Row], truth: Truth, shop_dir: Path, open_shop: OpenShop
) -> None:
    with open_shop() as shop:
        shop.import_products(products_of(rows))
        booked = replay_into(shop, rows)
        assert [purchase.entry for purchase in booked] == list(range(2, len(booked) + 2))
        assert sum(len(purchase.lines) for purchase in booked) == 999
        check(shop, truth)
        assert replay_into(shop, rows) == booked, "each invoice is booked once"
        check(shop, truth)
    with open_shop() as again:
        check(again, truth)
        check_figures(again, rows)
        assert again.snapshot.entry == len(booked) + 1
    (shop_dir / "inventory.txt").unlink()
    (shop_dir / "customers.txt").unlink()
    with open_shop() as from_logs:
        check(from_logs, truth)
    with open_shop(read_only=True) as looker:
        check(looker, truth)


def test_invoices_undone_leave_the_opening_stock(rows: list[Row], open_shop: OpenShop) -> None:
    with open_shop() as shop:
        shop.import_products(products_of(rows))
        opening = dict(shop.snapshot.products)
        for purchase in reversed(replay_into(shop, rows)):
            shop.undo(purchase.entry)
        assert dict(shop.snapshot.products) == opening
        assert (shop.report().total_sales, shop.report().units) == (Decimal(0), 0)
