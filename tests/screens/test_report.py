"""Report: the figures, the lists beside them, and where one goes from there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.conftest import OpenShop, product
from tests.screens.helpers import open_app, screen_text, shown_text, wait_until
from tracker_tui.app import TrackerApp
from tracker_tui.screens.products import ProductsScreen
from tracker_tui.screens.report import ReportScreen
from tracker_tui.service import InventoryService
from tracker_tui.widgets.record_table import RecordTable

ORIGINAL = Path(__file__).parent.parent / "data" / "original"


@pytest.fixture(autouse=True)
def begin_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the program on this screen: that halves the time of a test."""
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "report")


def report(pilot: Pilot[int]) -> ReportScreen:
    screen = pilot.app.screen
    assert isinstance(screen, ReportScreen)
    return screen


def figures(pilot: Pilot[int]) -> dict[str, str]:
    keys = ("total", "customers", "purchases", "returns", "units")
    return {key: shown_text(pilot, f"#card-{key}") for key in keys}


async def open_report(pilot: Pilot[int]) -> None:
    await wait_until(
        pilot, lambda: isinstance(pilot.app.screen, ReportScreen) and figures(pilot)["total"] != "…"
    )


async def test_original_files_give_the_original_figures(shop_dir: Path, open_shop: OpenShop) -> None:
    shutil.copytree(ORIGINAL, shop_dir)
    with open_shop() as original:
        async with open_app(original).run_test(size=(80, 24)) as pilot:
            await open_report(pilot)
            assert figures(pilot) == {
                "total": "$100.00",
                "customers": "1",
                "purchases": "1",
                "returns": "0",
                "units": "15",
            }
            assert list(report(pilot).names.rows) == ["Chips"]
            lowest = {(row.id, row.name, row.quantity) for row in report(pilot).lowest.rows}
            assert lowest == {("001", "Milk", 5), ("Chips", "Chips", 5)}
            text = screen_text(pilot)
            assert "Unique names: 1" in text
            assert "Lowest stock: 2 products at 5" in text


async def test_sales_by_others_and_returns_count_at_once(
    service: InventoryService, open_shop: OpenShop
) -> None:
    async with open_app(service).run_test() as pilot:
        await open_report(pilot)
        assert figures(pilot)["total"] == "$0.00"
        with open_shop("bo") as other:
            sale = other.sell([("001", 2), ("003", 1)], "Amal")
            other.sell([("002", 1)], "[/]")
            await wait_until(pilot, lambda: figures(pilot)["total"] == "$8.90")
            assert figures(pilot)["customers"] == "2"
            assert list(report(pilot).names.rows) == ["[/]", "Amal"]
            other.give_back(sale.sale, [("001", 1)])
            await wait_until(pilot, lambda: figures(pilot)["returns"] == "1")
        assert figures(pilot) == {
            "total": "$7.70",
            "customers": "2",
            "purchases": "2",
            "returns": "1",
            "units": "3",
        }


async def test_low_stock_is_listed_and_enter_goes_to_the_product(service: InventoryService) -> None:
    service.edit("002", reorder_level=6)
    service.edit("001", reorder_level=20)
    async with open_app(service).run_test() as pilot:
        await open_report(pilot)
        assert [row.id for row in report(pilot).low.rows] == ["002", "001"]
        assert "Low stock: 2 to reorder" in screen_text(pilot)
        await pilot.press("j", "enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ProductsScreen))
        assert pilot.app.screen.query_one("#products", RecordTable).cursor_key == "001"


async def test_tab_goes_through_the_lists(service: InventoryService) -> None:
    async with open_app(service).run_test() as pilot:
        await open_report(pilot)
        screen = report(pilot)
        assert screen.focused is screen.low
        await pilot.press("tab")
        assert screen.focused is screen.names
        await pilot.press("tab")
        assert screen.focused is screen.lowest
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ProductsScreen))


async def test_all_figures_are_copied_as_text(service: InventoryService) -> None:
    service.sell([("002", 1)], "Amal")
    async with open_app(service).run_test() as pilot:
        await open_report(pilot)
        await pilot.press("Y")
        await wait_until(pilot, lambda: pilot.app.clipboard)
        lines = pilot.app.clipboard.splitlines()
        assert lines[0] == "Total sales\t$2.50"
        assert lines[-2:] == ["Unique names\tAmal", "Lowest stock\tBread (002): 4"]


async def test_undone_sale_does_not_count(service: InventoryService) -> None:
    service.undo(service.sell([("002", 1)], "Amal").entry)
    async with open_app(service).run_test() as pilot:
        await open_report(pilot)
        assert figures(pilot)["total"] == "$0.00"
        assert figures(pilot)["customers"] == "0"


async def test_empty_shop_says_how_to_begin(open_shop: OpenShop) -> None:
    with open_shop() as empty:
        async with open_app(empty).run_test(size=(80, 24)) as pilot:
            await open_report(pilot)
            await wait_until(pilot, lambda: "No sales yet." in screen_text(pilot))
            assert "F4 makes one" in screen_text(pilot)
            assert "No products yet." in screen_text(pilot)
            await pilot.press("enter", "tab", "enter", "y", "Y")


async def test_figures_fit_at_every_size(service: InventoryService) -> None:
    service.import_products([product(str(i), f"\u65e5\u672c [{i}/]", "999999.99", 1) for i in range(10, 50)])
    service.sell([(str(i), 1) for i in range(10, 50)], "N" * 300)
    for size in ((80, 24), (120, 40)):
        async with open_app(service).run_test(size=size) as pilot:
            await open_report(pilot)
            text = screen_text(pilot)
            assert "$39,999,999.60" in text
            assert "Lowest stock: 40 products at 0" in text
            for label in ("Total sales", "Customers", "Sales", "Returns", "Units", "Unique names: 1"):
                assert label in text


async def test_each_tax_rate_has_its_tax_and_what_it_is_on(
    service: InventoryService, open_shop: OpenShop
) -> None:
    async with open_app(service).run_test(size=(80, 24)) as pilot:
        await open_report(pilot)
        assert not pilot.app.screen.query_one("#taxes").display
        (service.directory / "tracker.toml").write_text(
            "[tax]\nincluded = false\nrate = 20\ncategories = { bakery = 5 }\n", "utf-8"
        )
        with open_shop("zoe") as other:
            other.sell([("001", 1), ("002", 1)], sale="s1")
            other.sell([("003", 1)])
            other.give_back("s1", [("002", 1)])
        taxes = "20% tax: $1.04 on $5.20   5% tax: $0.00 on $0.00"
        await wait_until(pilot, lambda: taxes in screen_text(pilot))
        await pilot.press("Y")
        await wait_until(pilot, lambda: "Tax\t20% tax: $1.04 on $5.20" in pilot.app.clipboard)
