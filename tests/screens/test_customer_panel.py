"""Who buys, from the field for products, and what is known of them: last visits, and usual products by key or click."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from tests.conftest import OpenShop
from tests.screens.helpers import screen_text, toasts, type_by_hand, wait_until
from tests.screens.till import lines, pay, put_in, sales, till
from tracker_tui.app import TrackerApp
from tracker_tui.errors import StorageError
from tracker_tui.model import Customer
from tracker_tui.model.ledger import Ledger
from tracker_tui.model.records import Purchase
from tracker_tui.screens.sell import SellScreen
from tracker_tui.service import InventoryService

LOW, WIDE = (80, 24), (120, 40)


@pytest.fixture(autouse=True)
def begin_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the program on Sell: that halves the time of a test."""
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "sell")


@pytest.fixture
def regular(service: InventoryService) -> InventoryService:
    """Return a shop with Zoe, C0001, who took Tea twice, Milk once, and Bread and gave it back."""
    service.add_customer(Customer("", "Zoe [/] Haddad", "555 1234"))
    service.sell([("003", 1), ("001", 2)], "C0001")
    service.sell([("003", 1)], "C0001")
    undone = service.sell([("002", 1)], "C0001")
    service.undo(undone.entry)
    return service


@asynccontextmanager
async def serving(
    service: InventoryService, typed: str, size: tuple[int, int] = LOW
) -> AsyncIterator[tuple[TrackerApp, Pilot[int], SellScreen]]:
    """Run the app and type something that means Zoe into the product field."""
    async with till(service, size) as (app, pilot, screen):
        await type_by_hand(pilot, f"{typed}\n")
        await wait_until(pilot, lambda: app.basket.customer == "C0001" and screen.panel.is_known)
        assert screen.product.field.has_focus
        assert screen.product.text == ""
        yield app, pilot, screen


@pytest.mark.parametrize("typed", ["hadd", "Zoe [/] Haddad", "5551234", "C0001"])
async def test_the_product_field_takes_a_customer(regular: InventoryService, typed: str) -> None:
    async with serving(regular, typed) as (app, pilot, _):
        await put_in(pilot, "001")
        await wait_until(pilot, lambda: lines(app) == {"001": 1})
        await pay(app, pilot)
        await wait_until(pilot, lambda: "Sold for $1.20 to Zoe [/] Haddad" in screen_text(pilot))
        assert "walk-in" in screen_text(pilot)
    assert sales(regular)[-1].customer_id == "C0001"


async def test_a_new_customer_in_the_product_field_is_chosen_on_purpose(service: InventoryService) -> None:
    async with till(service) as (app, pilot, screen):
        await put_in(pilot, "001")
        await type_by_hand(pilot, "Mlik\n")
        await wait_until(pilot, lambda: "no product has the id or name “Mlik”" in screen_text(pilot))
        assert app.basket.customer == ""
        await pilot.press("escape", "escape")
        await type_by_hand(pilot, "Yara")
        await wait_until(pilot, lambda: "Yara (new customer)" in screen_text(pilot))
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: app.basket.customer == "Yara")
        assert screen.product.field.has_focus
        await pay(app, pilot)
        await wait_until(pilot, lambda: "to Yara" in screen_text(pilot))
    assert [who.name for who in service.snapshot.customers.values()] == ["Yara"]


async def test_a_product_comes_before_a_customer_and_a_click_chooses(service: InventoryService) -> None:
    service.add_customer(Customer("", "Teacher Tom"))
    async with till(service) as (app, pilot, screen):
        await put_in(pilot, "tea")
        await wait_until(pilot, lambda: lines(app) == {"003": 1})
        assert app.basket.customer == ""
        await type_by_hand(pilot, "tea")
        await wait_until(pilot, lambda: "Teacher Tom" in screen_text(pilot))
        await pilot.click(screen.product.matches, offset=(10, 2))
        await wait_until(pilot, lambda: app.basket.customer == "C0001")
        assert lines(app) == {"003": 1}


async def test_of_two_of_one_name_one_must_be_chosen(service: InventoryService) -> None:
    service.add_customer(Customer("", "Kim", "1"))
    service.add_customer(Customer("", "Kim", "2"))
    async with till(service) as (app, pilot, _):
        await type_by_hand(pilot, "kim\n")
        await wait_until(pilot, lambda: "2 have this name: choose with Down" in screen_text(pilot))
        assert app.basket.customer == ""
        await pilot.press("down", "down", "enter")
        await wait_until(pilot, lambda: app.basket.customer == "C0002")


async def test_beside_the_basket_where_there_is_room(regular: InventoryService) -> None:
    async with serving(regular, "zoe", WIDE) as (app, pilot, screen):
        text = screen_text(pilot)
        assert "Zoe [/] Haddad  C0001" in text
        assert "2026-03-02  $4.00     1 pcs" in text
        assert "2026-03-02  $6.40     3 pcs" in text
        assert [usual[:2] for usual in screen.panel.table.rows] == [("003", "Tea"), ("001", "Milk")]
        await pilot.click(screen.panel.table, offset=(6, 2))
        await wait_until(pilot, lambda: lines(app) == {"001": 1})
        await pilot.press("shift+tab", "shift+tab", "shift+tab")
        await pilot.press("escape", "escape")
        await wait_until(pilot, lambda: "walk-in" in screen_text(pilot))
        assert "2026-03-02" not in screen_text(pilot)


async def test_on_a_small_screen_in_one_line_that_unfolds(regular: InventoryService) -> None:
    async with serving(regular, "zoe") as (app, pilot, screen):
        assert "^L Last here 2026-03-02, $4.00; usual: Tea, Milk" in screen_text(pilot)
        assert not screen.panel.display
        await pilot.press("ctrl+l")
        await wait_until(pilot, lambda: screen.panel.table.has_focus)
        assert "2026-03-02  $6.40" in screen_text(pilot)
        await pilot.press("enter", "down", "plus", "plus")
        await wait_until(pilot, lambda: lines(app) == {"003": 1, "001": 2})
        await pilot.press("escape")
        await wait_until(pilot, lambda: screen.product.field.has_focus and not screen.panel.display)
        await pilot.click("#customer-line")
        await wait_until(pilot, lambda: screen.panel.table.has_focus)
        await pilot.click(screen.panel.table, offset=(6, 1))
        await wait_until(pilot, lambda: lines(app) == {"003": 2, "001": 2})


async def test_nobody_and_somebody_new_have_nothing_to_show(service: InventoryService) -> None:
    service.add_customer(Customer("", "Zoe"))
    async with till(service) as (app, pilot, screen):
        await pilot.press("ctrl+l")
        await wait_until(pilot, lambda: any("Say who buys first" in said for said in toasts(pilot)))
        await type_by_hand(pilot, "zoe\n")
        await wait_until(pilot, lambda: app.basket.customer == "C0001")
        await pilot.press("ctrl+l")
        await wait_until(
            pilot, lambda: any("Zoe (C0001) has bought nothing yet" in said for said in toasts(pilot))
        )
        assert not screen.panel.display


async def test_a_product_that_is_gone_is_no_longer_usual(
    regular: InventoryService, open_shop: OpenShop
) -> None:
    async with serving(regular, "zoe") as (_, pilot, screen):
        with open_shop("bo") as other:
            other.remove("003")
        await wait_until(pilot, lambda: "usual: Milk" in screen_text(pilot))
        assert [usual.product_id for usual in screen.panel.table.rows] == ["001"]


async def test_a_log_that_cannot_be_read_stops_no_sale(
    regular: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    def fail(_ledger: Ledger, customer: str, most: int | None = None) -> list[Purchase]:
        looked.append(f"{customer} {most}")
        raise StorageError("purchases.txt: was changed by another program just now; try again")

    monkeypatch.setattr(Ledger, "purchases_of", fail)
    async with till(regular) as (app, pilot, screen):
        await type_by_hand(pilot, "zoe\n")
        await wait_until(pilot, lambda: looked)
        await put_in(pilot, "001")
        await wait_until(pilot, lambda: lines(app) == {"001": 1})
        assert not screen.panel.is_known
