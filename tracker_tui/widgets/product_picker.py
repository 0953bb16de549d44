"""The field that puts products into the basket: by barcode, id or words, with a count before if wanted.

It takes a customer as well, so that a clerk need not leave it: by name, part of a name, phone or id.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from textual.message import Message

from tracker_tui.model.goods import product_text
from tracker_tui.model.matches import is_code, likeliest, read_wanted
from tracker_tui.model.queries import customers_named, find_product
from tracker_tui.model.records import Customer, Product, Settings
from tracker_tui.model.state import Snapshot
from tracker_tui.model.text_index import TextIndex
from tracker_tui.widgets.customer_picker import NEW, People
from tracker_tui.widgets.picker import MOST_MATCHES, Picker
from tracker_tui.widgets.record_table import Column
from tracker_tui.widgets.shown import money
from tracker_tui.widgets.table_columns import MOST_NAME, MOST_SHORT

Match: TypeAlias = Product | Customer
"""What the list under the field holds: products, then customers."""

_SHORTENED: Final = 24
_MOST_PEOPLE: Final = 10
_COUNT: Final = re.compile(r"([1-9]\d{0,3})\*", re.ASCII)


def _columns(settings: Settings) -> list[Column[Match]]:
    def name(row: Match) -> str:
        return row.name if row.id else f"{row.name} ({NEW})"

    def price(row: Match) -> str:
        return money(row.price, settings) if isinstance(row, Product) else row.phone

    def stock(row: Match) -> str:
        if isinstance(row, Customer):
            return "customer"
        return f"{row.quantity:,}" if row.quantity > 0 else "none"

    def warn(row: Match) -> str:
        return "record-table--warning" if isinstance(row, Product) and row.quantity <= 0 else ""

    return [
        Column("id", "Id", 8, lambda row: row.id, flex=1, most=MOST_SHORT),
        Column("name", "Name", 20, name, flex=4, most=MOST_NAME),
        Column("price", "Price", 10, price, "right"),
        Column("stock", "In stock", 9, stock, "right", style=warn),
    ]


def _key(row: Match) -> str:
    """Name a row; a customer's name holds a character that no id does."""
    return row.id if isinstance(row, Product) else f"\n{row.id}"


class ProductPicker(Picker[Match]):
    """Takes a whole barcode or id first, then the likeliest product, then a customer.

    What is only digits is a code: it must fit wholly, or be chosen from the list on purpose, so that a scan
    of something unknown never sells something else. A new customer is always chosen on purpose.

    Args:
        people: The customers that are looked among.
        id: Id of the widget.
    """

    @dataclass
    class Taken(Message):
        """A product was chosen."""

        product_id: str
        pieces: int

    @dataclass
    class CustomerTaken(Message):
        """A customer was chosen.

        Attributes:
            customer: Id, or the name of a new one.
        """

        customer: str

    def __init__(self, people: People, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(
            "Product", _columns(Settings()), _key, hint="scan, or type an id or part of a name", id=id
        )
        self._people = people
        self._shop = Snapshot()
        self._index = TextIndex(product_text)

    def show_shop(self, shop: Snapshot) -> None:
        """Look among the products of a new snapshot from now on."""
        if shop.settings != self._shop.settings:
            self.matches.set_columns(_columns(shop.settings))
        self._shop = shop
        self._index.update(shop.products)
        self.look_again()

    def take_count(self) -> int:
        """Take a count, such as `3*`, that was typed before a scan; 1 where there is none."""
        count = _COUNT.fullmatch(self.text.strip())
        if count is None:
            return 1
        self.settle()
        return int(count[1])

    def find(self, typed: str) -> Sequence[Match]:
        """Return the products and the customers that hold all words; none for a code."""
        try:
            wanted = read_wanted(typed).text
        except ValueError:
            return ()
        return () if is_code(wanted) and not self._pointed else self.find_pointing(typed)

    def find_pointing(self, typed: str) -> Sequence[Match]:
        """Return the products and the customers that hold the code or the words, and the new customer last."""
        try:
            wanted = read_wanted(typed).text
        except ValueError:
            return ()
        if not wanted:
            return ()
        rows: list[Match] = [*likeliest(self._index.matching(wanted), wanted, lambda p: p.name, MOST_MATCHES)]
        if "*" not in typed and self._shop.products:
            fresh = self._people.fresh(typed)
            rows += self._people.known(typed)[:_MOST_PEOPLE]
            rows += [fresh] if fresh is not None else []
        return rows

    def is_whole(self, typed: str) -> bool:
        """Tell whether this is a barcode or an id, with or without a count."""
        if find_product(self._shop, typed) is not None:
            return True
        try:
            return find_product(self._shop, read_wanted(typed).text) is not None
        except ValueError:
            return False

    def take(self, typed: str, row: Match | None, *, pointed: bool) -> str:
        """Take the product or the customer meant, and empty the field for the next one."""
        pieces = 1
        taken: Match | None
        product = None if pointed else find_product(self._shop, typed)
        if product is None:
            try:
                pieces, wanted = read_wanted(typed)
            except ValueError as error:
                return f"before the *: {error}"
            if typed and not wanted:
                return "type or scan the product behind the *"
            product = None if pointed else find_product(self._shop, wanted)
            taken = product or row or self._people.whole(typed)
            doubt = "" if pointed or not typed else self._doubt(taken, wanted)
            if doubt:
                return doubt
        else:
            taken = product
        self.settle()
        if isinstance(taken, Customer):
            self.post_message(self.CustomerTaken(taken.id or taken.name))
        elif taken is not None:
            self.post_message(self.Taken(taken.id, pieces))
        return ""

    def _doubt(self, taken: Match | None, wanted: str) -> str:
        """Say why what was found is not simply taken: it is nothing, somebody new, or one of two of one name."""
        if taken is None:
            return self._nothing(wanted)
        if isinstance(taken, Product) or wanted == taken.id:
            return ""
        if not taken.id:
            return f"no product has the id or name “{_short(wanted)}”; Down, Enter: a new customer"
        same = len(customers_named(self._shop.customers, taken.name))
        return f"{same} have this name: choose with Down" if same > 1 else ""

    def _nothing(self, wanted: str) -> str:
        shown = _short(wanted)
        if not self._shop.products:
            return "there are no products yet; F2, then a, adds the first one"
        like = len(self._index.matching(wanted))
        if like:
            verb = "has" if like == 1 else "have"
            return f"nothing is exactly “{shown}”; {like:,} {verb} it somewhere: Down shows them"
        kind = "code or id" if is_code(wanted) else "code, id or name"
        return f"no product has the {kind} “{shown}”"


def _short(text: str) -> str:
    return text if len(text) <= _SHORTENED else f"{text[: _SHORTENED - 1]}…"
