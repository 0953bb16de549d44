"""Questions about a snapshot."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.model import Customer, Entry, Product, Purchase, SaleLine, Snapshot, people, queries
from tracker_tui.model.chosen import Chosen
from tracker_tui.model.goods import Goods, product_text, stocks
from tracker_tui.model.ledger import Ledger
from tracker_tui.model.queries import (
    bought_by_customer,
    categories_like,
    customers_named,
    find_product,
    in_categories,
    part_of_line,
    purchases_of,
    report,
    still_with_customer,
)
from tracker_tui.model.records import Settings
from tracker_tui.model.shelf import OpenShelf, Shelf
from tracker_tui.model.sums import no_turn
from tracker_tui.model.table_rows import NoRows
from tracker_tui.model.text_index import TextIndex
from tracker_tui.storage import rows
from tracker_tui.storage.formats import CUSTOMERS
from tracker_tui.storage.rows import TableRows
from tracker_tui.storage.table import read_table


def product(product_id: str, name: str, quantity: int, *categories: str, code: str = "") -> Product:
    codes = frozenset({code} if code else ())
    return Product(product_id, name, Decimal(2), quantity, frozenset(categories), barcodes=codes)


PRODUCTS = {
    p.id: p
    for p in (
        product("1", "Fresh Milk", 5, "dairy", "fresh", code="77"),
        product("2", "Bread", 5, "bakery", "fresh"),
        product("3", "Crème", 9, "dairy", code="1"),
    )
}


def line(quantity: int, price: str = "2.00", discount: str = "0", product_id: str = "1") -> SaleLine:
    total = Decimal(price) * quantity - Decimal(discount)
    return SaleLine(product_id, "x", quantity, Decimal(price), Decimal(discount), total)


def sale(
    entry: int, *lines: SaleLine, day: int = 1, who: str = "", returns: str = "", own: str = ""
) -> Purchase:
    time = datetime(2026, 3, day, 12, tzinfo=UTC)
    name = f"name of {who}" if who else ""
    return Purchase(entry, "amal", own or f"s{entry}", who, name, lines, "cash", returns, "", time)


def shop(*entries: Purchase, customers: dict[str, Customer] | None = None) -> Snapshot:
    return Snapshot(products=PRODUCTS, entries=entries, customers=customers or {})


def test_search_finds_every_word_in_any_order_and_case() -> None:
    index = TextIndex(product_text)
    index.update(PRODUCTS)
    assert [p.id for p in index.matching("MILK fre")] == ["1"]
    assert [p.id for p in index.matching("fresh")] == ["1", "2"]
    assert [p.id for p in index.matching("cre\u0300me")] == ["3"]
    assert [p.id for p in index.matching("77")] == ["1"]
    assert index.matching("milk bread") == []
    assert len(index.matching("  ")) == 3


def test_search_follows_a_changed_row() -> None:
    index = TextIndex(product_text)
    index.update(PRODUCTS)
    index.update({**PRODUCTS, "2": PRODUCTS["2"]._replace(name="Rolls")})
    assert index.matching("bread") == []
    assert [p.id for p in index.matching("rolls")] == ["2"]
    index.update({"3": PRODUCTS["3"]})
    assert index.matching("rolls") == []


def test_barcode_comes_before_id() -> None:
    assert find_product(shop(), "77") == PRODUCTS["1"]
    assert find_product(shop(), "1") == PRODUCTS["3"], "“1” is the barcode of 3"
    assert find_product(shop(), "2") == PRODUCTS["2"]
    assert find_product(shop(), "none") is None


def test_categories_are_found_by_part_of_their_name() -> None:
    assert categories_like(shop(), "air") == ("dairy",)
    assert categories_like(shop(), "") == ("bakery", "dairy", "fresh")


@pytest.mark.parametrize(
    ("chosen", "every", "ids"),
    [
        (["dairy", "fresh"], True, ["1"]),
        (["dairy", "fresh"], False, ["1", "2", "3"]),
        (["dairy", "nothing"], True, []),
        (["dairy", "nothing"], False, ["1", "3"]),
        ([], True, ["1", "2", "3"]),
        ([], False, ["1", "2", "3"]),
    ],
)
def test_products_in_all_or_any_categories(chosen: list[str], every: bool, ids: list[str]) -> None:  # noqa: FBT001
    assert [p.id for p in in_categories(shop(), chosen, every=every)] == ids


def test_lowest_stock_gives_every_tie() -> None:
    assert [p.id for p in Goods(Shelf(changes=PRODUCTS)).lowest_stock()] == ["1", "2"]
    assert Goods(Shelf()).lowest_stock() == ()


def test_report_counts_what_is_low_before_it_puts_it_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [product("1", "Tea", 4), product("2", "Milk", 6), product("3", "Rye", 0), product("4", "bread", 4)]
    stock = {row.id: row._replace(reorder_level=5) for row in rows}
    ordered: list[object] = []
    in_order = Goods.low_stock

    def low_stock(goods: Goods, settings: Settings) -> Chosen[Product]:
        ordered.append(goods)
        return in_order(goods, settings)

    monkeypatch.setattr(Goods, "low_stock", low_stock)
    low = report(Snapshot(products=stock)).low_stock
    assert len(low) == 3
    assert not ordered
    assert [row.id for row in low] == ["3", "4", "1"]
    assert [row.id for row in stocks(low)] == ["3", "4", "1"]
    assert (low[0].id, [row.id for row in low[1:]], stock["4"] in low) == ("3", ["4", "1"], True)
    assert low == [stock["3"], stock["4"], stock["1"]]
    assert low != [stock["3"], stock["4"]]
    assert len(ordered) == 1


def test_report_of_an_empty_shop_is_all_zeros() -> None:
    empty = report(Snapshot())
    assert (empty.customers, empty.purchases, empty.units, empty.total_sales) == (0, 0, 0, Decimal(0))
    assert empty.lowest_stock == ()


def test_report_takes_returns_off_and_leaves_undone_entries_out() -> None:
    told = report(
        shop(
            sale(1, line(5), who="C0001"),
            sale(2, line(-2), returns="s1", who="C0001"),
            sale(3, line(9), who="C0002"),
            sale(4, line(-9), own="undo-3", returns="s3", who="C0002"),
            sale(5, line(1)),
        )
    )
    assert (told.purchases, told.returns, told.units, told.total_sales) == (2, 1, 4, Decimal(8))
    assert (told.customers, told.customer_names) == (1, ("name of C0001",))


class CountedCustomers(NoRows[Customer]):
    """Some customers in a file; `made` is how many rows were made."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self.length = len(names)
        self.places: Sequence[int] = range(len(names))
        self.made = 0

    def row(self, place: int) -> Customer | None:
        if place >= self.length:
            return None
        self.made += 1
        return Customer(self.key(place), self._names[place])

    def key(self, place: int) -> str:
        return f"C{place}"

    def place(self, key: str) -> int | None:
        return int(key[1:]) if key[0] == "C" and int(key[1:]) < self.length else None


def test_report_looks_a_name_up_once_until_it_changes() -> None:
    rows = CountedCustomers(["Ada", "Bo", "Kim"])
    shelf = OpenShelf(rows)
    sales = [sale(number, line(1), who=who) for number, who in enumerate(("C0", "C2", "C9"), 1)]

    def names() -> Sequence[str]:
        return report(Snapshot(products=PRODUCTS, customers=shelf.frozen(), entries=sales)).customer_names

    assert names() == names() == ("Ada", "Kim", "name of C9")
    assert rows.made == 2
    shelf["C2"] = Customer("C2", "Zoë")
    shelf["C9"] = Customer("C9", "Back")
    assert names() == ("Ada", "Back", "Zoë")
    assert rows.made < 5
    del shelf["C0"]
    assert names() == ("Back", "name of C0", "Zoë"), "as on the sale"


def taken_together(rows: TableRows[Customer]) -> list[tuple[str, str]]:
    return [pair for _, *part in rows.named_parts() for pair in zip(*part, strict=True)]


def test_report_takes_many_names_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "_MANY_PEOPLE", 2)
    text = 'id,name,phone,email,note\nC0,Ada,,,\nC1,"Bo, Dr.",,,\nC2, Zoe\u0308 ,,,\nC3,Kim,,,\n'
    table = read_table(CUSTOMERS, text.encode(), 2)
    shelf = OpenShelf(table.rows)
    shelf["C3"] = Customer("C3", "Kay")
    del shelf["C0"]
    sales = [sale(n + 1, line(1), who=f"C{n}") for n in range(5)]
    told = report(Snapshot(products=PRODUCTS, customers=shelf.frozen(), entries=sales))
    assert told.customer_names == ("Bo, Dr.", "Kay", "name of C0", "name of C4", "Zoë")
    assert taken_together(table.rows) == [(key, row.name) for key, row in table.rows.items()]


@pytest.mark.parametrize(
    "text",
    [
        "id,name,phone,email,note\nC0,Ada,,,\n# kept\nC1, Zoë ,1,,\nC2,\N{NO-BREAK SPACE}Kim,,,\n",
        "id,name,phone,email,note\nC0,Ada,,,\nC1,Zoe\u0308,,,\n",
        'id,name,phone,email,note\nC0,Ada,,,\nC1,"Kim, Dr.",,,\n',
        'id,name,phone,email,note\nC0,"Ada ""A"", Dr. ",,,\n"C1" ," Kim ",,,\nC2,Zoë,"1, 2",,',
        'id,name,phone,email,note\r\nC0,"Ada",,,\r\n C1 ,Kim,,,"x"\r\n',
        'id,name,phone,email,note\nC0,Ada,,,\nC1,"Zoe\u0308",,,\n',
        "name,id\nAda,C0\n",
        "id,name\nC0,Ada\n",
    ],
)
def test_names_taken_together_are_those_of_the_rows(text: str) -> None:
    rows = read_table(CUSTOMERS, text.encode(), 2).rows
    assert taken_together(rows) == [(key, row.name) for key, row in rows.items()] != []
    assert rows.named(list(rows.places)[1:]) == [(row.id, row.name) for row in rows.values()][1:]
    assert rows.named([]) == []


_PARTS = st.text(st.sampled_from('a ,"\t\r\N{NO-BREAK SPACE}ëe\u0308\n#\x00'), max_size=5)


@given(st.lists(st.tuples(_PARTS, _PARTS, _PARTS)), st.sampled_from(["", "\n"]), st.integers(1, 9))
def test_names_taken_together_are_those_of_the_rows_of_any_file(
    lines: list[tuple[str, str, str]], end: str, each: int
) -> None:
    text = "id,name,note\n" + "\n".join(map(",".join, lines)) + end
    rows = read_table(CUSTOMERS, text.encode(), 2).rows
    some = rows.places[::each]
    assert rows.named(some) == [(row.id, row.name) for place in some if (row := rows.row(place))]
    assert dict(taken_together(rows)) == {key: row.name for key, row in rows.items()}


@pytest.mark.parametrize("seed", range(30))
def test_the_report_names_the_same_people_whether_they_are_few_or_many(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(seed)
    names = ["Ann", "Bo", '"Kim, Dr."', "Zoë", "Zoe\u0308", " Ann ", "\N{NO-BREAK SPACE}Bo", ""]
    ids = [f"C{number}" for number in range(12)]
    lines = [f"{dice.choice([' ', ''])}{key},{dice.choice(names)},,,x" for key in dice.sample(ids, 9)]
    odd = ["# kept", "C3", "C4,Twice,,,", '"C5,', "", "C6,\0,,,"]
    lines = [line for line in lines for line in (line, *dice.choices(odd, k=dice.randrange(2)))]
    data = "\n".join(["id,name,phone,email,note", *lines]).encode()
    table = read_table(CUSTOMERS, data.replace(b"Bo,,,x", b"\xff,,,x") if dice.random() < 0.3 else data, 2)
    shelf = OpenShelf(table.rows)
    for key in dice.sample(ids, 4):
        if key in shelf and dice.random() < 0.5:
            del shelf[key]
        else:
            shelf[key] = Customer(key, dice.choice(["Ann", "Kay"]))
    sales = [
        sale(at + 1, line(1), who=who)
        for at, who in enumerate(dice.sample([*ids, *"?!"], dice.randrange(12)))
    ]
    snapshot = Snapshot(products=PRODUCTS, customers=shelf.frozen(), entries=sales)
    looked_up = queries._report(snapshot, None, None)
    monkeypatch.setattr(people, "_MANY_PEOPLE", -1)
    monkeypatch.setattr(rows, "_PART", dice.choice([1, 3, 50]))
    shelf.trail.kept.clear()
    assert queries._report(snapshot, None, None) == looked_up
    assert dict(taken_together(table.rows)) == {key: row.name for key, row in table.rows.items()}
    shelf.trail.kept.clear()
    queries.sum_ahead(snapshot, no_turn)
    assert report(snapshot) is report(snapshot)
    assert report(snapshot) == looked_up


def test_a_report_summed_ahead_is_not_that_of_a_shop_that_has_changed() -> None:
    shelf, people = OpenShelf(changes=PRODUCTS), OpenShelf(changes={"C1": Customer("C1", "Ann")})
    shop = Snapshot(products=shelf.frozen(), customers=people.frozen(), entries=[sale(1, line(1), who="C1")])
    queries.sum_ahead(shop, no_turn)
    assert (report(shop).purchases, report(shop).customer_names) == (1, ("Ann",))
    people["C2"] = Customer("C2", "Bo")
    sold = shop.with_fields(
        customers=people.frozen(), entries=[sale(1, line(1), who="C1"), sale(2, line(2), who="C2")]
    )
    assert (report(sold).purchases, report(sold).customers, report(sold).units) == (2, 2, 3)
    assert report(sold).customer_names == ("Ann", "Bo")
    queries.sum_ahead(shop, no_turn)
    assert report(sold).purchases == 2, "what somebody asked for since is not overwritten"


def test_names_are_read_beside_a_line_that_is_no_text() -> None:
    data = b"id,name,phone,email,note\nC0,Ada,,,\nC1,\xff,,,\n"
    assert taken_together(read_table(CUSTOMERS, data, 2).rows) == [("C0", "Ada")]


def test_report_counts_an_entry_again_whose_undo_was_undone() -> None:
    told = report(shop(sale(1, line(5)), sale(2, line(-5), own="undo-1"), sale(3, line(5), own="undo-2")))
    assert (told.purchases, told.units) == (1, 5)


def test_report_of_a_span_holds_both_its_days() -> None:
    all_days = shop(*(sale(n, line(n), day=n) for n in range(1, 6)))
    assert report(all_days, date(2026, 3, 2), date(2026, 3, 4)).units == 2 + 3 + 4
    assert report(all_days, date(2026, 3, 4)).units == 9
    assert report(all_days, None, date(2026, 3, 1)).units == 1


def test_two_customers_of_one_name_are_two_people_with_one_name() -> None:
    people = {"C1": Customer("C1", "Ann"), "C2": Customer("C2", "Ann")}
    told = report(shop(sale(1, line(1), who="C1"), sale(2, line(1), who="C2"), customers=people))
    assert (told.customers, told.customer_names) == (2, ("Ann",))


def test_customer_is_found_by_the_whole_name_without_case() -> None:
    people = {"C1": Customer("C1", "Ann"), "C2": Customer("C2", "ANN "), "C3": Customer("C3", "Anna")}
    assert [who.id for who in customers_named(people, " ann")] == ["C1"]
    assert [who.id for who in customers_named({**people, "C2": Customer("C2", "ANN")}, "ann")] == ["C1", "C2"]


def test_bought_is_told_by_customer() -> None:
    told = bought_by_customer(
        shop(
            sale(1, line(5), who="C1", day=1),
            sale(2, line(-2), returns="s1", who="C1", day=3),
            sale(3, line(1)),
        )
    )
    assert set(told) == {"C1"}
    assert told["C1"][:3] == (1, 3, Decimal(6))
    assert told["C1"].last == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_purchases_of_a_customer_come_newest_first() -> None:
    found = purchases_of(shop(sale(1, line(1), who="C1"), sale(2, line(1), who="C1"), sale(3, line(1))), "C1")
    assert [purchase.entry for purchase in found] == [2, 1]


def test_what_came_back_is_no_longer_with_the_customer() -> None:
    first = sale(1, line(5), line(2, product_id="2"))
    left = still_with_customer(shop(first, sale(2, line(-2), returns="s1")), first)
    assert [(part.product_id, part.quantity, part.total) for part in left] == [
        ("1", 3, Decimal(6)),
        ("2", 2, Decimal(4)),
    ]
    assert (
        still_with_customer(shop(first, sale(2, line(-5), line(-2, product_id="2"), returns="s1")), first)
        == []
    )


def test_return_that_was_undone_is_with_the_customer_again() -> None:
    first = sale(1, line(5))
    entries = (first, sale(2, line(-5), returns="s1"), sale(3, line(5), own="undo-2"))
    assert still_with_customer(shop(*entries), first) == list(first.lines)


def test_part_of_a_line_has_its_share_of_the_discount() -> None:
    assert part_of_line(line(4, discount="1.00"), 1, 2)[2:] == (
        1,
        Decimal("2.00"),
        Decimal("0.25"),
        Decimal("1.75"),
    )
    third = part_of_line(
        line(1, price="0.125", discount="0")._replace(quantity=3, total=Decimal("0.38")), 1, 2
    )
    assert third.total == Decimal("0.13"), "rounded as the files check it: half up"


def test_view_of_the_entries_does_not_grow_with_the_list() -> None:
    entries: list[Entry] = [sale(1, line(1)), sale(2, line(1))]
    view = Ledger(list(entries))
    grown = Ledger(entries)
    entries.append(sale(3, line(1)))
    assert len(grown) == len(view) == 2
    assert [e.entry for e in grown] == [1, 2]
    assert grown[-1].entry == 2
    assert [e.entry for e in grown[::-1]] == [2, 1]
    with pytest.raises(IndexError):
        grown[2]


def test_entry_is_found_by_its_number_also_where_numbers_are_missing() -> None:
    some = shop(sale(2, line(1)), sale(5, line(1)), sale(9, line(1)))
    found = {n: entry.entry for n in range(12) if (entry := some.find(n))}
    assert found == {2: 2, 5: 5, 9: 9}


def test_the_report_of_all_days_is_kept_until_something_changes() -> None:
    shelf = OpenShelf(changes=PRODUCTS)
    shop = Snapshot(products=shelf.frozen(), entries=[sale(1, line(1))])
    told = report(shop)
    assert report(shop) is told
    assert report(shop, date(2026, 1, 1)) is not told
    sold = Snapshot(products=shelf.frozen(), entries=[sale(1, line(1)), sale(2, line(1))])
    assert report(sold).purchases == 2
    key, first = next(iter(shelf.items()))
    shelf[key] = first._replace(quantity=-7)
    changed = sold.with_fields(products=shelf.frozen())
    assert [row.id for row in report(changed).lowest_stock] == [key]
    assert report(shop) == told
    other = changed.with_fields(settings=Settings(low_stock=10**6))
    assert len(report(other).low_stock) == len(PRODUCTS)
    named = changed.with_fields(customers={"C1": Customer("C1", "Another")})
    assert report(named) is not report(other)
