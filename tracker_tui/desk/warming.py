"""What is likely to be wanted next, made ready while nobody types.

The Report screen brings many modules and widgets, and its first figures are summed up over all customers and products.
All of that is done before F7 is pressed; who presses it earlier waits as long as if nothing were done ahead. A session
of a clerk who never looks holds an empty screen for it and a few numbers, no list of who bought.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from time import monotonic, sleep
from typing import Final

from textual import on, work
from textual.message import Message

from tracker_tui.desk.reckoning import ReckoningApp, Unwanted
from tracker_tui.errors import TrackerError
from tracker_tui.model.collector import resting_collector
from tracker_tui.model.queries import sum_ahead

QUIET_S: Final = 0.3
"""So long nothing has come from keyboard and mouse when it begins."""
MODE: Final = "report"
MODULES: Final = ("tracker_tui.screens.report",)


class WarmingApp(ReckoningApp):
    """An app that loads its heaviest screen ahead.

    Attributes:
        when_shown: Called once the first page is painted, before the shop is read; who runs the app may set it.
        when_warm: Called once all is there that stays, from a thread; who runs the app may set it.
    """

    when_shown: Callable[[], object] | None = None
    when_warm: Callable[[], None] | None = None

    @dataclass
    class _Loaded(Message):
        """All is there that the screen is made of."""

    @dataclass
    class _Disturbed(Message):
        """Somebody came before the figures were summed up."""

    def tell_shown(self) -> None:
        """Say that the first page is painted."""
        if self.when_shown is not None:
            self.when_shown()

    def warm_up(self) -> None:
        """Begin as soon as it is quiet; the shop is open."""
        self.set_timer(QUIET_S, self._warm_up_if_quiet)

    @property
    def _is_quiet(self) -> bool:
        return monotonic() - self.touched_at >= QUIET_S

    def _warm_up_if_quiet(self) -> None:
        if not self._is_quiet:
            self.warm_up()
        elif not self.is_leaving:
            self._load()

    @work(thread=True, group="warm")
    def _load(self) -> None:
        for name in MODULES:
            import_module(name)
        self.post_message(self._Loaded())
        try:
            with resting_collector():
                sum_ahead(self.snapshot, self._give_way)
        except Unwanted:
            self.post_message(self._Disturbed())
            return
        except TrackerError:
            return  # Who asks for what cannot be read now reads it then, and is told.
        if self.when_warm is not None:
            self.when_warm()

    def _give_way(self) -> None:
        """Let others go on; end it where somebody came, who may want the figures, or the processor, at once."""
        if self.is_leaving or not self._is_quiet:
            raise Unwanted("somebody is at work")
        sleep(0)

    @on(_Disturbed)
    def _begin_again(self) -> None:
        if not self.is_leaving:
            self.warm_up()

    @on(_Loaded)
    def _make_if_quiet(self) -> None:
        if not self._is_quiet:
            self.set_timer(QUIET_S, self._make_if_quiet)
        elif not self.is_leaving:
            self.make_ahead(MODE)
