"""The folder: permissions, links, the lock, the atomic replace."""

from __future__ import annotations

import gc
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import product
from tracker_tui.errors import Busy, NotFound, StorageError, TrackerError
from tracker_tui.service import InventoryService
from tracker_tui.storage.folder import Folder, signature_of

MILK = "001"
FILES = ["inventory.txt", "customers.txt", "purchases.txt", "changes.txt", "tracker.toml"]
OpenShop = Callable[..., InventoryService]

HOLDER = """
import fcntl, os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
fcntl.flock(fd, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(shop_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """Return a process that holds the lock on the shop's folder."""
    shop_dir.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(shop_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


@pytest.fixture(params=[0o077, 0o022])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Set the umask for one test."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(directory: Path) -> set[str]:
    return {oct(stat.S_IMODE(path.stat().st_mode)) for path in directory.iterdir() if path.is_file()}


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize(("folder", "files"), [(0o700, "0o600"), (0o2770, "0o660"), (0o755, "0o644")])
def test_files_have_the_folders_permissions_whatever_the_umask(
    shop_dir: Path, open_shop: OpenShop, folder: int, files: str
) -> None:
    shop_dir.mkdir()
    shop_dir.chmod(folder)
    (shop_dir / "inventory.txt").write_text("001,Milk,1.20,10,dairy\n")
    (shop_dir / "purchases.txt").write_text("Customer: Ann\n- Milk (x1)\nTotal: $1.20\n\n")
    with open_shop() as shop:
        for turn in range(2):
            shop.sell([(MILK, 1)], customer=f"Customer {turn}")
            shop.receive(MILK, 1)
            shop.save()
    made = {"inventory.txt", "customers.txt", "purchases.txt", "changes.txt", "purchases-original.txt"}
    assert made <= {path.name for path in shop_dir.iterdir()}
    assert modes(shop_dir) == {files}


@pytest.mark.usefixtures("umask")
def test_folder_that_is_made_is_its_owners_alone(shop_dir: Path, open_shop: OpenShop) -> None:
    open_shop().close()
    assert stat.S_IMODE(shop_dir.stat().st_mode) == 0o700


def planted(path: Path, kind: str, target: Path) -> None:
    path.unlink(missing_ok=True)
    if kind == "symbolic link":
        path.symlink_to(target)
    elif kind == "dangling link":
        path.symlink_to(target.with_name("nowhere"))
    elif kind == "hard link":
        path.hardlink_to(target)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["symbolic link", "dangling link", "hard link", "fifo", "folder"])
def test_what_is_no_plain_file_is_refused_and_not_followed(
    service: InventoryService, shop_dir: Path, tmp_path: Path, open_shop: OpenShop, name: str, kind: str
) -> None:
    target = tmp_path / "target.txt"
    target.write_text("somebody's letter\n")
    planted(shop_dir / name, kind, target)
    for _ in range(2):
        with pytest.raises(StorageError, match=name):
            service.sell([(MILK, 1)], customer="Ann")
        with pytest.raises(StorageError, match=name):
            open_shop("beth")
        with pytest.raises(StorageError, match=name):
            service.refresh()
    assert target.read_text() == "somebody's letter\n"
    assert not (tmp_path / "nowhere").exists()
    assert service.snapshot.products[MILK].quantity == 10, "what was known stays on the screen"


@pytest.mark.parametrize("kind", ["symbolic link", "dangling link", "hard link", "fifo", "folder"])
def test_link_planted_after_the_last_look_is_not_written_through(
    shop_dir: Path, tmp_path: Path, kind: str
) -> None:
    shop_dir.mkdir()
    target = tmp_path / "target.txt"
    target.write_text("somebody's letter\n")
    planted(shop_dir / "purchases.txt", kind, target)
    folder = Folder(shop_dir)
    with folder.locked() as held:
        with pytest.raises(StorageError, match=r"purchases\.txt"):
            folder.append(held, "purchases.txt", b"x")
        with pytest.raises(StorageError, match=r"purchases\.txt"):
            folder.truncate(held, "purchases.txt", 0)
    assert target.read_text() == "somebody's letter\n"
    assert not (tmp_path / "nowhere").exists()


def test_shop_goes_on_when_the_link_is_gone(
    service: InventoryService, shop_dir: Path, tmp_path: Path
) -> None:
    log = shop_dir / "changes.txt"
    log.rename(tmp_path / "kept.txt")
    log.symlink_to(tmp_path / "kept.txt")
    with pytest.raises(StorageError):
        service.refresh()
    log.unlink()
    (tmp_path / "kept.txt").rename(log)
    assert service.sell([(MILK, 1)]).entry == 4


@pytest.mark.parametrize("kind", ["symbolic link", "hard link", "fifo"])
def test_link_planted_at_the_temporary_name_is_not_followed(
    service: InventoryService, shop_dir: Path, tmp_path: Path, kind: str
) -> None:
    target = tmp_path / "target.txt"
    target.write_text("somebody's letter\n")
    planted(shop_dir / f".inventory.txt.{os.getpid()}.tmp", kind, target)
    service.sell([(MILK, 1)])
    service.save()
    assert target.read_text() == "somebody's letter\n"
    assert stat.S_ISREG((shop_dir / "inventory.txt").lstat().st_mode)


def test_temporary_file_of_a_dead_session_is_swept_away_and_no_other(
    shop_dir: Path, open_shop: OpenShop
) -> None:
    shop_dir.mkdir()
    theirs = [".inventory.txt.swp", ".notes.tmp", "inventory.txt~", ".inventory.txt.x.tmp"]
    for name in [*theirs, ".inventory.txt.12345.tmp", ".purchases.txt.0.torn.77.tmp"]:
        (shop_dir / name).write_text("x")
    open_shop().close()
    assert sorted(path.name for path in shop_dir.iterdir()) == sorted(theirs)


def test_replace_leaves_no_temporary_file(service: InventoryService, shop_dir: Path) -> None:
    for _ in range(3):
        service.sell([(MILK, 1)], customer="Ann")
        service.save()
    assert sorted(path.name for path in shop_dir.iterdir() if path.is_file()) == FILES_OF_A_SHOP


FILES_OF_A_SHOP = ["changes.txt", "customers.txt", "inventory.txt", "purchases.txt"]


def test_what_a_person_saved_at_the_last_moment_is_not_replaced(shop_dir: Path) -> None:
    shop_dir.mkdir()
    file = shop_dir / "inventory.txt"
    file.write_text("as read")
    folder = Folder(shop_dir)
    with folder.locked() as held:
        read = signature_of(held.fd, file.name)
        file.write_text("as saved by a person")
        with pytest.raises(StorageError, match="changed by another program"):
            folder.replace(held, file.name, b"ours", over=read)
        with pytest.raises(StorageError, match="changed by another program"):
            folder.append(held, file.name, b"ours", size=7)
    assert file.read_text() == "as saved by a person"
    assert [path.name for path in shop_dir.iterdir()] == [file.name]


def test_sticky_folder_is_refused_with_the_reason(shop_dir: Path, open_shop: OpenShop) -> None:
    shop_dir.mkdir()
    shop_dir.chmod(0o1770)
    with pytest.raises(StorageError, match="sticky"):
        open_shop()
    assert list(shop_dir.iterdir()) == []


def test_file_in_the_folders_place_is_refused(shop_dir: Path, open_shop: OpenShop) -> None:
    shop_dir.write_text("x")
    with pytest.raises(StorageError, match="folder"):
        open_shop()


def test_busy_names_who_holds_the_folder(shop_dir: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(Busy, match=rf"process {holder.pid}\b"), Folder(shop_dir).locked(0.05):
        pass


@pytest.mark.usefixtures("service")
def test_session_opens_to_look_while_another_holds_the_folder(
    holder: subprocess.Popen[str], open_shop: OpenShop
) -> None:
    assert holder.poll() is None
    with open_shop("beth") as looker:
        assert looker.snapshot.products[MILK].quantity == 10
        holder.kill()
        holder.wait()
        assert looker.sell([(MILK, 1)]).entry == 4


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_lock_of_a_killed_session_is_free_at_once(
    shop_dir: Path, holder: subprocess.Popen[str], end: signal.Signals
) -> None:
    holder.send_signal(end)
    holder.wait()
    with Folder(shop_dir).locked(0.0):
        pass


def test_stopped_session_that_holds_the_lock_is_named(shop_dir: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGSTOP)
    with pytest.raises(Busy, match=str(holder.pid)), Folder(shop_dir).locked(0.05):
        pass


def test_lock_is_given_back_after_a_refusal(service: InventoryService, shop_dir: Path) -> None:
    for wrong in (
        lambda: service.sell([("none", 1)]),
        lambda: service.undo(99),
        lambda: service.remove("none"),
    ):
        with pytest.raises(NotFound):
            wrong()
        with Folder(shop_dir).locked(0.0):
            pass


def test_folder_that_was_swapped_by_a_restore_is_noticed(
    service: InventoryService, shop_dir: Path, tmp_path: Path
) -> None:
    shop_dir.rename(tmp_path / "away")
    with pytest.raises(TrackerError):
        service.sell([(MILK, 1)])
    (tmp_path / "away").rename(shop_dir)
    assert service.sell([(MILK, 1)]).entry == 4


def count_descriptors() -> int:
    gc.collect()  # what an earlier test left open must not go in between
    return len(os.listdir("/proc/self/fd"))


def test_folder_and_logs_stay_open_and_nothing_else(service: InventoryService) -> None:
    service.sell([(MILK, 1)])
    before = count_descriptors()
    for _ in range(20):
        service.sell([(MILK, 1)]) if service.snapshot.products[MILK].quantity else service.receive(MILK, 10)
        service.save()
        service.refresh()
    assert count_descriptors() == before


def test_session_that_is_closed_or_gone_has_nothing_open(open_shop: OpenShop) -> None:
    gc.collect()  # Sessions that other tests left behind have files open until then.
    before = count_descriptors()
    with open_shop() as shop:
        shop.add(product("004", "Jam", "3.10", 4))
        shop.sell([("004", 1)])
        assert count_descriptors() == before + 3
    assert count_descriptors() == before
    assert shop.sell([("004", 1)]).entry == 3
    del shop
    gc.collect()
    assert count_descriptors() == before


def test_refused_log_leaves_nothing_open(shop_dir: Path, tmp_path: Path) -> None:
    shop_dir.mkdir()
    planted(shop_dir / "purchases.txt", "fifo", tmp_path)
    folder = Folder(shop_dir)
    with folder.locked() as held:
        before = count_descriptors()
        with pytest.raises(StorageError, match="no plain file"):
            folder.append(held, "purchases.txt", b"x")
        assert count_descriptors() == before
