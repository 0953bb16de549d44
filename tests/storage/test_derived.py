"""`.tracker/` deleted, spoilt, stale, planted or not to be written: the shop says what it would say without it."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import keep_past_in_logs
from tests.storage.random_shops import change_by_hand, differences, live, new_shop, told
from tracker_tui.service import InventoryService
from tracker_tui.storage import recount
from tracker_tui.storage.aside import program_of
from tracker_tui.storage.compare import Known
from tracker_tui.storage.derived import DERIVED
from tracker_tui.storage.history_open import OpenHistory

Told = dict[object, object]


def opened(directory: Path) -> InventoryService:
    return InventoryService.open(directory, "amal", clock=lambda: datetime(2026, 9, 1, tzinfo=UTC))


def sell_one(shop: InventoryService) -> None:
    there = (product.id for product in shop.snapshot.products.values() if product.quantity > 0)
    shop.sell([(next(there), 1)])


def copied(source: Path, target: Path) -> Path:
    """Copy a shop so that each file keeps its times, though not its other marks."""
    shutil.rmtree(target, ignore_errors=True)
    return shutil.copytree(source, target)


@pytest.fixture
def lived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a shop with a past, saved, with its `.tracker/` beside it."""
    keep_past_in_logs(monkeypatch)
    dice = random.Random(7)
    shop = new_shop(tmp_path / "shop", dice)
    live(shop, dice, 60)
    shop.close()
    with opened(shop.directory) as again:
        again.receive(next(iter(again.snapshot.products)), 1)
    assert {path.name for path in (shop.directory / DERIVED).iterdir()} == {"history", "saved"}
    return shop.directory


@pytest.fixture
def truth(lived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Return what the shop says with all entries in memory."""
    with monkeypatch.context() as patch:
        patch.setattr("tracker_tui.storage.past_book.SMALL_BYTES", 1 << 30)
        copy = copied(lived, tmp_path / "truth")
        shutil.rmtree(copy / DERIVED)
        said = told(opened(copy))
        assert not (copy / DERIVED).exists()
    return said


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by an item each time that logs are counted."""
    times: list[str] = []
    count = recount.recount

    def counting(*arguments: object) -> bytes:
        times.append("counted")
        return count(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(recount, "recount", counting)
    return times


def test_history_that_fits_is_used(lived: Path, truth: Told, counted: list[str]) -> None:
    assert differences(truth, told(opened(lived))) == {}
    assert counted == []


def test_history_is_made_once_where_it_is_gone(lived: Path, truth: Told, counted: list[str]) -> None:
    shutil.rmtree(lived / DERIVED)
    for _ in range(2):
        assert differences(truth, told(opened(lived))) == {}
    assert counted == ["counted"]


def test_copy_of_the_folder_need_not_be_counted_anew(
    lived: Path, tmp_path: Path, truth: Told, counted: list[str]
) -> None:
    assert differences(truth, told(opened(copied(lived, tmp_path / "copy")))) == {}
    assert counted == []


@pytest.mark.parametrize("name", ["history", "saved"])
def test_file_cut_anywhere_is_as_good_as_none(lived: Path, truth: Told, name: str) -> None:
    path = lived / DERIVED / name
    whole = path.read_bytes()
    for cut in sorted({0, 1, 8, 9, 20, len(whole) // 3, len(whole) // 2, len(whole) - 1}):
        path.write_bytes(whole[:cut])
        assert differences(truth, told(opened(lived))) == {}, f"cut at {cut}"


def other_form(history: bytes) -> bytes:
    return history.replace(b'"form": ', b'"form": 9')


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data + b"\0",
        lambda data: b"x" + data,
        lambda data: data[:40] + b"x" + data[41:],
        lambda _data: b"00000000 5 [1,2]\n",
        lambda _data: b"hello\n" * 1000,
        lambda _data: b"[" * 60_000,
        lambda _data: b'{"inventory": 1, "customers": [], "as_of": 1e999, "over": [], "logs": {}}',
        lambda _data: (
            b'{"inventory": [], "customers": [], "as_of": 1, "over": [], "logs": {"purchases.txt": 1}}'
        ),
        other_form,
    ],
)
@pytest.mark.parametrize("name", ["history", "saved"])
def test_file_of_another_content_is_passed_over(
    lived: Path, truth: Told, name: str, spoil: Callable[[bytes], bytes]
) -> None:
    path = lived / DERIVED / name
    path.write_bytes(spoil(path.read_bytes()))
    assert differences(truth, told(opened(lived))) == {}


def test_older_history_put_back_counts_what_came_since(
    lived: Path, tmp_path: Path, counted: list[str]
) -> None:
    old = copied(lived / DERIVED, tmp_path / "old")
    with opened(lived) as shop:
        live(shop, random.Random(8), 30)
        said = told(shop)
    shutil.rmtree(lived / DERIVED)
    counted.clear()
    copied(old, lived / DERIVED)
    assert differences(said, told(opened(lived))) == {}
    assert counted == [], "the logs only grew since"


def _which(path: Path) -> tuple[int, int]:
    """Tell a file from another that takes its place, also where that gets the same number."""
    info = path.stat()
    return info.st_ino, info.st_mtime_ns


def test_much_that_was_booked_is_counted_beside_the_session(
    lived: Path, truth: Told, counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker_tui.storage.beside.MOST_BEHIND", 200)
    path = lived / DERIVED / "history"
    with opened(lived) as shop:
        shop.refresh()
        before = _which(path)
        for _ in range(3):
            sell_one(shop)
        while _which(path) == before:
            shop.refresh()
            time.sleep(0.01)
        truth = told(shop)
    again = opened(lived)
    assert differences(truth, told(again)) == {}
    assert counted == [], "what was counted beside is used"


def test_comparison_that_finds_nothing_is_made_once(lived: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (lived / DERIVED / "saved").unlink()
    compared: list[object] = []
    stock = OpenHistory.stock

    def comparing(history: OpenHistory) -> Known:
        compared.append(history)
        return stock(history)

    monkeypatch.setattr(OpenHistory, "stock", comparing)
    for _ in range(3):
        opened(lived)
    assert len(compared) == 1


@pytest.mark.parametrize("seed", range(12))
def test_what_is_alike_in_inventory_and_logs_need_not_be_compared(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of any entry, and with whatever a person did to the file: what differs is always found."""
    keep_past_in_logs(monkeypatch)
    dice = random.Random(seed)
    with new_shop(tmp_path, dice) as shop:
        live(shop, dice, 40)
        old = (tmp_path / "inventory.txt").read_bytes()
        live(shop, dice, 6)
    shutil.rmtree(tmp_path / DERIVED, ignore_errors=True)
    with opened(tmp_path) as shop:
        new = (tmp_path / "inventory.txt").read_bytes()
    fd = os.open(tmp_path, os.O_RDONLY)
    for edits in (0, 0, 1, 1, 2, 3):
        for text in (old, new):
            (tmp_path / "inventory.txt").write_bytes(text)
            for _ in range(edits):
                change_by_hand(tmp_path / "inventory.txt", dice)
            found = recount.agreement(fd, 2)
            with monkeypatch.context() as patch:
                patch.setattr(recount, "other_lines", lambda one, other, _ids: (one, other))
                assert found == recount.agreement(fd, 2)
            assert found is not None or edits or text is old
    os.close(fd)


def test_row_that_is_as_it_was_before_the_last_entries_is_found_to_differ(lived: Path) -> None:
    with opened(lived) as shop:
        for _ in range(6):
            sell_one(shop)
        shop.save()
        shutil.rmtree(lived / DERIVED)
    with opened(lived):
        path, fd = lived / "inventory.txt", os.open(lived, os.O_RDONLY)
    assert recount.agreement(fd, 2) is not None
    before = OpenHistory(fd, 2, None).past.stock().split(b"\n")
    was = {line.split(b",")[0]: line for line in before if not line.startswith(b"#")}
    lines = path.read_bytes().split(b"\n")
    old = [was.get(line.split(b",")[0], line) for line in lines]
    assert old != lines
    path.write_bytes(b"\n".join(old))
    assert recount.agreement(fd, 2) is None
    os.close(fd)


def test_history_of_another_shop_is_passed_over(lived: Path, tmp_path: Path, truth: Told) -> None:
    dice = random.Random(9)
    other = new_shop(tmp_path / "other", dice)
    live(other, dice, 60)
    other.close()
    with opened(other.directory) as again:
        again.receive(next(iter(again.snapshot.products)), 1)
    copied(other.directory / DERIVED, lived / DERIVED)
    assert differences(truth, told(opened(lived))) == {}


def test_history_of_other_coins_is_passed_over(lived: Path) -> None:
    (lived / "tracker.toml").write_text("decimals = 3\n")
    with opened(lived) as shop:
        assert shop.snapshot.settings.decimals == 3
        in_coins = json.loads((lived / DERIVED / "history").read_bytes().split(b"\n")[0].split(b" ", 2)[2])
        assert in_coins["decimals"] == 3


def plant_link(place: Path, elsewhere: Path) -> None:
    elsewhere.mkdir()
    place.symlink_to(elsewhere)


def plant_folder(place: Path, _elsewhere: Path) -> None:
    place.mkdir()


def plant_file(place: Path, _elsewhere: Path) -> None:
    place.write_text("hello\n")


def plant_pipe(place: Path, _elsewhere: Path) -> None:
    os.mkfifo(place)


def plant_second_name(place: Path, elsewhere: Path) -> None:
    elsewhere.write_text("hello\n")
    os.link(elsewhere, place)


@pytest.mark.parametrize(
    ("what", "plant"),
    [
        ("", plant_link),
        ("", plant_file),
        ("", plant_pipe),
        *[
            (name, plant)
            for name in ("history", "saved", ".history.tmp", ".saved.tmp")
            for plant in (plant_link, plant_folder, plant_file, plant_pipe, plant_second_name)
        ],
    ],
)
def test_what_is_planted_is_left_alone(
    lived: Path, tmp_path: Path, truth: Told, what: str, plant: Callable[[Path, Path], None]
) -> None:
    place = lived / DERIVED / what
    if what:
        shutil.rmtree(lived / DERIVED)
        (lived / DERIVED).mkdir()
    else:
        shutil.rmtree(place)
    elsewhere = tmp_path / "elsewhere"
    plant(place, elsewhere)
    for _ in range(2):
        with opened(lived) as shop:
            assert differences(truth, told(shop)) == {}
            sell_one(shop)
            shop.undo(shop.snapshot.entry)
        truth = told(opened(lived))
    if elsewhere.is_dir():
        assert list(elsewhere.iterdir()) == []
    elif elsewhere.exists():
        assert elsewhere.read_text() == "hello\n"


def test_full_disk_leaves_the_old_history_or_none(
    lived: Path, truth: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def full(fd: int, data: bytes) -> int:
        if f"/{DERIVED}/" in os.readlink(f"/proc/self/fd/{fd}"):
            if len(data) < 1000:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return write(fd, data[: len(data) // 2])
        return write(fd, data)

    shutil.rmtree(lived / DERIVED)
    monkeypatch.setattr(os, "write", full)
    for _ in range(2):
        assert differences(truth, told(opened(lived))) == {}
        assert list((lived / DERIVED).iterdir()) == []


def test_folder_that_cannot_be_made_is_done_without(
    lived: Path, truth: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(lived / DERIVED)

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "mkdir", refused)
    assert differences(truth, told(opened(lived))) == {}
    assert not (lived / DERIVED).exists()


def test_session_that_only_looks_leaves_no_trace(lived: Path, truth: Told) -> None:
    shutil.rmtree(lived / DERIVED)
    said = told(InventoryService.open(lived, "amal", read_only=True))
    assert differences(truth, said) == {}
    assert not (lived / DERIVED).exists()


def test_history_emptied_under_a_session_is_made_anew(lived: Path, truth: Told) -> None:
    with opened(lived) as shop:
        told(shop)
        (lived / DERIVED / "history").write_bytes(b"")
        assert shop.refresh()
        assert differences(truth, told(shop)) == {}


def test_files_are_as_open_to_others_as_the_folder(lived: Path) -> None:
    shutil.rmtree(lived / DERIVED)
    lived.chmod(0o2770)
    with opened(lived) as shop:
        sell_one(shop)
    modes = {path.name: path.stat().st_mode & 0o7777 for path in (lived / DERIVED).iterdir()}
    assert modes == {"history": 0o660, "saved": 0o660}
    assert (lived / DERIVED).stat().st_mode & 0o7777 == 0o2770


def test_counter_finds_this_very_package_where_none_is_installed(lived: Path) -> None:
    shutil.rmtree(lived / DERIVED)
    package = str(Path(recount.__file__).parents[2])
    words = [package, str(lived), "2", "0", recount.WRITE]
    command = [sys.executable, "-S", "-I", "-c", program_of(recount.__name__), *words]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as counter:
        assert counter.stderr is not None
        said = counter.stderr.read()
        assert counter.wait() == 0, said
    assert (lived / DERIVED / "history").is_file()
