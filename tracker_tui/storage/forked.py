"""Work that a forked process does beside this one, which must have no threads."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Generic, NoReturn, Self, TypeVar

from tracker_tui.errors import StorageError
from tracker_tui.storage.history_file import Unfit

Result = TypeVar("Result")


class Forked(Generic[Result]):
    """A forked process that does some work and gives back what it found.

    As a context manager: behind its end the process is gone.

    Args:
        work: Done in the process; what it returns is pickled.
    """

    def __init__(self, work: Callable[[], Result]) -> None:
        self._pipe, write = os.pipe()
        self._child = os.fork()
        if not self._child:
            _do(work, self._pipe, write)
        os.close(write)

    def result(self) -> Result | None:
        """Wait for what it found; None = nothing, and whoever does the work again meets the reason."""
        with open(self._pipe, "rb", closefd=False) as pipe, suppress(EOFError, pickle.UnpicklingError):
            found: Result = pickle.load(pipe)
            return found
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _at: TracebackType | None) -> None:
        os.close(self._pipe)
        os.kill(self._child, signal.SIGKILL)  # where it is still at work, nobody wants to know any more
        os.waitpid(self._child, 0)


def _do(work: Callable[[], object], read: int, write: int) -> NoReturn:
    """Do the work, say what was found, and end this process."""
    code = 1
    try:
        os.close(read)
        found = work()
        with open(write, "wb") as pipe:
            pickle.dump(found, pipe, pickle.HIGHEST_PROTOCOL)
        code = 0
    except (Unfit, OverflowError, StorageError, OSError):
        pass
    finally:
        os._exit(code)
