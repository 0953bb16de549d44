"""What may be entered: all problems at once, each with its field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import cast

import pytest

from tracker_tui.model import Customer, Product, Settings
from tracker_tui.model.money import MOST_PIECES
from tracker_tui.model.rules import (
    amount_problem,
    count_problem,
    customer_problems,
    id_problem,
    is_low,
    join_set,
    parse_product,
    product_problems,
    split_set,
    text_problem,
)

MILK = Product("001", "Milk", Decimal("1.20"), 10)


def fields_of(
    product: Product, others: Iterable[str] = (), owners: Mapping[str, str] | None = None
) -> list[str]:
    problems = product_problems(product, others, owners or {}, 2)
    return [problem.field for problem in problems]


def test_sound_product_has_no_problems() -> None:
    whole = MILK._replace(
        categories=frozenset({"dairy"}), barcodes=frozenset({"4006381333931"}), cost=Decimal("0.80")
    )
    assert fields_of(whole, owners={"4006381333931": "001"}) == []


def test_all_problems_are_told_at_once() -> None:
    bad = Product(
        "",
        " ",
        Decimal(-1),
        -1,
        frozenset({"a|b"}),
        -1,
        frozenset({"x,y"}),
        Decimal("NaN"),
        {"shelf": "\x1b"},
    )
    assert sorted(fields_of(bad)) == [
        "barcodes",
        "categories",
        "cost",
        "id",
        "name",
        "price",
        "quantity",
        "reorder_level",
        "shelf",
    ]


def test_taken_id_is_refused() -> None:
    assert fields_of(MILK, others={"001"}) == ["id"]


def test_barcode_of_another_product_is_refused() -> None:
    assert fields_of(MILK._replace(barcodes=frozenset({"42"})), owners={"42": "002"}) == ["barcodes"]


@pytest.mark.parametrize(
    "product_id", ["", "  ", " 1", "1 ", "#1", "=1", "a\nb", "x" * 65, "a\x1bb", "a\u202eb"]
)
def test_id_that_cannot_stand_in_a_file_is_refused(product_id: str) -> None:
    assert id_problem(product_id)


@pytest.mark.parametrize("product_id", ["001", "A-1", "é", "牛乳", "a b", "[/]", "x" * 64])
def test_id_of_any_script_is_taken(product_id: str) -> None:
    assert id_problem(product_id) == ""


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2", "@sum", "  =1"])
def test_formula_is_refused(text: str) -> None:
    assert "formula" in text_problem(text)


@pytest.mark.parametrize(
    "text", ["+44 20 7946 0018", "[/]", "[red]x", "👍", "اسم", "x" * 5000, "a, b", 'say "hi"']
)
def test_odd_but_harmless_text_is_taken(text: str) -> None:
    assert text_problem(text) == ""


def test_text_that_is_too_long_is_refused() -> None:
    assert "10000" in text_problem("x" * 10_001)


@pytest.mark.parametrize(
    "amount", ["NaN", "sNaN", "Infinity", "-Infinity", "-0.01", "1E+12", "1E+1000000", "0.001"]
)
def test_amount_out_of_bounds_is_refused(amount: str) -> None:
    assert amount_problem(Decimal(amount), 2)


@pytest.mark.parametrize("amount", [1, 1.5, "1.50", None])
def test_amount_that_is_no_decimal_is_refused(amount: object) -> None:
    assert "no amount" in amount_problem(cast("Decimal", amount), 2)


@pytest.mark.parametrize("number", [1.0, "1", None, True, -1, MOST_PIECES + 1])
def test_count_that_is_no_number_of_pieces_is_refused(number: object) -> None:
    assert count_problem(cast("int", number))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", None),
        ("name", 5),
        ("categories", "dairy"),
        ("categories", frozenset({1})),
        ("barcodes", ["1"]),
        ("extra", None),
        ("extra", {"shelf": 3}),
    ],
)
def test_value_of_the_wrong_kind_is_a_problem_of_its_field(field: str, value: object) -> None:
    assert fields_of(MILK._replace(**{field: value})) == [field]  # type: ignore[arg-type]


@pytest.mark.parametrize("column", ["price", "id", "", " shelf", "#x", "=a", "a\nb"])
def test_own_column_of_a_name_that_cannot_be_kept_is_refused(column: str) -> None:
    assert "extra" in fields_of(MILK._replace(extra={column: "A"}))


def test_customer_needs_a_name_and_no_control_characters() -> None:
    problems = customer_problems(Customer("C0001", "", "\x1b", "=x", "ok"))
    assert [problem.field for problem in problems] == ["name", "phone", "email"]


def test_typed_fields_are_read_and_the_bad_ones_named() -> None:
    fields, problems = parse_product(
        {
            "id": " 7 ",
            "name": "Cre\u0300me",
            "price": "$1,50",
            "cost": "",
            "categories": "a, b|c,,",
            "quantity": "x",
            "reorder_level": "",
            "barcodes": "1,2",
        },
        Settings(),
    )
    assert fields == {
        "id": "7",
        "name": "Crème",
        "price": Decimal("1.50"),
        "cost": None,
        "categories": frozenset("abc"),
        "reorder_level": 0,
        "barcodes": frozenset({"1", "2"}),
    }
    assert [problem.field for problem in problems] == ["quantity"]


def test_set_is_written_sorted_and_read_back() -> None:
    assert join_set({"b", "a"}) == "a|b"
    assert split_set(join_set({"b", "a"})) == frozenset({"a", "b"})


def test_low_is_at_the_own_level_or_the_shops() -> None:
    assert is_low(MILK._replace(reorder_level=10), Settings())
    assert not is_low(MILK._replace(reorder_level=9), Settings(low_stock=20))
    assert is_low(MILK, Settings(low_stock=10))
    assert not is_low(MILK, Settings())
