"""The field that says who buys: by name, part of a name, phone or id; a name nobody has is a new customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.message import Message

from tracker_tui.model.matches import customer_lookup_text, is_code, likeliest
from tracker_tui.model.queries import customers_named, find_product
from tracker_tui.model.records import Customer
from tracker_tui.model.rules import text_problem
from tracker_tui.model.state import Snapshot
from tracker_tui.model.text import digits_of, normal
from tracker_tui.model.text_index import TextIndex
from tracker_tui.widgets.picker import MOST_MATCHES, Picker
from tracker_tui.widgets.record_table import Column
from tracker_tui.widgets.table_columns import MOST_TEXT

WALK_IN = "walk-in"
NEW = "new customer"


def _columns() -> list[Column[Customer]]:
    return [
        Column("id", "Id", 7, lambda c: c.id or "new"),
        Column("name", "Name", 20, lambda c: c.name if c.id else f"{c.name} ({NEW})", flex=3, most=MOST_TEXT),
        Column("phone", "Phone", 12, lambda c: c.phone, flex=1, most=18),
        Column("email", "Email", 12, lambda c: c.email, flex=2, most=MOST_TEXT, drop=1),
    ]


class People:
    """The customers of the shop, to be found by what a person types at the till."""

    def __init__(self) -> None:
        self._customers: Mapping[str, Customer] = {}
        self._shop = Snapshot()
        self._index = TextIndex(customer_lookup_text)

    def follow(self, shop: Snapshot) -> None:
        """Look among the customers of this snapshot from now on."""
        self._shop = shop
        self._customers = shop.customers
        self._index.update(shop.customers)

    def known(self, typed: str) -> list[Customer]:
        """Return who matches a name, part of a name, phone or id, the likeliest first."""
        return likeliest(self._index.matching(typed), typed, lambda c: c.name, MOST_MATCHES)

    def whole(self, typed: str) -> Customer | None:
        """Return who has just this id, or alone this phone number."""
        if typed in self._customers:
            return self._customers[typed]
        digits = digits_of(typed) if is_code(typed) else ""
        owners = (
            [who for who in self._index.matching(digits) if digits_of(who.phone) == digits] if digits else []
        )
        return owners[0] if len(owners) == 1 else None

    def fresh(self, typed: str) -> Customer | None:
        """Return the new customer of this name, without an id; None where somebody has the name or nobody can."""
        if not typed or self.refusal(typed) or customers_named(self._customers, typed):
            return None
        return Customer("", normal(typed))

    def refusal(self, name: str) -> str:
        """Say why nobody can be called so; empty where one can."""
        if is_code(name):
            product = find_product(self._shop, name)
            return (
                "that is a product's code" if product is not None else "nobody has this number; type a name"
            )
        return text_problem(normal(name), required=True, longest=200)


class CustomerPicker(Picker[Customer]):
    """Shows who buys, and takes somebody else; emptied it means a walk-in."""

    SELECTS_ON_FOCUS = True

    @dataclass
    class Taken(Message):
        """Somebody was chosen.

        Attributes:
            customer: Id, or the name of a new one; empty = a walk-in.
        """

        customer: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(
            "Customer",
            _columns(),
            lambda customer: customer.id,
            hint="name, phone or id; empty = walk-in",
            id=id,
        )
        self._shop = Snapshot()
        self.people = People()
        self._customer = ""

    def on_mount(self) -> None:
        """Begin with nobody in particular."""
        self.note(WALK_IN)

    def show_shop(self, shop: Snapshot) -> None:
        """Look among the customers of a new snapshot from now on."""
        self._shop = shop
        self.people.follow(shop)
        self.look_again()
        known = shop.customers.get(self._customer)
        if known is not None and known.name != self._settled and not self.is_pending:
            self.settle(known.name)
        self._describe()

    def show_customer(self, customer: str) -> None:
        """Show who is to buy: an id, the name of a new one, or nobody."""
        if customer != self._customer:
            self._customer = customer
            known = self._shop.customers.get(customer)
            self.settle(known.name if known is not None else customer)
        self._describe()

    def _describe(self) -> None:
        if not self._customer:
            self.note(WALK_IN)
            return
        known = self._shop.customers.get(self._customer)
        if known is None:
            same = customers_named(self._shop.customers, self._customer)
            self.note(same[0].id if len(same) == 1 else NEW)
        else:
            self.note("  ".join(part for part in (known.id, known.phone) if part))

    def expects_text(self, text: str) -> bool:
        """Tell whether somebody has this as id or phone number: that is no product's code."""
        return any(text == who.id or text == digits_of(who.phone) for who in self._shop.customers.values())

    def find(self, typed: str) -> Sequence[Customer]:
        """Return who matches, and last the new customer of this name, where there is none yet."""
        fresh = self.people.fresh(typed)
        return [*self.people.known(typed), *([fresh] if fresh is not None else [])]

    def take(self, typed: str, row: Customer | None, *, pointed: bool) -> str:
        """Take the one who is meant: by whole id, by whole name, else the likeliest, else somebody new."""
        if not typed:
            return self._choose(Customer("", ""))
        if pointed and row is not None:
            return self._choose(row)
        known = self._shop.customers.get(typed)
        if known is not None:
            return self._choose(known)
        same = customers_named(self._shop.customers, typed)
        alike = same or (
            customers_named(self._shop.customers, row.name) if row is not None and row.id else ()
        )
        if len(alike) > 1:
            if not self.is_open:
                self._show_matches(self.find(typed))
            return f"{len(alike)} have this name: choose with Down"
        chosen = same[0] if same else row
        if chosen is None:
            reason = self.people.refusal(typed)
            if reason:
                return reason
            chosen = Customer("", normal(typed))
        return self._choose(chosen)

    def resolve(self) -> bool:
        """Take what is typed where there is no doubt who is meant, as the sale is about to be paid.

        Returns:
            Whether it is clear now who buys; if not, it is said beside the field.
        """
        if not self.is_pending:
            return True
        typed = self.text.strip()
        likely = self.people.known(typed)
        if typed and typed not in self._shop.customers and likely:
            same = customers_named(self._shop.customers, typed)
            if len(same) != 1:
                self.complain("Enter or Down chooses who it is")
                return False
        reason = self.take(typed, None, pointed=False)
        if reason:
            self.complain(reason)
        return not reason

    @property
    def customer(self) -> str:
        """Id, or the name of a new one; empty = a walk-in."""
        return self._customer

    def _choose(self, customer: Customer) -> str:
        self._customer = customer.id or customer.name
        self.settle(customer.name)
        self._describe()
        self.post_message(self.Taken(self._customer))
        return ""
