"""Sales on account and payments on account: what is owed, and that no report counts money twice."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest

from tests.conftest import OpenShop
from tracker_tui.errors import Conflict, Invalid, NotFound
from tracker_tui.model.account import balance, is_account_payment, paid_on_account
from tracker_tui.service import InventoryService


def owed(service: InventoryService, customer: str = "C0001") -> Decimal:
    return balance(service.snapshot.ledger.purchases_of(customer))


def on_account(service: InventoryService, pieces: int = 2, sale: str = "s-1") -> None:
    service.sell([("003", pieces)], "Amal", sale, "account")


def test_a_sale_on_account_is_owed_until_it_is_paid(service: InventoryService) -> None:
    on_account(service)
    assert owed(service) == Decimal("8.00")
    paid = service.pay_account("C0001", Decimal("5.00"), "card", "first part")
    assert (paid.payment, paid.customer, paid.total, paid.units) == ("card to account", "Amal", Decimal(0), 0)
    assert is_account_payment(paid)
    assert paid_on_account(paid) == Decimal("5.00")
    assert owed(service) == Decimal("3.00")
    service.pay_account("Amal", Decimal("4.00"))
    assert owed(service) == Decimal("-1.00"), "what is paid too much is a credit"


def test_a_payment_is_one_line_that_a_person_can_read(service: InventoryService) -> None:
    on_account(service)
    service.pay_account("C0001", Decimal(5), own_id="p-1")
    with (service.directory / "purchases.txt").open(encoding="utf-8", newline="") as file:
        row = list(csv.DictReader(file))[-1]
    assert (row["entry"], row["line"], row["sale"], row["customer_id"]) == ("5", "1/1", "p-1", "C0001")
    assert (row["product_id"], row["product"], row["quantity"]) == ("", "payment on account", "0")
    assert (row["price"], row["discount"], row["total"], row["payment"]) == (
        "5.00",
        "0.00",
        "0.00",
        "cash to account",
    )


@pytest.mark.usefixtures("past")
def test_the_report_counts_the_goods_once_and_the_payment_never(
    service: InventoryService, open_shop: OpenShop
) -> None:
    on_account(service)
    before = service.report()
    for _ in range(3):
        service.pay_account("C0001", Decimal(2), note="x" * 200)
    assert service.report() == before
    assert service.snapshot.ledger.bought("C0001").purchases == 1
    service.close()
    with open_shop() as again:
        assert again.report() == before
        assert owed(again) == Decimal("2.00")
        assert again.snapshot.problems == ()


def test_a_return_of_goods_on_account_is_owed_no_more(service: InventoryService) -> None:
    on_account(service)
    service.give_back("s-1", [("003", 1)])
    assert owed(service) == Decimal("4.00")


def test_undo_takes_a_sale_and_a_payment_back_and_brings_them_again(service: InventoryService) -> None:
    on_account(service)
    paid = service.pay_account("C0001", Decimal("5.00"))
    undo = service.undo(paid.entry)
    assert owed(service) == Decimal("8.00")
    service.undo(undo)
    assert owed(service) == Decimal("3.00")
    service.undo(4)
    assert owed(service) == Decimal("-5.00")


def test_a_payment_is_booked_once(service: InventoryService) -> None:
    on_account(service)
    first = service.pay_account("C0001", Decimal(5), own_id="p-1")
    assert service.pay_account("C0001", Decimal(5), own_id="p-1") == first
    assert owed(service) == Decimal("3.00")


def test_nobody_in_particular_has_no_account(service: InventoryService) -> None:
    with pytest.raises(Invalid, match="needs a customer"):
        service.sell([("003", 1)], None, "s-1", "account")
    with pytest.raises(NotFound):
        service.pay_account("Nobody", Decimal(1))
    assert len(service.snapshot.entries) == 3
    assert not service.snapshot.customers


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN"])
def test_an_amount_that_is_none_is_refused(service: InventoryService, amount: str) -> None:
    on_account(service)
    with pytest.raises(Invalid, match="amount"):
        service.pay_account("C0001", Decimal(amount))


@pytest.mark.parametrize("payment", ["account", "cash to account", ""])
def test_a_debt_is_not_paid_by_a_debt(service: InventoryService, payment: str) -> None:
    on_account(service)
    with pytest.raises(Invalid, match="payment"):
        service.pay_account("C0001", Decimal(1), payment)


def test_no_sale_looks_like_a_payment(service: InventoryService) -> None:
    with pytest.raises(Invalid, match="must not end"):
        service.sell([("003", 1)], "Amal", "s-1", "cash to account")


def test_a_payment_is_no_sale_that_goods_come_back_of(service: InventoryService) -> None:
    on_account(service)
    service.pay_account("C0001", Decimal(5), own_id="p-1")
    with pytest.raises(Invalid, match="payment on account; undo it"):
        service.give_back("p-1")


def test_of_two_of_one_name_the_id_is_needed(service: InventoryService) -> None:
    on_account(service)
    twin = service.snapshot.customers["C0001"]
    service.add_customer(twin)
    with pytest.raises(Conflict, match="C0001, C0002"):
        service.pay_account("Amal", Decimal(1))
    service.pay_account("C0002", Decimal(1))
    assert (owed(service), owed(service, "C0002")) == (Decimal("8.00"), Decimal("-1.00"))
