"""What is likely to be wanted next, made ready while nobody types.

The Report screen brings many modules. They are loaded before F7 is pressed, in a thread; who presses it earlier waits
as long as if there were no such thread. The figures are not summed up ahead: in a shop of 100,000 products they would
be seen a tenth of a second sooner, and each session, also that of a clerk who never looks, would hold 14 MiB more.
"""

from __future__ import annotations

from importlib import import_module
from time import monotonic
from typing import Final

from textual import work

from tracker_tui.desk.reckoning import ReckoningApp

QUIET_S: Final = 0.3
"""So long nothing has come from keyboard and mouse when it begins."""
MODULES: Final = ("tracker_tui.screens.report",)


class WarmingApp(ReckoningApp):
    """An app that loads its heaviest screen ahead."""

    def warm_up(self) -> None:
        """Begin as soon as it is quiet; the shop is open."""
        self.set_timer(QUIET_S, self._warm_up_if_quiet)

    def _warm_up_if_quiet(self) -> None:
        if monotonic() - self.touched_at < QUIET_S:
            self.warm_up()
        elif not self.is_leaving:
            self._load()

    @work(thread=True, group="warm")
    def _load(self) -> None:
        for name in MODULES:
            import_module(name)
