"""The file `.tracker/history`: what the logs held up to some entry, counted up and indexed.

All of it is derived: it may be deleted, be stale or come from another version at any time, and is made anew
from the logs then. A first line of JSON says what it was made of and where each section stands; the sections
are columns of numbers, read only when somebody asks for them, and some text.

Where an id must be found, the file has a sorted column of `mark << 24 | number`. Different ids may have the
same mark, so whoever looks one up checks what is found.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from math import isqrt
from zlib import crc32

from tracker_tui.errors import StorageError
from tracker_tui.storage.marks import mark_of
from tracker_tui.typed import Any, Final, TypeAlias

FORM: Final = 6
"""Another form of this file is made anew."""

NUMBER_BITS: Final = 24
_ID_BITS: Final = 32 + NUMBER_BITS
_CHECKED_BYTES: Final = 1 << 20
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
    "people_at": "I",
}
"""The columns and the kind of number in each.

`sold_*`: entry number of each sale and return, its place in `purchases.txt` in bytes, its person + 1 (0 = nobody).
`sale_ids`, `return_ids`, `people_ids`: to find a sale by its id, the returns of a sale, a person.
`changed_*`: entry number and place in `changes.txt` of each change.
`day_people`: the person of each sale, day by day.
`people_*`: sales, pieces, money in the smallest coin, time of the last sale in seconds of its own clock and
minutes that this is ahead of UTC, place in `people`, the text that has id and name of each.
"""
_TEXTS: Final = ("people", "stock")

NAMED_ONLY: Final = "\n"
"""Begins the key of a person who has a name and no id; no text in a log holds it."""
_END: Final = "\0"
"""Stands behind the key and the name of a person; no text in a log holds it either."""


class Unfit(Exception):
    """The file cannot be used; the logs must be counted anew."""


def crc_of(read_at: ReadAt, start: int, end: int) -> int:
    """Return the CRC-32 of a stretch of a file, read by pieces so that others can go on."""
    crc = 0
    while start < end and (piece := read_at(start, min(_CHECKED_BYTES, end - start))):
        crc = crc32(piece, crc)
        start += len(piece)
    return crc


def found_by_sorted(texts: Sequence[str]) -> array[int]:
    """Return the sorted column that finds the places of some ids."""
    return array("Q", sorted(mark_of(text) << NUMBER_BITS | place for place, text in enumerate(texts)))


def write_history(
    about: Mapping[str, Any],
    columns: Mapping[str, array[Any]],
    people: Sequence[tuple[str, str]],
    stock: bytes,
) -> bytes:
    """Return the file.

    Args:
        about: What it was made of, and the totals that are not columns; anything that JSON can say.
        columns: All of `COLUMNS` but `people_at`.
        people: Key and name of each person.
        stock: The products after the last entry, as a table.
    """
    import json  # noqa: PLC0415 - a small shop has no history file

    texts = [f"{key}{_END}{name}{_END}".encode("utf-8", "surrogatepass") for key, name in people]
    people_at = array("I", accumulate(map(len, texts), initial=0))
    all_columns = {**columns, "people_at": people_at}
    blobs = {name: all_columns[name].tobytes() for name in COLUMNS}
    blobs |= {"people": b"".join(texts), "stock": stock}
    ends = accumulate(map(len, blobs.values()), initial=0)
    sections = {name: (start, end - start) for name, (start, end) in zip(blobs, pairwise(ends), strict=True)}
    body = json.dumps({**about, "form": FORM, "sections": sections}, ensure_ascii=True).encode("ascii")
    head = b"%08x %d " % (crc32(body), len(body))
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
        self._size = size
        self.about: dict[str, Any] = self._first_line()
        try:
            sections = {name: (int(at), int(length)) for name, (at, length) in self.about["sections"].items()}
            if self.about["form"] != FORM or {*sections} != {*COLUMNS, *_TEXTS}:
                raise Unfit
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unfit from error
        self._sections = sections
        if self._begin + sum(length for _, length in sections.values()) != size:
            raise Unfit

    def take(self, name: str) -> Any:  # noqa: ANN401 - whatever it was told
        """Return one of the things that `write_history` was told, and keep it no longer."""
        return self.about.pop(name)

    def _first_line(self) -> dict[str, Any]:
        import json  # noqa: PLC0415 - a small shop has no history file

        start = self._read_at(0, 64).split(b" ", 2)
        try:
            crc, length = int(start[0], 16), int(start[1])
            begin = len(start[0]) + len(start[1]) + 2
            if not 0 < length < self._size:
                raise Unfit
            body = self._read_at(begin, length)
            if len(body) != length or crc32(body) != crc:
                raise Unfit
            about = json.loads(body)
        except (ValueError, IndexError, RecursionError) as error:
            raise Unfit from error
        self._begin = begin + length + 1
        if not isinstance(about, dict):
            raise Unfit
        return about

    def _bytes(self, at: int, size: int) -> bytes:
        """Read some bytes behind the first line.

        Raises:
            StorageError: They are not there any more.
        """
        data = self._read_at(self._begin + at, size)
        if len(data) != size:
            raise StorageError(".tracker/history: was changed by another program just now; try again")
        return data

    # Columns

    def length(self, name: str) -> int:
        """Return the number of numbers in a column."""
        return self._sections[name][1] // array(COLUMNS[name]).itemsize

    def slice(self, name: str, start: int, stop: int) -> array[Any]:
        """Read part of a column."""
        part = array(COLUMNS[name])
        at = self._sections[name][0] + start * part.itemsize
        part.frombytes(self._bytes(at, max(0, stop - start) * part.itemsize))
        return part

    def column(self, name: str) -> array[Any]:
        """Read a whole column."""
        return self.slice(name, 0, self.length(name))

    def at(self, name: str, position: int) -> int:
        """Read one number of a column."""
        number: int = self.slice(name, position, position + 1)[0]
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

    def numbers_of(self, name: str, text: str) -> Iterator[int]:
        """Yield the numbers that an id may stand for, by a sorted column of ids, ascending."""
        low = mark_of(text) << NUMBER_BITS
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
            part = self.slice(name, self.search(name, low), self.search(name, high))
            begin, end = 0, len(part)
        return (entry & (MOST_NUMBERS - 1) for entry in part[begin:end])

    # Texts

    def _text(self, name: str) -> bytes:
        return self._bytes(*self._sections[name])

    def people_parts(self) -> Iterator[tuple[list[str], list[str]]]:
        """Read the keys of some people at a time, and their names: see `people`."""
        at, count = self._sections["people"][0], self.length("people_at") - 1
        for first in range(0, count, _PART):
            places = self.slice("people_at", first, min(first + _PART, count) + 1)
            data = self._bytes(at + places[0], places[-1] - places[0])
            texts = data.decode("utf-8", "surrogatepass").split(_END)
            yield texts[:-1:2], texts[1::2]

    def people(self) -> tuple[list[str], list[str]]:
        """Read the keys of all people, and their names: an id, or `NAMED_ONLY` and the name of who has none."""
        parts = list(self.people_parts())
        return [key for keys, _ in parts for key in keys], [name for _, names in parts for name in names]

    def person(self, position: int) -> str:
        """Read the key of one of the people."""
        start, end = self.slice("people_at", position, position + 2)
        text = self._bytes(self._sections["people"][0] + start, end - start)
        return text.decode("utf-8", "surrogatepass").split(_END)[0]

    def stock(self) -> bytes:
        """Read the products after the last entry, as a table."""
        return self._text("stock")


_NEAR: Final = 256
_PART: Final = 64
"""People that are read together: so few that the next ones take their memory."""
