"""Different logins in one folder, and what may be planted in it.

Two Unix users are children of this process with numeric ids, which only root may make; elsewhere these tests
are skipped. There is no longer form: `TRACKER_FULL` changes nothing here.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final, NoReturn, TypeAlias

import pytest

from tracker_tui.cli import run
from tracker_tui.errors import StorageError, TrackerError
from tracker_tui.model import Product
from tracker_tui.service import InventoryService
from tracker_tui.storage import surroundings

ANNA: Final = 61001
BERT: Final = 61002
GROUP: Final = 61100
FILES: Final = ("inventory.txt", "purchases.txt", "changes.txt", "customers.txt", "tracker.toml")
CRASHED: Final = 70
Record: TypeAlias = Callable[[str, object], None]

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as two other users")


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a folder that other users may pass through; those of pytest are its own."""
    folder = Path(tempfile.mkdtemp(prefix="tracker-logins-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def shared(place: Path) -> Path:
    """Return a setgid folder of one group."""
    folder = place / "shop"
    folder.mkdir()
    os.chown(folder, ANNA, GROUP)
    folder.chmod(0o2770)
    return folder


def _as(uid: int, umask: int, folder: Path, *words: str) -> str:
    """Run a command of the program in a child that is a user of the group; return what it says.

    The child is forked, not started anew: the interpreter may lie where only root can reach it.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        _be(uid, umask, write, ["-d", str(folder), *words])
    os.close(write)
    with open(read, encoding="utf-8") as said:
        text = said.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code == 0, (words, code, text)
    return text


def _be(uid: int, umask: int, out: int, words: list[str]) -> NoReturn:
    code = CRASHED
    try:
        os.setgroups([])
        os.setgid(GROUP)
        os.setuid(uid)
        os.umask(umask)
        os.environ.update(USER="mallory", LOGNAME="mallory", HOME="/nonexistent")
        sys.stdout = sys.stderr = open(out, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - until the end
        code = run(words)
    finally:
        if code == CRASHED:
            traceback.print_exc(file=sys.stderr)
        sys.stdout.flush()
        os._exit(code)


def _all_acts(uid: int, umask: int, folder: Path, turn: int) -> int:
    """Do every kind of act, each with the snapshot save of its own command."""
    key = f"P{uid}-{turn}"
    acts = [
        ("add", key, "Product", "1.50", "9"),
        ("edit", key, "--price", "2.00"),
        ("receive", "COMMON", "5"),
        ("sell", "--customer", f"C{uid}", "--sale", f"s{key}", "COMMON=1", f"{key}=1"),
        ("return", f"s{key}", f"{key}=1"),
        ("count", key, "4"),
        ("remove", key),
        ("check", "--repair"),
    ]
    for words in acts:
        _as(uid, umask, folder, *words)
    return len(acts)


@root_only
@pytest.mark.parametrize("umask", [0o022, 0o077], ids=["umask 022", "umask 077"])
def test_two_users_of_one_group(shared: Path, umask: int, record_property: Record) -> None:
    _as(ANNA, umask, shared, "add", "COMMON", "Common", "1.00", "50")
    turns = [(uid, turn) for turn in range(2) for uid in (ANNA, BERT)]
    acts = 1 + sum(_all_acts(uid, umask, shared, turn) for uid, turn in turns)
    for path in shared.rglob("*"):
        info = path.stat()
        assert info.st_gid == GROUP, path.name
        wanted = 0o2770 if path.is_dir() else 0o660
        assert stat.S_IMODE(info.st_mode) == wanted, (path.name, oct(info.st_mode))
    for name in ("purchases.txt", "changes.txt"):
        text = (shared / name).read_text(encoding="utf-8")
        clerks = {line.split(",")[2] for line in text.splitlines()[1:]}
        assert clerks == {str(ANNA), str(BERT)}, "the clerk is the uid's login, never $USER"
    print(f"\n{acts} acts of two users with umask {umask:03o}, all files 0660 and of the group")
    record_property("acts", acts)


@root_only
def test_a_private_folder_stays_its_owners(place: Path) -> None:
    folder = place / "private"
    folder.mkdir(mode=0o700)
    os.chown(folder, ANNA, GROUP)
    _as(ANNA, 0o000, folder, "add", "A", "Apple", "1.00", "5")
    _as(ANNA, 0o022, folder, "sell", "--customer", "Zoe", "A=1")
    for path in folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path.name
    with pytest.raises(AssertionError, match="may not be read by this login"):
        _as(BERT, 0o022, folder, "products")


@root_only
def test_a_planted_mode_is_caught(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fchmod", lambda *_: None)
    _as(ANNA, 0o077, shared, "add", "A", "Apple", "1.00", "5")
    with pytest.raises(AssertionError, match="this login may not"):
        _as(BERT, 0o077, shared, "sell", "A=1")


def _shop(folder: Path) -> None:
    with InventoryService.open(folder, "owner") as service:
        service.add(Product("A", "Apple", Decimal(1), 5))
        service.sell([("A", 1)], customer="Zoe")


def _act_on(folder: Path) -> list[str]:
    """Open, sell, add a customer's sale, save and leave; return the refusals."""
    told: list[str] = []
    try:
        with InventoryService.open(folder, "clerk") as service:
            told += [str(notice) for notice in service.snapshot.notices]
            for work in (
                lambda: service.sell([("A", 1)], customer="Yves"),
                lambda: service.receive("A", 1),
                service.save,
            ):
                try:
                    work()
                except TrackerError as error:
                    told.append(str(error))
    except StorageError as error:
        told.append(str(error))
    return told


def _symbolic(path: Path, victim: Path) -> None:
    path.symlink_to(victim)


def _dangling(path: Path, victim: Path) -> None:
    path.symlink_to(victim.with_name("not-there"))


def _hard(path: Path, victim: Path) -> None:
    path.hardlink_to(victim)


def _fifo(path: Path, _: Path) -> None:
    os.mkfifo(path)


def _device(path: Path, _: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root may make a device")


def _directory(path: Path, _: Path) -> None:
    path.mkdir()


_PLANTS: Final = (_symbolic, _dangling, _hard, _fifo, _device, _directory)


@pytest.mark.parametrize("plant", _PLANTS, ids=lambda plant: plant.__name__.strip("_"))
@pytest.mark.parametrize("name", [*FILES, ".inventory.txt.PID.tmp", ".customers.txt.PID.tmp"])
def test_nothing_planted_is_followed(name: str, plant: Callable[[Path, Path], None], tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    _shop(folder)
    name = name.replace("PID", str(os.getpid()))
    victim = tmp_path / "victim.txt"
    secret = (folder / name).read_bytes() if (folder / name).exists() else b"not yours\n"
    victim.write_bytes(secret)
    (folder / name).unlink(missing_ok=True)
    plant(folder / name, victim)

    def hung(*_: object) -> None:
        raise AssertionError(f"hung on {name}")

    before = signal.signal(signal.SIGALRM, hung)
    signal.alarm(15)
    try:
        told = _act_on(folder)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert victim.read_bytes() == secret
    assert not victim.with_name("not-there").exists()
    if name in FILES:
        assert any(name in text for text in told), told
        assert all("\n" not in text for text in told)


@pytest.mark.parametrize("mode", [0o1777, 0o3770])
def test_a_sticky_folder_is_refused(mode: int, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(StorageError, match="is a sticky folder") as refused:
        InventoryService.open(folder, "anna")
    assert "\n" not in str(refused.value)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "ext4"])
def test_a_network_file_system_is_warned_about(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted = tmp_path / "my share"
    mounted.mkdir()
    point = str(mounted.resolve()).replace(" ", "\\040")
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
        f"30 20 0:44 / {point} rw,relatime shared:9 - {kind} server:/share rw\n"
        "garbage\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(surroundings, "MOUNTS", mounts)
    with InventoryService.open(mounted / "shop", "anna") as service:
        warned = [
            notice.reason for notice in service.snapshot.notices if "network file system" in notice.reason
        ]
        assert len(warned) == (0 if kind == "ext4" else 1)
        assert all(f"({kind})" in text and "\n" not in text for text in warned)
        assert service.add(Product("A", "Apple", Decimal(1), 5)) == 1
    with InventoryService.open(tmp_path / "elsewhere", "anna") as service:
        assert service.snapshot.notices == ()
