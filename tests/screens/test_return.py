"""Taking goods back on the screen: by the receipt's code, or of the sale under the cursor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from textual.pilot import Pilot

from tests.conftest import OpenShop
from tests.screens.helpers import open_app, screen_text, shown_text, type_by_hand, type_text, wait_until
from tracker_tui.app import TrackerApp
from tracker_tui.model import Purchase
from tracker_tui.model.scan import Scan
from tracker_tui.screens.receipt_dialog import ReceiptDialog
from tracker_tui.screens.return_dialog import ReturnDialog
from tracker_tui.service import InventoryService
from tracker_tui.widgets.mouse_button import MouseButton

SALE = "260302-090004-1a2b3c4d"


@pytest.fixture
def sold(service: InventoryService) -> InventoryService:
    """Return a shop in which Ann bought 3 Milk and 1 Tea, entry 4."""
    service.sell([("001", 3), ("003", 1)], "Ann", sale=SALE)
    return service


@asynccontextmanager
async def returning(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch, mode: str = "sell"
) -> AsyncIterator[tuple[TrackerApp, Pilot[int], ReturnDialog]]:
    """Run the app on one of its screens and open the dialog there."""
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", mode)
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: not app.snapshot.loading)
        if mode != "sell":
            await wait_until(pilot, lambda: "Milk" in screen_text(pilot))
        await pilot.press("ctrl+g")
        await wait_until(pilot, lambda: isinstance(app.screen, ReturnDialog))
        dialog = app.screen
        assert isinstance(dialog, ReturnDialog)
        yield app, pilot, dialog


async def lines_shown(pilot: Pilot[int], dialog: ReturnDialog, count: int = 2) -> None:
    await wait_until(pilot, lambda: dialog.table.row_count == count)


async def taken_back(app: TrackerApp, pilot: Pilot[int]) -> str:
    """Wait until the goods are back; return the receipt."""
    await wait_until(pilot, lambda: isinstance(app.screen, ReceiptDialog))
    assert isinstance(app.screen, ReceiptDialog)
    return app.screen.text


def last(service: InventoryService) -> Purchase:
    service.refresh()
    entry = service.snapshot.entries[-1]
    assert isinstance(entry, Purchase)
    return entry


async def test_scanned_receipt_takes_all_of_it_back_for_a_reason(
    sold: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with returning(sold, monkeypatch) as (app, pilot, dialog):
        await type_text(pilot, f"{SALE}\n")
        await lines_shown(pilot, dialog)
        assert "Ann (C0001)" in shown_text(pilot, "#return-sale")
        assert shown_text(pilot, "#return-amount") == "Pay back cash: $7.60"
        await pilot.press("ctrl+s")
        assert dialog.query_one("#field-reason Input").has_focus
        assert len(sold.snapshot.entries) == 4
        await type_by_hand(pilot, "sour")
        await pilot.press("ctrl+s")
        receipt = await taken_back(app, pilot)
        assert "COPY" not in receipt
        assert f"Of sale {SALE}" in receipt
        assert "Taken back for $7.60" in shown_text(pilot, "#form-message")
    back = last(sold)
    assert (back.returns, back.note, back.total) == (SALE, "sour", Decimal("-7.60"))
    assert [p.quantity for p in sold.snapshot.products.values()] == [10, 5, 8]


async def test_one_line_of_the_sale_under_the_cursor_and_not_to_the_shelf(
    sold: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with returning(sold, monkeypatch, "history") as (app, pilot, dialog):
        await lines_shown(pilot, dialog)
        dialog.set_focus(dialog.table)
        await pilot.press("a", "+", "+", "-", "b")
        assert shown_text(pilot, "#return-amount") == "Pay back cash: $1.20"
        await pilot.press("enter")
        assert app.screen is dialog
        dialog.query_one("#field-reason Input").focus()
        await type_by_hand(pilot, "sour")
        await pilot.press("ctrl+s")
        await taken_back(app, pilot)
        await pilot.press("escape", "ctrl+z")
        await wait_until(pilot, lambda: app.snapshot.entry == 6)
    undo = last(sold)
    assert (undo.undoes, undo.units) == (5, 1)
    assert [p.quantity for p in sold.snapshot.products.values()] == [7, 5, 7]


async def test_scanned_product_of_the_sale_takes_one_piece_and_another_does_not(
    sold: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with returning(sold, monkeypatch, "customers") as (_, pilot, dialog):
        await lines_shown(pilot, dialog)
        for amount in ("1.20", "2.40", "3.60", "3.60"):
            assert dialog.take_scan(Scan("77", 1, "001"))
            assert shown_text(pilot, "#return-amount") == f"Pay back cash: ${amount}"
        assert not dialog.take_scan(Scan("78", 1, "002")), "it is not of this sale"
        assert not dialog.take_scan(Scan("nonsense", 1)), "it is not on a receipt"
        assert shown_text(pilot, "#return-amount") == "Pay back cash: $3.60"


@pytest.mark.parametrize("typed", ["4", "E4"])
async def test_number_of_the_entry_will_do(
    sold: InventoryService, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    async with returning(sold, monkeypatch) as (_, pilot, dialog):
        await type_by_hand(pilot, typed)
        await lines_shown(pilot, dialog)


@pytest.mark.parametrize(
    ("typed", "reason"), [("99", "no sale 99"), ("nix", "no sale nix"), ("1", "is no sale")]
)
async def test_what_is_no_sale_is_told(
    sold: InventoryService, monkeypatch: pytest.MonkeyPatch, typed: str, reason: str
) -> None:
    async with returning(sold, monkeypatch) as (app, pilot, dialog):
        await type_by_hand(pilot, typed)
        await wait_until(pilot, lambda: reason in shown_text(pilot, "#form-message"))
        await pilot.press("ctrl+s")
        assert app.screen is dialog
        assert "say which sale" in screen_text(pilot)


async def test_what_another_session_took_back_meanwhile_is_off_the_list(
    sold: InventoryService, monkeypatch: pytest.MonkeyPatch, open_shop: OpenShop
) -> None:
    async with returning(sold, monkeypatch, "history") as (app, pilot, dialog):
        await lines_shown(pilot, dialog)
        with open_shop("zoe") as other:
            other.give_back(SALE, [("003", 1), ("001", 1)])
        await lines_shown(pilot, dialog, 1)
        assert shown_text(pilot, "#return-amount") == "Pay back cash: $2.40"
        with open_shop("zoe") as other:
            other.give_back(SALE)
        await lines_shown(pilot, dialog, 0)
        assert "All of this sale came back already" in screen_text(pilot)
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is not dialog)


async def test_escape_asks_first_where_a_reason_was_typed(
    sold: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with returning(sold, monkeypatch, "history") as (app, pilot, dialog):
        await lines_shown(pilot, dialog)
        dialog.query_one("#field-reason Input").focus()
        await type_by_hand(pilot, "sour")
        await wait_until(pilot, lambda: dialog._field("reason").value == "sour")
        await pilot.press("escape")
        assert app.screen is dialog
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is not dialog)
    assert len(sold.snapshot.entries) == 4


async def test_all_of_it_works_by_mouse(sold: InventoryService, monkeypatch: pytest.MonkeyPatch) -> None:
    async with returning(sold, monkeypatch, "history") as (_, pilot, dialog):
        await lines_shown(pilot, dialog)
        buttons = {str(button.label).split("  ")[0]: button for button in dialog.query(MouseButton)}
        await pilot.click(buttons["-"])
        await wait_until(pilot, lambda: shown_text(pilot, "#return-amount").endswith("$6.40"))
        await pilot.click("#return-shelf")
        await wait_until(pilot, lambda: "shelf: NO" in screen_text(pilot))
        await pilot.click(buttons["Take back"])
        assert dialog._field("reason").input.has_focus
