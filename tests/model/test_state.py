"""What one entry does to the products, and which entries count."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.model import Action, Change, ChangeLine, Entry, Product, Purchase, SaleLine
from tracker_tui.model.ledger import Ledger, undone
from tracker_tui.model.many_products import apply_many
from tracker_tui.model.shelf import OpenShelf
from tracker_tui.model.state import apply_change, difference, replay
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.storage.table import read_table

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MILK = Product("1", "Milk", Decimal("1.20"), 10, extra={"shelf": "A"})

texts = st.text(st.characters(categories=["L", "N"]), max_size=3)
products = st.builds(
    Product,
    id=st.just("1"),
    name=texts,
    price=st.decimals(0, 99, places=2),
    quantity=st.integers(-5, 99),
    categories=st.frozensets(texts, max_size=2),
    reorder_level=st.integers(0, 9),
    barcodes=st.frozensets(texts, max_size=2),
    cost=st.none() | st.decimals(0, 99, places=2),
    extra=st.dictionaries(texts, texts, max_size=2),
)


def sale(entry: int, quantity: int, own: str = "") -> Purchase:
    line = SaleLine("1", "Milk", quantity, Decimal(1), Decimal(0), Decimal(quantity))
    return Purchase(entry, "amal", own or f"s{entry}", "", "", (line,), "cash", "", "", NOON)


def change(entry: int, line: ChangeLine, action: Action = Action.EDIT, note: str = "") -> Change:
    return Change(entry, "amal", action, (line,), note, NOON)


@given(st.none() | products, st.none() | products)
def test_difference_applied_makes_the_one_of_the_other(before: Product | None, after: Product | None) -> None:
    held = {"1": before} if before else {}
    apply_change(held, difference(before, after, "1"))
    assert held == ({"1": after} if after else {})


KEPT = (
    b"# tracker inventory 1, as of entry 1\nid,name,price,quantity,shelf\n1,Milk,1.20,10,A\n2,Tea,3.00,5,\n"
)


some_lines = st.builds(
    lambda key, after, pieces, own: ChangeLine(key, after and after._replace(id=key), pieces, "x", own),
    st.sampled_from("123456789"),
    st.none() | products | products,
    st.integers(-3, 3),
    st.none() | st.none() | st.dictionaries(texts, texts, max_size=1),
)


@given(st.lists(some_lines, min_size=1, max_size=12))
def test_many_lines_do_together_what_each_does(lines: list[ChangeLine]) -> None:
    """Also where a product comes twice, is taken out, or has own columns; in a dictionary and on a shelf."""
    table = read_table(INVENTORY, KEPT, 2).rows
    kinds: list[Callable[[], MutableMapping[str, Product]]] = [
        lambda: OpenShelf(table),
        lambda: OpenShelf(changes=table),
        lambda: dict(table),
    ]
    for kind in kinds:
        each, many = kind(), kind()
        for line in lines:
            apply_change(each, line)
        apply_many(many, lines[:5], apply_change)
        apply_many(many, lines[5:], apply_change)
        assert list(many.items()) == list(each.items())
        assert len(many) == len(each)


@given(st.lists(some_lines, min_size=1, max_size=12))
def test_a_shelf_knows_at_which_places_many_lines_changed_it(lines: list[ChangeLine]) -> None:
    table = read_table(INVENTORY, KEPT, 2).rows
    for shelf in (OpenShelf(table), OpenShelf(changes=table)):
        before = shelf.frozen()
        known = dict(before)
        apply_many(shelf, lines, apply_change)
        assert dict(before) == known
        places = shelf.frozen().changes_since(before)
        assert places is not None
        touched = {line.product_id for line in lines} & ({*known} | {*shelf})
        assert {shelf.place(key) for key in touched if known.get(key) != shelf.get(key)} <= places


def test_change_keeps_what_was_sold_meanwhile() -> None:
    edit = difference(MILK, MILK._replace(price=Decimal(2)), "1")
    result = replay([sale(2, 3), change(3, edit)], {"1": MILK})
    assert result == {"1": MILK._replace(price=Decimal(2), quantity=7)}


def test_sale_of_a_product_that_is_not_there_changes_nothing() -> None:
    assert replay([sale(1, 3)]) == {}


def test_products_before_an_entry_hold_only_those_asked_for() -> None:
    entries: list[Entry] = [
        change(1, difference(None, MILK, "1"), Action.ADD),
        change(2, difference(None, MILK._replace(id="2"), "2"), Action.ADD),
        sale(3, 4),
    ]
    bare = MILK._replace(quantity=0)
    assert Ledger(entries).fields_before(3, frozenset({"1"})) == {"1": bare}
    assert Ledger(entries).fields_before(1, frozenset({"1"})) == {}


@pytest.mark.parametrize("length", range(1, 9))
def test_chain_of_undoes_counts_the_entry_when_it_is_even(length: int) -> None:
    chain = [sale(1, 1), *(sale(n + 1, 1, f"undo-{n}") for n in range(1, length + 1))]
    dead = undone(chain)
    assert set(range(2, length + 2)) <= dead
    assert (1 in dead) == (length % 2 == 1)


def test_change_is_undone_by_the_number_in_its_note() -> None:
    line = difference(None, MILK, "1")
    assert undone([change(1, line), change(2, line, Action.UNDO, "entry 1")]) == {1, 2}
    assert undone([change(1, line), change(2, line, Action.EDIT, "entry 1")]) == frozenset()


@pytest.mark.parametrize(
    "own", ["undo-5", "undo-7", "undo-", "undo-x", "undo-٣", "undo-1.5", "undo-" + "9" * 5000]
)
def test_undo_of_no_earlier_entry_is_none(own: str) -> None:
    """A file made by hand must not lead the search for the first entry into a circle."""
    assert sale(5, 1, own).undoes is None
    line = difference(None, MILK, "1")
    assert change(5, line, Action.UNDO, own.replace("undo-", "entry ")).undoes is None
    assert undone([sale(5, 1, own), sale(6, 1, "undo-7"), sale(7, 1, "undo-6")]) == {6, 7}
