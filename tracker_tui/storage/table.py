"""A table that people read and edit: `inventory.txt` and `customers.txt`, as it is read.

Every line is read by itself. A spreadsheet's ways (a BOM, CRLF, `;` between the fields, padding commas,
columns in another order) are read; the next save brings the house's form back. Most lines are plain, and a
thousand of them are looked at together; wherever anything is out of the ordinary, each line of that
thousand is read by itself, so both ways must agree on what a plain line says.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate

from tracker_tui.model.records import NO_EXTRA, Customer, Problem, Product
from tracker_tui.model.table_rows import TEXT_END, Texts
from tracker_tui.model.text import folded_all, normal
from tracker_tui.storage.codec import parse_line
from tracker_tui.storage.rows import KnownLines, Line, TableRows, one_text
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Final, Generic, Protocol, TypeVar

Row = TypeVar("Row", bound=Product | Customer)

_AS_OF: Final = re.compile(rb"#\s*tracker inventory (\d{1,9}), as of entry (\d{1,15})\s*[,;\t]*\s*")
VERSION: Final = 1
LONGEST_ROW: Final = 1 << 17
"""Bytes of a row; own columns grow when they are written into a log's note."""
_TOGETHER: Final = 1 << 16
"""Bytes of the lines that are looked at together, where they are plain; no row of them is too long."""
_EACH: Final = 1 << 11
_UNUSUAL: Final = ("#", '"#', " ", "\t", "\f", "\v")
"""Comments, and what a line of a table hardly begins with."""


class TableFormat(NamedTuple, Generic[Row]):
    """How one table is written and read.

    Attributes:
        file: Its name.
        columns: Its columns, in order.
        headless: Columns of a file without a header line; empty where there must be one.
        end: The last line, which says that the file is whole; empty where there is none.
        absent: What a column that must be there counts as where the file lacks it.
        decode: Fields by column, and own columns -> the row; raises ValueError with the reason.
        encode: A row -> its fields, by column, without its own columns.
        texts: The columns that a search looks at; it looks at own columns as well.
        spelled: Columns of many lines, by name -> other spellings of some field that a search finds too.
        numbers: The columns of numbers.
        kinds: The columns in which many rows are alike.
        plain: Columns of many lines, by name -> the columns of numbers, by name; raises ValueError where
            one of the lines must be looked at by itself.
        many: Many rows -> their lines in the order of the columns, without their newlines; none where one of
            the rows must be written by itself.
    """

    file: str
    columns: tuple[str, ...]
    headless: tuple[str, ...]
    end: str
    absent: Mapping[str, str]
    decode: Callable[[Mapping[str, str], Mapping[str, str], int], Row]
    encode: Callable[[Row], Mapping[str, str]]
    texts: tuple[str, ...]
    spelled: Callable[[Mapping[str, Sequence[str]]], Sequence[str]]
    numbers: tuple[str, ...]
    kinds: tuple[str, ...]
    plain: Callable[[Mapping[str, Sequence[str]], int], Mapping[str, Sequence[float]]]
    many: Callable[[Sequence[Row]], list[bytes]]


class Table(Generic[Row]):
    """A table as read.

    Attributes:
        columns: The columns that the file has, in its order.
        rows: The rows that could be understood, by id, and all lines by place.
        problems: What could not.
        as_of: Up to which entry the quantities count; None where the file does not say.
        whole: Whether the end line is there.
        house_form: Whether the file is in the house's own form, so that lines can be written back as they are.
        held: Ids that lines which cannot be understood seem to have.
        newer: Whether a later version of the program wrote it.
    """

    def __init__(self, format_: TableFormat[Row], data: bytes = b"", decimals: int = 2) -> None:
        self.columns = format_.columns
        self.problems: list[Problem] = []
        self.as_of: int | None = None
        self.whole = False
        self.house_form = True
        self.held: set[str] = set()
        self.newer = False
        self.delimiter = ","
        self._format = format_
        self.decimals = decimals
        self.rows: TableRows[Row] = TableRows(data, self.decode, format_.numbers, format_.kinds)

    def decode(self, raw: bytes) -> Row:
        """Read one line.

        Raises:
            ValueError: It is no row; the text says why.
        """
        if len(raw) > LONGEST_ROW:
            raise ValueError(f"the line is longer than {LONGEST_ROW >> 10} KB")
        values = [value.strip() for value in parse_line(raw, self.delimiter)]
        columns = self.columns
        while len(values) > len(columns) and not values[-1]:
            values.pop()
        if len(values) != len(columns):
            raise ValueError(f"has {len(values)} fields, {len(columns)} are expected")
        fields = {**dict.fromkeys(self._format.columns, ""), **self._format.absent}
        extra: dict[str, str] = {}
        for column, value in zip(columns, values, strict=True):
            if column in fields:
                fields[column] = value
            elif value:
                extra[column] = value
        if not fields["id"]:
            raise ValueError("the id is missing")
        return self._format.decode(fields, extra or NO_EXTRA, self.decimals)

    def text_of(self, row: Row) -> str:
        """Return what a search looks at in a row, folded."""
        fields = self._format.encode(row)
        spelled = self._format.spelled({column: [value] for column, value in fields.items()})
        return one_text([*(fields[column] for column in self._format.texts), *spelled, *row.extra.values()])


class Earlier(Protocol):
    """What an earlier reading of a table found out; see `known_rows`."""

    def fits(
        self, format_: TableFormat[Row], columns: tuple[str, ...], delimiter: str, decimals: int
    ) -> bool:
        """Tell whether it is of a table that was read in the same way."""

    @property
    def kinds(self) -> Mapping[str, Sequence[str]]:
        """The texts of each column in which many rows are alike, by their numbers."""

    def found(self, marks: array[int]) -> array[int] | None:
        """Return what `TableRows.sorted_marks` was, where the marks by place are the same."""

    def lines_at(self, data: bytes, start: int, place: int) -> tuple[KnownLines, int] | None:
        """Return what is known of the lines at some byte, and the byte behind them."""

    def resume(self, data: bytes, start: int) -> int:
        """Return the byte at which what is known may go on again."""

    def name_ranks(self, texts: Sequence[Texts], length: int) -> Sequence[int] | None:
        """Return the rank of the name of each row, by place, see `Rows`."""


def read_table(
    format_: TableFormat[Row],
    data: bytes,
    decimals: int,
    earlier: Callable[[Callable[[bytes], str]], Earlier | None] = lambda _text_of: None,
) -> Table[Row]:
    """Read a table; nothing in it can make this fail.

    Args:
        format_: Which table.
        data: The whole file.
        decimals: The shop's decimals.
        earlier: Gives what is known from an earlier reading; is told what gives the texts of a row's line.
    """
    bare = data.removeprefix(b"\xef\xbb\xbf")
    table = Table(format_, bare, decimals)
    table.house_form = len(bare) == len(data) and b"\r\n" not in data
    reading = _TableReading(format_, table, decimals)
    reading.earlier = earlier(lambda raw: table.text_of(table.decode(raw)))
    reading.take_all(bare)
    return table


class _TableReading(Generic[Row]):
    """One pass over the lines of a table."""

    def __init__(self, format_: TableFormat[Row], table: Table[Row], decimals: int) -> None:
        self.format = format_
        self.table = table
        self.rows = table.rows
        self.decimals = decimals
        self.header_seen = False
        self.earlier: Earlier | None = None

    def take_all(self, data: bytes) -> None:
        start, size = 0, len(data)
        while start < size and not self.header_seen:
            end = data.find(b"\n", start) + 1 or size
            self._take(start, data[start:end].removesuffix(b"\n"))
            start = end
        earlier = self._earlier_reading()
        while earlier is not None and start < size:
            known = earlier.lines_at(data, start, self.rows.length)
            if known is not None:
                self.rows.take_known(known[0])
                start = known[1]
            if start < size:
                end = earlier.resume(data, start)
                self._take_stretch(data, start, end)
                start = end
        self._take_stretch(data, start, size)
        for place in self.rows.end() if earlier is None else self.rows.end(earlier.found):
            key = self.rows.key(place)
            reason = f"{key} stands in the file twice; this line is not counted"
            self.rows.others[place] = self._broken(self.rows.raw(place), reason, place + 1)
        self.table.problems.sort(key=lambda problem: problem.line)

    def _earlier_reading(self) -> Earlier | None:
        """Return what is known from an earlier reading, where that was one of the same columns."""
        earlier, table = self.earlier, self.table
        if earlier is None or not earlier.fits(self.format, table.columns, table.delimiter, self.decimals):
            return None
        for column, texts in earlier.kinds.items():
            self.rows.name_kinds(column, texts)
        self.rows.rank_names = earlier.name_ranks
        return earlier

    def _take_stretch(self, data: bytes, start: int, size: int) -> None:
        """Take the lines from one byte to another, as many together as will go."""
        while start < size:
            end = size if size - start <= _TOGETHER else data.rfind(b"\n", start, start + _TOGETHER) + 1
            end = end or data.find(b"\n", start, size) + 1 or size
            self._take_piece(start, data[start:end])
            start = end

    def _take_piece(self, start: int, piece: bytes) -> None:
        """Take some lines together; where that does not go, in two halves."""
        if self._take_together(start, piece):
            return
        middle = piece.find(b"\n", len(piece) // 2) + 1
        if len(piece) > _EACH and 0 < middle < len(piece):
            self._take_piece(start, piece[:middle])
            self._take_piece(start + middle, piece[middle:])
            return
        for raw in piece.removesuffix(b"\n").split(b"\n"):
            self._take(start, raw)
            start += len(raw) + 1

    def _take(self, start: int, raw: bytes) -> None:
        stripped = raw.strip()
        bare = stripped.rstrip(b",;\t ")
        if not stripped:
            self.rows.take_other(start, Line(raw))
        elif stripped.startswith((b"#", b'"#')):
            self._take_comment(start, raw, bare.strip(b'"'))
        elif not self.header_seen and self._take_header(stripped):
            self.header_seen = True
            self.rows.others = {
                place: line._replace(above=line.kept) for place, line in self.rows.others.items()
            }
            self.rows.take_other(start, Line(raw, kept=False))
        elif self._take_row(start, raw) and not self.header_seen:
            self.header_seen = True
            self.table.house_form = self.table.house_form and not self.format.headless

    def _take_comment(self, start: int, raw: bytes, bare: bytes) -> None:
        as_of = _AS_OF.fullmatch(bare)
        kept = False
        if as_of and self.table.as_of is None:
            self.table.as_of = int(as_of[2])
            self.table.newer = int(as_of[1]) > VERSION
        elif self.format.end and bare == self.format.end.encode():
            self.table.whole = True
        else:
            kept = True
        self.rows.take_other(start, Line(raw, kept=kept))

    def _take_header(self, line: bytes) -> bool:
        for delimiter in (",", ";", "\t"):
            try:
                names = [name.strip() for name in parse_line(line, delimiter)]
            except ValueError:
                continue
            if "id" in names and "name" in names:
                while names and not names[-1]:
                    names.pop()
                self.table.delimiter = delimiter
                self.table.house_form = self.table.house_form and delimiter == ","
                self.table.columns = self._told_apart(names)
                missing = [name for name in self.format.columns[:4] if name not in names]
                if self.format.headless and missing:
                    self._report(
                        f"the header lacks the columns {', '.join(missing)}; they are taken as they were"
                    )
                self._set_columns()
                return True
        if self.format.headless:
            whole = line.count(b",") >= len(self.format.columns) - 1
            self.table.columns = self.format.columns if whole else self.format.headless
            self._set_columns()
        return False

    def _set_columns(self) -> None:
        columns, rows = self.table.columns, self.rows
        rows.columns, rows.delimiter = columns, self.table.delimiter
        rows.id_first = columns[0] == "id" and self.table.delimiter == ","
        rows.name_second = rows.id_first and len(columns) > 2 and columns[1] == "name"

    def _told_apart(self, names: list[str]) -> tuple[str, ...]:
        """Number the columns that share a name, so that both are kept."""
        told: list[str] = []
        for name in names:
            turn, fresh = 1, name
            while fresh in told:
                turn += 1
                fresh = f"{name} {turn}".strip()
            if fresh != name:
                self._report(f"the header has the column “{name}” twice; the later one is now “{fresh}”")
                self.table.house_form = False
            told.append(fresh)
        return tuple(told)

    def _take_row(self, start: int, raw: bytes) -> bool:
        """Read a line that should be a row; tell whether it is one."""
        try:
            row = self.table.decode(raw)
        except ValueError as error:
            self.rows.take_other(start, self._broken(raw, str(error), self.rows.length + 1))
            return False
        fields = self.format.encode(row)
        text = self.table.text_of(row)
        numbers = {column: [float(getattr(row, column))] for column in self.format.numbers}
        alike = {column: [fields[column]] for column in self.format.kinds}
        self.rows.take_rows([start], [row.id], text, numbers, alike)
        return True

    def _broken(self, raw: bytes, reason: str, number: int) -> Line:
        self.table.problems.append(Problem(self.format.file, number, reason))
        position = self.table.columns.index("id") if "id" in self.table.columns else 0
        parts = raw[:LONGEST_ROW].decode("utf-8", "replace").split(self.table.delimiter)
        held = parts[position].strip(' "\r') if position < len(parts) else ""
        self.table.held.add(held)
        return Line(raw, reason, held)

    def _report(self, reason: str) -> None:
        self.table.problems.append(Problem(self.format.file, self.rows.length + 1, reason))

    # Many lines at once

    def _take_together(self, start: int, piece: bytes) -> bool:
        """Take plain rows, all of a piece at once; False = nothing was taken, each must be looked at."""
        if len(piece) > LONGEST_ROW or b"\0" in piece or b"\r" in piece:
            return False
        if not {*self.format.columns} <= {*self.table.columns}:
            return False
        try:
            lines = piece.decode("utf-8").removesuffix("\n").split("\n")
            if not all(lines) or any(begin.startswith(_UNUSUAL) for begin in {line[:2] for line in lines}):
                return False
            found = list(csv.reader(lines, delimiter=self.table.delimiter, strict=True))
            if len(found) != len(lines):
                return False
            fields = dict(zip(self.table.columns, zip(*found, strict=True), strict=True))
            ids = _plain_ids(fields["id"])
            numbers = self.format.plain(fields, self.decimals)
        except (ValueError, KeyError, csv.Error):
            return False
        own = [column for column in self.table.columns if column not in self.format.columns]
        spelled = self.format.spelled(fields)
        searched = [map(str.strip, fields[column]) for column in (*self.format.texts, *own)]
        texts = zip(*searched, *([spelled] if spelled else []), strict=True)
        text = TEXT_END.join(folded_all(list(map("\n".join, texts))))
        sizes = [len(raw) + 1 for raw in piece.split(b"\n")[: len(lines) - 1]]
        starts = array("I", accumulate(sizes, initial=start))
        self.rows.take_rows(
            starts, ids, text, numbers, {column: fields[column] for column in self.format.kinds}
        )
        return True


def _plain_ids(ids: Sequence[str]) -> Sequence[str]:
    """Return the ids as rows have them.

    Raises:
        ValueError: One of them is missing, or begins as a comment does.
    """
    if not all(map(str.isascii, ids)):
        ids = [normal(key) for key in ids]
    if not all(ids) or list(map(str.strip, ids)) != list(ids) or "#" in {key[0] for key in ids}:
        raise ValueError("look at each")
    return ids
