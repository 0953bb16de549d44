"""Disks that are full or fail: the act is refused, the log is byte for byte what it was, the next act works."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tracker_tui.errors import ReadOnly, StorageError
from tracker_tui.model import Product
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")

MILK, BREAD, TEA = "001", "002", "003"
OpenShop = Callable[..., InventoryService]


@pytest.fixture
def largest_file() -> Iterator[Callable[[int], None]]:
    """Return what limits the size of files that this process writes: a write across the limit is short."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def limit(size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft if size < 0 else size, hard))

    yield limit
    limit(-1)
    signal.signal(signal.SIGXFSZ, before)


def refused(largest_file: Callable[[int], None], size: int, act: Callable[[], object]) -> bool:
    """Tell whether an act is refused where files can grow to `size` bytes only."""
    largest_file(size)
    try:
        act()
    except StorageError as error:
        return "Nothing was booked" in str(error)
    finally:
        largest_file(-1)
    return False


def test_sale_cut_short_at_every_byte_is_refused_and_leaves_the_log_as_it_was(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop, largest_file: Callable[[int], None]
) -> None:
    service.sell([(MILK, 1)])
    service.save()
    log = shop_dir / "purchases.txt"
    before = log.read_bytes()
    items = [(MILK, 2), (BREAD, 1), (TEA, 3)]
    size = len(before)
    while refused(largest_file, size, lambda: service.sell(items, customer="Ann", sale="basket")):
        assert log.read_bytes() == before, size
        assert service.snapshot.products[MILK].quantity == 9
        size += 1
    assert size == len(log.read_bytes()) > len(before) + 200
    assert service.snapshot.entry == 5
    with open_shop() as again:
        assert again.snapshot.problems == again.snapshot.notices == ()
        assert [p.quantity for p in again.snapshot.products.values()] == [7, 4, 5]


@pytest.mark.parametrize("name", ["changes.txt", "inventory.txt", "customers.txt"])
def test_file_that_cannot_grow_is_as_it_was_and_the_shop_goes_on(
    service: InventoryService, shop_dir: Path, largest_file: Callable[[int], None], name: str
) -> None:
    service.sell([(MILK, 1)], customer="Ann")
    service.save()
    files = {path.name: path.read_bytes() for path in shop_dir.iterdir() if path.is_file()}
    acts: dict[str, Callable[[], object]] = {
        "changes.txt": lambda: service.add(
            Product("x", "x" * 5000, service.snapshot.products[MILK].price, 1)
        ),
        "inventory.txt": service.save,
        "customers.txt": lambda: service.edit_customer("C0001", note="x" * 5000),
    }
    if name == "inventory.txt":
        service.receive(MILK, 1)
        files["changes.txt"] = (shop_dir / "changes.txt").read_bytes()
    for size in (0, 1, 40, len(files[name])):
        largest_file(size)
        try:
            if name == "inventory.txt" and size == len(files[name]):
                continue
            with pytest.raises(StorageError, match=name):
                acts[name]()
        finally:
            largest_file(-1)
        assert {path.name: path.read_bytes() for path in shop_dir.iterdir() if path.is_file()} == files
    acts[name]()
    service.close()


def test_close_where_nothing_can_be_written_loses_nothing(
    open_shop: OpenShop, service: InventoryService, largest_file: Callable[[int], None]
) -> None:
    other = open_shop("beth")
    other.sell([(MILK, 1)])
    largest_file(0)
    other.close()
    largest_file(-1)
    service.refresh()
    assert service.snapshot.products[MILK].quantity == 9


def test_shop_whose_torn_tail_cannot_be_set_aside_opens_and_says_so(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop, largest_file: Callable[[int], None]
) -> None:
    service.sell([(MILK, 1)])
    log = shop_dir / "purchases.txt"
    log.write_bytes(log.read_bytes() + b"5,1/2,amal")
    torn = log.read_bytes()
    largest_file(0)
    shop = open_shop("beth")
    assert shop.snapshot.products[MILK].quantity == 9
    assert shop.snapshot.notices
    with pytest.raises(StorageError):
        shop.sell([(MILK, 1)])
    assert log.read_bytes() == torn
    assert not list(shop_dir.glob("*.torn"))
    largest_file(-1)
    assert shop.sell([(MILK, 1)]).entry == 5
    assert [path.read_bytes() for path in shop_dir.glob("*.torn")] == [b"5,1/2,amal"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a file system of 64 KB."""
    if os.getuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can mount a small file system")
    place = tmp_path / "disk"
    place.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", str(place)]
    mounted = subprocess.run(options, check=False, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(path: Path) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        while os.write(fd, b"x" * 4096):
            pass
    except OSError:
        pass
    finally:
        os.close(fd)


def sell_on(shop: InventoryService, note: str) -> None:
    for _ in range(50):
        shop.sell([(MILK, 1)], note=note)


def test_full_disk_refuses_the_act_and_takes_it_when_there_is_space(small_disk: Path) -> None:
    note = "n" * 3000
    with InventoryService.open(small_disk, "amal") as shop:
        shop.add(Product(MILK, "Milk", Decimal(1), 100))
        shop.save()
        fill(small_disk / "ballast")
        with pytest.raises(StorageError, match="the disk is full"):
            sell_on(shop, note)
        sold = shop.report().purchases
        log = (small_disk / "changes.txt").read_bytes()
        with pytest.raises(StorageError, match="the disk is full"):
            shop.receive(MILK, 1, note * 3)
        assert (small_disk / "changes.txt").read_bytes() == log
        assert shop.snapshot.products[MILK].quantity == 100 - sold
        with InventoryService.open(small_disk, "beth") as other:
            assert other.snapshot.products[MILK].quantity == 100 - sold
        (small_disk / "ballast").unlink()
        assert shop.sell([(MILK, 1)], note=note).entry == sold + 2
    with InventoryService.open(small_disk, "beth") as again:
        assert again.snapshot.products[MILK].quantity == 99 - sold
        assert again.snapshot.problems == ()


FAILING = """
import sys
from tracker_tui.errors import StorageError
from tracker_tui.service import InventoryService
shop = InventoryService.open(sys.argv[1], "amal")
print("ready", flush=True)
try:
    shop.sell([("001", 1)], customer="Ann", sale="basket")
except StorageError as error:
    print(error)
    sys.exit(3)
"""


def run_with_fault(shop_dir: Path, *faults: str) -> subprocess.CompletedProcess[str]:
    if not shutil.which("strace"):
        pytest.skip("strace is not on this machine")
    wanted = [part for fault in faults for part in ("-e", f"inject={fault}")]
    calls = ",".join(sorted({fault.split(":")[0] for fault in faults}))
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", *wanted]
    done = subprocess.run(
        [*command, sys.executable, "-c", FAILING, str(shop_dir)], check=False, capture_output=True, text=True
    )
    if "ready" not in done.stdout:
        pytest.skip(f"strace cannot inject faults here: {done.stderr[-200:]}")
    return done


def test_failed_fsync_is_a_refused_act_and_is_not_tried_again(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    service.sell([(MILK, 1)])
    service.save()
    log = (shop_dir / "purchases.txt").read_bytes()
    done = run_with_fault(shop_dir, "fsync:error=EIO:when=2")
    assert done.returncode == 3, done
    assert "the disk failed" in done.stdout
    assert (shop_dir / "purchases.txt").read_bytes() == log
    with open_shop() as again:
        assert again.sell([(MILK, 1)], sale="basket").entry == 5


def test_write_that_cannot_even_be_taken_back_makes_the_shop_read_only(
    service: InventoryService, shop_dir: Path, open_shop: OpenShop
) -> None:
    service.sell([(MILK, 1)])
    service.save()
    done = run_with_fault(shop_dir, "fsync:error=EIO:when=2", "ftruncate:error=EIO:when=1+")
    assert done.returncode == 3, done
    assert "could not be taken back" in done.stdout
    for session in (service, open_shop("beth")):
        session.refresh()
        with pytest.raises(ReadOnly, match="check"):
            session.receive(MILK, 1)
        session.close()
    assert (shop_dir / "read-only-until-check").exists()
