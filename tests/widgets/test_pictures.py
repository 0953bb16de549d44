"""Charts, the heat strip, cards and the calendar: what they look like as text, and what a click on them means."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import on
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.widget import Widget

from tracker_tui.widgets.bar_chart import Bar, BarChart, scale_of, short_amount
from tracker_tui.widgets.calendar import Calendar
from tracker_tui.widgets.choice_line import ChoiceLine
from tracker_tui.widgets.figure_cards import Card, FigureCards
from tracker_tui.widgets.heat_strip import HeatStrip

amounts = st.floats(-1e9, 1e9).filter(lambda value: value == 0 or abs(value) > 1e-3)


class Shown(App[None]):
    """An app with one widget, and what it said."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget
        self.said: list[object] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    @on(BarChart.Chosen)
    @on(FigureCards.Chosen)
    @on(ChoiceLine.Chosen)
    def _note_key(self, event: BarChart.Chosen | FigureCards.Chosen | ChoiceLine.Chosen) -> None:
        self.said.append(event.key)

    @on(HeatStrip.Chosen)
    def _note_hour(self, event: HeatStrip.Chosen) -> None:
        self.said.append(event.hour)

    @on(Calendar.Chosen)
    def _note_day(self, event: Calendar.Chosen) -> None:
        self.said.append(event.day)

    @property
    def text(self) -> list[str]:
        """What the widget shows, line by line."""
        return [strip.text.rstrip() for strip in self.widget.render_lines(self.widget.size.region)]


@given(st.lists(amounts, max_size=20), st.integers(1, 40))
def test_an_axis_holds_all_values_with_even_round_ticks(values: list[float], height: int) -> None:
    scale = scale_of(values, height)
    low, high = min([0.0, *values]), max([0.0, *values])
    assert -scale.below * scale.line <= low * 0.999
    assert scale.above * scale.line >= high * 0.999
    assert scale.height == (max(height, 2) if low < 0 < high else height)
    assert (high - low) / scale.line * 2.5 > scale.height - 2 or not any(values), "little room is given away"
    lines = list(scale.ticks())
    assert {b - a for a, b in pairwise(lines)} <= {scale.every}
    assert scale.ticks()[scale.above] == "0"
    assert 1 <= len(lines) <= 11
    assert f"{scale.line * scale.every:.6e}"[:4] in {
        "1.00",
        "1.20",
        "1.50",
        "2.00",
        "2.50",
        "3.00",
        "4.00",
        "5.00",
        "6.00",
        "8.00",
    }


def test_amounts_are_written_short() -> None:
    said = [short_amount(value) for value in (0, 0.5, 950, 1500, -2e6, 3e9, 4e12)]
    assert said == ["0", "0.5", "950", "1.5k", "-2M", "3G", "4T"]


async def test_bars_stand_on_an_axis_and_hang_below_it() -> None:
    chart = BarChart()
    chart.styles.height = 10
    app = Shown(chart)
    async with app.run_test(size=(40, 12)) as pilot:
        chart.bars = (
            Bar("a", "Jan", 100.0),
            Bar("b", "Feb", 50.0),
            Bar("c", "Mar", -50.0),
            Bar("d", "Apr", 0.0),
        )
        chart.cursor = "b"
        await pilot.pause()
        assert app.text == [
            "    │███████",
            " 80 ┤███████",
            "    │███████ ▄▄▄▄▄▄▄",
            " 40 ┤███████ ███████",
            "    │███████ ███████",
            "  0 ┤                ███████",
            "    │                ███████",
            "-40 ┤                ▀▀▀▀▀▀▀",
            "    └────────▲▲▲▲▲▲▲─────────────────",
            "     Jan     Feb     Mar     Apr",
        ]
        await pilot.click(BarChart, offset=(24, 3))
        assert app.said == ["c"]


async def test_more_bars_than_room_show_those_around_the_chosen_one() -> None:
    chart = BarChart()
    app = Shown(chart)
    async with app.run_test(size=(30, 8)) as pilot:
        chart.bars = tuple(Bar(f"{number:03}", f"{number:03}", number) for number in range(200))
        for key, label in (("000", "000"), ("100", "100"), ("199", "199")):
            chart.cursor = key
            await pilot.pause()
            shown, *_ = chart._layout()
            assert key in [bar.key for bar in shown]
            assert len(shown) < 30
            assert "▲" in app.text[-2]
            assert any(int(label) - 20 <= int(word) <= int(label) + 20 for word in app.text[-1].split())


async def test_a_chart_without_bars_says_why() -> None:
    chart = BarChart()
    app = Shown(chart)
    async with app.run_test(size=(40, 8)) as pilot:
        chart.empty = "No sales in these days."
        await pilot.pause()
        assert any("No sales in these days." in line for line in app.text)
        await pilot.click(BarChart, offset=(20, 3))
        assert app.said == []


async def test_the_heat_strip_shades_what_sold_most_darkest() -> None:
    strip = HeatStrip()
    app = Shown(strip)
    async with app.run_test(size=(60, 12)) as pilot:
        assert "no sales" in app.text[-1]
        rows = [[Decimal(0)] * 24 for _ in range(7)]
        rows[0][9], rows[6][11], rows[3][10] = Decimal(100), Decimal(50), Decimal(-5)
        strip.show(rows)
        strip.cursor = "10"
        await pilot.pause()
        head, monday, *_, thursday, _, _, sunday, legend = app.text
        assert head.split() == ["09", ">10", "11"]
        assert "█" in monday
        assert sunday.strip("Sun ") == "▒▒▒▒▒"
        assert thursday == "Thu"
        assert "█ to 100" in legend
        await pilot.click(HeatStrip, offset=(12, 3))
        assert app.said == ["10"]


CARDS = (
    (Card("total", "Total sales", "$39,999,999.60"), Card("sales", "Sales", "1")),
    (Card("cost", "Stock cost", "[/]", "a long note"), Card("low", "Reorder", "3"), Card("x", "X", "4")),
)


async def test_cards_take_arrows_enter_and_clicks() -> None:
    cards = FigureCards()
    app = Shown(cards)
    async with app.run_test(size=(40, 8)) as pilot:
        cards.rows = CARDS
        cards.focus()
        await pilot.press("right", "down", "enter", "left", "up", "enter", "left", "enter")
        assert app.said == ["low", "total", "x"]
        app.said.clear()
        await pilot.click(FigureCards, offset=(1, 1))
        await pilot.click(FigureCards, offset=(39, 4))
        assert app.said == ["total", "x"]
        text = "\n".join(app.text)
        assert all(part in text for part in ("$39,999,999.60", "[/]", "Total sales", "a long note"))
        assert [len(line) for line in app.text] == [40] * 6


async def test_names_give_way_to_figures_where_there_is_no_room() -> None:
    cards = FigureCards()
    app = Shown(cards)
    async with app.run_test(size=(24, 8)) as pilot:
        cards.rows = CARDS
        await pilot.pause()
        assert "$39,999,999.60" in app.text[1]
        assert all(len(line) <= 24 for line in app.text)


async def test_a_line_of_names_keeps_the_chosen_one_in_sight() -> None:
    line = ChoiceLine([("a", "Alpha"), ("b", "Beta"), ("c", "Gamma")])
    app = Shown(line)
    async with app.run_test(size=(30, 4)) as pilot:
        line.here, line.aside = "b", "2026"
        await pilot.pause()
        assert app.text[0] == " Alpha [Beta] Gamma      2026"
        await pilot.click(ChoiceLine, offset=(15, 0))
        assert app.said == ["c"]
        assert (line.next_key(1), line.next_key(-1), line.next_key(2)) == ("c", "a", "a")
        await pilot.resize_terminal(8, 4)
        await pilot.pause()
        assert app.text[0] == "[Beta]"


async def test_the_calendar_goes_by_days_and_months() -> None:
    calendar = Calendar(date(2026, 3, 31))
    app = Shown(calendar)
    async with app.run_test(size=(40, 12)) as pilot:
        calendar.focus()
        calendar.span = (date(2026, 3, 30), None)
        await pilot.pause()
        assert "[31]" in app.text[7]
        assert "·30" in app.text[7]
        await pilot.press("pageup", "enter", "left", "up", "enter", "pagedown", "enter")
        assert app.said == [date(2026, 2, 28), date(2026, 2, 20), date(2026, 3, 20)]
        app.said.clear()
        await pilot.click(Calendar, offset=(2, 3))
        await pilot.click(Calendar, offset=(25, 0))
        assert (app.said, calendar.cursor.month) == ([date(2026, 3, 2)], 4)


@pytest.mark.parametrize("day", [date.min, date.max])
async def test_the_calendar_ends_where_days_do(day: date) -> None:
    calendar = Calendar(day)
    app = Shown(calendar)
    async with app.run_test(size=(40, 12)) as pilot:
        calendar.focus()
        await pilot.press("left", "up", "pageup") if day == date.min else await pilot.press(
            "right", "pagedown"
        )
        assert calendar.cursor == day
        assert calendar.size == Size(32, 9)
