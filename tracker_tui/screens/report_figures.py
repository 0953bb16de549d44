"""What the Report screen knows: headline figures, the stock's value, and the sales' lines where they are needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Final, TypeAlias

from textual import on, work
from textual.message import Message
from textual.timer import Timer
from textual.worker import get_current_worker

from tracker_tui.messages import LinesRead, LinesTold, LinesWanted
from tracker_tui.model.collector import resting_collector
from tracker_tui.model.figures import Figures, give_way
from tracker_tui.model.periods import OWN, Period, period
from tracker_tui.model.queries import report
from tracker_tui.model.state import Snapshot
from tracker_tui.model.stock_value import StockValue, stock_value
from tracker_tui.model.sums import Sum
from tracker_tui.screens.report_cards import cards_of
from tracker_tui.screens.report_tables import Headline
from tracker_tui.screens.shop_screen import ShopScreen
from tracker_tui.widgets.figure_cards import Card

Span: TypeAlias = tuple[date | None, date | None]

AT_ONCE: Final = 50_000
"""The lines of so many sales are read unasked, for the margin; of more only where something needs them."""

_LONGEST_HOLD_S: Final = 0.15
"""So long a screen that was just opened may stay away, waiting for its figures."""

_REST: Final = 4
"""Reading lines anew waits so many times as long as it took last."""


@dataclass
class _Lines:
    """The sales of some days, as they were read: up to which entry, and when they may be read again."""

    entry: int
    figures: Figures
    again_at: float


class Ended(Exception):
    """Nobody wants to know any more."""


def turn_of_worker() -> Callable[[], None]:
    """Return what lets others go on, and ends the work of the worker that this is called in once it is cancelled."""
    worker = get_current_worker()

    def turn() -> None:
        if worker.is_cancelled:
            raise Ended
        give_way()

    return turn


class FiguresScreen(ShopScreen):
    """A screen that has figures computed in threads, and the lines of sales read by the app."""

    @dataclass
    class _Computed(Message):
        head: Headline

    @dataclass
    class _Valued(Message):
        value: StockValue

    @dataclass
    class _Summed(Message):
        figures: Figures
        whole: Sum

    def __init__(self) -> None:
        super().__init__()
        self.period = Period("all")
        self.head: Headline | None = None
        self._stock: StockValue | None = None
        self._whole: tuple[Figures, Sum] | None = None
        self._wants_whole = False
        self._read: dict[Span, _Lines] = {}
        self._reading: dict[Span, tuple[LinesWanted, float]] = {}
        self._held = ExitStack()
        self._hold: Timer | None = None

    def show_cards(self, cards: tuple[tuple[Card, ...], ...]) -> None:
        """Show headline figures."""

    def fill(self, *, top: bool = False) -> None:
        """Show what can be shown now."""

    def say(self, text: str) -> None:
        """Say what is going on."""

    def on_unmount(self) -> None:
        """End what is being read."""
        self._held.close()
        for wanted, _ in self._reading.values():
            wanted.unwanted.set()

    def show_shop(self, shop: Snapshot) -> None:
        """Have the figures computed; the old ones stand until then."""
        if self.period.name != OWN:
            self.period = period(self.period.name, today())
        if self.head is None and self._hold is None:
            self._hold_frames()
        self._compute(shop, self.period)

    def take_period(self, days: Period) -> None:
        """Go to other days."""
        self.period = days
        self._wants_whole = False
        self._whole = None
        for wanted, _ in self._reading.values():
            wanted.unwanted.set()
        self._reading.clear()
        self._compute(self.snapshot, days)

    def _hold_frames(self) -> None:
        """Show nothing before the first figures, unless they take long: an empty frame would only delay them."""
        self._held.enter_context(self.app.batch_update())
        self._hold = self.set_timer(_LONGEST_HOLD_S, self._let_frames_go)

    def _let_frames_go(self) -> None:
        if self._hold is not None:
            self._hold.stop()
            self._hold = None
            self._held.close()
            self.refresh()

    # Headline figures

    @work(thread=True, exclusive=True, group="report")
    def _compute(self, shop: Snapshot, days: Period) -> None:
        before = days.before()
        earlier = report(shop, before.since, before.until) if before is not None else None
        now = report(shop, days.since, days.until)
        by_day = shop.ledger.days(days.since, days.until)
        self.post_message(self._Computed(Headline(shop, days, now, earlier, by_day)))

    @work(thread=True, exclusive=True, group="stock")
    def _value_stock(self, shop: Snapshot) -> None:
        try:
            self.post_message(self._Valued(stock_value(shop.goods.shelf, turn_of_worker())))
        except Ended:
            return

    @on(_Computed)
    def _take_head(self, event: _Computed) -> None:
        """Show headline figures, unless newer ones came before them."""
        had, head = self.head, event.head
        if head.period != self.period or (had is not None and head.shop.revision < had.shop.revision):
            return
        self.head = head
        self._show_cards()
        self.fill(top=had is None or had.period != head.period)
        if had is None or had.shop.products is not head.shop.products:
            # It keeps the interpreter busy for long: first the figures that are there come to the screen.
            self.call_after_refresh(self._value_stock, head.shop)
        if head.report.purchases + head.report.returns <= AT_ONCE:
            self._wants_whole = True
        self._sum_whole()
        if had is None:
            self._let_frames_go()

    def _show_cards(self) -> None:
        head = self.head
        if head is not None:
            sold = head.report.purchases or head.report.returns
            whole = self._whole[1] if self._whole is not None and sold else None
            self.show_cards(cards_of(head.report, head.before, head.shop.settings, whole, self._stock))

    @on(_Valued)
    def _take_stock(self, event: _Valued) -> None:
        self._stock = event.value
        self._show_cards()

    @property
    def _whole_span(self) -> Span:
        return self.period.since, self.period.until

    def want_margin(self) -> None:
        """Have the margin summed up, however many sales there are."""
        self._wants_whole = True
        self._sum_whole()

    def _sum_whole(self) -> None:
        """Have the margin summed up, where the lines are there or wanted."""
        if self._wants_whole or self._whole_span in self._read:
            figures = self.lines(self._whole_span)
            if figures is not None and (self._whole is None or self._whole[0] is not figures):
                self._sum_up(figures)

    @work(thread=True, exclusive=True, group="whole")
    def _sum_up(self, figures: Figures) -> None:
        figures.turn = turn_of_worker()
        try:
            with resting_collector():
                self.post_message(self._Summed(figures, figures.whole))
        except Ended:
            return

    @on(_Summed)
    def _take_whole(self, event: _Summed) -> None:
        known = self._read.get(self._whole_span)
        if known is not None and known.figures is event.figures:
            self._whole = event.figures, event.whole
            self._show_cards()

    # The lines of the sales

    def lines_of(self, days: Period) -> Figures | None:
        """Return the sales of some days of the period, which are those of the whole where these are there."""
        known = self._read.get(self._whole_span)
        if known is not None and known.entry == self.snapshot.entry:
            return known.figures
        return self.lines((days.since, days.until))

    def lines(self, span: Span) -> Figures | None:
        """Return the sales of some days; asks for them where they are not there, or not those of now."""
        known = self._read.get(span)
        if span not in self._reading and (known is None or known.entry != self.snapshot.entry):
            wait = known.again_at - monotonic() if known is not None else 0
            wanted = LinesWanted(*span, self, threading.Event())
            self._reading[span] = wanted, monotonic() + max(0, wait)
            if wait > 0:
                self.set_timer(wait, lambda: self._ask(wanted))
            else:
                self._ask(wanted)
        return known.figures if known is not None else None

    def _ask(self, wanted: LinesWanted) -> None:
        if not wanted.unwanted.is_set():
            self.post_message(wanted)

    @on(LinesTold)
    def _tell_progress(self, event: LinesTold) -> None:
        if not event.wanted.unwanted.is_set():
            self.say(f"counting the lines of the sales: {100 * event.done // max(1, event.size)} %")

    @on(LinesRead)
    def _take_lines(self, event: LinesRead) -> None:
        if event.wanted.unwanted.is_set():
            return
        span = (event.wanted.since, event.wanted.until)
        _, began = self._reading.pop(span)
        if event.columns is None:
            self.say(f"! {event.error}")
            return
        now = monotonic()
        self._read[span] = _Lines(event.entry, Figures(event.columns), now + _REST * (now - began))
        self._read = {one: lines for one, lines in self._read.items() if one in (span, self._whole_span)}
        self.fill()
        self._sum_whole()


def today() -> date:
    """Return the day of the clock on the wall, as the files have it."""
    return date.today()  # noqa: DTZ011 - see above
