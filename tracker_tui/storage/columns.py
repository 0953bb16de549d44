"""Many plain lines of CSV at once, as columns.

To read a line by itself costs ten times what it costs among a thousand others. So whoever reads many takes the
plain ones together, and reads each by itself where `Unusual` says that something is out of the ordinary. Both
ways must agree on what a plain line says.

Fields are left as bytes: to cut text that is not all ASCII takes twice as long, and most fields are only counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import accumulate, repeat

from tracker_tui.storage.codec import LONGEST_LINE
from tracker_tui.typed import Final, TypeVar

Value = TypeVar("Value")

_QUOTED: Final = re.compile(rb'"(?<=[,\n]")([^"\n]*+(?:""[^"\n]*+)*+)"(?=[,\n])')
"""A field in quotes behind another field or line, and before one; first of all the quote, which is found quickest."""


class Unusual(Exception):
    """Among some lines is one that must be looked at by itself."""


def columns_of(piece: bytes, width: int) -> list[list[bytes]]:
    """Return the fields of some lines, column by column, none of them changed.

    Args:
        piece: Whole lines, each with its newline.
        width: How many fields each of them has, 2 or more.

    Raises:
        Unusual: One of the lines has other fields, is no CSV or too long, or holds NUL or a carriage return.
    """
    if b"\0" in piece or b"\r" in piece or (len(piece) > LONGEST_LINE and _longest(piece) > LONGEST_LINE):
        raise Unusual
    if not piece.isascii():
        try:
            piece.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Unusual from error
    fields = _split_up(piece)
    # What stands on both sides of a newline is still one.
    both = fields[width - 1 :: width - 1]
    count = piece.count(b"\n")
    if len(both) != count or len(fields) != count * (width - 1) + 1:
        raise Unusual
    if set(map(bytes.count, both, repeat(b"\n"))) != {1}:
        raise Unusual
    parted = b"\n".join(both).split(b"\n")
    middle = [fields[column :: width - 1] for column in range(1, width - 1)]
    return [[fields[0], *parted[1:-1:2]], *middle, parted[::2]]


def _longest(piece: bytes) -> int:
    return max(map(len, piece.split(b"\n")))


def _split_up(piece: bytes) -> list[bytes]:
    """Part lines at their commas, and take the quotes off; a newline parts nothing.

    Raises:
        Unusual: A quote is not where the program would put it.
    """
    parts = _QUOTED.split(piece) if b'"' in piece else [piece]
    if len(parts) == 1:
        return _without_quotes(piece).split(b",")
    outside = parts[::2]
    fields = _without_quotes(b"".join(outside)).split(b",")
    places = accumulate(map(bytes.count, outside[:-1], repeat(b",")))
    for place, text in zip(places, parts[1::2], strict=True):
        if fields[place]:  # it is the first or the last of its line
            raise Unusual
        fields[place] = text.replace(b'""', b'"')
    return fields


def _without_quotes(piece: bytes) -> bytes:
    if b'"' in piece:
        raise Unusual
    return piece


class Known(dict[bytes, Value]):
    """What texts mean: each is read once, as many lines share a price or a quantity.

    Args:
        read: Reads a text; may raise ValueError.
        most: So many are remembered.
    """

    def __init__(self, read: Callable[[bytes], Value], most: int = 1 << 16) -> None:
        super().__init__()
        self._read = read
        self._most = most

    def __missing__(self, text: bytes) -> Value:
        if len(self) >= self._most:
            self.clear()
        value = self[kept(text)] = self._read(text)
        return value

    def all(self, texts: Iterable[bytes]) -> list[Value]:
        """Return what each of some texts means.

        Raises:
            Unusual: One of them means nothing here.
        """
        try:
            return list(map(self.__getitem__, texts))
        except ValueError as error:
            raise Unusual from error


class Numbered(dict[bytes, int]):
    """A number for each text, in the order in which they come; nothing has the number 0."""

    def __init__(self) -> None:
        super().__init__({b"": 0})

    def __missing__(self, text: bytes) -> int:
        number = self[kept(text)] = len(self)
        return number


def kept(field: bytes) -> bytes:
    """Return a copy of a field that outlives its piece.

    A field that stays behind when all around it go leaves holes in the memory, and later pieces would be strewn
    over them; copies lie side by side.
    """
    return bytes(memoryview(field))
