"""The thread that keeps baskets: only the last of several changes, again after trouble, and all of it at the end."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from tests.waiting import PATIENCE_S
from tracker_tui.errors import StorageError
from tracker_tui.model.basket import Basket
from tracker_tui.model.kept import Kept, KeptBasket
from tracker_tui.model.records import Purchase
from tracker_tui.work import keeping
from tracker_tui.work.keeping import Keeper

TIME = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def kept(sale: str, pieces: int = 1) -> KeptBasket:
    return KeptBasket(Basket(sale).add("001", pieces), "amal", TIME)


class Files:
    """Baskets in memory, on a disk that may be full."""

    def __init__(self) -> None:
        self.baskets: dict[str, KeptBasket] = {}
        self.writes = 0
        self.full = False
        self.closed = False
        self.may_write = threading.Event()
        self.may_write.set()

    def signature(self) -> object:
        return self.writes

    def read(self) -> Kept:
        return Kept(tuple(self.baskets.values()))

    def keep(self, basket: KeptBasket) -> None:
        self.may_write.wait(PATIENCE_S)
        if self.full:
            raise StorageError("the disk is full")
        self.writes += 1
        self.baskets[basket.basket.sale] = basket

    def drop(self, sale: str) -> None:
        self.writes += 1
        self.baskets.pop(sale, None)

    def close(self) -> None:
        self.closed = True


class Desk:
    """A keeper in its thread, and what it told."""

    def __init__(self, files: Files, booked: dict[str, Purchase] | None = None) -> None:
        self.told = threading.Condition()
        self.seen: list[Kept] = []
        self.trouble: list[str] = []
        self.keeper = Keeper(self._see, self._hear)
        self.thread = threading.Thread(target=self.keeper.run, args=(files, (booked or {}).get))
        self.thread.start()

    def _see(self, seen: Kept) -> None:
        with self.told:
            self.seen.append(seen)
            self.told.notify()

    def _hear(self, reason: str) -> None:
        with self.told:
            self.trouble.append(reason)
            self.told.notify()

    def wait_for(self, condition: object) -> None:
        assert callable(condition)
        with self.told:
            assert self.told.wait_for(condition, PATIENCE_S)

    def end(self) -> None:
        self.keeper.end()
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(keeping, "TRY_AGAIN_S", 0.01)


def test_all_that_waits_is_written_before_the_end() -> None:
    files = Files()
    desk = Desk(files)
    for number in range(50):
        desk.keeper.keep(kept(f"s-{number}"))
    desk.keeper.drop("s-7")
    desk.end()
    assert files.baskets.keys() == {f"s-{number}" for number in range(50) if number != 7}
    assert files.closed


def test_of_several_changes_that_wait_the_last_is_written() -> None:
    files = Files()
    desk = Desk(files)
    files.may_write.clear()
    for pieces in range(1, 101):
        desk.keeper.keep(kept("s", pieces))
    files.may_write.set()
    desk.end()
    assert files.baskets["s"].basket.pieces == 100
    assert files.writes <= 3, "one that was under way, and the last"


def test_what_others_do_is_told() -> None:
    files = Files()
    desk = Desk(files)
    desk.wait_for(lambda: desk.seen == [Kept()])
    files.keep(kept("other"))
    desk.wait_for(lambda: len(desk.seen) > 1)
    assert desk.seen[-1].baskets == (kept("other"),)
    desk.keeper.look()
    desk.wait_for(lambda: len(desk.seen) > 2)
    desk.end()


def test_a_basket_that_was_sold_after_all_says_so() -> None:
    sold = Purchase(17, "amal", "s", "", "", (), "cash", "", "", TIME + timedelta(minutes=1))
    files = Files()
    files.keep(kept("s"))
    desk = Desk(files, {"s": sold})
    desk.wait_for(lambda: desk.seen)
    desk.end()
    assert desk.seen[0].baskets[0].entry == 17


def test_a_full_disk_is_told_once_and_tried_again() -> None:
    files = Files()
    files.full = True
    desk = Desk(files)
    desk.keeper.keep(kept("s"))
    desk.wait_for(lambda: desk.trouble == ["a basket is not kept: the disk is full"])
    desk.keeper.keep(kept("s", 2))
    files.full = False
    desk.wait_for(lambda: desk.trouble[-1] == "")
    desk.end()
    assert files.baskets["s"].basket.pieces == 2
    assert len(desk.trouble) == 2
