"""The table on rows that are made when they are looked at: how few of them are, and how they are put in order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests.model.counted import CountedRows, product
from tests.screens.helpers import wait_until
from tests.waiting import Gate
from tests.widgets.test_record_table import drawn_lines
from tracker_tui.model.chosen import all_rows
from tracker_tui.model.finding import product_index
from tracker_tui.model.goods import PRODUCT_SORTS
from tracker_tui.model.records import Product, Settings
from tracker_tui.model.shelf import OpenShelf
from tracker_tui.screens.product_columns import product_columns
from tracker_tui.widgets import lines_ahead
from tracker_tui.widgets.record_table import RecordTable

MANY = 20_000
IN_SIGHT = 11


class ShelfApp(App[None]):
    """A table of many products."""

    CSS = "RecordTable { width: 100%; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.rows = CountedRows([product(number) for number in range(MANY)])
        self.shelf = OpenShelf(self.rows)
        self.index = product_index()
        self.table = RecordTable(product_columns(Settings()), lambda row: row.id)
        self.show()

    def show(self, typed: str = "", *, top: bool = False) -> None:
        self.index.update(self.shelf.frozen())
        self.table.show(self.index.matching(typed), top=top)

    def compose(self) -> ComposeResult:
        yield self.table

    def made(self, act: Callable[[], object]) -> int:
        """Return how many rows were made to do something."""
        before = self.rows.made
        act()
        return self.rows.made - before


async def press(pilot: Pilot[None], key: str) -> int:
    app = pilot.app
    assert isinstance(app, ShelfApp)
    before = app.rows.made
    await pilot.press(key)
    await pilot.pause()
    return app.rows.made - before


async def test_moving_makes_the_rows_that_come_in_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_ahead, "PAUSE_S", 1000)
    app = ShelfApp()
    async with app.run_test(size=(80, IN_SIGHT + 1)) as pilot:
        await pilot.pause()
        assert app.rows.made <= 2 * IN_SIGHT
        assert await press(pilot, "down") <= 2
        for key in ("pagedown", "end", "home", "pageup"):
            assert await press(pilot, key) <= IN_SIGHT + 2, key
        await press(pilot, "end")
        assert app.table.cursor_key == f"{MANY - 1}"
        assert app.made(lambda: app.table.go_to("12346")) <= IN_SIGHT + 2
        assert app.table.cursor_key == "12346"


@pytest.mark.parametrize("keys", [("pagedown",), ("end", "pageup")])
async def test_the_next_page_is_made_before_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]
) -> None:
    app = ShelfApp()
    async with app.run_test(size=(80, IN_SIGHT + 1)) as pilot:
        await pilot.press(*keys[:-1])
        before = app.rows.made
        await pilot.press(keys[-1])
        await wait_until(pilot, lambda: app.table._ahead.is_done)
        assert app.rows.made - before <= 2 * (IN_SIGHT + 1), "one page more, and no further"
        monkeypatch.setattr(lines_ahead, "PAUSE_S", 1000)
        assert await press(pilot, keys[-1]) == 1, "only the line with the cursor looks different"


async def test_rows_that_go_meanwhile_are_not_made_ahead() -> None:
    app = ShelfApp()
    async with app.run_test(size=(80, IN_SIGHT + 1)) as pilot:
        app.table.action_page_down()
        app.show("no such product")
        await wait_until(pilot, lambda: app.table._ahead.is_done)
        assert app.table.row_count == 0


async def test_sale_elsewhere_makes_the_row_that_was_sold() -> None:
    app = ShelfApp()
    async with app.run_test(size=(80, IN_SIGHT + 1)) as pilot:
        await press(pilot, "down")
        await pilot.pause()
        with drawn_lines(app.table) as drawn:
            app.shelf["4"] = app.shelf["4"]._replace(quantity=777)
            assert app.made(app.show) <= 5
            await pilot.pause()
            assert drawn == [5]
            app.shelf["15004"] = app.shelf["15004"]._replace(quantity=777)
            assert app.made(app.show) <= 5
            await pilot.pause()
            assert drawn == [5]
        assert app.table.cursor_key == "1"


async def test_filter_makes_the_rows_that_it_shows() -> None:
    app = ShelfApp()
    async with app.run_test(size=(80, IN_SIGHT + 1)) as pilot:
        await pilot.pause()
        await press(pilot, "end")
        for typed in ("m", "mi", "milk", "milk 1", "milk 13", ""):
            assert app.made(partial(app.show, typed, top=True)) <= IN_SIGHT + 2, typed
            await pilot.pause()
            assert app.table.row == app.table.rows[0]
            assert app.table.scroll_offset.y == 0


async def test_order_of_many_rows_is_found_aside_and_kept() -> None:
    app = ShelfApp()
    async with app.run_test(size=(80, IN_SIGHT + 1)) as pilot:
        await pilot.pause()
        app.table.sort_by("name")
        await wait_until(pilot, lambda: app.table.rows[0].name.startswith("bread"))
        whole = [row.id for row in sorted(app.shelf.values(), key=PRODUCT_SORTS["name"].of)]
        assert [app.table.rows[at].id for at in (0, 777, -1)] == [whole[at] for at in (0, 777, -1)]
        assert app.table.cursor_key == "K0", "the cursor stays on its row"
        assert app.table.row == app.shelf["K0"]
        app.show("tea", top=True)
        assert app.table.row_count < MANY
        found = [row.id for row in app.table.rows]
        assert found == [key for key in whole if "tea" in app.shelf[key].name.casefold()]
        app.shelf[found[5]] = app.shelf[found[5]]._replace(name="ö tea")
        app.show("tea")
        assert app.table.rows[-1].id == found[5], "a renamed row moves at once"


async def test_rows_stay_until_others_are_in_order() -> None:
    app = ShelfApp()
    async with app.run_test(size=(80, IN_SIGHT + 1)) as pilot:
        await pilot.pause()
        go_on = Gate()
        sort = PRODUCT_SORTS["name"]
        slow = sort._replace(all_of=lambda shelf: (go_on.wait(), sort.all_of(shelf))[1])
        app.table.show(all_rows(app.shelf.frozen(), {**PRODUCT_SORTS, "name": slow}))
        app.table.sort_by("name")
        await pilot.pause()
        assert app.table.row == app.shelf["K0"], "keys work meanwhile"
        await press(pilot, "down")
        assert app.table.cursor_key == "1"
        assert app.table.go_to("new") is False
        app.shelf["new"] = Product("new", "Aaa", app.shelf["1"].price, 1)
        app.show()
        assert app.table.go_to("new"), "it is among the rows that are put in order"
        go_on.set()
        await wait_until(pilot, lambda: app.table.cursor_key == "new")
        assert app.table.rows[0].id == "new"
        assert app.table.row == app.shelf["new"]
