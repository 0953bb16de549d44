"""Taxes: which rate a product has, what a tax comes to, and that the text of a tax line is read as written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.model import Product, SaleLine
from tracker_tui.model.records import TaxRules
from tracker_tui.model.tax import Kind, mark_in, mark_of, percent, rate_of, taxes_on, with_taxes

RULES = TaxRules(
    rate=Decimal(20), categories={"books": Decimal(5), "maps": Decimal(10)}, products={"7": Decimal(0)}
)


def product(product_id: str, *categories: str) -> Product:
    return Product(product_id, "x", Decimal(1), 9, frozenset(categories))


@pytest.mark.parametrize(
    ("good", "rate"),
    [
        (product("1"), 20),
        (product("1", "toys"), 20),
        (product("1", "books", "toys"), 5),
        (product("1", "books", "maps"), 10),
        (product("7", "books"), 0),
    ],
)
def test_product_goes_before_category_and_the_highest_category_counts(good: Product, rate: int) -> None:
    assert rate_of(good, RULES) == rate


def test_product_of_which_nothing_is_said_has_no_tax() -> None:
    assert rate_of(product("1"), RULES._replace(rate=None)) is None
    assert taxes_on([(product("1"), Decimal(5)), (None, Decimal(3))], TaxRules(), 2) == ()


@pytest.mark.parametrize(
    ("base", "rate", "where", "decimals", "tax"),
    [
        ("1.00", "20", "on", 2, "0.20"),
        ("1.20", "20", "in", 2, "0.20"),
        ("0.10", "5", "on", 2, "0.01"),  # 0.005 goes up
        ("0.09", "5", "on", 2, "0.00"),
        ("-0.10", "5", "on", 2, "-0.01"),
        ("9.99", "19", "in", 2, "1.60"),
        ("100", "7.7", "in", 0, "7"),
        ("0.00", "20", "in", 2, "0.00"),
        ("50.00", "0", "in", 2, "0.00"),
    ],
)
def test_tax_is_rounded_half_up_to_the_coin(
    base: str, rate: str, where: str, decimals: int, tax: str
) -> None:
    assert str(Kind(Decimal(rate), where == "in").of(Decimal(base), decimals)) == tax


def test_tax_is_of_the_sum_of_its_lines_and_not_of_each() -> None:
    """Three times 5 % of 0.10 would be 0.03; 5 % of 0.30 is 0.02."""
    goods = [(product(str(number)), Decimal("0.10")) for number in range(3)]
    (tax,) = taxes_on(goods, TaxRules(included=False, rate=Decimal(5)), 2)
    assert (tax.net, tax.tax, tax.gross, tax.lines) == (
        Decimal("0.30"), Decimal("0.02"), Decimal("0.32"), (0, 1, 2)
    )  # fmt: skip


@given(
    st.lists(
        st.tuples(st.sampled_from("127"), st.sampled_from(["", "books", "maps"]), st.integers(0, 10**6)),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from(["in", "on"]),
)
def test_lines_of_taxes_are_read_as_they_were_written(goods: list[tuple[str, str, int]], where: str) -> None:
    rules = RULES._replace(included=where == "in")
    products: dict[str, Product] = {}
    lines: list[SaleLine] = []
    for place, (kind, category, coins) in enumerate(goods):
        made = product(f"{kind}" if kind == "7" else f"{kind}-{place}", *filter(None, [category]))
        products[made.id] = made
        total = Decimal(coins).scaleb(-2)
        lines.append(SaleLine(made.id, "x", 1, total, Decimal(0), total))
    taxed = with_taxes(lines, products, rules, 2)
    wanted = taxes_on(((products[line.product_id], line.total) for line in lines), rules, 2)
    marks = [mark_of(line) for line in taxed]
    assert marks[: len(lines)] == [None] * len(lines)
    found = [
        (mark.kind, tuple(at for first, last in mark.runs for at in range(first, last + 1)))
        for mark in marks
        if mark is not None
    ]
    assert found == [(tax.kind, tax.lines) for tax in wanted]
    for line, tax in zip(taxed[len(lines) :], wanted, strict=True):
        assert (line.price, line.total) == (tax.tax, 0 if where == "in" else tax.tax)
        assert line.quantity * line.price - line.discount == line.total


@pytest.mark.parametrize(
    "text", ["tax", "tax 20%", "tax 20% in", "tax 20% in 1,2", "Tax 20% in 1", "tax ٢٠% in 1"]
)
def test_other_text_keeps_no_tax(text: str) -> None:
    assert mark_in(text) is None


def test_goods_of_an_old_file_without_an_id_are_no_tax() -> None:
    assert mark_of(SaleLine("", "tax 20% in 1", 2, Decimal(1), Decimal(0), Decimal(2))) is None


@pytest.mark.parametrize(("rate", "text"), [("20", "20%"), ("5.50", "5.5%"), ("0.0", "0%"), ("100", "100%")])
def test_rate_is_written_as_people_do(rate: str, text: str) -> None:
    assert percent(Decimal(rate)) == text
