"""What the mouse is told where it rests: of each thing it can touch, and nothing is sent while it rests."""

from __future__ import annotations

from decimal import Decimal

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Label

from tests.conftest import OpenShop
from tests.screens.helpers import open_app, screen_text, wait_until
from tests.screens.scanner import go_to, running, stock
from tracker_tui.screens.report_cards import HINTS
from tracker_tui.screens.report_places import BEHIND
from tracker_tui.service import InventoryService
from tracker_tui.widgets.bar_chart import Bar, BarChart
from tracker_tui.widgets.choice_line import ChoiceLine
from tracker_tui.widgets.figure_cards import Card, FigureCards
from tracker_tui.widgets.heat_strip import HeatStrip
from tracker_tui.widgets.hinted import Hinted
from tracker_tui.widgets.mode_bar import MODES, ModeBar
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.record_table import Column, RecordTable


class Shown(App[None]):
    """An app with one widget."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget


@pytest.fixture
def shop(open_shop: OpenShop) -> InventoryService:
    """Return a shop with something sold."""
    return stock(open_shop())


def chart() -> Hinted:
    bars = BarChart()
    bars.bars = (Bar("2026-03", "2026-03", 5.0, "March: 5.00, 2 sales"),)
    return bars


def cards() -> Hinted:
    figures = FigureCards()
    figures.rows = ((Card("a", "A", "1", hint="The first"), Card("b", "B", "2", hint="The second")),)
    return figures


def heat() -> Hinted:
    strip = HeatStrip()
    strip.show([[Decimal(7 if (day, hour) == (0, 9) else 0) for hour in range(24)] for day in range(7)])
    return strip


def table() -> Hinted:
    columns = [
        Column[str]("name", "Name", 10, str, sort=str),
        Column[str]("plain", "Plain", 10, str),
    ]
    rows = RecordTable(columns, str)
    rows.show(["x"])
    return rows


@pytest.mark.parametrize(
    ("widget", "places"),
    [
        (chart(), {(8, 1): "March: 5.00, 2 sales", (0, 1): ""}),
        (cards(), {(1, 1): "The first", (59, 1): "The second", (1, 9): ""}),
        (heat(), {(5, 1): "Mon 09:00: 7", (5, 0): "", (0, 1): ""}),
        (
            ChoiceLine([("d", "Day"), ("h", "Hour")], hint="what is shown"),
            {(7, 0): "Hour: what is shown", (40, 0): ""},
        ),
        (
            table(),
            {
                (3, 0): "Sort by Name; again: the other way round (s, S)",
                (16, 0): "",
                (0, 1): "Mark the row (Space)",
                (3, 1): "",
                (0, 5): "",
            },
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Widget) else "",
)
async def test_each_thing_of_a_picture_tells_of_itself(
    widget: Hinted, places: dict[tuple[int, int], str]
) -> None:
    async with Shown(widget).run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        for (x, y), hint in places.items():
            assert widget.hint_at(x, y) == hint, (x, y)


async def test_the_first_line_tells_where_a_click_goes(shop: InventoryService) -> None:
    async with running(shop, "products") as (app, pilot):
        bar = app.screen.query_one(ModeBar)
        line = screen_text(pilot).splitlines()[0]
        for mode in MODES:
            assert bar.hint_at(line.index(mode.label), 0) == f"{mode.label} ({mode.key}, or g {mode.letter})"
        assert bar.hint_at(line.index("amal"), 0) == "Who works in this session"
        bar.trouble = "! 1 problem"
        await pilot.pause()
        line = screen_text(pilot).splitlines()[0]
        assert bar.hint_at(line.index("! 1"), 0) == "What is wrong (!)"


async def test_the_tooltip_comes_with_the_mouse_and_changes_only_with_what_is_under_it(
    shop: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def note(_widget: Hinted, hint: object) -> None:
        told.append(str(hint))

    monkeypatch.setattr(Hinted, "tooltip", property(lambda widget: widget._tooltip, note))
    async with running(shop, "products") as (_, pilot):
        name = screen_text(pilot).splitlines()[2].index("Name")
        for x in (name, name + 1, name + 2):
            await pilot.hover(offset=(x, 2))
        await wait_until(pilot, lambda: told)
        assert told == ["Sort by Name; again: the other way round (s, S)"]
        await pilot.hover(offset=(name, 4))
        await wait_until(pilot, lambda: len(told) == 2)
        assert told[1] == "None"


async def told_of(pilot: Pilot[int], button: MouseButton) -> str:
    """Rest the mouse on a button; return what it is told."""
    await pilot.hover(button)
    await wait_until(pilot, lambda: button.tooltip)
    return str(button.tooltip)


async def test_a_button_tells_what_its_key_does(shop: InventoryService) -> None:
    """And not what the key of a field does that calls its act the same."""
    async with running(shop, "products") as (app, pilot):
        await pilot.press("a")
        await wait_until(pilot, lambda: app.screen.query(MouseButton))
        buttons = list(app.screen.query(MouseButton))
        assert [await told_of(pilot, button) for button in buttons] == ["Save (Ctrl+S)", "Cancel (Esc)"]


async def test_the_buttons_of_the_till_and_the_tally_tell_what_they_are(shop: InventoryService) -> None:
    async with running(shop, "sell") as (app, pilot):
        buttons = [button for button in app.screen.query(MouseButton) if button.region]
        assert len(buttons) == 6
        assert all([await told_of(pilot, button) for button in buttons])
        await go_to(app, pilot, "products")
        assert app.screen.query_one("#tally", Label).tooltip


def test_every_card_says_what_it_is_of() -> None:
    assert set(HINTS) == set(BEHIND)


def test_a_widget_without_places_has_no_hint(open_shop: OpenShop) -> None:
    with open_shop() as opened:
        assert open_app(opened) is not None
    assert Hinted().hint_at(0, 0) == ""
