"""Reading a log to be counted: once, where there is no history that fits.

A million lines are many, so plain ones are looked at a thousand at a time; where anything is out of the
ordinary, the log's own reader takes those lines, so both must agree on what a plain line says. What this
cannot count (numbers that do not ascend, amounts finer than the shop's coins) is left to the slower way of
keeping all entries in memory.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from itertools import accumulate, chain, compress
from operator import add, ge, itemgetter, not_, sub
from typing import Any, Final, Generic, TypeAlias, TypeVar
from zlib import crc32

from tracker_tui.model.records import Entry
from tracker_tui.storage.codec import CHANGES, PURCHASES, LogFormat
from tracker_tui.storage.columns import Known, Unusual, columns_of
from tracker_tui.storage.history_file import Unfit
from tracker_tui.storage.log import LogReader
from tracker_tui.storage.plain_values import CLOCKS, DAY_LENGTH, DAYS, PLAIN_VALUES
from tracker_tui.tuples import NamedTuple

E = TypeVar("E", bound=Entry)
ReadAt: TypeAlias = Callable[[int, int], bytes]
"""Reads so many bytes of a log from a place on."""

Checks: TypeAlias = list[tuple[int, int]]

PIECE_BYTES: Final = 1 << 16
_PLACE: Final = re.compile(rb"\"?[1-9]\d{0,14}\"?,\"?([1-9]\d{0,8})/([1-9]\d{0,8})\b")
"""The beginning of a line in the program's own order of columns: which line of how many it is."""
_MOST_DIGITS: Final = 15
_LONGEST_COUNT: Final = 9


class Fields(NamedTuple):
    """Plain lines that make whole entries.

    Attributes:
        of: Their fields, by column.
        values: The numbers among them that are added up, by column; money in the smallest coin.
        firsts: Which lines begin an entry.
        take_first: Takes out of a column what stands in these lines.
        numbers: The number of each entry.
        at: Where each entry begins, in bytes.
        days: The day of each entry, counted from the year 1.
        clocks: The rest of its time, see `clock_of`.
        lines: How many lines there are.
        end: Where they end, in bytes.
    """

    of: Mapping[str, Sequence[bytes]]
    values: Mapping[str, list[int]]
    firsts: Sequence[int]
    take_first: Callable[[Sequence[Any]], Sequence[Any]]
    numbers: Sequence[int]
    at: Sequence[int]
    days: list[int]
    clocks: list[int]
    lines: int
    end: int

    def first(self, column: str) -> Sequence[bytes]:
        """Return a field of the first line of each entry."""
        return self.take_first(self.of[column])

    def sums(self, column: str) -> list[int]:
        """Return what a number of the lines of each entry adds up to."""
        values = self.values[column]
        if len(self.firsts) == self.lines:
            return values
        upto = list(accumulate(values, initial=0))
        before = self.take_first(upto)
        return list(map(sub, [*before[1:], upto[-1]], before))

    def sizes(self) -> list[int]:
        """Return how many lines each entry has."""
        return list(map(sub, [*self.firsts[1:], self.lines], self.firsts))

    def up_to(self, number: float) -> Fields:
        """Return the entries up to a number only."""
        count = sum(map(number.__ge__, self.numbers))
        if count == len(self.numbers):
            return self
        lines = self.firsts[count]
        return Fields(
            {column: texts[:lines] for column, texts in self.of.items()},
            {column: values[:lines] for column, values in self.values.items()},
            self.firsts[:count],
            _taker(self.firsts[:count]),
            self.numbers[:count],
            self.at[:count],
            self.days[:count],
            self.clocks[:count],
            lines,
            self.at[count],
        )


def _taker(places: Iterable[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Return what takes out of a column what stands in some places."""
    those = tuple(places)
    if len(those) > 1:
        return itemgetter(*those)
    return lambda column: column[those[0] : those[0] + 1] if those else ()


class LogCount(Generic[E]):
    """One log, read to some entry.

    Attributes:
        reader: Where the reading stands.
        numbers: The number of each entry.
        at: Where each begins, in bytes.
        checks: Where each stretch that was read ends, and the CRC-32 of its bytes.

    Args:
        format_: Which log.
        decimals: The shop's decimals.
        until: The last number that is counted.
        take_fields: Counts plain lines.
        take_entry: Counts one entry.
    """

    def __init__(
        self,
        format_: LogFormat[E],
        decimals: int,
        until: float,
        take_fields: Callable[[Fields], None],
        take_entry: Callable[[E], None],
    ) -> None:
        self.reader = LogReader(format_)
        self.numbers = array("Q")
        self.at = array("Q")
        self.checks: Checks = []
        self._decimals = decimals
        self._until = until
        self._take_fields = take_fields
        self._take_entry = take_entry

    def count(self, read_at: ReadAt, size: int, told: Callable[[int], None]) -> None:
        """Count the log from where the reader stands.

        Args:
            read_at: Reads so many bytes of the log from a place on.
            size: Bytes of the log.
            told: Told from time to time up to which byte it is done.

        Raises:
            Unfit: The numbers do not ascend.
        """
        self.count_header(read_at)
        wanted, crc = PIECE_BYTES, 0
        while self.reader.size < size:
            before = self.reader.size
            piece = read_at(before, min(wanted, size - before))
            if before + wanted < size and _goes_on(piece):
                wanted *= 4
                continue
            piece = self._whole(piece, last=before + wanted >= size)
            go_on = self._take(piece)
            crc = crc32(memoryview(piece)[: self.reader.size - before], crc)
            told(self.reader.size)
            if not go_on or (self.reader.size == before and before + wanted >= size):
                break
            wanted = PIECE_BYTES if self.reader.size > before else 2 * wanted
        self.checks.append((self.reader.size, crc))

    def count_header(self, read_at: ReadAt) -> None:
        """Count the first line, where nothing was counted yet."""
        if self.reader.size == 0:
            start = read_at(0, PIECE_BYTES)
            self._take_each(start[: start.find(b"\n") + 1])
            self.checks.append((self.reader.size, crc32(start[: self.reader.size])))

    def begin_at(self, place: int) -> None:
        """Begin with an entry that another count comes to; the header was counted."""
        self.reader.size, self.reader.lines = place, 1
        self.checks = []

    def go_on_with(self, numbers: array[int], at: array[int], checks: Checks, reader: LogReader[E]) -> None:
        """Take over what another has counted of the entries that follow: what its attributes have.

        Raises:
            Unfit: The numbers do not ascend.
        """
        if numbers:
            self._register(numbers, at)
        self.checks += checks
        self.reader.pass_over(reader.size, reader.lines - 1, reader.highest)

    def _whole(self, piece: bytes, *, last: bool) -> bytes:
        """Return the piece up to its last whole line, or rather up to the line that seems to begin an entry."""
        piece = piece[: piece.rfind(b"\n") + 1]
        if last:
            return piece
        begun = piece.rfind(b"\n", 0, max(0, piece.rfind(b",1/"))) + 1
        return piece[:begun] if begun else piece

    def _take(self, piece: bytes) -> bool:
        """Count a piece; tell whether to go on."""
        try:
            fields = self._plain(piece)
        except Unusual:
            return self._take_each(piece)
        return self._take_plain(fields)

    def _take_each(self, piece: bytes) -> bool:
        before = copy(self.reader)
        before.problems = list(before.problems)
        entries = self.reader.take(piece, self._decimals)
        places = self.reader.found_at
        for entry, at in zip(entries, places, strict=True):
            if entry.entry > self._until:
                self.reader = before
                if at > before.size:
                    self._take_each(piece[: at - before.size])
                return False
        for entry, at in zip(entries, places, strict=True):
            self._register([entry.entry], [at])
            self._take_entry(entry)
        return True

    def _take_plain(self, fields: Fields) -> bool:
        counted = fields.up_to(self._until)
        if counted.numbers:
            self._register(counted.numbers, counted.at)
            self._take_fields(counted)
            self.reader.pass_over(counted.end, counted.lines, counted.numbers[-1])
        return counted is fields

    def _register(self, numbers: Sequence[int], at: Sequence[int]) -> None:
        if self.numbers and numbers[0] <= self.numbers[-1]:
            raise Unfit
        self.numbers.extend(numbers)
        self.at.extend(at)

    def _plain(self, piece: bytes) -> Fields:
        """Read plain lines.

        Raises:
            Unusual: Each must be looked at.
            Unfit: The numbers do not ascend.
        """
        format_, names = self.reader.format, self.reader.columns
        if not piece or not {*format_.columns} <= {*names}:
            raise Unusual
        of: dict[str, Sequence[bytes]] = dict(zip(names, columns_of(piece, len(names)), strict=True))
        firsts, end = _whole_entries(of, ("entry", *_SHARED[format_.file]))
        if end < len(of["line"]):
            of = {column: values[:end] for column, values in of.items()}
        take_first = _taker(firsts)
        numbers = _entry_numbers(take_first(of["entry"]))
        times = take_first(of["time"])
        days = DAYS.all([time[:DAY_LENGTH] for time in times])
        clocks = CLOCKS.all([time[DAY_LENGTH:] for time in times])
        values = PLAIN_VALUES[format_.file](of, self._decimals)
        if any(map(ge, numbers, numbers[1:])):
            raise Unfit
        # No carriage return is in it, so these are its lines.
        starts = list(accumulate(map(len, piece.splitlines(keepends=True)), initial=self.reader.size))
        at = take_first(starts)
        return Fields(of, values, firsts, take_first, numbers, at, days, clocks, end, starts[end])


def _goes_on(piece: bytes) -> bool:
    """Tell whether a piece seems to be part of one long entry, which goes on behind it."""
    end = piece.rfind(b"\n")
    if piece.rfind(b",1/", 0, end) > piece.find(b"\n"):
        return False
    place = _PLACE.match(piece, piece.rfind(b"\n", 0, max(0, end)) + 1)
    return place is not None and int(place[1]) < int(place[2])


_SHARED: Final = {
    PURCHASES.file: ("clerk", "sale", "customer_id", "customer", "payment", "returns", "note", "time"),
    CHANGES.file: ("clerk", "action", "time"),
}
"""What all lines of one entry must agree on, by log."""


def _lines_begun(text: bytes) -> int:
    """Return how many lines an entry has that begins with a line numbered so; 0 = it does not begin one."""
    first, _, count = text.partition(b"/")
    plain = first == b"1" and count.isdigit() and len(count) <= _LONGEST_COUNT
    return int(count) if plain and not count.startswith(b"0") else 0


_LINES_BEGUN: Final[Known[int]] = Known(_lines_begun)
_NUMBERINGS: Final[Known[tuple[bytes, ...]]] = Known(
    lambda first: tuple(
        b"%d/%d" % (number, _LINES_BEGUN[first]) for number in range(1, _LINES_BEGUN[first] + 1)
    ),
    100,
)
"""How the lines of an entry are numbered, by the first of them."""


def _whole_entries(of: Mapping[str, Sequence[bytes]], shared: Iterable[str]) -> tuple[list[int], int]:
    """Return which lines begin an entry that is whole, and how many lines the whole entries have.

    Raises:
        Unusual: The lines do not make entries; only the last of these may go on behind them.
    """
    places = of["line"]
    count = len(places)
    sizes = _LINES_BEGUN.all(places)
    firsts = list(compress(range(count), sizes))
    if not firsts or firsts[0]:
        raise Unusual
    begun = list(filter(None, sizes))
    if list(map(add, firsts, begun))[:-1] != firsts[1:]:
        raise Unusual
    last = firsts[-1]
    there = min(begun[-1], count - last)
    numbering = list(chain.from_iterable(map(_NUMBERINGS.__getitem__, map(places.__getitem__, firsts[:-1]))))
    numbering += [b"%d/%d" % (number, begun[-1]) for number in range(1, there + 1)]
    if numbering != places:
        raise Unusual
    follow = list(map(not_, sizes))
    if any(follow):
        further, before = (_taker(compress(range(start, count), follow)) for start in (0, -1))
        if any(further(of[column]) != before(of[column]) for column in shared):
            raise Unusual
    if there < begun[-1]:
        firsts.pop()
        return firsts, last
    return firsts, count


def _entry_numbers(texts: Sequence[bytes]) -> list[int]:
    """Read the numbers of entries.

    Raises:
        Unusual: One of them is not written as the program writes it.
    """
    if not texts:
        return []
    # Of digits alone, none of them begins with 0 where the least in the order of texts does not.
    if not b"".join(texts).isdigit() or min(texts) < b"1" or max(map(len, texts)) > _MOST_DIGITS:
        raise Unusual
    return list(map(int, texts))
