"""Counting both logs up into a history: once, where there is none that fits.

A million lines are many, so plain ones are looked at some thousand at a time; where anything is out of the
ordinary, the log's own reader takes those lines, so both must agree on what a plain line says. What this
cannot count (numbers that do not ascend, amounts finer than the shop's coins) is left to the slower way of
keeping all entries in memory.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate
from operator import eq, ge, mul, sub
from typing import Final, Generic, NamedTuple, TypeVar

from tracker_tui.model.money import parse_stored_amount, parse_stored_count
from tracker_tui.model.records import Action, Entry
from tracker_tui.storage.codec import CHANGES, OWN_COLUMNS, PURCHASES, LogFormat, parse_time
from tracker_tui.storage.history_file import Unfit
from tracker_tui.storage.log import LogReader

E = TypeVar("E", bound=Entry)

PIECE_BYTES: Final = 1 << 19
_LONGEST_NUMBER: Final = 15
_ACTIONS: Final = frozenset(action.value for action in Action)


class _Known(dict[str, int]):
    """What texts mean as whole numbers: each is read once."""

    def __init__(self, read: Callable[[str], int]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> int:
        value = self[text] = self._read(text)
        return value


class Fields(NamedTuple):
    """Plain lines that make whole entries.

    Attributes:
        of: Their fields, by column.
        firsts: Which lines begin an entry.
        numbers: The number of each entry.
        at: Where each entry begins, in bytes.
        lines: How many lines there are.
    """

    of: Mapping[str, Sequence[str]]
    firsts: Sequence[int]
    numbers: Sequence[int]
    at: Sequence[int]
    lines: int


class LogCount(Generic[E]):
    """One log, read to some entry.

    Args:
        format_: Which log.
        decimals: The shop's decimals.
        until: The last number that is counted.
        take_fields: Counts plain lines; raises ValueError where each must be looked at.
        take_entry: Counts one entry that begins at a byte.
    """

    def __init__(
        self,
        format_: LogFormat[E],
        decimals: int,
        until: float,
        take_fields: Callable[[Fields], None],
        take_entry: Callable[[E, int], None],
    ) -> None:
        self.reader = LogReader(format_)
        self.numbers = array("Q")
        self.at = array("Q")
        self._decimals = decimals
        self._until = until
        self._take_fields = take_fields
        self._take_entry = take_entry

    def count(self, read_at: Callable[[int, int], bytes], size: int, told: Callable[[int], None]) -> None:
        """Count the log.

        Args:
            read_at: Reads so many bytes of the log from a place on.
            size: Bytes of the log.
            told: Told from time to time how many bytes are done.

        Raises:
            Unfit: The numbers do not ascend.
        """
        wanted = PIECE_BYTES
        while self.reader.size < size:
            piece = read_at(self.reader.size, min(wanted, size - self.reader.size))
            piece = self._whole(piece, size)
            before = self.reader.size
            if self.reader.lines == 0:
                piece = piece[: piece.find(b"\n") + 1]
            if not piece or not self._take(piece):
                return
            told(self.reader.size)
            if self.reader.size > before:
                wanted = PIECE_BYTES
            elif before + wanted >= size:
                return
            else:
                wanted *= 2

    def _whole(self, piece: bytes, size: int) -> bytes:
        """Return the piece up to its last whole line, or rather up to the line that seems to begin an entry."""
        piece = piece[: piece.rfind(b"\n") + 1]
        if self.reader.size + len(piece) < size:
            begun = piece.rfind(b"\n", 0, max(0, piece.rfind(b",1/"))) + 1
            return piece[:begun] if begun else piece
        return piece

    def _take(self, piece: bytes) -> bool:
        """Count a piece; tell whether to go on."""
        fields = self._plain(piece) if self.reader.lines else None
        if fields is not None:
            return self._take_plain(piece, fields)
        size, lines, highest = self.reader.size, self.reader.lines, self.reader.highest
        problems = list(self.reader.problems)
        entries = self.reader.take(piece, self._decimals)
        for entry, at in zip(entries, self.reader.found_at, strict=True):
            if entry.entry > self._until:
                self.reader.size, self.reader.lines = size, lines
                self.reader.highest, self.reader.problems = highest, problems
                if at > size:
                    self._take(piece[: at - size])
                return False
        for entry, at in zip(entries, self.reader.found_at, strict=True):
            self._register(entry.entry, at)
            self._take_entry(entry, at)
        return True

    def _take_plain(self, piece: bytes, fields: Fields) -> bool:
        whole = fields
        numbers = fields.numbers
        if numbers and numbers[-1] > self._until:
            keep = sum(number <= self._until for number in numbers)
            lines = fields.firsts[keep]
            whole = Fields(
                {column: values[:lines] for column, values in fields.of.items()},
                fields.firsts[:keep],
                numbers[:keep],
                fields.at[:keep],
                lines,
            )
        if whole.numbers:
            self._register(whole.numbers[0], whole.at[0])
            self.numbers.extend(whole.numbers[1:])
            self.at.extend(whole.at[1:])
        if whole.lines:
            self._take_fields(whole)
        end = fields.at[len(whole.at)] if len(whole.at) < len(fields.at) else None
        done = piece[: end - self.reader.size] if end is not None else piece[: _end_of(piece, fields.lines)]
        self.reader.pass_over(done, whole.lines, whole.numbers[-1] if whole.numbers else 0)
        return end is None

    def _register(self, number: int, at: int) -> None:
        if self.numbers and number <= self.numbers[-1]:
            raise Unfit
        self.numbers.append(number)
        self.at.append(at)

    def _plain(self, piece: bytes) -> Fields | None:
        """Read plain lines; None where each must be looked at."""
        if b"\0" in piece or b"\r" in piece or b"\n\n" in piece or piece.startswith(b"\n"):
            return None
        lines = piece.removesuffix(b"\n").split(b"\n")
        try:
            rows = list(csv.reader(piece.decode("utf-8").removesuffix("\n").split("\n"), strict=True))
            if len(rows) != len(lines):
                return None
            of = dict(zip(self.reader.columns, zip(*rows, strict=True), strict=True))
            firsts, end = self._firsts(of)
            if not firsts:  # an entry that is longer than the piece
                return Fields({}, [], [], [], 0)
            if end < len(rows):
                of = {column: values[:end] for column, values in of.items()}
            entries = of["entry"]
            numbers = [int(entries[first]) for first in firsts]
            check_plain_fields(self.reader.format.file, of, self._decimals)
        except (ValueError, KeyError, csv.Error):
            return None
        if any(map(ge, numbers, numbers[1:])):
            raise Unfit
        starts = list(accumulate(map(len, lines), initial=self.reader.size))
        return Fields(of, firsts, numbers, [starts[first] + first for first in firsts], end)

    def _firsts(self, of: Mapping[str, Sequence[str]]) -> tuple[list[int], int]:
        """Return which lines begin an entry, and how many lines the whole entries have.

        Raises:
            ValueError: The lines do not make entries.
        """
        entries, places = of["entry"], of["line"]
        if not all(map(str.isdecimal, entries)) or not "".join(entries).isascii():
            raise ValueError("look at each")
        if any(entry[0] == "0" or len(entry) > _LONGEST_NUMBER for entry in set(entries)):
            raise ValueError("look at each")
        shared = list(zip(entries, *(of[column] for column in _SHARED[self.reader.format.file]), strict=True))
        firsts: list[int] = []
        at, end = 0, len(entries)
        while at < end:
            if places[at] == "1/1":
                firsts.append(at)
                at += 1
                continue
            size = _size(places[at])
            if at + size > end:
                break
            if (
                tuple(places[at : at + size]) != _numbering(size)
                or shared[at : at + size].count(shared[at]) != size
            ):
                raise ValueError("look at each")
            firsts.append(at)
            at += size
        return firsts, at


_SHARED: Final = {
    PURCHASES.file: (
        "clerk", "sale", "customer_id", "customer", "payment", "returns", "note", "time",
    ),
    CHANGES.file: ("clerk", "action", "time"),
}  # fmt: skip
_NUMBERINGS: Final[dict[int, tuple[str, ...]]] = {}
_MOST_NUMBERINGS: Final = 100


def _size(place: str) -> int:
    first, _, size = place.partition("/")
    if first != "1" or not size.isascii() or not size.isdecimal() or not 0 < len(size) < 10 or size[0] == "0":
        raise ValueError("look at each")
    return int(size)


def _numbering(size: int) -> tuple[str, ...]:
    known = _NUMBERINGS.get(size)
    if known is None:
        known = tuple(f"{number}/{size}" for number in range(1, size + 1))
        if len(_NUMBERINGS) < _MOST_NUMBERINGS:
            _NUMBERINGS[size] = known
    return known


def _end_of(piece: bytes, lines: int) -> int:
    """Return where some lines of a piece end."""
    if lines == piece.count(b"\n"):
        return len(piece)
    return sum(len(raw) + 1 for raw in piece.split(b"\n", lines)[:lines])


_COUNTS: Final = _Known(parse_stored_count)
_LEVELS: Final = _Known(lambda text: parse_stored_count(text or "0"))
_COINS: Final[dict[tuple[int, bool], _Known]] = {}
_MOST_KNOWN: Final = 300_000


def coins(decimals: int, *, signed: bool = True) -> _Known:
    """Return what reads amounts as whole numbers of the smallest coin; ValueError where one is finer."""

    def read(text: str) -> int:
        amount = parse_stored_amount(text or ("0" if signed else ""), decimals, signed=signed)
        number = int(amount.scaleb(decimals))
        if Decimal(number) != amount.scaleb(decimals):
            raise ValueError("finer than the coins of the shop")
        return number

    known = _COINS.setdefault((decimals, signed), _Known(read))
    if len(known) > _MOST_KNOWN:
        known.clear()
    return known


def check_plain_fields(file: str, of: Mapping[str, Sequence[str]], decimals: int) -> None:
    """Check what the log's own reader would check of these lines.

    Raises:
        ValueError: One of them must be looked at by itself.
    """
    for time in set(of["time"]):
        parse_time(time)
    if file == PURCHASES.file:
        prices, amounts = coins(decimals, signed=False), coins(decimals)
        counts = [_COUNTS[count] for count in of["quantity"]]
        before = map(mul, counts, [prices[price] for price in of["price"]])
        after = map(sub, before, [amounts[discount] for discount in of["discount"]])
        if "" in of["total"] or not all(map(eq, after, [amounts[total] for total in of["total"]])):
            raise ValueError("look at each")
        return
    prices = coins(decimals, signed=False)
    if not set(of["action"]) <= _ACTIONS or not all(of["product_id"]):
        raise ValueError("look at each")
    if any(OWN_COLUMNS in note for note in set(of["note"])):
        raise ValueError("look at each")
    for price, cost, level, change in zip(
        of["price"], of["cost"], of["reorder_level"], of["quantity_change"], strict=True
    ):
        if price:
            prices[price]
            if cost:
                prices[cost]
            _LEVELS[level]
        _COUNTS[change]
