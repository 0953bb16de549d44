"""The history as rows: old and new, what is undone, and that nothing is described twice."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import THREE, product
from tracker_tui.model import Action, Change, ChangeLine, Entry, Purchase, SaleLine, Settings
from tracker_tui.model.history import (
    NO_HISTORY,
    HistoryRow,
    HistorySearch,
    describe,
    field_changes,
    row_text,
    summary,
    what,
    which,
)
from tracker_tui.model.ledger import Ledger, undone
from tracker_tui.service import InventoryService

PLAIN = Settings()
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def last(service: InventoryService) -> HistoryRow:
    return describe(service.snapshot.entries).rows[-1]


def test_edit_shows_old_and_new_of_each_field(service: InventoryService) -> None:
    service.edit("001", price=Decimal("1.35"), categories=frozenset({"dairy"}))
    row = last(service)
    assert what(row.entry) == "edit"
    assert which(row.entry) == "Milk"
    assert summary(row, PLAIN) == "price 1.20 -> 1.35; categories dairy, fresh -> dairy"
    assert [(c.product_id, c.field, c.was, c.now) for c in field_changes(row, PLAIN)] == [
        ("001", "price", "1.20", "1.35"),
        ("001", "categories", "dairy, fresh", "dairy"),
    ]


def test_quantity_before_a_change_counts_the_sales_before_it(service: InventoryService) -> None:
    service.sell([("001", 3)])
    service.receive("001", 5, "from the market")
    assert summary(last(service), PLAIN) == "quantity 7 -> 12 (+5) · from the market"
    service.count("001", 12)
    assert summary(last(service), PLAIN) == "quantity 12 -> 12 (+0)"


def test_sale_names_customer_products_and_total(service: InventoryService) -> None:
    service.sell([("001", 2), ("002", 1)], "Amal")
    row = last(service)
    assert (what(row.entry), which(row.entry)) == ("sale", "Amal: Milk, Bread")
    assert summary(row, PLAIN) == "2 products, $4.90"
    assert field_changes(row, PLAIN) == ()


def test_return_of_a_walk_in(service: InventoryService) -> None:
    sale = service.sell([("001", 2)])
    service.give_back(sale.sale, [("001", 1)], note="sour")
    row = last(service)
    assert (what(row.entry), which(row.entry)) == ("return", "Milk")
    assert summary(row, PLAIN) == "1 product, -$1.20 · sour"


def test_new_and_removed_products_say_all_they_are(service: InventoryService) -> None:
    assert summary(describe(service.snapshot.entries).rows[0], PLAIN) == (
        "new: price 1.20, categories dairy, fresh, quantity 10"
    )
    service.remove("003")
    assert summary(last(service), PLAIN) == "gone: price 4.00, categories drinks, quantity 8"


def test_import_is_counted_in_its_row_and_told_in_full_by_its_fields(service: InventoryService) -> None:
    new = product("004", "Salt", "0.80", 4)
    service.import_products([THREE[0]._replace(price=Decimal("1.25"), quantity=12), new])
    row = last(service)
    assert which(row.entry) == "Milk, Salt"
    assert summary(row, PLAIN) == "1 new, 1 changed; +6 pieces"
    told = {(c.product_id, c.field): (c.was, c.now) for c in field_changes(row, PLAIN)}
    assert told["001", "price"] == ("1.20", "1.25")
    assert told["001", "quantity"] == ("10", "12 (+2)")
    assert told["004", "quantity"] == ("", "4")
    assert "price 1.20 -> 1.25" in row_text(row, PLAIN)


def test_many_products_are_named_up_to_three(service: InventoryService) -> None:
    service.sell([("001", 1), ("002", 1), ("003", 1)])
    assert which(last(service).entry) == "Milk, Bread, Tea"
    service.import_products([product(f"1{i}", f"New {i}", "1.00", 1) for i in range(5)])
    assert which(last(service).entry) == "New 0, New 1, New 2 and 2 more"


def test_own_columns_show_old_and_new(service: InventoryService) -> None:
    service.edit("001", extra={"shelf": "A1"})
    service.edit("001", extra={"shelf": "B2"})
    assert summary(last(service), PLAIN) == "shelf A1 -> B2"


def test_undone_entry_says_by_which_until_that_is_undone(service: InventoryService) -> None:
    sale = service.sell([("001", 1)])
    undo = service.undo(sale.entry)
    before = describe(service.snapshot.entries)
    marks = {row.number: row.undone_by for row in before.rows}
    assert marks == {1: None, 2: None, 3: None, sale.entry: undo, undo: None}
    assert summary(before.rows[3], PLAIN) == f"undone by {undo} · 1 product, $1.20"
    assert summary(before.rows[4], PLAIN) == f"takes back {sale.entry} · 1 product, -$1.20"
    assert what(before.rows[4].entry) == "undo"
    again = service.undo(undo)
    after = describe(service.snapshot.entries, before)
    marks = {row.number: row.undone_by for row in after.rows}
    assert marks == {1: None, 2: None, 3: None, sale.entry: None, undo: again, again: None}


def test_undo_of_a_change_tells_what_it_put_back(service: InventoryService) -> None:
    edit = service.edit("001", price=Decimal(2))
    assert edit is not None
    service.undo(edit)
    assert summary(last(service), PLAIN) == f"takes back {edit} · price 2.00 -> 1.20"


def test_known_rows_are_kept_and_only_new_ones_described(service: InventoryService) -> None:
    before = describe(service.snapshot.entries)
    assert describe(service.snapshot.entries, before) is before
    service.receive("001", 1)
    after = describe(service.snapshot.entries, before)
    assert all(new is old for new, old in zip(after.rows, before.rows, strict=False))
    assert len(after.rows) == len(before.rows) + 1
    assert after.rows == describe(service.snapshot.entries).rows


def test_another_beginning_makes_everything_new(service: InventoryService) -> None:
    known = describe(service.snapshot.entries)
    others = Ledger([known.rows[i].entry for i in (0, 2)])
    assert [row.number for row in describe(others, known).rows] == [1, 3]
    assert describe((), known) is NO_HISTORY


def test_history_ends_with_the_products_of_now(service: InventoryService) -> None:
    service.sell([("001", 3), ("003", 1)])
    service.remove("002")
    shop = service.snapshot
    assert describe(shop.entries).products == shop.products


def test_search_wants_every_word_in_all_the_text(service: InventoryService) -> None:
    service.sell([("001", 2)], "Amal", payment="card")
    service.edit("002", name="Rye bread")
    rows = describe(service.snapshot.entries).rows
    search = HistorySearch(PLAIN)

    def found(typed: str) -> list[int]:
        return [row.number for row in search.matching(rows, typed) or ()]

    assert found("") == [1, 2, 3, 4, 5]
    assert found("MILK") == [1, 4]
    assert found("amal sale card") == [4]
    assert found("rye edit") == [5]
    assert found("2.40") == [4]
    assert found("nothing like it") == []


def test_search_sees_that_an_entry_was_undone(service: InventoryService) -> None:
    search = HistorySearch(PLAIN)
    sale = service.sell([("001", 1)])
    known = describe(service.snapshot.entries)
    assert search.matching(known.rows, "undone") == []
    undo = service.undo(sale.entry)
    rows = describe(service.snapshot.entries, known).rows
    found = search.matching(rows, f"undone by {undo}")
    assert found is not None
    assert [row.number for row in found] == [sale.entry]


def test_unwanted_search_stops(service: InventoryService) -> None:
    rows = describe(service.snapshot.entries).rows
    assert HistorySearch(PLAIN).matching(rows, "milk", lambda: True) is None


def entries_of(acts: list[tuple[int, int]]) -> list[Entry]:
    """Make a log of changes, sales and undoes of any earlier entry."""
    entries: list[Entry] = []
    for number, (kind, n) in enumerate(acts, 1):
        after = product("001", "Milk", str(n), 0) if kind else None
        line = ChangeLine("001", after, n, "Milk")
        if kind == 1:
            sold = SaleLine("001", "Milk", n, Decimal(1), Decimal(0), Decimal(n))
            entries.append(Purchase(number, "amal", f"s{number}", "", "", (sold,), "cash", "", "", NOON))
        elif kind == 2:
            entries.append(Change(number, "amal", Action.UNDO, (line,), f"entry {n}", NOON))
        else:
            entries.append(Change(number, "amal", Action.EDIT, (line,), "", NOON))
    return entries


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), max_size=12), st.integers(0, 12))
def test_going_on_equals_beginning_anew(acts: list[tuple[int, int]], cut: int) -> None:
    """In whatever steps it is described, the rows are those of one description."""
    entries = entries_of(acts)
    assert describe(entries, describe(entries[:cut])) == describe(entries)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), max_size=12))
def test_what_is_marked_undone_does_not_count(acts: list[tuple[int, int]]) -> None:
    """The marks agree with what the sums leave out: all that is marked, and the undoes in force."""
    rows = describe(entries_of(acts)).rows
    marked = {row.number for row in rows if row.undone_by is not None}
    assert marked <= undone([row.entry for row in rows])
