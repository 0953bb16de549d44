"""The app's part that has to do with the stock room: counts and deliveries, on their way to being entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType

from tracker_tui.desk.errands import ErrandsApp
from tracker_tui.errors import PrinterFailed, ReadOnly, TrackerError
from tracker_tui.messages import (
    ListAnswered,
    ListAsked,
    MovementsWanted,
    PaperGiven,
    PaperWanted,
    PastStockWanted,
    ShowEntry,
)
from tracker_tui.screens.shop_screen import ShopScreen

if TYPE_CHECKING:
    from tracker_tui.model.acts import Outcome
    from tracker_tui.model.drafts import Draft
    from tracker_tui.model.records import ReceiptSettings


class StockApp(ErrandsApp):
    """An app in which the stock can be counted and deliveries received."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+y", "close_day", "Close the day", id="app.close_day", show=False),
    ]

    def stock_commands(self) -> Iterator[SystemCommand]:
        """Yield what the palette offers of the stock room."""
        yield SystemCommand(
            "Count the stock",
            "Scan or type what is on the shelves, alone or together",
            self.action_count_stock,
        )
        yield SystemCommand(
            "Receive a delivery", "Several products in one entry, by scan", self.action_receive_delivery
        )

        yield SystemCommand(
            "Close the day",
            "Count the till, and compare it with what should be there (Ctrl+Y)",
            self.action_close_day,
        )

        yield SystemCommand(
            "Stock on a past day",
            "All products as they were at its end, beside those of now",
            self.action_past_stock,
        )

    def action_past_stock(self) -> None:
        """Show all products as they were on a day."""
        self._show_past(PastStockWanted())

    @on(PastStockWanted)
    def _show_past(self, event: PastStockWanted) -> None:
        from tracker_tui.screens.movements_day import PastStock

        if not self.snapshot.loading:
            self.push_screen(PastStock(event.day))

    @on(MovementsWanted)
    def _show_movements(self, event: MovementsWanted) -> None:
        from tracker_tui.screens.movements import Movements

        def show(entry: int | None) -> None:
            if entry is not None:
                self.post_message(ShowEntry(entry))

        if not self.snapshot.loading and isinstance(self.screen, ShopScreen):
            self.push_screen(Movements(event.product_id, self.snapshot), show)

    def action_close_day(self) -> None:
        """Close the day: owners and clerks may."""
        screen = self.screen
        if isinstance(screen, ShopScreen) and screen.may_change():
            from tracker_tui.screens.day_close import DayClose

            self.push_screen(DayClose())

    @on(PaperWanted)
    def _begin_print(self, event: PaperWanted) -> None:
        self._print_paper(event, self.snapshot.settings.receipt)

    @work(thread=True, group="print")
    def _print_paper(self, wanted: PaperWanted, settings: ReceiptSettings) -> None:
        """Print a report; a printer that hangs holds nobody up."""
        from tracker_tui.work.printing import print_text

        try:
            print_text(wanted.text, settings)
        except PrinterFailed as error:
            wanted.reply_to.post_message(PaperGiven(str(error), failed=True))
        else:
            wanted.reply_to.post_message(PaperGiven("Printed"))

    @on(ListAsked)
    def _begin_answer(self, event: ListAsked) -> None:
        from tracker_tui.model.list_asks import LookAt, LookAtAll

        if self.clerk_mode and not isinstance(event.ask, LookAt | LookAtAll):
            refusal = ReadOnly("Not for this login: the stock is the owner's to count and to receive")
            event.reply_to.post_message(ListAnswered(event.ask, None, refusal))
        else:
            self._answer_list(event)

    @work(thread=True, group="lists")
    def _answer_list(self, asked: ListAsked) -> None:
        """Look a list up, or change it, in a thread: it is on disk when the answer is there."""
        from tracker_tui.work.performing import answer_list

        try:
            answer = ListAnswered(asked.ask, answer_list(self._opening.service, asked.ask))
        except TrackerError as error:
            answer = ListAnswered(asked.ask, None, error)
        asked.reply_to.post_message(answer)

    def _may_change_stock(self) -> bool:
        screen = self.screen
        return isinstance(screen, ShopScreen) and screen.may_change(products=True)

    def action_count_stock(self) -> None:
        """Count the stock: go on with a list, or begin one."""
        if self._may_change_stock():
            from tracker_tui.model.drafts import Kind
            from tracker_tui.screens.stock_lists import StockLists

            self.push_screen(StockLists(Kind.COUNT), self._open_list)

    def action_receive_delivery(self) -> None:
        """Receive a delivery: go on with one, or begin one."""
        if self._may_change_stock():
            from tracker_tui.model.drafts import Kind
            from tracker_tui.screens.stock_lists import StockLists

            self.push_screen(StockLists(Kind.DELIVERY), self._open_list)

    def _open_list(self, draft: Draft | None) -> None:
        if draft is None:
            return
        from tracker_tui.model.drafts import Kind

        if draft.kind is Kind.COUNT:
            from tracker_tui.screens.stock_count import StockCount

            self.push_screen(StockCount(draft), self._tell_booked)
        else:
            from tracker_tui.screens.delivery import Delivery

            self.push_screen(Delivery(draft), self._tell_booked)

    def _tell_booked(self, outcome: Outcome | None) -> None:
        if outcome is not None:
            self.say(f"{outcome.text}. Ctrl+Z undoes it.")
