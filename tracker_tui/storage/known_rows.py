"""What an earlier reading of a table found out, so that the next one need not read all lines again.

It lies in `.tracker/`, may be deleted, be stale or come from another version at any time, and is believed piece by
piece: some rows that follow each other count as known where their bytes, found by their check sum, stand in the
file of now; what stands between known pieces is read. So a person's edit, a sale or a new column costs the reading
of what it changed, and nothing has to be kept in step with the file.

The file: a line of JSON; columns of numbers; the texts that a search looks at, which of them hold a letter, and the
order of the names. These are read only when they are asked for, as many sessions never search all of them, and those
that do share them in the system's own memory.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from operator import eq
from zlib import crc32

from tracker_tui.errors import StorageError
from tracker_tui.model.table_rows import TEXT_END, Texts
from tracker_tui.storage.derived import DerivedFiles
from tracker_tui.storage.rows import KnownLines
from tracker_tui.storage.table import Row, TableFormat
from tracker_tui.typed import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tracker_tui.storage.letters import Letters

FORM: Final = 3
"""Another form of this file is made anew; so it is where the reading of a table changes what it finds."""
HEAD_BYTES: Final = 24
"""So many bytes of its first line tell where a piece may begin."""
_LONGEST_GAP: Final = 1 << 17
_MOST_SKIPPED: Final = 64
"""After so many changed pieces one behind the other the rest is read."""
_STRETCH_BYTES: Final = 1 << 15
_LEFT: Final = 8
"""Where more than one piece in so many has changed, nothing is said of the order of the names."""
_FIRST_LINE_BYTES: Final = 1 << 20
PIECES: Final = {
    "first": "I",
    "count": "I",
    "start": "I",
    "size": "I",
    "crc": "I",
    "text_at": "Q",
    "text_crc": "I",
}
"""The columns of the pieces: place of the first row, rows, first byte, bytes and check sum in the file; first byte
and check sum of its texts."""
ReadAt = Callable[[int, int], bytes]


def earlier_reading(
    fd: int, format_: TableFormat[Row]
) -> Callable[[Callable[[bytes], str]], KnownRows | None]:
    """Return what gives the earlier reading of a table of the shop whose folder is open, for `read_table`.

    Args:
        fd: The folder.
        format_: Which table.
    """

    def opened(text_of: Callable[[bytes], str]) -> KnownRows | None:
        name, files = file_of(format_), DerivedFiles()
        try:
            files.open_beside(fd, name)
            return KnownRows(partial(files.read, name), text_of)
        except (OSError, StorageError, NotKnown):
            return None

    return opened


def file_of(format_: TableFormat[Row]) -> str:
    """Return the name of the file that keeps the reading of a table."""
    return f"rows-{format_.file}"


class NotKnown(Exception):
    """Nothing is known of the table."""


class KnownRows:
    """What was found out of a table; each of its pieces can be taken once, in the order of the file.

    Args:
        read_at: Reads so many bytes of the derived file from a place on.
        text_of: Gives the texts of a row's line, where they cannot be read.

    Raises:
        NotKnown: The file is not whole, or of another form.
    """

    def __init__(self, read_at: ReadAt, text_of: Callable[[bytes], str]) -> None:
        self._read_at = read_at
        self._text_of = text_of
        self._sound: set[int] = set()
        try:
            head, _, rest = read_at(0, 32).partition(b" ")
            length = int(rest.partition(b" ")[0])
            begin = len(head) + 1 + len(b"%d " % length)
            if not 0 < length < _FIRST_LINE_BYTES:
                raise NotKnown
            body = read_at(begin, length)
            if crc32(body) != int(head, 16):
                raise NotKnown
            import json  # noqa: PLC0415 - a small shop knows nothing of this

            self._about: Mapping[str, Any] = json.loads(body)
            if self._about["form"] != FORM or self._about["order"] != sys.byteorder:
                raise NotKnown
            self._take_columns(begin + length)
            self._ranks_crc = int(self._about["ranks_crc"])
        except (StorageError, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise NotKnown from error
        self._next = 0
        self._taken = bytearray(len(self._columns["size"]))

    def _take_columns(self, begin: int) -> None:
        about = self._about
        rows, pieces = int(about["rows"]), int(about["pieces"])
        kinds: Mapping[str, Sequence[str]] = about["kinds"]
        columns = [
            *((name, code, pieces + (name == "text_at")) for name, code in PIECES.items()),
            ("starts", "I", rows),
            ("marks", "I", rows),
            *((f"number {name}", "d", rows) for name in about["numbers"]),
            *((f"kind {name}", "I", rows) for name in kinds),
            ("found", "Q", int(about["found"])),
            ("letter_crc", "I", len(about["letters"])),
        ]
        size = sum(array(code).itemsize * length for _, code, length in columns) + pieces * HEAD_BYTES
        data = memoryview(self._read_at(begin, size))
        if len(data) != size or crc32(data) != about["crc"]:
            raise NotKnown
        self._columns: dict[str, array[Any]] = {}
        at = 0
        for name, code, length in columns:
            column = self._columns[name] = array(code)
            column.frombytes(data[at : at + length * column.itemsize])
            at += length * column.itemsize
        self._heads = bytes(data[at:])
        self._texts_begin = begin + size

    def fits(
        self, format_: TableFormat[Row], columns: tuple[str, ...], delimiter: str, decimals: int
    ) -> bool:
        """Tell whether it is of a table that was read in the same way."""
        known: object = self._about["read"]
        return known == way_of_reading(format_, columns, delimiter, decimals)

    @property
    def kinds(self) -> Mapping[str, Sequence[str]]:
        """The texts of each column in which many rows are alike, by their numbers."""
        kinds: Mapping[str, Sequence[str]] = self._about["kinds"]
        return kinds

    def found(self, marks: array[int]) -> array[int] | None:
        """Return what `TableRows.sorted_marks` was, where the marks by place are the same; else None."""
        same = marks.tobytes() == self._columns["marks"].tobytes()
        return self._columns["found"] if same else None

    def lines_at(self, data: bytes, start: int, place: int) -> tuple[KnownLines, int] | None:
        """Take as many pieces as stand, unchanged, at some byte of a file; None = none stands there.

        Args:
            data: The file.
            start: The byte.
            place: The place of the row that begins there.

        Returns:
            What is known of them, and the byte behind them.
        """
        sizes, sums, begins = (self._columns[name] for name in ("size", "crc", "start"))
        first = piece = self._next
        view = memoryview(data)
        end = start
        while (
            piece < len(sizes)
            and (piece == first or begins[piece] == begins[piece - 1] + sizes[piece - 1])
            and crc32(view[end : end + sizes[piece]]) == sums[piece]
            and end + sizes[piece] <= len(data)
        ):
            end += sizes[piece]
            piece += 1
        if piece == first:
            return None
        self._next = piece
        self._taken[first:piece] = b"\1" * (piece - first)
        return self._lines(data, first, piece, start, place), end

    def _lines(self, data: bytes, first: int, end: int, start: int, place: int) -> KnownLines:
        rows = self.rows_of(first, end)
        moved = start - self._columns["start"][first]
        starts = self._columns["starts"][rows]
        return KnownLines(
            array("I", [begin + moved for begin in starts]) if moved else starts,
            self._columns["marks"][rows],
            {name: self._columns[f"number {name}"][rows] for name in self._about["numbers"]},
            {name: self._columns[f"kind {name}"][rows] for name in self.kinds},
            list(self._stretches(data, first, end, moved, place - rows.start)),
        )

    def _stretches(self, data: bytes, first: int, end: int, moved: int, shifted: int) -> Iterator[Texts]:
        """Yield the texts of some pieces in stretches of a good size."""
        at = self._columns["text_at"]
        while first < end:
            until = min(max(bisect_right(at, at[first] + _STRETCH_BYTES) - 1, first + 1), end)
            yield _KnownStretch(self, data, first, until, moved, self._columns["first"][first] + shifted)
            first = until

    def resume(self, data: bytes, start: int) -> int:
        """Return the byte at which what is known may go on again; the size of the file where nothing more is."""
        known = len(self._columns["size"])
        for piece in range(self._next + 1, min(self._next + 1 + _MOST_SKIPPED, known)):
            head = self._heads[piece * HEAD_BYTES : (piece + 1) * HEAD_BYTES].rstrip(b"\0")
            expected = self._columns["start"][piece] - self._columns["start"][self._next]
            at = data.find(b"\n" + head, max(start - 1, 0), start + expected + _LONGEST_GAP)
            if at >= 0:
                self._next = piece
                return at + 1
        self._next = known
        return len(data)

    def text(self, data: bytes, first: int, end: int, moved: int) -> str:
        """Return the texts of some pieces, from the derived file, or where that is spoilt, from the lines."""
        at = self._columns["text_at"]
        blob = self._texts_at(at[first], at[end] - at[first])
        if len(blob) == at[end] - at[first] and (first in self._sound or self._is_sound(blob, first, end)):
            return blob[: -len(TEXT_END)].decode("utf-8", "surrogatepass")
        begins, sizes = self._columns["start"], self._columns["size"]
        lines = data[begins[first] + moved : begins[end - 1] + sizes[end - 1] + moved]
        return TEXT_END.join(map(self._text_of, lines.removesuffix(b"\n").split(b"\n")))

    def _texts_at(self, begin: int, size: int) -> bytes:
        """Return some bytes of the texts; none where they cannot be read."""
        try:
            return self._read_at(self._texts_begin + begin, size)
        except (OSError, StorageError):
            return b""

    @cached_property
    def _letters(self) -> Letters:
        from tracker_tui.storage.letters import Letters  # noqa: PLC0415 - a sale by ids looks for no letter

        begin, pieces = self._texts_begin + self._columns["text_at"][-1], len(self._columns["size"])
        return Letters(self._read_at, begin, self._about["letters"], self._columns["letter_crc"], pieces)

    def rows_with(self, letter: str, first: int, end: int) -> int | None:
        """Return which rows of some pieces hold a letter, the lowest bit being the first row; None = not known."""
        return self._letters.rows_with(letter, first, end)

    def name_ranks(self, texts: Sequence[Texts], length: int) -> Sequence[int] | None:
        """Return the rank of the name of each row of a table that was read with this, by place.

        Rows that stand between known ones have mostly changed in something else than their name.

        Args:
            texts: The table's texts, stretch by stretch.
            length: How many places it has.

        Returns:
            `UNKNOWN` where it is not known; None where too little is.
        """
        from tracker_tui.storage.name_ranks import UNKNOWN, name_in, no_ranks, ranks_at  # noqa: PLC0415 - as above

        begin = self._texts_begin + self._columns["text_at"][-1] + self._letters.size
        by_row = ranks_at(self._read_at, begin, len(self._columns["starts"]), self._ranks_crc)
        left = [piece for piece, taken in enumerate(self._taken) if not taken]
        if by_row is None or len(left) > len(self._taken) // _LEFT:
            return None
        of_name: dict[str, int] = {}
        for piece in left:
            names = map(name_in, self._sound_texts(piece))
            of_name.update(zip(names, by_row[self.rows_of(piece, piece + 1)], strict=False))
        found = no_ranks(length)
        for stretch in texts:
            if isinstance(stretch, _KnownStretch):
                own = by_row[stretch.rows]
            else:
                texts_read = stretch.text.split(TEXT_END)
                own = array("i", [of_name.get(name_in(text), UNKNOWN) for text in texts_read])
            found[stretch.start : stretch.start + len(own)] = own
        return found

    def _sound_texts(self, piece: int) -> list[str]:
        """Return the texts of a piece as it was; none where they are spoilt."""
        at = self._columns["text_at"]
        blob = self._texts_at(at[piece], at[piece + 1] - at[piece])
        if crc32(blob) != self._columns["text_crc"][piece]:
            return []
        return blob[: -len(TEXT_END)].decode("utf-8", "surrogatepass").split(TEXT_END)

    def rows_of(self, first: int, end: int) -> slice:
        """Return which rows of the file some pieces were."""
        firsts, counts = self._columns["first"], self._columns["count"]
        return slice(firsts[first], firsts[end - 1] + counts[end - 1])

    def _is_sound(self, blob: bytes, first: int, end: int) -> bool:
        """Tell whether some pieces' texts are what was written; one look at each is enough."""
        at, sums = self._columns["text_at"], self._columns["text_crc"]
        parts = (blob[at[piece] - at[first] : at[piece + 1] - at[first]] for piece in range(first, end))
        if all(map(eq, map(crc32, parts), sums[first:end])):
            self._sound.add(first)
            return True
        return False


class _KnownStretch:
    """The texts of some rows, read each time that they are asked for."""

    __slots__ = ("_data", "_end", "_first", "_known", "_moved", "start")

    def __init__(self, known: KnownRows, data: bytes, first: int, end: int, moved: int, start: int) -> None:
        self.start = start
        self._known, self._data, self._moved = known, data, moved
        self._first, self._end = first, end

    @property
    def text(self) -> str:
        """The texts, `TEXT_END` between two."""
        return self._known.text(self._data, self._first, self._end, self._moved)

    @property
    def rows(self) -> slice:
        """Which rows of the earlier file these are."""
        return self._known.rows_of(self._first, self._end)

    def rows_with(self, letter: str) -> int | None:
        """Return which of the rows hold a letter, as `Texts` has it."""
        return self._known.rows_with(letter, self._first, self._end)


def way_of_reading(
    format_: TableFormat[Row], columns: Sequence[str], delimiter: str, decimals: int
) -> list[object]:
    """Return what else decides what reading a table gives."""
    return [format_.file, list(columns), delimiter, decimals]
