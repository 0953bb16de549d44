"""The history of very many entries tells the same as that of a few, of which each is described."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import keep_past_in_logs
from tests.storage.random_shops import live, new_shop
from tracker_tui.errors import StorageError
from tracker_tui.model import Change, Entry, Settings
from tracker_tui.model.history import HistoryRow, HistorySearch, describe, summary
from tracker_tui.model.ledger import Ledger
from tracker_tui.model.long_history import EntryBlocks, HistoryRows, completed, looked_up, search
from tracker_tui.model.past import NoPast
from tracker_tui.service import InventoryService

PLAIN = Settings()


def rows_of(ledger: Ledger) -> HistoryRows:
    """Return all rows with all that can be looked up."""
    known = {entry.entry: looked_up(ledger, entry) for entry in ledger if isinstance(entry, Change)}
    return HistoryRows(ledger, EntryBlocks(ledger.past), known)


@pytest.fixture(params=[None, 0, 2000], ids=["in memory", "in the logs", "the first ones in the logs"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Return the entries of a shop in which much has happened, wherever they are."""
    dice = random.Random(5)
    live(new_shop(tmp_path / "shop", dice), dice, 300)
    with pytest.MonkeyPatch.context() as patch:
        if request.param is not None:
            keep_past_in_logs(patch, request.param)
        with InventoryService.open(
            tmp_path / "shop", "amal", clock=lambda: datetime(2026, 9, 1, tzinfo=UTC)
        ) as service:
            assert (len(service.snapshot.ledger.past) > 0) is (request.param is not None)
            yield service.snapshot.ledger


def test_rows_are_those_of_a_full_description(ledger: Ledger) -> None:
    described = describe(list(ledger)).rows[::-1]
    rows = rows_of(ledger)
    assert len(rows) == len(described) > 60
    assert list(rows) == list(described)
    assert list(rows.sorted_by("entry", reverse=False)) == list(described[::-1])
    assert rows.sorted_by("time", reverse=True) is rows
    assert rows.sorted_by("who", reverse=False) is rows
    for at, row in enumerate(described):
        assert rows.key_at(at) == str(row.number)
        assert rows.position(str(row.number)) == at
        assert rows[at : at + 2].position(str(row.number)) == 0
    assert rows.position("0") is rows.position("99999") is None


def test_change_that_is_not_looked_up_says_so(ledger: Ledger) -> None:
    rows = HistoryRows(ledger, EntryBlocks(ledger.past), {})
    changes = [row for row in rows if isinstance(row.entry, Change)]
    assert changes
    assert {row.before for row in changes} == {None}
    of_products = [row for row in changes if any(line.product_id for line in row.entry.lines)]
    assert len(of_products) > len(changes) // 2
    assert all("…" in summary(row, PLAIN) or "products" in summary(row, PLAIN) for row in of_products)
    assert rows_of(ledger).changes_since(rows) is None
    assert rows.changes_since(rows) == frozenset()


@pytest.mark.parametrize("typed", ["milk", "sale", "amal SALE", "no such thing", "1"])
def test_search_finds_the_sales_that_have_the_words(ledger: Ledger, typed: str) -> None:
    described = describe(list(ledger)).rows[::-1]
    wanted = HistorySearch(PLAIN).matching(described, typed) or ()
    ((found, left),) = search(ledger, typed, PLAIN)
    assert left == 0
    rows = HistoryRows(ledger, EntryBlocks(ledger.past), {}, found)
    sales = [row for row in rows if not isinstance(row.entry, Change)]
    assert sales == [row for row in wanted if not isinstance(row.entry, Change)]
    assert {row.number for row in rows} <= {row.number for row in described}


def test_search_ends_when_nobody_waits(ledger: Ledger) -> None:
    assert list(search(ledger, "sale", PLAIN, lambda: True)) == []
    ((found, left),) = search(ledger, "", PLAIN, after=len(ledger) - 3)
    assert (list(found), left) == ([len(ledger) - 1, len(ledger) - 2, len(ledger) - 3], 0)


def test_import_tells_what_it_brought_but_no_quantities_before(service: InventoryService) -> None:
    many = [service.snapshot.products["001"]._replace(id=f"N{number}", quantity=2) for number in range(9)]
    service.import_products([service.snapshot.products["001"]._replace(quantity=12), *many])
    ledger = service.snapshot.ledger
    entry = ledger[len(ledger) - 1]
    assert isinstance(entry, Change)
    row = completed(HistoryRow(entry, None), looked_up(ledger, entry))
    assert not row.has_stock
    assert summary(row, PLAIN) == summary(describe(list(ledger)).rows[-1], PLAIN)


def test_log_that_was_just_replaced_is_said_to_be() -> None:
    class Replaced(NoPast):
        def __len__(self) -> int:
            return 7

        def entries(self, start: int, stop: int) -> Iterator[Entry]:
            raise StorageError(f"entries {start} to {stop}: was changed by another program just now")

    ledger = Ledger([], Replaced())
    rows = HistoryRows(ledger, EntryBlocks(ledger.past), {})
    assert "was changed" in rows[3].entry.note
