"""Scans at the till: none lost or doubled, in the total while one pays, for the next sale, and of nothing known."""

from __future__ import annotations

import re
import threading
import time
from decimal import Decimal

import pytest
from textual.events import Key
from textual.widgets import Input

from tests.conftest import OpenShop
from tests.screens.helpers import open_app, screen_text, toasts, type_by_hand, wait_until
from tests.screens.scanner import ENDS, LAMP, MILK, running, scan, stock
from tests.screens.till import lines
from tests.waiting import Gate
from tracker_tui.app import TrackerApp
from tracker_tui.errors import StorageError
from tracker_tui.model import Purchase
from tracker_tui.screens.pay_dialog import DEAF_S, PayDialog
from tracker_tui.screens.product_forms import AddProductForm
from tracker_tui.screens.unknown_codes import UnknownCodes
from tracker_tui.service import InventoryService


@pytest.fixture
def shop(open_shop: OpenShop) -> InventoryService:
    """Return a shop with codes to scan."""
    return stock(open_shop())


async def test_twenty_codes_a_second_are_all_in_the_basket_once(shop: InventoryService) -> None:
    async with running(shop, "sell") as (app, pilot):
        for number in range(60):
            scan(
                pilot,
                MILK if number % 3 else LAMP,
                list(ENDS)[number % 4],
                gap_s=0.003,
                after_s=number * 0.05,
            )
        await wait_until(pilot, lambda: sum(lines(app).values()) == 62)
        assert lines(app) == {"002": 2, "001": 40, LAMP: 20}


async def test_three_times_a_code(shop: InventoryService) -> None:
    async with running(shop, "sell") as (app, pilot):
        scan(pilot, f"3*{MILK}")
        await wait_until(pilot, lambda: app.basket.quantity_of("001") == 3)
        await type_by_hand(pilot, "4*", ago_s=2)
        scan(pilot, MILK)
        await wait_until(pilot, lambda: app.basket.quantity_of("001") == 7)
        assert app.screen.query_one("#product Input", Input).value == ""
        scan(pilot, MILK)
        await wait_until(pilot, lambda: app.basket.quantity_of("001") == 8)


async def test_a_scan_while_paying_is_in_the_total_and_a_key_on_its_way_books_nothing(
    shop: InventoryService,
) -> None:
    async with running(shop, "sell") as (app, pilot):
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, PayDialog) and app.screen.hears)
        dialog = app.screen
        assert isinstance(dialog, PayDialog)
        scan(pilot, MILK)
        await wait_until(pilot, lambda: "Pay: 3 pieces" in screen_text(pilot))
        deaf_until = dialog.seen_at + DEAF_S
        early = Key("f9", None)
        early.time = deaf_until - DEAF_S / 2
        app.post_message(early)
        await pilot.pause()
        assert app.screen is dialog
        await wait_until(pilot, lambda: time.monotonic() > deaf_until)
        await pilot.press("f9")
        await wait_until(pilot, lambda: not app.basket.lines)
    shop.refresh()
    assert shop.report().total_sales == Decimal("4.00") + Decimal("6.20")


async def test_what_is_scanned_during_a_booking_is_the_next_sale(
    shop: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, began = Gate(), threading.Event()
    sell = shop.sell

    def slowly(*args: object, **more: object) -> Purchase:
        began.set()
        go_on.wait()
        return sell(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(shop, "sell", slowly)
    async with running(shop, "sell") as (app, pilot):
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, PayDialog) and app.screen.hears)
        await pilot.press("f9")
        await wait_until(pilot, began.is_set)
        scan(pilot, f"2*{MILK}")
        scan(pilot, LAMP, after_s=0.2)
        await pilot.pause()
        assert lines(app) == {"002": 2}
        go_on.set()
        await wait_until(pilot, lambda: lines(app) == {"001": 2, LAMP: 1})
    shop.refresh()
    sold = shop.snapshot.entries[-1]
    assert isinstance(sold, Purchase)
    assert [(line.product_id, line.quantity) for line in sold.lines] == [("002", 2)]


async def test_what_is_scanned_during_a_booking_that_fails_is_named(
    shop: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, began = Gate(), threading.Event()

    def fail(*_args: object, **_more: object) -> Purchase:
        began.set()
        go_on.wait()
        raise StorageError("the disk is full")

    monkeypatch.setattr(shop, "sell", fail)
    async with running(shop, "sell") as (app, pilot):
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, PayDialog) and app.screen.hears)
        await pilot.press("f9")
        await wait_until(pilot, began.is_set)
        scan(pilot, f"2*{MILK}")
        await pilot.pause()
        go_on.set()
        await wait_until(pilot, lambda: "the disk is full" in screen_text(pilot))
        await pilot.press("escape")
        await wait_until(pilot, lambda: any("not in the basket: 2 x Milk" in said for said in toasts(pilot)))
        assert lines(app) == {"002": 2}


async def test_a_code_that_nobody_has_rings_and_is_listed_and_becomes_a_product(
    shop: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(TrackerApp, "bell", lambda _app: rung.append("bell"))
    async with running(shop, "sell") as (app, pilot):
        scan(pilot, "2*5900000000001")
        scan(pilot, "5900000000001", after_s=0.2)
        scan(pilot, "7700000000009", after_s=0.4)
        await wait_until(pilot, lambda: len(app.unknown_codes) == 2)
        assert len(rung) == 3
        await pilot.press("ctrl+t")
        await wait_until(pilot, lambda: isinstance(app.screen, UnknownCodes))
        assert re.search(r"5900000000001 +2 +3", screen_text(pilot))
        await pilot.press("d", "wait:100", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, AddProductForm))
        assert [code.code for code in app.unknown_codes] == ["5900000000001"]
        form = app.screen
        assert isinstance(form, AddProductForm)
        assert form.typed["barcodes"] == "5900000000001"
        for key, value in (("id", "X1"), ("name", "Crisps"), ("price", "0.80"), ("quantity", "12")):
            form.field(key).value = value
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: lines(app) == {"002": 2, "X1": 3})
        assert app.unknown_codes == ()
        scan(pilot, "5900000000001")
        await wait_until(pilot, lambda: lines(app) == {"002": 2, "X1": 4})


async def test_a_clerk_lists_codes_but_makes_no_product(open_shop: OpenShop) -> None:
    with open_shop() as opened:
        app = open_app(opened, clerk_mode=True)
        async with app.run_test(size=(80, 24)) as pilot:
            scan(pilot, "5900000000001")
            await wait_until(pilot, lambda: app.unknown_codes)
            await pilot.press("ctrl+t")
            await wait_until(pilot, lambda: "Products are the owner's" in screen_text(pilot))
            await pilot.press("enter", "a", "wait:100")
            assert isinstance(app.screen, UnknownCodes)
