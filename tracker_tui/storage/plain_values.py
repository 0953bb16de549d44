"""The times and the numbers of many plain lines of a log, checked as the log's own reader does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import compress
from operator import eq, mul, sub
from typing import Any, Final

from tracker_tui.model.money import parse_stored_amount, parse_stored_count
from tracker_tui.model.records import OF_NO_PRODUCT, Action
from tracker_tui.storage.codec import CHANGES, OWN_COLUMNS, PURCHASES
from tracker_tui.storage.columns import Known, Unusual

DAY_LENGTH: Final = len("2026-03-02")
_CLOCK_LENGTH: Final = len("T09:00:00+01:00")
_ACTIONS: Final = frozenset(action.value for action in Action)


def _day(text: str) -> int:
    """Read the day of a time, as the program writes it."""
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError("not as the program writes it")
    return day.toordinal()


def _clock(text: str) -> str:
    """Check the rest of a time, and return it: always the same object for the same text."""
    if len(text) != _CLOCK_LENGTH or datetime.fromisoformat(_SOME_DAY + text).isoformat() != _SOME_DAY + text:
        raise ValueError("not as the program writes it")
    return text


_SOME_DAY: Final = "2026-03-02"
DAYS: Final = Known(_day)
CLOCKS: Final = Known(_clock, 1 << 18)

_COUNTS: Final = Known(parse_stored_count)
_LEVELS: Final = Known(lambda text: parse_stored_count(text or "0"))
_COINS: Final[dict[tuple[int, bool], Known[int]]] = {}


def coins(decimals: int, *, signed: bool = True) -> Known[int]:
    """Return what reads amounts as whole numbers of the smallest coin; ValueError where one is finer.

    Args:
        decimals: The shop's decimals.
        signed: Whether they may be below 0.
    """

    def read(text: str) -> int:
        amount = parse_stored_amount(text, decimals, signed=signed)
        if amount.as_tuple().exponent != -decimals:
            raise ValueError("finer than the coins of the shop")
        return int(amount.scaleb(decimals))

    return _COINS.setdefault((decimals, signed), Known(read, 1 << 18))


def _purchase_values(of: Mapping[str, Sequence[str]], decimals: int) -> dict[str, Sequence[int]]:
    """Read the numbers of lines of sales, and check them as the log's own reader does.

    Raises:
        Unusual: One of the lines must be looked at by itself.
    """
    amounts = coins(decimals)
    counts, totals = _COUNTS.all(of["quantity"]), amounts.all(of["total"])
    before = map(mul, counts, coins(decimals, signed=False).all(of["price"]))
    if not all(map(eq, map(sub, before, amounts.all(of["discount"])), totals)):
        raise Unusual
    return {"quantity": counts, "total": totals}


def _change_values(of: Mapping[str, Sequence[str]], decimals: int) -> dict[str, Sequence[int]]:
    """Read the numbers of lines of changes, and check them as the log's own reader does.

    Raises:
        Unusual: One of the lines must be looked at by itself.
    """
    if not {*of["action"]} <= _ACTIONS:
        raise Unusual
    if not all(of["product_id"]):
        nameless = zip(of["product_id"], of["action"], of["price"], strict=True)
        if any(not product and (price or action not in OF_NO_PRODUCT) for product, action, price in nameless):
            raise Unusual
    if any(OWN_COLUMNS in note for note in {*of["note"]}):
        raise Unusual
    there = [bool(price) for price in of["price"]]
    amounts = coins(decimals, signed=False)
    amounts.all(list(filter(None, of["price"])))
    amounts.all(list(filter(None, compress(of["cost"], there))))
    _LEVELS.all(list(compress(of["reorder_level"], there)))
    return {"quantity_change": _COUNTS.all(of["quantity_change"])}


PLAIN_VALUES: Final[Mapping[str, Callable[[Mapping[str, Any], int], dict[str, Sequence[int]]]]] = {
    PURCHASES.file: _purchase_values,
    CHANGES.file: _change_values,
}
"""What reads the numbers of the lines of a log, by its name."""
