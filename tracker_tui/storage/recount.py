"""Counting a shop's logs anew: in this process, or for a large shop in one of its own.

The process of its own runs `main` with FOLDER DECIMALS LONGEST_TAIL HOW, and leaves what it found in the folder
`.tracker/`; where it may or can not write there, it sends the history.
"""

from __future__ import annotations

import os
import time
from typing import Any, Final

from tracker_tui.errors import StorageError
from tracker_tui.model.ledger import Ledger
from tracker_tui.model.records import Entry
from tracker_tui.storage.aside import Aside, Telling, Told, run_aside, send
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.compare import differing, other_lines, touched_ids
from tracker_tui.storage.derived import (
    DerivedFiles,
    Saved,
    counting,
    full_state,
    read_saved,
    state_of,
    write_history,
    write_saved,
)
from tracker_tui.storage.folder import read_file, signature_of
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.storage.history_build import LogFile, build_history
from tracker_tui.storage.history_file import Unfit
from tracker_tui.storage.history_open import LOGS, OpenHistory
from tracker_tui.storage.legacy import is_original
from tracker_tui.storage.log import LogReader, Rewritten
from tracker_tui.storage.plain import AnyPath
from tracker_tui.storage.table import read_table

LARGE_BYTES: Final = 4 << 20
"""Logs of more bytes than this are counted in a process of their own, so that the screen stays alive."""
_HEAD_BYTES: Final = 1 << 14
_LOOK_EVERY_S: Final = 0.05
_LONGEST_WAIT_S: Final = 120.0
_NOT_COUNTABLE: Final = 3
"""Exit code of the counting process where the logs can only be read whole."""

WRITE: Final = "write"
LOOK_ONLY: Final = "look-only"
IF_NOBODY_DOES: Final = "if-nobody-does"


def recount(
    fd: int, decimals: int, told: Told = lambda _done, _size: None, *, in_halves: bool = False
) -> bytes:
    """Count both logs of the shop whose folder is open.

    Args:
        fd: The folder.
        decimals: The shop's decimals.
        told: Told from time to time how many bytes of how many are done.
        in_halves: Whether a process may be forked to share the work; only one without threads may.

    Returns:
        The history; empty where the logs cannot be counted so.

    Raises:
        StorageError: A file cannot be read.
    """
    files = DerivedFiles()
    try:
        sold, changed = (_log_file(fd, files, name) for name in LOGS)
        if is_original(sold.read_at(0, 4096)):
            return b""
        columns = _columns_of_inventory(fd, decimals)
        return build_history(sold, changed, decimals, columns, told, in_halves=in_halves)
    except Unfit:
        return b""


def _log_file(fd: int, files: DerivedFiles, name: str) -> LogFile:
    try:
        info = files.open(fd, name)
    except FileNotFoundError:
        return LogFile(lambda _at, _size: b"", 0, ())
    except OSError as error:
        raise StorageError(f"{name}: {error.strerror}") from error
    return LogFile(lambda at, size: files.read(name, at, size), info.st_size, state_of(info))


def _columns_of_inventory(fd: int, decimals: int) -> tuple[str, ...]:
    """Return the columns of the inventory, so that its lines can be compared with those of the history."""
    files = DerivedFiles()
    try:
        files.open(fd, INVENTORY.file)
        start = files.read(INVENTORY.file, 0, _HEAD_BYTES)
    except (OSError, StorageError):
        return INVENTORY.columns
    columns = read_table(INVENTORY, start, decimals).columns
    return columns if {*columns} >= {*INVENTORY.columns} else INVENTORY.columns


def agreement(fd: int, decimals: int) -> Saved | None:
    """Return which state of the inventory says just what the logs say; None where it does not."""
    states = {name: full_state(fd, name) for name in (INVENTORY.file, *LOGS)}
    try:
        history = OpenHistory(fd, decimals, None)
        data, _ = read_file(fd, INVENTORY.file)
        readers, recent = _read_tails(fd, history, decimals)
    except (Unfit, Rewritten, FileNotFoundError, StorageError):
        return None
    as_of = _agrees_as_of(history, data, recent, decimals)
    if as_of is None:
        return None
    if any(full_state(fd, name) != state for name, state in states.items()):
        return None
    ends = {reader.format.file: reader.size for reader in readers}
    logs = {name: history.mark(name, states[name], ends[name]) for name in LOGS}
    return Saved(states[INVENTORY.file], (), as_of, (), logs)


def _agrees_as_of(history: OpenHistory, inventory: bytes, recent: list[Entry], decimals: int) -> int | None:
    """Return up to which entry the inventory counts, where it says just what the logs do; None where not."""
    ledger, counted = Ledger(recent, history.past), history.past.last
    if any(entry.entry <= counted for entry in recent):
        return None
    ids = touched_ids(recent) | history.past.odd.keys()
    stock, rows = other_lines(history.past.stock(), inventory, ids)
    table = read_table(INVENTORY, rows, decimals)
    if table.as_of is None or table.as_of > (recent[-1].entry if recent else counted):
        return None
    if table.as_of < counted:
        ids |= touched_ids(ledger.since(table.as_of))
        stock, rows = other_lines(history.past.stock(), inventory, ids)
        table = read_table(INVENTORY, rows, decimals)
    return None if differing(history.stock(stock), ledger, table, table.as_of or 0) else table.as_of


def _read_tails(fd: int, history: OpenHistory, decimals: int) -> tuple[list[LogReader[Any]], list[Entry]]:
    """Read what the logs gained since they were counted."""
    readers: list[LogReader[Any]] = [LogReader(PURCHASES), LogReader(CHANGES)]
    entries: list[Entry] = []
    for reader in readers:
        name = reader.format.file
        reader.resume(history.past.log_state(name), history.tails[name])
        entries += reader.read(fd, signature_of(fd, name), locked=False, decimals=decimals)
    return readers, sorted(entries, key=lambda entry: entry.entry)


# In a process of its own


class Counter(Aside):
    """A process that counts both logs of a shop.

    Args:
        path: The shop's folder.
        decimals: The shop's decimals.
        longest_tail: A history is good enough that has the logs up to so many bytes.
        how: `WRITE` what was found, `LOOK_ONLY`, or count and write it only `IF_NOBODY_DOES` so now.
    """

    def __init__(self, path: AnyPath, decimals: int, longest_tail: int, how: str) -> None:
        super().__init__(__name__, str(path), str(decimals), str(longest_tail), how)
        self._path = path

    def history(self, told: Told) -> bytes | None:
        """Wait for the end.

        Args:
            told: Told from time to time how many bytes of how many are done; what it raises ends the counting.

        Returns:
            The history; empty where it is in its file, None where the logs can only be read whole.

        Raises:
            StorageError: A file cannot be read, or the process was ended.
        """
        found = self.result(told)
        if found.code == _NOT_COUNTABLE:
            return None
        if found.code:
            raise StorageError(found.said or f"{self._path}: the logs could not be counted")
        return found.data


class _Counting:
    """What the process of its own does."""

    def __init__(self, tell: Telling, path: str, decimals: str, longest_tail: str, how: str) -> None:
        self._tell = tell
        self._fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._decimals = int(decimals)
        self._longest_tail = int(longest_tail)
        self._how = how
        self._deadline = time.monotonic() + _LONGEST_WAIT_S

    def run(self) -> int:
        """Count, unless another did meanwhile; return the exit code."""
        if self._how == LOOK_ONLY:
            with counting(self._fd, 0, self._wait):
                pass
            return self._count(0)
        mode = os.fstat(self._fd).st_mode & 0o666
        with counting(self._fd, mode, self._wait) as alone:
            return self._count(mode) if alone or self._how == WRITE else 0

    def _count(self, mode: int) -> int:
        """Count, and write what was found where `mode` is what the permissions of files shall be."""
        if self._is_counted():
            return 0
        history = recount(self._fd, self._decimals, self._tell, in_halves=len(os.sched_getaffinity(0)) > 1)
        if not history:
            return _NOT_COUNTABLE
        if mode and write_history(self._fd, mode, history):
            saved = agreement(self._fd, self._decimals)
            if saved is not None:
                write_saved(self._fd, mode, saved)
            return 0
        if self._how == IF_NOBODY_DOES:
            return 0
        send(history)
        return 0

    def _is_counted(self) -> bool:
        try:
            history = OpenHistory(self._fd, self._decimals, read_saved(self._fd))
        except Unfit:
            return False
        return history.tail_bytes(self._fd) <= self._longest_tail

    def _wait(self) -> bool:
        """Wait for another who is counting."""
        if self._how == IF_NOBODY_DOES or time.monotonic() > self._deadline:
            return False
        self._tell.begin_anew()
        self._tell(0, 1)
        time.sleep(_LOOK_EVERY_S)
        return True


def main(*arguments: str) -> int:
    """Count as a process of its own; return its exit code."""
    return run_aside(lambda tell: _Counting(tell, *arguments).run())
