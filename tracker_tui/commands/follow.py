"""`changes --follow`: each new entry of both logs as it happens, for scripts and hooks."""

from __future__ import annotations

import os
import select
import signal
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Final

from tracker_tui.commands.entry_rows import change_rows, purchase_rows
from tracker_tui.commands.output import Json
from tracker_tui.commands.streams import complain, say, write
from tracker_tui.errors import TrackerError
from tracker_tui.model import Entry, Purchase
from tracker_tui.model.history import what, which
from tracker_tui.model.ledger import Ledger, touches
from tracker_tui.model.text import escaped
from tracker_tui.service import InventoryService

LOOK_EVERY_S: Final = 0.2
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_OF_LINES: Final = frozenset(
    (
        *("product_id", "product", "quantity", "price", "discount", "total"),
        *("name", "quantity_change", "categories", "reorder_level", "barcodes", "cost"),
    )
)
"""The columns that differ from line to line; all others are those of the entry."""


def follow(service: InventoryService, args: Namespace) -> int:
    """Print each entry as it is booked, until a signal or a closed pipe ends it.

    Begins behind `--since-entry`; without it with what comes from now on. Without `--follow` it ends with what is
    there.
    """
    fresh = _Fresh(service.snapshot.entry if args.since_entry is None else args.since_entry)
    told = ""
    with _ended_by_signals() as ended:
        while True:
            try:
                service.refresh()
                reason = ""
            except TrackerError as error:
                reason = str(error)
            for entry in fresh.of(service.snapshot.ledger):
                if not args.product or touches(entry, args.product):
                    _print(entry, as_json=args.json)
            if reason and reason != told:
                complain(reason)
            told = reason
            if not args.follow or _wait(ended, LOOK_EVERY_S):
                return 0


class _Fresh:
    """Tells which entries were not told yet.

    The two logs are read one after the other, so that an entry may be seen before the one in front of it: where a
    number is missing the next look is waited for. Numbers that are missing then as well were never whole.

    Args:
        last: Number of the last entry that was told.
    """

    def __init__(self, last: int) -> None:
        self._last = last
        self._missing = 0

    def of(self, ledger: Ledger) -> Iterator[Entry]:
        """Yield the entries that were not told yet, oldest first."""
        for entry in ledger.since(self._last):
            if entry.entry != self._last + 1 and self._missing != entry.entry:
                self._missing = entry.entry
                return
            self._last = entry.entry
            yield entry


@contextmanager
def _ended_by_signals() -> Iterator[int]:
    """Yield what can be read from once a signal has asked for the end."""
    ended, end = os.pipe()
    os.set_blocking(end, False)

    def hear(_number: int, _frame: FrameType | None) -> None:
        os.write(end, b".")

    before = {number: signal.signal(number, hear) for number in _SIGNALS}
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(ended)
        os.close(end)


def _wait(ended: int, seconds: float) -> bool:
    """Wait; tell whether the end was asked for.

    Raises:
        BrokenPipeError: Nobody reads what is printed any more.
    """
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    out = sys.stdout.fileno()
    poll.register(out, 0)
    for fd, events in poll.poll(seconds * 1000):
        if fd == ended:
            return True
        if events & (select.POLLERR | select.POLLHUP):
            raise BrokenPipeError
    return False


def _print(entry: Entry, *, as_json: bool) -> None:
    if as_json:
        import json  # noqa: PLC0415 - only here

        write(escaped(json.dumps(entry_json(entry), ensure_ascii=False)) + "\n")
    else:
        say(f"{entry.entry}  {entry.time:%Y-%m-%d %H:%M:%S}  {entry.clerk}  {what(entry)}: {which(entry)}")


def entry_json(entry: Entry) -> Mapping[str, Json]:
    """Return an entry as one object: its columns, and its lines with theirs."""
    is_sale = isinstance(entry, Purchase)
    rows = purchase_rows([entry]) if isinstance(entry, Purchase) else change_rows([entry])
    shared = {column: value for column, value in rows[0].items() if column not in (*_OF_LINES, "line")}
    lines = [{column: value for column, value in row.items() if column in _OF_LINES} for row in rows]
    return {**shared, "log": "purchases" if is_sale else "changes", "what": what(entry), "lines": lines}
