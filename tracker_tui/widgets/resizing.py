"""The size of the terminal, told to the app however often it changes."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from textual import events
from textual.app import App
from textual.geometry import Size


def follow_size(app: App[object], size: Callable[[], tuple[int, int]]) -> None:
    """Tell the app of each new size from its own loop; to be called in that loop, in the main thread.

    Textual 8.2.8 does so in the signal's handler itself. A window that is dragged sends signals faster than that
    is done, each interrupts the one before, and in the end the depth of calls ends the program.

    Args:
        app: Who is told.
        size: Looks at the terminal: columns and lines.
    """

    def tell() -> None:
        now = Size(*size())
        app.post_message(events.Resize(now, now))

    asyncio.get_running_loop().add_signal_handler(signal.SIGWINCH, tell)
