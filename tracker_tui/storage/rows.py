"""The lines of a table file as rows that are made when they are asked for.

What stays in memory of a row is its line, its text for searching (one piece for a thousand rows), its numbers
and a few bytes to find it by its id: some 150 bytes, where a row as a value takes 500.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import compress, count, islice, repeat
from operator import eq, rshift

from tracker_tui.model.records import Customer, Product
from tracker_tui.model.table_rows import TEXT_END, Fields, NamedPart, Texts
from tracker_tui.model.text import folded
from tracker_tui.storage.marks import mark_of, marks_of
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Final, Generic, TypeVar

Row = TypeVar("Row", bound=Product | Customer)

_PLACE_BITS: Final = 24
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

    def rows_with(self, letter: str) -> int | None:  # noqa: ARG002 - as in Texts
        """Return which of the rows hold a letter: not known before the text is looked at."""
        return None


class KnownLines(NamedTuple):
    """What is known of some lines that follow each other, all of them rows, from an earlier reading.

    Attributes:
        starts: Where each begins.
        marks: The mark of the id of each, see `mark_of`; 1 in place of 0.
        numbers: The columns of numbers.
        kinds: The columns in which many rows are alike, a number for each kind as `TableRows.name_kinds` has them.
        texts: Their texts.
    """

    starts: Sequence[int]
    marks: Sequence[int]
    numbers: Mapping[str, Sequence[float]]
    kinds: Mapping[str, Sequence[int]]
    texts: Sequence[Texts]


class _Kinds(dict[str, int]):
    """A number for each text that was met, from 0 on."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class TableRows(Mapping[str, Row], Generic[Row]):
    """The rows of one file, by id and by place; the place of a row is its line, counted from 0.

    Attributes:
        data: The whole file.
        starts: Where each line begins.
        others: The lines that are no rows, by place.
        texts: What a search looks at, stretch by stretch.
        id_first: Whether a line begins with the id.
        name_second: Whether the name stands behind it, with something behind that.
        columns: The columns of the file.
        delimiter: What stands between two fields.
        looked_at: How many rows were read one by one or together, and not known from an earlier reading.
        rank_names: Tells the rank of each name, given the texts and the number of places; None = that is not known.

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
        self.texts: list[Texts] = []
        self.looked_at = 0
        self.rank_names: Callable[[Sequence[Texts], int], Sequence[int] | None] = _not_ranked
        self._decode = decode
        self.id_first = id_first
        self.name_second = False
        self.columns: Sequence[str] = ()
        self.delimiter = ","
        self._numbers = {column: array("d") for column in columns}
        self._kinds = {column: array("I") for column in kinds}
        self._kind_of: dict[str, _Kinds] = {column: _Kinds({"": 0}) for column in kinds}
        self._marks = array("I")
        self._found = array("Q")

    # Filling, once

    def name_kinds(self, column: str, texts: Iterable[str]) -> None:
        """Give each text of a column in which many rows are alike its number, before any row is taken."""
        self._kind_of[column] = _Kinds({text: number for number, text in enumerate(texts)})

    def take_known(self, lines: KnownLines) -> None:
        """Take lines that were read before."""
        self.starts.extend(lines.starts)
        self._marks.extend(lines.marks)
        for column, values in lines.numbers.items():
            self._numbers[column].extend(values)
        for column, kinds in lines.kinds.items():
            self._kinds[column].extend(kinds)
        self.texts += lines.texts

    def take_rows(
        self,
        starts: Iterable[int],
        ids: Sequence[str],
        text: str,
        numbers: Mapping[str, Iterable[float]],
        alike: Mapping[str, Iterable[str]],
    ) -> None:
        """Take some lines that are rows.

        Args:
            starts: Where each begins.
            ids: The id of each; none holds a line break.
            text: Their texts, folded, `TEXT_END` between two.
            numbers: The columns of numbers.
            alike: The columns in which many rows are alike.
        """
        first = len(self.starts)
        self.starts.extend(starts)
        for column, values in numbers.items():
            self._numbers[column].extend(values)
        for column, values_of in self._kinds.items():
            values_of.extend(list(map(self._kind_of[column].__getitem__, alike[column])))
        self.texts.append(Stretch(first, text))
        self._marks.extend([mark or 1 for mark in marks_of(ids)])
        self.looked_at += len(self.starts) - first

    def take_other(self, start: int, line: Line) -> None:
        """Take a line that is no row."""
        place = len(self.starts)
        self.others[place] = line
        self.starts.append(start)
        self._marks.append(0)
        for column in self._numbers.values():
            column.append(0.0)
        for kinds in self._kinds.values():
            kinds.append(0)
        self.texts.append(Stretch(place, ""))

    def end(self, found: Callable[[array[int]], array[int] | None] = lambda _marks: None) -> list[int]:
        """Make the rows ready to be looked up.

        Args:
            found: Tells what `sorted_marks` was for the same marks, by place, in an earlier reading; None = these
                are others.

        Returns:
            Places of rows whose id stands further up already; they are no rows any more, and the caller says
            why in `others`.
        """
        marks, self._marks = self._marks, array("I")
        self.texts = _joined(self.texts)
        self._kind_of = {}
        known = found(marks)
        if known is not None:
            self._found = known
            return []
        both = zip(marks, count(), strict=False)
        self._found = array("Q", sorted([mark << _PLACE_BITS | place for mark, place in both if mark]))
        shifted = array("I", map(rshift, self._found, repeat(_PLACE_BITS)))
        alike = set(compress(shifted, map(eq, shifted, islice(shifted, 1, None))))
        if not alike:
            return []
        places = [entry & (MOST_LINES - 1) for entry in self._found if entry >> _PLACE_BITS in alike]
        return sorted(place for place in places if self.place(self.key(place)) != place)

    @property
    def sorted_marks(self) -> array[int]:
        """The mark of each row's id and its place, as one number each, ascending."""
        return self._found

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
        wanted = mark_of(key) or 1
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

    def named(self, places: Sequence[int]) -> list[tuple[str, str]]:
        """Return id and name of the rows at some places that have one; much quicker than the rows."""
        from tracker_tui.storage.row_fields import named_in  # noqa: PLC0415 - no sale needs it

        plain = named_in(self.data, self.starts, places) if self.name_second else None
        if plain is not None:
            return plain
        rows = [self._decode(self.raw(place)) for place in places]
        return [(row.id, row.name) for row in rows]

    def named_parts(self) -> Iterator[NamedPart]:
        """Yield places, ids and names of some rows at a time, in their order; much quicker than to make the rows."""
        for first in range(0, len(self.places), _PART):
            places = self.places[first : first + _PART]
            keys, names = zip(*self.named(places), strict=True)
            yield places, keys, names

    def plain_fields(self, columns: Sequence[str]) -> Iterator[tuple[Sequence[int], Fields | None]]:
        """Yield places of some rows at a time, and their fields as they stand in some columns; None = look at each."""
        from tracker_tui.storage.row_fields import fields_in  # noqa: PLC0415 - no sale needs it

        for first in range(0, len(self.places), _PART):
            places = self.places[first : first + _PART]
            plain = self.delimiter == ","
            yield places, fields_in(self.data, self.starts, places, self.columns, columns) if plain else None

    def name_ranks(self) -> Sequence[int] | None:
        """Return a number for each place in the order of the folded names; see `Rows`."""
        return self.rank_names(self.texts, self.length)

    def numbers(self, column: str) -> Sequence[float]:
        """Return a column of numbers, by place; what is no row has any number."""
        return self._numbers[column]

    def kinds(self, column: str) -> Sequence[int]:
        """Return a number for each place; where two rows have the same one, they are alike in the column."""
        return self._kinds[column]


def _not_ranked(_texts: Sequence[Texts], _length: int) -> None:
    """Stand in for what knows the order of the names."""


def _joined(texts: list[Texts]) -> list[Texts]:
    """Return the texts in pieces of a good size: a thousand of one row would take long to go through."""
    joined: list[Texts] = []
    waiting: list[Stretch] = []
    size = 0
    for stretch in texts:
        if not isinstance(stretch, Stretch):
            joined += _one(waiting)
            joined.append(stretch)
            waiting, size = [], 0
            continue
        waiting.append(stretch)
        size += len(stretch.text)
        if size > _STRETCH:
            joined += _one(waiting)
            waiting, size = [], 0
    return joined + _one(waiting)


def _one(stretches: list[Stretch]) -> list[Texts]:
    """Return the texts of stretches that follow each other as one, if there are any."""
    return (
        [Stretch(stretches[0].start, TEXT_END.join([each.text for each in stretches]))] if stretches else []
    )


_STRETCH: Final = 1 << 15
_PART: Final = 64
"""Rows that are taken together: so few that the next ones take their memory."""


def one_text(parts: Iterable[str]) -> str:
    """Return the text of one row of what a search looks at in it."""
    return folded("\n".join(parts).replace(TEXT_END, " "))
