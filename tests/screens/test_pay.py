"""Paying: change, the ways to pay, refusals that keep the basket, and that nothing is booked twice or by accident."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from textual.events import Key
from textual.pilot import Pilot

from tests.conftest import OpenShop
from tests.screens.helpers import open_app, screen_text, shown_text, type_text, wait_until
from tests.waiting import Gate
from tracker_tui.app import TrackerApp
from tracker_tui.errors import StorageError
from tracker_tui.model.records import Purchase, SaleItem
from tracker_tui.screens.pay_dialog import ALONE_S, DEAF_S, PayDialog
from tracker_tui.screens.sell import SellScreen
from tracker_tui.service import InventoryService


@pytest.fixture(autouse=True)
def begin_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the program on Sell: that halves the time of a test."""
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "sell")


@asynccontextmanager
async def paying(service: InventoryService) -> AsyncIterator[tuple[TrackerApp, Pilot[int], PayDialog]]:
    """Run the app with two pieces of Milk in the basket, $2.40, and the pay dialog open."""
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(
            pilot, lambda: isinstance(app.screen, SellScreen) and app.screen.product.field.has_focus
        )
        await type_text(pilot, "2*001\n")
        await wait_until(pilot, lambda: app.basket.lines)
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, PayDialog) and app.screen.hears)
        dialog = app.screen
        assert isinstance(dialog, PayDialog)
        yield app, pilot, dialog


def sales(service: InventoryService) -> list[Purchase]:
    """Return all sales that are booked."""
    service.refresh()
    return [entry for entry in service.snapshot.entries if isinstance(entry, Purchase)]


async def sold(app: TrackerApp, pilot: Pilot[int]) -> None:
    """Wait until the sale is booked and the till is ready for the next one."""
    await wait_until(pilot, lambda: isinstance(app.screen, SellScreen) and not app.basket.lines)


async def test_the_change_is_shown_as_typed(service: InventoryService) -> None:
    async with paying(service) as (app, pilot, dialog):
        for typed, said in (("1", "$1.40 is missing"), ("10", "$7.60"), ("10,5", "$8.10"), ("2.40", "$0.00")):
            dialog.given.value = ""
            await type_text(pilot, typed)
            await wait_until(pilot, lambda said=said: shown_text(pilot, "#pay-change") == said)  # type: ignore[misc]
        dialog.given.value = ""
        await type_text(pilot, "5,50")
        await pilot.press("f9")
        await sold(app, pilot)
        assert shown_text(pilot, "#total-label") == "Change"
        assert shown_text(pilot, "#total-plain") == "$3.10"
    assert [sale.total for sale in sales(service)] == [Decimal("2.40")]


async def test_less_than_the_total_is_refused_beside_the_field(service: InventoryService) -> None:
    async with paying(service) as (app, pilot, dialog):
        await type_text(pilot, "2.39")
        await pilot.press("f9")
        await wait_until(pilot, lambda: "! $0.01 is missing" in screen_text(pilot))
        assert dialog.given.value == "2.39"
        assert app.screen is dialog
    assert sales(service) == []


async def test_an_amount_and_f9_in_one_burst_are_taken_in_their_order(service: InventoryService) -> None:
    async with paying(service) as (app, pilot, dialog):
        await type_text(pilot, "2")
        dialog.app.post_message(_key("f9"))
        await wait_until(pilot, lambda: "! $0.40 is missing" in screen_text(pilot))
        assert app.screen is dialog
    assert sales(service) == []


@pytest.mark.parametrize(("keys", "payment"), [("k", "card"), ("o", "other"), ("kc", "cash")])
async def test_the_way_to_pay_by_letters(service: InventoryService, keys: str, payment: str) -> None:
    async with paying(service) as (app, pilot, dialog):
        await pilot.press(*keys)
        await wait_until(pilot, lambda: dialog.query_one("#pay-cash").display == (payment == "cash"))
        await pilot.press("f9")
        await sold(app, pilot)
    assert [sale.payment for sale in sales(service)] == [payment]


async def test_on_account_shows_what_is_owed_before_and_after(service: InventoryService) -> None:
    service.sell([("003", 1)], "Amal", "earlier", "account")
    service.pay_account("C0001", Decimal("1.50"))
    async with paying(service) as (app, pilot, dialog):
        await pilot.press("a")
        await wait_until(pilot, lambda: "On account needs a customer" in screen_text(pilot))
        assert dialog.query_one("#way-cash").has_class("-primary")
        await pilot.press("left")
        assert dialog.query_one("#way-other").has_class("-primary"), "for a walk-in the arrows pass it over"
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, SellScreen))
        app.basket = app.basket._replace(customer="C0001")
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, PayDialog) and app.screen.hears)
        await pilot.press("a")
        await wait_until(pilot, lambda: "owes $2.50 now, $4.90 with this sale" in screen_text(pilot))
        await pilot.press("f9")
        await sold(app, pilot)
    sale = sales(service)[-1]
    assert (sale.payment, sale.customer_id, sale.total) == ("account", "C0001", Decimal("2.40"))


async def test_the_way_to_pay_by_arrows_and_clicks(service: InventoryService) -> None:
    async with paying(service) as (app, pilot, dialog):
        await pilot.press("right", "right", "right", "left")
        assert dialog.query_one("#way-other").has_class("-primary")
        await pilot.click("#way-card")
        assert dialog.query_one("#way-card").has_class("-primary")
        await wait_until(pilot, lambda: "• Card  k" in screen_text(pilot))
        assert "• Cash" not in screen_text(pilot)
        await pilot.press("y")
        await sold(app, pilot)
    assert [sale.payment for sale in sales(service)] == ["card"]


async def test_enter_and_space_never_pay(service: InventoryService) -> None:
    async with paying(service) as (app, pilot, dialog):
        await pilot.press(
            "enter", "space", "enter", "tab", "enter", "k", "enter", "space", "ctrl+j", "tab", "space"
        )
        await type_text(pilot, "4006381333931\nkey7\nok\n")
        await pilot.pause(0.3)
        assert app.screen is dialog
    assert sales(service) == []


async def test_keys_right_after_the_dialog_opened_are_not_heard(service: InventoryService) -> None:
    """It counts when they were typed, not when a busy program comes to look at them."""
    async with paying(service) as (app, pilot, dialog):
        for key in ("f9", "y", "k", "5", "f9"):
            early = _key(key)
            early.time = dialog.seen_at + DEAF_S / 2
            app.post_message(early)
        await pilot.pause(ALONE_S * 2)
        assert app.screen is dialog
        assert dialog.given.value == ""
        assert dialog.query_one("#way-cash").has_class("-primary")
    assert sales(service) == []


async def test_f9_pressed_twice_opens_one_dialog_and_books_nothing(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, SellScreen))
        await type_text(pilot, "001\n")
        await wait_until(pilot, lambda: app.basket.lines)
        for _ in range(4):
            app.post_message(_key("f9"))
        await wait_until(pilot, lambda: isinstance(app.screen, PayDialog) and app.screen.hears)
        assert len(app.screen_stack) == 2
    assert sales(service) == []


async def test_a_double_commit_books_once(service: InventoryService, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = _held_up(monkeypatch, service)
    async with paying(service) as (app, pilot, dialog):
        await pilot.press("f9", "f9", "y", "escape")
        await pilot.click(".dialog-buttons > .-primary")
        assert app.screen is dialog
        assert "Booking" in screen_text(pilot)
        go_on.set()
        await sold(app, pilot)
    assert len(sales(service)) == 1


async def test_the_same_basket_is_never_two_sales(service: InventoryService) -> None:
    """Also where it is committed again after all, as a basket that was resumed would be."""
    async with paying(service) as (app, pilot, _):
        basket = app.basket
        await pilot.press("f9")
        await sold(app, pilot)
        assert app.basket.sale != basket.sale
        app.basket = basket
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, PayDialog) and app.screen.hears)
        await pilot.press("f9")
        await sold(app, pilot)
    assert [sale.sale for sale in sales(service)] == [basket.sale]


async def test_the_last_piece_sold_elsewhere_is_refused_and_the_basket_stays(
    service: InventoryService, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker_tui.work.following.LOOK_EVERY_S", 3600)
    async with paying(service) as (app, pilot, dialog):
        with open_shop("bo") as other:
            other.sell([("001", 9)])
        await pilot.press("f9")
        await wait_until(pilot, lambda: "Nothing was booked" in screen_text(pilot))
        assert "2 wanted, there are 1" in screen_text(pilot)
        assert app.screen is dialog
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, SellScreen))
        assert "only 1" in screen_text(pilot)
        assert [line.quantity for line in app.basket.lines] == [2]
        await pilot.press("down", "minus")
        await wait_until(pilot, lambda: "only 1" not in screen_text(pilot))
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, PayDialog) and app.screen.hears)
        await pilot.press("f9")
        await sold(app, pilot)
    assert [sale.units for sale in sales(service)] == [9, 1]


async def test_what_is_sold_elsewhere_is_seen_in_the_open_dialog(
    service: InventoryService, open_shop: OpenShop
) -> None:
    async with paying(service) as (_, pilot, _dialog):
        with open_shop("bo") as other:
            other.edit("001", price=Decimal("1.50"))
            other.sell([("001", 10)])
        await wait_until(pilot, lambda: "Milk: none left" in screen_text(pilot))
        assert str(_dialog.query_one("#pay-digits").value) == "$3.00"  # type: ignore[attr-defined]


async def test_a_failing_disk_keeps_everything_and_f9_tries_again(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = _failing_once(monkeypatch, service)
    async with paying(service) as (app, pilot, dialog):
        await type_text(pilot, "5")
        await pilot.press("f9")
        await wait_until(
            pilot, lambda: "the disk is full. Nothing was booked; F9 tries again" in screen_text(pilot)
        )
        assert app.screen is dialog
        assert dialog.given.value == "5"
        await pilot.press("f9")
        await sold(app, pilot)
        assert "Given $5.00" in screen_text(pilot)
    assert len(tried) == 2
    assert len(set(tried)) == 1
    assert len(sales(service)) == 1


async def test_escape_goes_back_to_the_basket(service: InventoryService) -> None:
    async with paying(service) as (app, pilot, _):
        await pilot.press("escape")
        await wait_until(
            pilot, lambda: isinstance(app.screen, SellScreen) and app.screen.product.field.has_focus
        )
        assert app.basket.lines
    assert sales(service) == []


async def test_round_amounts_by_click(service: InventoryService) -> None:
    async with paying(service) as (_, pilot, dialog):
        await pilot.click("#note-1")
        await wait_until(pilot, lambda: dialog.given.value == "5.00")
        assert shown_text(pilot, "#pay-change") == "$2.60"


async def test_all_of_it_is_seen_on_a_small_screen(service: InventoryService) -> None:
    async with paying(service) as (_, pilot, _dialog):
        text = screen_text(pilot)
        assert "Pay: 2 pieces, walk-in" in text
        for said in ("Total", "Paid by", "Cash given", "Change", "Book the sale  F9", "Back  Esc"):
            assert said in text


async def test_a_price_that_changed_at_the_last_moment_is_said(
    service: InventoryService, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker_tui.work.following.LOOK_EVERY_S", 3600)
    async with paying(service) as (app, pilot, _):
        with open_shop("bo") as other:
            other.edit("001", price=Decimal("1.50"))
        await pilot.press("f9")
        await sold(app, pilot)
        assert "A price changed: $3.00, not $2.40" in screen_text(pilot)


def _key(key: str) -> Key:
    return Key(key, key if len(key) == 1 else None)


def _held_up(monkeypatch: pytest.MonkeyPatch, service: InventoryService) -> Gate:
    """Let the service wait before it books; set the event to let it go on."""
    go_on = Gate()
    sell = service.sell

    def later(items: Sequence[SaleItem], customer: str, sale: str, *rest: object, **more: object) -> Purchase:
        go_on.wait()
        return sell(items, customer, sale, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "sell", later)
    return go_on


def _failing_once(monkeypatch: pytest.MonkeyPatch, service: InventoryService) -> list[str]:
    """Let the first sale fail as on a full disk; return the ids of all that are tried."""
    tried: list[str] = []
    sell = service.sell

    def fail_first(
        items: Sequence[SaleItem], customer: str, sale: str, *rest: object, **more: object
    ) -> Purchase:
        tried.append(sale)
        if len(tried) == 1:
            raise StorageError("the disk is full")
        return sell(items, customer, sale, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "sell", fail_first)
    return tried
