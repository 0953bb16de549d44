"""The report broken down, and the reorder list, by commands alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.busy_shop import Files, busy_shop
from tracker_tui.cli import run
from tracker_tui.commands import figures
from tracker_tui.model import Product
from tracker_tui.model.figures import BY
from tracker_tui.model.reorder import ReorderRows
from tracker_tui.service import InventoryService


def answer(capsys: pytest.CaptureFixture[str], folder: Path, *argv: str, code: int = 0) -> str:
    capsys.readouterr()
    assert run(["-d", str(folder), *argv]) == code
    return capsys.readouterr().out


def answered(capsys: pytest.CaptureFixture[str], folder: Path, *argv: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(answer(capsys, folder, "report", *argv, "--json"))


@pytest.mark.parametrize("what", BY)
def test_each_breakdown_has_the_sums_of_the_files(
    shop_dir: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    busy_shop(shop_dir, 3, 100)
    truth = Files(shop_dir).sums(what)
    said = answered(capsys, shop_dir, "--by", what)
    told = sorted((row["sales"], row["units"], Decimal(row["total_sales"])) for row in said)
    assert told == sorted((len(one.sales), one.units, one.money) for one in truth.values())
    lines = answer(capsys, shop_dir, "report", "--by", what).splitlines()
    assert len(lines) == len(truth) + 1
    assert lines[0].split()[0] == what.upper()


@pytest.fixture
def now() -> datetime:
    """Return the time of now: the command line has no other clock."""
    return datetime.now().astimezone()


@pytest.fixture
def shop(shop_dir: Path, now: datetime) -> Iterator[InventoryService]:
    """Return a shop that sold something today, a week ago and 40 days ago."""
    times = [now - timedelta(days=50), now - timedelta(days=40), now - timedelta(days=7), now]
    clock = [times[0]]
    with InventoryService.open(shop_dir, "amal", clock=lambda: clock[0]) as shop:
        shop.add(Product("1", "Tea", Decimal("4.00"), 40, reorder_level=30))
        shop.add(Product("2", "Cup", Decimal("3.00"), 1, reorder_level=2))
        for at, pieces in zip(times[1:], (9, 10, 5), strict=True):
            clock[0] = at
            shop.sell([("1", pieces)], payment="card")
        yield shop


def test_a_usual_span_has_its_days(shop: InventoryService, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shop.directory
    assert answered(capsys, folder, "--period", "today")["units"] == 5
    assert answered(capsys, folder, "--period", "all")["units"] == 24
    assert [row["units"] for row in answered(capsys, folder, "--period", "today", "--by", "payment")] == [5]
    assert answered(capsys, folder, "--period", "all")["average_sale"] == "32.00"
    assert run(["-d", str(folder), "report", "--period", "today", "--since", "2026-01-01"]) == 2


def test_the_reorder_list_says_how_long_it_lasts(
    shop: InventoryService, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of 16 pieces 15 went in 30 days, so they last 32 more."""
    cup, tea = answered(capsys, shop.directory, "--reorder")
    assert tea == {
        "id": "1", "name": "Tea", "quantity": 16, "reorder_level": 30, "sold": 15, "days_left": 32, "to_order": 29
    }  # fmt: skip
    assert (cup["sold"], cup["days_left"], cup["to_order"]) == (0, None, 1)
    lines = answer(capsys, shop.directory, "report", "--reorder").splitlines()
    assert lines[2].split() == ["1", "Tea", "16", "30", "15", "32", "29"]


def test_an_empty_shop_says_so(shop_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nothing is low" in answer(capsys, shop_dir, "report", "--reorder")
    assert "No sales" in answer(capsys, shop_dir, "report", "--by", "day")


def test_who_has_no_name_is_called_something(
    shop: InventoryService, capsys: pytest.CaptureFixture[str]
) -> None:
    for what, name in figures.NAMES_OF_NONE.items():
        out = answer(capsys, shop.directory, "report", "--by", what)
        assert (name in out) == (what in ("customer", "category")), what


def test_rows_of_the_reorder_list_sort_and_are_found(shop: InventoryService) -> None:
    snapshot = shop.snapshot
    rows = ReorderRows(snapshot.goods.low_stock(snapshot.settings), snapshot.settings, {"1": 15})
    assert [row.product.id for row in rows] == ["2", "1"]
    by = {
        column: [row.product.id for row in rows.sorted_by(column, reverse=False)]
        for column in ("id", "name", "quantity", "level", "sold", "days", "order")
    }
    assert by == {
        "id": ["1", "2"], "name": ["2", "1"], "quantity": ["2", "1"], "level": ["2", "1"], "sold": ["2", "1"],
        "days": ["1", "2"], "order": ["2", "1"],
    }  # fmt: skip
    assert [rows.sorted_by("id", reverse=False).position(key) for key in ("1", "2", "3")] == [0, 1, None]
    assert rows[0:1][0].product.id == rows.key_at(0) == "2"
