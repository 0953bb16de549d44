"""Taking entries back, though others have acted since."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker_tui.errors import Conflict, NotFound, TrackerError
from tracker_tui.model import Product, Purchase, SaleItem
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")

MILK, BREAD, TEA = "001", "002", "003"
Act = Callable[[InventoryService], object]

pieces = st.integers(1, 4)
ids = st.sampled_from([MILK, BREAD, TEA, "new"])
prices = st.decimals(0, 9, places=2)


def sell(key: str, other: str, n: int, off: bool) -> Act:  # noqa: FBT001
    discount = Decimal("0.03") if off else Decimal(0)
    return lambda s: s.sell([SaleItem(key, n, Decimal("3.33"), discount), (other, 1)], customer="Ann")


def give_back_last(n: int) -> Act:
    def act(shop: InventoryService) -> object:
        sales = [e for e in shop.snapshot.sales() if not e.returns and e.units > 0]
        last = sales[-1]
        return shop.give_back(last.sale, [(last.lines[0].product_id, n)])

    return act


def add(key: str, price: Decimal, n: int) -> Act:
    return lambda s: s.add(Product(key, "New", price, n, frozenset({"x"}), extra={"shelf": "B"}))


def bring(key: str, other: str, price: Decimal, n: int) -> Act:
    rows = [Product(key, "Imported", price, n), Product(f"{other}+", "Other", price, n, extra={"row": "7"})]
    return lambda s: s.import_products(rows if key != f"{other}+" else rows[:1])


acts: st.SearchStrategy[Act] = st.one_of(
    st.builds(sell, ids, ids, pieces, st.booleans()),
    st.builds(give_back_last, pieces),
    st.builds(add, ids, prices, pieces),
    st.builds(bring, ids, ids, prices, pieces),
    ids.map(lambda key: lambda s: s.remove(key)),
    st.builds(lambda key, price: lambda s: s.edit(key, price=price), ids, prices),
    st.builds(lambda key, text: lambda s: s.edit(key, extra={"shelf": text}), ids, st.sampled_from("AB")),
    st.builds(lambda key, text: lambda s: s.edit(key, categories={text}), ids, st.sampled_from("ab")),
    st.builds(lambda key, n: lambda s: s.receive(key, n), ids, pieces),
    st.builds(lambda key, n: lambda s: s.count(key, n), ids, pieces),
    st.builds(lambda key, n: lambda s: s.adjust(key, -n, "broken"), ids, pieces),
    st.builds(lambda back: lambda s: s.undo(max(1, s.snapshot.entry - back)), st.integers(0, 4)),
)


def tried(shop: InventoryService, act: Act) -> bool:
    """Tell whether the shop took the act."""
    try:
        act(shop)
    except (TrackerError, IndexError):
        return False
    return True


def fresh_shop(directory: str) -> InventoryService:
    shop = InventoryService.open(
        Path(directory) / "shop", "amal", clock=lambda: datetime(2026, 3, 1, tzinfo=UTC)
    )
    for key, name in ((MILK, "Milk"), (BREAD, "Bread"), (TEA, "Tea")):
        shop.add(Product(key, name, Decimal(2), 5, frozenset({"food"})))
    return shop


@settings(max_examples=100)
@given(st.lists(acts, max_size=6), acts)
def test_any_act_and_its_undo_leave_products_and_stock_equal(before: list[Act], act: Act) -> None:
    with tempfile.TemporaryDirectory() as directory:
        shop = fresh_shop(directory)
        for earlier in before:
            tried(shop, earlier)
        then, told, entry = dict(shop.snapshot.products), shop.report(), shop.snapshot.entry
        if not tried(shop, act) or shop.snapshot.entry == entry:
            return
        shop.undo(shop.snapshot.entry)
        assert dict(shop.snapshot.products) == then
        assert shop.report()[:6] == told[:6]
        with InventoryService.open(shop.directory, "beth") as again:
            assert dict(again.snapshot.products) == then, "replayed from the logs"
            assert again.snapshot.problems == ()
            assert again.snapshot.entry == entry + 2


def undone_or_in_the_way(shop: InventoryService, number: int) -> tuple[int, int]:
    try:
        return shop.undo(number), 0
    except Conflict as refused:
        return 0, refused.entry or 0


@settings(max_examples=100)
@given(st.lists(acts, min_size=1, max_size=7), st.integers(1, 9))
def test_late_undo_either_holds_or_names_what_stands_in_the_way(before: list[Act], number: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        shop = fresh_shop(directory)
        for earlier in before:
            tried(shop, earlier)
        then, top = dict(shop.snapshot.products), shop.snapshot.entry
        done, way = undone_or_in_the_way(shop, min(number, top))
        if done:
            shop.undo(done)
        else:
            assert min(number, top) < way <= top
            assert shop.snapshot.entry == top
        assert dict(shop.snapshot.products) == then
        assert all(product.quantity >= 0 for product in shop.snapshot.products.values())


def stock(shop: InventoryService) -> dict[str, int]:
    return {key: product.quantity for key, product in shop.snapshot.products.items()}


def test_return_of_a_product_that_was_gone_is_undone(service: InventoryService) -> None:
    sale = service.sell([(MILK, 1)])
    milk = service.snapshot.products[MILK]
    service.remove(MILK)
    back = service.give_back(sale.sale)
    service.undo(service.undo(back.entry))
    added = service.add(milk)
    with pytest.raises(Conflict, match="was not there then") as refused:
        service.undo(service.snapshot.entry - 1)
    assert refused.value.entry == added
    assert stock(service)[MILK] == milk.quantity


def test_sale_is_undone_though_others_acted_since(service: InventoryService) -> None:
    sold = service.sell([(MILK, 4), (BREAD, 1)])
    service.sell([(MILK, 2)])
    service.edit(MILK, price=Decimal(9))
    service.receive(BREAD, 3)
    service.undo(sold.entry)
    assert stock(service) == {MILK: 8, BREAD: 8, TEA: 8}
    assert service.snapshot.products[MILK].price == Decimal(9)
    assert service.report().units == 2


def test_edit_is_undone_though_the_product_was_sold_since(service: InventoryService) -> None:
    edit = service.edit(MILK, price=Decimal(9), name="Oat milk")
    service.sell([(MILK, 4)])
    service.edit(MILK, reorder_level=3)
    service.undo(edit or 0)
    milk = service.snapshot.products[MILK]
    assert (milk.price, milk.name, milk.quantity, milk.reorder_level) == (Decimal("1.20"), "Milk", 6, 3)


def test_edit_of_a_field_that_changed_again_names_the_later_entry(service: InventoryService) -> None:
    edit = service.edit(MILK, price=Decimal(9))
    later = service.edit(MILK, price=Decimal(10))
    service.edit(MILK, name="Oat milk")
    with pytest.raises(Conflict, match=f"entry {later} stands in the way") as refused:
        service.undo(edit or 0)
    assert refused.value.entry == later


def test_delivery_that_was_sold_meanwhile_names_the_sale(service: InventoryService) -> None:
    delivery = service.receive(BREAD, 5)
    sold = service.sell([(BREAD, 8)])
    with pytest.raises(Conflict, match="only 2") as refused:
        service.undo(delivery)
    assert refused.value.entry == sold.entry


def test_added_product_that_was_sold_cannot_be_taken_back(service: InventoryService) -> None:
    sold = service.sell([(MILK, 1)])
    with pytest.raises(Conflict) as refused:
        service.undo(1)
    assert refused.value.entry == sold.entry
    service.undo(sold.entry)
    service.undo(1)
    assert MILK not in service.snapshot.products


def test_removal_is_undone_with_stock_and_own_columns(service: InventoryService) -> None:
    service.edit(MILK, extra={"shelf": "A3"})
    whole = service.snapshot.products[MILK]
    removal = service.remove(MILK)
    service.undo(removal)
    assert service.snapshot.products[MILK] == whole


def test_removal_is_not_undone_where_the_id_or_barcode_is_taken(service: InventoryService) -> None:
    service.edit(MILK, barcodes={"42"})
    removal = service.remove(MILK)
    taker = service.edit(BREAD, barcodes={"42"})
    with pytest.raises(Conflict, match="barcode 42") as refused:
        service.undo(removal)
    assert refused.value.entry == taker
    service.undo(taker or 0)
    again = service.add(Product(MILK, "Other milk", Decimal(1), 1))
    with pytest.raises(Conflict) as refused:
        service.undo(removal)
    assert refused.value.entry == again


def test_sale_of_a_product_that_is_gone_names_the_removal(service: InventoryService) -> None:
    sold = service.sell([(MILK, 1)])
    removal = service.remove(MILK)
    with pytest.raises(Conflict, match="was removed") as refused:
        service.undo(sold.entry)
    assert refused.value.entry == removal


def test_count_is_undone_as_the_change_it_made(service: InventoryService) -> None:
    count = service.count(MILK, 3)
    service.receive(MILK, 10)
    service.undo(count)
    assert stock(service)[MILK] == 20


def test_import_is_undone_as_a_whole(service: InventoryService) -> None:
    before = dict(service.snapshot.products)
    rows = [
        Product(MILK, "Whole milk", Decimal(2), 50),
        *(Product(f"n{i}", f"New {i}", Decimal(1), i) for i in range(50)),
    ]
    entry = service.import_products(rows)
    assert len(service.snapshot.products) == 53
    service.undo(entry or 0)
    assert dict(service.snapshot.products) == before


def test_undo_of_an_undo_and_of_that(service: InventoryService) -> None:
    sold = service.sell([(MILK, 4)], customer="Ann").entry
    first = service.undo(sold)
    second = service.undo(first)
    assert (stock(service)[MILK], service.report().purchases, service.report().units) == (6, 1, 4)
    third = service.undo(second)
    assert (stock(service)[MILK], service.report().purchases, service.report().units) == (10, 0, 0)
    assert [first, second, third] == [sold + 1, sold + 2, sold + 3]


def test_undo_twice_is_refused_and_names_the_first(service: InventoryService) -> None:
    sold = service.sell([(MILK, 4)])
    undo = service.undo(sold.entry)
    with pytest.raises(Conflict, match=f"was undone by entry {undo}") as refused:
        service.undo(sold.entry)
    assert refused.value.entry == undo
    again = service.undo(undo)
    with pytest.raises(Conflict, match="counts again") as refused:
        service.undo(sold.entry)
    assert refused.value.entry == again
    assert stock(service)[MILK] == 6


@pytest.mark.parametrize("number", [0, -1, 4, 10**20])
def test_entry_that_is_not_there_is_not_found(service: InventoryService, number: int) -> None:
    with pytest.raises(NotFound):
        service.undo(number)


def test_sale_of_which_goods_came_back_is_not_undone(service: InventoryService) -> None:
    sold = service.sell([(MILK, 4)])
    back = service.give_back(sold.sale, [(MILK, 1)])
    with pytest.raises(Conflict, match="returned") as refused:
        service.undo(sold.entry)
    assert refused.value.entry == back.entry
    service.undo(back.entry)
    service.undo(sold.entry)
    assert stock(service)[MILK] == 10


def test_sale_that_counts_again_is_not_undone_once_goods_came_back(service: InventoryService) -> None:
    sold = service.sell([(MILK, 4)])
    again = service.undo(service.undo(sold.entry))
    back = service.give_back(sold.sale)
    with pytest.raises(Conflict, match="returned") as refused:
        service.undo(again)
    assert refused.value.entry == back.entry
    assert stock(service)[MILK] == 10


def test_return_does_not_count_again_where_the_goods_came_back_otherwise(service: InventoryService) -> None:
    sold = service.sell([(MILK, 4)])
    undo = service.undo(service.give_back(sold.sale, [(MILK, 3)]).entry)
    other = service.give_back(sold.sale, [(MILK, 2)])
    with pytest.raises(Conflict) as refused:
        service.undo(undo)
    assert refused.value.entry == other.entry
    service.undo(other.entry)
    service.undo(undo)
    assert (stock(service)[MILK], service.report().units) == (9, 1)


def test_return_does_not_count_again_once_its_sale_was_undone(service: InventoryService) -> None:
    sold = service.sell([(MILK, 4)])
    undo = service.undo(service.give_back(sold.sale).entry)
    gone = service.undo(sold.entry)
    with pytest.raises(Conflict) as refused:
        service.undo(undo)
    assert refused.value.entry == gone
    assert (stock(service)[MILK], service.report().units) == (10, 0)


def test_nothing_comes_back_of_a_sale_that_was_undone(service: InventoryService) -> None:
    sold = service.sell([(MILK, 4)])
    service.undo(sold.entry)
    with pytest.raises(Conflict, match="undone"):
        service.give_back(sold.sale)


def test_undo_carries_the_clerk_and_the_customer(service: InventoryService) -> None:
    sold = service.sell([(MILK, 4)], customer="Ann", payment="card")
    number = service.undo(sold.entry)
    undo = service.snapshot.find(number)
    assert isinstance(undo, Purchase)
    assert (undo.clerk, undo.customer, undo.payment, undo.total) == ("amal", "Ann", "card", -sold.total)
