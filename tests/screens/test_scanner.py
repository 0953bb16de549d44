"""A scan is a scan wherever the focus is, however it ends, and does nothing but what a scan does."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.conftest import OpenShop
from tests.screens.focus_states import FOCUS, STATES, FocusState
from tests.screens.helpers import toasts
from tests.screens.scanner import ENDS, LAMP, MILK, WAYS, go_to, running, scan, stock, until
from tracker_tui.app import TrackerApp
from tracker_tui.screens.products import ProductsScreen
from tracker_tui.service import InventoryService
from tracker_tui.widgets.record_table import RecordTable


@pytest.fixture
def shop(open_shop: OpenShop) -> InventoryService:
    """Return a shop with codes to scan."""
    return stock(open_shop())


def looks(app: TrackerApp) -> list[object]:
    """Return what no scan may change but by what it is for: dialogs, fields, marks, orders, ways to pay."""
    seen: list[object] = []
    for screen in app.screen_stack:
        seen += [type(screen).__name__, *(field.value for field in screen.query(Input))]
        seen += [(table.marked, table.sort_column) for table in screen.query(RecordTable)]
        seen += [button.id for button in screen.query("#pay-ways > .-primary")]
    return seen


def without_barcodes(app: TrackerApp) -> None:
    """Empty the barcodes of a product's form again."""
    app.screen.query_one("#field-barcodes Input", Input).value = ""


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
async def test_a_scan_does_what_it_is_for_and_nothing_else(shop: InventoryService, state: FocusState) -> None:
    entries = len(shop.snapshot.entries)
    async with running(shop, state.mode) as (app, pilot):
        await state.enter(app, pilot)
        for way in WAYS:
            await check_known(app, pilot, state, MILK, "001", way)
            await check_unknown(app, pilot, state, "yd0099kqau", way)
        for way in ENDS:
            await check_known(app, pilot, state, LAMP, LAMP, way)
            await check_unknown(app, pilot, state, "5900000000001", way)
        assert len(shop.snapshot.entries) == entries
    shop.refresh()
    assert len(shop.snapshot.entries) == entries
    assert not shop.snapshot.problems


def is_shown(app: TrackerApp, product_id: str) -> bool:
    """Tell whether the cursor is on a product of the table of all products."""
    if not isinstance(app.screen, ProductsScreen):
        return False
    return app.screen.table.has_focus and app.screen.table.cursor_key == product_id


async def check_known(
    app: TrackerApp, pilot: Pilot[int], state: FocusState, code: str, product_id: str, way: str
) -> None:
    """Scan the code of a product: on Sell it is in the basket, elsewhere it is shown."""
    if state.passes:
        await state.enter(app, pilot)
    before, had = looks(app), app.basket.quantity_of(product_id)
    app.clear_notifications()
    scan(pilot, code, way)
    if state.fills:
        await until(pilot, lambda: app.screen.query_one("#field-barcodes Input", Input).value == code)
        without_barcodes(app)
    elif state.mode == "sell":
        await until(pilot, lambda: app.basket.quantity_of(product_id) == had + 1)
        await until(
            pilot, lambda: app.screen_stack[0].query_one("#basket", RecordTable).cursor_key == product_id
        )
    elif state.covered:
        await until(pilot, lambda: any(f"({product_id})" in said for said in toasts(pilot)))
    else:
        await until(pilot, lambda: is_shown(app, product_id))
        await pilot.pause()
        assert is_shown(app, product_id), "nothing that comes late moves the cursor"
        await go_to(app, pilot, state.mode)
        await state.enter(app, pilot)
        return
    assert looks(app) == before, way


async def check_unknown(app: TrackerApp, pilot: Pilot[int], state: FocusState, code: str, way: str) -> None:
    """Scan a code that no product has: it is listed, once more."""
    if state.passes:
        await state.enter(app, pilot)
    before, basket, stack = looks(app), app.basket, app.screen_stack
    times = sum(known.times for known in app.unknown_codes)
    scan(pilot, code, way)
    if state.fills:
        await until(pilot, lambda: app.screen.query_one("#field-barcodes Input", Input).value == code)
        without_barcodes(app)
    else:
        await until(pilot, lambda: sum(known.times for known in app.unknown_codes) == times + 1)
        assert app.unknown_codes[0].code == code
    assert (looks(app), app.basket, app.screen_stack) == (before, basket, stack), way


@pytest.mark.parametrize("mode", FOCUS)
async def test_the_states_are_all_there_are(shop: InventoryService, mode: str) -> None:
    async with running(shop, mode) as (app, pilot):
        await pilot.pause()
        known = {app.screen.query_one(selector) for selector in FOCUS[mode] if selector}
        assert known == set(app.screen.focus_chain)
