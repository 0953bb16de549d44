"""The lines of a table file as rows that are made when they are asked for.

What stays in memory of a row is its line, its text for searching (one piece for a thousand rows), its numbers
and a few bytes to find it by its id: some 150 bytes, where a row as a value takes 500.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice, repeat
from operator import ne, rshift
from typing import Final, Generic, NamedTuple, TypeVar

from tracker_tui.model.records import Customer, Product
from tracker_tui.model.shelf import TEXT_END
from tracker_tui.model.text import folded

Row = TypeVar("Row", bound=Product | Customer)

_PLACE_BITS: Final = 24
_HASH_MASK: Final = (1 << 40) - 1
MOST_LINES: Final = 1 << _PLACE_BITS


class Line(NamedTuple):
    """A line that is no row.

    Attributes:
        raw: Its bytes, without the newline.
        problem: Why it cannot be understood; empty for a comment.
        held: The id that a line which cannot be understood seems to have.
        kept: Whether it is the shop's own and stays on a save; the header and the program's own two lines
            are written anew.
        above: Whether it stands above the header.
    """

    raw: bytes
    problem: str = ""
    held: str = ""
    kept: bool = True
    above: bool = False


class Stretch(NamedTuple):
    """The lower-case text of some rows that follow each other.

    Attributes:
        start: Place of the first of them.
        text: Their texts, `TEXT_END` between two.
    """

    start: int
    text: str


class TableRows(Mapping[str, Row], Generic[Row]):
    """The rows of one file, by id and by place; the place of a row is its line, counted from 0.

    Args:
        data: The whole file.
        decode: Makes a row of a line; never fails for a line that was taken as a row.
        columns: The columns of numbers.
        kinds: The columns in which many rows are alike.
        id_first: Whether a line begins with the id.
    """

    def __init__(
        self,
        data: bytes,
        decode: Callable[[bytes], Row],
        columns: Sequence[str] = (),
        kinds: Sequence[str] = (),
        *,
        id_first: bool = True,
    ) -> None:
        self.data = data
        self.starts = array("I")
        self.others: dict[int, Line] = {}
        self.texts: list[Stretch] = []
        self._decode = decode
        self.id_first = id_first
        self._numbers = {column: array("d") for column in columns}
        self._kinds = {column: array("I") for column in kinds}
        self._kind_of: dict[str, dict[str, int]] = {column: {"": 0} for column in kinds}
        self._found = array("Q")

    # Filling, once

    def take_rows(
        self,
        starts: Iterable[int],
        ids: Iterable[str],
        text: str,
        numbers: Mapping[str, Iterable[float]],
        alike: Mapping[str, Iterable[str]],
    ) -> None:
        """Take some lines that are rows.

        Args:
            starts: Where each begins.
            ids: The id of each.
            text: Their texts, folded, `TEXT_END` between two.
            numbers: The columns of numbers.
            alike: The columns in which many rows are alike.
        """
        first = len(self.starts)
        self.starts.extend(starts)
        for column, values in numbers.items():
            self._numbers[column].extend(values)
        for column, values_of in self._kinds.items():
            kind_of = self._kind_of[column]
            values_of.extend([kind_of.setdefault(text, len(kind_of)) for text in alike[column]])
        self.texts.append(Stretch(first, text))
        self._found.extend(
            [(hash(key) & _HASH_MASK) << _PLACE_BITS | place for place, key in enumerate(ids, first)]
        )

    def take_other(self, start: int, line: Line) -> None:
        """Take a line that is no row."""
        place = len(self.starts)
        self.others[place] = line
        self.starts.append(start)
        for column in self._numbers.values():
            column.append(0.0)
        for kinds in self._kinds.values():
            kinds.append(0)
        self.texts.append(Stretch(place, ""))

    def end(self) -> list[int]:
        """Make the rows ready to be looked up.

        Returns:
            Places of rows whose id stands further up already; they are no rows any more, and the caller says
            why in `others`.
        """
        self._found = array("Q", sorted(self._found))
        self.texts = _joined(self.texts)
        self._kind_of = {}
        hashes = map(rshift, self._found, repeat(_PLACE_BITS))
        if all(map(ne, hashes, map(rshift, islice(self._found, 1, None), repeat(_PLACE_BITS)))):
            return []
        places = (entry & (MOST_LINES - 1) for entry in self._found)
        return sorted(place for place in places if self.place(self.key(place)) != place)

    # By id

    def __getitem__(self, key: str) -> Row:
        place = self.place(key)
        if place is None:
            raise KeyError(key)
        return self._decode(self.raw(place))

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.place(key) is not None

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[str]:
        return map(self.key, self.places)

    def place(self, key: str) -> int | None:
        """Return the place of a row by its id."""
        wanted = hash(key) & _HASH_MASK
        found = self._found
        at = bisect_left(found, wanted << _PLACE_BITS)
        while at < len(found) and found[at] >> _PLACE_BITS == wanted:
            place = found[at] & (MOST_LINES - 1)
            if self.key(place) == key and place not in self.others:
                return place
            at += 1
        return None

    # By place

    @property
    def length(self) -> int:
        """Number of places, those without a row among them."""
        return len(self.starts)

    @cached_property
    def places(self) -> Sequence[int]:
        """The places that have a row, ascending."""
        others, first, last = self.others, 0, self.length
        while first in others:
            first += 1
        while last > first and last - 1 in others:
            last -= 1
        if len(others) == first + self.length - last:
            return range(first, last)
        return array("I", [place for place in range(first, last) if place not in others])

    def raw(self, place: int) -> bytes:
        """Return the line at a place, without its newline."""
        start = self.starts[place]
        if place + 1 < len(self.starts):
            return self.data[start : self.starts[place + 1] - 1]
        return self.data[start:].removesuffix(b"\n")

    def row(self, place: int) -> Row | None:
        """Return the row at a place, None where there is none."""
        if place in self.others or not 0 <= place < len(self.starts):
            return None
        return self._decode(self.raw(place))

    def key(self, place: int) -> str:
        """Return the id of the row at a place that has one."""
        if self.id_first:
            start = self.starts[place]
            end = self.data.find(b",", start)
            key = self.data[start:end]
            if end > start and key.isascii() and b'"' not in key and key.strip() == key:
                return key.decode("ascii")
        return self._decode(self.raw(place)).id

    def numbers(self, column: str) -> Sequence[float]:
        """Return a column of numbers, by place; what is no row has any number."""
        return self._numbers[column]

    def kinds(self, column: str) -> Sequence[int]:
        """Return a number for each place; where two rows have the same one, they are alike in the column."""
        return self._kinds[column]


def _joined(texts: list[Stretch]) -> list[Stretch]:
    """Return the texts in pieces of a good size: a thousand of one row would take long to go through."""
    joined: list[Stretch] = []
    waiting: list[str] = []
    start = size = 0
    for stretch in texts:
        if not waiting:
            start = stretch.start
        waiting.append(stretch.text)
        size += len(stretch.text)
        if size > _STRETCH:
            joined.append(Stretch(start, TEXT_END.join(waiting)))
            waiting, size = [], 0
    if waiting:
        joined.append(Stretch(start, TEXT_END.join(waiting)))
    return joined


_STRETCH: Final = 1 << 15


def one_text(parts: Iterable[str]) -> str:
    """Return the text of one row of what a search looks at in it."""
    return folded("\n".join(parts).replace(TEXT_END, " "))
