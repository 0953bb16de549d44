"""The tables: what is the shop's own survives every save, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from unicodedata import is_normalized

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.model import Customer, Product
from tracker_tui.model.shelf import OpenShelf
from tracker_tui.storage import table_write
from tracker_tui.storage.formats import CUSTOMERS, INVENTORY
from tracker_tui.storage.marks import mark_of, marks_of
from tracker_tui.storage.table import Table, read_table
from tracker_tui.storage.table_write import splice_table, write_table

HOUSE = """\
# tracker inventory 1, as of entry 7
# our shelves: A to D
name,id,shelf,price,quantity,categories,reorder_level,barcodes,cost
Milk,001,A1,1.20,10,dairy|fresh,,4006381333931,
# next week: “oat” milk, again
this line is broken
"Bread, rye",002,,2.50,5,bakery,2,,1.10

 Tea ,003,C,4.00,8,,,,
Coffee,004,,four,8,,,,
# end of inventory
"""


def read(text: str | bytes) -> Table[Product]:
    return read_table(INVENTORY, text.encode() if isinstance(text, str) else text, 2)


def saved(text: str | bytes, rows: Mapping[str, Product] | None = None, as_of: int = 7) -> str:
    table = read(text)
    return write_table(INVENTORY, table, table.rows if rows is None else rows, as_of)[0].decode()


def test_file_that_nobody_changed_is_written_back_byte_for_byte() -> None:
    assert saved(HOUSE) == HOUSE


def test_broken_lines_are_told_with_their_number() -> None:
    assert [(p.file, p.line) for p in read(HOUSE).problems] == [("inventory.txt", 6), ("inventory.txt", 10)]
    assert "price" in read(HOUSE).problems[1].reason


def test_only_the_changed_line_changes() -> None:
    table = read(HOUSE)
    rows = {**table.rows, "001": table.rows["001"]._replace(quantity=9)}
    assert saved(HOUSE, rows, 8) == HOUSE.replace("1.20,10", "1.20,9").replace("entry 7", "entry 8")


def test_new_row_comes_last_and_a_row_that_is_gone_goes() -> None:
    table = read(HOUSE)
    rows = {key: row for key, row in table.rows.items() if key != "002"}
    rows["9"] = Product("9", "Jam", Decimal(3), 1)
    expected = HOUSE.replace('"Bread, rye",002,,2.50,5,bakery,2,,1.10\n', "")
    assert saved(HOUSE, rows) == expected.replace("# end", "Jam,9,,3,1,,,,\n# end")


def test_product_whose_line_was_spoilt_stands_before_that_line() -> None:
    table = read(HOUSE)
    coffee = Product("004", "Coffee", Decimal(4), 8)
    text = saved(HOUSE, {**table.rows, "004": coffee})
    assert "Coffee,004,,4,8,,,,\nCoffee,004,,four,8,,,,\n" in text
    again = read(text)
    assert again.rows["004"] == coffee
    assert saved(text) == text, "and stands so from then on"


@pytest.mark.parametrize(
    "form",
    [
        "id;name;price;quantity\n001;Milk;1,20;10\n",
        "\ufeffid,name,price,quantity\r\n001,Milk,1.20,10\r\n",
        "id\tname\tprice\tquantity\n001\tMilk\t1.20\t10\n",
        "quantity,price,name,id\n10,1.2,Milk,001\n",
        "id,name,price,quantity,,\n001,Milk,1.20,10,,\n",
        '"id","name","price","quantity"\n"001","Milk","1.20","10"\n',
        "id , name , price , quantity\n 001 , Milk , 1.20 , 10 \n",
        '"# tracker inventory 1, as of entry 7",,,\nid,name,price,quantity\n001,Milk,1.20,10\n# end of inventory,,,\n',
        "001,Milk,1.20,10,\n",
        "id,name,price,quantity\n001,Milk,1.20,10",
    ],
)
def test_spreadsheets_form_is_read_and_comes_back_in_the_houses(form: str) -> None:
    table = read(form)
    milk = Product("001", "Milk", Decimal("1.20"), 10)
    assert (dict(table.rows), table.problems) == ({"001": milk}, [])
    data, kept = write_table(INVENTORY, table, table.rows, 9)
    assert data.startswith(b"# tracker inventory 1, as of entry 9\n")
    assert data.endswith(b"\n# end of inventory\n")
    assert b"\r" not in data
    again = read(data)
    assert (dict(again.rows), again.problems, again.as_of, again.whole) == ({"001": milk}, [], 9, True)
    assert dict(kept.rows) == dict(again.rows)


def test_padded_first_and_last_line_still_say_what_they_say() -> None:
    table = read("# tracker inventory 1, as of entry 7,,,\nid,name,price,quantity\n# end of inventory;;\n")
    assert (table.as_of, table.whole, list(table.rows)) == (7, True, [])


def test_stray_line_above_the_header_spoils_only_itself() -> None:
    table = read(HOUSE.replace("name,id", "x\nname,id"))
    assert list(table.rows) == ["001", "002", "003"]
    assert [p.line for p in table.problems] == [3, 7, 11]


def test_lost_header_line_does_not_spoil_the_rows() -> None:
    text = "# tracker inventory 1, as of entry 7\n001,Milk,1.20,10,dairy,,,\n# end of inventory\n"
    table = read(text)
    assert (list(table.rows), table.problems) == (["001"], [])


def test_own_columns_of_one_name_are_both_kept() -> None:
    table = read("id,name,price,quantity,note,note\n1,Milk,2,3,left,right\n")
    assert dict(table.rows["1"].extra) == {"note": "left", "note 2": "right"}
    assert "twice" in table.problems[0].reason
    assert dict(read(saved("id,name,price,quantity,note,note\n1,Milk,2,3,left,right\n")).rows) == dict(
        table.rows
    )


def test_same_id_twice_counts_once_and_keeps_both_lines() -> None:
    text = "id,name,price,quantity\n1,Milk,2,3\n1,Other,9,9\n"
    assert read(text).rows["1"].name == "Milk"
    assert "twice" in read(text).problems[0].reason
    assert "1,Other,9,9\n" in saved(text)


def test_name_that_begins_with_the_mark_of_a_comment_stays_a_product() -> None:
    """Where the shop's own order has the name first, its line would be read as a comment and the product go."""
    table = read("name,id,price,quantity\nMilk,1,2,3\n")
    rows = {
        **table.rows,
        "2": Product("2", "#1 Tea", Decimal(1), 1),
        "3": Product("3", "#2, Tea", Decimal(1), 1),
    }
    again = read(write_table(INVENTORY, table, rows, 7)[0])
    assert (dict(again.rows), again.problems) == (rows, [])
    customers = {"C0001": Customer("C0001", "#Ann")}
    data = write_table(CUSTOMERS, read_table(CUSTOMERS, b"name,id\nBob,C0002\n", 2), customers, None)[0]
    assert dict(read_table(CUSTOMERS, data, 2).rows) == customers


@pytest.mark.parametrize(
    "line",
    [
        "1,Milk,2",
        "1,Milk,2,3,4,5,6,7,8,9",
        ",Milk,2,3,,,,",
        "1,,2,3,,,,",
        "1,Milk,-2,3,,,,",
        "1,Milk,2,1E+1000000,,,,",
        "1,Milk,2,３,,,,",
        "1,Milk,1e5,3,,,,",
        '1,"Milk,2,3,,,,',
        '1,"Mi\rlk",2,3,,,,',
        "1,Mi\0lk,2,3,,,,",
        "1,Milk,2,3,,x,,",
        "1,Milk,2,3,,,,NaN",
        "1," + "x" * 200_000 + ",2,3,,,,",
        "," * 300_000,
    ],
)
def test_line_that_cannot_be_understood_is_kept_word_for_word(line: str) -> None:
    head = f"# tracker inventory 1, as of entry 7\n{','.join(INVENTORY.columns)}\n"
    text = f"{head}{line}\n9,Jam,3,1,,,,\n# end of inventory\n"
    table = read(text)
    assert list(table.rows) == ["9"]
    assert [problem.line for problem in table.problems] == [3]
    assert len(table.problems[0].reason) < 200
    assert saved(text) == text


def test_line_that_is_no_utf8_is_kept_word_for_word() -> None:
    data = HOUSE.encode().replace(b"Coffee", b"Caf\xe9")
    table = read(data)
    assert write_table(INVENTORY, table, table.rows, 7)[0] == data


printable = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), max_size=6
)
parts = st.frozensets(printable.map(lambda t: t.replace("|", "").replace(",", "")).filter(bool), max_size=2)


@given(
    st.lists(
        st.builds(
            Product,
            id=printable.filter(lambda t: bool(t) and t[0] != "#"),
            name=printable.filter(bool),
            price=st.decimals(0, 10**12 - 1, places=2),
            quantity=st.integers(-(10**9), 10**9),
            categories=parts,
            reorder_level=st.integers(0, 99),
            barcodes=parts,
            cost=st.none() | st.decimals(0, 99, places=2),
            extra=st.dictionaries(st.sampled_from(["shelf", "größe", "a,b"]), printable.filter(bool)),
        ),
        unique_by=lambda product: product.id,
        max_size=3,
    )
)
def test_products_written_are_read_back(products: list[Product]) -> None:
    normal = [p for p in products if read_back(p) is not None]
    rows = {product.id: product for product in normal}
    data, kept = write_table(INVENTORY, Table(INVENTORY), rows, 5)
    again = read(data)
    assert dict(again.rows) == rows
    assert dict(kept.rows) == rows
    assert (again.as_of, again.whole, again.problems) == (5, True, [])
    assert write_table(INVENTORY, again, again.rows, 5)[0] == data


@given(
    st.lists(st.text(st.characters(exclude_characters="\n", categories=["L", "N", "P", "Cs"])), min_size=1)
)
def test_ids_have_the_same_marks_together_as_each_by_itself(ids: list[str]) -> None:
    assert marks_of(ids) == list(map(mark_of, ids))


lived_in = st.builds(
    Product,
    id=st.sampled_from(("#1", "a,b", 'q"x', "é", "001", "002", "003", "004", "005")),
    name=printable.filter(str.strip).map(str.strip),
    price=st.decimals(0, 9, places=2) | st.decimals(0, 9, places=3),
    quantity=st.integers(-1, 9),
    categories=st.frozensets(st.sampled_from(("a", "b,c", 'd"')), max_size=2),
    reorder_level=st.integers(0, 1),
    barcodes=st.frozensets(st.sampled_from(("7", "8", "c-d")), max_size=2),
    cost=st.none() | st.decimals(0, 9, places=2),
    extra=st.just({}) | st.just({}) | st.just({"shelf": "A"}),
)
TABLES = (b"", HOUSE.encode(), b"# tracker inventory 1, as of entry 7\n# end of inventory\n")
PLAIN = "".join(f"{number:03},Tea,1.2,3,,,,\n" for number in range(1, 4))
HEAD = f"# tracker inventory 1, as of entry 7\n{','.join(INVENTORY.columns)}\n"


@given(
    st.lists(lived_in, max_size=6, unique_by=lambda product: product.id),
    st.sampled_from(
        (*TABLES, f"{HEAD}{PLAIN}# end of inventory\n".encode(), f"{HEAD}# end of inventory\n".encode())
    ),
    st.sampled_from((1, 100)),
)
def test_rows_that_are_spliced_in_stand_as_if_all_were_written(
    products: list[Product], file: bytes, many: int
) -> None:
    """One by one, and many at a time."""
    table = read(file)
    shelf = OpenShelf(table.rows)
    for product in products:
        shelf[product.id] = product
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_write, "_MANY", many)
        patch.setattr(table_write, "_TOGETHER", 2)
        data = splice_table(INVENTORY, table, shelf, 9)
    if data is not None:
        assert data == write_table(INVENTORY, table, shelf, 9)[0]
    elif file == b"":
        assert any(product.extra or product.id == "#1" for product in products)


def read_back(product: Product) -> Product | None:
    """Return a product if its texts are composed (NFC), as all are that come in by the service."""
    texts = (product.id, product.name, *product.categories)
    return product if all(is_normalized("NFC", text) for text in texts) else None


@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from(HOUSE.encode().splitlines(keepends=True))).map(b"".join)
)
def test_no_file_is_too_odd_to_be_read_and_written(data: bytes) -> None:
    table = read(data)
    first, kept = write_table(INVENTORY, table, table.rows, 3)
    again = read(first)
    assert dict(table.rows) == dict(kept.rows)
    assert dict(table.rows).items() <= dict(again.rows).items()
    assert write_table(INVENTORY, again, again.rows, 3)[0] == first
    broken = (line for line in table.rows.others.values() if line.problem)
    for problem, line in zip(table.problems, broken, strict=False):
        assert problem.reason
        assert line.raw.rstrip(b"\r") in first
