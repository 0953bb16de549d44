"""What is likely to be wanted next, made ready while nobody types.

The Report screen brings many modules, and its figures of all days are summed up from all that people bought and all
that is on the shelf. Both can be had before F7 is pressed, in a thread; who presses it earlier waits as long as if
there were no such thread.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from time import monotonic
from typing import Final

from textual import work

from tracker_tui.desk.reckoning import ReckoningApp
from tracker_tui.errors import StorageError
from tracker_tui.model.state import Snapshot

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
            self._load(self.snapshot)

    @work(thread=True, group="warm")
    def _load(self, shop: Snapshot) -> None:
        from tracker_tui.model.queries import report

        for name in MODULES:
            import_module(name)
        with suppress(StorageError):  # whoever opens the screen meets the reason
            report(shop)
