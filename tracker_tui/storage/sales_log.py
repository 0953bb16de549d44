"""Counting `purchases.txt`, the long one of the logs: whole, or in two parts at once."""

from __future__ import annotations

import mmap
import os
import re
import struct
from array import array
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from tracker_tui.model.records import Purchase
from tracker_tui.storage.codec import PURCHASES
from tracker_tui.storage.counting import Checks, Fields, LogCount, ReadAt
from tracker_tui.storage.forked import Forked
from tracker_tui.storage.history_file import Unfit
from tracker_tui.storage.log import LogReader
from tracker_tui.storage.sales_count import SalesCount
from tracker_tui.storage.sold_count import SoldCount
from tracker_tui.tuples import NamedTuple

FIRST_LINE: Final = re.compile(rb"\n\"?([1-9]\d{0,14})\"?,\"?1/\d")
"""The end of a line, and the beginning of what seems to be the first line of an entry."""
_LOOK_BYTES: Final = 1 << 20
_DONE: Final = struct.Struct("Q")


class OtherWork(NamedTuple):
    """Work that is done beside a log.

    Attributes:
        do: Does it; is told whom to tell how many bytes are done.
        size: Its bytes.
        weight: How much longer one of them takes than one of the log.
    """

    do: Callable[[Callable[[int], None]], None]
    size: int
    weight: float


class SalesLog:
    """The sales and returns of a stretch of `purchases.txt`.

    Attributes:
        sold: The products and pieces of all lines.
        sales: What is counted of the sales.
        log: Where the reading stands.

    Args:
        decimals: The shop's decimals.
        until: The last number that is counted.
    """

    def __init__(self, decimals: int, until: float) -> None:
        self.sold = SoldCount()
        self.sales = SalesCount(decimals)
        self.log = LogCount(PURCHASES, decimals, until, self._take_fields, self._take_entry)

    def _take_fields(self, fields: Fields) -> None:
        self.sold.take_fields(fields)
        self.sales.take_fields(fields)

    def _take_entry(self, purchase: Purchase) -> None:
        self.sold.take_purchase(purchase)
        self.sales.take_entry(purchase)

    def count(self, read_at: ReadAt, size: int, told: Callable[[int], None]) -> None:
        """Count the log; see `LogCount.count`."""
        self.log.count(read_at, size, told)

    def count_behind(
        self, read_at: ReadAt, size: int, told: Callable[[int], None], other_work: OtherWork
    ) -> None:
        """Count the log when other work is done; see `count_in_two`."""
        other_work.do(told)
        self.count(read_at, size, lambda done: told(other_work.size + done))

    def count_in_two(
        self, read_at: ReadAt, size: int, told: Callable[[int], None], other_work: OtherWork
    ) -> None:
        """Count the log, its end in a process that is forked from this one, which has other work to do first.

        Where both parts cannot be put together, because something is damaged, all is counted here.

        Args:
            read_at: Reads so many bytes of the log from a place on.
            size: Bytes of the log.
            told: Told from time to time how many bytes are done, those of the other work too.
            other_work: What is done in this process before it counts the beginning of the log.

        Raises:
            Unfit: The numbers do not ascend.
        """
        middle = _first_line_near(read_at, max(0, size - int(other_work.size * other_work.weight)) // 2)
        if not middle:
            self.count_behind(read_at, size, told, other_work)
            return
        self.log.count_header(read_at)
        with _Second(self, read_at, middle, size) as second:
            other_work.do(lambda done: told(done + second.done))
            self.count(read_at, middle, lambda done: told(other_work.size + done + second.done))
            part = second.result() if self.log.reader.size == middle else None
        if part is not None:
            self._go_on_with(part)
        else:
            self.count(read_at, size, lambda done: told(other_work.size + done))

    def part(self) -> _Part | None:
        """Return what was counted, for another to go on with; None where it cannot be put together."""
        log = self.log
        if log.reader.problems:
            return None
        return _Part(log.numbers, log.at, log.checks, log.reader, self.sales, self.sold)

    def _go_on_with(self, part: _Part) -> None:
        """Count in what was counted of the stretch that follows."""
        self.log.go_on_with(part.numbers, part.at, part.checks, part.reader)
        self.sales.go_on_with(part.sales)
        self.sold.go_on_with(part.sold)


class _Part(NamedTuple):
    """What was counted of a stretch of the log; see `LogCount`, `SalesCount` and `SoldCount`."""

    numbers: array[int]
    at: array[int]
    checks: Checks
    reader: LogReader[Purchase]
    sales: SalesCount
    sold: SoldCount


def _first_line_near(read_at: ReadAt, place: int) -> int:
    """Return where an entry seems to begin behind a place; 0 = nowhere near."""
    found = FIRST_LINE.search(read_at(place, _LOOK_BYTES))
    return place + found.start() + 1 if found else 0


class _Second:
    """A forked process that counts the second part.

    Args:
        first: What counts the first part, before it does.
        read_at: Reads so many bytes of the log from a place on.
        start: Where the second part begins.
        size: Bytes of the log.
    """

    def __init__(self, first: SalesLog, read_at: ReadAt, start: int, size: int) -> None:
        self._progress = mmap.mmap(-1, _DONE.size)
        parent = os.getpid()

        def told(done: int) -> None:
            if os.getppid() != parent:
                raise Unfit
            _DONE.pack_into(self._progress, 0, done - start)

        def count() -> _Part | None:
            first.log.begin_at(start)
            first.count(read_at, size, told)
            return first.part()

        self._forked = Forked(count)

    @property
    def done(self) -> int:
        """How many bytes it has counted."""
        done: int = _DONE.unpack_from(self._progress, 0)[0]
        return done

    def result(self) -> _Part | None:
        """Wait for what it found; None = nothing that can be used."""
        return self._forked.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, at: TracebackType | None) -> None:
        self._forked.__exit__(kind, error, at)
        self._progress.close()
