"""Counting the lines of both logs into columns, thousands of lines at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, compress, repeat
from operator import rshift
from typing import Any, Final

from tracker_tui.model.account import TO_ACCOUNT
from tracker_tui.model.money import parse_stored_amount
from tracker_tui.model.records import Purchase
from tracker_tui.model.sale_columns import COST_PLACES, PAYMENT, RETURN, SALE, SaleColumns, person_key
from tracker_tui.model.tax import mark_in
from tracker_tui.storage.codec import CHANGES, PURCHASES, stored_set
from tracker_tui.storage.columns import Known
from tracker_tui.storage.counting import Fields, LogCount, ReadAt
from tracker_tui.storage.history_file import Unfit
from tracker_tui.storage.plain_values import ZONE_BITS

_HIGHEST_COST: Final = 1 << 62
_MOST_TEXTS: Final = 1 << 18
_TO_ACCOUNT: Final = TO_ACCOUNT.encode()


class LineCount:
    """What is counted of both logs.

    Attributes:
        columns: All lines so far.

    Args:
        columns: Where to go on; made by `empty_columns` or of a file.
        decimals: The shop's decimals.
        until: The last number that is counted.
    """

    def __init__(self, columns: SaleColumns, decimals: int, until: int) -> None:
        self.columns = columns
        self._decimals = decimals
        self._until = until
        self._costs: Known[int] = Known(self._cost)
        self._sets: Known[frozenset[str]] = Known(lambda raw: stored_set(raw.decode()))
        self._texts: Known[str] = Known(bytes.decode, _MOST_TEXTS)
        self._mixed_up: frozenset[str] = frozenset()
        self._sold: dict[tuple[str, str], str] = {}
        columns.sold_as = lambda sale, text: self._sold.get((sale, text), "")

    def count_changes(self, read_at: ReadAt, start: int, size: int, told: Callable[[int], None]) -> None:
        """Count `changes.txt` from a place on, 0 or the beginning of an entry."""
        self._count(
            LogCount(CHANGES, self._decimals, self._until, self._take_changes, self.columns.take_change),
            read_at,
            (start, size),
            told,
        )

    def count_sales(self, read_at: ReadAt, start: int, size: int, told: Callable[[int], None]) -> None:
        """Count `purchases.txt` from a place on, 0 or the beginning of an entry.

        Raises:
            Unfit: An amount is finer than the shop's coins, or the numbers do not ascend.
        """
        self._mixed_up = mixed_up(self.columns)
        self._count(
            LogCount(PURCHASES, self._decimals, self._until, self._take_fields, self._take_entry),
            read_at,
            (start, size),
            told,
        )

    @staticmethod
    def _count(
        log: LogCount[Any], read_at: ReadAt, span: tuple[int, int], told: Callable[[int], None]
    ) -> None:
        start, size = span
        if start:
            log.count_header(read_at)
            log.begin_at(start)
        log.count(read_at, size, told)

    # Changes

    def _cost(self, raw: bytes) -> int:
        if not raw:
            return -1
        cost = int(parse_stored_amount(raw.decode(), self._decimals).scaleb(COST_PLACES))
        if cost > _HIGHEST_COST:
            raise Unfit
        return cost

    def _take_changes(self, fields: Fields) -> None:
        of, columns = fields.of, self.columns
        there = list(map(bool, of["price"]))
        of_those = (
            compress(of[name], there) for name in ("product_id", "entry", "name", "categories", "cost")
        )
        for product_id, entry, name, categories, cost in zip(*of_those, strict=True):
            number = columns.product_of[product_id.decode()]
            columns.product_names[number] = name.decode()
            columns.categories[number] = self._sets[categories]
            columns.note_cost(number, int(entry), self._costs[cost])

    # Sales

    def _take_entry(self, purchase: Purchase) -> None:
        for line in purchase.lines:
            if line.product_id in self._mixed_up:
                self._sold[purchase.sale, f"{line.product_id} {line.product}"] = line.product_id
        self.columns.take_names(purchase)
        self.columns.take(purchase)
        if self.columns.places != self._decimals:
            raise Unfit

    def _take_fields(self, fields: Fields) -> None:
        columns = self.columns
        start = len(columns.products)
        units = fields.sums("quantity")
        names = self._texts_of(fields.first("customer"))
        keys = list(map(person_key, self._texts_of(fields.first("customer_id")), names))
        kinds = _kinds(fields, units)
        columns.numbers.extend(fields.numbers)
        columns.days.extend(fields.days)
        columns.seconds.extend(map(rshift, fields.clocks, repeat(ZONE_BITS)))
        columns.clerks.extend(map(columns.clerk_of.__getitem__, self._texts_of(fields.first("clerk"))))
        people = list(map(columns.person_of.__getitem__, keys))
        columns.people.extend(people)
        columns.payments.extend(map(columns.payment_of.__getitem__, self._texts_of(fields.first("payment"))))
        columns.kinds.extend(kinds)
        columns.units.extend(units)
        columns.money.extend(fields.sums("total"))
        columns.counts.extend(fields.sizes())
        columns.quantities.extend(fields.values["quantity"])
        columns.totals.extend(fields.values["total"])
        self._name(people, names, kinds)
        self._take_products(fields, start)
        if not all(fields.of["product_id"]):
            self._take_taxes(fields, start)

    def _texts_of(self, fields: Iterable[bytes]) -> list[str]:
        return list(map(self._texts.__getitem__, fields))

    def _name(self, people: Sequence[int], names: Sequence[str], kinds: bytes) -> None:
        called = self.columns.person_names
        for person, name, kind in zip(people, names, kinds, strict=True):
            if person and (kind == SALE or person not in called):
                called[person] = name

    def _take_products(self, fields: Fields, start: int) -> None:
        of, columns = fields.of, self.columns
        ids, texts = self._texts_of(of["product_id"]), of["product"]
        if self._mixed_up:
            for sale, key, text in zip(of["sale"], ids, texts, strict=True):
                if key in self._mixed_up:
                    self._sold[sale.decode(), f"{key} {text.decode()}"] = key
        if all(ids):
            numbers = list(map(columns.product_of.__getitem__, ids))
            columns.products.extend(numbers)
            if not {*numbers} <= columns.product_names.keys():
                for number, text in zip(numbers, texts, strict=True):
                    columns.product_names.setdefault(number, text.decode())
            return
        names, returns = self._texts_of(texts), self._texts_of(of["returns"])
        lines = zip(ids, names, fields.values["quantity"], returns, strict=True)
        for place, (key, name, quantity, back) in enumerate(lines, start):
            number = columns.product_of[key or columns.key_of_text(name, quantity, place, back)]
            columns.products.append(number)
            if key:
                columns.product_names.setdefault(number, name)

    def _take_taxes(self, fields: Fields, start: int) -> None:
        """Share the taxes that are in prices among their lines."""
        ids, texts, pieces = fields.of["product_id"], fields.of["product"], fields.values["quantity"]
        ends = chain(fields.firsts[1:], [fields.lines])
        for first, end in zip(fields.firsts, ends, strict=True):
            for place in range(first, end):
                mark = mark_in(texts[place].decode()) if not ids[place] and not pieces[place] else None
                if mark is None or not mark.kind.included:
                    continue
                lines = [at for low, high in mark.runs for at in range(low, min(high + 1, end - first))]
                base = sum(fields.values["total"][first + at] for at in lines)
                price = parse_stored_amount(fields.of["price"][place].decode(), self._decimals)
                tax = int(price.scaleb(self._decimals)) * (-1 if base < 0 else 1)
                self.columns.spread_tax(lines, tax, start + first)


def mixed_up(columns: SaleColumns) -> frozenset[str]:
    """Return the ids of products of which one, with a blank behind it, may begin another with its name."""
    blank = {key for key in columns.product_of if " " in key}
    begun = {key[:at] for key in blank for at, letter in enumerate(key) if letter == " "}
    return frozenset(blank | begun)


def _kinds(fields: Fields, units: Sequence[int]) -> bytes:
    """Return the kind of each entry of plain lines."""
    returns, payments = fields.first("returns"), fields.first("payment")
    kinds = bytearray(
        RETURN if back or count < 0 else SALE for back, count in zip(returns, units, strict=True)
    )
    pieces = fields.values["quantity"]
    ends = chain(fields.firsts[1:], [fields.lines])
    for place, (first, end, payment) in enumerate(zip(fields.firsts, ends, payments, strict=True)):
        if payment.endswith(_TO_ACCOUNT) and not any(pieces[first:end]):
            kinds[place] = PAYMENT
    return bytes(kinds)
