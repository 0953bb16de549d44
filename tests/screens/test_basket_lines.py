"""The lines of the basket: quantities, prices and discounts typed in their cells, what is below its cost, undo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from textual.events import Key
from textual.pilot import Pilot

from tests.conftest import OpenShop
from tests.screens.helpers import screen_text, shown_text, toasts, type_by_hand, wait_until
from tests.screens.scanner import scan
from tests.screens.till import lines, pay, put_in, sales, till
from tracker_tui.app import TrackerApp
from tracker_tui.model.basket import Discount
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.screens.discount_dialog import DiscountDialog
from tracker_tui.screens.pay_dialog import PayDialog
from tracker_tui.screens.sell import SellScreen
from tracker_tui.service import InventoryService


@pytest.fixture(autouse=True)
def begin_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the program on this screen: that halves the time of a test."""
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "sell")


@asynccontextmanager
async def on_a_line(
    service: InventoryService, *codes: str
) -> AsyncIterator[tuple[TrackerApp, Pilot[int], SellScreen]]:
    """Run the app with products in the basket and the cursor on the last of them."""
    async with till(service) as (app, pilot, screen):
        await put_in(pilot, *codes)
        await wait_until(pilot, lambda: len(app.basket.lines) == len(codes))
        screen.set_focus(screen.table)
        await wait_until(pilot, lambda: screen.table.has_focus)
        yield app, pilot, screen


async def edit(pilot: Pilot[int], screen: SellScreen, key: str, typed: str, end: str = "enter") -> None:
    """Begin to type a cell, type into it, and press a last key."""
    await pilot.press(key)
    await wait_until(pilot, lambda: screen.editor.has_focus)
    await type_by_hand(pilot, typed)
    await wait_until(pilot, lambda: screen.editor.value == typed)
    await pilot.press(end)


async def test_quantities_by_keys(service: InventoryService) -> None:
    async with on_a_line(service, "001", "002") as (app, pilot, screen):
        await pilot.press("plus", "plus", "minus")
        await wait_until(pilot, lambda: lines(app) == {"001": 1, "002": 2})
        await edit(pilot, screen, "e", "4")
        await wait_until(pilot, lambda: lines(app) == {"001": 1, "002": 4} and screen.table.has_focus)
        await pilot.press("d")
        await wait_until(pilot, lambda: lines(app) == {"001": 1})
        await pilot.press("u")
        await wait_until(pilot, lambda: lines(app) == {"001": 1, "002": 4})


async def test_digits_on_a_line_are_its_quantity(service: InventoryService) -> None:
    async with on_a_line(service, "001", "003") as (app, pilot, screen):
        await type_by_hand(pilot, "12")
        await wait_until(pilot, lambda: screen.editor.value == "12")
        row = next(line for line in screen_text(pilot).splitlines() if " Tea " in line)
        assert row.split()[1:4] == ["003", "Tea", "12"], "it is typed where the quantity stands"
        await pilot.press("enter")
        await wait_until(pilot, lambda: lines(app) == {"001": 1, "003": 12})
        await wait_until(pilot, lambda: "only 8" in screen_text(pilot))


async def test_escape_leaves_a_cell_as_it_was(service: InventoryService) -> None:
    async with on_a_line(service, "001") as (app, pilot, screen):
        await edit(pilot, screen, "e", "7", "escape")
        await wait_until(pilot, lambda: screen.table.has_focus and not screen.editor.is_open)
        assert lines(app) == {"001": 1}


async def test_a_code_is_no_quantity(service: InventoryService) -> None:
    async with on_a_line(service, "001") as (app, pilot, screen):
        for typed, said in (
            ("59000000", "Was that a code? Ctrl+S takes it"),
            ("001", "Was that a code?"),
            ("0", "must be 1 or more; d takes the line out"),
            ("-3", "must be 1 or more"),
            ("x", "no whole number"),
        ):
            await edit(pilot, screen, "e", typed)
            await wait_until(pilot, lambda said=said: any(said in text for text in toasts(pilot)))  # type: ignore[misc]
            assert screen.editor.has_focus
            await pilot.press("escape")
            await wait_until(pilot, lambda: screen.table.has_focus)
        assert lines(app) == {"001": 1}
        await edit(pilot, screen, "e", "12345", "ctrl+s")
        await wait_until(pilot, lambda: lines(app) == {"001": 12345})


async def test_tab_goes_from_cell_to_cell(service: InventoryService) -> None:
    async with on_a_line(service, "003") as (app, pilot, screen):
        await edit(pilot, screen, "e", "2", "tab")
        await wait_until(pilot, lambda: screen.editor.column == "price" and screen.editor.value == "4.00")
        await type_by_hand(pilot, "3,50")
        await pilot.press("tab")
        await wait_until(pilot, lambda: screen.editor.column == "discount")
        await type_by_hand(pilot, "10%")
        await pilot.press("shift+tab")
        await wait_until(pilot, lambda: screen.editor.column == "price" and screen.editor.value == "3.50")
        await pilot.press("enter")
        await wait_until(pilot, lambda: screen.table.has_focus)
        assert shown_text(pilot, "#total-plain") == "$6.30"
        row = next(line for line in screen_text(pilot).splitlines() if " Tea " in line)
        assert row.split()[1:] == ["003", "Tea", "2", "$3.50", "10%", "$6.30", "8"]
        await pay(app, pilot)
        await wait_until(pilot, lambda: not app.basket.lines)
    (line,) = sales(service)[-1].lines
    assert (line.quantity, line.price, line.discount, line.total) == (
        2,
        Decimal("3.50"),
        Decimal("0.70"),
        Decimal("6.30"),
    )


@pytest.mark.parametrize(
    ("first", "name", "column"), [("%", "percent_sign", "discount"), ("p", "p", "price")]
)
async def test_keys_that_come_bunched_land_in_the_cell_that_the_first_one_opens(
    service: InventoryService, first: str, name: str, column: str
) -> None:
    async with on_a_line(service, "001") as (app, pilot, screen):
        for key, character in ((name, first), ("3", "3")):
            app.post_message(Key(key, character))
        await wait_until(pilot, lambda: screen.editor.is_open and "3" in screen.editor.value)
        assert (screen.editor.column, screen.editor.value) == (column, "3")
        await pilot.press("enter")
        await wait_until(pilot, lambda: not screen.editor.is_open)
        assert lines(app) == {"001": 1}, "and not three of it"


async def test_what_cannot_be_a_price_or_a_discount_is_said(service: InventoryService) -> None:
    async with on_a_line(service, "003") as (app, pilot, screen):
        for key, typed, said in (
            ("p", "1,000", "two ways"),
            ("p", "-1", "must be 0 or more"),
            ("%", "ten", "no amount"),
            ("%", "101%", "at most 100%"),
        ):
            await edit(pilot, screen, key, typed)
            await wait_until(pilot, lambda said=said: any(said in text for text in toasts(pilot)))  # type: ignore[misc]
            await pilot.press("escape")
            await wait_until(pilot, lambda: screen.table.has_focus)
        assert shown_text(pilot, "#total-plain") == "$4.00"
        await edit(pilot, screen, "p", "5")
        await wait_until(pilot, lambda: shown_text(pilot, "#total-plain") == "$5.00")
        screen.editor.value = ""
        await edit(pilot, screen, "p", "4.00")
        await wait_until(pilot, lambda: shown_text(pilot, "#total-plain") == "$4.00")
        assert app.basket.lines[0].price is None, "the product's own price is no price of the line"


async def test_a_discount_of_the_whole_basket_is_shared_among_the_lines(service: InventoryService) -> None:
    async with on_a_line(service, "001", "2*002") as (app, pilot, screen):
        await pilot.press("b")
        await wait_until(pilot, lambda: isinstance(app.screen, DiscountDialog))
        await type_by_hand(pilot, "10%\n")
        await wait_until(pilot, lambda: app.screen is screen and app.basket.discount)
        await wait_until(pilot, lambda: "10% = $0.62 off" in screen_text(pilot))
        assert shown_text(pilot, "#total-plain") == "$5.58"
        await pay(app, pilot)
        await wait_until(pilot, lambda: not app.basket.lines)
        assert app.basket.discount == Discount()
    sale = sales(service)[-1]
    assert sale.total == Decimal("5.58")
    assert [line.discount for line in sale.lines] == [Decimal("0.12"), Decimal("0.50")]


async def test_a_price_below_cost_is_asked_about_and_a_no_takes_it_back(service: InventoryService) -> None:
    service.edit("001", cost=Decimal("1.00"))
    async with on_a_line(service, "001") as (app, pilot, screen):
        await edit(pilot, screen, "p", "0.99")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        assert "Milk is below its cost of $1.00. Sell it so?" in screen_text(pilot)
        await pilot.press("enter", "space", "n")
        await wait_until(pilot, lambda: app.screen is screen)
        assert shown_text(pilot, "#total-plain") == "$1.20"
        await edit(pilot, screen, "%", "20%")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await wait_until(pilot, lambda: app.screen is screen)
        assert shown_text(pilot, "#total-plain") == "$0.96"
        await edit(pilot, screen, "p", "1.10")
        await wait_until(pilot, lambda: shown_text(pilot, "#total-plain") == "$0.88")
        await pay(app, pilot)
        await wait_until(pilot, lambda: not app.basket.lines)
    assert sales(service)[-1].total == Decimal("0.88")


async def test_what_came_below_cost_unasked_is_asked_about_before_paying(
    service: InventoryService, open_shop: OpenShop
) -> None:
    async with on_a_line(service, "001") as (app, pilot, screen):
        await edit(pilot, screen, "p", "0.50")
        await wait_until(pilot, lambda: shown_text(pilot, "#total-plain") == "$0.50")
        with open_shop("bo") as other:
            other.edit("001", cost=Decimal("1.00"))
        await wait_until(pilot, lambda: app.snapshot.products["001"].cost)
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("f9", "enter", "n")
        await wait_until(pilot, lambda: app.screen is screen)
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await wait_until(pilot, lambda: isinstance(app.screen, PayDialog))


async def test_a_clerk_is_not_told_the_cost(service: InventoryService) -> None:
    service.edit("001", cost=Decimal("1.00"))
    async with on_a_line(service, "001") as (app, pilot, screen):
        app.clerk_mode = True
        await edit(pilot, screen, "p", "0.99")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        assert "Milk is below its cost. Sell it so?" in screen_text(pilot)


async def test_f9_takes_an_open_cell_first(service: InventoryService) -> None:
    async with on_a_line(service, "003") as (app, pilot, screen):
        await edit(pilot, screen, "e", "0", "f9")
        await wait_until(pilot, lambda: any("must be 1 or more" in text for text in toasts(pilot)))
        assert app.screen is screen
        await pilot.press("escape")
        await edit(pilot, screen, "e", "3", "f9")
        await wait_until(pilot, lambda: isinstance(app.screen, PayDialog))
        assert "Pay: 3 pieces" in screen_text(pilot)


async def test_a_scan_takes_an_open_cell_and_then_adds(service: InventoryService) -> None:
    async with on_a_line(service, "003") as (app, pilot, screen):
        await pilot.press("e")
        await wait_until(pilot, lambda: screen.editor.has_focus)
        await type_by_hand(pilot, "3", ago_s=2)
        scan(pilot, "001")
        await wait_until(pilot, lambda: lines(app) == {"003": 3, "001": 1})
        assert screen.table.has_focus
        assert screen.table.cursor_key == "001"


async def test_cells_by_mouse(service: InventoryService) -> None:
    async with on_a_line(service, "001", "003") as (_, pilot, screen):
        text = screen_text(pilot).splitlines()
        y = next(number for number, line in enumerate(text) if " Milk " in line)
        x = text[y].index("$1.20")
        await pilot.click(offset=(x, y))
        await wait_until(pilot, lambda: screen.table.cursor_key == "001")
        assert not screen.editor.is_open, "the first click goes to the line"
        await pilot.click(offset=(x, y))
        await wait_until(pilot, lambda: screen.editor.is_open)
        assert screen.editor.column == "price"
        await type_by_hand(pilot, "1")
        await pilot.click(screen.product.field)
        await wait_until(pilot, lambda: shown_text(pilot, "#total-plain") == "$5.00")
        assert not screen.editor.is_open
        assert screen.product.field.has_focus


async def test_the_last_line_is_in_sight_and_marked(service: InventoryService) -> None:
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "001", "002", "001")
        await wait_until(pilot, lambda: lines(app) == {"001": 2, "002": 1})
        marked = [line for line in screen_text(pilot).splitlines() if line.startswith(">~")]
        assert len(marked) == 1
        assert " Milk " in marked[0]


async def test_twenty_lines_keep_the_last_one_in_sight(service: InventoryService) -> None:
    names = [f"{number:03}" for number in range(100, 130)]
    for name in names:
        service.add(service.snapshot.products["001"]._replace(id=name, name=f"Thing {name}"))
    async with till(service) as (app, pilot, screen):
        for name in names:
            scan(pilot, name, after_s=0.1 * int(name))
        await wait_until(pilot, lambda: len(app.basket.lines) == 30)
        assert "Thing 129" in screen_text(pilot)
        scan(pilot, "100")
        await wait_until(pilot, lambda: app.basket.quantity_of("100") == 2)
        assert any(line.startswith(">~") and "Thing 100" in line for line in screen_text(pilot).splitlines())
        assert screen.product.field.has_focus


async def test_an_undo_takes_back_prices_and_discounts_too(service: InventoryService) -> None:
    async with on_a_line(service, "003") as (app, pilot, screen):
        await edit(pilot, screen, "p", "3")
        await edit(pilot, screen, "%", "1")
        await wait_until(pilot, lambda: shown_text(pilot, "#total-plain") == "$2.00")
        await pilot.press("u")
        await wait_until(pilot, lambda: shown_text(pilot, "#total-plain") == "$3.00")
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: shown_text(pilot, "#total-plain") == "$4.00")
        assert lines(app) == {"003": 1}
