"""What a customer usually does."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from tracker_tui.model import Purchase, SaleLine
from tracker_tui.model.account import TO_ACCOUNT, account_line
from tracker_tui.model.habits import MOST_USUAL, MOST_VISITS, Habits, Usual, habits


def bought(number: int, *product_ids: str, quantity: int = 1, returns: str = "") -> Purchase:
    lines = [
        SaleLine(key, f"{key} of {number}", quantity, Decimal(2), Decimal(0), Decimal(2) * quantity)
        for key in product_ids
    ]
    return Purchase(
        entry=number,
        clerk="amal",
        sale=f"s{number}",
        customer_id="C1",
        customer="Kim",
        lines=tuple(lines),
        payment="cash",
        returns=returns,
        note="",
        time=datetime(2026, 3, number, 12, tzinfo=UTC),
    )


def test_nothing_is_known_of_a_new_customer() -> None:
    assert habits(()) == Habits()


def test_visits_come_newest_first_and_only_the_last_few() -> None:
    visits = habits([bought(day, "a", "b") for day in range(1, 9)]).visits
    assert [visit.entry for visit in visits] == [8, 7, 6, 5]
    assert len(visits) == MOST_VISITS
    assert visits[0][1:] == (datetime(2026, 3, 8, 12, tzinfo=UTC), 2, Decimal(4))


def test_the_most_frequent_is_the_most_usual_and_of_equals_the_latest() -> None:
    known = habits([bought(1, "a", "b"), bought(2, "b", "c"), bought(3, "d", "b")])
    assert known.usual[0] == Usual("b", "b of 3", 3), "by its latest name"
    assert [usual.product_id for usual in known.usual] == ["b", "d", "c", "a"]


def test_a_product_on_two_lines_of_a_sale_is_one_visit() -> None:
    assert habits([bought(1, "a", "a"), bought(2, "b")]).usual == (
        Usual("b", "b of 2", 1),
        Usual("a", "a of 1", 1),
    )


def test_returns_and_payments_on_account_are_no_visits() -> None:
    back = bought(2, "a", quantity=-1, returns="s1")
    paid = bought(3)._replace(lines=(account_line(Decimal(5)),), payment=f"cash{TO_ACCOUNT}")
    known = habits([bought(1, "b"), back, paid])
    assert [visit.entry for visit in known.visits] == [1]
    assert [usual.product_id for usual in known.usual] == ["b"]


def test_no_more_are_usual_than_can_be_shown() -> None:
    assert len(habits([bought(1, *map(str, range(40)))]).usual) == MOST_USUAL
