"""Selling and taking back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker_tui.errors import Conflict, Invalid, NotFound, OutOfStock
from tracker_tui.model import Customer, Product, SaleItem
from tracker_tui.model.records import BelowZero
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")

MILK, BREAD, TEA = "001", "002", "003"
OpenShop = Callable[..., InventoryService]


def stock(shop: InventoryService) -> list[int]:
    return [product.quantity for product in shop.snapshot.products.values()]


def test_sale_takes_all_its_lines_in_one_entry(service: InventoryService) -> None:
    sold = service.sell(
        [(MILK, 2), (BREAD, 1), SaleItem(TEA, 2, Decimal("3.50"), Decimal("0.75"))], payment="card"
    )
    assert [line.total for line in sold.lines] == [Decimal("2.40"), Decimal("2.50"), Decimal("6.25")]
    assert (sold.entry, sold.total, sold.units, sold.payment) == (4, Decimal("11.15"), 5, "card")
    assert stock(service) == [8, 4, 6]
    assert service.directory.joinpath("purchases.txt").read_bytes().count(b"\n") == 4


def test_sale_larger_than_the_stock_is_refused_as_a_whole(service: InventoryService) -> None:
    for items in ([(BREAD, 6)], [(MILK, 1), (BREAD, 6)], [(BREAD, 3), (BREAD, 3)]):
        with pytest.raises(OutOfStock) as refused:
            service.sell(items)
        assert (refused.value.product.id, refused.value.wanted, refused.value.available) == (BREAD, 6, 5)
    assert stock(service) == [10, 5, 8]
    assert service.snapshot.entry == 3


def test_last_pieces_can_be_sold(service: InventoryService) -> None:
    service.sell([(BREAD, 5)])
    with pytest.raises(OutOfStock, match="none is left"):
        service.sell([(BREAD, 1)])


def let_below_zero(shop: InventoryService) -> None:
    (shop.directory / "tracker.toml").write_text("below_zero = true\n")
    assert shop.refresh()


def test_below_zero_only_with_a_reason_which_is_logged(
    service: InventoryService, open_shop: OpenShop
) -> None:
    word = BelowZero(" on the shelf, not in the books ", frozenset({BREAD}))
    with pytest.raises(Invalid, match="see below_zero in"):
        service.sell([(BREAD, 7)], below_zero=word)
    let_below_zero(service)
    for empty in ("", "  ", "a\x1bb"):
        with pytest.raises(Invalid) as refused:
            service.sell([(BREAD, 7)], below_zero=word._replace(reason=empty))
        assert [problem.field for problem in refused.value.problems] == ["reason"]
    assert stock(service) == [10, 5, 8]
    sold = service.sell([(BREAD, 7), (MILK, 1)], note="for the fair", below_zero=word)
    assert sold.note == "for the fair; sold below zero: on the shelf, not in the books"
    assert stock(service) == [9, -2, 8]
    service.edit(BREAD, price=Decimal("2.60"))
    service.save()
    with open_shop("bo") as other:
        assert stock(other) == [9, -2, 8]
        assert other.snapshot.problems == ()
        other.receive(BREAD, 5)
        assert stock(other) == [9, 3, 8]


def test_the_word_for_one_product_lets_no_other_go_below_zero(service: InventoryService) -> None:
    let_below_zero(service)
    with pytest.raises(OutOfStock) as refused:
        service.sell([(BREAD, 7), (TEA, 9)], below_zero=BelowZero("why not", frozenset({BREAD})))
    assert refused.value.product.id == TEA
    assert service.sell([(BREAD, 5)], below_zero=BelowZero("why not", frozenset({BREAD}))).note == "", (
        "there was enough after all"
    )


@pytest.mark.parametrize(
    ("items", "field"),
    [
        ([], ""),
        ([(MILK, 0)], f"{MILK} quantity"),
        ([(MILK, -1)], f"{MILK} quantity"),
        ([(MILK, 1.0)], f"{MILK} quantity"),
        ([(MILK, "1")], f"{MILK} quantity"),
        ([(MILK, True)], f"{MILK} quantity"),
        ([SaleItem(MILK, 1, Decimal(-1))], f"{MILK} price"),
        ([SaleItem(MILK, 1, Decimal("0.001"))], f"{MILK} price"),
        ([SaleItem(MILK, 1, Decimal("NaN"))], f"{MILK} price"),
        ([SaleItem(MILK, 1, None, Decimal(-1))], f"{MILK} discount"),
        ([SaleItem(MILK, 2, None, Decimal("2.41"))], f"{MILK} discount"),
    ],
)
def test_basket_that_cannot_be_booked_is_refused_by_field(
    service: InventoryService, items: list[SaleItem], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        service.sell(items)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert service.snapshot.entry == 3


@pytest.mark.parametrize("word", ["customer", "sale", "payment", "note"])
@pytest.mark.parametrize("text", ["a\x1b[31mb", "a\nb", "=1+1", "x" * 10_001])
def test_text_that_no_file_may_hold_is_refused(service: InventoryService, word: str, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        service.sell([(MILK, 1)], **{word: text})  # type: ignore[arg-type]
    assert [problem.field for problem in refused.value.problems] == [word]


def test_same_basket_booked_twice_is_one_sale(service: InventoryService, open_shop: OpenShop) -> None:
    first = service.sell([(BREAD, 5)], sale="basket-7")
    other = open_shop("beth")
    assert service.sell([(BREAD, 5)], sale="basket-7") == first
    assert other.sell([(BREAD, 5)], sale="basket-7") == first
    assert other.sell([(MILK, 1)], sale="basket-7") == first
    with open_shop("cid") as later:
        assert later.sell([(BREAD, 5)], sale="basket-7") == first
        assert stock(later) == [10, 0, 8]


def test_sale_ids_are_made_apart(service: InventoryService) -> None:
    assert len({service.sell([(MILK, 1)]).sale for _ in range(5)}) == 5
    with pytest.raises(Invalid, match="undo-"):
        service.sell([(MILK, 1)], sale="undo-4")


def test_name_nobody_has_becomes_a_customer_and_then_is_known(service: InventoryService) -> None:
    ids = [
        service.sell([(MILK, 1)], customer=who).customer_id for who in ("Ann", " ann ", "C0001", "Bob", "")
    ]
    assert ids == ["C0001", "C0001", "C0001", "C0002", ""]
    assert [who.name for who in service.snapshot.customers.values()] == ["Ann", "Bob"]
    assert service.report().customers == 2


def test_name_that_two_people_share_is_refused_with_their_ids(service: InventoryService) -> None:
    for _ in range(2):
        service.add_customer(Customer("", "Ann"))
    with pytest.raises(Conflict, match="C0001, C0002"):
        service.sell([(MILK, 1)], customer="ANN")
    assert service.sell([(MILK, 1)], customer="C0002").customer_id == "C0002"
    assert (service.report().customers, service.report().customer_names) == (1, ("Ann",))


def test_new_customers_of_two_sessions_have_two_ids(service: InventoryService, open_shop: OpenShop) -> None:
    other = open_shop("beth")
    assert service.sell([(MILK, 1)], customer="Ann").customer_id == "C0001"
    assert other.sell([(MILK, 1)], customer="Bob").customer_id == "C0002"
    assert service.add_customer(Customer("C0001", "Cid")).id == "C0003"


def test_customers_id_of_thousands_of_digits_is_no_number(service: InventoryService, shop_dir: Path) -> None:
    (shop_dir / "customers.txt").write_text(f"id,name\nC{'9' * 5000},Ann\nC0004,Bob\n")
    assert service.sell([(MILK, 1)], customer="Cid").customer_id == "C0005"


def test_edit_of_a_customer_changes_only_what_was_changed(
    service: InventoryService, open_shop: OpenShop
) -> None:
    was = service.add_customer(Customer("", "Ann", "1"))
    other = open_shop("beth")
    other.edit_customer("C0001", was=was, phone="2")
    assert service.edit_customer("C0001", was=was, note="likes tea") == was._replace(
        phone="2", note="likes tea"
    )
    with pytest.raises(Conflict) as refused:
        service.edit_customer("C0001", was=was, phone="3")
    assert refused.value.clashes == (("phone", "1", "2", "3"),)


def test_own_columns_of_customers_survive(service: InventoryService, shop_dir: Path) -> None:
    (shop_dir / "customers.txt").write_text("# ours\nname,id,birthday\nAnn,C0001,1 May\nbroken\n")
    service.edit_customer("C0001", phone="7")
    service.sell([(MILK, 1)], customer="Bob")
    service.save()
    assert (shop_dir / "customers.txt").read_text().splitlines() == [
        "# ours",
        "name,id,birthday,phone,email,note",
        "Ann,C0001,1 May,7,,",
        "broken",
        "Bob,C0002,,,,",
    ]


def test_return_gives_back_what_was_paid(service: InventoryService) -> None:
    sold = service.sell(
        [SaleItem(MILK, 4, None, Decimal("0.80")), (BREAD, 1)], customer="Ann", payment="card"
    )
    service.edit(MILK, price=Decimal(99))
    back = service.give_back(sold.sale, [(MILK, 1)], "sour")
    assert (back.total, back.units, back.returns, back.customer_id) == (Decimal(-1), -1, sold.sale, "C0001")
    assert (back.payment, back.note) == ("card", "sour")
    assert stock(service) == [7, 4, 8]
    rest = service.give_back(sold.sale)
    assert back.total + rest.total == -sold.total
    assert stock(service) == [10, 5, 8]
    with pytest.raises(Invalid, match="all of this sale came back already"):
        service.give_back(sold.sale)


def test_more_than_was_sold_does_not_come_back(service: InventoryService) -> None:
    sold = service.sell([(MILK, 4)])
    service.give_back(sold.sale, [(MILK, 3)])
    with pytest.raises(Invalid, match="only 1"):
        service.give_back(sold.sale, [(MILK, 2)])
    with pytest.raises(NotFound, match=BREAD):
        service.give_back(sold.sale, [(BREAD, 1)])
    with pytest.raises(NotFound, match="no sale"):
        service.give_back("none")
    with pytest.raises(Invalid, match="itself a return"):
        service.give_back(service.snapshot.entries[-1].sale)  # type: ignore[union-attr]


def test_same_return_booked_twice_is_one_return(service: InventoryService) -> None:
    sold = service.sell([(MILK, 4)])
    first = service.give_back(sold.sale, [(MILK, 1)], own_id="back-1")
    assert service.give_back(sold.sale, [(MILK, 1)], own_id="back-1") == first
    assert stock(service)[0] == 7


def test_return_without_a_receipt_is_at_the_price_given_or_todays(service: InventoryService) -> None:
    assert service.give_back(None, [(MILK, 2)], customer="Ann").total == Decimal("-2.40")
    assert service.give_back(None, [SaleItem(MILK, 2, Decimal("0.50"))]).total == Decimal("-1.00")
    assert stock(service)[0] == 14
    told = service.report()
    assert (told.purchases, told.returns, told.customers, told.units) == (0, 2, 0, -4)
    with pytest.raises(Invalid):
        service.give_back(None)
    with pytest.raises(Invalid):
        service.give_back(None, [])


@settings(max_examples=40)
@given(
    st.integers(1, 6),
    st.decimals("0.001", 9, places=3),
    st.decimals(0, "0.10", places=2),
    st.lists(st.integers(1, 3), max_size=6),
)
def test_sale_that_comes_back_in_parts_pays_back_just_what_was_paid(
    tmp_path_factory: pytest.TempPathFactory, pieces: int, price: Decimal, discount: Decimal, parts: list[int]
) -> None:
    """Also where a price from a file has more decimals than the shop."""
    directory = tmp_path_factory.mktemp("shop")
    (directory / "inventory.txt").write_text(f"1,Milk,{price},9,\n")
    with InventoryService.open(directory, "amal") as shop:
        discount = min(discount, (price * pieces).quantize(Decimal("0.01"), rounding="ROUND_DOWN"))
        sold = shop.sell([SaleItem("1", pieces, None, discount)])
        left, paid = pieces, Decimal(0)
        for part in [*parts, 9]:
            if left:
                paid += shop.give_back(sold.sale, [("1", min(part, left))]).total
                left = max(0, left - part)
        assert paid == -sold.total
        assert stock(shop) == [9]
    with InventoryService.open(directory, "beth") as again:
        assert again.snapshot.problems == ()
        assert again.report().total_sales == 0


@pytest.mark.parametrize("price", ["999999999999.99", "0.00", "0E-20", "-0", "1E+2", "1.5"])
def test_any_price_that_is_taken_is_read_back(
    service: InventoryService, open_shop: OpenShop, price: str
) -> None:
    service.add(Product("9", "Gold", Decimal(price), 999_999_999))
    for item in (SaleItem("9", 999_999), SaleItem(MILK, 1, Decimal(price), Decimal("-0"))):
        sold = service.sell([item])
        service.give_back(sold.sale)
    told = service.report()
    (service.directory / "inventory.txt").unlink(missing_ok=True)
    with open_shop("beth") as again:
        assert again.snapshot.problems == ()
        assert list(again.snapshot.entries) == list(service.snapshot.entries)
        assert again.report() == told


def test_sale_that_could_not_be_read_back_is_not_booked(shop_dir: Path, open_shop: OpenShop) -> None:
    """A price of 22 digits can stand in a file; the total of a thousand of it has more than a line takes."""
    shop_dir.mkdir()
    (shop_dir / "inventory.txt").write_text(f"id,name,price,quantity\n1,Gold,{'9' * 22},1000\n2,Tin,1,1\n")
    with open_shop() as shop:
        with pytest.raises(Invalid, match="read back"):
            shop.sell([("2", 1), ("1", 1000)])
        assert stock(shop) == [1000, 1]
        assert shop.sell([("1", 1)]).entry == 2
    with open_shop() as again:
        assert again.snapshot.problems == ()
        assert stock(again) == [999, 1]
