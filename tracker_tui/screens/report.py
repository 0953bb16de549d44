"""Report: the shop's figures as cards, one breakdown of them as a picture and a table, and the rows behind each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Static

from tracker_tui.errors import StorageError
from tracker_tui.messages import ShowCustomer, ShowProduct
from tracker_tui.model.collector import resting_collector
from tracker_tui.model.figures import Figures
from tracker_tui.model.periods import LABELS, OWN, PERIODS, Period, period
from tracker_tui.model.queries import RateTotal, customers_named
from tracker_tui.model.records import Purchase
from tracker_tui.model.reorder import pace_since, sold_by_product
from tracker_tui.model.sale_rows import TAX
from tracker_tui.model.sums import Sum
from tracker_tui.model.tax import percent
from tracker_tui.screens.report_columns import name_of
from tracker_tui.screens.report_figures import Ended, FiguresScreen, today, turn_of_worker
from tracker_tui.screens.report_places import (
    BEHIND,
    UNITS,
    VIEWS,
    Place,
    counted_rows,
    row_key,
    usual_unit,
)
from tracker_tui.screens.report_tables import Table, counted_table, figures_text, table_of, totals
from tracker_tui.widgets.bar_chart import BarChart
from tracker_tui.widgets.choice_line import ChoiceLine
from tracker_tui.widgets.figure_cards import Card, FigureCards
from tracker_tui.widgets.filter_line import FilterLine
from tracker_tui.widgets.heat_strip import HeatStrip
from tracker_tui.widgets.record_table import RecordTable
from tracker_tui.widgets.shown import content

_SHORT: Final = {
    "week": "Week",
    "month": "Month",
    "last-month": "Last month",
    "year": "Year",
    "all": "All",
    OWN: "Own",
}
"""The names of the spans on their line, which must fit."""


class ReportScreen(FiguresScreen):
    """The days on top, the cards, the views, and under them the picture and the table of one."""

    MODE = "report"
    AUTO_FOCUS = "#figures"
    TITLE = "Report"
    HELP = """\
# Report

`p` goes to the next of the usual spans of days, `o` takes any days; the cards say how they compare with as many days
before. `v` goes to the next view. What was undone does not count, and returns are taken off. **Customers** are the
people who bought, told apart by their ids; **unique names** are their different names. **Lowest stock** are all
products that share the lowest quantity.

Enter on a card or a row goes to the rows behind it, Escape back; a click does the same. Enter on a sale shows it, on
a product of the stock goes to it. `t` changes days into weeks or months, and hours into weekdays. `/` filters, `X`
writes the table into a file, `Y` copies all cards.

The **margin** is of the goods whose cost is known: what they brought, without tax, less what they cost when they were
sold; goods that came back and were thrown away stay paid for. A product counts in each of its categories. **Reorder**
lists what is at or below its reorder level, the days left at the pace of the last 30, and how many to order.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "period(1)", "Days", id="report.period", tooltip="Go to the next span of days"),
        Binding("P", "period(-1)", "Days before", id="report.period_back", show=False),
        Binding("o", "own_range", "Own days", id="report.range", tooltip="Take any days"),
        Binding("v", "view(1)", "View", id="report.view", tooltip="Go to the next view"),
        Binding("V", "view(-1)", "View before", id="report.view_back", show=False),
        Binding("t", "unit", "Time", id="report.unit", tooltip="Days, weeks or months; hours or weekdays"),
        Binding("slash", "filter", "Filter", id="report.filter"),
        Binding("escape", "back", "Back", id="report.back", tooltip="Go back"),
        Binding("tab", "app.focus_next", "Next", id="report.next", tooltip="Go to the next list", show=False),
        Binding(
            "Y", "copy_figures", "Copy all", id="report.copy", tooltip="Copy all figures as text", show=False
        ),
    ]

    periods = query_one("#periods", ChoiceLine)
    views = query_one("#views", ChoiceLine)
    cards = query_one(FigureCards)
    chart = query_one(BarChart)
    heat = query_one(HeatStrip)
    filter_line = query_one(FilterLine)
    table = query_one("#figures", RecordTable)

    @dataclass
    class _Found(Message):
        """The rows of a place that needs the lines of the sales are there."""

        place: Place
        figures: Figures
        typed: str
        rows: Sequence[Any]

    def __init__(self) -> None:
        super().__init__()
        self._unit = ""
        self._path = [VIEWS["day"]]
        self._cursors: dict[int, str] = {}
        self._sought: tuple[Place, Figures, str] | None = None
        self._columns_of: tuple[object, ...] = ()
        self._place_shown: Place | None = None

    def compose_body(self) -> ComposeResult:
        """Lay out the days, the cards, the views, the pictures and the table."""
        days = [(name, _SHORT.get(name, LABELS[name])) for name in (*PERIODS, OWN)]
        yield ChoiceLine(days, hint="the days of the report (p, o)", id="periods")
        yield FigureCards(id="cards")
        yield ChoiceLine([(key, view.title) for key, view in VIEWS.items()], hint="the view (v)", id="views")
        yield Static("", id="crumbs", markup=False)
        yield BarChart()
        yield HeatStrip()
        yield FilterLine("Filter", "any words")
        yield RecordTable[Any]([], row_key, id="figures")

    def on_mount(self) -> None:
        """Begin on the table."""
        super().on_mount()
        self.heat.display = False
        self.periods.here, self.views.here = self.period.name, "day"
        self.table.focus()

    # What is shown

    def show_cards(self, cards: tuple[tuple[Card, ...], ...]) -> None:
        """Show headline figures."""
        self.periods.here, self.periods.aside = self.period.name, self.period.short
        self.cards.rows = cards

    @property
    def place(self) -> Place:
        """Where one is."""
        return self._path[-1]

    @property
    def unit(self) -> str:
        """By what days are put together."""
        return self._unit or (usual_unit(self.period, self.head.days) if self.head is not None else "day")

    def fill(self, *, top: bool = False) -> None:
        """Show the rows of the place; those that need the lines come as soon as they are there."""
        head, place, typed = self.head, self.place, self.filter_line.text
        if head is None or head.period != self.period:
            return
        self.views.here = next((key for key, view in VIEWS.items() if view == self._path[0]), "")
        if place.kind in ("by", "sales"):
            self._fill_counted(place, typed)
            return
        self._sought = None
        sold = None
        if place.kind == "reorder":
            figures = self.lines((pace_since(today()), today()))
            sold = sold_by_product(figures.columns) if figures is not None else None
        self._show(table_of(place, head, self.unit, typed, sold), top=top)

    def _fill_counted(self, place: Place, typed: str) -> None:
        figures = self.lines_of(place.span(self.period))
        if figures is None:
            self._sought = None
            self._show(counted_table(place, (), None, self.snapshot.settings), top=True)
        elif self._sought != (place, figures, typed):
            self._sought = (place, figures, typed)
            self._find(place, figures, typed)

    @work(thread=True, exclusive=True, group="rows")
    def _find(self, place: Place, figures: Figures, typed: str) -> None:
        figures.turn = turn = turn_of_worker()
        try:
            with resting_collector():
                rows = counted_rows(place, figures, self.snapshot, typed, turn)
        except Ended:
            return
        self.post_message(self._Found(place, figures, typed, rows))

    @on(_Found)
    def _take_found(self, event: _Found) -> None:
        if self._sought == (event.place, event.figures, event.typed) and event.place == self.place:
            self._show(counted_table(event.place, event.rows, event.figures, self.snapshot.settings))

    def _show(self, table: Table, *, top: bool = False) -> None:
        """Show a picture and a table."""
        other = self._place_shown != self.place
        self._place_shown = self.place
        if table.columns_of != self._columns_of:
            self._columns_of = table.columns_of
            self.table.show(())  # The rows there are may not have these columns.
            self.table.set_columns(table.columns)
        self.chart.display, self.heat.display = table.bars is not None, table.heat is not None
        self.chart.bars, self.chart.empty = table.bars or (), table.empty.partition("\n")[0]
        self.heat.show(table.heat or ())
        self.table.say_when_empty(table.empty)
        self.table.show(table.rows, top=top or other)
        goal = self._cursors.get(len(self._path), "")
        if goal and table.rows:
            del self._cursors[len(self._path)]
            self.table.go_to(goal)
        elif (top or other) and self.place.kind == "days":
            self.table.action_bottom()
        rows = len(table.rows)
        self.filter_line.count(rows, table.whole if table.whole is not None else rows)
        self.say(totals(table.rows, self.snapshot.settings))
        self._mark()

    def say(self, text: str) -> None:
        """Say how one came here, and what is going on."""
        way = " > ".join(place.title for place in self._path) if len(self._path) > 1 else ""
        crumbs = self.query_one("#crumbs", Static)
        crumbs.display = bool(way or text)
        crumbs.update(content(f"{way}{':  ' if way and text else ''}{text}"))

    @on(RecordTable.Highlighted, "#figures")
    def _mark(self) -> None:
        """Show in the picture where the cursor of the table is."""
        row = self.table.row
        key = row.key if isinstance(row, Sum) else ""
        self.chart.cursor = key
        self.heat.cursor = key if self.place.what == "hour" else ""

    @on(BarChart.Chosen)
    def _choose_bar(self, event: BarChart.Chosen) -> None:
        self._choose_in_picture(event.key)

    @on(HeatStrip.Chosen)
    def _choose_hour(self, event: HeatStrip.Chosen) -> None:
        self._choose_in_picture(event.hour if self.place.what == "hour" else "")

    def _choose_in_picture(self, key: str) -> None:
        """Go to what was clicked in the picture; a second click goes into it."""
        if not key:
            return
        if self.table.cursor_key == key:
            self.table.action_choose()
        else:
            self.table.go_to(key)
        self.table.focus()

    # Days and views

    def action_period(self, by: int) -> None:
        """Go to another of the usual spans of days."""
        key = self.periods.next_key(by)
        self._take_period(self.periods.next_key(2 * by) if key == OWN else key)

    @on(ChoiceLine.Chosen, "#periods")
    def _choose_period(self, event: ChoiceLine.Chosen) -> None:
        self._take_period(event.key)

    def _take_period(self, name: str) -> None:
        if name == OWN:
            self.action_own_range()
        else:
            self._go_to_days(period(name, today()))

    def _go_to_days(self, days: Period) -> None:
        self._unit, self._path = "", self._path[:1]
        self.periods.here, self.periods.aside = days.name, days.short
        self.take_period(days)

    def action_own_range(self) -> None:
        """Ask for any days."""
        from tracker_tui.screens.period_dialog import PeriodDialog  # noqa: PLC0415 - opened seldom

        def take(days: Period | None) -> None:
            if days is not None:
                self._go_to_days(days)

        self.open_dialog(PeriodDialog(self.period, today()), take)

    def action_view(self, by: int) -> None:
        """Go to another view."""
        self._go([VIEWS[self.views.next_key(by)]])

    @on(ChoiceLine.Chosen, "#views")
    def _choose_view(self, event: ChoiceLine.Chosen) -> None:
        self._go([VIEWS[event.key]])

    def action_unit(self) -> None:
        """Put days together into weeks or months, and hours into weekdays."""
        place = self.place
        if place.kind == "days":
            self._unit = UNITS[(UNITS.index(self.unit) + 1) % len(UNITS)]
            self.fill(top=True)
        elif place.what in ("hour", "weekday"):
            what = "weekday" if place.what == "hour" else "hour"
            self._path[-1] = Place("by", "Hour", what)
            self.fill(top=True)

    def action_filter(self) -> None:
        """Go to the filter."""
        self.filter_line.field.focus()

    @on(FilterLine.Changed)
    def _filter(self) -> None:
        self.fill(top=True)

    @on(FilterLine.Left)
    def _leave_filter(self) -> None:
        self.table.focus()

    # Going in and back

    def _go(self, path: list[Place]) -> None:
        self._path = path
        if self.filter_line.text:
            self.filter_line.clear()
        self.fill()

    def _go_in(self, place: Place) -> None:
        self._cursors[len(self._path)] = self.table.cursor_key or ""
        self._go([*self._path, place])
        self.table.focus()

    def action_back(self) -> None:
        """Take the filter away, or go back to where one came from."""
        if self.filter_line.text:
            self.filter_line.clear()
        elif len(self._path) > 1:
            self._go(self._path[:-1])

    @on(FigureCards.Chosen)
    def _choose_card(self, event: FigureCards.Chosen) -> None:
        if event.key == "margin":
            self.want_margin()
        self._path = self._path[:1]
        if BEHIND[event.key] != self.place:
            self._go_in(BEHIND[event.key])
        self.table.focus()

    @on(RecordTable.Chosen, "#figures")
    def _choose_row(self, event: RecordTable.Chosen) -> None:
        row, place = self.table.row, self.place
        if isinstance(row, Sum):
            what = self.unit if place.kind == "days" else place.what
            self._go_in(Place("sales", name_of(row, what), what, row.key))
        elif place.kind == "sales":
            self._open_sale(int(event.key))
        elif isinstance(row, RateTotal):
            self._go_in(Place("sales", f"{percent(row.rate)} tax", TAX, str(row.rate)))
        elif place.kind == "names":
            self._show_name(event.key)
        else:
            self.post_message(ShowProduct(event.key))

    def _show_name(self, name: str) -> None:
        namesakes = customers_named(self.snapshot.customers, name)
        if namesakes:
            self.post_message(ShowCustomer(namesakes[0].id))
        else:
            self.tell(f"{name} has no entry among the customers")

    @work(exclusive=True, group="dialog")
    async def _open_sale(self, number: int) -> None:
        """Show all lines of a sale; a product chosen there is gone to."""
        from tracker_tui.model.history import HistoryRow, is_taken_back  # noqa: PLC0415 - as the dialog
        from tracker_tui.screens.entry_dialog import RECEIPT, EntryDialog  # noqa: PLC0415 - opened seldom

        ledger = self.snapshot.ledger
        try:
            entry = await asyncio.to_thread(ledger.find, number)
        except StorageError as error:
            self.tell(str(error), error=True)
            return
        if not isinstance(entry, Purchase):
            return
        back = ledger.taken_back_by
        row = HistoryRow(entry, (), back[number] if is_taken_back(number, back) else None)
        product_id = await self.app.push_screen_wait(EntryDialog(row, self.snapshot.settings))
        if product_id == RECEIPT:
            self.show_receipt(entry)
        elif product_id in self.snapshot.products:
            self.post_message(ShowProduct(product_id))

    def action_copy_figures(self) -> None:
        """Copy all figures as text."""
        if self.head is None:
            return
        try:
            self.app.copy_to_clipboard(figures_text(self.cards.figures, self.head.report, self.period))
            self.tell("The figures are copied (C shows them)")
        except StorageError as error:
            self.tell(str(error), error=True)
