"""What became of a product, and the stock of a past day, on the screen."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from textual.pilot import Pilot

from tests.conftest import Clock, OpenShop
from tests.screens.helpers import open_app, shown_text, type_text, wait_until
from tracker_tui.app import TrackerApp
from tracker_tui.screens.history import HistoryScreen
from tracker_tui.screens.movements import Movements
from tracker_tui.screens.movements_day import PastStock
from tracker_tui.screens.products import ProductsScreen
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")


@pytest.fixture
def shop(service: InventoryService, clock: Clock) -> InventoryService:
    """Return a shop on whose second day, 3 March 2026, Milk was sold, and became dearer; Tea was removed."""
    clock.now += timedelta(days=1)
    service.sell([("001", 4)], "Kim")
    service.edit("001", price=Decimal("1.50"))
    service.remove("003")
    return service


async def opened(app: TrackerApp, pilot: Pilot[int]) -> Movements:
    await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen) and app.screen.table.row_count)
    await pilot.press("w")
    await wait_until(pilot, lambda: isinstance(app.screen, Movements) and app.screen.table.row_count)
    assert isinstance(app.screen, Movements)
    return app.screen


async def test_the_movements_are_shown_newest_first_and_lead_to_their_entries(
    shop: InventoryService, open_shop: OpenShop
) -> None:
    app = open_app(shop)
    async with app.run_test(size=(100, 30)) as pilot:
        dialog = await opened(app, pilot)
        assert [(row.what, row.balance) for row in dialog.table.rows] == [
            ("edit", 6),
            ("sale", 6),
            ("add", 10),
        ]
        assert shown_text(pilot, "#movements-then") == "Now: 6 in stock, price $1.50"
        await pilot.press("ctrl+o")
        assert [row.what for row in dialog.table.rows] == ["edit", "add"]
        await pilot.press("ctrl+o", "slash")
        await type_text(pilot, "2026-03-02")
        await wait_until(
            pilot,
            lambda: (
                shown_text(pilot, "#movements-then") == "At the end of 2026-03-02: 10 in stock, price $1.20"
            ),
        )
        dialog.day.value = "2026-03-01"
        await wait_until(pilot, lambda: "not there yet" in shown_text(pilot, "#movements-then"))
        with open_shop("beth") as beth:
            beth.sell([("001", 1)])
        await wait_until(pilot, lambda: dialog.table.row_count == 4)
        await pilot.press("escape", "home", "down", "down", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, HistoryScreen))
        assert isinstance(app.screen, HistoryScreen)
        assert app.screen.table.cursor_key == "4"


async def test_all_products_of_a_past_day_are_shown(shop: InventoryService) -> None:
    app = open_app(shop, clerk_mode=True)
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await opened(app, pilot)
        dialog.day.value = "2026-03-02"
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, PastStock) and app.screen.table.row_count)
        past = app.screen
        assert isinstance(past, PastStock)
        assert [(row.id, row.quantity) for row in past.table.rows] == [("001", 10), ("002", 5), ("003", 8)]
        assert shown_text(pilot, "#form-message") == "3 products at the end of 2026-03-02"
        past.field.value = "someday"
        await pilot.press("ctrl+s")
        assert past.table.row_count == 3
        past.field.value = "1.3.2026"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: past.table.row_count == 0)
        past.field.value = "3.3.2026"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: past.table.row_count == 2 and past.table.has_focus)
        await pilot.press("home", "down", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        assert isinstance(app.screen, ProductsScreen)
        assert app.screen.table.cursor_key == "002"
