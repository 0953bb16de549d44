"""The till: products into the basket, quantities, customers, stock, and what the mouse does."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Final

import pytest
from textual.events import Key
from textual.widgets import Digits, Input

from tests.conftest import OpenShop, product
from tests.screens.helpers import screen_text, shown_text, toasts, type_text, wait_until
from tests.screens.till import lines, pay, put_in, sales, till
from tracker_tui.app import TrackerApp
from tracker_tui.model import Purchase
from tracker_tui.screens.pay_dialog import PayDialog
from tracker_tui.screens.sell import SellScreen
from tracker_tui.service import InventoryService
from tracker_tui.widgets.key_order import _PauseOver

AN_HOUR_S: Final = 3600
"""A burst that ends so far ahead ends when the test says so, however busy the machine is."""


@pytest.fixture(autouse=True)
def begin_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the program on this screen: that halves the time of a test."""
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "sell")


async def test_a_sale_by_keys_alone(service: InventoryService) -> None:
    async with till(service) as (app, pilot, screen):
        await put_in(pilot, "001", "3*tea")
        await wait_until(pilot, lambda: lines(app) == {"001": 1, "003": 3})
        assert shown_text(pilot, "#total-plain") == "$13.20"
        await pay(app, pilot, "2", "0")
        await wait_until(pilot, lambda: app.screen is screen and not app.basket.lines)
        text = screen_text(pilot)
        assert "Sold for $13.20" in text
        assert "Entry 4. Given $20.00. Ctrl+R: receipt." in text
        assert screen.product.field.has_focus
    sale = sales(service)[-1]
    assert (sale.entry, sale.total, sale.payment, sale.customer_id) == (4, Decimal("13.20"), "cash", "")
    assert service.snapshot.products["003"].quantity == 5


async def test_the_total_is_big(service: InventoryService) -> None:
    async with till(service) as (app, pilot, screen):
        digits = screen.query_one("#total-digits", Digits)
        assert digits.display
        assert digits.region.height == 3
        await put_in(pilot, "001", "3*tea")
        await wait_until(pilot, lambda: lines(app) == {"001": 1, "003": 3})
        await wait_until(pilot, lambda: digits.value == "$13.20")
        await pilot.press("down", "+")
        await wait_until(pilot, lambda: digits.value == "$17.20")


async def test_the_result_stays_until_the_next_product(service: InventoryService) -> None:
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "001")
        await pay(app, pilot)
        await wait_until(pilot, lambda: "Sold for $1.20" in screen_text(pilot))
        await type_text(pilot, "te")
        assert "Sold for $1.20" in screen_text(pilot)
        await pilot.press("enter")
        await wait_until(pilot, lambda: lines(app) == {"003": 1})
        assert "Sold for" not in screen_text(pilot)


async def test_barcode_before_id_before_words(open_shop: OpenShop) -> None:
    with open_shop() as service:
        service.add(product("4", "Four", "1", 9))
        service.add(product("5", "Five", "1", 9)._replace(barcodes=frozenset({"4"})))
        service.add(product("X", "the 4 of them", "1", 9))
        async with till(service) as (app, pilot, _):
            await put_in(pilot, "4")
            await wait_until(pilot, lambda: lines(app) == {"5": 1})
            await put_in(pilot, "x")
            await wait_until(pilot, lambda: lines(app) == {"5": 1, "X": 1})


async def test_a_fast_scanner_loses_and_doubles_nothing(open_shop: OpenShop) -> None:
    """All keys are there before the first one is handled, as when SSH bunches them."""
    with open_shop() as service:
        for number in range(10):
            code = frozenset({f"59000000000{number:02}"})
            service.add(product(f"{number:02}", f"Thing {number}", "1", 50)._replace(barcodes=code))
        async with till(service) as (app, pilot, screen):
            scans = [f"59000000000{number % 10:02}" for number in range(20)]
            await type_text(pilot, "".join(f"{code}\n" for code in scans))
            await wait_until(pilot, lambda: sum(lines(app).values()) == 20)
            assert set(lines(app).values()) == {2}
            assert screen.product.text == ""


async def test_a_list_that_opens_while_one_types_is_not_opened_by_a_burst(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with till(service) as (app, pilot, screen):
        looked_for: list[str] = []
        look = screen.product._look_now

        def look_and_tell() -> None:
            looked_for.append(screen.product.text)
            look()

        monkeypatch.setattr(screen.product, "_look_now", look_and_tell)
        began = time.monotonic() + AN_HOUR_S
        for number, character in enumerate("te"):
            key = Key(character, character)
            key.time = began + number * 0.02
            app.post_message(key)
        await wait_until(pilot, lambda: app.is_bursting and screen.product.text == "t")
        screen.product._look_in_time()
        assert looked_for == []
        assert not screen.product.is_open
        app.post_message(_PauseOver(app._arrivals))
        await wait_until(pilot, lambda: screen.product.is_open)
        assert looked_for == ["te"]


async def test_an_unknown_code_stays_typed_with_a_message_and_sells_nothing_like_it(
    service: InventoryService,
) -> None:
    async with till(service) as (app, pilot, screen):
        await put_in(pilot, "00")
        await wait_until(pilot, lambda: "nothing is exactly “00”; 3 have it somewhere" in screen_text(pilot))
        assert screen.product.text == "00"
        assert lines(app) == {}
        await put_in(pilot, "4711")
        await wait_until(pilot, lambda: "no product has the code or id “4711”" in screen_text(pilot))
        await put_in(pilot, "001")
        await wait_until(pilot, lambda: lines(app) == {"001": 1})


async def test_down_chooses_among_the_matches(service: InventoryService) -> None:
    async with till(service) as (app, pilot, screen):
        await type_text(pilot, "e")
        await wait_until(pilot, lambda: screen.product.is_open)
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: lines(app) == {"002": 1})
        assert not screen.product.is_open
        await type_text(pilot, "00")
        await pilot.press("down", "down", "down", "enter")
        await wait_until(pilot, lambda: lines(app) == {"002": 1, "003": 1})


async def test_escape_closes_then_clears_and_never_empties_the_basket(service: InventoryService) -> None:
    async with till(service) as (app, pilot, screen):
        await put_in(pilot, "001")
        await type_text(pilot, "tea")
        await wait_until(pilot, lambda: screen.product.is_open)
        await pilot.press("escape")
        assert not screen.product.is_open
        assert screen.product.text == "tea"
        await pilot.press("escape")
        assert screen.product.text == ""
        await pilot.press("escape", "escape", "escape")
        assert lines(app) == {"001": 1}


async def test_too_much_is_marked_as_typed_and_follows_other_sessions(
    service: InventoryService, open_shop: OpenShop
) -> None:
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "5*002")
        await wait_until(pilot, lambda: lines(app) == {"002": 5})
        assert "only" not in screen_text(pilot)
        with open_shop("bo") as other:
            other.sell([("002", 3)])
        await wait_until(pilot, lambda: "Bread: 5 in the basket, only 2" in screen_text(pilot))
        assert screen_text(pilot).count("only 2") == 2
        await pilot.press("f9")
        await wait_until(pilot, lambda: any("Change the quantity" in said for said in toasts(pilot)))
        await pilot.press("minus", "minus", "minus")
        await wait_until(pilot, lambda: "in the basket, only" not in screen_text(pilot))


async def test_a_product_that_is_gone_is_marked(service: InventoryService, open_shop: OpenShop) -> None:
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "002")
        await wait_until(pilot, lambda: lines(app) == {"002": 1})
        with open_shop("bo") as other:
            other.remove("002")
        await wait_until(pilot, lambda: "gone" in screen_text(pilot))
        await pilot.press("f9")
        await pilot.pause()
        assert not isinstance(app.screen, PayDialog)


async def test_bad_counts_say_what_to_type(service: InventoryService) -> None:
    async with till(service) as (app, pilot, screen):
        for typed, said in (
            ("0*tea", "must be 1 or more"),
            ("-1*tea", "must be 1 or more"),
            ("1.5*tea", "is no whole number"),
            ("9999999999*tea", "too large"),
            ("3*", "behind the *"),
            ("NaN", "no product has"),
        ):
            await put_in(pilot, typed)
            await wait_until(pilot, lambda said=said: said in screen_text(pilot))  # type: ignore[misc]
            assert screen.product.text == typed
        assert lines(app) == {}


async def test_f9_on_an_empty_basket_says_what_to_do(service: InventoryService) -> None:
    async with till(service) as (app, pilot, screen):
        await pilot.press("f9")
        await wait_until(pilot, lambda: "scan or type a product first" in screen_text(pilot))
        await type_text(pilot, "tea")
        await pilot.press("f9")
        await wait_until(pilot, lambda: "Enter takes this first" in screen_text(pilot))
        assert app.screen is screen


async def test_undo_takes_steps_of_the_basket_and_then_the_last_sale(service: InventoryService) -> None:
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "001")
        await pay(app, pilot)
        await wait_until(pilot, lambda: "Sold for" in screen_text(pilot))
        assert service.snapshot.products["001"].quantity == 9
        await put_in(pilot, "002")
        await wait_until(pilot, lambda: lines(app) == {"002": 1})
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: lines(app) == {})
        assert service.snapshot.products["001"].quantity == 9
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: app.snapshot.products["001"].quantity == 10)


async def test_the_result_says_that_it_was_undone(service: InventoryService) -> None:
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "001")
        await pay(app, pilot)
        await wait_until(pilot, lambda: "Sold for" in screen_text(pilot))
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: "Entry 4 was undone:" in screen_text(pilot))
        assert "Sold for" not in screen_text(pilot)


async def test_a_click_takes_the_last_sale_back_as_an_entry(service: InventoryService) -> None:
    """That sale and no other act, though another came after it."""
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "2*001")
        await pay(app, pilot)
        await wait_until(pilot, lambda: "Undo the sale" in screen_text(pilot))
        service.receive("003", 1)
        await pilot.click("#undo-sale")
        await wait_until(pilot, lambda: "Entry 4 was undone:" in screen_text(pilot))
        assert "Undo the sale" not in screen_text(pilot)
        assert app.snapshot.products["001"].quantity == 10
    service.refresh()
    last = service.snapshot.entries[-1]
    assert isinstance(last, Purchase)
    assert (last.undoes, last.units) == (4, -2)


async def test_emptying_asks_and_can_be_undone(service: InventoryService) -> None:
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "001", "002")
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: "Take all 2 lines out" in screen_text(pilot))
        await pilot.press("enter", "space", "n")
        await wait_until(pilot, lambda: isinstance(app.screen, SellScreen))
        assert lines(app) == {"001": 1, "002": 1}
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: "Take all 2 lines out" in screen_text(pilot))
        await pilot.press("y")
        await wait_until(pilot, lambda: lines(app) == {})
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: lines(app) == {"001": 1, "002": 1})


async def test_a_sale_by_mouse_alone(service: InventoryService) -> None:
    """Only the words are typed; everything else is a click."""
    async with till(service) as (app, pilot, screen):
        await type_text(pilot, "e")
        await wait_until(pilot, lambda: screen.product.is_open)
        await pilot.click(screen.product.matches, offset=(10, 3))
        await wait_until(pilot, lambda: lines(app) == {"003": 1})
        assert screen.product.field.has_focus
        buttons = list(screen.query(".line-button"))
        await pilot.click(buttons[0])
        await wait_until(pilot, lambda: lines(app) == {"003": 2})
        await pilot.click(buttons[1])
        await wait_until(pilot, lambda: lines(app) == {"003": 1})
        await pilot.click("#sell-buttons > .-primary")
        await wait_until(pilot, lambda: isinstance(app.screen, PayDialog) and app.screen.hears)
        await pilot.click("#note-0")
        await pilot.click(".dialog-buttons > .-primary")
        await wait_until(pilot, lambda: "Sold for $4.00" in screen_text(pilot))
    assert sales(service)[-1].total == Decimal("4.00")


async def test_each_of_quick_clicks_on_more_and_fewer_counts(service: InventoryService) -> None:
    async with till(service) as (app, pilot, screen):
        await put_in(pilot, "001")
        await wait_until(pilot, lambda: lines(app) == {"001": 1})
        more, fewer = list(screen.query(".line-button"))[:2]
        await pilot.click(more, times=5)
        await wait_until(pilot, lambda: lines(app) == {"001": 6})
        await pilot.click(fewer, times=3)
        await wait_until(pilot, lambda: lines(app) == {"001": 3})


async def test_products_put_in_elsewhere_are_in_the_basket(service: InventoryService) -> None:
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "001")
        await pilot.press("f2")
        await wait_until(pilot, lambda: not isinstance(app.screen, SellScreen))
        await pilot.press("b")
        await wait_until(pilot, lambda: lines(app) == {"001": 2})
        await pilot.press("f4")
        await wait_until(pilot, lambda: isinstance(app.screen, SellScreen) and "$2.40" in screen_text(pilot))


async def test_names_are_shown_as_they_are(open_shop: OpenShop) -> None:
    with open_shop() as service:
        service.add(product("a", "[/]", "1", 9))
        service.add(product("b", "[red]x", "1", 9))
        service.add(product("c", "日本 tea 🍵", "1", 9))
        service.add(product("d", "n" * 5_000, "1", 9))
        path = service.directory / "inventory.txt"
        service.save()
        path.write_text(path.read_text().replace("[red]x", "[red]\x1b]0;x"))
        service.refresh()
        async with till(service) as (app, pilot, _):
            await put_in(pilot, "20*a", "20*b", "20*c", "20*d")
            await wait_until(pilot, lambda: len(lines(app)) == 4)
            await wait_until(pilot, lambda: "[red]␛]0;x" in screen_text(pilot))
            assert "\x1b" not in screen_text(pilot)
            assert "[/]" in screen_text(pilot)
            await pilot.press("shift+tab")
            await put_in(pilot, "[/] [red]")
            await wait_until(pilot, lambda: app.basket.customer == "[/] [red]")
            await pilot.press("down", "d")
            await wait_until(pilot, lambda: any("out of the basket" in said for said in toasts(pilot)))


async def test_a_name_with_a_control_character_is_refused(service: InventoryService) -> None:
    async with till(service) as (app, pilot, screen):
        screen.customer.field.focus()
        screen.customer.field.value = "Am\x1bal"
        await pilot.press("enter")
        await wait_until(pilot, lambda: "control character U+001B" in screen_text(pilot))
        assert app.basket.customer == ""


async def test_an_empty_shop_says_how_to_begin(open_shop: OpenShop) -> None:
    with open_shop() as service:
        async with till(service) as (_, pilot, _screen):
            assert "Nothing in the basket yet." in screen_text(pilot)
            await put_in(pilot, "milk")
            await wait_until(pilot, lambda: "there are no products yet" in screen_text(pilot))


async def test_read_only_sells_nothing(service: InventoryService, open_shop: OpenShop) -> None:
    assert service.snapshot.products
    with open_shop("bo", read_only=True) as looking:
        async with till(looking) as (app, pilot, screen):
            await put_in(pilot, "001")
            await pilot.press("f9")
            await wait_until(pilot, lambda: any("Nothing can be changed" in said for said in toasts(pilot)))
            assert app.screen is screen


async def test_help_footer_and_palette_have_the_keys(service: InventoryService) -> None:
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "001")
        assert "Pay" in screen_text(pilot).splitlines()[-1]
        await pilot.press("down")
        await wait_until(pilot, lambda: "Remove" in screen_text(pilot).splitlines()[-1])
        await pilot.press("f1")
        await wait_until(pilot, lambda: "Help: Sell" in screen_text(pilot))
        await pilot.press("escape", "ctrl+p")
        await wait_until(pilot, lambda: bool(app.screen.query(Input)))
        await type_text(pilot, "empty")
        await wait_until(pilot, lambda: "Empty the basket; asks first" in screen_text(pilot))


async def test_low_screens_show_the_total_in_one_line(service: InventoryService) -> None:
    async with till(service, (80, 18)) as (_, pilot, _screen):
        await put_in(pilot, "003")
        await wait_until(pilot, lambda: "$4.00" in "".join(screen_text(pilot).splitlines()[-4:-1]))
