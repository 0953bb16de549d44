"""Products: what a clerk sees and does there, on a real shop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.conftest import OpenShop, product
from tests.screens.helpers import open_app, screen_text, toasts, type_text, wait_until
from tracker_tui.app import TrackerApp
from tracker_tui.model import Product
from tracker_tui.screens import products
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.screens.product_forms import AddProductForm, CountForm, EditProductForm
from tracker_tui.screens.products import ProductsScreen
from tracker_tui.service import InventoryService


def _products(app: object) -> ProductsScreen:
    screen = getattr(app, "screen")  # noqa: B009 - the app's type knows no screens
    assert isinstance(screen, ProductsScreen)
    return screen


async def test_an_empty_shop_says_how_to_begin(open_shop: OpenShop) -> None:
    with open_shop() as shop:
        app = open_app(shop)
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_until(pilot, lambda: "a adds the first one" in screen_text(pilot))


async def test_the_table_shows_every_column_and_says_low(service: InventoryService) -> None:
    service.edit("002", reorder_level=5)
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Bread" in screen_text(pilot))
        line = next(line for line in screen_text(pilot).splitlines() if "Bread" in line)
        assert line.split() == ["002", "Bread", "$2.50", "low", "5", "bakery,", "fresh", "5"]


async def test_the_filter_shows_only_rows_with_all_words(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash")
        await type_text(pilot, "fresh MILK")
        await wait_until(pilot, lambda: _products(app).table.row_count == 1)
        assert "1 of 3" in screen_text(pilot)
        await pilot.press("escape")
        await wait_until(pilot, lambda: _products(app).table.row_count == 3)


async def test_a_product_is_added_by_keys(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, AddProductForm))
        for text in ("9", "Jam, red", "1,50", "4", "sweet, fresh"):
            await type_text(pilot, text)
            await pilot.press("enter")
        await pilot.press("ctrl+s")
        await wait_until(
            pilot, lambda: "9" in app.snapshot.products and isinstance(app.screen, ProductsScreen)
        )
        jam = app.snapshot.products["9"]
        assert jam == Product("9", "Jam, red", Decimal("1.50"), 4, frozenset({"sweet", "fresh"}))
        assert _products(app).table.cursor_key == "9"


@pytest.mark.parametrize(
    ("field", "typed", "reason"),
    [
        ("id", "", "must not be empty"),
        ("id", "001", "taken already"),
        ("name", "", "must not be empty"),
        ("name", "=1+1", "spreadsheet"),
        ("price", "abc", "is no amount"),
        ("price", "-1", "must be 0 or more"),
        ("price", "1,500", "read in two ways"),
        ("price", "NaN", "is no amount"),
        ("price", "12345678901234", "too large"),
        ("quantity", "1.5", "is no whole number"),
        ("quantity", "-2", "must be 0 or more"),
        ("quantity", "99999999999", "too large"),
        ("cost", "x", "is no amount"),
    ],
)
async def test_bad_input_is_named_beside_its_field_and_stays(
    service: InventoryService, field: str, typed: str, reason: str
) -> None:
    app = open_app(service)
    good = {"id": "9", "name": "Jam", "price": "1", "quantity": "1", "cost": ""}
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, AddProductForm) and app.screen.is_mounted)
        form = app.screen
        assert isinstance(form, AddProductForm)
        await wait_until(pilot, lambda: form.field("cost").input)
        for key, value in {**good, field: typed}.items():
            form.field(key).value = value
        await pilot.press("ctrl+s")
        error = form.field(field).query_one(".error")
        await wait_until(pilot, lambda: reason in str(getattr(error, "content", "")))
        assert form.field(field).value == typed
        assert app.screen is form
    assert "9" not in service.snapshot.products


async def test_an_edit_changes_only_what_was_changed(service: InventoryService, open_shop: OpenShop) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await wait_until(
            pilot, lambda: isinstance(app.screen, EditProductForm) and app.screen.field("price").input
        )
        with open_shop("bo") as other:
            other.edit("001", name="Whole milk")
        form = app.screen
        assert isinstance(form, EditProductForm)
        form.field("price").value = "1.30"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: app.snapshot.products["001"].price == Decimal("1.30"))
        assert app.snapshot.products["001"].name == "Whole milk"


async def test_a_true_conflict_is_shown_and_not_overwritten(
    service: InventoryService, open_shop: OpenShop
) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("e")
        await wait_until(
            pilot, lambda: isinstance(app.screen, EditProductForm) and app.screen.field("price").input
        )
        form = app.screen
        assert isinstance(form, EditProductForm)
        form.field("price").value = "1.30"
        with open_shop("bo") as other:
            other.edit("001", price=Decimal("9.99"))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "somebody else made it 9.99" in screen_text(pilot))
        assert service.snapshot.products["001"].price == Decimal("9.99")
        assert form.field("price").value == "1.30"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: app.snapshot.products["001"].price == Decimal("1.30"))


async def test_a_column_that_the_shop_put_into_its_file_stands_in_the_forms(
    service: InventoryService, open_shop: OpenShop
) -> None:
    service.edit("001", extra={"Supplier No.": "17"})
    service.save()
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("e")
        await wait_until(
            pilot, lambda: isinstance(app.screen, EditProductForm) and app.screen.field("Supplier No.").input
        )
        form = app.screen
        assert isinstance(form, EditProductForm)
        assert form.field("Supplier No.").value == "17"
        form.field("Supplier No.").value = "=18"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "must not begin with =" in screen_text(pilot))
        form.field("Supplier No.").value = "18"
        with open_shop("bo") as other:
            other.edit("001", extra={"Supplier No.": "19"})
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "was 17; somebody else made it 19" in screen_text(pilot))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: app.snapshot.products["001"].extra == {"Supplier No.": "18"})
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        await pilot.press("a")
        await wait_until(
            pilot, lambda: isinstance(app.screen, AddProductForm) and app.screen.field("Supplier No.").input
        )
        new = app.screen
        assert isinstance(new, AddProductForm)
        for key, text in (("id", "N1"), ("name", "New"), ("price", "1"), ("Supplier No.", "20")):
            new.field(key).value = text
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "N1" in app.snapshot.products)
        assert app.snapshot.products["N1"].extra == {"Supplier No.": "20"}


async def test_their_value_can_be_taken_in_a_conflict(service: InventoryService, open_shop: OpenShop) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("e")
        await wait_until(
            pilot, lambda: isinstance(app.screen, EditProductForm) and app.screen.field("price").input
        )
        form = app.screen
        assert isinstance(form, EditProductForm)
        form.field("price").value = "1.30"
        with open_shop("bo") as other:
            other.edit("001", price=Decimal("9.99"))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "somebody else" in screen_text(pilot))
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: form.field("price").value == "9.99")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        assert service.snapshot.products["001"].price == Decimal("9.99")


async def test_the_count_is_a_dialog_and_can_be_undone(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("c")
        await wait_until(
            pilot, lambda: isinstance(app.screen, CountForm) and app.screen.field("pieces").input
        )
        await type_text(pilot, "7")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: app.snapshot.products["001"].quantity == 7)
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: app.snapshot.products["001"].quantity == 10)


async def test_receiving_adds_to_the_stock(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("i")
        await wait_until(pilot, lambda: app.screen.query(Input))
        await type_text(pilot, "6")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: app.snapshot.products["001"].quantity == 16)


async def test_enter_never_removes_but_y_does_and_u_brings_back(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("d")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("enter", "space")
        assert isinstance(app.screen, ConfirmDialog)
        await pilot.press("y")
        await wait_until(pilot, lambda: "001" not in app.snapshot.products)
        await pilot.press("u")
        await wait_until(pilot, lambda: "001" in app.snapshot.products)


async def test_a_click_on_a_header_sorts_and_a_click_on_the_cursor_opens(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Bread" in screen_text(pilot))
        header = screen_text(pilot).splitlines()[2]
        await pilot.click("#products", offset=(header.index("Quantity"), 0))
        await wait_until(pilot, lambda: [p.id for p in _products(app).table.rows] == ["002", "003", "001"])
        await pilot.click("#products", offset=(5, 2))
        await wait_until(pilot, lambda: _products(app).table.cursor_key == "003")
        await pilot.click("#products", offset=(5, 2))
        await wait_until(pilot, lambda: isinstance(app.screen, EditProductForm))


async def test_another_session_is_seen_and_the_cursor_stays(
    service: InventoryService, open_shop: OpenShop
) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "down")
        await wait_until(pilot, lambda: _products(app).table.cursor_key == "003")
        with open_shop("bo") as other:
            other.add(product("000", "Apples", "1", 3))
            other.sell([("003", 2)])
        await wait_until(pilot, lambda: "Apples" in screen_text(pilot))
        await wait_until(pilot, lambda: app.snapshot.products["003"].quantity == 6)
        assert _products(app).table.cursor_key == "003"


async def test_a_clerk_cannot_change_products(service: InventoryService) -> None:
    app = open_app(service, clerk_mode=True)
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ("a", "e", "enter", "i", "c", "x", "d"):
            await pilot.press(key)
            assert isinstance(app.screen, ProductsScreen)
        await wait_until(pilot, lambda: any("Not for this login" in text for text in toasts(pilot)))


async def test_leaving_a_typed_form_asks_first(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, AddProductForm) and app.screen.query(Input))
        await type_text(pilot, "9")
        await pilot.press("escape")
        await wait_until(pilot, lambda: "Not saved yet" in screen_text(pilot))
        assert isinstance(app.screen, AddProductForm)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))


HOSTILE = "[/] [red]x \x1b]0;owned\x07 \u202egnirts \U0001f9c0 日本"


async def test_hostile_names_are_shown_as_text(service: InventoryService, open_shop: OpenShop) -> None:
    """A name from a file may hold anything; it is neither markup nor a control character on the screen."""
    service.close()
    path = service.directory / "inventory.txt"
    row = f'666,"{HOSTILE}",1.00,3,"[/cat]",,,\n'
    path.write_text(path.read_text("utf-8").replace("001,", row + "001,"), "utf-8")
    with open_shop() as shop:
        assert shop.snapshot.products["666"].name == HOSTILE
        app = open_app(shop)
        async with app.run_test(size=(120, 40)) as pilot:
            await wait_until(pilot, lambda: "[/] [red]x ␛]0;owned␇" in screen_text(pilot))
            assert not set(screen_text(pilot)) & set("\x1b\x07\u202e")
            _products(app).go_to("666")
            await pilot.press("d")
            await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            assert "[/] [red]x ␛" in screen_text(pilot)
            await pilot.press("escape", "e")
            await wait_until(pilot, lambda: isinstance(app.screen, EditProductForm))
            assert "Edit [/] [red]x ␛" in screen_text(pilot)


async def test_a_name_of_5000_letters_breaks_nothing(service: InventoryService) -> None:
    service.add(product("long", "x" * 5000, "1", 1))
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "xxxx…" in screen_text(pilot))
        assert all(len(line) <= 80 for line in screen_text(pilot).splitlines())


@asynccontextmanager
async def beside_bo(
    service: InventoryService, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[TrackerApp, Pilot[int], InventoryService]]:
    """Look at Milk, of which another clerk has sold two; marks stay for longer than a busy machine takes."""
    monkeypatch.setattr(products, "MARKED_S", 1000)
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: _products(app).table.cursor_key == "001")
        with open_shop("bo") as other:
            other.sell([("001", 2)])
            await wait_until(pilot, lambda: "bo sold 2 at 09:00" in screen_text(pilot))
            yield app, pilot, other


async def test_what_another_clerk_did_is_marked_and_named(
    service: InventoryService, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with beside_bo(service, open_shop, monkeypatch) as (_, pilot, _):
        await pilot.press("down", "up")
        assert "bo sold 2 at 09:00" in screen_text(pilot)
        assert (
            next(line for line in screen_text(pilot).splitlines() if "Milk" in line)
            .lstrip("> ")
            .startswith("~")
        )


async def test_mark_that_has_stood_for_a_while_goes_with_the_next_key(
    service: InventoryService, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with beside_bo(service, open_shop, monkeypatch) as (app, pilot, other):
        monkeypatch.setattr(products, "MARKED_S", 0)
        assert "~" in screen_text(pilot), "a frame for it alone is not worth it"
        await pilot.press("down")
        assert "~" not in screen_text(pilot)
        await pilot.press("up")
        assert "bo sold" not in screen_text(pilot)
        monkeypatch.setattr(products, "MARKED_S", 1000)
        other.sell([("002", 1)])
        await wait_until(pilot, lambda: screen_text(pilot).count("~") == 1)
        news = _products(app)._news
        news["002"] = (news["002"][0], -1000.0)
        other.sell([("003", 1)])
        await wait_until(pilot, lambda: "~  003" in screen_text(pilot) or "~ 003" in screen_text(pilot))
        assert screen_text(pilot).count("~") == 1


async def test_mark_stays_while_others_go_on(
    service: InventoryService, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with beside_bo(service, open_shop, monkeypatch) as (_, pilot, other):
        other.sell([("002", 1)])
        await wait_until(pilot, lambda: screen_text(pilot).count("~") == 2)


async def test_going_to_a_product_that_the_filter_hides_takes_the_filter_away(
    service: InventoryService,
) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash")
        await type_text(pilot, "milk")
        # A few letters find the one product already: the last ones must not be typed at the table.
        await wait_until(pilot, lambda: _products(app).filter_line.text == "milk")
        await wait_until(pilot, lambda: _products(app).table.row_count == 1)
        _products(app).go_to("003")
        await pilot.pause()
        await pilot.pause()
        assert _products(app).table.cursor_key == "003"


async def test_an_act_is_told_once(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("d")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await wait_until(pilot, lambda: toasts(pilot))
        await pilot.pause()
        assert toasts(pilot) == ["Milk was removed. Ctrl+Z undoes it."]


async def test_a_filter_that_nothing_has_says_so(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash")
        await type_text(pilot, "zzz")
        await wait_until(pilot, lambda: "No product has all these words" in screen_text(pilot))


async def test_a_half_typed_form_is_left_alone_and_told_of_a_change(
    service: InventoryService, open_shop: OpenShop
) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("e")
        await wait_until(
            pilot, lambda: isinstance(app.screen, EditProductForm) and app.screen.field("price").input
        )
        form = app.screen
        assert isinstance(form, EditProductForm)
        form.field("price").input.focus()
        await type_text(pilot, "5")
        with open_shop("bo") as other:
            other.edit("001", name="Whole milk")
        await wait_until(pilot, lambda: "Somebody has just changed this product" in screen_text(pilot))
        await type_text(pilot, "5")
        await wait_until(pilot, lambda: form.field("price").value == "1.2055")
        assert "Somebody has just changed this product" in screen_text(pilot)
        assert form.field("name").value == "Milk"
