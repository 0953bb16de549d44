"""What is guessed of somebody's table: encoding, what parts its fields, and which column is which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faulty_table import FAULTS, TABLE
from tests.model.test_imports import SHOP
from tracker_tui.errors import Invalid
from tracker_tui.model import import_tables
from tracker_tui.model.import_tables import (
    columns_named,
    decoded,
    guess_columns,
    guess_delimiter,
    guess_encoding,
    read_rows,
)
from tracker_tui.model.imports import plan_import


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp850"])
def test_the_encoding_of_a_list_is_found_out(encoding: str) -> None:
    text = "Größe;Stück\nSüßmost;für Anlässe, Käse\n"
    data = text.encode(encoding)
    assert decoded(data, "list.csv", guess_encoding(data)) == text


def test_an_encoding_that_is_said_is_used() -> None:
    assert decoded("č".encode("cp1250"), "list.csv", "cp1250") == "č"


@pytest.mark.parametrize("encoding", ["none-such", "utf-8", "rot13", "hex", "zip"])
def test_what_is_not_of_the_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(Invalid, match=r"(is no encoding|is not UTF-8)"):
        decoded(b"a\n\xff\xfeb", "list.csv", encoding)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("id,name,price", ","),
        ("SKU;Preis, netto;Menge", ";"),
        ("ean\tqty", "\t"),
        ("id|name", "|"),
        ("a;b;c", ";"),
    ],
)
def test_what_parts_the_fields_is_found_out(header: str, expected: str) -> None:
    assert guess_delimiter(f"# a, comment\n{header}\n1\n") == expected


@pytest.mark.parametrize(
    "header",
    [
        "id,name,price,quantity,categories,reorder_level,barcodes,cost",
        "Art.-Nr.,Bezeichnung,VK-Preis,Bestand,Warengruppe,Mindestbestand,EAN,EK-Preis",
        "Item No.,Description,Retail Price,Stock Level,Product Group,Reorder point,GTIN/EAN,Wholesale Price",
        "Référence,Désignation,Prix,Quantité,Catégorie,Stock minimum,Code barre,Prix d'achat",
        "SKU,TITLE,RRP,Qty,Type,Min_Stock,Bar code,Unit  Cost",
    ],
)
def test_columns_are_known_by_the_names_that_people_give_them(header: str) -> None:
    names = ("id", "name", "price", "quantity", "categories", "reorder_level", "barcodes", "cost")
    assert guess_columns(header.split(",")) == {name: place for place, name in enumerate(names)}


def test_a_column_is_only_one_field() -> None:
    assert guess_columns(["Artikel", "Nr"]) == {"id": 1, "name": 0}


def test_columns_that_are_named_go_before_the_guess() -> None:
    header = ("SKU", "Name", "Price", "EK", "Colour")
    named = columns_named(header, {"price": "ek", "cost": "", "colour": "5"})
    assert named == {"id": 0, "name": 1, "price": 3, "colour": 4}
    with pytest.raises(Invalid, match="no column Size"):
        columns_named(header, {"price": "Size"})
    with pytest.raises(Invalid, match="no column 6"):
        columns_named(header, {"price": "6"})


def test_a_stray_quote_costs_its_own_row_only() -> None:
    _, rows = read_rows('id,name\nA,"x"y\nB,z\n')
    assert [(row.line, row.cells, bool(row.fault)) for row in rows] == [(2, (), True), (3, ("B", "z"), False)]


def test_a_quote_that_is_never_closed_is_refused_with_its_line() -> None:
    with pytest.raises(Invalid, match="line 3"):
        read_rows('id,name\nA,x\nB,"z\nC,y\n')


def test_every_fault_has_its_right_line_and_reason() -> None:
    assert len(FAULTS) == len(set(FAULTS.values())) > 20
    header, rows = read_rows(TABLE)
    plan = plan_import(header, rows, SHOP)
    assert [row.line for row in plan.refused] == list(FAULTS)
    for row, reason in zip(plan.refused, FAULTS.values(), strict=True):
        assert row.reason.startswith(reason) or reason in row.reason
    assert [product.id for product in plan.new] == ["G01", "G02"]
    assert plan.left_out == ("Farbe",)


pieces_of_tables = st.sampled_from(
    (
        "id,name\n",
        "a,b\n",
        '"a,1",b\n',
        "\n",
        " \n",
        " ,\n",
        "#c\n",
        '"#",x\n',
        "a\r\n",
        '"a\nb",c\n',
        "a\rb\n",
        '"',
        'a"b"c\n',
        '"a"b\n',
    )
)


@given(st.lists(pieces_of_tables, max_size=12).map("".join), st.sampled_from((1, 2, 1_000)))
def test_rows_are_read_together_as_each_by_itself(text: str, together: int) -> None:
    """With the same numbers of lines, and the same refusals."""

    def outcome() -> object:
        try:
            return read_rows(text, ",")
        except Invalid as error:
            return str(error)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_tables, "_TOGETHER", together)
        quick = outcome()
        patch.setattr(import_tables, "_plain_rows", lambda _text, _delimiter: None)
        assert outcome() == quick


def test_plain_rows_are_not_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_tables, "_any_rows", lambda _text, _delimiter: pytest.fail("one by one"))
    header, rows = read_rows("#c\n\nid,name\n" + "a,Tea\n \n#c\n" * 2_000, ",")
    assert header == ("id", "name")
    assert [row.line for row in rows] == list(range(4, 6_004, 3))
