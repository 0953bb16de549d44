"""What the stock is worth: at first all of it is added up, then only what changed."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from tests.conftest import OpenShop
from tracker_tui.model import Product
from tracker_tui.model.shelf import OpenShelf
from tracker_tui.model.stock_value import StockValue, stock_value
from tracker_tui.service import InventoryService
from tracker_tui.storage import rows
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.storage.table import read_table


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


AMOUNTS = ("0", "1", "2.5", "2,5", "0.125", "12,34567891", " 3.00 ", "", "-1", "1,234", "x", "1e3", "٣")
COUNTS = ("0", "7", "-3", "12", "", "1.5", "999999999", " 4")
TAILS = ("", "", "", "|fresh", '"a, b"', "own text", "\x00", "\r")


@pytest.mark.parametrize("seed", range(120))
def test_value_by_the_texts_is_that_of_the_rows(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where lines are quoted, cut off, spelled as spreadsheets do, or no rows at all."""
    dice = random.Random(seed)
    delimiter = dice.choice([",", ",", ";", "\t"])
    columns = ["id", "name", "price", "quantity", "cost", "categories", "shelf"][: dice.choice([4, 5, 7])]
    if dice.random() < 0.5:
        dice.shuffle(columns)

    def field(column: str, number: int) -> str:
        plain = dice.random() < 0.9
        return {
            "id": lambda: f"p{number if plain else dice.randrange(40)}",
            "name": lambda: "Tea" if plain else dice.choice(['"Cup, blue"', '"a ""b"', 'x"y', ""]),
            "price": lambda: "2.50" if plain else dice.choice(AMOUNTS),
            "quantity": lambda: str(number % 5 - 1) if plain else dice.choice(COUNTS),
            "cost": lambda: "1.10" if plain and number % 3 else "" if plain else dice.choice(AMOUNTS),
        }.get(column, lambda: dice.choice(TAILS))()

    lines = [delimiter.join(field(column, number) for column in columns) for number in range(40)]
    odd = ["# a comment", "", "p7", delimiter * 9, "\udcff"]
    lines = [one for line in lines for one in (line, *([dice.choice(odd)] if dice.random() < 0.1 else []))]
    data = "\n".join([delimiter.join(columns), *lines, "# end of inventory"]).encode(
        "utf-8", "surrogateescape"
    )
    shelf = OpenShelf(read_table(INVENTORY, data, dice.choice([0, 2, 3])).rows)
    for key in dice.sample(sorted(shelf), min(len(shelf), dice.choice([0, 0, 3]))):
        if dice.random() < 0.5:
            del shelf[key]
        else:
            shelf[key] = shelf[key]._replace(price=Decimal("9.99"), cost=None, quantity=3)
    if dice.random() < 0.3:
        shelf["new"] = Product("new", "Cup", Decimal("0.01"), 2)
    expected = StockValue()
    for product in shelf.values():
        expected = expected.with_one(product, 1)
    monkeypatch.setattr(rows, "_PART", dice.choice([1, 4, 200]))
    assert stock_value(shelf.frozen()) == expected


def test_value_of_plain_lines_makes_no_products(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"id,name,price,quantity,categories,cost\n" + b"".join(
        b'p%d,"Tea, green",1.25,%d,drinks,0.75\n' % (number, number % 4) for number in range(1000)
    )
    table = read_table(INVENTORY, data, 2)
    monkeypatch.setattr(table.rows, "row", pytest.fail)
    assert stock_value(OpenShelf(table.rows).frozen()) == StockValue(Decimal(1875), Decimal(1125), 0)
