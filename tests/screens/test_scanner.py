"""A scan is a scan wherever the focus is, however it ends, and does nothing but what a scan does."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

import tracker_tui.screens
from tests.conftest import OpenShop
from tests.screens.focus_states import FOCUS, STATES, FocusState
from tests.screens.helpers import toasts
from tests.screens.scanner import ENDS, LAMP, MILK, WAYS, go_to, running, scan, stock, until
from tracker_tui.app import TrackerApp
from tracker_tui.screens.list_dialog import ListDialog
from tracker_tui.screens.products import ProductsScreen
from tracker_tui.screens.shop_screen import ShopScreen
from tracker_tui.service import InventoryService
from tracker_tui.widgets.form_field import FormField
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
        assert state.dialog is None or isinstance(app.screen, state.dialog)
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
    before, had, listed = looks(app), app.basket.quantity_of(product_id), pieces_listed(app, product_id)
    app.clear_notifications()
    scan(pilot, code, way)
    if state.fills:
        await until(pilot, lambda: app.screen.query_one("#field-barcodes Input", Input).value == code)
        without_barcodes(app)
    elif state.lists:
        await until(pilot, lambda: pieces_listed(app, product_id) == listed + 1)
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


def pieces_listed(app: TrackerApp, product_id: str) -> int:
    """Return the pieces of a product on the list of the count or delivery that is open."""
    line = app.screen.draft.lines.get(product_id) if isinstance(app.screen, ListDialog) else None
    return line.pieces if line is not None else 0


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


def screens_of_the_program() -> set[type[Screen[object]]]:
    """Return every screen and dialog of the program; what only others are made from is none."""
    found: set[type[Screen[object]]] = set()
    for module in pkgutil.iter_modules(tracker_tui.screens.__path__, "tracker_tui.screens."):
        for kind in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(kind) and issubclass(kind, Screen) and kind.__module__ == module.name:
                found.add(kind)
    return {kind for kind in found if not any(issubclass(other, kind) for other in found - {kind})}


def test_every_screen_and_dialog_is_among_the_states() -> None:
    """Who adds one adds its states: it must be shown that no scan does anything in it."""
    dialogs = {state.dialog for state in STATES if state.dialog is not None}
    missing = {kind for kind in screens_of_the_program() - dialogs if not issubclass(kind, ShopScreen)}
    assert missing == set()
    mains = [kind for kind in screens_of_the_program() if issubclass(kind, ShopScreen)]
    assert {getattr(kind, "MODE", "") for kind in mains} == set(FOCUS)


def dialogs() -> list[type[Screen[Any]]]:
    """Return each dialog once."""
    return list(dict.fromkeys(state.dialog for state in STATES if state.dialog is not None))


@pytest.mark.parametrize("dialog", dialogs(), ids=lambda dialog: dialog.__name__)
async def test_whatever_can_have_the_focus_in_a_dialog_has_it_in_a_state(
    shop: InventoryService, dialog: type[Screen[Any]]
) -> None:
    """The fields of forms are all alike, so that some of them stand for all."""
    focused: set[str] = set()
    for state in (state for state in STATES if state.dialog is dialog):
        async with running(shop, state.mode) as (app, pilot):
            await state.enter(app, pilot)
            focused.add(called(app.screen.focused))
            others = {called(widget) for widget in app.screen.focus_chain if not in_a_form(widget)}
            app.basket = app.basket._replace(lines=())  # Nothing is left that the next start would offer.
        if others <= focused:
            return
    pytest.fail(f"has the focus in no state: {others - focused}")


def called(widget: Widget | None) -> str:
    """Return what a widget is called, the same at each start."""
    return f"{type(widget).__name__}#{widget.id}" if widget is not None else ""


def in_a_form(widget: Widget) -> bool:
    """Tell whether this is the input of a field of a form."""
    return any(isinstance(node, FormField) for node in widget.ancestors)
