"""The stock at the till: what another session sold meanwhile, and selling below zero with a reason."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from tests.conftest import OpenShop
from tests.screens.helpers import open_app, screen_text, shown_text, toasts, type_by_hand, wait_until
from tests.screens.scanner import scan
from tests.screens.till import lines, pay, put_in, sales, till
from tracker_tui.app import TrackerApp
from tracker_tui.screens.pay_dialog import PayDialog
from tracker_tui.screens.reason_dialog import ReasonDialog
from tracker_tui.screens.sell import SellScreen
from tracker_tui.service import InventoryService


@pytest.fixture(autouse=True)
def begin_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the program on Sell: that halves the time of a test."""
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "sell")


@pytest.fixture
def lenient(service: InventoryService) -> InventoryService:
    """Return the shop of `service`, whose owner may sell below zero."""
    (service.directory / "tracker.toml").write_text("below_zero = true\n")
    service.refresh()
    return service


@asynccontextmanager
async def asked_why(
    service: InventoryService,
) -> AsyncIterator[tuple[TrackerApp, Pilot[int], SellScreen, ReasonDialog]]:
    """Run the app with 7 Bread of 5 in the basket, and the question for a reason open."""
    async with till(service) as (app, pilot, screen):
        await put_in(pilot, "7*002")
        await wait_until(pilot, lambda: lines(app) == {"002": 7})
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, ReasonDialog))
        dialog = app.screen
        assert isinstance(dialog, ReasonDialog)
        yield app, pilot, screen, dialog


async def test_the_last_one_sold_elsewhere_is_said_on_its_line_and_nothing_is_booked(
    service: InventoryService, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other session sells between the look at the files and the commit."""
    monkeypatch.setattr("tracker_tui.work.following.LOOK_EVERY_S", 3600)
    async with till(service) as (app, pilot, screen):
        await put_in(pilot, "3*001", "5*002", "003")
        await wait_until(pilot, lambda: len(lines(app)) == 3)
        with open_shop("bo") as other:
            other.sell([("002", 5)])
        await pay(app, pilot)
        await wait_until(pilot, lambda: "none is left. Nothing was booked" in screen_text(pilot))
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
        line = next(line for line in screen_text(pilot).splitlines() if " Bread " in line)
        assert line.rstrip().endswith("none left")
        assert screen.table.cursor_key == "002"
        assert screen.table.has_focus
        assert [sale.clerk for sale in sales(service)] == ["bo"]
        await pilot.press("d")
        await wait_until(pilot, lambda: lines(app) == {"001": 3, "003": 1})
        await pay(app, pilot)
        await wait_until(pilot, lambda: not app.basket.lines)
    assert [(sale.clerk, sale.units) for sale in sales(service)] == [("bo", 5), ("amal", 4)]


async def test_without_the_setting_nobody_is_asked(service: InventoryService) -> None:
    async with till(service) as (app, pilot, screen):
        await put_in(pilot, "7*002")
        await wait_until(pilot, lambda: "Bread: 7 in the basket, only 5" in screen_text(pilot))
        await pilot.press("f9")
        await wait_until(pilot, lambda: any("Change the quantity" in said for said in toasts(pilot)))
        assert app.screen is screen
    assert sales(service) == []


async def test_the_owner_sells_below_zero_with_a_reason_which_is_logged(lenient: InventoryService) -> None:
    async with asked_why(lenient) as (app, pilot, screen, dialog):
        assert "Bread: 7 in the basket, only 5" in screen_text(pilot)
        await pilot.press("enter", "space", "enter", "f9", "ctrl+s")
        await wait_until(pilot, lambda: "! must not be empty" in screen_text(pilot))
        assert app.screen is dialog
        await type_by_hand(pilot, "two came [/] with no note")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: isinstance(app.screen, PayDialog) and app.screen.hears)
        assert "Bread: only 5. Sold below zero: two came [/] with no note" in screen_text(pilot)
        await pilot.press("f9")
        await wait_until(pilot, lambda: app.screen is screen and not app.basket.lines)
        assert app.snapshot.products["002"].quantity == -2
        await put_in(pilot, "002")
        await wait_until(pilot, lambda: "none left" in screen_text(pilot))
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, ReasonDialog))
    assert [sale.note for sale in sales(lenient)] == ["sold below zero: two came [/] with no note"]


async def test_escape_gives_no_reason_and_books_nothing(lenient: InventoryService) -> None:
    async with asked_why(lenient) as (app, pilot, screen, _):
        await type_by_hand(pilot, "why")
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, ReasonDialog))
    assert sales(lenient) == []


async def test_by_mouse_and_what_is_scanned_meanwhile_is_asked_about_too(lenient: InventoryService) -> None:
    async with asked_why(lenient) as (app, pilot, _, dialog):
        scan(pilot, "9*003")
        await wait_until(pilot, lambda: lines(app) == {"002": 7, "003": 9})
        await type_by_hand(pilot, "the books are wrong")
        await pilot.click(".dialog-buttons > .-primary")
        await wait_until(pilot, lambda: isinstance(app.screen, ReasonDialog) and app.screen is not dialog)
        assert "Tea: 9 in the basket, only 8" in screen_text(pilot)
        assert "Bread" not in shown_text(pilot, ".dialog-hint")
        await pilot.click(".dialog-buttons > MouseButton:last-of-type")
        await wait_until(pilot, lambda: isinstance(app.screen, SellScreen))
    assert sales(lenient) == []


async def test_a_clerk_does_not_sell_below_zero(lenient: InventoryService) -> None:
    app = open_app(lenient, clerk_mode=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, SellScreen))
        await put_in(pilot, "7*002")
        await wait_until(pilot, lambda: lines(app) == {"002": 7})
        await pilot.press("f9")
        await wait_until(pilot, lambda: any("Change the quantity" in said for said in toasts(pilot)))
        assert isinstance(app.screen, SellScreen)
    assert sales(lenient) == []
