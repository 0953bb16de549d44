"""How long something took, without the time for which the machine had other things to do."""

from __future__ import annotations

import subprocess
import threading
import time
from types import TracebackType
from typing import Final, Self

_CPU_CLOCK: Final = 2
"""With the complement of a process before it: the clock of that process' own processor time (`clock_getcpuclockid`)."""

_RUNNING_S: Final = 0.005
"""Who used so much has begun."""

_SAMPLE_S: Final = 0.02
_SAMPLE_EVERY_S: Final = 0.2


class OwnTime:
    """A stretch of time, and beside it a process that always has something to do.

    What that process did not get of the processor, something else on the machine had, and what is measured
    could not have it either. On a machine that has nothing else to do this is the time by the clock.

    Attributes:
        seconds: How long it took, without that; set at the end.
        lost_s: How much that was.
    """

    seconds = 0.0
    lost_s = 0.0

    def __enter__(self) -> Self:
        self._beside = subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"])
        try:
            while self._used_s() < _RUNNING_S:
                time.sleep(0.001)
        except BaseException:
            self._end()
            raise
        self._began, self._used = time.monotonic(), self._used_s()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        took, used = time.monotonic() - self._began, self._used_s() - self._used
        self._end()
        self.lost_s = max(0.0, took - used)
        self.seconds = took - self.lost_s

    def _used_s(self) -> float:
        return time.clock_gettime(~self._beside.pid << 3 | _CPU_CLOCK)

    def _end(self) -> None:
        self._beside.kill()
        self._beside.wait()


class Slowness(threading.Thread):
    """Finds out, all the while, how many times as long as on a machine of its own some work takes here."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._over = threading.Event()
        self._took = self._used = 0.0

    def run(self) -> None:
        """Work a little, again and again."""
        while not self._over.wait(_SAMPLE_EVERY_S):
            began, used = time.monotonic(), time.thread_time()
            while time.thread_time() - used < _SAMPLE_S:
                pass
            self._took += time.monotonic() - began
            self._used += time.thread_time() - used

    def end(self) -> float:
        """End it, and return how many times as long; 1 where it never came to work."""
        self._over.set()
        self.join()
        return max(1.0, self._took / self._used) if self._used else 1.0
