"""The history: every entry of both logs as a row that tells old from new.

The logs hold what a product is after a change; what it was before comes out of a replay. `describe` replays
each entry once and goes on from what is described already, so a sale more costs one row more.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import is_
from types import MappingProxyType
from typing import Final

from tracker_tui.model.account import is_account_payment, paid_on_account
from tracker_tui.model.day_close import read_close
from tracker_tui.model.money import shown
from tracker_tui.model.queries import is_return
from tracker_tui.model.records import Action, Change, ChangeLine, Entry, Product, Purchase, Settings
from tracker_tui.model.rules import join_set
from tracker_tui.model.state import apply, apply_change
from tracker_tui.model.tax import goods_of
from tracker_tui.model.text import folded
from tracker_tui.tuples import NamedTuple

_NAMED: Final = 3
"""How many products a row names before it only counts them."""

_WAITING: Final = "…"
"""Stands where something is not looked up yet."""

_LOOK_UP_EVERY: Final = 500
"""Rows between two looks at whether a search is still wanted."""


class HistoryRow(NamedTuple):
    """One entry, and what is known of it besides.

    Attributes:
        entry: The entry as it stands in its log.
        before: For a change, the product of each line just before it, None where there was none; empty
            for a sale; None = not looked up yet.
        undone_by: Number of the entry that took it back; None where it counts.
        has_stock: Whether the quantities of `before` are known.
    """

    entry: Entry
    before: tuple[Product | None, ...] | None = ()
    undone_by: int | None = None
    has_stock: bool = True

    @property
    def number(self) -> int:
        """The entry's number."""
        return self.entry.entry


class History(NamedTuple):
    """All entries described, and where the next description goes on.

    Attributes:
        rows: A row for each entry, oldest first.
        products: The products after the last of them.
        taken_back_by: Number of the undo by number of what it undoes.
    """

    rows: tuple[HistoryRow, ...] = ()
    products: Mapping[str, Product] = MappingProxyType({})
    taken_back_by: Mapping[int, int] = MappingProxyType({})


NO_HISTORY: Final = History()
"""Nothing described yet."""


class FieldChange(NamedTuple):
    """One field of one product, before and after an entry.

    Attributes:
        product_id: Which product.
        name: Its name.
        field: The field, as people call it.
        was: Its value before; empty where there was none.
        now: Its value after; empty where there is none.
    """

    product_id: str
    name: str
    field: str
    was: str
    now: str

    def __str__(self) -> str:
        return f"{self.field} {self.was or 'none'} -> {self.now or 'none'}"


def describe(entries: Sequence[Entry], known: History = NO_HISTORY) -> History:
    """Describe all entries.

    Args:
        entries: All entries, oldest first.
        known: What is described already. Where it is not how `entries` begin, it does not count.

    Returns:
        A row for each entry. A row that did not change is the same object as in `known`.
    """
    done = len(known.rows)
    if done > len(entries) or not all(map(is_, (row.entry for row in known.rows), entries)):
        known, done = NO_HISTORY, 0
    if done == len(entries):
        return known
    rows = list(known.rows)
    products = dict(known.products)
    taken_back_by = dict(known.taken_back_by)
    fresh = entries[done:]
    for entry in fresh:
        rows.append(HistoryRow(entry, _replay(products, entry)))
        if entry.undoes is not None:
            taken_back_by[entry.undoes] = entry.entry
    for entry in fresh:
        _mark_undone(rows, entry, taken_back_by)
    return History(tuple(rows), products, taken_back_by)


def _replay(products: dict[str, Product], entry: Entry) -> tuple[Product | None, ...]:
    """Make of `products` what they are after `entry`; return what a change found."""
    if isinstance(entry, Purchase):
        apply(products, entry)
        return ()
    before: list[Product | None] = []
    for line in entry.lines:
        before.append(products.get(line.product_id))
        apply_change(products, line)
    return tuple(before)


def _mark_undone(rows: list[HistoryRow], entry: Entry, taken_back_by: Mapping[int, int]) -> None:
    """Mark what an undo takes back; where that was an undo too, what it took back counts again, and so on."""
    number = entry.undoes
    while number is not None:
        place = bisect_left(rows, number, key=lambda row: row.number)
        if place == len(rows) or rows[place].number != number:
            return
        by = taken_back_by[number] if is_taken_back(number, taken_back_by) else None
        rows[place] = rows[place]._replace(undone_by=by)
        number = rows[place].entry.undoes


def is_taken_back(number: int, taken_back_by: Mapping[int, int]) -> bool:
    """Tell whether an entry has no effect: a chain of undoes of odd length ends with it.

    Args:
        number: Of the entry.
        taken_back_by: Number of the undo by number of what it undoes.
    """
    out = False
    while number in taken_back_by:
        number = taken_back_by[number]
        out = not out
    return out


def what(entry: Entry) -> str:
    """Name what an entry is: `sale`, `return`, `payment`, `undo`, or the action of a change."""
    if isinstance(entry, Change):
        return str(entry.action)
    if entry.undoes is not None:
        return str(Action.UNDO)
    if is_account_payment(entry):
        return "payment"
    return "return" if is_return(entry) else "sale"


def which(entry: Entry) -> str:
    """Say whom and what an entry is about: the customer, and the first few products."""
    lines = goods_of(entry) if isinstance(entry, Purchase) else entry.lines
    names = [
        (line.name if isinstance(line, ChangeLine) else line.product) or line.product_id
        for line in lines[:_NAMED]
    ]
    more = len(lines) - len(names)
    listed = ", ".join(names) + (f" and {more:,} more" if more else "")
    customer = entry.customer if isinstance(entry, Purchase) else ""
    return f"{customer}: {listed}" if customer else listed


def summary(row: HistoryRow, settings: Settings) -> str:
    """Say in one line what an entry made of what; an entry that was undone begins with that."""
    entry = row.entry
    parts = [f"undone by {row.undone_by}"] if row.undone_by is not None else []
    if entry.undoes is not None:
        parts.append(f"takes back {entry.undoes}")
    parts.append(
        _sale_summary(entry, settings) if isinstance(entry, Purchase) else _change_summary(row, settings)
    )
    if note := note_of(entry):
        parts.append(note)
    return " · ".join(part for part in parts if part)


def note_of(entry: Entry) -> str:
    """Return the note that a person gave an entry; what an undo or a close notes for itself is none."""
    if entry.undoes is not None:
        return ""
    close = read_close(entry) if isinstance(entry, Change) else None
    return entry.note if close is None else close.note


def plain_summary(row: HistoryRow, settings: Settings) -> str:
    """Say what `summary` says; of a change whose old values are not known what it brought, never only that."""
    if row.before is None and isinstance(row.entry, Change) and len(row.entry.lines) == 1:
        (line,) = row.entry.lines
        now = _texts(line.after, line.extra or {}, settings) if line.after is not None else {}
        values = [f"{field} {value}" for field, value in now.items() if value and field != "name"]
        values += [f"quantity {line.quantity_change:+,}"] if line.quantity_change else []
        return f"{'now' if line.after is not None else 'gone'}: {', '.join(values)}"
    return summary(row, settings)


def _sale_summary(purchase: Purchase, settings: Settings) -> str:
    if is_account_payment(purchase):
        return shown(paid_on_account(purchase), settings.currency, settings.decimals)
    kinds = len({line.product_id or line.product for line in goods_of(purchase)})
    total = shown(purchase.total, settings.currency, settings.decimals)
    return f"{kinds:,} {'product' if kinds == 1 else 'products'}, {total}"


def _change_summary(row: HistoryRow, settings: Settings) -> str:
    if not any(line.product_id for line in row.entry.lines):
        return _close_summary(row.entry, settings)
    if row.before is None:
        return f"{len(row.entry.lines):,} products" if len(row.entry.lines) > 1 else _WAITING
    if len(row.entry.lines) == 1:
        return _one_product_summary(row, settings)
    counts = {"new": 0, "changed": 0, "gone": 0}
    pieces = 0
    for line, before in _change_lines(row):
        counts["new" if before is None else "changed" if line.after is not None else "gone"] += 1
        pieces += line.quantity_change
    listed = ", ".join(f"{number:,} {kind}" for kind, number in counts.items() if number)
    return f"{listed}; {pieces:+,} pieces" if pieces else listed


def _close_summary(entry: Entry, settings: Settings) -> str:
    """Say what a close of a day found in the till."""
    close = read_close(entry) if isinstance(entry, Change) else None
    if close is None:
        return ""
    amounts = (close.counted, close.expected, close.difference)
    counted, expected, off = (shown(amount, settings.currency, settings.decimals) for amount in amounts)
    return f"{counted} counted, {expected} expected: {off if close.difference else 'no difference'}"


def _one_product_summary(row: HistoryRow, settings: Settings) -> str:
    found = field_changes(row, settings)
    ((line, before),) = _change_lines(row)
    if before is not None and line.after is not None:
        return "; ".join(map(str, found))
    values = [f"{change.field} {change.now or change.was}" for change in found if change.field != "name"]
    return f"{'new' if before is None else 'gone'}: {', '.join(values)}"


def _change_lines(row: HistoryRow) -> Iterator[tuple[ChangeLine, Product | None]]:
    if isinstance(row.entry, Change) and row.before is not None:
        yield from zip(row.entry.lines, row.before, strict=True)


def field_changes(row: HistoryRow, settings: Settings) -> tuple[FieldChange, ...]:
    """Return every field that a change changed, old and new, product by product; none for a sale."""
    found: list[FieldChange] = []
    counted = isinstance(row.entry, Change) and row.entry.action is Action.COUNT
    for line, before in _change_lines(row):
        name = line.name or (before.name if before is not None else line.product_id)
        was = _texts(before, before.extra, settings) if before is not None else {}
        now = {}
        if line.after is not None:
            extra = line.extra if line.extra is not None else before.extra if before is not None else {}
            now = _texts(line.after, extra, settings)
        for field in dict.fromkeys((*was, *now)):
            if was.get(field, "") != now.get(field, ""):
                change = FieldChange(line.product_id, name, field, was.get(field, ""), now.get(field, ""))
                found.append(change)
        quantity = _quantity_change(line, before, counted=counted, known=row.has_stock)
        if quantity is not None:
            found.append(FieldChange(line.product_id, name, "quantity", *quantity))
    return tuple(found)


def _texts(product: Product, extra: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Return the fields of a product as a person reads them, but for the quantity."""
    cost = shown(product.cost, "", settings.decimals) if product.cost is not None else ""
    return {
        "name": product.name,
        "price": shown(product.price, "", settings.decimals),
        "categories": join_set(product.categories, ", "),
        "reorder level": f"{product.reorder_level:,}" if product.reorder_level else "",
        "barcodes": join_set(product.barcodes, ", "),
        "cost": cost,
        **extra,
    }


def _quantity_change(
    line: ChangeLine, before: Product | None, *, counted: bool, known: bool
) -> tuple[str, str] | None:
    """Return the quantity before and after; None where it stayed and nobody counted it.

    Where the one before is not known, only what was added or taken is told.
    """
    if not known and before is not None:
        return ("", f"{line.quantity_change:+,}") if line.quantity_change else None
    if line.after is None:
        return (f"{before.quantity:,}", "") if before is not None else None
    if before is None:
        return "", f"{line.quantity_change:,}"
    if not line.quantity_change and not counted:
        return None
    after = before.quantity + line.quantity_change
    return f"{before.quantity:,}", f"{after:,} ({line.quantity_change:+,})"


def row_text(row: HistoryRow, settings: Settings) -> str:
    """Return all text of an entry that a search looks at."""
    entry = row.entry
    parts = [f"{entry.entry} {entry.time:%Y-%m-%d %H:%M}", entry.clerk, what(entry), entry.note]
    parts.append(summary(row, settings))
    if isinstance(entry, Purchase):
        parts += [entry.customer_id, entry.customer, entry.sale, entry.returns, entry.payment]
        for sold in entry.lines:
            parts += (sold.product_id, sold.product)
    else:
        for line in entry.lines:
            parts += (line.product_id, line.name)
        if row.before is None:
            parts += _values_after(entry, settings)
        elif len(entry.lines) > 1:
            parts += map(str, field_changes(row, settings))
    return "\n".join(parts)


def _values_after(change: Change, settings: Settings) -> Iterator[str]:
    for line in change.lines:
        if line.after is not None:
            yield from _texts(line.after, line.extra or {}, settings).values()


class HistorySearch:
    """Finds entries by words; the text of each is made when it is first looked for, and kept.

    Several threads may search at once.

    Args:
        settings: For how amounts are written.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._texts: dict[int, tuple[HistoryRow, str]] = {}

    def matching(
        self, rows: Sequence[HistoryRow], typed: str, unwanted: Callable[[], bool] = lambda: False
    ) -> Sequence[HistoryRow] | None:
        """Return the rows that hold every word of `typed`, in their order.

        Args:
            rows: The rows to look among.
            typed: Words, in any order and case; empty = all rows.
            unwanted: Tells whether nobody waits for the answer any more.

        Returns:
            The rows; None where the answer came to be unwanted.
        """
        words = folded(typed).split()
        if not words:
            return rows
        found: list[HistoryRow] = []
        for place, row in enumerate(rows):
            if place % _LOOK_UP_EVERY == 0 and unwanted():
                return None
            text = self._text(row)
            if all(word in text for word in words):
                found.append(row)
        return found

    def _text(self, row: HistoryRow) -> str:
        known = self._texts.get(row.number)
        if known is not None and known[0] is row:
            return known[1]
        text = folded(row_text(row, self._settings))
        self._texts[row.number] = (row, text)
        return text
