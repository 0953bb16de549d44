"""Counting a shop's logs anew: in this process, or for a large shop in one of its own.

The process of its own is `python -m tracker_tui.storage.recount FOLDER DECIMALS`. It says on the standard error
stream how far it is, writes what it found to the standard output, and touches no file.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from tracker_tui.errors import StorageError
from tracker_tui.model.records import Entry, Product
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.folder import Signature, read_file, signature_of
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.storage.goods_count import GoodsCount
from tracker_tui.storage.history_build import LogFile, build_history
from tracker_tui.storage.history_file import HistoryFile, Unfit
from tracker_tui.storage.legacy import is_original
from tracker_tui.storage.log import LogReader
from tracker_tui.storage.past import IndexedPast
from tracker_tui.storage.table import Table, read_table

LARGE_BYTES: Final = 4 << 20
"""Logs of more bytes than this are counted in a process of their own, so that the screen stays alive."""
_TOLD_EVERY: Final = 1 << 21


class Recount(NamedTuple):
    """What counting the logs gave.

    Attributes:
        history: The history file; empty where the logs cannot be counted so.
        inventory: The state of `inventory.txt` that was compared; None where there is none.
        differing: The products in which it differs from what the logs say of its entry, as the logs have
            them; None = they have no such product.
        number: The last entry that was counted for that.
    """

    history: bytes
    inventory: Signature | None
    differing: dict[str, Product | None]
    number: int = 0


def recount(fd: int, decimals: int, told: Callable[[int, int], None] = lambda _done, _size: None) -> Recount:
    """Count both logs of the shop whose folder is open.

    Args:
        fd: The folder.
        decimals: The shop's decimals.
        told: Told from time to time how many bytes of how many are done.

    Raises:
        StorageError: A file cannot be read.
    """
    table: Table[Product] = Table(INVENTORY, b"", decimals)
    signature: Signature | None = None
    try:
        data, signature = read_file(fd, INVENTORY.file)
        table = read_table(INVENTORY, data, decimals)
    except FileNotFoundError:
        pass
    logs = {name: _LogFile(fd, name) for name in (PURCHASES.file, CHANGES.file)}
    try:
        sold, changed = (log.described() for log in logs.values())
        if is_original(sold.read_at(0, 4096)):
            return Recount(b"", None, {})
        goods = GoodsCount(float("inf") if table.as_of is None else table.as_of)
        history = build_history(sold, changed, decimals, goods, told)
        number = _count_rest(history, logs, goods, decimals)
        return Recount(history, signature, goods.differing(table), number)
    except Unfit:
        return Recount(b"", None, {})
    finally:
        for log in logs.values():
            log.close()


class _LogFile:
    """A log, open for reading while it is counted."""

    def __init__(self, fd: int, name: str) -> None:
        self.name = name
        self._signature = signature_of(fd, name)
        self._fd = -1
        if self._signature is not None:
            read_file(fd, name, self._signature.size)  # refuses what is no plain file
            self._fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=fd)

    def read_at(self, place: int, size: int) -> bytes:
        return os.pread(self._fd, size, place) if self._fd >= 0 else b""

    def described(self) -> LogFile:
        now = self._signature or Signature(0, 0, 0, 0)
        return LogFile(self.read_at, now.size, now.device, now.inode, now.mtime_ns)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)


def _count_rest(history: bytes, logs: dict[str, _LogFile], goods: GoodsCount, decimals: int) -> int:
    """Count the stock on, behind what the history has; return the last entry there is."""
    past = IndexedPast(HistoryFile(lambda at, size: history[at : at + size], len(history)), lambda *_: b"")
    rest: list[Entry] = []
    for format_ in (PURCHASES, CHANGES):
        reader: LogReader[Any] = LogReader(format_)
        state = past.log_state(format_.file)
        reader.resume(state, b"")
        log = logs[format_.file]
        data = log.read_at(reader.size, log.described().size - reader.size)
        rest += reader.take(data, decimals, final=True)
    for entry in sorted(rest, key=lambda entry: entry.entry):
        goods.take(entry)
    return max([past.last, *(entry.entry for entry in rest)])


# In a process of its own


def recount_apart(path: Path, decimals: int, told: Callable[[int, int], None]) -> Recount:
    """Count both logs of a shop in a process of its own.

    Args:
        path: The shop's folder.
        decimals: The shop's decimals.
        told: Told from time to time how many bytes of how many are done.

    Raises:
        StorageError: A file cannot be read, or the process was ended.
    """
    command = [sys.executable, "-m", "tracker_tui.storage.recount", str(path), str(decimals)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        said = ""
        if process.stderr is None or process.stdout is None:
            raise StorageError(f"{path}: the logs could not be counted")
        for raw in process.stderr:
            line = raw.decode("utf-8", "replace").strip()
            done, _, size = line.partition("/")
            if done.isdecimal() and size.isdecimal():
                told(int(done), int(size))
            else:
                said = line
        about = process.stdout.readline()
        history = process.stdout.read()
    if process.returncode:
        raise StorageError(said or f"{path}: the logs could not be counted")
    found = json.loads(about)
    if len(history) != found["size"]:
        raise StorageError(f"{path}: the logs could not be counted")
    differing = {
        key: None if fields is None else _product(fields, decimals)
        for key, fields in found["differing"].items()
    }
    inventory = None if found["inventory"] is None else Signature(*found["inventory"])
    return Recount(history, inventory, differing, found["number"])


def _product(fields: dict[str, Any], decimals: int) -> Product:
    extra = fields.pop("extra")
    return INVENTORY.decode(fields, extra, decimals)


def _main(path: str, decimals: str) -> int:
    def told(done: int, size: int) -> None:
        if done // _TOLD_EVERY != (done - (1 << 18)) // _TOLD_EVERY:
            sys.stderr.write(f"{done}/{size}\n")
            sys.stderr.flush()

    gc.disable()  # nothing of what is counted makes circles, and looking for them takes half of the time
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        found = recount(fd, int(decimals), told)
    except StorageError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    differing = {
        key: None if product is None else {**INVENTORY.encode(product), "extra": dict(product.extra)}
        for key, product in found.differing.items()
    }
    about = {
        "size": len(found.history),
        "inventory": found.inventory,
        "differing": differing,
        "number": found.number,
    }
    os.close(2)  # whoever reads how far it is knows now that all is said
    sys.stdout.buffer.write(json.dumps(about).encode() + b"\n" + found.history)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(_main(*sys.argv[1:]))
