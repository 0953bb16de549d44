"""Large changes by hand wait for an answer; entries that vanish from a log are missed and can be put back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import OpenShop, product
from tracker_tui.model import Action, Change
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")


@pytest.fixture
def large(open_shop: OpenShop) -> Iterator[InventoryService]:
    """Return an open shop with 20 products, saved."""
    with open_shop() as shop:
        shop.import_products([product(f"{n:02}", f"Product {n}", "1.00", 10, "all") for n in range(20)])
        shop.save()
        yield shop


def _cut(path: Path, keep: int) -> None:
    """Take all but `keep` of the products out of the inventory, as an editor would."""
    head, columns, *rows, end = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([head, columns, *rows[:keep], end]), "utf-8")


def _hand_edits(shop: InventoryService) -> list[Change]:
    return [e for e in shop.snapshot.entries if isinstance(e, Change) and e.action is Action.HAND_EDIT]


def test_a_large_edit_waits_and_nothing_is_gone_meanwhile(large: InventoryService) -> None:
    path = large.directory / "inventory.txt"
    _cut(path, 5)
    edited = path.read_bytes()
    large.refresh()
    question = large.snapshot.held_edit
    assert question is not None
    assert (question.gone, question.changed, question.added, question.products) == (15, 0, 0, 20)
    assert "15 products gone" in str(large.snapshot.problems[0])
    assert len(large.snapshot.products) == 20
    large.sell([("19", 2)])
    large.save()
    assert path.read_bytes() == edited


def test_a_small_edit_is_taken_over_at_once(large: InventoryService) -> None:
    path = large.directory / "inventory.txt"
    path.write_text(path.read_text("utf-8").replace("Product 3,1.00", "Product 3,2.00"), "utf-8")
    large.refresh()
    assert large.snapshot.held_edit is None
    assert len(_hand_edits(large)) == 1


@pytest.mark.parametrize("sold_first", [False, True])
def test_taking_it_over_is_one_entry_that_can_be_undone(large: InventoryService, *, sold_first: bool) -> None:
    _cut(large.directory / "inventory.txt", 5)
    large.refresh()
    if sold_first:
        large.sell([("00", 3)])
    assert large.answer_edit(take=True)
    assert sorted(large.snapshot.products) == ["00", "01", "02", "03", "04"]
    assert large.snapshot.products["00"].quantity == (7 if sold_first else 10)
    edits = _hand_edits(large)
    assert len(edits) == 1
    large.undo(edits[0].entry)
    assert len(large.snapshot.products) == 20


def test_refusing_it_brings_the_rows_back_and_keeps_the_edit_beside(large: InventoryService) -> None:
    path = large.directory / "inventory.txt"
    _cut(path, 5)
    refused = path.read_bytes()
    large.refresh()
    assert large.answer_edit(take=False)
    assert len(large.snapshot.products) == 20
    assert large.snapshot.held_edit is None
    assert path.read_text("utf-8").count("Product") == 20
    assert (large.directory / "inventory-refused.txt").read_bytes() == refused
    assert not _hand_edits(large)


@pytest.mark.parametrize("take", [True, False])
def test_any_session_may_answer_and_the_others_follow(
    large: InventoryService, open_shop: OpenShop, *, take: bool
) -> None:
    with open_shop("bo") as other:
        _cut(large.directory / "inventory.txt", 5)
        large.refresh()
        other.refresh()
        assert other.snapshot.held_edit is not None
        other.answer_edit(take=take)
        large.refresh()
        assert large.snapshot.held_edit is None
        assert large.snapshot.products == other.snapshot.products
        assert len(large.snapshot.products) == (5 if take else 20)


def test_the_question_is_still_there_after_a_restart(large: InventoryService, open_shop: OpenShop) -> None:
    _cut(large.directory / "inventory.txt", 5)
    large.refresh()
    large.close()
    with open_shop() as again:
        assert again.snapshot.held_edit is not None
        assert len(again.snapshot.products) == 20


def _lose_last(log: Path, old: bytes) -> None:
    """Save an old copy of a log over the newer one, as an editor does: by rename."""
    copy = log.with_name("copy")
    copy.write_bytes(old)
    copy.replace(log)


def test_an_old_copy_of_a_log_is_noticed_and_put_back(
    large: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker_tui.storage.book.SURELY_BOOKED_S", -1.0)
    log = large.directory / "purchases.txt"
    large.sell([("00", 1)])
    old = log.read_bytes()
    sales = [large.sell([("01", 2)]), large.sell([("02", 3)])]
    large.save()
    whole = log.read_bytes()
    _lose_last(log, old)
    large.refresh()
    assert [entry.entry for entry in large.snapshot.lost] == [sale.entry for sale in sales]
    assert any("2 booked entries are gone" in problem.reason for problem in large.snapshot.problems)
    assert large.snapshot.products["01"].quantity == 8
    assert not _hand_edits(large)
    assert large.put_back() == 2
    assert log.read_bytes() == whole
    assert not large.snapshot.lost
    assert large.snapshot.products["02"].quantity == 7


def test_two_sessions_put_back_once(
    large: InventoryService, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker_tui.storage.book.SURELY_BOOKED_S", -1.0)
    log = large.directory / "purchases.txt"
    large.sell([("00", 1)])
    old = log.read_bytes()
    large.sell([("01", 2)])
    with open_shop("bo") as other:
        _lose_last(log, old)
        large.refresh()
        other.refresh()
        assert large.snapshot.lost
        assert other.snapshot.lost
        large.put_back()
        assert other.put_back() == 0
        large.refresh()
        for shop in (large, other):
            assert not shop.snapshot.lost
            assert shop.snapshot.problems == ()
            assert shop.snapshot.products["01"].quantity == 8
    assert log.read_bytes().count(b"Product 1,") == 1


def test_lost_entries_can_be_given_up(large: InventoryService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker_tui.storage.book.SURELY_BOOKED_S", -1.0)
    log = large.directory / "purchases.txt"
    large.sell([("00", 1)])
    old = log.read_bytes()
    large.sell([("01", 2)])
    _lose_last(log, old)
    large.refresh()
    large.give_up_lost()
    assert not large.snapshot.lost
    assert large.snapshot.products["01"].quantity == 10


def test_a_session_that_never_saw_them_believes_the_file_and_asks(
    large: InventoryService, open_shop: OpenShop
) -> None:
    """The inventory counts sales that the logs lack: neither may be thrown away unasked."""
    log = large.directory / "purchases.txt"
    large.sell([("00", 1)])
    old = log.read_bytes()
    large.sell([("01", 2)])
    large.close()
    shutil.copy(log, large.directory.parent / "kept")
    _lose_last(log, old)
    with open_shop() as fresh:
        question = fresh.snapshot.held_edit
        assert question is not None
        assert question.logs_short
        assert fresh.snapshot.products["01"].quantity == 8
        fresh.sell([("01", 1)])
        assert fresh.snapshot.products["01"].quantity == 7
    with open_shop() as again:
        assert again.snapshot.products["01"].quantity == 7
        again.answer_edit(take=True)
        assert again.snapshot.products["01"].quantity == 7
        assert again.snapshot.held_edit is None
    with open_shop() as last:
        assert last.snapshot.held_edit is None
        assert last.snapshot.products["01"].quantity == 7


def test_a_spoilt_line_of_a_large_import_takes_no_product_away(
    large: InventoryService, open_shop: OpenShop
) -> None:
    """One line of the entry is damaged, so that the whole entry does not count: the inventory knows better."""
    large.sell([("01", 2)])
    large.close()
    log = large.directory / "changes.txt"
    lines = log.read_bytes().split(b"\n")
    lines[5] = b"x" + lines[5]
    log.write_bytes(b"\n".join(lines))
    with open_shop() as shop:
        assert len(shop.snapshot.products) == 20
        assert shop.snapshot.products["01"].quantity == 8
        assert any((p.file, p.line) == ("changes.txt", 6) for p in shop.snapshot.problems)
        shop.sell([("01", 1)])
        assert shop.snapshot.held_edit is not None
        shop.answer_edit(take=True)
        assert shop.snapshot.products["01"].quantity == 7
    with open_shop() as again:
        assert again.snapshot.held_edit is None
        assert len(again.snapshot.products) == 20
        assert again.snapshot.products["01"].quantity == 7
    assert lines[5] in log.read_bytes()
