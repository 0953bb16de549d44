"""The clock by which entries are dated."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime


def to_the_second(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """Return a clock that leaves out what is less than a second."""
    return lambda: clock().replace(microsecond=0)


class SystemClock:
    """The system's time to the second, with its offset; to find that out takes long, so once a second will do."""

    def __init__(self) -> None:
        self._told = (0, datetime.fromtimestamp(0, UTC))

    def __call__(self) -> datetime:
        """Return the time of now."""
        now = int(time.time())
        second, told = self._told
        if second != now:
            told = datetime.fromtimestamp(now, UTC).astimezone()
            self._told = (now, told)
        return told
