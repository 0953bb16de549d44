"""Many plain lines of CSV at once, as columns.

To read a line by itself costs ten times what it costs among a thousand others. So whoever reads many takes the
plain ones together, and reads each by itself where `Unusual` says that something is out of the ordinary. Both
ways must agree on what a plain line says.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import TypeVar

from tracker_tui.storage.codec import LONGEST_LINE

Value = TypeVar("Value")


class Unusual(Exception):
    """Among some lines is one that must be looked at by itself."""


def columns_of(piece: bytes, width: int, delimiter: str = ",") -> list[list[str]]:
    """Return the fields of some lines, column by column, none of them changed.

    Args:
        piece: Whole lines; the last newline may be missing.
        width: How many fields each of them has, 2 or more.
        delimiter: What stands between the fields.

    Raises:
        Unusual: One of the lines has other fields, is no CSV or too long, or holds NUL or a carriage return.
    """
    if b"\0" in piece or b"\r" in piece or (len(piece) > LONGEST_LINE and _longest(piece) > LONGEST_LINE):
        raise Unusual
    try:
        text = piece.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unusual from error
    lines = text.removesuffix("\n").split("\n")
    quoted = _unquote(lines, delimiter) if '"' in text else ()
    if set(map(str.count, lines, repeat(delimiter))) != {width - 1}:
        raise Unusual
    fields = delimiter.join(lines).split(delimiter)
    columns = [fields[column::width] for column in range(width)]
    for place, column, field in quoted:
        columns[column][place] = field
    return columns


def _longest(piece: bytes) -> int:
    return max(map(len, piece.split(b"\n")))


def _unquote(lines: list[str], delimiter: str) -> list[tuple[int, int, str]]:
    """Take the quotes off the lines that have some; return the fields that need them, which are left empty.

    Returns:
        Place of the line, column and text of each.
    """
    places = [place for place, line in enumerate(lines) if '"' in line]
    try:
        rows = list(csv.reader([lines[place] for place in places], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Unusual from error
    if len(rows) != len(places):
        raise Unusual
    found: list[tuple[int, int, str]] = []
    for place, row in zip(places, rows, strict=True):
        line = delimiter.join(row)
        if line.count(delimiter) >= len(row):
            found += [(place, column, field) for column, field in enumerate(row) if delimiter in field]
            line = delimiter.join(["" if delimiter in field else field for field in row])
        lines[place] = line
    return found


class Known(dict[str, Value]):
    """What texts mean: each is read once, as many lines share a price or a quantity.

    Args:
        read: Reads a text; may raise ValueError.
        most: So many are remembered.
    """

    def __init__(self, read: Callable[[str], Value], most: int = 1 << 16) -> None:
        super().__init__()
        self._read = read
        self._most = most

    def __missing__(self, text: str) -> Value:
        if len(self) >= self._most:
            self.clear()
        value = self[text] = self._read(text)
        return value

    def all(self, texts: Sequence[str]) -> list[Value]:
        """Return what each of some texts means.

        Raises:
            Unusual: One of them means nothing here.
        """
        try:
            return list(map(self.__getitem__, texts))
        except ValueError as error:
            raise Unusual from error
