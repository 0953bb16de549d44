"""What the tests of the till share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from tests.screens.helpers import open_app, type_text, wait_until
from tracker_tui.app import TrackerApp
from tracker_tui.model.records import Purchase
from tracker_tui.screens.pay_dialog import PayDialog
from tracker_tui.screens.sell import SellScreen
from tracker_tui.service import InventoryService


@asynccontextmanager
async def till(
    service: InventoryService, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[TrackerApp, Pilot[int], SellScreen]]:
    """Run the app on its Sell screen."""
    app = open_app(service)
    async with app.run_test(size=size) as pilot:
        await wait_until(
            pilot, lambda: isinstance(app.screen, SellScreen) and app.screen.product.field.has_focus
        )
        screen = app.screen
        assert isinstance(screen, SellScreen)
        yield app, pilot, screen


def lines(app: TrackerApp) -> dict[str, int]:
    """Return what is in the basket."""
    return {line.product_id: line.quantity for line in app.basket.lines}


async def put_in(pilot: Pilot[int], *codes: str) -> None:
    """Type codes or words, each with Enter."""
    await type_text(pilot, "".join(f"{code}\n" for code in codes))


async def pay(app: TrackerApp, pilot: Pilot[int], *keys: str) -> None:
    """Press F9, what is to be pressed in the dialog, and F9 again."""
    await pilot.press("f9")
    await wait_until(pilot, lambda: isinstance(app.screen, PayDialog) and app.screen.hears)
    await pilot.press(*keys, "f9")


def sales(service: InventoryService) -> list[Purchase]:
    """Return all sales that are booked."""
    service.refresh()
    return [entry for entry in service.snapshot.entries if isinstance(entry, Purchase)]
