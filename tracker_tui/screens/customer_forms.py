"""The forms that take a customer in and change one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from tracker_tui.errors import Clash, Conflict, FieldProblem, Invalid
from tracker_tui.model.account import ON_ACCOUNT
from tracker_tui.model.acts import Act, AddCustomer, EditCustomer, PayAccount
from tracker_tui.model.money import parse_amount, written
from tracker_tui.model.payment import PAYMENTS
from tracker_tui.model.queries import customers_named
from tracker_tui.model.records import Customer, Settings
from tracker_tui.model.rules import customer_problems
from tracker_tui.model.sales import account_problems
from tracker_tui.model.state import Snapshot
from tracker_tui.model.text import normal
from tracker_tui.screens.form_dialog import FORM_KEYS, FormDialog
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.shown import money

_FIELDS: Final = ("name", "phone", "email", "note")


def _fields(customer: Customer) -> list[FormField]:
    hints = {"name": "the only one that is needed", "phone": "+44 20 7946 0000", "email": "", "note": ""}
    return [
        FormField(key, key.capitalize(), getattr(customer, key), hint=hints[key], longest=1_000)
        for key in _FIELDS
    ]


class AddCustomerForm(FormDialog):
    """Takes a new customer in; the shop gives the id."""

    HELP = f"""\
# New customer

Only the name is needed. The shop gives the id, so that two people may have one name.

{FORM_KEYS}
"""

    def __init__(self, name: str = "") -> None:
        super().__init__("New customer", _fields(Customer("", name)))

    def make_act(self, typed: Mapping[str, str]) -> Act:
        """Return the act that takes in who is typed."""
        customer = Customer("", **{key: normal(typed[key]) for key in _FIELDS})  # type: ignore[arg-type]
        problems = customer_problems(customer)
        if problems:
            raise Invalid(problems)
        self.call_later(self._warn_of_namesakes, customer.name)
        return AddCustomer(customer)

    def _warn_of_namesakes(self, name: str) -> None:
        """Say who has the name already; that is no reason not to save."""
        same = customers_named(self.shop.customers, name)
        if same and not self._waiting:
            ids = ", ".join(other.id for other in same)
            self.say(f"{ids} {'has' if len(same) == 1 else 'have'} this name too; saving makes one more.")


class AccountForm(FormDialog):
    """Takes money for what a customer owes.

    Args:
        customer: Who pays.
        owed: What they owe now.
        sale: An id of its own, so that it is booked once.
        settings: For the decimals and the currency.
    """

    HELP = f"""\
# Payment of what is owed

Takes money for what a customer had put on their account. It is an entry of its own, is in no total of sales twice, and
can be undone.

{FORM_KEYS}
"""

    def __init__(self, customer: Customer, owed: Decimal, sale: str, settings: Settings) -> None:
        ways = " or ".join(way.name for way in PAYMENTS if way.name != ON_ACCOUNT)
        super().__init__(
            f"Payment on account: {customer.name} ({customer.id})",
            [
                FormField(
                    "amount", "Amount", written(owed) if owed > 0 else "", hint="what is paid", longest=32
                ),
                FormField("payment", "Paid by", "cash", hint=ways, longest=80),
                FormField("note", "Note", longest=200),
            ],
            owed_text(owed, settings),
        )
        self._customer = customer
        self._sale = sale

    @property
    def is_changed(self) -> bool:
        """Whether anything was typed that would be lost."""
        return any(field.is_changed for key, field in self._fields.items() if key != "amount")

    def make_act(self, typed: Mapping[str, str]) -> Act:
        """Return the act that takes the money."""
        settings = self.shop.settings
        try:
            amount = parse_amount(typed["amount"], settings.decimals, currency=settings.currency)
        except ValueError as error:
            raise Invalid([FieldProblem("amount", str(error))]) from error
        payment, note = normal(typed["payment"]), normal(typed["note"])
        problems = account_problems(self._customer.id, amount, payment, note, self._sale, settings.decimals)
        wrong = [problem for problem in problems if problem.reason]
        if wrong:
            raise Invalid(wrong)
        return PayAccount(self._customer.id, amount, payment, self._sale, note)


def owed_text(owed: Decimal, settings: Settings) -> str:
    """Say what a customer owes."""
    if not owed:
        return "Owes nothing"
    amount = money(abs(owed), settings)
    return f"Owes {amount}" if owed > 0 else f"Has a credit of {amount}"


class EditCustomerForm(FormDialog):
    """Changes fields of a customer; only those that were changed are sent, as with products."""

    HELP = f"""\
# Edit a customer

Only the fields that you change are changed. Sales keep the name that they were made under.

{FORM_KEYS}
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "take_theirs", "Take theirs", id="customer.take_theirs"),
    ]

    def __init__(self, customer: Customer) -> None:
        super().__init__(f"Edit {customer.name} ({customer.id})", _fields(customer))
        self._was = customer
        self._clashes: tuple[Clash, ...] = ()

    def make_act(self, typed: Mapping[str, str]) -> Act | None:
        """Return the act that makes the changed fields what is typed."""
        fields = {
            key: normal(typed[key])
            for key in _FIELDS
            if self.field(key).is_changed and normal(typed[key]) != getattr(self._was, key)
        }
        wanted = self._was._replace(**fields)  # type: ignore[arg-type]
        problems = tuple(problem for problem in customer_problems(wanted) if problem.field in fields)
        if problems:
            raise Invalid(problems)
        return EditCustomer(self._was.id, fields, self._was) if fields else None

    def shop_changed(self, shop: Snapshot) -> None:
        """Say so where the customer changes underneath; what is typed stays."""
        now = shop.customers.get(self._was.id)
        if not self.is_mounted:
            return
        if now is None:
            self.say("! This customer is not in customers.txt any more; saving will not find it.", error=True)
        elif now != self._was and not self._waiting:
            self.tell_news("Somebody has just changed this customer. Your fields are as you typed them.")

    def show_conflict(self, error: Conflict) -> None:
        """Show the fields that both changed; saving again keeps yours, Ctrl+R takes theirs."""
        now = self.shop.customers.get(self._was.id)
        if now is None:
            return
        for clash in error.clashes:
            if clash.field in _FIELDS:
                was = clash.was or "empty"
                theirs = clash.theirs or "empty"
                self.field(clash.field).complain(f"was {was}; somebody else made it {theirs} meanwhile")
        self.say("! Ctrl+S again saves your values over theirs, Ctrl+R takes theirs.", error=True)
        self._clashes = error.clashes
        self._was = now

    def action_take_theirs(self) -> None:
        """Put what others made of the customer into the fields where both changed it."""
        for clash in self._clashes:
            if clash.field in _FIELDS:
                self.field(clash.field).start_with(getattr(self._was, clash.field))
                self.field(clash.field).complain("")
        self._clashes = ()
