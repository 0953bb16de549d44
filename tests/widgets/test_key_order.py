"""Keys that come bunched act one after the other."""

from __future__ import annotations

from textual import events

from tests.conftest import OpenShop
from tests.screens.helpers import open_app, wait_until
from tracker_tui.app import TrackerApp
from tracker_tui.screens.product_forms import AddProductForm
from tracker_tui.screens.products import ProductsScreen

NAMES = {"\t": "tab", "\r": "enter", "/": "slash", ".": "full_stop", "\x13": "ctrl+s"}


def bunch(app: TrackerApp, keys: str) -> None:
    """Post keys as the driver does when they come in one packet: all at once."""
    for character in keys:
        app.post_message(events.Key(NAMES.get(character, character), character))


async def test_a_whole_form_in_one_packet_lands_field_by_field(open_shop: OpenShop) -> None:
    with open_shop() as shop:
        app = open_app(shop)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("a")
            await wait_until(pilot, lambda: isinstance(app.screen, AddProductForm))
            bunch(app, "M01\tMilk\r1.20\t10\x13")
            await wait_until(pilot, lambda: "M01" in app.snapshot.products)
            milk = app.snapshot.products["M01"]
            assert (milk.name, str(milk.price), milk.quantity) == ("Milk", "1.20", 10)


async def test_a_filter_typed_in_one_packet_presses_no_key_of_the_table(open_shop: OpenShop) -> None:
    with open_shop() as shop:
        app = open_app(shop)
        async with app.run_test(size=(80, 24)) as pilot:
            bunch(app, "/adiceb")
            screen = app.screen
            assert isinstance(screen, ProductsScreen)
            await wait_until(pilot, lambda: screen.filter_line.text == "adiceb")
            assert app.screen is screen


async def test_hundreds_of_keys_at_once_arrive_in_order(open_shop: OpenShop) -> None:
    with open_shop() as shop:
        app = open_app(shop)
        async with app.run_test(size=(80, 24)) as pilot:
            bunch(app, "a" + "\t" + "0123456789" * 30)
            await wait_until(pilot, lambda: isinstance(app.screen, AddProductForm))
            form = app.screen
            assert isinstance(form, AddProductForm)
            await wait_until(pilot, lambda: form.field("name").value == "0123456789" * 30, patience_s=60)
