"""Work in a process of its own, so that the screen stays alive: how it is begun, heard and ended.

The process ends when its standard input does, so that none outlives the session that wants to know. It says on the
standard error stream how far it is, and sends what it found to its standard output.
"""

from __future__ import annotations

import gc
import os
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tracker_tui.errors import StorageError
from tracker_tui.tuples import NamedTuple

_TOLD_EVERY: Final = 1 << 21

Told = Callable[[int, int], None]
"""Told how many bytes of how many are done; what it raises ends the work."""


def program_of(module: str) -> str:
    """Return the program that runs the `main` of a module here; this very package, also where it is not installed.

    It does not take apart piece by piece what it made: somebody waits for its end.
    """
    return (
        "import os, sys; sys.path.insert(0, sys.argv.pop(1));"
        f" from {module} import main; code = main(*sys.argv[1:]); sys.stderr.flush(); os._exit(code)"
    )


class Found(NamedTuple):
    """What a process came to.

    Attributes:
        code: Its exit code.
        data: What it found.
        said: What it said last, but for how far it is.
    """

    code: int
    data: bytes
    said: str


class Aside:
    """A process that runs the `main` of a module of ours.

    Args:
        module: Whose `main`.
        words: What it gets.
    """

    def __init__(self, module: str, *words: str) -> None:
        safe = "-I" if sys.flags.isolated else "-P"  # no module comes from the folder that we are in
        command = [sys.executable, safe, "-c", program_of(module), str(Path(__file__).parents[2]), *words]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def ended(self) -> bool:
        """Tell, without waiting, whether it came to its end."""
        return self._process.poll() is not None

    def result(self, told: Told) -> Found:
        """Wait for the end, and pass on how far it is."""
        with self._process as process:
            try:
                said = self._listen(told)
                data = process.stdout.read() if process.stdout is not None else b""
            finally:
                self.end()
        return Found(process.returncode, data, said)

    def _listen(self, told: Told) -> str:
        """Pass on how far it is; return what else it said last."""
        said = ""
        for raw in self._process.stderr or ():
            line = raw.decode("utf-8", "replace").strip()
            done, _, size = line.partition("/")
            if done.isdecimal() and size.isdecimal():
                told(int(done), int(size))
            else:
                said = line
        return said

    def end(self) -> None:
        """Let it end; one that has ended is left alone."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def leave(self) -> None:
        """Let it end, without waiting for that and for what it found."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        self._process.poll()


# In the process


class _Abandoned(Exception):
    """Nobody waits for the work any more."""


class Telling:
    """Says now and then how far it is."""

    def __init__(self) -> None:
        self._told = -_TOLD_EVERY

    def __call__(self, done: int, size: int) -> None:
        """Say it, unless it was said just now.

        Raises:
            _Abandoned: Nobody wants to know; `run_aside` answers it.
        """
        if select.select([0], [], [], 0)[0]:  # the end of the standard input
            raise _Abandoned
        if done - self._told >= _TOLD_EVERY:
            self._told = done
            sys.stderr.write(f"{done}/{size}\n")
            sys.stderr.flush()

    def begin_anew(self) -> None:
        """Say the next again, however little it is."""
        self._told = -_TOLD_EVERY


def run_aside(work: Callable[[Telling], int]) -> int:
    """Do the work of such a process; return its exit code."""
    gc.disable()  # nothing of what is counted makes circles, and looking for them takes half of the time
    try:
        return work(Telling())
    except StorageError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except (_Abandoned, BrokenPipeError):
        return 1


def send(data: bytes) -> None:
    """Send what was found."""
    os.close(2)  # whoever reads how far it is knows now that all is said
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
