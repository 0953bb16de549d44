"""The shop as it stands: an immutable snapshot, and what one entry makes of the products.

The logs are the truth. `apply` is the only place that says what an entry does to the stock, so a replay
of all entries and the running program cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import Final, overload

from tracker_tui.model.records import (
    NO_EXTRA,
    ChangeLine,
    Customer,
    Entry,
    HeldEdit,
    Problem,
    Product,
    Purchase,
    Settings,
)

_NO_PRODUCTS: Final[Mapping[str, Product]] = MappingProxyType({})
_NO_CUSTOMERS: Final[Mapping[str, Customer]] = MappingProxyType({})


class EntryView(Sequence[Entry]):
    """The first `length` entries of a list that only ever grows: a fixed view without a copy."""

    __slots__ = ("_entries", "_length")

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = entries
        self._length = len(entries)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Entry]:
        return islice(self._entries, self._length)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | Sequence[Entry]:
        """Return the entry at a position, or those of a slice, counted within the view."""
        if isinstance(index, slice):
            return [self._entries[i] for i in range(*index.indices(self._length))]
        return self._entries[range(self._length)[index]]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The whole shop at one moment. Never changes; a change makes a new one with a higher revision.

    Attributes:
        revision: Grows with every change that this process has seen; only for telling two apart.
        entry: Number of the last entry that is counted in.
        products: Products by id, in the order of `inventory.txt`.
        customers: Customers by id.
        entries: All entries of both logs, oldest first.
        problems: What could not be read in the files.
        notices: What this session set aside or took over, so that nobody wonders.
        held_edit: A large change of `inventory.txt` by hand that waits for an answer; None if there is none.
        lost: Entries that this session saw and that are gone from their log; they still count here.
        settings: What `tracker.toml` says.
        read_only: Why nothing can be changed in this session; empty where it can.
    """

    revision: int = 0
    entry: int = 0
    products: Mapping[str, Product] = field(default_factory=lambda: _NO_PRODUCTS)
    customers: Mapping[str, Customer] = field(default_factory=lambda: _NO_CUSTOMERS)
    entries: Sequence[Entry] = ()
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()
    held_edit: HeldEdit | None = None
    lost: tuple[Entry, ...] = ()
    settings: Settings = field(default_factory=Settings)
    read_only: str = ""

    @cached_property
    def categories(self) -> Mapping[str, frozenset[str]]:
        """Ids of the products of each category, categories in the order of the alphabet."""
        ids: dict[str, set[str]] = {}
        for product in self.products.values():
            for category in product.categories:
                ids.setdefault(category, set()).add(product.id)
        ordered = sorted(ids, key=lambda name: (name.casefold(), name))
        return MappingProxyType({category: frozenset(ids[category]) for category in ordered})

    @cached_property
    def barcodes(self) -> Mapping[str, str]:
        """Product id by barcode."""
        codes = {code: product.id for product in self.products.values() for code in product.barcodes}
        return MappingProxyType(codes)

    @cached_property
    def undone(self) -> frozenset[int]:
        """Numbers of the entries that do not count: those taken back, and those that took them back."""
        return undone(self.entries)

    def sales(self) -> Iterator[Purchase]:
        """Yield the sales and returns that count, oldest first."""
        dead = self.undone
        return (e for e in self.entries if isinstance(e, Purchase) and e.entry not in dead)

    def find(self, number: int) -> Entry | None:
        """Return the entry with this number, None if there is none."""
        low, high = 0, len(self.entries)
        while low < high:
            middle = (low + high) // 2
            if self.entries[middle].entry < number:
                low = middle + 1
            else:
                high = middle
        found = self.entries[low] if low < len(self.entries) else None
        return found if found is not None and found.entry == number else None


def undone(entries: Iterable[Entry]) -> frozenset[int]:
    """Return the numbers of the entries without effect: taken back, or the taking back itself.

    An undo that was itself undone leaves the first entry counted.
    """
    taken_back_by = {entry.undoes: entry.entry for entry in entries if entry.undoes is not None}
    return frozenset(taken_back_by.values()) | {n for n in taken_back_by if _taken_back(n, taken_back_by)}


def _taken_back(number: int, taken_back_by: Mapping[int, int]) -> bool:
    """Tell whether a chain of undoes ends with the entry taken back: the chain has an odd length."""
    out = False
    while number in taken_back_by:
        number = taken_back_by[number]
        out = not out
    return out


def apply(products: dict[str, Product], entry: Entry) -> None:
    """Make of `products`, in place, what they are after `entry`.

    A line of a sale whose product is not there (any more, or not yet) leaves the products alone.
    """
    if isinstance(entry, Purchase):
        for line in entry.lines:
            product = products.get(line.product_id)
            if product is not None:
                products[product.id] = product._replace(quantity=product.quantity - line.quantity)
    else:
        for change in entry.lines:
            apply_change(products, change)


def apply_change(products: dict[str, Product], line: ChangeLine) -> None:
    """Make of `products`, in place, what they are after one line of a change."""
    before = products.get(line.product_id)
    if line.after is None:
        products.pop(line.product_id, None)
        return
    if line.extra is not None:
        extra = line.extra
    else:
        extra = before.extra if before is not None else NO_EXTRA
    held = before.quantity if before is not None else 0
    products[line.product_id] = line.after._replace(quantity=held + line.quantity_change, extra=extra)


def replay(entries: Iterable[Entry], products: Mapping[str, Product] = _NO_PRODUCTS) -> dict[str, Product]:
    """Return the products after `entries`, starting from `products`."""
    result = dict(products)
    for entry in entries:
        apply(result, entry)
    return result


def products_before(entries: Iterable[Entry], number: int, ids: frozenset[str]) -> dict[str, Product]:
    """Return the products of `ids` as they were just before the entry `number`."""
    result: dict[str, Product] = {}
    for entry in entries:
        if entry.entry >= number:
            break
        if any(line.product_id in ids for line in entry.lines):
            apply(result, entry)
    return {key: product for key, product in result.items() if key in ids}


def difference(before: Product | None, after: Product | None, product_id: str) -> ChangeLine:
    """Return the line that makes `after` of `before`."""
    held = before.quantity if before is not None else 0
    if after is None:
        return ChangeLine(product_id, None, -held, before.name if before is not None else "")
    was_extra = before.extra if before is not None else NO_EXTRA
    extra = after.extra if dict(after.extra) != dict(was_extra) else None
    bare = after._replace(quantity=0, extra=NO_EXTRA)
    return ChangeLine(product_id, bare, after.quantity - held, after.name, extra)
