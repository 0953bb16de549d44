"""Baskets that are kept: parked and resumed by any clerk, offered after a session ended, sold only once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from textual.pilot import Pilot

from tests.conftest import OpenShop
from tests.screens.helpers import open_app, screen_text, toasts, type_by_hand, wait_until
from tests.screens.scanner import scan
from tests.screens.till import lines, pay, put_in, sales, till
from tracker_tui.app import TrackerApp
from tracker_tui.model.basket import Basket
from tracker_tui.model.kept import KeptBasket
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.screens.kept_baskets import KeptBaskets
from tracker_tui.screens.pay_dialog import PayDialog
from tracker_tui.screens.sell import SellScreen
from tracker_tui.service import InventoryService

TIME = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEFT = Basket("260302-085500-0badcafe").add("001", 2).add("003")._replace(customer="Zoe", last="001")


@pytest.fixture(autouse=True)
def begin_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the program on Sell: that halves the time of a test."""
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "sell")


def leave(service: InventoryService, basket: Basket = LEFT, clerk: str = "amal", name: str = "") -> None:
    """Leave a basket on disk, as a session that was killed does."""
    service.baskets.keep(KeptBasket(basket, clerk, TIME, name))
    service.baskets.close()


async def on_disk(service: InventoryService, pilot: Pilot[int], **wanted: object) -> KeptBasket:
    """Wait until there is one basket on disk with these attributes, and return it."""

    def fits() -> bool:
        kept = service.baskets.read().baskets
        return len(kept) == 1 and all(getattr(kept[0], name) == value for name, value in wanted.items())

    await wait_until(pilot, fits)
    return service.baskets.read().baskets[0]


@asynccontextmanager
async def open_list(app: TrackerApp, pilot: Pilot[int]) -> AsyncIterator[KeptBaskets]:
    """Open the list of baskets."""
    await pilot.press("ctrl+o")
    await wait_until(pilot, lambda: isinstance(app.screen, KeptBaskets))
    screen = app.screen
    assert isinstance(screen, KeptBaskets)
    yield screen
    await wait_until(pilot, lambda: isinstance(app.screen, SellScreen))


async def test_the_open_basket_is_on_disk_after_every_line(service: InventoryService) -> None:
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "001")
        await on_disk(service, pilot, basket=Basket(app.basket.sale).add("001"), in_use=True)
        await put_in(pilot, "2*003")
        await on_disk(service, pilot, basket=Basket(app.basket.sale).add("001").add("003", 2))
        await pilot.press("ctrl+z", "ctrl+z")
        await wait_until(pilot, lambda: service.baskets.read().baskets == ())


async def test_a_sale_takes_the_basket_off_the_disk(service: InventoryService) -> None:
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "001")
        await on_disk(service, pilot, in_use=True)
        await pay(app, pilot)
        await wait_until(pilot, lambda: not app.basket.lines)
        await wait_until(pilot, lambda: service.baskets.read().baskets == ())
    assert len(sales(service)) == 1


async def test_parking_begins_another_and_resuming_goes_on_cursor_and_all(service: InventoryService) -> None:
    async with till(service) as (app, pilot, screen):
        await put_in(pilot, "001", "2*003")
        await wait_until(pilot, lambda: len(app.basket.lines) == 2)
        await pilot.press("down", "up")
        parked = app.basket
        async with open_list(app, pilot):
            await pilot.press("enter")
        await wait_until(pilot, lambda: lines(app) == {} and app.basket.sale != parked.sale)
        await on_disk(service, pilot, name="Milk", in_use=False)
        await wait_until(pilot, lambda: "1 other basket: Ctrl+O" in screen_text(pilot))
        await put_in(pilot, "002")
        await wait_until(pilot, lambda: lines(app) == {"002": 1})
        async with open_list(app, pilot) as kept:
            await wait_until(pilot, lambda: kept.table.row_count == 1)
            await pilot.press("down", "enter")
        await wait_until(pilot, lambda: app.basket == parked)
        assert screen.table.cursor_key == parked.last
        names = {kept.name for kept in service.baskets.read().baskets}
        await wait_until(pilot, lambda: {kept.name for kept in app.kept.baskets} == {"", "Bread"})
        assert names <= {"", "Bread", "Milk"}
        await pay(app, pilot)
        await wait_until(pilot, lambda: not app.basket.lines)
    assert [(sale.sale, sale.units) for sale in sales(service)] == [(parked.sale, 3)]


async def test_a_name_for_a_parked_basket(service: InventoryService) -> None:
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "001")
        await wait_until(pilot, lambda: app.basket.lines)
        async with open_list(app, pilot):
            await type_by_hand(pilot, "[/] Mrs Haddad")
            await pilot.press("enter")
        await on_disk(service, pilot, name="[/] Mrs Haddad", clerk="amal")


async def test_parked_baskets_of_all_clerks_are_seen_at_once_and_hold_no_stock(
    service: InventoryService, open_shop: OpenShop
) -> None:
    async with till(service) as (app, pilot, _):
        with open_shop("bo") as other:
            leave(other, LEFT.add("001", 8), "bo", "for later")
            other.sell([("001", 10)])
        await wait_until(pilot, lambda: "1 other basket" in screen_text(pilot))
        async with open_list(app, pilot):
            await wait_until(pilot, lambda: "for later" in screen_text(pilot) and "bo" in screen_text(pilot))
            await pilot.press("enter")
        await wait_until(pilot, lambda: lines(app) == {"001": 10, "003": 1})
        await wait_until(pilot, lambda: "none left" in screen_text(pilot))
        await on_disk(service, pilot, clerk="amal", name="")


async def test_a_basket_is_thrown_away_only_after_a_question(service: InventoryService) -> None:
    leave(service, name="for later")
    async with till(service) as (app, pilot, _):
        async with open_list(app, pilot) as kept:
            await wait_until(pilot, lambda: kept.table.row_count == 1)
            await pilot.press("d")
            await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            assert "for later of amal: 3 pieces, $6.40?" in " ".join(screen_text(pilot).split())
            scan(pilot, "002")
            await pilot.press("enter", "space", "n")
            await wait_until(pilot, lambda: app.screen is kept)
            assert len(service.baskets.read().baskets) == 2
            await pilot.press("d")
            await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            await pilot.press("y")
            await wait_until(pilot, lambda: app.screen is kept and kept.table.row_count == 0)
            await pilot.press("escape")
        await on_disk(service, pilot, basket=app.basket)


async def test_what_a_session_left_is_offered_to_the_same_clerk(service: InventoryService) -> None:
    leave(service)
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        text = " ".join(screen_text(pilot).replace("│", " ").split())
        assert "You left a basket at 2026-03-02 09:00: 3 pieces, $6.40, for Zoe. Go on with it?" in text
        await pilot.press("enter", "y")
        await wait_until(pilot, lambda: app.basket == LEFT)
        await wait_until(pilot, lambda: isinstance(app.screen, SellScreen) and "Zoe" in screen_text(pilot))
        screen = app.screen
        assert isinstance(screen, SellScreen)
        assert screen.table.cursor_key == "001"
        await on_disk(service, pilot, in_use=True)


async def test_an_offer_that_is_declined_stays_in_the_list(service: InventoryService) -> None:
    leave(service)
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, SellScreen))
        assert lines(app) == {}
        async with open_list(app, pilot) as kept:
            await wait_until(pilot, lambda: kept.table.row_count == 1)
            assert "left" in screen_text(pilot)
            await pilot.press("escape")
        assert service.baskets.read().baskets[0].is_left


async def test_nothing_is_offered_to_another_clerk_or_of_a_session_that_lives(
    service: InventoryService, open_shop: OpenShop
) -> None:
    leave(service, clerk="bo")
    with open_shop("amal") as other:
        other.baskets.keep(KeptBasket(LEFT._replace(sale="other-1"), "amal", TIME))
        async with till(service) as (app, pilot, _):
            await wait_until(pilot, lambda: len(app.kept.baskets) == 2)
            await pilot.pause()
            assert isinstance(app.screen, SellScreen)
            async with open_list(app, pilot) as kept:
                await wait_until(pilot, lambda: kept.table.row_count == 2)
                states = {row.kept.clerk: row.state for row in kept.table.rows}
                assert states == {"bo": "left", "amal": "open"}
                await pilot.press("escape")


async def test_a_basket_that_was_sold_after_all_is_not_offered_but_told(service: InventoryService) -> None:
    leave(service)
    sold = service.sell(LEFT.items(service.snapshot), sale=LEFT.sale)
    async with till(service) as (app, pilot, _):
        await wait_until(
            pilot,
            lambda: any(f"was sold after all: it is entry {sold.entry}" in text for text in toasts(pilot)),
        )
        assert isinstance(app.screen, SellScreen)
        await wait_until(pilot, lambda: service.baskets.read().baskets == ())
    assert len(sales(service)) == 1


async def test_two_sessions_that_resumed_the_same_basket_book_one_sale(
    service: InventoryService, open_shop: OpenShop
) -> None:
    with open_shop("bo") as other:
        other.baskets.keep(KeptBasket(LEFT, "bo", TIME))
        async with till(service) as (app, pilot, _):
            await wait_until(pilot, lambda: app.kept.baskets)
            async with open_list(app, pilot) as kept:
                await wait_until(pilot, lambda: kept.table.row_count == 1)
                await pilot.press("enter")
                await wait_until(pilot, lambda: "bo has this basket open now" in screen_text(pilot))
                await pilot.press("y")
            await wait_until(pilot, lambda: app.basket == LEFT)
            other.sell(LEFT.items(other.snapshot), "Zoe", LEFT.sale)
            await wait_until(
                pilot,
                lambda: any("bo has sold this basket: entry 4, $6.40" in text for text in toasts(pilot)),
            )
            assert lines(app) == {}
    assert len(sales(service)) == 1


async def test_paying_ends_where_another_session_sells_the_basket(
    service: InventoryService, open_shop: OpenShop
) -> None:
    async with till(service) as (app, pilot, screen):
        await put_in(pilot, "001")
        await wait_until(pilot, lambda: app.basket.lines)
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, PayDialog))
        with open_shop("bo") as other:
            other.sell([("001", 1)], sale=app.basket.sale)
        await wait_until(pilot, lambda: app.screen is screen and not app.basket.lines)
    assert len(sales(service)) == 1


async def test_of_two_who_pay_for_the_same_basket_at_once_the_second_is_told(
    service: InventoryService, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker_tui.work.following.LOOK_EVERY_S", 3600)
    leave(service, name="for later")
    async with till(service) as (app, pilot, _):
        async with open_list(app, pilot) as kept:
            await wait_until(pilot, lambda: kept.table.row_count == 1)
            await pilot.press("enter")
        await wait_until(pilot, lambda: app.basket == LEFT)
        with open_shop("bo") as other:
            other.sell([("002", 1)], sale=LEFT.sale)
        await pay(app, pilot)
        await wait_until(pilot, lambda: not app.basket.lines)
        await wait_until(pilot, lambda: "bo booked this basket before, as entry 4" in screen_text(pilot))
    assert [sale.units for sale in sales(service)] == [1]


async def test_a_full_disk_is_told_and_selling_goes_on(service: InventoryService) -> None:
    (service.directory / "baskets").write_text("in the way")
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "001")
        await wait_until(pilot, lambda: any("Selling goes on" in text for text in toasts(pilot)))
        await pay(app, pilot)
        await wait_until(pilot, lambda: not app.basket.lines)
    assert len(sales(service)) == 1


async def test_a_session_that_only_looks_keeps_nothing(
    open_shop: OpenShop, service: InventoryService
) -> None:
    leave(service)
    with open_shop("amal", read_only=True) as looker:
        async with till(looker) as (app, pilot, _):
            await put_in(pilot, "001")
            await wait_until(pilot, lambda: app.basket.lines and app.kept.baskets)
            assert isinstance(app.screen, SellScreen)
            await pilot.press("ctrl+q")
    assert [kept.basket for kept in service.baskets.read().baskets] == [LEFT]
