"""Making the history of both logs, and finding what a person changed in `inventory.txt` against them.

This reads every line of a shop's life. It is done where nothing derived is there or fits, in a process of
its own for a large shop: see `counted`.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from tracker_tui.model.account import TO_ACCOUNT, is_account_payment
from tracker_tui.model.ledger import without_effect
from tracker_tui.model.records import UNDO_SALE, Action, Change, Purchase
from tracker_tui.storage.codec import CHANGES, PURCHASES, format_time
from tracker_tui.storage.counting import Fields, LogCount, coins
from tracker_tui.storage.goods_count import GoodsCount
from tracker_tui.storage.history_file import (
    MOST_NUMBERS,
    NAMED_ONLY,
    Unfit,
    fingerprint,
    sorted_ids,
    write_history,
)
from tracker_tui.storage.log import TAIL_BYTES, LogReader

_PAYMENT: Final = 2
"""Beside 0 for a sale and 1 for a return: a payment on account, which is in no total."""
_NO_TIME: Final = datetime.min.replace(tzinfo=UTC)
MERGE_MARK: Final = "inventory.txt "
"""How the note of an entry begins that took a hand edit over."""
KEPT_BYTES: Final = 1 << 15
"""So much of the end of `purchases.txt` is left to be kept in memory."""
_FIRST_LINE: Final = re.compile(rb"\n\"?([1-9]\d{0,14})\"?,\"?1/\d")


class LogFile(NamedTuple):
    """A log to count.

    Attributes:
        read_at: Reads so many bytes from a place on.
        size: Its bytes; 0 where it is not there.
        device: Of the file system.
        inode: Of the file.
        mtime_ns: Time of its last write.
    """

    read_at: Callable[[int, int], bytes]
    size: int
    device: int
    inode: int
    mtime_ns: int


class PurchaseCount:
    """What is counted of the sales and returns."""

    def __init__(self, decimals: int, goods: GoodsCount) -> None:
        self._decimals = decimals
        self._goods = goods
        self.people: dict[str, int] = {}
        self.names: list[str] = []
        self.sold_to = array("I")
        self.units: list[int] = []
        self.money: list[int] = []
        self.times: list[str] = []
        self.kinds = bytearray()
        self.sale_ids: list[tuple[str, int]] = []
        self.return_ids: list[tuple[str, int]] = []
        self.undoes: dict[int, int] = {}

    def take_fields(self, fields: Fields) -> None:
        """Count plain lines."""
        of = fields.of
        amounts = coins(self._decimals)
        totals = [amounts[total] for total in of["total"]]
        counts = list(map(int, of["quantity"]))
        self._goods.take_sold(of["product_id"], counts, of["entry"])
        sales, ids, customers = of["sale"], of["customer_id"], of["customer"]
        returns, times, payments = of["returns"], of["time"], of["payment"]
        ends = [*fields.firsts[1:], fields.lines]
        for number, first, end in zip(fields.numbers, fields.firsts, ends, strict=True):
            self._take(
                number,
                sales[first],
                ids[first],
                customers[first],
                returns[first],
                times[first],
                sum(counts[first:end]),
                sum(totals[first:end]),
                paid=payments[first].endswith(TO_ACCOUNT) and not any(counts[first:end]),
            )

    def take_entry(self, purchase: Purchase, _at: int) -> None:
        """Count one sale or return."""
        scaled = purchase.total.scaleb(self._decimals)
        if scaled != int(scaled):
            raise Unfit
        self._goods.take_purchase(purchase)
        self._take(
            purchase.entry,
            purchase.sale,
            purchase.customer_id,
            purchase.customer,
            purchase.returns,
            format_time(purchase.time),
            purchase.units,
            int(scaled),
            paid=is_account_payment(purchase),
        )

    def _take(
        self,
        number: int,
        sale: str,
        customer_id: str,
        customer: str,
        returns: str,
        time: str,
        units: int,
        money: int,
        *,
        paid: bool,
    ) -> None:
        position = len(self.units)
        who = customer_id or customer
        person = 0
        if who:
            person = self.people.get(who, 0)
            if not person:
                self.names += (who if customer_id else NAMED_ONLY + who, customer)
                person = self.people[who] = len(self.people) + 1
            elif not (returns or units < 0 or paid):
                self.names[2 * person - 1] = customer
        self.sold_to.append(person)
        self.units.append(units)
        self.money.append(money)
        self.times.append(time)
        self.kinds.append(_PAYMENT if paid else bool(returns) or units < 0)
        self.sale_ids.append((sale, position))
        if returns:
            self.return_ids.append((returns, position))
        if sale.startswith(UNDO_SALE):
            undone = Purchase(number, "", sale, "", "", (), "", "", "", _NO_TIME).undoes
            if undone is not None:
                self.undoes[undone] = number

    def totals(
        self, numbers: Sequence[int], dead: frozenset[int]
    ) -> tuple[list[list[int]], dict[str, array[Any]]]:
        """Return the days as [day, sales, returns, pieces, money, people], and the columns of the people."""
        count = len(self.people)
        sales, units = array("I", bytes(4 * count)), array("q", bytes(8 * count))
        money, last = array("q", bytes(8 * count)), [""] * count
        days: dict[str, list[int]] = {}
        buyers: dict[str, array[int]] = {}
        for number, person, pieces, amount, time, back in zip(
            numbers, self.sold_to, self.units, self.money, self.times, self.kinds, strict=True
        ):
            if number in dead or back == _PAYMENT:
                continue
            text = time[:10]
            day = days.get(text)
            if day is None:
                day = days[text] = [0, 0, 0, 0]
                buyers[text] = array("I")
            day[back] += 1
            day[2] += pieces
            day[3] += amount
            if person:
                units[person - 1] += pieces
                money[person - 1] += amount
                if not back:
                    sales[person - 1] += 1
                    last[person - 1] = time
                    buyers[text].append(person - 1)
        ordered = sorted(days)
        table = [
            [datetime.fromisoformat(text).toordinal(), *days[text], len(buyers[text])] for text in ordered
        ]
        moments = [datetime.fromisoformat(time) if time else None for time in last]
        columns: dict[str, array[Any]] = {
            "day_people": array("I", b"".join(buyers[text].tobytes() for text in ordered)),
            "people_sales": sales,
            "people_units": units,
            "people_money": money,
            "people_last": array("q", [int(time.timestamp()) if time else 0 for time in moments]),
            "people_zone": array("h", [_zone(time) for time in moments]),
        }
        return table, columns


def _zone(time: datetime | None) -> int:
    offset = time.utcoffset() if time is not None else None
    return int(offset.total_seconds()) // 60 if offset is not None else 0


def build_history(
    purchases: LogFile, changes: LogFile, decimals: int, goods: GoodsCount, told: Callable[[int, int], None]
) -> bytes:
    """Count both logs.

    Args:
        purchases: `purchases.txt`.
        changes: `changes.txt`.
        decimals: The shop's decimals.
        goods: Counts the stock besides.
        told: Told from time to time how many bytes of how many are done.

    Raises:
        Unfit: They cannot be counted so.
    """
    until = _until(purchases)
    size = purchases.size + changes.size
    undoes: dict[int, int] = {}
    merges: list[tuple[int, str]] = []

    def look_at(change: Change) -> None:
        if change.undoes is not None:
            undoes[change.undoes] = change.entry
        if change.note.startswith(MERGE_MARK):
            merges.append((change.entry, change.note))

    def take_change(change: Change, _at: int) -> None:
        goods.take_change(change)
        look_at(change)

    def take_changes(fields: Fields) -> None:
        goods.take_fields(fields)
        actions, notes = fields.of["action"], fields.of["note"]
        for first, number in zip(fields.firsts, fields.numbers, strict=True):
            if actions[first] == "undo" or notes[first].startswith(MERGE_MARK):
                look_at(Change(number, "", Action(actions[first]), (), notes[first], _NO_TIME))

    changed = LogCount(CHANGES, decimals, until, take_changes, take_change)
    changed.count(changes.read_at, changes.size, lambda done: told(done, size))
    count = PurchaseCount(decimals, goods)
    sold = LogCount(PURCHASES, decimals, until, count.take_fields, count.take_entry)
    sold.count(purchases.read_at, purchases.size, lambda done: told(changes.size + done, size))
    taken_back_by = {**undoes, **count.undoes}
    both = len(sold.numbers) + len(changed.numbers)
    if both >= MOST_NUMBERS or len(set(sold.numbers) | set(changed.numbers)) != both:
        raise Unfit
    days, columns = count.totals(sold.numbers, without_effect(taken_back_by))
    last = max([0, *sold.numbers[-1:], *changed.numbers[-1:]])
    about = {
        "decimals": decimals,
        "logs": {
            PURCHASES.file: _state(sold.reader, purchases),
            CHANGES.file: _state(changed.reader, changes),
        },
        "last": last,
        "gaps": _gaps([*sold.numbers, *changed.numbers]),
        "taken_back_by": sorted(taken_back_by.items()),
        "days": days,
        "merges": merges,
    }
    columns |= {
        "sold_numbers": sold.numbers,
        "sold_at": sold.at,
        "sold_to": count.sold_to,
        "sale_ids": sorted_ids(count.sale_ids),
        "return_ids": sorted_ids(count.return_ids),
        "changed_numbers": changed.numbers,
        "changed_at": changed.at,
        "people_ids": sorted_ids([(who, number - 1) for who, number in count.people.items()]),
    }
    return write_history(about, columns, count.names)


def _until(purchases: LogFile) -> float:
    """Return the last number that is counted: what comes after it is kept in memory."""
    if purchases.size <= KEPT_BYTES:
        return float("inf")
    found = _FIRST_LINE.search(purchases.read_at(purchases.size - KEPT_BYTES, KEPT_BYTES))
    return int(found[1]) - 1 if found else float("inf")


def _state(reader: LogReader[Any], log: LogFile) -> dict[str, Any]:
    tail = log.read_at(max(0, reader.size - TAIL_BYTES), min(reader.size, TAIL_BYTES))
    return {
        **reader.state(),
        "tail": fingerprint(tail),
        "device": log.device,
        "inode": log.inode,
        "file_size": log.size,
        "mtime_ns": log.mtime_ns,
    }


def _gaps(numbers: list[int]) -> list[tuple[int, int]]:
    """Return the first and the last number of each run of numbers that no entry has."""
    gaps: list[tuple[int, int]] = []
    before = 0
    for number in sorted(numbers):
        if number - before > 1:
            gaps.append((before + 1, number - 1))
        before = number
    return gaps
