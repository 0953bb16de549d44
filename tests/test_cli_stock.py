"""The commands of the stock room: deliveries, the past of the stock, the close of a day."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from tests.test_cli import Shop, empty, shop

__all__ = ["empty", "shop"]


def test_a_delivery_is_received_with_its_costs(shop: Shop) -> None:
    answer = shop.json("deliver", "4001=24@0.75", "B01=3", "--note", "Farm", "--id", "d-1")
    assert answer["entry"] == 3
    assert answer["lines"] == [
        {"id": "M01", "name": "Milk", "received": 24, "quantity": 34},
        {"id": "B01", "name": "Bread", "received": 3, "quantity": 8},
    ]
    changes = [row for row in shop.json("changes") if row["entry"] == 3]
    assert [(row["action"], row["note"], row["cost"]) for row in changes] == [
        ("receive", "Farm #d-1", "0.75"),
        ("receive", "Farm #d-1", None),
    ]
    assert shop.json("deliver", "M01=24", "--id", "d-1")["entry"] == 3, "it is booked once"
    assert shop.quantity("M01") == 34
    assert "24 x Milk (M01)" in shop("deliver", "M01=24").out


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        (("M01=0",), "M01 pieces: must be 1 or more"),
        (("M01=2@x",), "M01 cost"),
        (("M01=2", "X=1"), "X: there is no such product"),
        (("M01=2", "M01=1"), "M01: stands there twice"),
    ],
)
def test_a_delivery_that_cannot_be_is_refused_whole(shop: Shop, items: tuple[str, ...], reason: str) -> None:
    assert reason in shop("deliver", *items, code=1).err
    assert shop.quantity("M01") == 10


def test_a_delivery_is_not_for_clerks(shop: Shop) -> None:
    assert "not for clerks" in shop("--clerk", "deliver", "M01=1", code=1).err


def test_a_day_is_closed(shop: Shop) -> None:
    shop("sell", "M01=2")
    look = shop.json("close", "--dry-run", "--opening", "50")
    assert (look["entry"], look["expected"], look["counted"]) == (None, "52.40", "52.40")
    closed = shop.json(
        "close", "--counted", "2*20 12.30", "--opening", "50", "--banked", "20", "--note", "ok"
    )
    assert closed["entry"] == 4
    assert {name: closed[name] for name in ("sales", "difference", "left", "note")} == {
        "sales": "2.40",
        "difference": "-0.10",
        "left": "32.30",
        "note": "ok",
    }
    assert closed["ways"][0]["sold"] == 1
    said = shop("--clerk", "close", "--counted", "32.30").out
    assert "Entry 5" in said
    assert re.search(r"Opening cash +\$32\.30", said)
    assert shop.json("changes")[-1]["action"] == "close"
    assert "day close" in shop("changes").out
    assert "--counted" in shop("close", code=1).err
    assert "counted: “x” is no number of coins" in shop("close", "--counted", "x", code=1).err
    assert shop("check").out.startswith("All is sound")


def test_what_became_of_a_product_is_listed(shop: Shop) -> None:
    shop("receive", "M01", "6", "--note", "van")
    shop("sell", "--customer", "Kim", "M01=2")
    shop("edit", "M01", "--price", "1.50")
    rows = shop.json("movements", "4001")
    assert [(row["what"], row["change"], row["balance"], row["price"]) for row in rows] == [
        ("add", 10, 10, "1.20"),
        ("receive", 6, 16, "1.20"),
        ("sale", -2, 14, "1.20"),
        ("edit", 0, 14, "1.50"),
    ]
    assert [row["listed"] for row in shop.json("movements", "M01", "--prices")] == ["1.20", "1.50"]
    assert re.search(r"sale +-2 +14 +\$1\.20 +\$0\.80 +Kim", shop("movements", "M01").out)
    assert "never was" in shop("movements", "X", code=1).err


def test_the_products_of_a_past_day_are_listed(shop: Shop) -> None:
    today = datetime.now().astimezone().date()
    shop("sell", "M01=2")
    assert shop.json("products", "--on", str(today)) == shop.json("products")
    assert shop.json("products", "--on", str(today - timedelta(days=1))) == []
    changes = shop.directory / "changes.txt"
    changes.write_text(changes.read_text().replace(str(today), str(today - timedelta(days=2))))
    before = shop.json("products", "--on", str(today - timedelta(days=1)), "--category", "dairy")
    assert [(row["id"], row["quantity"]) for row in before] == [("M01", 10)]
    assert "is no day" in shop("products", "--on", "yesterday", code=2).err
