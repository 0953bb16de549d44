"""A large shop that nobody has counted: its logs are counted while the tables are read."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import keep_past_in_logs
from tests.storage.random_shops import differences, live, new_shop, told
from tracker_tui.errors import StorageError
from tracker_tui.model.records import Product
from tracker_tui.service import InventoryService
from tracker_tui.storage import past_book, recount
from tracker_tui.storage.derived import DERIVED
from tracker_tui.storage.folder import Held
from tracker_tui.storage.store import Store
from tracker_tui.storage.table import Table

Told = dict[object, object]


def opened(directory: Path, *, read_only: bool = False) -> InventoryService:
    clock = datetime(2026, 9, 1, tzinfo=UTC)
    return InventoryService.open(directory, "amal", read_only=read_only, clock=lambda: clock)


@pytest.fixture
def lived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a shop with a past, large as it is taken here, without its `.tracker/`."""
    keep_past_in_logs(monkeypatch)
    dice = random.Random(11)
    shop = new_shop(tmp_path / "shop", dice)
    live(shop, dice, 60)
    shop.close()
    shutil.rmtree(shop.directory / DERIVED, ignore_errors=True)
    monkeypatch.setattr(recount, "LARGE_BYTES", 0)
    return shop.directory


def truth_of(directory: Path, copy: Path) -> Told:
    """Return what a shop says with all entries in memory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(past_book, "SMALL_BYTES", 1 << 30)
        return told(opened(shutil.copytree(directory, copy), read_only=True))


@pytest.fixture
def counters(monkeypatch: pytest.MonkeyPatch) -> list[recount.Counter]:
    """Return a list of all processes that count."""
    begun: list[recount.Counter] = []
    begin = recount.Counter.__init__

    def noted(self: recount.Counter, path: str, decimals: int, longest_tail: int, how: str) -> None:
        begin(self, path, decimals, longest_tail, how)
        begun.append(self)

    monkeypatch.setattr(recount.Counter, "__init__", noted)
    return begun


def before_inventory(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Do something before the inventory is read."""
    read = Store._read_inventory

    def reading(self: Store, fd: int) -> tuple[bytes | None, Table[Product]]:
        act()
        return read(self, fd)

    monkeypatch.setattr(Store, "_read_inventory", reading)


def is_gone(counter: recount.Counter) -> bool:
    counter._process.wait(60)
    return counter.ended()


@pytest.mark.parametrize("read_only", [False, True])
def test_counting_begins_before_the_tables_are_read(
    lived: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    counters: list[recount.Counter],
    read_only: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    truth, begun = truth_of(lived, tmp_path / "truth"), list[int]()
    before_inventory(monkeypatch, lambda: begun.append(len(counters)))
    assert differences(truth, told(opened(lived, read_only=read_only))) == {}
    assert begun == [1]
    assert len(counters) == 1
    assert (lived / DERIVED).exists() is not read_only


def test_no_counting_begins_beside_a_history(lived: Path, counters: list[recount.Counter]) -> None:
    opened(lived).close()
    counters.clear()
    opened(lived).close()
    assert counters == []


def test_log_that_changes_behind_the_counting_is_read_as_it_is(
    lived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counters: list[recount.Counter]
) -> None:
    log = lived / "purchases.txt"
    whole = log.read_bytes()
    lines = whole.splitlines(keepends=True)
    half = next(at for at in range(len(lines) // 2, len(lines)) if b",1/" in lines[at])
    edited = whole.replace(b"amal", b"omar", 3)
    assert edited != whole
    for number, (before, after) in enumerate([(b"".join(lines[:half]), whole), (whole, edited)]):
        shutil.rmtree(lived / DERIVED, ignore_errors=True)
        counters.clear()
        log.write_bytes(after)
        truth = truth_of(lived, tmp_path / f"truth-{number}")
        log.write_bytes(before)

        def change(after: bytes = after) -> None:
            assert is_gone(counters[0])
            log.write_bytes(after)

        with monkeypatch.context() as patch:
            before_inventory(patch, change)
            assert differences(truth, told(opened(lived, read_only=True))) == {}


@pytest.mark.parametrize("names", ["id,name\nC9,Zoe Late\n", None])
def test_customers_that_change_behind_their_reading_are_read_again(
    lived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: str | None
) -> None:
    path = lived / "customers.txt"
    before = path.read_bytes() if path.exists() else b"id,name\nC1,Ann Early\n"
    path.unlink(missing_ok=True)
    if names is not None:
        path.write_text(names)
    truth = truth_of(lived, tmp_path / "truth")
    path.write_bytes(before)
    opening = Store._open_past

    def open_past(self: Store, fd: int, held: Held | None) -> None:
        path.unlink(missing_ok=True)
        if names is not None:
            path.write_text(names)
        opening(self, fd, held)

    monkeypatch.setattr(Store, "_open_past", open_past)
    assert differences(truth, told(opened(lived, read_only=True))) == {}


def test_counting_ends_where_the_tables_cannot_be_read(
    lived: Path, monkeypatch: pytest.MonkeyPatch, counters: list[recount.Counter]
) -> None:
    def refuse() -> None:
        raise StorageError("inventory.txt: Input/output error")

    before_inventory(monkeypatch, refuse)
    with pytest.raises(StorageError, match="Input/output"):
        opened(lived)
    assert [is_gone(counter) for counter in counters] == [True]
    assert all(counter._process.stdin is None or counter._process.stdin.closed for counter in counters)
