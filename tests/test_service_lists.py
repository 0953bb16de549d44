"""Counts and deliveries as lists: several sessions at one, nothing lost by a kill, booked once, undone as one."""

from __future__ import annotations

import csv
import os
import random
import signal
import stat
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import OpenShop
from tests.test_service_many import BREAD, MILK, TEA, stocks, stocks_of_the_files
from tracker_tui.errors import Conflict, Invalid, NotFound, ReadOnly, StorageError
from tracker_tui.model import Change
from tracker_tui.model.drafts import Draft, Kind, count_summary, delivery_summary
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")

COUNT, DELIVERY = Kind.COUNT, Kind.DELIVERY

OTHER_SESSION = """
import sys
from tracker_tui.model.drafts import Kind
from tracker_tui.service import InventoryService
service = InventoryService.open(sys.argv[1], "beth")
number = 0
while True:
    number += 1
    service.put(Kind(sys.argv[2]), sys.argv[3], "001", 1, more=True)
    print(number, flush=True)
"""
"""Counts one piece more again and again, and says how often it was kept."""


def file_of(service: InventoryService, draft: Draft) -> Path:
    folder = {COUNT: "counts", DELIVERY: "deliveries"}[draft.kind]
    return service.directory / folder / f"{draft.kind}-{draft.id}.txt"


def rows_of(service: InventoryService, draft: Draft, fact: str) -> list[list[str]]:
    lines = file_of(service, draft).read_text(encoding="utf-8").splitlines()
    return [row for row in csv.reader(line for line in lines if not line.startswith("#")) if row[0] == fact]


def test_two_sessions_count_one_list_while_a_third_sells(
    service: InventoryService, open_shop: OpenShop
) -> None:
    """The differences add up to what the files say, whatever was sold in between."""
    dice = random.Random(7)
    draft = service.begin_draft(COUNT, "front shelf")
    shelf = {MILK: 9, BREAD: 5, TEA: 10}
    with open_shop("beth") as beth, open_shop("carl") as till:
        for turn in range(12):
            key = dice.choice([MILK, BREAD, TEA])
            if dice.random() < 0.4 and shelf[key] and stocks(till)[key]:
                till.sell([(key, 1)])
                shelf[key] -= 1
            (service, beth)[turn % 2].put(COUNT, draft.id, key, shelf[key])
        for key, there in shelf.items():
            beth.put(COUNT, draft.id, key, there)
        till.sell([(TEA, 2)])
        shelf[TEA] -= 2
        service.refresh()
        last = {row[1]: int(row[2]) - int(row[3]) for row in rows_of(service, draft, "count")}
        entry = beth.book_draft(COUNT, draft.id)
        service.refresh()
    assert stocks(service) == shelf == stocks_of_the_files(service)
    booked = service.snapshot.find(entry)
    assert isinstance(booked, Change)
    assert {line.product_id: line.quantity_change for line in booked.lines} == last
    assert booked.note == f"stock count: front shelf #{draft.id}"
    service.undo(entry)
    assert stocks(service) == {key: shelf[key] - last[key] for key in shelf} == stocks_of_the_files(service)


def test_a_count_goes_up_by_scans_and_can_be_set(service: InventoryService) -> None:
    draft = service.begin_draft(COUNT)
    service.put(COUNT, draft.id, MILK, 1, more=True)
    assert service.put(COUNT, draft.id, MILK, 3, more=True).lines[MILK].pieces == 4
    service.sell([(MILK, 2)])
    line = service.put(COUNT, draft.id, MILK, 8).lines[MILK]
    assert (line.pieces, line.stock, line.difference, line.moved) == (8, 8, 0, True)
    assert service.put(COUNT, draft.id, TEA, 0).lines[TEA].difference == -8
    with pytest.raises(Invalid):
        service.put(COUNT, draft.id, TEA, -1, more=True)
    with pytest.raises(NotFound):
        service.put(COUNT, draft.id, "nobody", 1)
    assert service.draft(COUNT, draft.id).lines.keys() == {MILK, TEA}


def test_differences_have_their_value(service: InventoryService) -> None:
    service.edit(MILK, cost=Decimal("0.70"))
    draft = service.begin_draft(COUNT)
    for key, pieces in ((MILK, 7), (BREAD, 5), (TEA, 9)):
        draft = service.put(COUNT, draft.id, key, pieces)
    found = count_summary(draft, lambda key: service.snapshot.products[key].cost)
    assert (found.products, found.differing, found.missing, found.surplus) == (3, 2, 3, 1)
    assert (found.value, found.unvalued) == (Decimal("-2.10"), 1)


def test_a_delivery_is_a_draft_until_it_is_booked(service: InventoryService, open_shop: OpenShop) -> None:
    draft = service.begin_draft(DELIVERY, "Farm & Co", "invoice 17")
    service.put(DELIVERY, draft.id, MILK, 1, more=True, cost=Decimal("0.70"))
    service.put(DELIVERY, draft.id, MILK, 23, more=True)
    service.put(DELIVERY, draft.id, TEA, 5)
    service.put(DELIVERY, draft.id, BREAD, 2)
    assert stocks(service)[MILK] == 10
    with open_shop("beth") as beth:
        found = beth.put(DELIVERY, draft.id, BREAD, 0)
        total = delivery_summary(found, beth.snapshot.products)
        assert (total.products, total.pieces, total.value, total.unvalued) == (2, 29, Decimal("16.80"), 5)
        entry = beth.book_draft(DELIVERY, draft.id)
        assert service.book_draft(DELIVERY, draft.id) == entry, "it is booked once"
    assert stocks(service) == {MILK: 34, BREAD: 5, TEA: 13} == stocks_of_the_files(service)
    booked = service.snapshot.find(entry)
    assert isinstance(booked, Change)
    assert booked.note == f"Farm & Co, invoice 17 #{draft.id}"
    with pytest.raises(Conflict) as refused:
        service.put(DELIVERY, draft.id, TEA, 1)
    assert refused.value.entry == entry
    assert service.draft(DELIVERY, draft.id).entry == entry
    service.undo(entry)
    assert stocks(service) == {MILK: 10, BREAD: 5, TEA: 8} == stocks_of_the_files(service)


def test_what_died_between_the_entry_and_its_mark_is_not_booked_again(
    service: InventoryService, open_shop: OpenShop
) -> None:
    draft = service.begin_draft(DELIVERY, "Farm")
    service.put(DELIVERY, draft.id, MILK, 5)
    before = file_of(service, draft).read_bytes()
    entry = service.book_draft(DELIVERY, draft.id)
    file_of(service, draft).write_bytes(before)
    with open_shop("beth") as beth:
        with pytest.raises(Conflict, match=f"entry {entry}"):
            beth.put(DELIVERY, draft.id, MILK, 1, more=True)
        assert beth.book_draft(DELIVERY, draft.id) == entry
        assert stocks(beth) == {MILK: 15, BREAD: 5, TEA: 8} == stocks_of_the_files(beth)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_killed_session_loses_nothing_that_was_kept(service: InventoryService, kind: Kind) -> None:
    draft = service.begin_draft(kind)
    session = subprocess.Popen(
        [sys.executable, "-c", OTHER_SESSION, str(service.directory), kind, draft.id],
        stdout=subprocess.PIPE,
        text=True,
    )
    with session:
        assert session.stdout is not None
        while int(session.stdout.readline()) < 5:
            pass
        os.kill(session.pid, signal.SIGKILL)
        said = [int(line) for line in session.stdout.read().split("\n")[:-1]]
    kept = service.draft(kind, draft.id)
    assert kept.damaged == ()
    assert max(said, default=5) <= kept.lines[MILK].pieces <= max(said, default=5) + 1
    assert service.put(kind, draft.id, MILK, 1, more=True).lines[MILK].pieces == kept.lines[MILK].pieces + 1


@pytest.mark.parametrize("kind", list(Kind))
def test_a_torn_line_is_never_taken_for_a_whole_one(service: InventoryService, kind: Kind) -> None:
    draft = service.begin_draft(kind)
    service.put(kind, draft.id, MILK, 7)
    file = file_of(service, draft)
    whole = file.read_bytes()
    service.put(kind, draft.id, MILK, 12)
    last = file.read_bytes()[len(whole) :]
    for cut in range(1, len(last) - 1):
        file.write_bytes(whole + last[:cut])
        assert service.draft(kind, draft.id).lines[MILK].pieces == 7
        found = service.put(kind, draft.id, BREAD, 1)
        assert (found.lines[MILK].pieces, found.lines[BREAD].pieces) == (7, 1), cut
        assert found.damaged == (4,)


def test_what_others_put_into_the_file_does_no_harm(service: InventoryService) -> None:
    draft = service.begin_draft(COUNT, "shelf")
    service.put(COUNT, draft.id, MILK, 7)
    file = file_of(service, draft)
    text = file.read_text()
    stamp = "amal,2026-03-02T09:00:00+00:00"
    file.write_text(
        text
        + f"# a comment\n\ncount,{MILK},-1,3,{stamp}\ntake,{MILK},1,,{stamp}\ncount,,1,1,{stamp}\n"
        + f'count,"{MILK},1,1,{stamp}\ncount,{MILK},x,1,{stamp}\nbooked,,{stamp}\nnews,1,{stamp}\n'
    )
    found = service.draft(COUNT, draft.id)
    assert found.lines[MILK].pieces == 7
    assert found.damaged == tuple(range(6, 13))
    file.write_text(text.replace(",7,10,", ",8,10,"))
    assert service.draft(COUNT, draft.id).lines[MILK].pieces == 8, "an editor's own file is read anew"
    file.write_text("nothing of ours\n")
    with pytest.raises(StorageError, match="is no count of this version"):
        service.draft(COUNT, draft.id)
    assert [problem.file for problem in service.drafts(COUNT)[1]] == [f"counts/{file.name}"]
    file.unlink()
    with pytest.raises(NotFound, match="is gone"):
        service.put(COUNT, draft.id, MILK, 1)


def test_lists_are_listed_dropped_and_renamed(service: InventoryService) -> None:
    first = service.begin_draft(COUNT, category="dairy", search="mil")
    second = service.begin_draft(COUNT, "second")
    assert [draft.title for draft in service.drafts(COUNT)[0]] == ["second", "dairy mil"]
    assert service.drafts(DELIVERY) == ((), ())
    service.drop_draft(COUNT, second.id)
    assert [draft.is_open for draft in service.drafts(COUNT)[0]] == [False, True]
    with pytest.raises(Conflict, match="thrown away"):
        service.book_draft(COUNT, second.id)
    again = service.rename_draft(COUNT, first.id, "cold shelf", "")
    assert (again.title, again.category, again.begun) == ("cold shelf", "dairy", first.begun)
    with pytest.raises(Invalid):
        service.rename_draft(COUNT, first.id, "=cold", "")
    with pytest.raises(Invalid):
        service.book_draft(COUNT, first.id)


def test_a_product_that_was_removed_is_left_out(service: InventoryService) -> None:
    draft = service.begin_draft(COUNT)
    service.put(COUNT, draft.id, MILK, 9)
    service.put(COUNT, draft.id, BREAD, 4)
    service.remove(MILK)
    service.book_draft(COUNT, draft.id)
    assert stocks(service) == {BREAD: 4, TEA: 8}


def test_nobody_who_only_looks_can_count(service: InventoryService, open_shop: OpenShop) -> None:
    draft = service.begin_draft(COUNT)
    with open_shop("beth", read_only=True) as guest:
        assert guest.draft(COUNT, draft.id).is_open
        for attempt in (
            lambda: guest.begin_draft(COUNT),
            lambda: guest.put(COUNT, draft.id, MILK, 1),
            lambda: guest.book_draft(COUNT, draft.id),
            lambda: guest.drop_draft(COUNT, draft.id),
        ):
            with pytest.raises(ReadOnly):
                attempt()


def test_the_files_have_the_permissions_of_the_shop(service: InventoryService) -> None:
    service.directory.chmod(0o2770)
    draft = service.begin_draft(COUNT)
    file = file_of(service, draft)
    assert stat.S_IMODE(file.stat().st_mode) == 0o660
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o2770
