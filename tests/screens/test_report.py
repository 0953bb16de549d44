"""Report: the figures, the views and pictures, and the ways in and back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from textual._compositor import Compositor
from textual.pilot import Pilot

from tests.conftest import Clock, OpenShop, keep_past_in_logs, product
from tests.screens.helpers import open_app, screen_text, toasts, type_by_hand, wait_until
from tests.waiting import Gate
from tracker_tui.app import TrackerApp
from tracker_tui.errors import StorageError
from tracker_tui.model import queries
from tracker_tui.model.lazy import Counted
from tracker_tui.model.queries import Report
from tracker_tui.model.sale_rows import SaleRow
from tracker_tui.model.state import Snapshot
from tracker_tui.model.sums import Sum
from tracker_tui.screens import report_figures
from tracker_tui.screens.customers import CustomersScreen
from tracker_tui.screens.entry_dialog import EntryDialog
from tracker_tui.screens.period_dialog import PeriodDialog
from tracker_tui.screens.products import ProductsScreen
from tracker_tui.screens.report import ReportScreen
from tracker_tui.screens.report_places import VIEWS
from tracker_tui.service import InventoryService
from tracker_tui.storage import sold_lines
from tracker_tui.widgets.calendar import Calendar
from tracker_tui.widgets.record_table import RecordTable

ORIGINAL = Path(__file__).parent.parent / "data" / "original"
TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def begin_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the program on this screen, on the day of the shop's clock."""
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "report")
    for module in ("report", "report_figures"):
        monkeypatch.setattr(f"tracker_tui.screens.{module}.today", lambda: TODAY)


@pytest.fixture
def selling(service: InventoryService, clock: Clock) -> InventoryService:
    """Return a shop that sold 40 days ago, last week, yesterday and today, and took one piece back."""
    now = clock.now
    for days, items, customer in (
        (40, [("001", 2)], "Kim"),
        (8, [("002", 1), ("003", 1)], "Amal"),
        (1, [("003", 2)], None),
        (0, [("001", 1)], "Kim"),
    ):
        clock.now = now - timedelta(days=days)
        service.sell(items, customer, sale=f"s{days}", payment="card" if days else "cash")
    service.give_back("s1", [("003", 1)])
    return service


def report(pilot: Pilot[int]) -> ReportScreen:
    screen = pilot.app.screen
    assert isinstance(screen, ReportScreen)
    return screen


def figures(pilot: Pilot[int]) -> dict[str, str]:
    return {card.key: card.figure for row in report(pilot).cards.rows for card in row}


def notes(pilot: Pilot[int]) -> dict[str, str]:
    return {card.key: card.note for row in report(pilot).cards.rows for card in row}


async def open_report(pilot: Pilot[int]) -> None:
    """Wait until all cards are there."""
    await wait_until(
        pilot,
        lambda: (
            isinstance(pilot.app.screen, ReportScreen)
            and figures(pilot)
            and "…" not in figures(pilot).values()
        ),
    )


async def view(pilot: Pilot[int], key: str) -> None:
    """Go to a view, and wait until its rows are there."""
    while report(pilot).views.here != key:
        await pilot.press("v")
    await wait_until(pilot, lambda: "Reading" not in screen_text(pilot) and report(pilot).table.row_count)


def sums(pilot: Pilot[int]) -> dict[str, str]:
    """Return the money of the rows of sums, by what stands in their first column."""
    rows = report(pilot).table.rows
    assert all(isinstance(row, Sum) for row in rows)
    return {row.name: str(row.money) for row in rows}


async def test_original_files_give_the_original_figures(shop_dir: Path, open_shop: OpenShop) -> None:
    shutil.copytree(ORIGINAL, shop_dir)
    with open_shop() as original:
        async with open_app(original).run_test(size=(80, 24)) as pilot:
            await open_report(pilot)
            shown = figures(pilot)
            assert {
                key: shown[key] for key in ("total", "customers", "names", "purchases", "returns", "units")
            } == {
                "total": "$100.00",
                "customers": "1",
                "names": "1",
                "purchases": "1",
                "returns": "0",
                "units": "15",
            }
            assert (shown["lowest"], notes(pilot)["lowest"]) == ("5", "2 products")
            report(pilot).cards.focus()
            report(pilot).cards.cursor = "lowest"
            await pilot.press("enter")
            await wait_until(pilot, lambda: report(pilot).place.kind == "lowest")
            lowest = {(row.id, row.name, row.quantity) for row in report(pilot).table.rows}
            assert lowest == {("001", "Milk", 5), ("Chips", "Chips", 5)}


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
            assert (figures(pilot)["customers"], figures(pilot)["names"]) == ("2", "2")
            other.give_back(sale.sale, [("001", 1)])
            await wait_until(pilot, lambda: figures(pilot)["returns"] == "1")
        assert (figures(pilot)["total"], figures(pilot)["units"]) == ("$7.70", "3")
        await view(pilot, "product")
        await wait_until(pilot, lambda: sums(pilot) == {"Milk": "1.20", "Bread": "2.50", "Tea": "4.00"})
        with open_shop("bo") as other:
            other.sell([("002", 1)])
            await wait_until(pilot, lambda: sums(pilot)["Bread"] == "5.00")
        assert report(pilot).table.rows[0].name == "Bread", "what brought most comes first"


async def test_cards_compare_with_as_many_days_before(selling: InventoryService) -> None:
    """Today 1.20 was sold and 4.00 went back, yesterday 8.00 was sold."""
    async with open_app(selling).run_test(size=(120, 40)) as pilot:
        await open_report(pilot)
        assert notes(pilot)["total"] == "", "before all days there are none"
        await pilot.press("p")
        await wait_until(pilot, lambda: figures(pilot)["total"] == "-$2.80")
        assert report(pilot).periods.here == "today"
        shown = notes(pilot)
        assert [shown[key] for key in ("total", "purchases", "units", "customers", "average")] == [
            "▼ 135%", "=", "▼ 100%", "▲ new", "▼ 135%",
        ]  # fmt: skip
        await pilot.press("P")
        await wait_until(pilot, lambda: figures(pilot)["total"] == "$14.10")
        assert report(pilot).periods.here == "all"
        await pilot.press("P")
        await wait_until(pilot, lambda: notes(pilot)["total"] == "▲ new")
        assert (report(pilot).periods.here, figures(pilot)["total"]) == ("year", "$14.10")


async def test_views_have_their_sums(selling: InventoryService) -> None:
    async with open_app(selling).run_test(size=(80, 24)) as pilot:
        await open_report(pilot)
        assert report(pilot).views.here == "day"
        assert sum(row.money for row in report(pilot).table.rows) == selling.report().total_sales
        await view(pilot, "product")
        assert sums(pilot) == {"Milk": "3.60", "Bread": "2.50", "Tea": "8.00"}
        await view(pilot, "category")
        assert sums(pilot) == {"dairy": "3.60", "fresh": "6.10", "bakery": "2.50", "drinks": "8.00"}
        await view(pilot, "customer")
        assert sums(pilot) == {"Kim": "3.60", "Amal": "6.50", "": "4.00"}
        assert "(walk-ins)" in screen_text(pilot)
        await view(pilot, "payment")
        assert sums(pilot)["card"] == "12.90"
        await view(pilot, "clerk")
        assert sums(pilot) == {"amal": "14.10"}
        await view(pilot, "hour")
        assert sums(pilot) == {"09:00": "14.10"}
        assert "Mon" in screen_text(pilot)
        await pilot.press("t")
        await wait_until(pilot, lambda: report(pilot).place.what == "weekday")
        await wait_until(pilot, lambda: {row.key for row in report(pilot).table.rows} == {"1", "3", "7"})


async def test_enter_goes_to_the_rows_behind_and_escape_back(selling: InventoryService) -> None:
    async with open_app(selling).run_test(size=(80, 24)) as pilot:
        await open_report(pilot)
        await view(pilot, "product")
        report(pilot).table.go_to("003")
        await pilot.press("enter")
        await wait_until(pilot, lambda: report(pilot).table.row_count == 3)
        assert "Product > Tea:  2 units, $8.00" in screen_text(pilot)
        rows = report(pilot).table.rows
        assert all(isinstance(row, SaleRow) for row in rows)
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, EntryDialog))
        assert f"Entry {rows[0].entry}: return" in screen_text(pilot)
        await pilot.press("escape", "escape")
        await wait_until(pilot, lambda: sums(pilot).get("Tea") == "8.00")
        assert report(pilot).table.cursor_key == "003", "back is where one came from"
        assert "Product >" not in screen_text(pilot)


BEHIND_CARDS = {
    "total": ("sales", 5),
    "purchases": ("sales", 4),
    "average": ("sales", 4),
    "returns": ("sales", 1),
    "units": ("by", 3),
    "margin": ("by", 3),
    "customers": ("by", 3),
    "names": ("names", 2),
    "cost": ("stock", 3),
    "price": ("stock", 3),
    "lowest": ("lowest", 1),
    "low": ("reorder", 1),
}
"""What kind of place is behind each card, and how many rows stand there."""


async def test_each_card_leads_to_what_is_behind(selling: InventoryService) -> None:
    selling.edit("002", reorder_level=6)
    async with open_app(selling).run_test(size=(80, 24)) as pilot:
        await open_report(pilot)
        screen = report(pilot)
        assert figures(pilot).keys() == BEHIND_CARDS.keys()
        for card, (kind, rows) in BEHIND_CARDS.items():
            screen.cards.focus()
            screen.cards.cursor = card
            await pilot.press("enter")
            behind = (kind, rows)
            await wait_until(pilot, lambda: (screen.place.kind, screen.table.row_count) == behind)  # noqa: B023
            await pilot.press("escape")
            await wait_until(pilot, lambda: screen.place == VIEWS["day"] and screen.table.row_count == 41)


async def test_a_day_leads_to_its_sales_alone(selling: InventoryService) -> None:
    """Its lines are read by themselves where those of all days are not wanted."""
    async with open_app(selling).run_test(size=(80, 24)) as pilot:
        await open_report(pilot)
        assert report(pilot).unit == "day"
        await pilot.press("enter")
        await wait_until(pilot, lambda: report(pilot).place.key == "2026-03-02")
        await wait_until(pilot, lambda: report(pilot).table.row_count == 2)
        await pilot.press("escape", "t", "enter")
        await wait_until(pilot, lambda: report(pilot).place.what == "week")
        await pilot.press("escape", "t")
        await wait_until(pilot, lambda: [row.key for row in report(pilot).table.rows][-1] == "2026-03")
        await pilot.press("enter")
        await wait_until(pilot, lambda: report(pilot).table.row_count == 3)


async def test_filter_narrows_each_table(selling: InventoryService) -> None:
    async with open_app(selling).run_test(size=(80, 24)) as pilot:
        await open_report(pilot)
        wanted = {"day": ("2026-03-02", 1), "product": ("mil", 1), "stock": ("tea", 1), "customer": ("zz", 0)}
        for key, (words, rows) in wanted.items():
            await view(pilot, key)
            whole = report(pilot).table.row_count
            await pilot.press("slash")
            await type_by_hand(pilot, words)
            await wait_until(pilot, lambda rows=rows: report(pilot).table.row_count == rows)  # type: ignore[misc]
            await pilot.press("escape")
            await wait_until(pilot, lambda whole=whole: report(pilot).table.row_count == whole)  # type: ignore[misc]
            await pilot.press("escape")
        report(pilot).cards.focus()
        report(pilot).cards.cursor = "total"
        await pilot.press("enter", "slash")
        await wait_until(pilot, lambda: report(pilot).table.row_count == 5)
        await type_by_hand(pilot, "kim cash")
        await wait_until(pilot, lambda: report(pilot).table.row_count == 1)


async def test_own_days_are_typed_or_chosen(selling: InventoryService) -> None:
    async with open_app(selling).run_test(size=(80, 24)) as pilot:
        await open_report(pilot)
        await pilot.press("o")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, PeriodDialog))
        await type_by_hand(pilot, "22.2.")
        await pilot.press("enter")
        await type_by_hand(pilot, "soon")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "! type a day, such as 2026-03-31" in screen_text(pilot))
        await pilot.press("ctrl+d", "left", "enter")
        calendar = pilot.app.screen.query_one(Calendar)
        await wait_until(pilot, lambda: calendar.span == (date(2026, 2, 22), date(2026, 3, 1)))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ReportScreen))
        await wait_until(pilot, lambda: figures(pilot)["total"] == "$14.50")
        assert "2026-02-22…03-01" in screen_text(pilot)
        assert report(pilot).periods.here == "own"
        await pilot.press("o")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, PeriodDialog))
        await type_by_hand(pilot, "2026-05-01")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "! before the first day" in screen_text(pilot))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ReportScreen))
        assert report(pilot).period.since == date(2026, 2, 22)


async def test_everything_works_with_the_mouse(selling: InventoryService) -> None:
    async with open_app(selling).run_test(size=(120, 40)) as pilot:
        await open_report(pilot)
        screen = report(pilot)
        x = next(x for x, key, _ in screen.views._places() if key == "product")
        await pilot.click("#views", offset=(x + 2, 0))
        await wait_until(pilot, lambda: sums(pilot).get("Tea") == "8.00")
        x = next(x for x, key, _ in screen.periods._places() if key == "today")
        await pilot.click("#periods", offset=(x + 2, 0))
        await wait_until(pilot, lambda: sums(pilot).keys() == {"Milk", "Tea"})
        await pilot.click("#cards", offset=(3, 1))
        await wait_until(pilot, lambda: screen.place.what == "all" and screen.table.row_count == 2)
        x = next(x for x, key, _ in screen.views._places() if key == "day")
        await pilot.click("#views", offset=(x + 2, 0))
        await wait_until(pilot, lambda: screen.chart.display and len(screen.chart.bars) == 1)
        await pilot.click("BarChart", offset=(screen.chart._layout()[2] + 1, 3))
        await wait_until(pilot, lambda: screen.place.key == "2026-03-02")


async def test_a_bar_that_is_clicked_gets_the_cursor(selling: InventoryService) -> None:
    async with open_app(selling).run_test(size=(80, 24)) as pilot:
        await open_report(pilot)
        screen = report(pilot)
        assert len(screen.chart.bars) == 41
        assert screen.chart.cursor == screen.table.cursor_key == "2026-03-02"
        _, _, left, each, _ = screen.chart._layout()
        await pilot.click("BarChart", offset=(left + 32 * each, 2))
        await wait_until(pilot, lambda: screen.table.cursor_key == "2026-02-22")
        assert screen.chart.cursor == "2026-02-22"


async def test_reorder_says_how_long_the_stock_lasts(selling: InventoryService) -> None:
    selling.edit("001", reorder_level=20)
    async with open_app(selling).run_test(size=(80, 24)) as pilot:
        await open_report(pilot)
        await view(pilot, "reorder")
        await wait_until(pilot, lambda: "…" not in screen_text(pilot).splitlines()[-4])
        (row,) = report(pilot).table.rows
        assert (row.product.id, row.product.quantity, row.sold, row.days_left, row.to_order) == (
            "001",
            7,
            1,
            210,
            14,
        )
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ProductsScreen))
        assert pilot.app.screen.query_one("#products", RecordTable).cursor_key == "001"


async def test_a_name_leads_to_the_customer(selling: InventoryService) -> None:
    async with open_app(selling).run_test(size=(80, 24)) as pilot:
        await open_report(pilot)
        report(pilot).cards.focus()
        report(pilot).cards.cursor = "names"
        await pilot.press("enter")
        await wait_until(pilot, lambda: list(report(pilot).table.rows) == ["Amal", "Kim"])
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, CustomersScreen))


async def test_names_that_cannot_be_read_any_more_are_told_so(selling: InventoryService) -> None:
    def fail() -> list[str]:
        raise StorageError("history: was changed by another program just now")

    async with open_app(selling).run_test(size=(80, 24)) as pilot:
        await open_report(pilot)
        screen = report(pilot)
        assert screen.head is not None
        unread = screen.head.report._replace(customer_names=Counted(2, fail))
        screen.head = replace(screen.head, report=unread)
        await pilot.press("Y")
        await wait_until(pilot, lambda: "changed by another program" in "".join(toasts(pilot)))
        assert not pilot.app.clipboard
        pilot.app.clear_notifications()
        screen.cards.focus()
        screen.cards.cursor = "names"
        await pilot.press("enter")
        await wait_until(pilot, lambda: "changed by another program" in screen_text(pilot))
        assert list(screen.table.rows) == []


async def test_all_figures_are_copied_as_text(service: InventoryService) -> None:
    service.sell([("002", 1)], "Amal")
    async with open_app(service).run_test() as pilot:
        await open_report(pilot)
        await pilot.press("Y")
        await wait_until(pilot, lambda: pilot.app.clipboard)
        lines = pilot.app.clipboard.splitlines()
        assert lines[0] == "Total sales\t$2.50"
        assert lines[-3:] == ["Names\tAmal", "Lowest\tBread (002): 4", "Days\tall days"]
        report(pilot).cards.focus()
        await pilot.press("right", "y")
        await wait_until(pilot, lambda: pilot.app.clipboard == "Sales\t1")


async def test_undone_sale_does_not_count(service: InventoryService) -> None:
    service.undo(service.sell([("002", 1)], "Amal").entry)
    async with open_app(service).run_test() as pilot:
        await open_report(pilot)
        assert (figures(pilot)["total"], figures(pilot)["customers"]) == ("$0.00", "0")


async def test_empty_shop_says_how_to_begin(open_shop: OpenShop) -> None:
    with open_shop() as empty:
        async with open_app(empty).run_test(size=(80, 24)) as pilot:
            await open_report(pilot)
            await wait_until(pilot, lambda: "No sales in these days." in screen_text(pilot))
            assert "F4 makes one" in screen_text(pilot)
            for key in VIEWS:
                while report(pilot).views.here != key:
                    await pilot.press("v")
                await wait_until(pilot, lambda: "Reading" not in screen_text(pilot))
                await pilot.press("enter", "t", "y", "Y", "escape")
            assert "No products yet." in screen_text(pilot)
            report(pilot).cards.focus()
            await pilot.press("enter", "escape")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_figures_fit_at_every_size(service: InventoryService, size: tuple[int, int]) -> None:
    service.import_products([product(str(i), f"\u65e5\u672c [{i}/]", "999999.99", 1) for i in range(10, 50)])
    service.sell([(str(i), 1) for i in range(10, 50)], "N" * 300)
    async with open_app(service).run_test(size=size) as pilot:
        await open_report(pilot)
        text = screen_text(pilot)
        assert "$39,999,999.60" in text
        assert "40 pr" in text
        for label in ("Total sales", "Customers", "Sales", "Returns", "Units", "Unique", "Lowest"):
            assert label in text
        await view(pilot, "product")
        assert "[10/]" in screen_text(pilot)
        await view(pilot, "customer")
        assert "NNN" in screen_text(pilot)


async def test_each_tax_rate_has_its_tax_and_what_it_is_on(
    service: InventoryService, open_shop: OpenShop
) -> None:
    async with open_app(service).run_test(size=(120, 40)) as pilot:
        await open_report(pilot)
        assert "tax" not in figures(pilot)
        (service.directory / "tracker.toml").write_text(
            "[tax]\nincluded = false\nrate = 20\ncategories = { bakery = 5 }\n", "utf-8"
        )
        with open_shop("zoe") as other:
            other.sell([("001", 1), ("002", 1)], sale="s1")
            other.sell([("003", 1)])
            other.give_back("s1", [("002", 1)])
        await wait_until(pilot, lambda: figures(pilot).get("tax") == "$1.04")
        await view(pilot, "tax")
        rates = [
            (str(row.rate), str(row.net), str(row.tax), str(row.gross)) for row in report(pilot).table.rows
        ]
        assert rates == [("20", "5.20", "1.04", "6.24"), ("5", "0.00", "0.00", "0.00")]
        await pilot.press("home", "enter")
        await wait_until(pilot, lambda: "20% tax" in screen_text(pilot))
        await wait_until(
            pilot, lambda: [str(row.money) for row in report(pilot).table.rows] == ["4.80", "1.44"]
        )
        await pilot.press("escape")
        await wait_until(pilot, lambda: report(pilot).table.row is not None)
        await view(pilot, "product")
        assert sums(pilot)[""] == "1.04"
        assert "(tax on top)" in screen_text(pilot)


async def test_the_lines_of_very_many_sales_are_read_only_when_wanted(
    selling: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_figures, "AT_ONCE", 3)
    asked: list[object] = []
    real = InventoryService.sale_columns

    def sale_columns(self: InventoryService, *span: object) -> object:
        asked.append(span[:2])
        return real(self, *span)  # type: ignore[arg-type]

    monkeypatch.setattr(InventoryService, "sale_columns", sale_columns)
    async with open_app(selling).run_test(size=(120, 40)) as pilot:
        await wait_until(pilot, lambda: figures(pilot).get("cost", "…") != "…")
        assert (figures(pilot)["margin"], notes(pilot)["margin"]) == ("…", "Enter counts")
        await pilot.press("enter")
        await wait_until(pilot, lambda: report(pilot).table.row_count == 2)
        assert asked == [(TODAY, TODAY)], "only those of the day that was gone into"
        report(pilot).cards.focus()
        report(pilot).cards.cursor = "margin"
        await pilot.press("enter")
        await wait_until(pilot, lambda: figures(pilot)["margin"] == "–")
        assert asked[1:] == [(None, None)]


async def test_it_says_what_is_counted_and_what_went_wrong(
    selling: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sale_columns(_self: InventoryService, *span: object) -> None:
        told = span[2]
        assert callable(told)
        told(45, 100)
        raise StorageError("the disk is gone")

    monkeypatch.setattr(InventoryService, "sale_columns", sale_columns)
    async with open_app(selling).run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "! the disk is gone" in screen_text(pilot))
        await pilot.press("v")
        await wait_until(pilot, lambda: "! the disk is gone" in screen_text(pilot))
        assert figures(pilot)["total"] == "$14.10", "the headline figures need no lines"


async def test_a_large_shop_is_counted_beside_the_screen(
    selling: InventoryService, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_past_in_logs(monkeypatch)
    monkeypatch.setattr(sold_lines, "LARGE_BYTES", 0)
    with open_shop("bo") as other:
        async with open_app(other).run_test(size=(80, 24)) as pilot:
            await open_report(pilot)
            await view(pilot, "product")
            assert sums(pilot) == {"Milk": "3.60", "Bread": "2.50", "Tea": "8.00"}
    assert (selling.directory / ".tracker" / "lines").exists()


@pytest.mark.usefixtures("painted")
async def test_the_first_frame_has_the_figures(
    selling: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "products")
    monkeypatch.setattr(report_figures, "_LONGEST_HOLD_S", 60.0)
    go_on = _let_figures_wait(monkeypatch)
    drawn: list[bool] = []
    real = Compositor.render_update

    def noting(compositor: Compositor, **options: object) -> object:
        if isinstance(app.screen, ReportScreen):
            drawn.append(bool(app.screen.cards.rows and app.screen.table.row_count))
        return real(compositor, **options)  # type: ignore[arg-type]

    app = open_app(selling)
    async with app.run_test(size=(80, 24)) as pilot:
        try:
            monkeypatch.setattr(Compositor, "render_update", noting)
            await pilot.press("f7")
            await wait_until(pilot, lambda: isinstance(app.screen, ReportScreen) and report(pilot).cards.size)
            await pilot.pause()
            assert not drawn
        finally:
            go_on.set()
        await wait_until(pilot, lambda: drawn)
        assert all(drawn)


def _let_figures_wait(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Let no figures be there before an event."""
    go_on = Gate()
    real = queries.report

    def slow(shop: Snapshot, since: date | None = None, until: date | None = None) -> Report:
        assert go_on.wait()
        return real(shop, since, until)

    monkeypatch.setattr(report_figures, "report", slow)
    return go_on


async def test_the_screen_comes_before_figures_that_take_long(
    selling: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "products")
    monkeypatch.setattr(report_figures, "_LONGEST_HOLD_S", 0.001)
    go_on = _let_figures_wait(monkeypatch)
    app = open_app(selling)
    async with app.run_test(size=(80, 24)) as pilot:
        try:
            await pilot.press("f7")
            await wait_until(pilot, lambda: "Report" in screen_text(pilot) and not app._batch_count)
            assert not report(pilot).cards.rows
            await pilot.press("f2")
            await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        finally:
            go_on.set()
        await pilot.press("f7")
        await open_report(pilot)
        assert not app._batch_count
