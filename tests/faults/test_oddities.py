"""Odd states of a folder: each gets a clear message, does no damage, and leaves a way on.

There is no longer form: `TRACKER_FULL` changes nothing here.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import Clock, OpenShop
from tests.faults.crowd import environment
from tests.faults.ledger import read_ledger, states
from tracker_tui.cli import run
from tracker_tui.errors import ReadOnly
from tracker_tui.model import Action, Change, Product
from tracker_tui.service import InventoryService

_HOLDER: Final = """
import fcntl, os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
fcntl.flock(fd, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def _said(service: InventoryService) -> str:
    return "\n".join(map(str, (*service.snapshot.problems, *service.snapshot.notices)))


def _undo_hand_edits(service: InventoryService) -> None:
    """Go the way on: what a gap in a log made of the stock is an entry, and is undone once the log is back."""
    for entry in reversed(service.snapshot.entries):
        if isinstance(entry, Change) and entry.action is Action.HAND_EDIT:
            service.undo(entry.entry)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_killed_holder_leaves_no_lock(
    service: InventoryService, shop_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes next need not wait at all: it has no patience here, and sells."""
    command = [sys.executable, "-c", _HOLDER, str(shop_dir)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
        assert holder.wait() == -signal.SIGKILL
    monkeypatch.setattr("tracker_tui.shop.session.LOCK_TIMEOUT_S", 0.0)
    assert service.sell([("001", 1)]).entry == 4
    assert not [path.name for path in shop_dir.iterdir() if "lock" in path.name]


def test_a_clock_set_back_is_told_and_not_repaired(
    service: InventoryService, open_shop: OpenShop, clock: Clock, shop_dir: Path
) -> None:
    service.sell([("001", 1)])
    clock.now = datetime(2020, 1, 1, tzinfo=UTC)
    late = service.sell([("001", 2)])
    assert late.entry == 5
    for session in (service, open_shop("beth")):
        assert [entry.entry for entry in session.snapshot.entries] == [1, 2, 3, 4, 5]
        assert session.snapshot.products["001"].quantity == 7
        assert "purchases.txt:0: entry 5 is dated 2020-01-01" in _said(session)
        assert "the clock went back" in _said(session)
        assert session.snapshot.problems == ()
    assert ",2020-01-01T" in (shop_dir / "purchases.txt").read_text(encoding="utf-8")
    clock.now = datetime(2026, 3, 3, tzinfo=UTC)
    assert service.undo(5) == 6


def test_summer_time_is_no_jump(service: InventoryService, clock: Clock) -> None:
    clock.now += timedelta(seconds=-30)
    service.sell([("001", 1)])
    assert "clock" not in _said(service)


@pytest.mark.parametrize("kept", [1, 3])
def test_a_log_cut_short_by_hand_is_loud(
    kept: int, service: InventoryService, open_shop: OpenShop, shop_dir: Path
) -> None:
    for _ in range(4):
        service.sell([("001", 1)])
    service.save()
    log = shop_dir / "purchases.txt"
    whole = log.read_bytes()
    log.write_bytes(b"".join(whole.splitlines(keepends=True)[:kept]))
    lost = 5 - kept
    fresh = open_shop("beth")
    assert f"{lost} entries are in neither purchases.txt nor changes.txt" in _said(fresh)
    assert run(["-d", str(shop_dir), "check"]) == 1
    assert fresh.snapshot.products["001"].quantity == 6, "the stock as counted, not as if nothing was sold"
    new = fresh.sell([("001", 1)])
    assert new.entry > 7, "a number once used is not used again"
    fresh.close()
    mine = log.read_bytes()[len(b"".join(whole.splitlines(keepends=True)[:kept])) :]
    log.write_bytes(whole + mine)
    again = open_shop("zoe")
    assert "in neither" not in _said(again)
    assert {sale.entry for sale in again.snapshot.sales()} == {4, 5, 6, 7, new.entry}
    _undo_hand_edits(again)
    assert again.snapshot.products["001"].quantity == 5


def _other_shop(folder: Path, sales: int) -> None:
    with InventoryService.open(folder, "other") as other:
        other.add(Product("X", "Xylophone", Decimal(9), 100))
        for _ in range(sales):
            other.sell([("X", 1)])


def test_the_inventory_of_another_shop(
    service: InventoryService, open_shop: OpenShop, shop_dir: Path, tmp_path: Path
) -> None:
    service.sell([("001", 1)])
    service.close()
    _other_shop(tmp_path / "other", 20)
    logs = {
        name: data for name, data in _contents(shop_dir).items() if name in ("purchases.txt", "changes.txt")
    }
    mine = (shop_dir / "inventory.txt").read_bytes()
    shutil.copy(tmp_path / "other" / "inventory.txt", shop_dir / "inventory.txt")
    mixed = open_shop("beth")
    assert "counts up to entry 21, but the logs end at" in _said(mixed)
    for name, data in logs.items():
        assert (shop_dir / name).read_bytes().startswith(data), "the logs keep all that they had"
    (shop_dir / "inventory.txt").write_bytes(mine)
    mixed.refresh()
    mixed.close()
    with open_shop("zoe") as back:
        for entry in reversed([one for one in back.snapshot.entries if one.entry > 4]):
            back.undo(entry.entry)
        stock = {key: product.quantity for key, product in back.snapshot.products.items()}
    assert {key: stock[key] for key in ("001", "002", "003")} == {"001": 9, "002": 5, "003": 8}


def test_the_log_of_another_shop(
    service: InventoryService, open_shop: OpenShop, shop_dir: Path, tmp_path: Path
) -> None:
    sale = service.sell([("001", 1)])
    service.close()
    _other_shop(tmp_path / "other", 3)
    mine = (shop_dir / "purchases.txt").read_bytes()
    theirs = (tmp_path / "other" / "purchases.txt").read_bytes()
    (shop_dir / "purchases.txt").write_bytes(theirs)
    mixed = open_shop("beth")
    assert "another entry of the same number" in _said(mixed)
    assert run(["-d", str(shop_dir), "check"]) == 1
    assert mixed.snapshot.products["001"].quantity in (9, 10)
    assert (shop_dir / "purchases.txt").read_bytes().startswith(theirs)
    mixed.close()
    (shop_dir / "purchases.txt").write_bytes(mine)
    with open_shop("zoe") as back:
        assert back.snapshot.find(sale.entry) == sale
        _undo_hand_edits(back)
        assert back.snapshot.products["001"].quantity == 9
    assert read_ledger(shop_dir).doubles == []


def test_a_later_version_opens_to_look_only(
    service: InventoryService, open_shop: OpenShop, shop_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service.sell([("001", 1)])
    service.save()
    path = shop_dir / "inventory.txt"
    path.write_bytes(path.read_bytes().replace(b"tracker inventory 1", b"tracker inventory 2"))
    before = _contents(shop_dir)
    service.refresh()
    for session in (service, open_shop("beth")):
        assert "written by a later version" in session.snapshot.read_only
        assert session.snapshot.products["001"].quantity == 9
        with pytest.raises(ReadOnly, match="later version"):
            session.sell([("002", 1)])
        with pytest.raises(ReadOnly, match="later version"):
            session.receive("001", 1)
        assert session.save() is False
        session.close()
    assert run(["-d", str(shop_dir), "products"]) == 0
    assert run(["-d", str(shop_dir), "sell", "001=1"]) == 1
    assert "later version" in capsys.readouterr().err
    assert _contents(shop_dir) == before
    path.write_bytes(path.read_bytes().replace(b"tracker inventory 2", b"tracker inventory 1"))
    assert service.refresh()
    assert service.snapshot.read_only == ""
    assert service.sell([("002", 1)]).entry == 5


@pytest.mark.parametrize("name", ["inventory.txt", "customers.txt", "purchases.txt", "changes.txt"])
@pytest.mark.parametrize("pattern", [".{}.swp", ".~lock.{}#", ".#{}"])
def test_a_file_that_is_open_in_an_editor(
    pattern: str, name: str, service: InventoryService, shop_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark = shop_dir / pattern.format(name)
    if pattern == ".#{}":
        os.symlink("anna@till.4711:1700000000", mark)
    else:
        mark.write_bytes(b"b0VIM 9.0")
    assert service.refresh()
    assert f"{name}:0: somebody seems to have it open in an editor ({mark.name})" in _said(service)
    assert not service.refresh(), "said once, not at every look"
    assert service.sell([("001", 1)]).entry == 4, "selling goes on"
    assert run(["-d", str(shop_dir), "check"]) == 0
    assert mark.name in capsys.readouterr().err
    assert mark.is_symlink() or mark.read_bytes() == b"b0VIM 9.0"
    mark.unlink()
    assert service.refresh()
    assert "editor" not in _said(service)


def test_all_of_it_agrees_with_the_logs(service: InventoryService, shop_dir: Path) -> None:
    service.sell([("001", 1)])
    service.save()
    ledger = read_ledger(shop_dir)
    assert states(ledger)[4].stock == {key: one.quantity for key, one in service.snapshot.products.items()}
