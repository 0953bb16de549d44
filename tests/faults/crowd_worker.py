"""One clerk of a crowd, a process of its own: `crowd_worker.py act|read FOLDER NAME SEED ACTS REPORT`.

Imports the package from wherever PYTHONPATH says, so that it drives mutated copies as well. What it did is
appended to REPORT line by line as JSON, one write each, so that nothing of it is lost to a SIGKILL.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final

from tracker_tui.errors import Busy, OutOfStock, StorageError, TrackerError
from tracker_tui.service import InventoryService

ITEMS: Final = ("A", "B", "C", "D")
LAST: Final = "LAST"
_MOST_TRIES: Final = 40


class Diary:
    """What this process did, on disk at once."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, **facts: object) -> None:
        os.write(self._fd, json.dumps(facts).encode() + b"\n")


class Clerk:
    """Does one act after the other."""

    def __init__(self, service: InventoryService, seed: int, diary: Diary) -> None:
        self.service = service
        self.random = random.Random(seed)
        self.diary = diary
        self.sales: list[str] = []
        self.entries: list[int] = []

    def act(self) -> None:
        """Do one act, and again where the folder was busy."""
        name, work = self._choose()
        for _ in range(_MOST_TRIES):
            if self._tried(name, work):
                return
        raise SystemExit(f"{name} was refused {_MOST_TRIES} times")

    def _tried(self, name: str, work: Callable[[], int | None]) -> bool:
        began = time.monotonic()
        try:
            entry = work()
        except (Busy, StorageError) as error:
            kind = type(error).__name__
            self.diary.write(kind=kind, text=str(error), act=name, wait=time.monotonic() - began)
            return False
        except TrackerError as error:
            self.diary.write(kind="refused", act=name, text=str(error), wait=time.monotonic() - began)
            return True
        self.diary.write(kind="done", act=name, entry=entry, wait=time.monotonic() - began)
        if entry is not None and name in ("sell", "receive", "edit"):
            self.entries.append(entry)
        return True

    def _choose(self) -> tuple[str, Callable[[], int | None]]:
        dice = self.random.random()
        item = self.random.choice(ITEMS)
        if dice < 0.20:
            return "sell-last", lambda: self.sell([(LAST, 1)])
        if dice < 0.55:
            basket = [(one, self.random.randint(1, 3)) for one in self.random.sample(ITEMS, 3)]
            return "sell", lambda: self.sell(basket, keep=True)
        if dice < 0.67:
            pieces = self.random.randint(1, 6)
            return "receive", lambda: self.service.receive(item, pieces)
        if dice < 0.79:
            price = Decimal(self.random.randint(100, 999)) / 100
            return "edit", lambda: self.service.edit(item, price=price)
        if dice < 0.89 and self.sales:
            sale = self.sales.pop(self.random.randrange(len(self.sales)))
            return "return", lambda: self.service.give_back(sale, own_id=f"back-{sale}").entry
        if dice < 0.97 and self.entries:
            entry = self.entries.pop(self.random.randrange(len(self.entries)))
            return "undo", lambda: self.service.undo(entry)
        return "save", self.save

    def save(self) -> None:
        self.service.save()

    def sell(self, basket: list[tuple[str, int]], *, keep: bool = False) -> int:
        purchase = self.service.sell(basket)
        if keep:
            self.sales.append(purchase.sale)
        return purchase.entry

    def sell_out(self) -> None:
        """Sell the last item piece by piece until there is none."""
        while True:
            began = time.monotonic()
            try:
                entry = self.sell([(LAST, 1)])
            except OutOfStock:
                return
            except (Busy, StorageError) as error:
                kind = type(error).__name__
                self.diary.write(kind=kind, text=str(error), act="last", wait=time.monotonic() - began)
                continue
            self.diary.write(kind="done", act="sell-last", entry=entry, wait=time.monotonic() - began)


def read_on(service: InventoryService, diary: Diary) -> None:
    """Look at the shop again and again, until standard input ends; note each state that is another."""
    os.set_blocking(sys.stdin.fileno(), False)
    diary.write(kind="ready")
    while not _ended():
        began = time.monotonic()
        if not service.refresh():
            time.sleep(0.001)
            continue
        shop = service.snapshot
        totals = service.report()
        diary.write(
            kind="seen",
            entry=shop.entry,
            stock={key: product.quantity for key, product in shop.products.items()},
            prices={key: str(product.price) for key, product in shop.products.items()},
            totals=[totals.purchases, totals.returns, totals.units, str(totals.total_sales)],
            wait=time.monotonic() - began,
        )


def _ended() -> bool:
    try:
        return os.read(sys.stdin.fileno(), 1) == b""
    except BlockingIOError:
        return False


def main() -> None:
    mode, folder, name, seed, acts, report = sys.argv[1:]
    diary = Diary(report)
    with InventoryService.open(Path(folder), name) as service:
        if mode == "read":
            read_on(service, diary)
            return
        clerk = Clerk(service, int(seed), diary)
        diary.write(kind="ready")
        sys.stdin.buffer.readline()
        for _ in range(int(acts)):
            clerk.act()
        clerk.sell_out()
        diary.write(kind="end")


if __name__ == "__main__":
    main()
