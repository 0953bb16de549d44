"""Acts, which are values, done by the service: what a screen asked for, and what came of it in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker_tui.model.account import balance
from tracker_tui.model.acts import (
    Act,
    AddCustomer,
    AddProduct,
    Adjust,
    AnswerEdit,
    AnswerLost,
    BookList,
    CloseDay,
    Count,
    EditCustomer,
    EditProduct,
    GiveBack,
    Outcome,
    PayAccount,
    Receive,
    RemoveProduct,
    Sell,
    TakeIn,
    Undo,
)
from tracker_tui.model.list_asks import Begin, Drop, ListAsk, Listed, LookAt, LookAtAll, Put, Rename
from tracker_tui.model.money import shown
from tracker_tui.model.state import Snapshot

if TYPE_CHECKING:
    from tracker_tui.service import InventoryService


def perform(service: InventoryService, act: Act) -> Outcome:
    """Do what an act says; see the service's method of its name for what can be refused."""
    match act:
        case Undo(number):
            return Outcome(act, f"Entry {number} was undone", service.undo(number))
        case Sell() | GiveBack():
            return _sale(service, act)
        case PayAccount():
            return _account(service, act)
        case BookList():
            return _list(service, act)
        case CloseDay(counted, opening, banked, note, seen):
            entry = service.close_day(counted, opening=opening, banked=banked, note=note, seen=seen)
            return Outcome(act, f"The day is closed: entry {entry}", entry)
        case AddCustomer(customer):
            made = service.add_customer(customer)
            return Outcome(act, f"{made.name} is customer {made.id}", customer=made)
        case EditCustomer(customer_id, fields, was):
            kept = service.edit_customer(customer_id, was=was, **fields)
            return Outcome(act, f"{kept.name} was changed", customer=kept)
        case AnswerEdit(take):
            service.answer_edit(take=take)
            return Outcome(act, "The edit was taken over" if take else "The rows are back as they were")
        case AnswerLost(put_back):
            return _answer_lost(service, act, put_back=put_back)
        case TakeIn():
            from tracker_tui.work.importing import take_in_for_person  # noqa: PLC0415 - a sale need not load it

            return take_in_for_person(service, act)
        case _:
            return _product(service, act)


def _product(
    service: InventoryService, act: AddProduct | EditProduct | RemoveProduct | Receive | Count | Adjust
) -> Outcome:
    match act:
        case AddProduct(product):
            return Outcome(act, f"{product.name} was added", service.add(product))
        case EditProduct(product_id, fields, was):
            entry = service.edit(product_id, was=was, **fields)
            text = f"{_name(service.snapshot, product_id)} was changed" if entry else "Nothing to change"
            return Outcome(act, text, entry)
        case RemoveProduct(product_id):
            name = _name(service.snapshot, product_id)
            return Outcome(act, f"{name} was removed", service.remove(product_id))
        case Receive(product_id, pieces, note):
            entry = service.receive(product_id, pieces, note)
            return Outcome(act, f"{_name(service.snapshot, product_id)}: {pieces} received", entry)
        case Count(product_id, pieces, note):
            entry = service.count(product_id, pieces, note)
            return Outcome(act, f"{_name(service.snapshot, product_id)}: {pieces} counted", entry)
        case Adjust(product_id, change, note):
            entry = service.adjust(product_id, change, note)
            return Outcome(act, f"{_name(service.snapshot, product_id)}: stock changed by {change:+}", entry)


def _sale(service: InventoryService, act: Sell | GiveBack) -> Outcome:
    if isinstance(act, Sell):
        purchase = service.sell(
            act.items, act.customer, act.sale or None, act.payment, act.note, below_zero=act.below_zero
        )
        done = "Sold for"
    else:
        purchase = service.give_back(
            act.sale or None,
            act.items or None,
            act.note,
            own_id=act.own_id or None,
            customer=act.customer,
            to_shelf=act.to_shelf,
        )
        done = "Taken back for"
    settings = service.snapshot.settings
    amount = shown(abs(purchase.total), settings.currency, settings.decimals)
    return Outcome(act, f"{done} {amount}", purchase.entry, purchase)


def _account(service: InventoryService, act: PayAccount) -> Outcome:
    paid = service.pay_account(act.customer, act.amount, act.payment, act.note, own_id=act.own_id or None)
    shop = service.snapshot
    settings = shop.settings
    owed = balance(shop.ledger.purchases_of(paid.customer_id))
    amount = shown(act.amount, settings.currency, settings.decimals)
    rest = shown(abs(owed), settings.currency, settings.decimals)
    state = f"{'owes' if owed > 0 else 'has a credit of'} {rest}" if owed else "owes nothing"
    return Outcome(act, f"{paid.customer} paid {amount} on account and {state} now", paid.entry, paid)


def _list(service: InventoryService, act: BookList) -> Outcome:
    entry = service.book_draft(act.kind, act.draft_id)
    booked = service.snapshot.find(entry)
    lines = len(booked.lines) if booked is not None else 0
    products = f"{lines:,} {'product' if lines == 1 else 'products'}"
    return Outcome(act, f"The {act.kind} of {products} is booked: entry {entry}", entry)


def answer_list(service: InventoryService, ask: ListAsk) -> Listed:
    """Look at a count or a delivery that is not booked yet, or change it.

    Raises:
        TrackerError: It was refused; see the service's method of its name.
    """
    match ask:
        case LookAtAll(kind):
            return Listed(*service.drafts(kind))
        case LookAt(kind, draft_id):
            return Listed((service.draft(kind, draft_id),))
        case Begin(kind, name, note, category, search):
            return Listed((service.begin_draft(kind, name, note, category, search),))
        case Rename(kind, draft_id, name, note):
            return Listed((service.rename_draft(kind, draft_id, name, note),))
        case Put(kind, draft_id, product_id, pieces, more, cost):
            return Listed((service.put(kind, draft_id, product_id, pieces, more=more, cost=cost),))
        case Drop(kind, draft_id):
            return Listed((service.drop_draft(kind, draft_id),))


def _answer_lost(service: InventoryService, act: AnswerLost, *, put_back: bool) -> Outcome:
    if put_back:
        return Outcome(act, f"{service.put_back()} entries were written again")
    service.give_up_lost()
    return Outcome(act, "The entries count no more")


def _name(shop: Snapshot, product_id: str) -> str:
    product = shop.products.get(product_id)
    return product.name if product is not None else product_id
