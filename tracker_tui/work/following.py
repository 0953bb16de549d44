"""Keeping up with the files in the background, and keeping `inventory.txt` up to date: one thread a session."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from tracker_tui.errors import Busy, TrackerError
from tracker_tui.model.state import Snapshot

if TYPE_CHECKING:
    from tracker_tui.service import InventoryService

LOOK_EVERY_S: Final = 0.2
SAVE_AFTER_S: Final = 1.0
SAVE_FOR_OTHERS_AFTER_S: Final = 4.0
"""Whoever changed something saves the snapshot; the others only where that session seems to be gone."""


class Stop(Protocol):
    """What tells the thread to end: a `threading.Event`."""

    def wait(self, timeout: float) -> bool:
        """Wait so many seconds; True once it is set."""


def follow(
    service: InventoryService,
    stop: Stop,
    *,
    changed: Callable[[Snapshot], None],
    trouble: Callable[[str], None],
    acted: Callable[[], bool],
) -> None:
    """Catch up with the files until told to stop, and save the snapshot some time after a change.

    Args:
        service: The shop.
        stop: Ends it.
        changed: Told each new snapshot.
        trouble: Told why the files cannot be used now, and "" when they can be again; each once.
        acted: Tells whether this session changed anything.
    """
    told = ""
    behind_since: float | None = None
    while not stop.wait(LOOK_EVERY_S):
        reason = ""
        try:
            if service.refresh():
                changed(service.snapshot)
            if not service.unsaved:
                behind_since = None
            elif behind_since is None:
                behind_since = time.monotonic()
            elif time.monotonic() - behind_since > (SAVE_AFTER_S if acted() else SAVE_FOR_OTHERS_AFTER_S):
                service.save()
        except Busy:
            behind_since = None
        except TrackerError as error:
            reason = str(error)
            behind_since = None
        if reason != told:
            told = reason
            trouble(reason)
