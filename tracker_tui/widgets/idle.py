"""Log-out where nobody is at the terminal any more."""

from __future__ import annotations

import signal
from collections.abc import Callable
from time import monotonic
from typing import Any

from tracker_tui.widgets.key_order import KeysInOrder
from tracker_tui.widgets.terminal import GRACE_S


def leave_when_idle(
    app: KeysInOrder[Any], idle_s: float, *, busy: Callable[[], bool], leave: Callable[[], None]
) -> None:
    """Leave once no key, paste or mouse has come for `idle_s`; until then nothing wakes up or is sent.

    The terminal may be one that nobody reads: from the moment of leaving the kernel ends the process
    `terminal.GRACE_S` later in any case, as after a hang-up.

    Args:
        app: The running app.
        idle_s: Seconds, more than 0.
        busy: Tells whether something is under way that must not be broken off; it is then asked again later.
        leave: Ends the app at once.
    """

    def look() -> None:
        left = app.touched_at + idle_s - monotonic()
        if left > 0:
            app.set_timer(left, look)
        elif busy():
            app.set_timer(idle_s, look)
        else:
            if not app.is_headless:
                signal.alarm(GRACE_S)
            leave()

    app.touched_at = max(app.touched_at, monotonic())
    look()
