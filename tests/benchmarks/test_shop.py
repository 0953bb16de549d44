"""The made-up shops of the benchmarks: what is timed on them must be a real shop."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from tests.benchmarks import shop
from tests.benchmarks.shop import Size, make_shop, product_id, product_name
from tracker_tui.cli import run
from tracker_tui.model import Change, Purchase
from tracker_tui.model.records import ChangeLine
from tracker_tui.model.state import replay
from tracker_tui.service import InventoryService

SMALL = Size(products=300, customers=40, lines=1500)
FILES = ("changes.txt", "customers.txt", "inventory.txt", "purchases.txt")
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small shop."""
    folder = tmp_path_factory.mktemp("made")
    make_shop(folder, SMALL)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """Return a copy of the small shop."""
    return Path(shutil.copytree(made, tmp_path / "shop"))


@pytest.fixture
def opened(folder: Path) -> Iterator[InventoryService]:
    """Return the small shop, open."""
    with InventoryService.open(folder, "amal") as service:
        yield service


def rows(folder: Path, name: str) -> Rows:
    lines = (folder / name).read_text("utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def test_check_finds_nothing_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-d", str(folder), "check"]) == 0
    assert "300 products, 40 customers" in capsys.readouterr().out


def test_inventory_is_the_replay_of_the_logs(opened: InventoryService, folder: Path) -> None:
    entries = opened.snapshot.entries
    assert replay(entries) == dict(opened.snapshot.products)
    assert [entry.entry for entry in entries] == list(range(1, len(entries) + 1))
    told = {row["id"]: int(row["quantity"]) for row in rows(folder, "inventory.txt")}
    assert {product.id: product.quantity for product in opened.snapshot.products.values()} == told
    first = (folder / "inventory.txt").read_text("utf-8").split("\n", 1)[0]
    assert first == f"# tracker inventory 1, as of entry {len(entries)}"


def test_stock_never_falls_below_nothing(opened: InventoryService) -> None:
    stock: dict[str, int] = {}
    for entry in opened.snapshot.entries:
        for line in entry.lines:
            change = line.quantity_change if isinstance(line, ChangeLine) else -line.quantity
            stock[line.product_id] = stock.get(line.product_id, 0) + change
            assert stock[line.product_id] >= 0, entry


def test_saving_the_shop_changes_no_byte(folder: Path) -> None:
    before = {name: (folder / name).read_bytes() for name in FILES}
    with InventoryService.open(folder, "amal") as service:
        assert not service.unsaved
        entry = service.receive(product_id(0), 1)
        service.undo(entry)
    inventory = (folder / "inventory.txt").read_bytes().split(b"\n", 1)[1]
    assert inventory == before["inventory.txt"].split(b"\n", 1)[1], "each row is as the program writes it"
    assert all(
        (folder / name).read_bytes().startswith(before[name]) for name in ("changes.txt", "purchases.txt")
    )


def test_shop_is_like_a_shop(made: Path) -> None:
    products, sold = rows(made, "inventory.txt"), rows(made, "purchases.txt")
    assert [product["name"] for product in products] == [product_name(place) for place in range(300)]
    assert len(sold) == SMALL.lines
    assert 2.2 < len(sold) / len({line["sale"] for line in sold}) < 2.8
    for column in ("barcodes", "cost"):
        assert 0.4 < sum(bool(product[column]) for product in products) / len(products) < 0.6
    assert any("é" in product["name"] for product in products)
    assert any("," in product["name"] for product in products)
    times = [line["time"] for line in sold]
    assert times == sorted(times)
    assert (times[0][:10], times[-1][:7]) == ("2023-07-01", "2026-06")


def test_what_comes_back_was_sold_before_and_only_once(opened: InventoryService) -> None:
    sales = {e.sale: e for e in opened.snapshot.entries if isinstance(e, Purchase)}
    back = [purchase for purchase in sales.values() if purchase.returns]
    assert len(back) == pytest.approx(len(sales) / 50, abs=2)
    assert len({purchase.returns for purchase in back}) == len(back)
    for purchase in back:
        sale, line = sales[purchase.returns], purchase.lines[0]
        assert sale.entry < purchase.entry
        assert (
            line._replace(quantity=-line.quantity, discount=-line.discount, total=-line.total) in sale.lines
        )
        assert (purchase.customer_id, purchase.customer) == (sale.customer_id, sale.customer)


def test_totals_are_those_of_the_lines(opened: InventoryService, made: Path) -> None:
    sold = rows(made, "purchases.txt")
    report = opened.report()
    assert report.total_sales == sum(Decimal(line["total"]) for line in sold)
    assert report.units == sum(int(line["quantity"]) for line in sold)
    assert sum(isinstance(entry, Change) for entry in opened.snapshot.entries) > 10


def test_same_seed_gives_the_same_bytes_and_another_seed_others(made: Path, tmp_path: Path) -> None:
    for name, seed in (("same", 1), ("other", 2)):
        (tmp_path / name).mkdir()
        make_shop(tmp_path / name, SMALL, seed)
    for file in FILES:
        assert (tmp_path / "same" / file).read_bytes() == (made / file).read_bytes()
    assert (tmp_path / "other" / "purchases.txt").read_bytes() != (made / "purchases.txt").read_bytes()


def test_names_stay_different_in_the_largest_shop() -> None:
    names = [product_name(place) for place in range(100_000)]
    assert len(set(names)) == len(names)
    assert all(one != other for one, other in pairwise(product_id(place) for place in range(10)))


@pytest.mark.parametrize("size", [Size(1, 0, 0), Size(1, 1, 1), Size(2, 0, 120)])
def test_smallest_shops_are_sound(size: Size, tmp_path: Path) -> None:
    make_shop(tmp_path, size)
    assert run(["-d", str(tmp_path), "check"]) == 0


def test_shop_is_made_once_and_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shop, "gettempdir", lambda: str(tmp_path))
    first = shop.shop(Size(3, 1, 4))
    written = (first / "purchases.txt").stat().st_mtime_ns
    assert shop.shop(Size(3, 1, 4)) == first
    assert (first / "purchases.txt").stat().st_mtime_ns == written
    assert shop.shop(Size(3, 1, 5)) != first
    assert sorted(path.name for path in first.parent.iterdir()) == sorted(
        path.name for path in (first, shop.shop(Size(3, 1, 5)))
    )
