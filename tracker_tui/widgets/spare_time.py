"""The time between two keys: what makes the next one quicker is done then, in pieces that no key waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Final

BEGIN_S: Final = 0.03
"""So long after a key it is surely painted; who types quickly presses the next one after three times as long."""
_PIECE_S: Final = 0.002
_BETWEEN_S: Final = 0.003
LET_GO_S: Final = 10.0
"""So long nothing more was asked for when what was made ready is let go."""


class SpareTime:
    """Does one thing at a time, between two keys."""

    def __init__(self) -> None:
        self._next: asyncio.TimerHandle | None = None

    def use(self, steps: Iterator[None], let_go: Callable[[], None]) -> None:
        """Take steps from now on, in place of those that are not taken yet.

        Args:
            steps: Does a little each time that it is asked for the next.
            let_go: Called when nothing else was asked for in a long while.
        """
        self.stop()
        self._later(BEGIN_S, lambda: self._take(steps, let_go))

    def stop(self) -> None:
        """Take no more steps."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._next = asyncio.get_running_loop().call_later(seconds, act)

    def _take(self, steps: Iterator[None], let_go: Callable[[], None]) -> None:
        end = monotonic() + _PIECE_S
        for _ in steps:
            if monotonic() >= end:
                self._later(_BETWEEN_S, lambda: self._take(steps, let_go))
                return
        self._later(LET_GO_S, let_go)
