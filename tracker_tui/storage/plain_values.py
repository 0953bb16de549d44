"""The times and the numbers of many plain lines of a log, checked as the log's own reader does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import compress
from operator import mul, sub
from typing import Any, Final

from tracker_tui.model.money import parse_stored_amount, parse_stored_count
from tracker_tui.model.records import OF_NO_PRODUCT, Action
from tracker_tui.storage.codec import CHANGES, OWN_COLUMNS, PURCHASES
from tracker_tui.storage.columns import Known, Unusual

DAY_LENGTH: Final = len("2026-03-02")
_CLOCK_LENGTH: Final = len("T09:00:00+01:00")
_ACTIONS: Final = frozenset(action.value.encode() for action in Action)
_OF_NO_PRODUCT: Final = frozenset(action.value.encode() for action in OF_NO_PRODUCT)
_OWN_COLUMNS: Final = OWN_COLUMNS.encode()
_MOST_DIGITS: Final = 12
_OF_AMOUNTS: Final = b"0123456789.-\n"
_LONGEST_AMOUNT: Final = 20

ZONE_BITS: Final = 12
"""So many bits of a clock tell how far it is ahead of UTC."""
_NO_ZONE: Final = 1 << ZONE_BITS - 1


def _day(raw: bytes) -> int:
    """Read the day of a time, as the program writes it."""
    text = raw.decode()
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError("not as the program writes it")
    return day.toordinal()


def _clock(raw: bytes) -> int:
    """Read the rest of a time, as the program writes it; see `clock_of`."""
    text = _SOME_DAY + raw.decode()
    if len(raw) != _CLOCK_LENGTH or (time := datetime.fromisoformat(text)).isoformat() != text:
        raise ValueError("not as the program writes it")
    return clock_of(time)


def clock_of(time: datetime) -> int:
    """Return what a time's clock shows as one number: the second of the day, and the minutes ahead of UTC."""
    offset = time.utcoffset()
    zone = int(offset.total_seconds()) // 60 if offset is not None else 0
    return (3600 * time.hour + 60 * time.minute + time.second) << ZONE_BITS | (zone + _NO_ZONE)


def zone_of(clock: int) -> int:
    """Return the minutes that a clock is ahead of UTC."""
    return (clock & (1 << ZONE_BITS) - 1) - _NO_ZONE


_SOME_DAY: Final = "2026-03-02"
DAYS: Final[Known[int]] = Known(_day)
CLOCKS: Final[Known[int]] = Known(_clock, 1 << 18)

_COUNTS: Final[Known[int]] = Known(lambda raw: parse_stored_count(raw.decode()))
_LEVELS: Final[Known[int]] = Known(lambda raw: parse_stored_count(raw.decode() or "0"))
_COINS: Final[dict[tuple[int, bool], Known[int]]] = {}


def coins(decimals: int, *, signed: bool = True) -> Known[int]:
    """Return what reads amounts as whole numbers of the smallest coin; ValueError where one is finer.

    Args:
        decimals: The shop's decimals.
        signed: Whether they may be below 0.
    """

    def read(raw: bytes) -> int:
        whole, point, part = raw.partition(b".")
        digits = whole + part
        if (
            digits.isdigit()
            and 0 < len(whole) <= _MOST_DIGITS
            and len(part) == decimals
            and bool(point) == bool(part)
        ):
            return int(digits)
        amount = parse_stored_amount(raw.decode(), decimals, signed=signed)
        if amount.as_tuple().exponent != -decimals:
            raise ValueError("finer than the coins of the shop")
        return int(amount.scaleb(decimals))

    return _COINS.setdefault((decimals, signed), Known(read, 1 << 18))


def amounts_of(texts: Sequence[bytes], decimals: int) -> list[int]:
    """Read amounts of which nearly each is another, as `coins` does.

    To look up one of many that were read before takes longer than to read it with its neighbours.

    Raises:
        Unusual: One of them is none, or finer than the coins of the shop.
    """
    together = b"\n".join(texts)
    if (
        decimals
        and texts
        and not together.translate(None, _OF_AMOUNTS)
        and together.count(b".") == len(texts)
        and not any(begun in b"\n" + together for begun in (b"\n.", b"-."))
        and max(map(len, texts)) <= _LONGEST_AMOUNT
    ):
        try:
            if {text[-1 - decimals] for text in texts} == {ord(".")}:
                return list(map(int, together.replace(b".", b"").split(b"\n")))
        except (IndexError, ValueError):  # too short, or a sign within
            pass
    return coins(decimals).all(texts)


def _purchase_values(of: Mapping[str, Sequence[bytes]], decimals: int) -> dict[str, list[int]]:
    """Read the numbers of lines of sales, and check them as the log's own reader does.

    Raises:
        Unusual: One of the lines must be looked at by itself.
    """
    amounts = coins(decimals)
    counts, totals = _COUNTS.all(of["quantity"]), amounts_of(of["total"], decimals)
    before = map(mul, counts, coins(decimals, signed=False).all(of["price"]))
    if list(map(sub, before, amounts.all(of["discount"]))) != totals:
        raise Unusual
    return {"quantity": counts, "total": totals}


def _change_values(of: Mapping[str, Sequence[bytes]], decimals: int) -> dict[str, list[int]]:
    """Read the numbers of lines of changes, and check them as the log's own reader does.

    Raises:
        Unusual: One of the lines must be looked at by itself.
    """
    if not {*of["action"]} <= _ACTIONS:
        raise Unusual
    if not all(of["product_id"]):
        nameless = zip(of["product_id"], of["action"], of["price"], strict=True)
        if any(
            not product and (price or action not in _OF_NO_PRODUCT) for product, action, price in nameless
        ):
            raise Unusual
    if any(_OWN_COLUMNS in note for note in {*of["note"]}):
        raise Unusual
    there = [bool(price) for price in of["price"]]
    amounts = coins(decimals, signed=False)
    amounts.all(list(filter(None, of["price"])))
    amounts.all(list(filter(None, compress(of["cost"], there))))
    _LEVELS.all(list(compress(of["reorder_level"], there)))
    return {"quantity_change": _COUNTS.all(of["quantity_change"])}


PLAIN_VALUES: Final[Mapping[str, Callable[[Mapping[str, Any], int], dict[str, list[int]]]]] = {
    PURCHASES.file: _purchase_values,
    CHANGES.file: _change_values,
}
"""What reads the numbers of the lines of a log, by its name."""
