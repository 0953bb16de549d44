"""How a session ends: by the clerk, by the server or a lost line, or because nobody is there any more.

Each act is on disk by itself, so that none of these ways has anything to save but `inventory.txt`, which the
next session would bring up to date as well.
"""

from __future__ import annotations

import threading
from typing import Final

from textual import work
from textual.driver import Driver

from tracker_tui.desk.basket import BasketApp
from tracker_tui.errors import TrackerError
from tracker_tui.widgets.terminal import guard_signals
from tracker_tui.work.opening import Opening

_NOT_BROKEN_OFF: Final = ("write", "print", "leave")
"""Groups of threads whose work a log-out waits for."""


class LeavingApp(BasketApp):
    """An app that ends well, whoever wants it to.

    Attributes:
        stop: Set when the threads shall end.
        is_leaving: Whether the end has begun.
        leaves_with: The exit code where all goes well.
        idle_s: After how many seconds without a key the session ends; None = never.

    Args:
        opening: The shop, open or to be opened.
        driver_class: What drives the terminal.
    """

    def __init__(self, opening: Opening, *, driver_class: type[Driver]) -> None:
        super().__init__(opening, driver_class=driver_class)
        self.stop = threading.Event()
        self.is_leaving = False
        self.leaves_with = 0
        self.idle_s: float | None = None

    def watch_for_the_end(self) -> None:
        """From now on end by signals, and where nobody is there."""
        guard_signals(self, self._leave_at_once)
        if self.idle_s is not None:
            from tracker_tui.widgets.idle import leave_when_idle

            leave_when_idle(self, self.idle_s, busy=self._is_acting, leave=self._log_out)

    async def action_quit(self) -> None:
        """Leave when what is being booked is on disk; typed work is asked about first.

        A basket is not asked about: it is kept on disk, and offered at the next start.
        """
        if not self._ask_about_form():
            self._leave()

    def _ask_about_form(self) -> bool:
        """Ask about the typed work of a form that is open; tell whether there is any."""
        if not self.screen.is_modal:
            return False
        from tracker_tui.screens.form_dialog import FormDialog

        if not isinstance(self.screen, FormDialog) or not self.screen.is_changed:
            return False
        self.screen.action_cancel()
        return True

    def _leave(self) -> None:
        if not self.is_leaving:
            self.is_leaving = True
            self.stop.set()
            self._finish_and_exit()

    def on_unmount(self) -> None:
        """Let the threads end, however the app ended."""
        self.stop.set()
        self.end_keeping()

    def _leave_at_once(self, message: str | None = None) -> None:
        """Leave because the terminal or the server wants it: every act on disk is whole by itself."""
        self.is_leaving = True
        self.stop.set()
        self.end_keeping()
        self._opening.give_up()
        self.exit(0, message=message)

    def _is_acting(self) -> bool:
        return any(worker.group in _NOT_BROKEN_OFF and worker.is_running for worker in self.workers)

    def _log_out(self) -> None:
        minutes = f"{(self.idle_s or 0) / 60:g}"
        told = f"Logged out: no key was pressed for {minutes} {'minute' if minutes == '1' else 'minutes'}."
        self._leave_at_once(" ".join(filter(None, (told, self._farewell()))))

    @work(thread=True, group="leave")
    def _finish_and_exit(self) -> None:
        """Wait for the acts under way, which hold the service, for the basket, and save the snapshot."""
        self._opening.give_up()
        self.wait_until_kept()
        try:
            self._opening.close()
        except TrackerError as error:
            self.call_from_thread(self.exit, 3, message=f"inventory.txt is behind the logs: {error}")
            return
        self.call_from_thread(self.exit, 0, self.leaves_with, self._farewell())

    def _farewell(self) -> str | None:
        """Say what becomes of the basket; nothing where there is none."""
        lines = len(self.basket.lines)
        if not lines or self.snapshot.read_only:
            return None
        return f"The basket ({lines} {'line' if lines == 1 else 'lines'}) stays, and is offered when you come back."
