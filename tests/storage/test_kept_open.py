"""What a session keeps open between its acts is used only while it is what stands at the path."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.storage.test_folder import holder as holder  # noqa: PLC0414 - a fixture
from tests.storage.test_folder import planted
from tracker_tui.errors import ReadOnly, StorageError
from tracker_tui.service import InventoryService
from tracker_tui.storage import lock
from tracker_tui.storage.folder import STOPPED, Folder, Held, Signature, as_they_were
from tracker_tui.storage.open_logs import OpenLogs

MILK = "001"
OpenShop = Callable[..., InventoryService]


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the paths of what is made durable, as it happens."""
    paths: list[str] = []
    fsync = os.fsync

    def noted(fd: int) -> None:
        paths.append(os.readlink(f"/proc/self/fd/{fd}"))
        fsync(fd)

    monkeypatch.setattr(os, "fsync", noted)
    return paths


def test_sale_makes_one_thing_durable(service: InventoryService, shop_dir: Path, synced: list[str]) -> None:
    log = str(shop_dir / "purchases.txt")
    service.sell([(MILK, 1)])
    assert synced == [str(shop_dir), log], "the log was made in the folder"
    synced.clear()
    for _ in range(3):
        service.sell([(MILK, 1), ("002", 1)])
    assert synced == [log] * 3


def test_log_that_was_replaced_by_a_copy_is_the_one_that_is_written(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    service.sell([(MILK, 1)])
    log = shop_dir / "purchases.txt"
    for _ in range(3):
        shutil.copy(log, shop_dir / "copy")
        (shop_dir / "copy").replace(log)
        service.sell([(MILK, 1)])
    assert log.read_bytes().count(b"\n") == 1 + 4
    with open_shop("beth", read_only=True) as other:
        assert other.snapshot.products[MILK].quantity == 6


@pytest.mark.parametrize("kind", ["symbolic link", "dangling link", "hard link", "fifo", "folder"])
def test_what_is_planted_at_the_name_of_an_open_log_is_not_written_to(
    shop_dir: Path, tmp_path: Path, kind: str
) -> None:
    shop_dir.mkdir()
    target = tmp_path / "target.txt"
    target.write_text("somebody's letter\n")
    folder, log = Folder(shop_dir), shop_dir / "purchases.txt"
    with folder.locked() as held:
        folder.append(held, log.name, b"one\n")
        log.rename(tmp_path / "taken away")
        planted(log, kind, target)
        with pytest.raises(StorageError, match=r"purchases\.txt"):
            folder.append(held, log.name, b"two\n")
    assert target.read_text() == "somebody's letter\n"
    assert (tmp_path / "taken away").read_text() == "one\n"


def test_second_name_of_an_open_log_is_noticed(shop_dir: Path, tmp_path: Path) -> None:
    shop_dir.mkdir()
    folder, log = Folder(shop_dir), shop_dir / "purchases.txt"
    with folder.locked() as held:
        folder.append(held, log.name, b"one\n")
        (tmp_path / "second").hardlink_to(log)
        with pytest.raises(StorageError, match="second name"):
            folder.append(held, log.name, b"two\n")
        (tmp_path / "second").unlink()
        folder.append(held, log.name, b"two\n")
    assert log.read_text() == "one\ntwo\n"


def test_log_that_is_replaced_while_it_is_written_is_refused(
    shop_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop_dir.mkdir()
    folder, log, write = Folder(shop_dir), shop_dir / "purchases.txt", os.write

    def replaced(fd: int, data: bytes) -> int:
        log.rename(shop_dir / "old")
        log.write_text("an editor's\n")
        return write(fd, data)

    with folder.locked() as held:
        folder.append(held, log.name, b"one\n")
        monkeypatch.setattr(os, "write", replaced)
        with pytest.raises(StorageError, match="replaced by another program"):
            folder.append(held, log.name, b"two\n")
    assert log.read_text() == "an editor's\n"


def test_descriptor_of_a_log_is_dropped_when_its_owner_or_permissions_change(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("x")
    logs = OpenLogs()
    logs.keep("log", os.open(log, os.O_RDWR), log.stat())
    fd = logs.take("log", log.stat())
    assert fd is not None
    logs.keep("log", fd, log.stat())
    log.chmod(0o400)
    assert logs.take("log", log.stat()) is None
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


def test_folder_at_the_path_is_used_and_its_names_made_durable_after_a_swap(
    service: InventoryService, shop_dir: Path, tmp_path: Path, synced: list[str]
) -> None:
    service.sell([(MILK, 1)])
    for turn in range(2):
        shutil.copytree(shop_dir, tmp_path / "restored")
        shop_dir.rename(tmp_path / f"away{turn}")
        (tmp_path / "restored").rename(shop_dir)
        synced.clear()
        service.sell([(MILK, 1)])
        assert synced == [str(shop_dir), str(shop_dir / "purchases.txt")]
    assert (shop_dir / "purchases.txt").read_bytes().count(b"\n") == 1 + 3
    assert (tmp_path / "away0" / "purchases.txt").read_bytes().count(b"\n") == 1 + 1


@pytest.mark.usefixtures("holder")
def test_lock_of_a_folder_that_was_swapped_away_keeps_nobody_waiting(shop_dir: Path, tmp_path: Path) -> None:
    folder = Folder(shop_dir)
    with folder.opened():
        pass
    shop_dir.rename(tmp_path / "away")
    shop_dir.mkdir()
    with folder.locked(0.0) as held:
        assert os.path.samestat(os.fstat(held.fd), shop_dir.stat())


def test_lock_is_not_kept_where_the_folder_is_gone_when_it_is_had(shop_dir: Path, tmp_path: Path) -> None:
    shop_dir.mkdir()
    folder = Folder(shop_dir)
    with folder.locked():
        pass
    shop_dir.rename(tmp_path / "away")
    with pytest.raises(StorageError):
        folder.locked()
    with Folder(tmp_path / "away").locked(0.0):
        pass


def test_flag_of_a_failing_disk_is_seen_by_the_very_next_act(
    service: InventoryService, shop_dir: Path
) -> None:
    for _ in range(50):
        service.count(MILK, 10)
        (shop_dir / STOPPED).write_text("the disk failed")
        with pytest.raises(ReadOnly, match="the disk failed"):
            service.sell([(MILK, 1)])
        (shop_dir / STOPPED).unlink()


def test_settings_and_editors_are_seen_by_the_very_next_look(
    service: InventoryService, shop_dir: Path
) -> None:
    for _ in range(30):
        (shop_dir / "tracker.toml").write_text('currency = "€"')
        assert service.refresh()
        assert service.snapshot.settings.currency == "€"
        (shop_dir / ".inventory.txt.swp").touch()
        assert service.refresh()
        assert any("editor" in notice.reason for notice in service.snapshot.notices)
        (shop_dir / "tracker.toml").unlink()
        (shop_dir / ".inventory.txt.swp").unlink()
        assert service.refresh()
        assert service.snapshot.settings.currency == "$"
        assert not service.snapshot.notices


def test_edit_in_place_is_seen_though_no_name_changed(
    service: InventoryService, shop_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "_SAME_TIME_NS", -1)
    service.save()
    assert not service.refresh()
    file = shop_dir / "inventory.txt"
    with file.open("r+b") as opened:
        text = opened.read().replace(b"Milk,1.20", b"Milk,1.30")
        opened.seek(0)
        opened.write(text)
    os.utime(file, ns=(1, 1))
    assert str(service.sell([(MILK, 1)]).total) == "1.30"


@pytest.mark.parametrize(
    ("changed_ns", "now_ns", "differs"),
    [
        (1_000_000_001, 1_000_000_002, False),
        (1_000_000_001, 1_050_000_001, False),
        (1_000_000_001, 1_050_000_002, True),
        (2_000_000_000, 9_000_000_000, False),
        (9_000_000_001, 1_000_000_000, False),
    ],
    ids=["just now", "in the same tick", "before the tick", "whole seconds only", "in the future"],
)
def test_time_of_a_folder_stands_for_its_names_only_where_a_later_one_must_differ(
    shop_dir: Path, monkeypatch: pytest.MonkeyPatch, changed_ns: int, now_ns: int, *, differs: bool
) -> None:
    shop_dir.mkdir()
    info = shop_dir.stat()
    told = os.stat_result(info, {"st_ctime_ns": changed_ns})
    assert told.st_ctime_ns == changed_ns
    folder = Folder(shop_dir)
    with folder.opened():
        monkeypatch.setattr(os, "stat", lambda *_, **__: told)
        monkeypatch.setattr("tracker_tui.storage.lock.time.time_ns", lambda: now_ns)
    with folder.opened():
        assert (folder.names_as_of is not None) is differs


@contextmanager
def looked_up(shop_dir: Path, log: str) -> Iterator[tuple[Folder, Held, Signature]]:
    """Hold the lock with a log of one line just looked up."""
    shop_dir.mkdir()
    folder = Folder(shop_dir)
    with folder.locked() as held:
        known = folder.append(held, log, b"one\n")
    with folder.locked() as held:
        assert as_they_were(held.fd, {log: known}, held.looked_up)
        yield folder, held, known


def test_log_that_grew_since_it_was_looked_up_is_not_written_to(shop_dir: Path) -> None:
    log = shop_dir / "purchases.txt"
    with looked_up(shop_dir, log.name) as (folder, held, _):
        with log.open("ab") as other:
            other.write(b"other\n")
        with pytest.raises(StorageError, match="changed by another program"):
            folder.append(held, log.name, b"two\n", size=4)
        assert folder.append(held, log.name, b"two\n", size=10).size == 14
    assert log.read_text() == "one\nother\ntwo\n"


def test_log_that_was_replaced_under_the_lock_is_looked_up_anew(shop_dir: Path) -> None:
    log = shop_dir / "purchases.txt"
    with looked_up(shop_dir, log.name) as (folder, held, known):
        folder.replace(held, log.name, b"new\n", over=known)
        folder.append(held, log.name, b"two\n", size=4)
        folder.append(held, log.name, b"three\n", size=8)
    assert log.read_text() == "new\ntwo\nthree\n"


def test_log_that_is_replaced_after_it_was_looked_up_is_refused(shop_dir: Path) -> None:
    log = shop_dir / "purchases.txt"
    with looked_up(shop_dir, log.name) as (folder, held, _):
        log.rename(shop_dir / "old")
        log.write_text("an editor's\n")
        with pytest.raises(StorageError, match="replaced by another program"):
            folder.append(held, log.name, b"two\n", size=4)
    assert log.read_text() == "an editor's\n"
