"""Closing the day on the screen: added up, counted, asked about, booked, printed and copied."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.conftest import OpenShop
from tests.screens.helpers import open_app, shown_text, toasts, type_text, wait_until
from tests.screens.scanner import MILK, scan, stock
from tracker_tui.app import TrackerApp
from tracker_tui.model import Change
from tracker_tui.model.day_close import read_close
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.screens.day_close import DayClose
from tracker_tui.screens.products import ProductsScreen
from tracker_tui.service import InventoryService


@pytest.fixture
def shop(shop_dir: Path) -> InventoryService:
    """Return a shop on the system's clock, as the first close is of today, with two sales in cash and one by card."""
    opened = InventoryService.open(shop_dir, "amal")
    stock(opened)
    opened.sell([("001", 3)])
    opened.sell([("002", 1)], payment="card")
    return opened


@asynccontextmanager
async def closing(
    shop: InventoryService, size: tuple[int, int] = (80, 40), *, clerk_mode: bool = False
) -> AsyncIterator[tuple[TrackerApp, Pilot[int], DayClose]]:
    app = open_app(shop, clerk_mode=clerk_mode)
    async with app.run_test(size=size) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        await pilot.press("ctrl+y")
        await wait_until(pilot, lambda: isinstance(app.screen, DayClose) and "Expected" in report(pilot))
        assert isinstance(app.screen, DayClose)
        yield app, pilot, app.screen


def report(pilot: Pilot[int]) -> str:
    return shown_text(pilot, "#close-text")


def amount(pilot: Pilot[int], label: str) -> str:
    return next(line.split()[-1] for line in report(pilot).splitlines() if line.startswith(label))


async def test_a_day_is_closed_and_the_next_opens_with_what_was_left(shop: InventoryService) -> None:
    async with closing(shop, clerk_mode=True) as (app, pilot, dialog):
        assert amount(pilot, "Expected") == "$7.60", "Tea to Kim and three of Milk"
        assert amount(pilot, "card: in all") == "$2.50"
        await type_text(pilot, "2*5 0.50*3\n1\nquiet")
        assert amount(pilot, "Difference") == "$3.90"
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("enter", "space", "f9")
        assert isinstance(app.screen, ConfirmDialog)
        await pilot.press("y")
        await wait_until(pilot, lambda: "The day is closed" in shown_text(pilot, "#form-message"))
        assert "Entry" in report(pilot)
        await pilot.press("ctrl+y")
        assert app.clipboard == dialog.report
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        await pilot.press("ctrl+y")
        await wait_until(pilot, lambda: isinstance(app.screen, DayClose) and "$10.50" in report(pilot))
        await pilot.press("escape", "ctrl+z")
        await wait_until(pilot, lambda: any("was undone" in said for said in toasts(pilot)))
    booked = next(
        entry for entry in reversed(shop.snapshot.entries) if isinstance(entry, Change) and read_close(entry)
    )
    close = read_close(booked)
    assert close is not None
    assert (close.counted, close.banked, close.note) == (Decimal("11.50"), Decimal(1), "quiet")


async def test_a_sale_meanwhile_is_seen_and_added(shop: InventoryService) -> None:
    async with closing(shop) as (_, pilot, _):
        with InventoryService.open(shop.directory, "beth") as beth:
            beth.sell([("003", 1)])
        await wait_until(pilot, lambda: amount(pilot, "Expected") == "$11.60")
        scan(pilot, MILK)
        await wait_until(pilot, lambda: any("Scanned: Milk (001)" in said for said in toasts(pilot)))


@pytest.mark.parametrize(
    ("typed", "reason"), [("", "count the till"), ("3*", "is no number of coins"), ("5\n9", "is more")]
)
async def test_what_cannot_be_is_said_beside_its_field(
    shop: InventoryService, typed: str, reason: str
) -> None:
    entries = len(shop.snapshot.entries)
    async with closing(shop) as (app, pilot, dialog):
        await type_text(pilot, typed)
        await pilot.press("f9")
        assert app.screen is dialog
        assert any(reason in str(error.render()) for error in dialog.query(".error"))
        await pilot.press("escape")
        assert (app.screen is dialog) is bool(typed), "typed work is asked about first"
    assert len(shop.snapshot.entries) == entries


async def test_without_a_printer_it_is_said_what_to_do(shop: InventoryService) -> None:
    async with closing(shop, (80, 24)) as (_, pilot, _):
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: "no printer is set" in shown_text(pilot, "#form-message"))


async def test_nobody_closes_a_shop_to_look_at(shop: InventoryService, open_shop: OpenShop) -> None:
    app = open_app(open_shop("guest", read_only=True))
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        await pilot.press("ctrl+y")
        await wait_until(pilot, lambda: any("Nothing can be changed" in said for said in toasts(pilot)))
        assert isinstance(app.screen, ProductsScreen)
    shop.close()
