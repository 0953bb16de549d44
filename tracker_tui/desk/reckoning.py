"""The app's part that reads the lines of many sales, for the Report screen: in a thread, and only when asked."""

from __future__ import annotations

from textual import on, work

from tracker_tui.desk.stock import StockApp
from tracker_tui.errors import TrackerError
from tracker_tui.messages import LinesRead, LinesTold, LinesWanted
from tracker_tui.model.collector import resting_collector


class Unwanted(TrackerError):
    """Nobody wants to know any more."""


class ReckoningApp(StockApp):
    """An app that reads the lines of sales."""

    @on(LinesWanted)
    def _begin_reading(self, event: LinesWanted) -> None:
        self._errands.add(event.unwanted)
        self._read_lines(event)

    @work(thread=True, group="lines")
    def _read_lines(self, wanted: LinesWanted) -> None:
        def told(done: int, size: int) -> None:
            if wanted.unwanted.is_set():
                raise Unwanted("nobody wants to know any more")
            wanted.reply_to.post_message(LinesTold(wanted, done, size))

        service = self._opening.service
        entry = service.snapshot.entry
        try:
            with resting_collector():
                columns = service.sale_columns(wanted.since, wanted.until, told)
        except Unwanted:
            return
        except TrackerError as error:
            wanted.reply_to.post_message(LinesRead(wanted, None, error=error))
        else:
            wanted.reply_to.post_message(LinesRead(wanted, columns, entry))
        finally:
            self._errands.discard(wanted.unwanted)
