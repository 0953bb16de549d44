"""The close of a day: every coin is counted once, in the close in which it came or went."""

from __future__ import annotations

import csv
import random
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import Clock, OpenShop
from tests.storage.random_shops import live, new_shop
from tracker_tui.errors import Conflict, Invalid, ReadOnly, TrackerError
from tracker_tui.model import Change, Settings
from tracker_tui.model.day_close import Close, close_report, parse_counted, read_close
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")

MILK, TEA = "001", "003"


def figures(service: InventoryService, entry: int) -> Close:
    booked = service.snapshot.find(entry)
    assert isinstance(booked, Change)
    close = read_close(booked)
    assert close is not None
    return close


def cash_of_the_file(directory: Path, first: int, last: int) -> Decimal:
    """Add up the cash of some entries, line by line, with nothing of the program's own.

    What pays an account stands in the price, and an undo of it takes it back.
    """
    with (directory / "purchases.txt").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    sign: dict[str, int] = {}
    total = Decimal(0)
    for row in rows:
        number = row["entry"]
        undone = row["sale"].removeprefix("undo-")
        sign[number] = -sign.get(undone, 1) if row["sale"].startswith("undo-") else 1
        if first <= int(number) <= last:
            if row["payment"] == "cash":
                total += Decimal(row["total"])
            elif row["payment"] == "cash to account":
                total += sign[number] * Decimal(row["price"])
    return total


def test_a_day_is_closed_and_the_next_begins_where_it_ended(service: InventoryService, clock: Clock) -> None:
    kim = service.sell([(MILK, 2)], "Kim").customer_id  # 2.40
    card = service.sell([(TEA, 1)], payment="card")
    service.sell([(TEA, 1)], "Kim", payment="account")
    service.pay_account(kim, Decimal("1.50"))
    back = service.give_back(None, [(MILK, 1)])  # -1.20
    undone = service.sell([(TEA, 2)])
    service.undo(undone.entry)
    entry = service.close_day(Decimal("52.00"), opening=Decimal(50), banked=Decimal(30), note="late; quiet")
    close = figures(service, entry)
    assert close == Close(
        Decimal("50.00"),
        Decimal("2.40"),
        Decimal("1.20"),
        Decimal("1.50"),
        Decimal("52.00"),
        Decimal("30.00"),
        0,
        "late; quiet",
    )
    assert (close.expected, close.difference, close.left) == (
        Decimal("52.70"),
        Decimal("-0.70"),
        Decimal("22.00"),
    )
    clock.now += timedelta(days=1)
    service.sell([(MILK, 1)])
    service.undo(card.entry)
    service.undo(back.entry)
    till = service.till()
    assert (till.after, till.opening) == (entry, Decimal("22.00"))
    assert [(way.payment, way.sales, way.refunds, way.sold, way.returned) for way in till.ways] == [
        ("cash", Decimal("2.40"), Decimal(0), 2, 0),
        ("card", Decimal(0), Decimal("4.00"), 0, 1),
    ]
    later = figures(service, service.close_day(Decimal("24.40"), seen=till))
    assert (later.opening, later.sales, later.difference, later.after) == (
        Decimal(22),
        Decimal("2.40"),
        Decimal(0),
        entry,
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_closes_of_a_random_shop_add_up_to_its_cash(tmp_path: Path, seed: int) -> None:
    """From close to close the cash is what the file says, returns, undoes and payments on account included."""
    dice = random.Random(seed)
    with new_shop(tmp_path / "shop", dice) as shop:
        for _ in range(12):
            live(shop, dice, 15)
            with suppress(TrackerError):
                shop.close_day(Decimal(dice.randint(0, 5000)) / 100)
        closes = [
            (entry.entry, close) for entry in shop.snapshot.ledger.closes() if (close := read_close(entry))
        ]
        assert len(closes) > 8
        for (before, ended), (number, close) in pairwise(reversed(closes)):
            moved = close.sales - close.refunds + close.account
            assert moved == cash_of_the_file(shop.directory, before + 1, number)
            assert (close.after, close.opening) == (before, ended.left)


def test_the_first_close_is_of_today(service: InventoryService, clock: Clock) -> None:
    service.sell([(MILK, 3)])
    clock.now += timedelta(days=1)
    service.sell([(TEA, 1)])
    assert service.till().cash.sales == Decimal("4.00")


def test_a_close_is_undone_unless_a_later_one_began_there(service: InventoryService) -> None:
    service.sell([(MILK, 1)])
    first = service.close_day(Decimal(5))
    second = service.close_day(Decimal(4))
    with pytest.raises(Conflict) as refused:
        service.undo(first)
    assert refused.value.entry == second
    undo = service.undo(second)
    assert service.till().opening == Decimal(5)
    again = service.undo(first)
    assert service.till().cash.sales == Decimal("1.20")
    with pytest.raises(Conflict):
        service.undo(first)
    with pytest.raises(Conflict, match="close before it is another"):
        service.undo(undo)
    service.undo(again)
    service.undo(undo)
    assert service.till().opening == Decimal(4), "both count again"
    assert service.snapshot.products[MILK].quantity == 9


def test_cash_that_came_in_meanwhile_is_not_passed_over(
    service: InventoryService, open_shop: OpenShop
) -> None:
    seen = service.till()
    with open_shop("beth") as beth:
        beth.sell([(MILK, 1)], payment="card")
        entry = service.close_day(Decimal(0), seen=seen)
        with pytest.raises(Conflict, match="look at the figures again"):
            beth.close_day(Decimal(0), seen=seen)
        assert beth.till().after == entry
        beth.sell([(MILK, 1)])
        with pytest.raises(Conflict):
            service.close_day(Decimal(0), seen=service.till()._replace(ways=()))


@pytest.mark.parametrize(
    ("counted", "opening", "banked", "note", "fields"),
    [
        ("-1", None, "0", "", ["counted"]),
        ("1", "0.001", "2", "=x", ["opening", "note"]),
        ("1", None, "2", "", ["banked"]),
        ("1", None, "NaN", "", ["banked"]),
    ],
)
def test_what_is_no_close_is_refused(
    service: InventoryService, counted: str, opening: str | None, banked: str, note: str, fields: list[str]
) -> None:
    begun = Decimal(opening) if opening is not None else None
    with pytest.raises(Invalid) as refused:
        service.close_day(Decimal(counted), opening=begun, banked=Decimal(banked), note=note)
    assert [problem.field for problem in refused.value.problems] == fields


def test_a_close_stays_readable_for_everything_else(service: InventoryService, open_shop: OpenShop) -> None:
    """No reader of the log takes it for a product; an inventory edited before it is merged as ever."""
    service.save()
    inventory = service.directory / "inventory.txt"
    old = inventory.read_text()
    entry = service.close_day(Decimal(7), note="x")
    service.sell([(MILK, 1)])
    inventory.write_text(old.replace("Bread", "Rye bread"))
    with open_shop("beth") as beth:
        assert beth.snapshot.problems == ()
        assert {key: p.quantity for key, p in beth.snapshot.products.items()} == {
            "001": 9,
            "002": 5,
            "003": 8,
        }
        assert beth.snapshot.products["002"].name == "Rye bread"
        assert figures(beth, entry).counted == 7
    with open_shop("guest", read_only=True) as guest, pytest.raises(ReadOnly):
        guest.close_day(Decimal(1))


@pytest.mark.parametrize(
    "note",
    [
        "",
        "opening=1.00",
        "opening=1 sales=1 refunds=0 account=0 expected=3 counted=2 difference=0 banked=0 after=1",
        "opening=1 sales=. refunds=0 account=0 expected=1 counted=1 difference=0 banked=0 after=1",
    ],
)
def test_figures_that_do_not_add_up_are_none(service: InventoryService, note: str) -> None:
    entry = service.close_day(Decimal(1))
    booked = service.snapshot.find(entry)
    assert isinstance(booked, Change)
    assert read_close(booked) is not None
    assert read_close(booked._replace(note=note)) is None


@pytest.mark.parametrize(
    ("typed", "total"),
    [("12.35", "12.35"), ("3*50 4*20 0.50*7", "233.50"), ("2x5+1", "11"), ("$3 2*$1.50", "6"), ("0", "0")],
)
def test_coins_and_notes_are_added_up(typed: str, total: str) -> None:
    assert parse_counted(typed, Settings()) == Decimal(total)


@pytest.mark.parametrize(
    "typed", ["", " ", "3*", "*5", "x", "3**5", "1.2345", "-5", "9" * 13, "1 " * 61, "1.5*2.5"]
)
def test_what_cannot_be_added_up_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_counted(typed, Settings())


def test_the_report_fits_on_the_paper(service: InventoryService) -> None:
    service.sell([(MILK, 2)])
    service.sell([(TEA, 1)], payment="card")
    till = service.till()
    close = figures(service, service.close_day(Decimal("2.00"), note="short"))
    settings = Settings(shop="Corner shop")
    text = close_report(close, till.ways, settings, datetime(2026, 3, 2, 18, 30), "amal", 6)  # noqa: DTZ001
    lines = text.splitlines()
    assert max(map(len, lines)) <= settings.receipt.width
    assert "Difference                          -$0.40" in lines
    assert "card: in all                         $4.00" in lines
    assert lines[2:4] == ["2026-03-02 18:30, amal", "Entry 6"]
