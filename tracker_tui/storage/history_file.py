"""The file `.tracker/history`: what the logs held up to some entry, counted up and indexed.

All of it is derived: it may be deleted, be stale or come from another version at any time, and is made anew
from the logs then. A first line of JSON says what it was made of and where each section stands; the sections
are columns of numbers, read only when somebody asks for them.

Where an id must be found, the file has a sorted column of `hash << 24 | number`, whose answer is checked
against the log's own line.
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isqrt
from typing import Any, Final, TypeAlias

FORM: Final = 2
"""Another form of this file is made anew."""

NUMBER_BITS: Final = 24
MOST_NUMBERS: Final = 1 << NUMBER_BITS
ReadAt: TypeAlias = Callable[[int, int], bytes]
"""Reads so many bytes from a place on; fewer at the end of the file."""

COLUMNS: Final = {
    "sold_numbers": "Q",
    "sold_at": "Q",
    "sold_to": "I",
    "sale_ids": "Q",
    "return_ids": "Q",
    "changed_numbers": "Q",
    "changed_at": "Q",
    "day_people": "I",
    "people_ids": "Q",
    "people_sales": "I",
    "people_units": "q",
    "people_money": "q",
    "people_last": "q",
    "people_zone": "h",
}
"""The columns and the kind of number in each.

`sold_*`: entry number of each sale and return, its place in `purchases.txt` in bytes, its person + 1 (0 = nobody).
`sale_ids`, `return_ids`, `people_ids`: to find a sale by its id, the returns of a sale, a person.
`changed_*`: entry number and place in `changes.txt` of each change.
`day_people`: the person of each sale, day by day.
`people_*`: sales, pieces, money in the smallest coin, time of the last sale in seconds and minutes of offset.
"""


NAMED_ONLY: Final = "\0"
"""Begins the key of a person who has a name and no id."""


class Unfit(Exception):
    """The file cannot be used; the logs must be counted anew."""


def found_by(text: str) -> int:
    """Return the 40 bits that stand for an id; the same in every process."""
    data = text.encode("utf-8", "surrogatepass")
    return zlib.crc32(data) << 8 | zlib.adler32(data) & 0xFF


def fingerprint(data: bytes) -> str:
    """Return what tells one end of a log from another."""
    return f"{zlib.crc32(data):08x}{zlib.adler32(data):08x}"


def sorted_ids(texts: Sequence[tuple[str, int]]) -> array[int]:
    """Return the sorted column that finds numbers by ids."""
    return array("Q", sorted(found_by(text) << NUMBER_BITS | number for text, number in texts))


def write_history(about: Mapping[str, Any], columns: Mapping[str, array[Any]], names: Sequence[str]) -> bytes:
    """Return the file.

    Args:
        about: What it was made of, and the totals that are not columns; anything that JSON can say.
        columns: All of `COLUMNS`.
        names: Key and name of each person, one after the other: see `HistoryFile.names`.
    """
    import json  # noqa: PLC0415 - a small shop has no history file

    blobs = {name: columns[name].tobytes() for name in COLUMNS}
    blobs["names"] = json.dumps(names, ensure_ascii=True).encode("ascii")
    sections: dict[str, tuple[int, int]] = {}
    place = 0
    for name, blob in blobs.items():
        sections[name] = (place, len(blob))
        place += len(blob)
    body = json.dumps({**about, "form": FORM, "sections": sections}, ensure_ascii=True).encode("ascii")
    head = b"%08x %d " % (zlib.crc32(body), len(body))
    return b"".join([head, body, b"\n", *blobs.values()])


class HistoryFile:
    """An open history file.

    Attributes:
        about: What `write_history` was told.
    """

    def __init__(self, read_at: ReadAt, size: int) -> None:
        """Read the first line.

        Raises:
            Unfit: It is no such file, of another form, or not whole.
        """
        self._read_at = read_at
        import json  # noqa: PLC0415 - a small shop has no history file

        start = read_at(0, 64).split(b" ", 2)
        try:
            crc, length = int(start[0], 16), int(start[1])
            begin = len(start[0]) + len(start[1]) + 2
            body = read_at(begin, length)
            if zlib.crc32(body) != crc:
                raise Unfit
            self.about: dict[str, Any] = json.loads(body)
        except (ValueError, IndexError) as error:
            raise Unfit from error
        if self.about.get("form") != FORM:
            raise Unfit
        self._begin = begin + length + 1
        self._sections: dict[str, tuple[int, int]] = {
            name: (place, size) for name, (place, size) in self.about["sections"].items()
        }
        if self._begin + sum(size for _, size in self._sections.values()) != size:
            raise Unfit

    def _bytes(self, name: str) -> bytes:
        place, size = self._sections[name]
        data = self._read_at(self._begin + place, size)
        if len(data) != size:
            raise Unfit
        return data

    def column(self, name: str) -> array[Any]:
        """Read a whole column."""
        column = array(COLUMNS[name])
        column.frombytes(self._bytes(name))
        return column

    def length(self, name: str) -> int:
        """Return the number of numbers in a column."""
        return self._sections[name][1] // array(COLUMNS[name]).itemsize

    def names(self) -> list[str]:
        """Read the key and the name of each person, one after the other."""
        import json  # noqa: PLC0415 - a small shop has no history file

        names: list[str] = json.loads(self._bytes("names"))
        return names

    def at(self, name: str, position: int) -> int:
        """Read one number of a column."""
        empty = array(COLUMNS[name])
        place = self._sections[name][0] + position * empty.itemsize
        empty.frombytes(self._read_at(self._begin + place, empty.itemsize))
        number: int = empty[0]
        return number

    def search(self, name: str, wanted: int) -> int:
        """Return the position of the first number of a sorted column that is not below `wanted`."""
        low, high = 0, self.length(name)
        while high - low > _NEAR:
            middle = (low + high) // 2
            if self.at(name, middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low + bisect_left(self.slice(name, low, high), wanted)

    def slice(self, name: str, start: int, stop: int) -> array[Any]:
        """Read part of a column."""
        part = array(COLUMNS[name])
        place = self._sections[name][0] + start * part.itemsize
        part.frombytes(self._read_at(self._begin + place, max(0, stop - start) * part.itemsize))
        return part

    def numbers_of(self, name: str, text: str) -> Iterator[int]:
        """Yield the numbers that an id may stand for, by a sorted column of ids."""
        low = found_by(text) << NUMBER_BITS
        high = low + MOST_NUMBERS
        length = self.length(name)
        # Hashes lie evenly: a look at where it should be, give or take three times what is usual, is nearly always
        # enough to find it, or to know that it is not there.
        middle = length * low >> _ID_BITS
        spread = 64 + isqrt(2 * length)
        first = max(0, middle - spread)
        part = self.slice(name, first, min(length, middle + spread))
        begin, end = bisect_left(part, low), bisect_left(part, high)
        if (begin == 0 and first > 0) or (end == len(part) and first + end < length):
            at = self.search(name, low)
            part = self.slice(name, at, min(at + _MOST_ALIKE, length))
            begin, end = 0, bisect_left(part, high)
        for entry in part[begin:end]:
            yield entry & (MOST_NUMBERS - 1)


_NEAR: Final = 256
_ID_BITS: Final = 64
_MOST_ALIKE: Final = 10_000
