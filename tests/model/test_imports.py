"""What an import of somebody's table would do to the shop."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType

import pytest

from tracker_tui.errors import Invalid
from tracker_tui.model import Product, Snapshot
from tracker_tui.model.goods import Barcodes
from tracker_tui.model.import_tables import read_rows
from tracker_tui.model.imports import ImportPlan, plan_import

MILK = Product(
    "M01",
    "Milk",
    Decimal("1.20"),
    10,
    frozenset({"dairy", "fresh"}),
    3,
    frozenset({"4001"}),
    Decimal("0.80"),
    MappingProxyType({"shelf": "A3"}),
)
BREAD = Product("B01", "Bread", Decimal("2.50"), 5, frozenset({"bakery"}), barcodes=frozenset({"4002"}))
SHOP = Snapshot(products=MappingProxyType({"M01": MILK, "B01": BREAD}))


def plan(text: str) -> ImportPlan:
    """Plan the import of a table."""
    header, rows = read_rows(text)
    return plan_import(header, rows, SHOP)


def test_a_new_product_takes_every_column() -> None:
    found = plan(
        "id,name,price,quantity,categories,reorder_level,barcodes,cost\nT01,Tea,4.00,8,drinks|hot,2,4003|4004,2.50\n"
    )
    assert found.new == (
        Product(
            "T01",
            "Tea",
            Decimal("4.00"),
            8,
            frozenset({"drinks", "hot"}),
            2,
            frozenset({"4003", "4004"}),
            Decimal("2.50"),
        ),
    )


@pytest.mark.parametrize(
    "header",
    [
        "id,name,price,quantity,categories",
        "SKU,Product Name,Unit Price,Qty,Category",
        "sku,title,Sale-Price,stock,GROUP",
        "Stock Code,Description,unit_price,On Hand,department",
        "\ufeffid,name,price,quantity,categories".removeprefix("\ufeff"),
    ],
)
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_columns_go_by_the_names_people_use(header: str, mark: str) -> None:
    found = plan(f"{header}\nT01,Tea,4.00,8,drinks\n".replace(",", mark))
    assert [(p.id, p.name, p.price, p.quantity, p.categories) for p in found.new] == [
        ("T01", "Tea", Decimal("4.00"), 8, frozenset({"drinks"}))
    ]
    assert found.left_out == ()


def test_the_contracts_own_name_goes_before_an_alias() -> None:
    found = plan("id,description,name,price\nT01,A tea from afar,Tea,4\n")
    assert found.new[0].name == "Tea"
    assert found.left_out == ("description",)


def test_only_the_columns_that_are_there_change() -> None:
    found = plan("id,price\nM01,1.30\n")
    assert found.changed == (MILK._replace(price=Decimal("1.30")),)


def test_a_row_that_is_so_already_is_unchanged() -> None:
    found = plan('id,name,price\nM01,Milk,1.2\nB01,Bread,"2,50"\n')
    assert (found.new, found.changed, found.unchanged, found.refused) == ((), (), ("M01", "B01"), ())


def test_an_empty_cell_leaves_name_price_and_quantity_and_empties_the_rest() -> None:
    found = plan("id,name,price,quantity,categories,reorder_level,barcodes,cost\nM01,,,,,,,\n")
    emptied = MILK._replace(categories=frozenset(), reorder_level=0, barcodes=frozenset(), cost=None)
    assert found.changed == (emptied,)


def test_a_column_of_the_shops_own_is_taken_and_others_are_named() -> None:
    found = plan("id,shelf,colour\nM01,B7,white\nB01,,brown\n")
    assert dict(found.changed[0].extra) == {"shelf": "B7"}
    assert found.unchanged == ("B01",)
    assert found.left_out == ("colour",)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("T01,,4,1,", "name: must not be empty"),
        ("T01,Tea,,1,", "price: type an amount"),
        ("T01,Tea,x,1,", "price: “x” is no amount"),
        ('T01,Tea,"1,500",1,', "can be read in two ways"),
        ("T01,Tea,4,-1,", "quantity: must be 0 or more"),
        ("T01,Tea,4,1.5,", "quantity: “1.5” is no whole number"),
        ("T01,Tea,4,1,4001", "barcodes: 4001 belongs to product M01"),
        ("T01,Tea,4,1,5.9E+12", "a spreadsheet made a rounded number"),
        (",Tea,4,1,", "id: must not be empty"),
        ("T01,T\x1bea,4,1,", "control character U+001B"),
        ("T01,@SUM(A1),4,1,", "must not begin with @"),
        ("T01,Tea,4,1,,more", "has 6 fields, the header has 5"),
    ],
)
def test_a_row_that_cannot_be_taken_is_refused_and_the_rest_is_taken(row: str, reason: str) -> None:
    found = plan(f"id,name,price,quantity,barcodes\n{row}\nT09,Cocoa,3,2,\n")
    assert [refused.line for refused in found.refused] == [2]
    assert reason in found.refused[0].reason
    assert [product.id for product in found.new] == ["T09"]


def test_a_new_product_needs_a_name_and_a_price() -> None:
    reason = plan("id,quantity\nT01,4\n").refused[0].reason
    assert reason == "name: is needed for a new product; price: is needed for a new product"


def test_a_product_that_is_there_twice_is_taken_once() -> None:
    found = plan("id,price\nM01,1.30\nM01,1.40\n")
    assert found.changed[0].price == Decimal("1.30")
    assert found.refused[0].reason == "M01 is in the file twice, first in line 2"


def test_two_new_products_cannot_share_a_barcode() -> None:
    found = plan("id,name,price,ean\nT01,Tea,1,99\nT02,Cocoa,1,99\n")
    assert [product.id for product in found.new] == ["T01"]
    assert "99 belongs to product T01" in found.refused[0].reason


def test_what_an_export_defused_comes_back_as_it_was() -> None:
    odd = MILK._replace(name="=1+1")
    header, rows = read_rows("id,name\nM01,'=1+1\n")
    assert plan_import(header, rows, Snapshot(products={"M01": odd})).unchanged == ("M01",)


def test_short_rows_are_filled_up_and_padding_is_dropped() -> None:
    found = plan("id,name,price\nT01,Tea,4,,,\nM01\n")
    assert [product.id for product in found.new] == ["T01"]
    assert found.unchanged == ("M01",)


def test_the_inventory_itself_can_be_read() -> None:
    header, rows = read_rows(
        "# tracker inventory 1, as of entry 7\nid,name,price\n# a word of ours\nM01,Milk,1.20\n# end of inventory\n"
    )
    assert header == ("id", "name", "price")
    assert [(row.line, row.cells[0]) for row in rows] == [(4, "M01")]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    _, rows = read_rows('id,name,about\r\n\r\nT01,Tea,"two\r\nlines"\r\nT02,Cocoa,x\r\n')
    assert [row.line for row in rows] == [3, 5]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there is no table"),
        ("\n\n# nothing\n", "there is no table"),
        ("name,price\nTea,1\n", "must name the columns"),
        ('id,name\nT01,"Tea\n', "line 2: not readable as a table"),
    ],
)
def test_what_is_no_table_is_refused(text: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        plan(text)


def test_five_thousand_rows_are_planned() -> None:
    rows = "".join(f"N{number},Thing {number},1.00,{number}\n" for number in range(5000))
    assert len(plan(f"id,name,price,quantity\n{rows}").new) == 5000


def test_the_codes_of_the_shop_are_gone_through_once_and_not_each_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In a shop of 100,000 products each search takes milliseconds, and there are as many codes."""
    monkeypatch.setattr(Barcodes, "__getitem__", lambda _self, code: pytest.fail(f"{code} is searched for"))
    assert plan("id,price\nM01,1.30\n").changed == (MILK._replace(price=Decimal("1.30")),)
