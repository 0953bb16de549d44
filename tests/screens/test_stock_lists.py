"""Counting shelves and receiving deliveries on the screen: by scan, by words, in cells, together, and undone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from textual.pilot import Pilot

from tests.conftest import OpenShop
from tests.screens.helpers import open_app, screen_text, shown_text, toasts, type_text, wait_until
from tests.screens.scanner import MILK, go_to, scan, stock
from tracker_tui.app import TrackerApp
from tracker_tui.model import Action, Change
from tracker_tui.model.drafts import Draft, Kind
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.screens.delivery import Delivery
from tracker_tui.screens.list_dialog import ListDialog
from tracker_tui.screens.product_forms import AddProductForm
from tracker_tui.screens.products import ProductsScreen
from tracker_tui.screens.stock_count import StockCount
from tracker_tui.screens.stock_lists import StockLists
from tracker_tui.service import InventoryService

OPENS = {Kind.COUNT: ("t", StockCount), Kind.DELIVERY: ("v", Delivery)}


@pytest.fixture
def shop(open_shop: OpenShop) -> InventoryService:
    """Return a shop with codes to scan: Milk, Bread, Tea and a lamp."""
    return stock(open_shop())


@asynccontextmanager
async def products(
    shop: InventoryService, size: tuple[int, int] = (100, 30), *, clerk_mode: bool = False
) -> AsyncIterator[tuple[TrackerApp, Pilot[int]]]:
    app = open_app(shop, clerk_mode=clerk_mode)
    async with app.run_test(size=size) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        await go_to(app, pilot, "products")
        yield app, pilot


async def begin(app: TrackerApp, pilot: Pilot[int], kind: Kind, *texts: str) -> ListDialog:
    """Begin a list, with these texts in its first fields."""
    key, dialog = OPENS[kind]
    await pilot.press(key)
    await wait_until(pilot, lambda: isinstance(app.screen, StockLists))
    for text in texts:
        await type_text(pilot, f"{text}\n")
    await pilot.press("ctrl+s")
    await wait_until(pilot, lambda: isinstance(app.screen, dialog))
    assert isinstance(app.screen, ListDialog)
    return app.screen


def pieces(dialog: ListDialog) -> dict[str, int]:
    return {key: line.pieces for key, line in dialog.draft.lines.items()}


async def book(app: TrackerApp, pilot: Pilot[int]) -> None:
    await pilot.press("f9")
    await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
    await pilot.press("y")
    await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))


def quantities(shop: InventoryService) -> dict[str, int]:
    shop.refresh()
    return {key: product.quantity for key, product in shop.snapshot.products.items()}


async def test_a_shelf_is_counted_by_scan_by_words_and_in_cells(shop: InventoryService) -> None:
    async with products(shop) as (app, pilot):
        dialog = await begin(app, pilot, Kind.COUNT, "front")
        scan(pilot, MILK)
        scan(pilot, f"5*{MILK}")
        await wait_until(pilot, lambda: pieces(dialog) == {"001": 6})
        await type_text(pilot, "890*bread\n")
        await wait_until(pilot, lambda: pieces(dialog) == {"001": 6, "002": 890})
        dialog.table.go_to("003")
        dialog.set_focus(dialog.table)
        await pilot.press("8", "9", "9", "enter")
        await wait_until(pilot, lambda: pieces(dialog).get("003") == 899)
        assert dialog.draft.lines["003"].difference == 0
        assert "3 of 4 counted" in shown_text(pilot, "#list-title")
        assert "2 differ: 904 missing, 0 too many" in shown_text(pilot, "#list-sum")
        await pilot.press("ctrl+o")
        assert [product.id for product in dialog.table.rows] == ["dyq9-ku7x"], "not counted yet"
        await pilot.press("ctrl+o")
        assert [product.id for product in dialog.table.rows] == ["001", "002"], "differences"
        shop.sell([("001", 4)])
        await book(app, pilot)
        assert quantities(shop) == {"001": 2, "002": 890, "003": 899, "dyq9-ku7x": 900}
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: app.snapshot.products["001"].quantity == 896)
        assert quantities(shop)["002"] == 900


async def test_what_another_session_counts_is_seen(shop: InventoryService, open_shop: OpenShop) -> None:
    async with products(shop) as (app, pilot):
        dialog = await begin(app, pilot, Kind.COUNT)
        with open_shop("beth") as beth:
            beth.put(Kind.COUNT, dialog.draft.id, "003", 7)
            await wait_until(pilot, lambda: pieces(dialog) == {"003": 7})
            assert "beth" in screen_text(pilot)
            beth.book_draft(Kind.COUNT, dialog.draft.id)
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        assert any("is booked by now: entry" in said for said in toasts(pilot))


async def test_only_a_part_of_the_shop_is_counted(shop: InventoryService) -> None:
    async with products(shop) as (app, pilot):
        dialog = await begin(app, pilot, Kind.COUNT, "", "Dairy")
        assert [product.id for product in dialog.table.rows] == ["001"]
        scan(pilot, "002")
        await wait_until(pilot, lambda: [product.id for product in dialog.table.rows] == ["001", "002"])
        assert "0 of 1 counted" in shown_text(pilot, "#list-title")


async def test_a_delivery_sets_the_costs_and_says_what_is_low_all_the_same(shop: InventoryService) -> None:
    shop.edit("001", reorder_level=950)
    shop.edit("002", reorder_level=950)
    async with products(shop) as (app, pilot):
        dialog = await begin(app, pilot, Kind.DELIVERY, "Farm & Co", "invoice 17")
        scan(pilot, f"60*{MILK}")
        await wait_until(pilot, lambda: pieces(dialog) == {"001": 60})
        assert "still to be ordered: 1" in shown_text(pilot, "#list-sum")
        await pilot.press("ctrl+o")
        assert [product.id for product in dialog.table.rows] == ["002"]
        dialog.set_focus(dialog.table)
        await pilot.press("9", "tab")
        await wait_until(pilot, lambda: dialog.editor.column == "cost")
        await pilot.press("0", ".", "8", "enter")
        await wait_until(pilot, lambda: "002" in dialog.draft.lines and dialog.draft.lines["002"].cost)
        assert "2 products, 69 pieces, $7.20 without 60 of unknown cost" in shown_text(pilot, "#list-sum")
        await book(app, pilot)
    booked = shop.snapshot.entries[-1]
    assert isinstance(booked, Change)
    assert (booked.action, booked.own_id) == (Action.RECEIVE, dialog.draft.id)
    assert booked.note.startswith("Farm & Co, invoice 17 ")
    assert quantities(shop)["001"] == 960
    assert shop.snapshot.products["002"].cost == Decimal("0.80")


async def test_a_new_product_is_made_on_the_way(shop: InventoryService) -> None:
    async with products(shop) as (app, pilot):
        dialog = await begin(app, pilot, Kind.DELIVERY)
        scan(pilot, "12*5900000000001")
        await wait_until(pilot, lambda: app.unknown_codes)
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: isinstance(app.screen, AddProductForm))
        for text in ("004", "Jam", "3.50"):
            await type_text(pilot, f"{text}\n")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: pieces(dialog) == {"004": 12})
        assert app.unknown_codes == ()
        await book(app, pilot)
    assert quantities(shop)["004"] == 12


async def test_a_list_is_left_found_again_and_thrown_away(shop: InventoryService) -> None:
    async with products(shop) as (app, pilot):
        dialog = await begin(app, pilot, Kind.DELIVERY, "Farm")
        scan(pilot, MILK)
        await wait_until(pilot, lambda: pieces(dialog) == {"001": 1})
        await pilot.press("escape", "escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        await pilot.press("v")
        await wait_until(pilot, lambda: isinstance(app.screen, StockLists) and app.screen.table.has_focus)
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, Delivery))
        assert pieces_of(app) == {"001": 1}
        await pilot.press("escape", "escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        await pilot.press("v")
        await wait_until(pilot, lambda: isinstance(app.screen, StockLists) and app.screen.table.has_focus)
        await pilot.press("d")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await wait_until(
            pilot, lambda: isinstance(app.screen, StockLists) and app.screen.table.row_count == 0
        )
    assert [draft.dropped for draft in drafts(shop, Kind.DELIVERY)] == [True]
    assert quantities(shop)["001"] == 900


def drafts(shop: InventoryService, kind: Kind) -> tuple[Draft, ...]:
    return shop.drafts(kind)[0]


def pieces_of(app: TrackerApp) -> dict[str, int]:
    assert isinstance(app.screen, ListDialog)
    return pieces(app.screen)


async def test_enter_books_nothing_and_a_scan_takes_the_question_away(shop: InventoryService) -> None:
    async with products(shop) as (app, pilot):
        dialog = await begin(app, pilot, Kind.COUNT)
        await pilot.press("f9")
        assert "nothing is on the list yet" in shown_text(pilot, "#form-message")
        scan(pilot, MILK)
        await wait_until(pilot, lambda: pieces(dialog) == {"001": 1})
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("enter", "space", "f9")
        assert isinstance(app.screen, ConfirmDialog)
        scan(pilot, MILK)
        await wait_until(pilot, lambda: pieces(dialog) == {"001": 2} and app.screen is dialog)
    assert [draft.entry for draft in drafts(shop, Kind.COUNT)] == [None]


@pytest.mark.parametrize("typed", ["0012", "40063", "x", "-1"])
async def test_what_is_no_number_of_pieces_stays_in_the_cell(shop: InventoryService, typed: str) -> None:
    async with products(shop) as (app, pilot):
        dialog = await begin(app, pilot, Kind.COUNT)
        dialog.set_focus(dialog.table)
        await pilot.press("e")
        await wait_until(pilot, lambda: dialog.editor.has_focus)
        dialog.editor.value = typed
        await pilot.press("enter")
        assert shown_text(pilot, "#form-message").startswith("! ")
        assert dialog.editor.is_open
        await pilot.press("escape")
        assert pieces(dialog) == {}


async def test_a_refusal_is_said_and_the_list_stays(shop: InventoryService, open_shop: OpenShop) -> None:
    async with products(shop) as (app, pilot):
        dialog = await begin(app, pilot, Kind.COUNT)
        dialog.set_focus(dialog.table)
        await pilot.press("5", "enter")
        await wait_until(pilot, lambda: pieces(dialog) == {"001": 5})
        with open_shop("beth") as beth:
            beth.count("001", 3)
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await wait_until(pilot, lambda: "count it again" in shown_text(pilot, "#form-message"))
        assert app.screen is dialog
        await pilot.press("2", "enter")
        await wait_until(pilot, lambda: pieces(dialog) == {"001": 2})
        await book(app, pilot)
    assert quantities(shop)["001"] == 2


async def test_neither_is_for_clerks(shop: InventoryService) -> None:
    async with products(shop, clerk_mode=True) as (app, pilot):
        await pilot.press("t", "v")
        await wait_until(pilot, lambda: len(toasts(pilot)) >= 2)
        assert all("Not for this login" in said for said in toasts(pilot)[-2:])
        assert isinstance(app.screen, ProductsScreen)


@pytest.mark.parametrize("kind", list(Kind))
async def test_everything_is_in_sight_at_80_columns(shop: InventoryService, kind: Kind) -> None:
    async with products(shop, (80, 24)) as (app, pilot):
        dialog = await begin(app, pilot, kind, "front")
        scan(pilot, f"12*{MILK}")
        await wait_until(pilot, lambda: pieces(dialog) == {"001": 12})
        text = screen_text(pilot)
        for part in ("Milk", "12", "front", "Book  F9", "Leave  Esc", "Show…  Ctrl+O"):
            assert part in text


async def test_no_list_is_changed_for_a_clerk_wherever_it_is_asked(shop: InventoryService) -> None:
    async with products(shop, clerk_mode=True) as (app, pilot):
        await app.push_screen(StockLists(Kind.COUNT))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "Not for this login" in shown_text(pilot, "#form-message"))
    assert drafts(shop, Kind.COUNT) == ()
