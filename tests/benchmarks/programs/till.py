"""A session of the shop without a screen, which does what it is told and says how long each thing took.

Run as `python -m tests.benchmarks.programs.till SHOP [DATABASE]`. One JSON object a line comes in, one goes out.
The floors are measured in the same process, in turns with the service. Times are seconds.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.programs.books import Books
from tracker_tui.service import InventoryService

LINE: Final = (
    b"403221,1/1,amal,260630-180000-3c6ef362,C0149,Carla Vargas,100609,Extension lead white 6 pcs Alder,1,10.30,"
    b"0.00,10.30,card,,,2026-06-30T18:00:00+01:00\n"
)
_ON_SALE: Final = 20
_STOCK: Final = 1_000_000
MARK: Final = "/no-such-file-mark-"
"""What it tries to open where a tracer shall see that a job begins or ends."""


class Bare:
    """The floor of a durable append: the lock, one write, one fsync, on descriptors that are kept.

    Args:
        beside: A folder of the same disk.
    """

    def __init__(self, beside: Path) -> None:
        self._folder = tempfile.mkdtemp(prefix="bare-", dir=beside)
        self._lock = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        self._log = os.open(Path(self._folder) / "log.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._names = ("log.txt", "changes.txt", "inventory.txt", "customers.txt")
        for name in self._names:
            (Path(self._folder) / name).touch()

    def append(self, data: bytes) -> None:
        """Append, durably."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            os.write(self._log, data)
            os.fsync(self._log)
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def look_and_append(self, data: bytes) -> None:
        """Append, durably, and see what a session of the shop must see.

        Under the lock: whether the folder and each file are what they were, as an editor or a restore may have
        replaced them; behind the fsync: whether what was written to is still what has the name.
        """
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            os.stat(self._folder)
            os.fstat(self._lock)
            for name in self._names:
                os.stat(name, dir_fd=self._lock, follow_symlinks=False)
            os.write(self._log, data)
            os.fsync(self._log)
            os.stat("log.txt", dir_fd=self._lock, follow_symlinks=False)
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def replace(self, name: str, data: bytes) -> None:
        """Splice one line into the bytes of a file and replace the file whole, durably."""
        begin = data.index(b"\n", len(data) // 2) + 1
        new = b"".join((data[:begin], data[begin : begin + 20], data[begin + 20 :]))
        part = os.open(f"{name}.part", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600, dir_fd=self._lock)
        try:
            os.write(part, new)
            os.fsync(part)
        finally:
            os.close(part)
        os.rename(f"{name}.part", name, src_dir_fd=self._lock, dst_dir_fd=self._lock)
        os.fsync(self._lock)


class Till:
    """One open shop.

    Args:
        folder: The shop.
        database: The same data in SQLite; None = not measured.
    """

    def __init__(self, folder: Path, database: Path | None) -> None:
        self.folder = folder
        self.bare = Bare(folder.parent)
        self.books = Books(database) if database else None
        self.service = InventoryService.open(folder, "amal")
        self.on_sale = list(islice(self.service.snapshot.products, _ON_SALE))
        for product_id in self.on_sale:
            self.service.count(product_id, _STOCK)
            if self.books:
                self.books.count(product_id, _STOCK)
        self.next = cycle(self.on_sale)

    def sell(self, lines: int, times: int) -> dict[str, list[float]]:
        """Sell that often that many products, in turns with the floor and SQLite."""
        took: dict[str, list[float]] = {"ours": [], "bare": [], "looks": [], "sqlite": []}
        for _ in range(times):
            items = [(product_id, 1) for product_id in islice(self.next, lines)]
            took["bare"].append(_seconds(self.bare.append, LINE * lines))
            took["looks"].append(_seconds(self.bare.look_and_append, LINE * lines))
            took["ours"].append(_seconds(self.service.sell, items))
            if self.books is not None:
                took["sqlite"].append(_seconds(self.books.sell, items))
        return took

    def sell_one(self, product: str) -> dict[str, float]:
        """Sell a piece of a product; say when it was durable."""
        self.service.sell([(product, 1)])
        return {"at": time.perf_counter()}

    def save_now(self) -> dict[str, str]:
        """Save the snapshot, as a session does a while after its own sale."""
        self.service.save()
        return {}

    def stock(self, product: str) -> dict[str, int]:
        """Fill the shelf with a product."""
        return {"entry": self.service.count(product, _STOCK)}

    def save(self, times: int, changed: int) -> dict[str, list[float]]:
        """Save the snapshot after some sales, in turns with a file of the same bytes."""
        took: dict[str, list[float]] = {"ours": [], "splice": []}
        for _ in range(times):
            for product_id in islice(self.next, changed):
                self.service.sell([(product_id, 1)])
            data = (self.folder / "inventory.txt").read_bytes()
            took["splice"].append(_seconds(self.bare.replace, "inventory.txt", data))
            took["ours"].append(_seconds(self.service.save))
        return took

    def report(self, since: str | None, until: str | None) -> dict[str, Any]:
        """Total a span of days."""
        first = date.fromisoformat(since) if since else None
        last = date.fromisoformat(until) if until else None
        begin = time.perf_counter()
        report = self.service.report(first, last)
        return {"seconds": time.perf_counter() - begin, "total": str(report.total_sales)}

    def mark(self, name: str) -> dict[str, str]:
        """Let a tracer see where this is."""
        with contextlib.suppress(FileNotFoundError):
            os.close(os.open(f"{MARK}{name}", os.O_RDONLY))
        return {}


def _seconds(act: Callable[..., object], *words: object) -> float:
    begin = time.perf_counter()
    act(*words)
    return time.perf_counter() - begin


def main(argv: Sequence[str]) -> None:
    """Answer until there is nothing more to do."""
    till = Till(Path(argv[0]), Path(argv[1]) if len(argv) > 1 else None)
    print(json.dumps({"open": True}), flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        answer = getattr(till, job.pop("do"))(**job)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
