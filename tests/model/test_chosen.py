"""Rows that are found and put in order without being made, and patched as the shelf changes."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from itertools import islice

import pytest

from tests.model.counted import CATEGORIES, CountedRows, product
from tracker_tui.model import text_index
from tracker_tui.model.chosen import Chosen, all_rows
from tracker_tui.model.finding import product_index
from tracker_tui.model.goods import PRODUCT_SORTS, Goods, product_text, stocks
from tracker_tui.model.records import Product, Settings
from tracker_tui.model.rules import is_low
from tracker_tui.model.shelf import OpenShelf, Shelf
from tracker_tui.model.table_rows import TEXT_END
from tracker_tui.model.text import folded
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.storage.table import read_table

SETTINGS = Settings(low_stock=2)
QUESTIONS = ("", "milk", "t", "bread 1", "ÄHRE", "air", "nothing of the kind")


def ids(rows: Sequence[Product]) -> list[str]:
    return [row.id for row in rows]


def having(products: Sequence[Product], typed: str) -> list[Product]:
    words = folded(typed).split()
    return [p for p in products if all(word in folded(product_text(p)) for word in words)]


def in_order(products: Sequence[Product], column: str, *, reverse: bool) -> list[str]:
    return ids(sorted(products, key=PRODUCT_SORTS[column].of, reverse=reverse))


def check_all(shelf: Shelf[Product], indexes: dict[str, object], column: str, *, reverse: bool) -> None:
    """Compare all that can be asked with what looking at each row gives."""
    products = [shelf[key] for key in shelf]
    goods = Goods(shelf)
    assert ids(goods.all_products()) == ids(products)
    for typed in QUESTIONS:
        index = indexes.setdefault(typed, product_index())
        index.update(shelf)  # type: ignore[attr-defined]
        found = index.matching(typed)  # type: ignore[attr-defined]
        wanted = having(products, typed)
        assert ids(found) == ids(wanted), typed
        ordered = found.sorted_by(column, reverse=reverse)
        assert ids(ordered) == in_order(wanted, column, reverse=reverse), (typed, column, reverse)
        for at, row in enumerate(ordered):
            assert ordered.key_at(at) == row.id
            assert ordered.position(row.id) == at
    there = {name for p in products for name in p.categories}
    assert list(goods.sizes) == sorted(there)
    for name in there:
        assert goods.sizes[name] == len(goods.categories[name])
    for every in (False, True):
        both = {"air", "dairy"}
        wanted = [p for p in products if (both <= p.categories if every else both & p.categories)]
        assert ids(goods.in_categories(both, every=every)) == ids(wanted)
    low = sorted((p for p in products if is_low(p, SETTINGS)), key=lambda p: (p.quantity, folded(p.name)))
    assert ids(goods.low_stock(SETTINGS)) == ids(low)
    assert stocks(goods.low_stock(SETTINGS)) == stocks(low)
    assert ids(Chosen(shelf, goods._low_places(SETTINGS.low_stock, many=1))) == ids(low)
    for settings in (SETTINGS, Settings()):
        wanted = [p for p in products if is_low(p, settings)]
        assert ids(goods.low_by_place(settings)) == ids(wanted)
    least = min((p.quantity for p in products), default=0)
    assert ids(goods.lowest_stock()) == ids([p for p in products if p.quantity == least])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", [0, 1, 160])
def test_answers_are_those_of_looking_at_each_row(seed: int, size: int) -> None:
    chance = random.Random(seed)
    shelf = OpenShelf(CountedRows([product(number) for number in range(size)], stretch=50))
    indexes: dict[str, object] = {}
    for _ in range(8):
        column, reverse = chance.choice(list(PRODUCT_SORTS)), chance.random() < 0.5
        check_all(shelf.frozen(), indexes, column, reverse=reverse)
        for _ in range(chance.choice([0, 1, 3, 40])):
            key = chance.choice([*shelf, "new 1", "new 2", "9000"])
            known = shelf.get(key)
            if known is None:
                shelf[key] = product(chance.randrange(9999))._replace(id=key)
            elif chance.random() < 0.3:
                del shelf[key]
            else:
                shelf[key] = known._replace(
                    name=chance.choice(["Milk", "tea ß", known.name]),
                    price=Decimal(chance.randrange(9)),
                    quantity=chance.randrange(-2, 9),
                    categories=frozenset(chance.sample(CATEGORIES, 2)),
                )


def test_an_older_shelf_can_still_be_asked() -> None:
    shelf = OpenShelf(CountedRows([product(number) for number in range(50)]))
    before = shelf.frozen()
    shelf["7"] = shelf["7"]._replace(name="aaa", quantity=-5)
    del shelf["8"]
    after = shelf.frozen()
    indexes: dict[str, object] = {}
    for there in (before, after, before):
        check_all(there, indexes, "name", reverse=False)


def test_one_sale_does_not_make_the_other_rows() -> None:
    rows = CountedRows([product(number) for number in range(20_000)])
    shelf = OpenShelf(rows)
    found, everything = product_index(), product_index()

    def look() -> None:
        now = shelf.frozen()
        goods = Goods(now)
        for index, typed in ((found, "milk"), (everything, "")):
            index.update(now)
            chosen = index.matching(typed)
            for column in PRODUCT_SORTS:
                assert chosen.sorted_by(column, reverse=False).position(chosen.key_at(0)) is not None
                assert chosen.is_sorted(column, reverse=False)
        assert goods.sizes["air"] > 5_000
        assert goods.in_categories(["air"], every=False)
        assert goods.lowest_stock()
        assert goods.low_stock(SETTINGS)

    assert not all_rows(shelf.frozen(), PRODUCT_SORTS).is_sorted("name", reverse=False)
    look()
    assert rows.made < 400, "orders, matches and counts are found without making the rows"
    rows.made = 0
    for number in (3, 11_111, 19_999):
        shelf[str(number)] = shelf[str(number)]._replace(quantity=number)
        look()
    assert rows.made < 1_500, "what was found is patched"


@pytest.mark.parametrize("ahead", [0, 3, 10**6])
def test_letters_typed_one_by_one_narrow_what_was_found(ahead: int) -> None:
    shelf = OpenShelf(CountedRows([product(number) for number in range(2_000)], stretch=100)).frozen()
    products = list(shelf.values())
    index = product_index()
    index.update(shelf)
    for words in ("milk 13 tea", "13 mi", "k13", "bread x", "é"):
        for end in range(len(words) + 1):
            assert ids(index.matching(words[:end])) == ids(having(products, words[:end])), words[:end]
            deque(islice(index.get_ahead(), ahead), 0)
        index.let_go()
        for end in range(len(words), -1, -1):
            assert ids(index.matching(words[:end])) == ids(having(products, words[:end])), words[:end]


def test_texts_are_gathered_ahead_and_many_of_them_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = OpenShelf(CountedRows([product(number) for number in range(2_000)], stretch=100)).frozen()
    index = product_index()
    index.update(shelf)
    found = index.matching("t")
    assert index._hits is not None
    assert index._hits.parts is None
    assert sum(1 for _ in index.get_ahead()) == 20
    assert index._hits.parts is not None
    texts = [text for part in index._hits.parts for text in part.text.split(TEXT_END)]
    assert texts == [folded(product_text(row)) for row in found]
    index.let_go()
    assert index._hits.parts is not None, "few may stay"
    monkeypatch.setattr(text_index, "MOST_KEPT", len(found) - 1)
    index.let_go()
    assert index._hits.parts is None
    assert index.matching("t").places is found.places


def test_line_whose_id_stands_further_up_is_not_found() -> None:
    lines = [
        "id,name,price,quantity,categories",
        "1,Milk,1.00,5,dairy",
        "1,Milk again,1.00,5,dairy",
        "2,Milk,1.00,5,",
    ]
    table = read_table(INVENTORY, "\n".join([*lines, "# end of inventory\n"]).encode(), 2)
    shelf = OpenShelf(table.rows).frozen()
    index = product_index()
    index.update(shelf)
    assert ids(index.matching("milk")) == ["1", "2"]
    assert ids(index.matching("m")) == ["1", "2"]
    goods = Goods(shelf)
    assert goods.sizes == {"dairy": 1}
    assert ids(goods.in_categories(["dairy"], every=True)) == ["1"]
    for column in PRODUCT_SORTS:
        assert sorted(ids(goods.all_products().sorted_by(column, reverse=True))) == ["1", "2"]


def test_ids_are_ordered_as_people_do() -> None:
    keys = ["b", "10", "9", "A", "007", "1e3"]
    rows = CountedRows([product(number)._replace(id=key) for number, key in enumerate(keys)])
    chosen = all_rows(OpenShelf(rows).frozen(), PRODUCT_SORTS)
    assert ids(chosen.sorted_by("id", reverse=False)) == ["007", "9", "10", "1e3", "A", "b"]


def test_rows_without_an_order_of_their_own_can_be_found() -> None:
    shelf = OpenShelf(CountedRows([product(number) for number in range(10)])).frozen()
    chosen = Chosen(shelf, [4, 1, 9], PRODUCT_SORTS, None)
    assert [chosen.position(key) for key in ("4", "9", "2", "none")] == [0, 2, None, None]
    assert chosen.sorted_by("", reverse=True) is chosen
    assert ids(chosen[1:]) == ["1", "9"]
