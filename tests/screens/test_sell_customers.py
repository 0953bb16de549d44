"""The customer at the till: found, new, or one of two of one name."""

from __future__ import annotations

import pytest

from tests.screens.helpers import screen_text, type_by_hand, type_text, wait_until
from tests.screens.till import pay, put_in, sales, till
from tracker_tui.app import TrackerApp
from tracker_tui.model import Customer
from tracker_tui.screens.pay_dialog import PayDialog
from tracker_tui.service import InventoryService


@pytest.fixture(autouse=True)
def begin_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the program on this screen: that halves the time of a test."""
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "sell")


async def test_a_new_customer_without_leaving_the_sale(service: InventoryService) -> None:
    async with till(service) as (app, pilot, screen):
        await put_in(pilot, "001")
        await pilot.press("shift+tab")
        await put_in(pilot, "Amal")
        await wait_until(pilot, lambda: "new customer" in screen_text(pilot))
        assert screen.product.field.has_focus
        await pay(app, pilot)
        await wait_until(pilot, lambda: "Sold for $1.20 to Amal" in screen_text(pilot))
        assert "walk-in" in screen_text(pilot)
    assert [customer.name for customer in service.snapshot.customers.values()] == ["Amal"]
    assert sales(service)[-1].customer_id == "C0001"


async def test_a_customer_by_phone_part_of_a_name_and_id(service: InventoryService) -> None:
    service.add_customer(Customer("", "Amal Haddad", "555 1234"))
    service.add_customer(Customer("", "Bo"))
    async with till(service) as (app, pilot, _):
        for typed, expected in (("5551234", "C0001"), ("C0002", "C0002"), ("hadd", "C0001"), ("BO", "C0002")):
            await pilot.press("shift+tab")
            await put_in(pilot, typed)
            await wait_until(pilot, lambda expected=expected: app.basket.customer == expected)  # type: ignore[misc]
        await pilot.press("shift+tab", "escape")
        await wait_until(pilot, lambda: app.basket.customer == "")
        assert "walk-in" in screen_text(pilot)


@pytest.mark.parametrize("typed", ["kim", "ki"])
async def test_of_two_of_one_name_one_must_be_picked(service: InventoryService, typed: str) -> None:
    service.add_customer(Customer("", "Kim", "1"))
    service.add_customer(Customer("", "Kim", "2"))
    async with till(service) as (app, pilot, screen):
        await put_in(pilot, "001")
        await pilot.press("shift+tab")
        await put_in(pilot, typed)
        await wait_until(pilot, lambda: "2 have this name" in screen_text(pilot))
        assert "C0001" in screen_text(pilot)
        assert "C0002" in screen_text(pilot)
        assert app.basket.customer == ""
        await pilot.press("f9")
        await pilot.pause()
        assert app.screen is screen
        await pilot.press("down", "down", "enter")
        await wait_until(pilot, lambda: app.basket.customer == "C0002")


async def test_a_name_left_typed_counts_when_it_is_clear(service: InventoryService) -> None:
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "001")
        await pilot.press("shift+tab")
        await type_text(pilot, "Zoe")
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, PayDialog))
        assert "Zoe (new customer)" in screen_text(pilot)


async def test_a_code_is_no_customer(service: InventoryService) -> None:
    async with till(service) as (app, pilot, _):
        await pilot.press("shift+tab")
        await type_by_hand(pilot, "001\n")
        await wait_until(pilot, lambda: "that is a product's code" in screen_text(pilot))
        await type_by_hand(pilot, "12345678\n")
        await wait_until(pilot, lambda: "nobody has this number" in screen_text(pilot))
        assert app.basket.customer == ""
