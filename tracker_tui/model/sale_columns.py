"""Sales and returns of a span of days as columns of numbers, so that a million lines can be added up in a second.

One row an entry, and one row a line; what is text has a number in a list. Amounts are whole numbers of a unit,
the shop's smallest coin where all of them are. Storage fills such columns from a file; what is in memory is taken
purchase by purchase.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, MutableSequence, Sequence
from decimal import Decimal
from itertools import chain, compress, repeat
from typing import Final, TypeAlias

from tracker_tui.model.account import is_account_payment
from tracker_tui.model.records import Change, Entry, Purchase
from tracker_tui.model.tally import is_return
from tracker_tui.model.tax import taxes_of

Column: TypeAlias = MutableSequence[int]

SALE, RETURN, PAYMENT = range(3)
"""The kinds of entries; a payment on account is in no total."""

NOTHING: Final = 0
"""The number of no product, nobody, no way to pay."""

NAMELESS: Final = "\n"
"""Begins the key of a person or a product that has a name and no id; no text in a log holds it."""

OFF_SHELF: Final = ", not back on the shelf"
"""The end of the text of a line whose goods came back and are not for sale; see `queries.off_shelf_text`."""

COST_PLACES: Final = 8
"""Decimals of the unit in which costs are kept; no file holds more."""


class Numbers(dict[str, int]):
    """A number for each text, in the order in which they come; the empty text has 0."""

    def __init__(self, texts: Iterable[str] = ("",)) -> None:
        super().__init__({text: number for number, text in enumerate(texts)})

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class SaleColumns:
    """Sales, returns and payments on account, in the order of their numbers.

    Attributes:
        places: Decimals of the unit of all amounts.
        numbers, days, seconds: Number, day (from the year 1) and second of the day of each entry.
        clerks, people, payments: Numbers of the texts of each entry, see `clerk_of`, `person_of`, `payment_of`.
        kinds: `SALE`, `RETURN` or `PAYMENT`.
        units, money: Pieces and amount of each entry, below 0 for a return.
        counts: How many lines each entry has.
        products, quantities, totals: Product, pieces and amount of each line.
        taxes: By line, the part of its total that is tax; lines without are left out.
        off_shelf: The lines whose goods came back and are not for sale any more.
        clerk_of, person_of, payment_of, product_of: Numbers of the texts by the texts: a person's or product's id,
            or `NAMELESS` and the name where there is none.
        person_names: By number, what they were called at their last sale.
        product_names: By number, what they are called now, or were at last.
        categories: By product, the categories it is in now, or was in at last; those without are left out.
        costs: By product, the entries from which on a piece cost something else, and what, in units of
            10**-`COST_PLACES`; -1 = not known.
        sold_as: Returns the product of a sale whose id and name, with a blank between, make a text; empty = none.

    Args:
        places: Decimals of the unit.
    """

    def __init__(self, places: int) -> None:
        self.places = places
        self.numbers: Column = []
        self.days: Column = []
        self.seconds: Column = []
        self.clerks: Column = []
        self.people: Column = []
        self.payments: Column = []
        self.kinds: Column = []
        self.units: Column = []
        self.money: Column = []
        self.counts: Column = []
        self.products: Column = []
        self.quantities: Column = []
        self.totals: Column = []
        self.taxes: dict[int, int] = {}
        self.off_shelf: set[int] = set()
        self.clerk_of, self.person_of = Numbers(), Numbers()
        self.payment_of, self.product_of = Numbers(), Numbers()
        self.person_names: dict[int, str] = {}
        self.product_names: dict[int, str] = {}
        self.categories: dict[int, frozenset[str]] = {}
        self.costs: dict[int, tuple[list[int], list[int]]] = {}
        self.sold_as: Callable[[str, str], str] = lambda _sale, _text: ""

    def __len__(self) -> int:
        return len(self.numbers)

    # Filling

    def take(self, purchase: Purchase) -> None:
        """Add a purchase; its number is higher than those before."""
        self._make_room(purchase)
        start, time, kind = len(self.products), purchase.time, kind_of(purchase)
        for column, value in (
            (self.numbers, purchase.entry),
            (self.days, time.toordinal()),
            (self.seconds, 3600 * time.hour + 60 * time.minute + time.second),
            (self.clerks, self.clerk_of[purchase.clerk]),
            (self.people, self.person_of[person_key(purchase.customer_id, purchase.customer)]),
            (self.payments, self.payment_of[purchase.payment]),
            (self.kinds, kind),
            (self.units, purchase.units),
            (self.money, self._in_units(purchase.total)),
            (self.counts, len(purchase.lines)),
        ):
            column.append(value)
        for place, line in enumerate(purchase.lines, start):
            key = line.product_id or self.key_of_text(line.product, line.quantity, place, purchase.returns)
            self.products.append(self.product_of[key])
            self.quantities.append(line.quantity)
            self.totals.append(self._in_units(line.total))
        for tax in taxes_of(purchase):
            if tax.included:
                self.spread_tax(tax.lines, self._in_units(tax.tax), start)

    def take_names(self, purchase: Purchase) -> None:
        """Note what who and what is in a purchase is called: people best as at a sale, products as changes say."""
        person = self.person_of[person_key(purchase.customer_id, purchase.customer)]
        if person and (kind_of(purchase) == SALE or person not in self.person_names):
            self.person_names[person] = purchase.customer
        for line in purchase.lines:
            if line.product_id:
                self.product_names.setdefault(self.product_of[line.product_id], line.product)

    def take_change(self, change: Change) -> None:
        """Note what products are called, where they stand, and what pieces cost from this change on."""
        for line in change.lines:
            number, after = self.product_of[line.product_id], line.after
            if after is not None:
                self.product_names[number] = after.name
                self.categories[number] = after.categories
                cost = -1 if after.cost is None else int(after.cost.scaleb(COST_PLACES))
                self.note_cost(number, change.entry, cost)

    def take_entries(self, entries: Iterable[Entry], dead: Collection[int], since: int, until: int) -> None:
        """Add entries in memory.

        Args:
            entries: Them, oldest first.
            dead: Numbers of the entries that do not count. What a change says of costs counts all the same: what
                undoes it is a change too.
            since: First day that is wanted, counted from the year 1.
            until: Last day.
        """
        for entry in entries:
            if isinstance(entry, Change):
                self.take_change(entry)
                continue
            self.take_names(entry)
            if entry.entry not in dead and since <= entry.time.toordinal() <= until:
                self.take(entry)

    def note_cost(self, product: int, number: int, cost: int) -> None:
        """Note what a piece of a product costs from an entry on; -1 = not known."""
        numbers, costs = self.costs.setdefault(product, ([], []))
        if not costs or costs[-1] != cost:
            numbers.append(number)
            costs.append(cost)

    def key_of_text(self, text: str, quantity: int, place: int, sale: str) -> str:
        """Return what a line without a product's id is of, and note where it is goods that are not back for sale.

        Args:
            text: What stands for the product.
            quantity: Pieces.
            place: Place of the line.
            sale: The sale that is taken back, empty where none is.
        """
        if not quantity:
            return ""
        if quantity < 0 and text.endswith(OFF_SHELF):
            self.off_shelf.add(place)
            found = self._named_in(text.removesuffix(OFF_SHELF), sale)
            if found:
                return found
        key = NAMELESS + text
        self.product_names.setdefault(self.product_of[key], text)
        return key

    def _named_in(self, text: str, sale: str) -> str:
        """Return the id that a text of id and name begins with; where several may be meant, the one that was sold."""
        words = text.split(" ")
        known = [key for at in range(1, len(words)) if (key := " ".join(words[:at])) in self.product_of]
        if len(known) > 1:
            return self.sold_as(sale, text) or known[-1]
        return known[0] if known else ""

    def spread_tax(self, lines: Sequence[int], tax: int, start: int) -> None:
        """Share a tax that is in the prices among its lines, as their totals are, to the last unit.

        Args:
            lines: Places of its lines in their entry, from 0.
            tax: It, in units.
            start: Place of the first line of the entry.
        """
        places = [start + line for line in lines]
        whole = sum(self.totals[place] for place in places)
        shared = upto = 0
        for place in places:
            upto += self.totals[place]
            share = _part(tax, upto, whole) - shared
            shared += share
            if share:
                self.taxes[place] = self.taxes.get(place, 0) + share
        if shared != tax and places:
            self.taxes[places[-1]] = self.taxes.get(places[-1], 0) + tax - shared

    def _in_units(self, amount: Decimal) -> int:
        return int(amount.scaleb(self.places))

    def _make_room(self, purchase: Purchase) -> None:
        """Take smaller units where an amount needs them, and lists where one is too large for an array."""
        amounts = [line.total for line in purchase.lines] + [tax.tax for tax in taxes_of(purchase)]
        exponents = (amount.as_tuple().exponent for amount in amounts)
        places = max((-exponent for exponent in exponents if isinstance(exponent, int)), default=0)
        if places > self.places:
            self._scale(10 ** (places - self.places))
            self.places = places
        elif isinstance(self.totals, array) and any(abs(self._in_units(a)) >> 60 for a in amounts):
            self._scale(1)

    def _scale(self, factor: int) -> None:
        self.money = [amount * factor for amount in self.money]
        self.totals = [amount * factor for amount in self.totals]
        self.taxes = {line: tax * factor for line, tax in self.taxes.items()}

    # Leaving out

    def without(self, numbers: Collection[int]) -> None:
        """Leave some entries out."""
        alive = bytes(number not in numbers for number in self.numbers)
        if all(alive):
            return
        lines = bytes(chain.from_iterable(map(repeat, alive, self.counts)))
        place_of = dict(zip(compress(range(len(lines)), lines), range(len(lines)), strict=False))
        for name in ENTRY_COLUMNS:
            setattr(self, name, list(compress(getattr(self, name), alive)))
        for name in LINE_COLUMNS:
            setattr(self, name, list(compress(getattr(self, name), lines)))
        self.taxes = {place_of[at]: tax for at, tax in self.taxes.items() if lines[at]}
        self.off_shelf = {place_of[at] for at in self.off_shelf if lines[at]}

    # Amounts

    def amount(self, units: int) -> Decimal:
        """Return an amount in the shop's currency."""
        return Decimal(units).scaleb(-self.places)


def _part(amount: int, part: int, whole: int) -> int:
    """Return as much of an amount as a part is of the whole, rounded to 0: of what comes back as of what was sold."""
    share = abs(amount * part) // abs(whole) if whole else 0
    return share if (amount * part < 0) == (whole < 0) else -share


def kind_of(purchase: Purchase) -> int:
    """Return which kind of entry a purchase is."""
    return PAYMENT if is_account_payment(purchase) else RETURN if is_return(purchase) else SALE


def person_key(customer_id: str, name: str) -> str:
    """Return the key of a person."""
    return customer_id or (NAMELESS + name if name else "")


ENTRY_COLUMNS: Final = (
    "numbers",
    "days",
    "seconds",
    "clerks",
    "people",
    "payments",
    "kinds",
    "units",
    "money",
    "counts",
)
"""The columns that have a row for each entry."""

LINE_COLUMNS: Final = ("products", "quantities", "totals")
"""The columns that have a row for each line."""
