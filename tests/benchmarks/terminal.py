"""A program in a real pseudo-terminal, and how long it takes to show something.

What it sends is gathered and searched as bytes; nothing is drawn. All waits are polls with a time limit, so that
measuring does not take the processor from what is measured. Times are seconds of `time.perf_counter`.
"""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Final, NamedTuple, Self

DEADLINE_S: Final = 180.0
QUIET_S: Final = 0.06
"""Silence that ends a paint; four frames of a program that paints sixty times a second."""

KEYS: Final = {
    "Up": b"\x1b[A",
    "Down": b"\x1b[B",
    "Page Down": b"\x1b[6~",
    "Page Up": b"\x1b[5~",
    "Home": b"\x1b[H",
    "End": b"\x1b[F",
    "Enter": b"\r",
    "Escape": b"\x1b",
    "Ctrl+Q": b"\x11",
    "Ctrl+S": b"\x13",
    "F2": b"\x1bOQ",
    "F3": b"\x1bOR",
    "F4": b"\x1bOS",
    "F6": b"\x1b[17~",
    "F7": b"\x1b[18~",
    "F8": b"\x1b[19~",
    "F9": b"\x1b[20~",
    "Ctrl+Z": b"\x1a",
}
"""What a terminal sends for a key, by the name that stands in `<>` where keys are written."""
_CURSOR_KEYS: Final = frozenset(KEYS[name] for name in ("Up", "Down", "Home", "End"))
_NAMED: Final = re.compile("<([^<>]+)>")

_CPU_CLOCK_OF_A_PROCESS: Final = 2


class NotShown(Exception):
    """The program did not show in time what was waited for, or ended before."""


class Chunk(NamedTuple):
    """One piece of output.

    Attributes:
        at: When it came.
        end: How many bytes have come in all, with it.
    """

    at: float
    end: int


class Paint(NamedTuple):
    """What a key brought.

    Attributes:
        seconds: From the key to the last byte of its paint.
        sent: Bytes sent to the terminal for it.
        text: These bytes.
    """

    seconds: float
    sent: int
    text: bytes


class Terminal:
    """A program that runs in a pseudo-terminal of its own, as the leader of its session.

    Attributes:
        output: All that it has sent.
        chunks: When it came.
        started: When it was started.
        ended: When its process was gone, 0 as long as it runs.
        first_paint: Seconds until its first whole screen was there, where that was waited for.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 40,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.set_blocking(self._master, False)
        self.output = bytearray()
        self.chunks: list[Chunk] = []
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            cwd=folder,
            env=plain_environment() if environment is None else environment,
            preexec_fn=_hear_signals,  # noqa: PLW1509 - no thread of ours holds a lock that it needs
        )
        os.close(slave)
        self.pid = self._process.pid
        self._process_fd = os.pidfd_open(self.pid)
        self._poll = select.poll()
        self._poll.register(self._master, select.POLLIN)
        self._poll.register(self._process_fd, select.POLLIN)
        self.ended = 0.0
        self.first_paint = 0.0

    # Reading

    def _wait(self, until: float) -> bool:
        """Take what comes, once, until a moment; tell whether something did or the program ended."""
        left = until - time.perf_counter()
        ready = [fd for fd, _ in self._poll.poll(max(0.0, left * 1000))]
        if self._master in ready:
            self._read()
        if self._process_fd in ready:
            self.ended = time.perf_counter()
            self._poll.unregister(self._process_fd)
        return bool(ready)

    def _read(self) -> None:
        """Take all that is there."""
        with contextlib.suppress(BlockingIOError):
            while True:
                try:
                    piece = os.read(self._master, 1 << 16)
                except OSError as error:
                    if isinstance(error, BlockingIOError):
                        raise
                    piece = b""  # Linux refuses to read from a terminal that nobody has open.
                if not piece:
                    self._poll.unregister(self._master)
                    return
                self.output += piece
                self.chunks.append(Chunk(time.perf_counter(), len(self.output)))

    def until(self, text: bytes | str, *, after: int = 0, seconds: float = DEADLINE_S) -> float:
        """Wait until `text` has been sent, behind the first `after` bytes; return when it was.

        Raises:
            NotShown: It was not sent in time, or the program ended.
        """
        wanted = re.compile(re.escape(text.encode() if isinstance(text, str) else text))
        return self.until_like(wanted, after=after, seconds=seconds)

    def until_like(self, wanted: re.Pattern[bytes], *, after: int = 0, seconds: float = DEADLINE_S) -> float:
        """Wait as `until` does, for a pattern."""
        deadline = time.perf_counter() + seconds
        searched = after
        while True:
            found = wanted.search(self.output, searched)
            if found:
                return self._time_of(found.end())
            searched = max(after, len(self.output) - 1024)
            if self.ended or not self._wait(deadline):
                shown = bytes(self.output[-600:])
                raise NotShown(
                    f"{wanted.pattern!r} was not shown; ended: {bool(self.ended)}; last: {shown!r}"
                )

    def _time_of(self, end: int) -> float:
        """Return when the byte before `end` came."""
        return next(chunk.at for chunk in self.chunks if chunk.end >= end)

    def settle(self, quiet_s: float = QUIET_S, *, longest_s: float = DEADLINE_S) -> float:
        """Wait until nothing has come for `quiet_s`; return when the last byte came."""
        deadline = time.perf_counter() + longest_s
        while time.perf_counter() < deadline:
            if self.ended or not self._wait(time.perf_counter() + quiet_s):
                return self.chunks[-1].at if self.chunks else self.started
        raise NotShown(f"it sends without an end; last: {bytes(self.output[-300:])!r}")

    def idle(self, seconds: float) -> int:
        """Let the time pass; return how many bytes were sent meanwhile."""
        before, deadline = len(self.output), time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            self._wait(deadline)
        return len(self.output) - before

    def forget(self) -> None:
        """Forget what was sent so far: who works for long would search more and more of it."""
        self.output.clear()
        self.chunks.clear()

    # Typing

    def send(self, keys: str) -> float:
        """Press keys, such as `a<Down><F7>`; return when."""
        return self.send_bytes(_bytes_of(keys, application=self._application_keys()))

    def send_bytes(self, typed: bytes) -> float:
        """Send bytes as they are, reading on while the program does not take them; return when."""
        at = time.perf_counter()
        while typed:
            with contextlib.suppress(BlockingIOError):
                typed = typed[os.write(self._master, typed) :]
            if typed:
                self._wait(time.perf_counter() + 0.01)
        return at

    def _application_keys(self) -> bool:
        """Tell whether the program asked for the other sequences of the cursor keys, as curses does."""
        return self.output.rfind(b"\x1b[?1h") > self.output.rfind(b"\x1b[?1l")

    def press(self, keys: str, quiet_s: float = QUIET_S) -> Paint:
        """Press a key, or several at once, and wait for the end of the paint.

        Raises:
            NotShown: Nothing came for it in a while.
        """
        before, at = len(self.output), self.send(keys)
        deadline = time.perf_counter() + DEADLINE_S
        while len(self.output) == before:
            if self.ended or not self._wait(deadline):
                raise NotShown(f"{keys} shows nothing")
        last = self.settle(quiet_s)
        return Paint(last - at, len(self.output) - before, bytes(self.output[before:]))

    def press_for(self, key: str, text: str, quiet_s: float = QUIET_S) -> float:
        """Press a key and wait until it brought `text`; return the seconds to its last byte, then settle."""
        before, at = len(self.output), self.send(key)
        shown = self.until(text, after=before)
        self.settle(quiet_s)
        return shown - at

    def hold(self, key: str, times: int, each_s: float) -> list[float]:
        """Press a key again and again, as a held one does.

        Returns:
            For each press how many seconds the output was behind it, as `lags_of` tells.
        """
        begin, presses = time.perf_counter(), list[float]()
        for number in range(times):
            due = begin + number * each_s
            while time.perf_counter() < due:
                self._wait(due)
            presses.append(self.send(key))
        self.settle()
        return lags_of(presses, self.chunks)

    # The process

    def cpu_s(self) -> float:
        """Return the processor time that the program has used, all its threads together."""
        return time.clock_gettime((~self.pid << 3) | _CPU_CLOCK_OF_A_PROCESS)

    def resident_mib(self) -> float:
        """Return the memory that the program and the processes it has started hold now."""
        return sum(_resident_kib(pid) for pid in (self.pid, *_children(self.pid))) / 1024

    def wake_ups(self) -> int:
        """Count how often the program's threads gave up the processor by themselves."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/status")
        return sum(int(_status(task, "voluntary_ctxt_switches")) for task in tasks)

    def leave(self, keys: str) -> float:
        """Press the keys that end the program; return the seconds until its process is gone."""
        at = self.send(keys)
        deadline = time.perf_counter() + DEADLINE_S
        while not self.ended:
            if not self._wait(deadline):
                raise NotShown(f"it goes on after {keys}")
        return self.ended - at

    def close(self) -> None:
        """End the program, if it still runs, and close its terminal."""
        if not self.ended:
            self._process.kill()
        self._process.wait()
        os.close(self._process_fd)
        os.close(self._master)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _bytes_of(keys: str, *, application: bool) -> bytes:
    """Return what a terminal sends for keys; a name that is unknown is a KeyError."""
    parts = _NAMED.split(keys)
    codes = [KEYS[part] if place % 2 else part.encode() for place, part in enumerate(parts)]
    if application:
        codes = [b"\x1bO" + code[2:] if code in _CURSOR_KEYS else code for code in codes]
    return b"".join(codes)


def lags_of(presses: Sequence[float], chunks: Sequence[Chunk]) -> list[float]:
    """Return how far the output was behind each key of a held one.

    Args:
        presses: When the key was pressed, in order.
        chunks: All output until it was quiet.

    Returns:
        Seconds from each press to the last output before the next one; where there was none yet, to the first
        output at all after it. What is left to paint after the last press counts for that.
    """
    times = [chunk.at for chunk in chunks]
    lags: list[float] = []
    for pressed, following in zip_longest(presses, presses[1:], fillvalue=math.inf):
        first, end = bisect_left(times, pressed), bisect_left(times, following)
        last = max(end - 1, first)
        lags.append(times[last] - pressed if last < len(times) else 0.0)
    return lags


def _hear_signals() -> None:
    """Let the program hear what ends it, though this one may have been started not to."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


_NOT_PASSED = ("LINES", "COLUMNS", "NO_COLOR", "PYTHONDONTWRITEBYTECODE")
"""Without compiled modules beside them every start would compile all; a shop's do not."""


def plain_environment() -> dict[str, str]:
    """Return the environment of a usual terminal, without what another one's size or habits left in it."""
    passed = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TEXTUAL", "TRACKER")) and name not in _NOT_PASSED
    }
    return {**passed, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "COLORTERM": "truecolor"}


def _status(file: Path, name: str) -> str:
    found = re.search(rf"^{name}:\s+(\d+)", file.read_text(encoding="ascii", errors="replace"), re.MULTILINE)
    return found[1] if found else "0"


def _resident_kib(pid: int) -> int:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return int(_status(Path(f"/proc/{pid}/status"), "VmRSS"))
    return 0


def _children(pid: int) -> Iterator[int]:
    """Yield the processes that a process has started, and those that these have."""
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for child in map(int, listed.read_text(encoding="ascii").split()):
                yield child
                yield from _children(child)
