"""Making the history of both logs: reading every line of a shop's life once."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from tracker_tui.model.ledger import without_effect
from tracker_tui.model.records import OF_NO_PRODUCT, OWN_ID, Action, Change
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.counting import Fields, LogCount
from tracker_tui.storage.forked import Forked
from tracker_tui.storage.goods_count import GoodsCount
from tracker_tui.storage.history_file import MOST_NUMBERS, Unfit, found_by_sorted, write_history
from tracker_tui.storage.sales_log import FIRST_LINE, OtherWork, SalesLog
from tracker_tui.tuples import NamedTuple

MERGE_MARK: Final = "inventory.txt "
"""How the note of an entry begins that took a hand edit over."""
_MERGE_MARK: Final = MERGE_MARK.encode()
_OWN_ID: Final = OWN_ID.encode()
_OF_NO_PRODUCT: Final = frozenset(action.value.encode() for action in OF_NO_PRODUCT)
_WEIGHT_OF_CHANGES: Final = 1.6
"""How much longer it takes to count a byte of `changes.txt` than one of `purchases.txt`."""
KEPT_BYTES: Final = 1 << 12
"""So much of the end of `purchases.txt` is left to be kept in memory."""
_LONG_BYTES: Final = 1 << 23
"""A log of more bytes than this is worth a second process."""
_NO_TIME: Final = datetime.min.replace(tzinfo=UTC)

Told = Callable[[int, int], None]


class LogFile(NamedTuple):
    """A log to count.

    Attributes:
        read_at: Reads so many bytes from a place on.
        size: Its bytes; 0 where it is not there.
        state: What tells this state of it from another, see `full_state`.
    """

    read_at: Callable[[int, int], bytes]
    size: int
    state: tuple[int, ...]


class ChangesCount:
    """What is counted of `changes.txt` besides the goods.

    Attributes:
        undoes: Number of the undo by number of what it undoes.
        merges: Number and note of each change that took a hand edit over.
        named: Number of the first change of each id that a change has of its own.
        closes: Number of each close of a day.
    """

    def __init__(self, goods: GoodsCount) -> None:
        self._goods = goods
        self.undoes: dict[int, int] = {}
        self.merges: list[tuple[int, str]] = []
        self.named: dict[str, int] = {}
        self.closes: list[int] = []

    def take_entry(self, change: Change) -> None:
        """Count one change."""
        self._goods.take_change(change)
        self._look_at(change)

    def take_fields(self, fields: Fields) -> None:
        """Count plain lines."""
        self._goods.take_fields(fields)
        for number, action, note in zip(
            fields.numbers, fields.first("action"), fields.first("note"), strict=True
        ):
            if action in _OF_NO_PRODUCT or note.startswith(_MERGE_MARK) or _OWN_ID in note:
                self._look_at(Change(number, "", Action(action.decode()), (), note.decode(), _NO_TIME))

    def _look_at(self, change: Change) -> None:
        if change.undoes is not None:
            self.undoes[change.undoes] = change.entry
        if change.note.startswith(MERGE_MARK):
            self.merges.append((change.entry, change.note))
        if change.action is Action.CLOSE:
            self.closes.append(change.entry)
        if change.own_id:
            self.named.setdefault(change.own_id, change.entry)


def build_history(
    purchases: LogFile,
    changes: LogFile,
    decimals: int,
    columns: Sequence[str],
    told: Told,
    *,
    in_halves: bool,
) -> bytes:
    """Count both logs.

    Args:
        purchases: `purchases.txt`.
        changes: `changes.txt`.
        decimals: The shop's decimals.
        columns: The columns of the inventory.
        told: Told from time to time how many bytes of how many are done.
        in_halves: Whether a process may be forked to share the work; only one without threads may.

    Raises:
        Unfit: They cannot be counted so.
    """
    try:
        return _history(purchases, changes, decimals, columns, told, in_halves=in_halves)
    except OverflowError as error:  # a sum that no column can hold
        raise Unfit from error


def _history(
    purchases: LogFile,
    changes: LogFile,
    decimals: int,
    columns: Sequence[str],
    told: Told,
    *,
    in_halves: bool,
) -> bytes:
    until = _until(purchases)
    size = purchases.size + changes.size
    shared = in_halves and purchases.size > _LONG_BYTES
    goods = GoodsCount()
    others = ChangesCount(goods)
    changed = LogCount(CHANGES, decimals, until, others.take_fields, others.take_entry)
    sale_log = SalesLog(decimals, until)
    first = OtherWork(partial(changed.count, changes.read_at, changes.size), changes.size, _WEIGHT_OF_CHANGES)
    count = sale_log.count_in_two if shared else sale_log.count_behind
    count(purchases.read_at, purchases.size, lambda done: told(done, size), first)
    sold, sales = sale_log.log, sale_log.sales
    both = len(sold.numbers) + len(changed.numbers)
    if both >= MOST_NUMBERS or not {*changed.numbers}.isdisjoint(sold.numbers):
        raise Unfit
    last = max([0, *sold.numbers[-1:], *changed.numbers[-1:]])

    # The forked one reads columns of numbers; to look at each of the products would copy the memory they lie in.
    with Forked(partial(_of_sales, sale_log, others)) if shared else nullcontext() as forked:
        late = goods.born_behind(sold.numbers[0]) if sold.numbers else {}
        stock = goods.stock(columns, last, sale_log.sold.since(late, sold.numbers))
        about = {
            "decimals": decimals,
            "logs": {
                PURCHASES.file: _state(sold, purchases),
                CHANGES.file: _state(changed, changes),
            },
            "last": last,
            "gaps": _gaps([*sold.numbers, *changed.numbers]) if both < last else [],
            "merges": others.merges,
            "named": others.named,
            "closes": others.closes,
            "odd": stock.odd,
        }
        numbers = {"changed_numbers": changed.numbers, "changed_at": changed.at}
        of_sales = forked.result() if forked is not None else None
    totals, columns_of_sales = of_sales or _of_sales(sale_log, others)
    return write_history({**about, **totals}, {**numbers, **columns_of_sales}, sales.names(), stock.table)


def _of_sales(log: SalesLog, others: ChangesCount) -> tuple[dict[str, Any], dict[str, array[Any]]]:
    """Return what the history says of the sales: what is no column, and the columns."""
    numbers, sales = log.log.numbers, log.sales
    taken_back_by = _later_of_both(others.undoes, sales.undoes)
    dead = without_effect(taken_back_by)
    days, totals = sales.totals(numbers, dead)
    columns = {
        "sold_numbers": numbers,
        "sold_at": log.log.at,
        "people_ids": found_by_sorted([key for key, _ in sales.names()]),
        **sales.columns(),
        **totals,
    }
    about = {
        "taken_back_by": sorted(taken_back_by.items()),
        "days": days,
        "taxes": sales.taxes(numbers, dead),
    }
    return about, columns


def _later_of_both(one: dict[int, int], other: dict[int, int]) -> dict[int, int]:
    """Return the undo of each entry; where two say that they undo the same, the later one."""
    return {number: max(one.get(number, 0), other.get(number, 0)) for number in one.keys() | other.keys()}


def _until(purchases: LogFile) -> float:
    """Return the last number that is counted: what comes after it is kept in memory."""
    if purchases.size <= KEPT_BYTES:
        return float("inf")
    found = FIRST_LINE.search(purchases.read_at(purchases.size - KEPT_BYTES, KEPT_BYTES))
    return int(found[1]) - 1 if found else float("inf")


def _state(count: LogCount[Any], log: LogFile) -> dict[str, Any]:
    """Return where the reader of a log stands, and what tells whether the log is still the same up to there."""
    return {**count.reader.state(), "log": log.state, "checks": count.checks}


def _gaps(numbers: list[int]) -> list[tuple[int, int]]:
    """Return the first and the last number of each run of numbers that no entry has."""
    gaps: list[tuple[int, int]] = []
    before = 0
    for number in sorted(numbers):
        if number - before > 1:
            gaps.append((before + 1, number - 1))
        before = number
    return gaps
