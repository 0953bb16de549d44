"""What the sales and returns of `purchases.txt` come to, counted without making a value of each."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain, compress, groupby, repeat
from operator import lshift, not_, or_
from typing import Any, Final
from zlib import crc32

from tracker_tui.model.account import TO_ACCOUNT, is_account_payment
from tracker_tui.model.money import parse_stored_amount
from tracker_tui.model.records import UNDO_SALE, Purchase
from tracker_tui.model.tally import is_return
from tracker_tui.model.tax import mark_in, percent, taxes_of
from tracker_tui.storage.columns import Numbered, kept
from tracker_tui.storage.counting import Fields
from tracker_tui.storage.history_file import NAMED_ONLY, NUMBER_BITS, Unfit
from tracker_tui.storage.marks import mark_of
from tracker_tui.storage.plain_values import ZONE_BITS, clock_of, zone_of
from tracker_tui.tuples import NamedTuple

_NO_TIME: Final = datetime.min.replace(tzinfo=UTC)
_NAMED_ONLY: Final = NAMED_ONLY.encode()
_TO_ACCOUNT: Final = TO_ACCOUNT.encode()
_UNDO_SALE: Final = UNDO_SALE.encode()
_DAY_S: Final = 24 * 60 * 60
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()
_SALE, _RETURN, _PAYMENT = range(3)
"""The kinds of entries; a payment on account is in no total."""


class SalesCount:
    """What is counted of the sales and returns, one after the other.

    Attributes:
        people: Number of each person who bought, from 1, by id, or by `NAMED_ONLY` and name.
        undoes: Number of the undo by number of what it undoes.

    Args:
        decimals: The shop's decimals.
    """

    def __init__(self, decimals: int) -> None:
        self._decimals = decimals
        self.people = Numbered()
        self.undoes: dict[int, int] = {}
        self._names: dict[bytes, bytes] = {}
        self._first_names: dict[bytes, bytes] = {}
        self._sold_to = array("I")
        self._units = array("q")
        self._money = array("q")
        self._days = array("I")
        self._clocks = array("I")
        self._kinds = bytearray()
        self._sales = array("I")
        self._returns: list[tuple[int, int]] = []
        self._taxes: list[_CountedTax] = []

    def take_fields(self, fields: Fields) -> None:
        """Count plain lines."""
        units = fields.sums("quantity")
        sales, returns = fields.first("sale"), fields.first("returns")
        customers, keys = fields.first("customer"), fields.first("customer_id")
        if not all(keys):
            both = zip(keys, customers, strict=True)
            keys = [key or (_NAMED_ONLY + name if name else b"") for key, name in both]
        count = len(self._units)
        if not all(fields.of["product_id"]):
            self._taxes += self._taxes_in(fields, count)
        self._units.fromlist(units)
        self._money.fromlist(fields.sums("total"))
        self._days.fromlist(fields.days)
        self._clocks.fromlist(fields.clocks)
        kinds = self._kinds_of(fields, returns, units)
        self._kinds += kinds
        self._sold_to.fromlist(list(map(self.people.__getitem__, keys)))
        self._name(keys, customers, kinds)
        self._sales.fromlist(list(map(crc32, sales)))
        if any(returns):
            self._returns += [(crc32(sale), position) for position, sale in enumerate(returns, count) if sale]
        if _UNDO_SALE in b"\n".join(sales):
            for number, sale in zip(fields.numbers, sales, strict=True):
                if sale.startswith(_UNDO_SALE):
                    self._look_for_undo(number, sale.decode())

    def _taxes_in(self, fields: Fields, count: int) -> Iterator[_CountedTax]:
        """Yield the taxes that plain lines keep; the first entry of them has the position `count`."""
        texts, totals, pieces = fields.of["product"], fields.values["total"], fields.values["quantity"]
        nameless = compress(range(fields.lines), map(not_, fields.of["product_id"]))
        for place in nameless:
            mark = mark_in(texts[place].decode()) if not pieces[place] else None
            if mark is None:
                continue
            entry = bisect_right(fields.firsts, place) - 1
            first = fields.firsts[entry]
            end = fields.firsts[entry + 1] if entry + 1 < len(fields.firsts) else fields.lines
            base = sum(sum(totals[first + low : min(first + high + 1, end)]) for low, high in mark.runs)
            amount = totals[place]
            if mark.kind.included:
                price = parse_stored_amount(fields.of["price"][place].decode(), self._decimals)
                amount = int(price.scaleb(self._decimals)) * (-1 if base < 0 else 1)
            net = base - amount if mark.kind.included else base
            yield _CountedTax(count + entry, percent(mark.kind.rate), net, amount)

    @staticmethod
    def _kinds_of(fields: Fields, returns: Sequence[bytes], units: Sequence[int]) -> bytes:
        """Return the kind of each entry."""
        if any(returns) or min(units) < 0:
            kinds = bytearray(map(or_, map(bool, returns), map((0).__gt__, units)))
        else:
            kinds = bytearray(len(units))
        payments = fields.first("payment")
        paying = {payment for payment in {*payments} if payment.endswith(_TO_ACCOUNT)}
        if paying:
            pieces = fields.values["quantity"]
            ends = chain(fields.firsts[1:], [fields.lines])
            for place, (first, end) in enumerate(zip(fields.firsts, ends, strict=True)):
                if payments[place] in paying and not any(pieces[first:end]):
                    kinds[place] = _PAYMENT
        return bytes(kinds)

    def _name(self, keys: Sequence[bytes], names: Sequence[bytes], kinds: bytes) -> None:
        """Remember what people are called: as at their last sale, or else as where they first come."""
        both = list(zip(keys, names, strict=True))
        if any(kinds):
            for key, name in compress(both, kinds):
                self._first_names.setdefault(kept(key), kept(name))
            both = list(compress(both, map(_SALE.__eq__, kinds)))
        known = self._names
        if [*map(known.get, [key for key, _ in both])] == [name for _, name in both]:
            return
        for key, name in both:
            if known.get(key) != name:
                known[kept(key)] = kept(name)

    def take_entry(self, purchase: Purchase) -> None:
        """Count one sale or return.

        Raises:
            Unfit: Its money is finer than the shop's coins.
        """
        scaled = purchase.total.scaleb(self._decimals)
        if scaled != int(scaled):
            raise Unfit
        name = purchase.customer.encode()
        key = purchase.customer_id.encode() or (_NAMED_ONLY + name if name else b"")
        for tax in taxes_of(purchase):
            net, amount = tax.net.scaleb(self._decimals), tax.tax.scaleb(self._decimals)
            if net != int(net) or amount != int(amount):
                raise Unfit
            position = len(self._units)
            self._taxes.append(_CountedTax(position, percent(tax.rate), int(net), int(amount)))
        if purchase.returns:
            self._returns.append((mark_of(purchase.returns), len(self._units)))
        self._units.append(purchase.units)
        self._money.append(int(scaled))
        self._days.append(purchase.time.toordinal())
        self._clocks.append(clock_of(purchase.time))
        kind = _PAYMENT if is_account_payment(purchase) else _RETURN if is_return(purchase) else _SALE
        self._kinds.append(kind)
        self._sold_to.append(self.people[key])
        self._name([key], [name], bytes([kind]))
        self._sales.append(mark_of(purchase.sale))
        self._look_for_undo(purchase.entry, purchase.sale)

    def _look_for_undo(self, number: int, sale: str) -> None:
        undone = Purchase(number, "", sale, "", "", (), "", "", "", _NO_TIME).undoes
        if undone is not None:
            self.undoes[undone] = number

    def go_on_with(self, other: SalesCount) -> None:
        """Count in what another has counted of the entries that follow."""
        numbers = [self.people[key] for key in other.people]
        count = len(self._units)
        self._sold_to.extend(map(numbers.__getitem__, other._sold_to))
        self._units.extend(other._units)
        self._money.extend(other._money)
        self._days.extend(other._days)
        self._clocks.extend(other._clocks)
        self._kinds += other._kinds
        self._sales.extend(other._sales)
        self._returns += [(mark, position + count) for mark, position in other._returns]
        self._taxes += [tax._replace(position=tax.position + count) for tax in other._taxes]
        self._names.update(other._names)
        self._first_names = {**other._first_names, **self._first_names}
        self.undoes.update(other.undoes)

    # What it comes to

    def names(self) -> list[tuple[str, str]]:
        """Return key and name of each of the people, by their numbers."""
        all_names = {**self._first_names, **self._names}
        return [(key.decode(), all_names[key].decode()) for key in self.people if key]

    def columns(self) -> dict[str, array[Any]]:
        """Return the columns of the history that do not depend on what was undone."""
        marks = map(lshift, self._sales, repeat(NUMBER_BITS))
        return {
            "sold_to": self._sold_to,
            "sale_ids": array("Q", sorted(map(or_, marks, range(len(self._sales))))),
            "return_ids": array(
                "Q", sorted(mark << NUMBER_BITS | position for mark, position in self._returns)
            ),
        }

    def totals(
        self, numbers: Sequence[int], dead: Collection[int]
    ) -> tuple[list[list[int]], dict[str, array[Any]]]:
        """Return the days as [day, sales, returns, pieces, money, people], and the columns of totals.

        Args:
            numbers: The number of each entry.
            dead: Numbers of the entries that do not count.
        """
        alive = bytearray(map(_PAYMENT.__ne__, self._kinds))
        for number in dead:
            position = bisect_left(numbers, number)
            if position < len(numbers) and numbers[position] == number:
                alive[position] = 0
        rows = _Rows(
            list(compress(self._sold_to, alive)),
            list(compress(self._units, alive)),
            list(compress(self._money, alive)),
            list(compress(self._days, alive)),
            list(compress(self._clocks, alive)),
            bytes(compress(self._kinds, alive)),
        )
        days: dict[int, list[int]] = {}
        buyers: dict[int, array[int]] = {}
        at = 0
        for number, run in groupby(rows.days):
            end = at + len(list(run))
            day, people = days.setdefault(number, [0, 0, 0, 0]), buyers.setdefault(number, array("I"))
            returned = rows.kinds.count(_RETURN, at, end)
            day[0] += end - at - returned
            day[1] += returned
            day[2] += sum(rows.units[at:end])
            day[3] += sum(rows.money[at:end])
            whose = compress(rows.sold_to[at:end], map(_SALE.__eq__, rows.kinds[at:end]))
            people.extend([who - 1 for who in whose if who])
            at = end
        ordered = sorted(days)
        table = [[number, *days[number], len(buyers[number])] for number in ordered]
        columns: dict[str, array[Any]] = {
            "day_people": array("I", b"".join(buyers[number].tobytes() for number in ordered)),
            **self._totals_of_people(rows),
        }
        return table, columns

    def taxes(self, numbers: Sequence[int], dead: Collection[int]) -> list[tuple[int, str, int, int]]:
        """Return the taxes of each day as [day, rate, net, tax], by day and rate; amounts in the smallest coin.

        Args:
            numbers: The number of each entry.
            dead: Numbers of the entries that do not count.
        """
        sums: dict[tuple[int, str], tuple[int, int]] = {}
        for position, rate, net, tax in self._taxes:
            if self._kinds[position] != _PAYMENT and numbers[position] not in dead:
                key = (self._days[position], rate)
                had = sums.get(key, (0, 0))
                sums[key] = (had[0] + net, had[1] + tax)
        return [(*key, *sums[key]) for key in sorted(sums)]

    def _totals_of_people(self, rows: _Rows) -> dict[str, array[Any]]:
        units, money, sales, last = ([0] * len(self.people) for _ in range(4))
        for who, pieces, amount in zip(rows.sold_to, rows.units, rows.money, strict=True):
            units[who] += pieces
            money[who] += amount
        for place, who in compress(enumerate(rows.sold_to), map(_SALE.__eq__, rows.kinds)):
            sales[who] += 1
            last[who] = place
        latest = [place if count else None for place, count in zip(last, sales, strict=True)][1:]
        return {
            "people_sales": array("I", sales[1:]),
            "people_units": array("q", units[1:]),
            "people_money": array("q", money[1:]),
            "people_last": array("q", [0 if place is None else rows.seconds(place) for place in latest]),
            "people_zone": array("h", [0 if place is None else rows.zone(place) for place in latest]),
        }


class _CountedTax(NamedTuple):
    """One tax of an entry: the entry's position, the rate as people write it, and amounts in the smallest coin."""

    position: int
    rate: str
    net: int
    tax: int


class _Rows(NamedTuple):
    """The entries that count, as columns of the same length; see `SalesCount`."""

    sold_to: Sequence[int]
    units: Sequence[int]
    money: Sequence[int]
    days: Sequence[int]
    clocks: Sequence[int]
    kinds: bytes

    def seconds(self, place: int) -> int:
        """Return what the clock of one of them showed, in seconds since 1970 began on it."""
        return (self.days[place] - _FIRST_DAY) * _DAY_S + (self.clocks[place] >> ZONE_BITS)

    def zone(self, place: int) -> int:
        """Return the minutes that the clock of one of them is ahead of UTC."""
        return zone_of(self.clocks[place])
