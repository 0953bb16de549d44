"""Customers: who they are, what they bought, adding, editing, and selling to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from tests.conftest import OpenShop
from tests.screens.helpers import open_app, screen_text, shown_text, toasts, type_text, wait_until
from tracker_tui.app import TrackerApp
from tracker_tui.messages import ShowCustomer
from tracker_tui.model import Customer
from tracker_tui.screens.customers import CustomersScreen
from tracker_tui.screens.form_dialog import FormDialog
from tracker_tui.screens.history import HistoryScreen
from tracker_tui.screens.sell import SellScreen
from tracker_tui.service import InventoryService


@pytest.fixture(autouse=True)
def begin_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the program on this screen: that halves the time of a test."""
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "customers")


@pytest.fixture
def people(service: InventoryService) -> InventoryService:
    """Return a shop where two of one name and one more bought things: C0001 entries 4 and 6, C0002 entry 5."""
    service.add_customer(Customer("", "Kim", "555 1234"))
    service.add_customer(Customer("", "Kim", "", "kim@example.org"))
    service.add_customer(Customer("", "Zoe", note="likes tea"))
    service.sell([("001", 2), ("003", 1)], "C0001")
    service.sell([("002", 1)], "C0002", payment="card")
    service.sell([("003", 1)], "C0001")
    return service


@asynccontextmanager
async def book(
    service: InventoryService, *, size: tuple[int, int] = (80, 24), clerk_mode: bool = False
) -> AsyncIterator[tuple[TrackerApp, Pilot[int], CustomersScreen]]:
    """Run the app on its Customers screen."""
    app = open_app(service, clerk_mode=clerk_mode)
    async with app.run_test(size=size) as pilot:
        await wait_until(
            pilot, lambda: isinstance(app.screen, CustomersScreen) and app.screen.table.has_focus
        )
        screen = app.screen
        assert isinstance(screen, CustomersScreen)
        await wait_until(pilot, lambda: screen.table.row_count == len(service.snapshot.customers))
        yield app, pilot, screen


def row(pilot: Pilot[int], text: str) -> list[str]:
    """Return the words of the first line on the screen that holds a text."""
    return next(line.split() for line in screen_text(pilot).splitlines() if text in line)


async def form(app: TrackerApp, pilot: Pilot[int], key: str) -> FormDialog:
    """Press a key and return the form that opens."""
    await pilot.press(key)
    await wait_until(pilot, lambda: isinstance(app.screen, FormDialog) and app.screen.field("name").input)
    dialog = app.screen
    assert isinstance(dialog, FormDialog)
    dialog.field("name").input.focus()
    await pilot.pause()
    return dialog


async def test_totals_and_namesakes(people: InventoryService) -> None:
    async with book(people) as (_, pilot, screen):
        assert row(pilot, "C0001") == [">", "C0001", "Kim", "555", "1234", "2", "$10.40", "2026-03-02"]
        assert row(pilot, "C0002") == ["C0002", "Kim", "1", "$2.50", "2026-03-02"]
        assert row(pilot, "C0003") == ["C0003", "Zoe"]
        await pilot.press("down", "down")
        await wait_until(pilot, lambda: "Nothing bought yet." in screen_text(pilot))
        assert shown_text(pilot, "#customer-details") == "Zoe (C0003)  ·  likes tea"
        assert screen.purchases.row_count == 0


async def test_what_the_chosen_one_bought(people: InventoryService) -> None:
    async with book(people) as (app, pilot, screen):
        await wait_until(pilot, lambda: [p.entry for p in screen.purchases.rows] == [6, 4])
        assert "2 x Milk, Tea" in screen_text(pilot)
        assert "bought for $10.40" in shown_text(pilot, "#customer-details")
        await pilot.press("down")
        await wait_until(pilot, lambda: [purchase.entry for purchase in screen.purchases.rows] == [5])
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, HistoryScreen))


async def test_a_sale_elsewhere_is_added_and_an_undone_one_taken_off(
    people: InventoryService, open_shop: OpenShop
) -> None:
    async with book(people) as (_, pilot, _screen):
        with open_shop("bo") as other:
            other.sell([("002", 1)], "C0003")
            other.undo(6)
        await wait_until(pilot, lambda: row(pilot, "C0003")[-2:] == ["$2.50", "2026-03-02"])
        await wait_until(pilot, lambda: "$6.40" in row(pilot, "C0001"))


async def test_what_a_customer_bought_is_looked_up(people: InventoryService) -> None:
    async with book(people) as (_, pilot, screen):
        await wait_until(pilot, lambda: "$10.40" in screen_text(pilot))
        assert [purchase.entry for purchase in screen.purchases.rows] == [6, 4]


async def test_filter_as_you_type(people: InventoryService) -> None:
    async with book(people) as (_, pilot, screen):
        await pilot.press("slash")
        await type_text(pilot, "kim example")
        await wait_until(pilot, lambda: [r.customer.id for r in screen.table.rows] == ["C0002"])
        assert "1 of 3" in screen_text(pilot)
        await type_text(pilot, "x")
        await wait_until(pilot, lambda: "Nobody has all these words." in screen_text(pilot))
        assert "No customers yet." not in screen_text(pilot)
        await pilot.press("escape", "escape")
        await wait_until(pilot, lambda: screen.table.row_count == 3 and screen.table.has_focus)
        await pilot.press("slash")
        await type_text(pilot, "5551234")
        await wait_until(pilot, lambda: [r.customer.id for r in screen.table.rows] == ["C0001"])


@pytest.mark.parametrize("clerk_mode", [False, True])
async def test_a_customer_is_added(people: InventoryService, *, clerk_mode: bool) -> None:
    async with book(people, clerk_mode=clerk_mode) as (app, pilot, screen):
        await form(app, pilot, "a")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "must not be empty" in screen_text(pilot))
        await type_text(pilot, "Kim\n+44 20 1234\n")
        await wait_until(pilot, lambda: "C0001, C0002 have this name too" in screen_text(pilot))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: app.screen is screen and screen.table.cursor_key == "C0004")
        assert any("Kim is customer C0004" in said for said in toasts(pilot))
    people.refresh()
    assert people.snapshot.customers["C0004"][:3] == ("C0004", "Kim", "+44 20 1234")


async def test_an_edit_sends_only_what_was_changed(people: InventoryService, open_shop: OpenShop) -> None:
    async with book(people) as (app, pilot, screen):
        dialog = await form(app, pilot, "enter")
        await type_text(pilot, " Lee")
        await wait_until(pilot, lambda: dialog.field("name").value == "Kim Lee")
        with open_shop("bo") as other:
            other.edit_customer("C0001", phone="999")
        await wait_until(pilot, lambda: "Somebody has just changed this customer" in screen_text(pilot))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: app.screen is screen and "Kim Lee" in screen_text(pilot))
    assert people.snapshot.customers["C0001"][:3] == ("C0001", "Kim Lee", "999")


@pytest.mark.parametrize(("keys", "phone"), [(["ctrl+s"], "111"), (["ctrl+r", "ctrl+s"], "999")])
async def test_a_conflict_shows_both_values(
    people: InventoryService, open_shop: OpenShop, keys: list[str], phone: str
) -> None:
    async with book(people) as (app, pilot, screen):
        dialog = await form(app, pilot, "e")
        dialog.field("phone").value = "111"
        await pilot.pause()
        with open_shop("bo") as other:
            other.edit_customer("C0001", phone="999")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "was 555 1234; somebody else made it 999" in screen_text(pilot))
        await pilot.press(*keys)
        await wait_until(pilot, lambda: app.screen is screen)
    assert people.snapshot.customers["C0001"].phone == phone


async def test_bad_text_is_refused_beside_the_field(people: InventoryService) -> None:
    async with book(people) as (app, pilot, _):
        dialog = await form(app, pilot, "a")
        dialog.field("name").value = "Am\x1bal"
        dialog.field("note").value = "=1+1"
        await wait_until(pilot, lambda: "control character U+001B" in screen_text(pilot))
        await wait_until(pilot, lambda: "must not begin with =" in screen_text(pilot))
        await pilot.press("escape")
        await wait_until(pilot, lambda: "Not saved yet" in screen_text(pilot))


async def test_selling_to_the_chosen_one(people: InventoryService) -> None:
    async with book(people) as (app, pilot, _):
        await pilot.press("down", "b")
        await wait_until(pilot, lambda: isinstance(app.screen, SellScreen) and app.basket.customer == "C0002")
        await wait_until(pilot, lambda: "C0002" in screen_text(pilot))
        await wait_until(pilot, lambda: "Kim" in screen_text(pilot))


async def test_going_to_a_customer_that_the_filter_hides(people: InventoryService) -> None:
    async with book(people) as (app, pilot, screen):
        await pilot.press("slash")
        await type_text(pilot, "zoe")
        await wait_until(pilot, lambda: screen.table.row_count == 1)
        app.post_message(ShowCustomer("C0002"))
        await wait_until(pilot, lambda: screen.table.cursor_key == "C0002")


async def test_names_are_text_and_an_empty_shop_says_how_to_begin(open_shop: OpenShop) -> None:
    with open_shop() as service:
        async with book(service) as (_, pilot, _screen):
            assert "No customers yet." in screen_text(pilot)
            await pilot.press("e", "b", "enter")
            (service.directory / "customers.txt").write_text(
                "id,name,phone,email,note\nC0001,[/]\x1b[31m,,,\nC0002,[red]x,,,日本\n", encoding="utf-8"
            )
            await wait_until(pilot, lambda: "[/]␛[31m" in screen_text(pilot))
            assert "[red]x" in screen_text(pilot)
            assert "\x1b" not in screen_text(pilot)


async def test_by_mouse(people: InventoryService) -> None:
    async with book(people, size=(120, 40)) as (app, pilot, screen):
        await pilot.click(screen.table, offset=(12, 2))
        await wait_until(pilot, lambda: screen.table.cursor_key == "C0002")
        await pilot.click(screen.table, offset=(60, 0))
        await pilot.pause()
        await pilot.click(screen.purchases, offset=(12, 1))
        await wait_until(pilot, lambda: isinstance(app.screen, HistoryScreen))


async def test_what_is_owed_is_shown_and_paid_as_an_entry_of_its_own(people: InventoryService) -> None:
    people.sell([("003", 2)], "C0003", "s-1", "account")
    before = people.report()
    async with book(people) as (app, pilot, screen):
        screen.go_to("C0003")
        await wait_until(pilot, lambda: "owes $8.00" in shown_text(pilot, "#customer-details"))
        await pilot.press("p")
        await wait_until(
            pilot, lambda: isinstance(app.screen, FormDialog) and "Owes $8.00" in screen_text(pilot)
        )
        dialog = app.screen
        assert isinstance(dialog, FormDialog)
        assert dialog.typed["amount"] == "8.00"
        dialog.field("amount").value = "0"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "must be more than 0" in screen_text(pilot))
        dialog.field("amount").value = "5,50"
        dialog.field("payment").value = "card"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: app.screen is screen)
        said = "Zoe paid $5.50 on account and owes $2.50 now"
        await wait_until(pilot, lambda: any(said in text for text in toasts(pilot)))
        await wait_until(pilot, lambda: "owes $2.50" in shown_text(pilot, "#customer-details"))
        assert "paid on account" in screen_text(pilot)
    paid = people.snapshot.entries[-1]
    assert getattr(paid, "payment", "") == "card to account"
    assert people.report() == before
