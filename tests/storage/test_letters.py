"""Which rows hold a letter, and the order of the names: what is kept of them changes no answer."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from tests.storage.test_known_rows import flipped, just, known, opened
from tracker_tui.model.finding import product_index
from tracker_tui.model.goods import product_text
from tracker_tui.model.places import BitPlaces
from tracker_tui.model.records import Product
from tracker_tui.model.shelf import OpenShelf
from tracker_tui.model.table_rows import TEXT_END, Texts
from tracker_tui.model.text import folded
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.storage.knowledge import knowledge_of
from tracker_tui.storage.known_rows import KnownRows
from tracker_tui.storage.letters import COMMON, EACH, letters_in
from tracker_tui.storage.table import Table, read_table

LETTERS = "aAbeéE\u0301sßİı’'“\"1 ,|-ﬃ字🍞"
"""Some that folding changes or makes two of, some that people see as one and are not, some that are rare."""
names = st.text(LETTERS, min_size=1, max_size=6)
queries = st.text(LETTERS, max_size=3)
typing = st.text(LETTERS, max_size=5).map(lambda text: [text[:end] for end in range(1, len(text) + 1)])


def inventory(products: Sequence[tuple[str, str]], remark: int = 0) -> bytes:
    """Return the file of some products, given by id and name; a remark stands behind so many lines."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["id", "name", "price", "quantity", "categories", "reorder_level", "barcodes", "cost"])
    for key, name in products:
        writer.writerow([key, f"x{name}", "1.00", 5, "dairy" if "a" in name else "", "", "", ""])
    lines = file.getvalue().splitlines(keepends=True)
    lines[remark:remark] = ["# ours\n"] if remark else []
    return "".join([*lines, "# end of inventory\n"]).encode()


def with_what_was_known(before: bytes, now: bytes) -> Table[Product]:
    earlier = known(INVENTORY, read_table(INVENTORY, before, 2))
    return read_table(INVENTORY, now, 2, partial(just, earlier))


def holding(stretch: Texts, letter: str) -> int:
    """Return what `rows_with` gives, by a look at each row."""
    return sum(1 << at for at, text in enumerate(stretch.text.split(TEXT_END)) if letter in text)


@given(st.lists(names, min_size=1, max_size=30), st.integers(1, 12), st.data())
def test_search_and_order_are_the_same_with_what_is_known_as_without(
    some: list[str], times: int, data: st.DataObject
) -> None:
    before = [(str(1000 + at), name) for at, name in enumerate(some * times)]
    now, changes = (
        list(before),
        data.draw(st.dictionaries(st.integers(0, len(before) - 1), names, max_size=4)),
    )
    for at, name in changes.items():
        now[at] = before[at][0], name
    remark = data.draw(st.integers(1, len(now)))
    table = with_what_was_known(inventory(before), inventory(now, remark))
    open_shelf = OpenShelf(table.rows)
    for at, name in data.draw(st.dictionaries(st.integers(0, 400), names, max_size=4)).items():
        key = str(1000 + at)
        product = open_shelf.get(key)
        if product is None:
            open_shelf[key] = Product(key, name, Decimal(1), 1, frozenset())
        elif at % 3:
            open_shelf[key] = product._replace(name=name)
        else:
            del open_shelf[key]
    shelf, index = open_shelf.frozen(), product_index()
    index.update(shelf)
    texts = {key: folded(product_text(product)) for key, product in shelf.items()}
    for typed in data.draw(st.lists(queries, min_size=1, max_size=5) | typing):
        words = folded(typed).split()
        wanted = [key for key, text in texts.items() if all(word in text for word in words)]
        found = index.matching(typed)
        assert len(found) == len(wanted), typed
        assert [found.key_at(at) for at in range(len(found))] == wanted, typed
        assert found.key_at(-1) == wanted[-1] if wanted else not found
        deque(islice(index.get_ahead(), data.draw(st.sampled_from([0, 1, 99]))), 0)
    for reverse in (False, True):
        ordered = index.matching("").sorted_by("name", reverse=reverse)
        wanted = sorted(shelf, key=lambda key: folded(shelf[key].name), reverse=reverse)
        assert [ordered.key_at(at) for at in range(len(ordered))] == wanted


def test_white_space_around_a_name_changes_no_order() -> None:
    products = [(str(1000 + at), name) for at, name in enumerate(["1", "", " ", "1"] * 40)]
    for remark in (0, 65):
        shelf, index = (
            OpenShelf(read_table(INVENTORY, inventory(products, remark), 2).rows).frozen(),
            product_index(),
        )
        index.update(shelf)
        wanted = sorted(shelf, key=lambda key: folded(shelf[key].name))
        assert [product.id for product in index.matching("").sorted_by("name", reverse=False)] == wanted


def test_known_rows_tell_which_hold_a_letter_also_where_they_moved() -> None:
    before = [(str(n), ("Käse", "Tea", "“Oat”", "brød")[n % 4]) for n in range(700)]
    now = [*before[:100], ("9999", "new"), *before[130:]]
    rows = with_what_was_known(inventory(before), inventory(now, 333)).rows
    told = 0
    for stretch in rows.texts:
        for letter in 'käsetabrød"7|':
            bits = stretch.rows_with(letter)
            assert bits in (None, holding(stretch, letter)), (stretch.start, letter)
            told += bits is not None
    assert told > len(rows.texts) * 4


def test_rare_letters_and_what_is_no_part_of_a_word_are_not_kept() -> None:
    texts = ["tea\nx y"] * (COMMON * 3) + ["tea \ud83c\udf5e", "q"] * 2
    pieces = [texts[at : at + EACH] for at in range(0, len(texts), EACH)]
    assert set(letters_in(pieces)) == set("teaxy")
    assert letters_in([]) == {}


def test_spoilt_letters_are_not_believed() -> None:
    table = read_table(INVENTORY, inventory([(str(n), "tea") for n in range(300)]), 2)
    file = knowledge_of(INVENTORY, table)
    end = len(file) - 4 * table.rows.length  # the order of the names
    for spoilt in (flipped(file, end - 1), file[: end - 1]):
        earlier = opened(table, spoilt)
        again = read_table(INVENTORY, table.rows.data, 2, partial(just, earlier))
        of_letters = [[stretch.rows_with(letter) for letter in "teax"] for stretch in again.rows.texts]
        unspoilt = [[holding(stretch, letter) for letter in "teax"] for stretch in again.rows.texts]
        differ = {
            (was, now)
            for all_was, all_now in zip(unspoilt, of_letters, strict=True)
            for was, now in zip(all_was, all_now, strict=True)
            if was != now
        }
        assert all(now is None for _, now in differ)
        index = product_index()
        index.update(OpenShelf(again.rows).frozen())
        for letter in "teax012349":
            wanted = [key for key, product in again.rows.items() if letter in product_text(product)]
            assert [product.id for product in index.matching(letter)] == wanted


def test_first_letter_is_answered_without_a_look_at_the_texts() -> None:
    data = inventory([(str(n), "tea" if n % 3 else "milk") for n in range(900)])
    before = read_table(INVENTORY, data, 2)
    file, read = knowledge_of(INVENTORY, before), list[int]()
    texts_begin = file.index(folded("0\nxmilk").encode())

    def read_at(at: int, size: int) -> bytes:
        read.append(at)
        return file[at : at + size]

    earlier = KnownRows(read_at, lambda raw: before.text_of(before.decode(raw)))
    index = product_index()
    index.update(OpenShelf(read_table(INVENTORY, data, 2, partial(just, earlier)).rows).frozen())
    read.clear()
    assert len(index.matching("m")) == 300
    assert len(read) == 1
    assert read[0] > texts_begin + sum(len(stretch.text) for stretch in before.rows.texts) - 100


@given(
    st.sets(st.integers(0, 9000)), st.sets(st.integers(0, 9000), max_size=9), st.sets(st.integers(0, 9100))
)
def test_bits_are_places(places: set[int], out: set[int], into: set[int]) -> None:
    held = BitPlaces(sum(1 << place for place in places))
    for wanted, found in ((places, held), (places - out | into, held.changed(out, into))):
        ordered = sorted(wanted)
        assert len(found) == len(ordered)
        assert [found[at] for at in range(len(ordered))] == ordered
        assert list(found) == ordered
        assert list(found[1:-1]) == ordered[1:-1]
        assert [place in found for place in range(-1, 40)] == [place in wanted for place in range(-1, 40)]
