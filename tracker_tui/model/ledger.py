"""All entries of both logs, though only the latest of them are in memory.

What is long past lies in the logs and is looked up there through an index, see `past`. `Ledger` puts the past and
the entries since together, and answers as if all were in one list.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import chain, islice

from tracker_tui.model.past import NO_PAST, Past
from tracker_tui.model.records import Action, Change, Entry, Product, Purchase
from tracker_tui.model.tally import NO_SALES, Bought, DayTally, Ranked, Tally
from tracker_tui.typed import Final, Protocol, overload


class Ledger(Sequence[Entry]):
    """All entries, oldest first: a fixed view, also where the list of the latest ones grows.

    Args:
        recent: The entries after the past, oldest first; a list that only ever grows.
        past: Those before.
    """

    def __init__(self, recent: list[Entry], past: Past = NO_PAST) -> None:
        self.past = past
        self._recent = recent
        self._new = len(recent)
        self._old = len(past)

    # As a sequence

    def __len__(self) -> int:
        return self._old + self._new

    def __iter__(self) -> Iterator[Entry]:
        return chain(self.past.entries(0, self._old), self.recent())

    def __reversed__(self) -> Iterator[Entry]:
        for index in range(self._new - 1, -1, -1):
            yield self._recent[index]
        for position in range(self._old - 1, -1, -1):
            yield self.past.at(position)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | Sequence[Entry]:
        """Return the entry at a position, or those of a slice."""
        if isinstance(index, slice):
            places = range(*index.indices(len(self)))
            if places.step != 1:
                return [self[at] for at in places]
            start, stop = places.start, max(places.start, places.stop)
            old = self.past.entries(start, min(stop, self._old)) if start < self._old else ()
            return [*old, *self._recent[max(0, start - self._old) : max(0, stop - self._old)]]
        at = range(len(self))[index]
        return self.past.at(at) if at < self._old else self._recent[at - self._old]

    def recent(self) -> Iterator[Entry]:
        """Yield the entries that are in memory, oldest first."""
        return islice(self._recent, self._new)

    def since(self, number: int) -> Iterator[Entry]:
        """Yield the entries after a number, oldest first."""
        if number >= self.past.last:
            start = bisect_left(self._recent, number + 1, 0, self._new, key=_number)
            return islice(self._recent, start, self._new)
        old = self.past.entries(self.past.position(number + 1), self._old)
        return chain(old, self.recent())

    def added_since(self, earlier: Ledger) -> Sequence[Entry] | None:
        """Return the entries that an earlier ledger lacks; None = it may differ in more."""
        if self.past is not earlier.past or self._recent is not earlier._recent or earlier._new > self._new:
            return None
        return self._recent[earlier._new : self._new]

    # One entry

    def position(self, number: int) -> int:
        """Return how many entries have a smaller number."""
        if number <= self.past.last:
            return self.past.position(number)
        return self._old + bisect_left(self._recent, number, 0, self._new, key=_number)

    def find(self, number: int) -> Entry | None:
        """Return the entry with this number, None if there is none."""
        if number <= self.past.last:
            return self.past.find(number)
        at = bisect_left(self._recent, number, 0, self._new, key=_number)
        if at < self._new and self._recent[at].entry == number:
            return self._recent[at]
        return None

    def find_sale(self, sale: str) -> Purchase | None:
        """Return the purchase with this sale id, None if there is none."""
        for entry in self.recent():
            if isinstance(entry, Purchase) and entry.sale == sale:
                return self.past.find_sale(sale) or entry
        return self.past.find_sale(sale)

    def find_named(self, own_id: str) -> Change | None:
        """Return the first change that has this id of its own, None if there is none."""
        number = self.past.named.get(own_id)
        old = self.past.find(number) if number is not None else None
        if isinstance(old, Change):
            return old
        changes = (entry for entry in self.recent() if isinstance(entry, Change))
        return next((change for change in changes if change.own_id == own_id), None)

    def closes(self) -> Iterator[Change]:
        """Yield the closes of days that count, the latest first."""
        dead = self.undone
        recent = [
            entry for entry in self.recent() if isinstance(entry, Change) and entry.action is Action.CLOSE
        ]
        yield from (close for close in reversed(recent) if close.entry not in dead)
        for number in reversed(self.past.closes):
            close = self.past.find(number) if number not in dead else None
            if isinstance(close, Change):
                yield close

    def last_close(self) -> Change | None:
        """Return the latest close of a day that counts, None if there is none."""
        return next(self.closes(), None)

    # What counts

    @cached_property
    def taken_back_by(self) -> Mapping[int, int]:
        """Number of the undo by number of what it undoes."""
        found = {entry.undoes: entry.entry for entry in self.recent() if entry.undoes is not None}
        return {**self.past.taken_back_by, **found}

    @cached_property
    def undone(self) -> frozenset[int]:
        """Numbers of the entries that do not count: those taken back, and those that took them back."""
        return without_effect(self.taken_back_by)

    def sales(self) -> Iterator[Purchase]:
        """Yield the sales and returns that count, oldest first."""
        dead = self.undone
        return (e for e in self if isinstance(e, Purchase) and e.entry not in dead)

    def returns_of(self, sale: str) -> list[Purchase]:
        """Return the returns of a sale that count, oldest first."""
        return self._counted(self.past.returns_of(sale), lambda purchase: purchase.returns == sale)

    def purchases_of(self, customer_id: str, most: int | None = None) -> list[Purchase]:
        """Return the sales and returns of a customer that count, oldest first.

        Args:
            customer_id: Id of the customer.
            most: Of how many of the latest; None = of all. Those that do not count are among the many.
        """
        found = self.past.purchases_of(customer_id, most)
        return self._counted(found, lambda purchase: purchase.customer_id == customer_id, most)

    def _counted(self, old: Iterable[Purchase], wanted: _Wanted, most: int | None = None) -> list[Purchase]:
        dead = self.undone
        new = (entry for entry in self.recent() if isinstance(entry, Purchase) and wanted(entry))
        return [purchase for purchase in deque(chain(old, new), most) if purchase.entry not in dead]

    # Totals

    def tally(self, since: date | None = None, until: date | None = None) -> Tally:
        """Return what a span of days brought; None = no bound."""
        tally = self.past.tally(since, until)
        for purchase, times in self._not_in_the_past():
            if _within(purchase.time.date(), since, until):
                tally.count(purchase, times)
        return tally

    def days(self, since: date | None = None, until: date | None = None) -> dict[date, DayTally]:
        """Return what each day of a span brought that has a sale or a return, days in their order."""
        days = self.past.days(since, until)
        for purchase, times in self._not_in_the_past():
            day = purchase.time.date()
            if _within(day, since, until):
                days[day] = days.get(day, NO_SALES).with_one(purchase, times)
        return {day: days[day] for day in sorted(days) if days[day].sales or days[day].returns}

    def bought(self, customer_id: str) -> Bought:
        """Return what a customer bought in all."""
        if not self._old or customer_id in self._told_anew:
            return self._told_anew.get(customer_id, _NOTHING)
        return self.past.bought(customer_id)

    def ranking(self, by: Ranked) -> Mapping[str, float]:
        """Return a number to order customers by, by id; who bought nothing may have none."""
        return {**self.past.ranking(by), **{who: had.rank(by) for who, had in self._told_anew.items()}}

    @cached_property
    def _told_anew(self) -> Mapping[str, Bought]:
        """What the customers bought of whom something came since the past, or is undone by now."""
        fresh = list(self._not_in_the_past())
        if not self._old:
            gathered: dict[str, Bought] = {}
            for purchase, _ in fresh:
                had = gathered.get(purchase.customer_id, _NOTHING)
                gathered[purchase.customer_id] = had.with_one(purchase)
            gathered.pop("", None)
            return gathered
        told: dict[str, Bought] = {}
        undone_sales = {p.customer_id for p, times in fresh if times < 0}
        for purchase, times in fresh:
            who = purchase.customer_id
            if who and who not in undone_sales and times > 0:
                told[who] = told.get(who, self.past.bought(who)).with_one(purchase)
        for who in undone_sales - {""}:
            bought = _NOTHING
            for purchase in self.purchases_of(who):
                bought = bought.with_one(purchase)
            told[who] = bought
        return told

    def _not_in_the_past(self) -> Iterator[tuple[Purchase, int]]:
        """Yield the purchases whose counting differs from what the past says: 1 = more, -1 = less."""
        dead = self.undone
        for entry in self.recent():
            if isinstance(entry, Purchase) and entry.entry not in dead:
                yield entry, 1
        dead_before = without_effect(self.past.taken_back_by) if self._old else frozenset[int]()
        turned = {number for number in dead ^ dead_before if number <= self.past.last}
        for number in sorted(turned):
            old = self.past.find(number)
            if isinstance(old, Purchase):
                yield old, (1 if number in dead_before else -1)

    # Products

    def fields_before(self, number: int, ids: frozenset[str]) -> dict[str, Product]:
        """Return some products as they were just before an entry, but for their quantities, which are 0."""
        known: dict[str, Product] = {}
        new = (entry for entry in self.recent() if isinstance(entry, Change))
        for change in chain(self.past.changes_of(ids), new):
            if change.entry >= number:
                break
            for line in change.lines:
                if line.product_id in ids:
                    _set_fields(known, line.product_id, line.after, line.extra)
        return known

    def touching(self, product_id: str, after: int) -> Iterator[Entry]:
        """Yield what touched a product after an entry, oldest first."""
        new = (entry for entry in self.since(max(after, self.past.last)) if touches(entry, product_id))
        return chain(self.past.touching(product_id, after) if after < self.past.last else (), new)


class _Wanted(Protocol):
    def __call__(self, purchase: Purchase, /) -> bool: ...


_NOTHING: Final = Bought()


def touches(entry: Entry, product_id: str) -> bool:
    """Tell whether an entry has a line of a product."""
    return any(line.product_id == product_id for line in entry.lines)


def undone(entries: Iterable[Entry]) -> frozenset[int]:
    """Return the numbers of those of some entries that do not count."""
    return without_effect({entry.undoes: entry.entry for entry in entries if entry.undoes is not None})


def without_effect(taken_back_by: Mapping[int, int]) -> frozenset[int]:
    """Return the numbers of the entries without effect: taken back, or the taking back itself.

    An undo that was itself undone leaves the first entry counted.

    Args:
        taken_back_by: Number of the undo by number of what it undoes.
    """
    return frozenset(taken_back_by.values()) | {n for n in taken_back_by if _taken_back(n, taken_back_by)}


def _taken_back(number: int, taken_back_by: Mapping[int, int]) -> bool:
    """Tell whether a chain of undoes ends with the entry taken back: the chain has an odd length."""
    out = False
    while number in taken_back_by:
        number = taken_back_by[number]
        out = not out
    return out


def _set_fields(
    known: dict[str, Product], product_id: str, after: Product | None, extra: Mapping[str, str] | None
) -> None:
    before = known.get(product_id)
    if after is None:
        known.pop(product_id, None)
    elif extra is not None:
        known[product_id] = after._replace(quantity=0, extra=extra)
    else:
        known[product_id] = after._replace(quantity=0, extra=before.extra if before else after.extra)


def _number(entry: Entry) -> int:
    return entry.entry


def _within(day: date, since: date | None, until: date | None) -> bool:
    return (since is None or day >= since) and (until is None or day <= until)
