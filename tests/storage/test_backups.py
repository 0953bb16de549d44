"""Daily copies of the tables, and going back to one by an entry that can be undone."""

from __future__ import annotations

import stat
from datetime import date, timedelta

import pytest

from tests.conftest import Clock, OpenShop, product
from tracker_tui.errors import NotFound, StorageError
from tracker_tui.model import Action, Change
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")

DAY = date(2026, 3, 2)


def test_the_first_save_of_a_day_leaves_a_copy_of_each_table(service: InventoryService) -> None:
    service.sell([("001", 1)], customer="Ann")
    service.save()
    first = (service.directory / "inventory.txt").read_bytes()
    service.sell([("001", 1)])
    service.save()
    backups = service.directory / "backups"
    assert sorted(path.name for path in backups.iterdir()) == [f"customers-{DAY}.txt", f"inventory-{DAY}.txt"]
    assert (backups / f"inventory-{DAY}.txt").read_bytes() == first
    assert "Ann" in (backups / f"customers-{DAY}.txt").read_text("utf-8")
    assert stat.S_IMODE(backups.stat().st_mode) == 0o700


def test_thirty_days_are_kept(service: InventoryService, clock: Clock) -> None:
    for _ in range(33):
        clock.now += timedelta(days=1)
        service.receive("001", 1)
        service.save()
    copies = sorted(path.name for path in (service.directory / "backups").glob("inventory-*"))
    assert len(copies) == 30
    assert copies[-1] == f"inventory-{DAY + timedelta(days=33)}.txt"


def test_restoring_is_one_entry_and_can_be_undone(service: InventoryService) -> None:
    service.save()
    there = dict(service.snapshot.products)
    service.remove("001")
    service.edit("002", name="Rye bread")
    service.add(product("9", "Jam", "1", 1))
    before = dict(service.snapshot.products)
    assert service.restore(DAY, dry_run=True)[0] is None
    assert dict(service.snapshot.products) == before
    entry, lines = service.restore(DAY)
    assert entry is not None
    assert len(lines) == 3
    assert dict(service.snapshot.products) == there
    booked = service.snapshot.find(entry)
    assert isinstance(booked, Change)
    assert booked.action is Action.IMPORT
    service.undo(entry)
    assert dict(service.snapshot.products) == before


def test_a_day_without_a_copy_names_those_there_are(service: InventoryService) -> None:
    service.save()
    with pytest.raises(NotFound, match="there are copies of 2026-03-02"):
        service.restore(date(2020, 1, 1))


def test_a_damaged_copy_changes_nothing(service: InventoryService) -> None:
    service.save()
    copy = service.directory / "backups" / f"inventory-{DAY}.txt"
    copy.write_text(copy.read_text("utf-8").replace("# end of inventory\n", ""), "utf-8")
    with pytest.raises(StorageError, match="is damaged"):
        service.restore(DAY)


def test_a_copy_that_cannot_be_made_is_told_and_the_save_holds(service: InventoryService) -> None:
    (service.directory / "backups").write_text("in the way", "utf-8")
    service.save()
    assert "as of entry 3" in (service.directory / "inventory.txt").read_text("utf-8")
    assert any("copies of today" in notice.reason for notice in service.snapshot.notices)


def test_a_link_in_the_place_of_the_copies_is_not_followed(
    service: InventoryService, open_shop: OpenShop
) -> None:
    elsewhere = service.directory.parent / "elsewhere"
    elsewhere.mkdir()
    (service.directory / "backups").symlink_to(elsewhere)
    service.save()
    assert not list(elsewhere.iterdir())
    with open_shop() as again:
        assert len(again.snapshot.products) == 3
