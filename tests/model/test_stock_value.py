"""What the stock is worth: at first all of it is added up, then only what changed."""

from __future__ import annotations

from decimal import Decimal

from tests.conftest import OpenShop
from tracker_tui.model import Product
from tracker_tui.model.stock_value import StockValue, stock_value
from tracker_tui.service import InventoryService


def added_up(shop: InventoryService) -> StockValue:
    """Add up the products without the program."""
    products = [product for product in shop.snapshot.products.values() if product.quantity > 0]
    known = [product for product in products if product.cost is not None]
    return StockValue(
        sum((product.quantity * product.price for product in products), Decimal(0)),
        sum((product.quantity * (product.cost or Decimal(0)) for product in known), Decimal(0)),
        len(products) - len(known),
    )


def test_value_is_that_of_all_products_whatever_changes(open_shop: OpenShop) -> None:
    turns: list[None] = []
    with open_shop() as shop:
        shop.import_products(Product(f"p{number}", "Tea", Decimal("1.50"), 2) for number in range(3))
        shop.import_products(
            Product(f"q{number}", "Tea", Decimal("1.25"), number % 5, cost=Decimal("0.75"))
            for number in range(600)
        )
        assert stock_value(shop.snapshot.goods.shelf, lambda: turns.append(None)) == added_up(shop)
        assert len(turns) == 2, "others had their turn"
        for change in (
            lambda: shop.sell([("q4", 2)]),
            lambda: shop.edit("q4", cost=None),
            lambda: shop.remove("q3"),
            lambda: shop.edit("p1", cost=Decimal("0.10")),
            lambda: shop.add(Product("new", "Cup", Decimal("9.99"), 3)),
            lambda: shop.undo(shop.snapshot.entry),
        ):
            change()
            assert stock_value(shop.snapshot.goods.shelf, lambda: turns.append(None)) == added_up(shop)
        assert len(turns) == 2, "only what changed was looked at"
        assert stock_value(shop.snapshot.goods.shelf).unknown > 0
