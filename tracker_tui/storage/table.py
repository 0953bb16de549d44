"""A table that people read and edit: `inventory.txt` and `customers.txt`, and what is kept of them on a save.

Every line is read by itself. Comments, the order of the rows, the shop's own columns and lines that cannot be
understood survive each save; a row that did not change is written back byte for byte. A spreadsheet's ways
(a BOM, CRLF, `;` between the fields, padding commas, columns in another order) are read; the next save
brings the house's form back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, NamedTuple, TypeVar

from tracker_tui.model.records import NO_EXTRA, Customer, Problem, Product
from tracker_tui.storage.codec import format_line, parse_line

Row = TypeVar("Row", bound=Product | Customer)

_AS_OF: Final = re.compile(rb"#\s*tracker inventory (\d{1,9}), as of entry (\d{1,15})\s*[,;\t]*\s*")
VERSION: Final = 1
LONGEST_ROW: Final = 1 << 17
"""Bytes of a row; own columns grow when they are written into a log's note."""


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
    """

    file: str
    columns: tuple[str, ...]
    headless: tuple[str, ...]
    end: str
    absent: Mapping[str, str]
    decode: Callable[[Mapping[str, str], Mapping[str, str], int], Row]
    encode: Callable[[Row], Mapping[str, str]]


class Line(NamedTuple, Generic[Row]):
    """One line of the file as it stands.

    Attributes:
        raw: Its bytes, without the newline.
        row: What it says; None for a comment or a line that cannot be understood.
        problem: Why it cannot be understood; empty where it can, or is a comment.
        held: The id that a line which cannot be understood seems to have.
    """

    raw: bytes
    row: Row | None
    problem: str = ""
    held: str = ""


@dataclass
class Table(Generic[Row]):
    """A table as read.

    Attributes:
        columns: The columns that the file has, in its order.
        lines: Everything between the header and the end line.
        preface: Comments and lines that cannot be understood above the header.
        rows: The rows that could be understood, by id.
        problems: What could not.
        as_of: Up to which entry the quantities count; None where the file does not say.
        whole: Whether the end line is there.
        plain: Whether the file is in the house's own form, so that lines can be written back as they are.
        held: Ids that lines which cannot be understood seem to have.
        newer: Whether a later version of the program wrote it.
    """

    columns: tuple[str, ...]
    lines: list[Line[Row]] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    as_of: int | None = None
    whole: bool = False
    plain: bool = True
    held: set[str] = field(default_factory=set)
    newer: bool = False
    preface: list[Line[Row]] = field(default_factory=list)


def read_table(format_: TableFormat[Row], data: bytes, decimals: int) -> Table[Row]:
    """Read a table; nothing in it can make this fail.

    Args:
        format_: Which table.
        data: The whole file.
        decimals: The shop's decimals.
    """
    table: Table[Row] = Table(format_.columns)
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
        table.plain = False
    if b"\r\n" in data:
        table.plain = False
    _TableReading(format_, table, decimals).take_all(data)
    return table


class _TableReading(Generic[Row]):
    """One pass over the lines of a table."""

    def __init__(self, format_: TableFormat[Row], table: Table[Row], decimals: int) -> None:
        self.format = format_
        self.table = table
        self.decimals = decimals
        self.number = 0
        self.delimiter = ","
        self.header_seen = False

    def take_all(self, data: bytes) -> None:
        lines = data.split(b"\n")
        if not lines[-1]:
            lines.pop()
        for raw in lines:
            self.number += 1
            self._take(raw)

    def _take(self, raw: bytes) -> None:
        stripped = raw.strip()
        bare = stripped.rstrip(b",;\t ")
        if not stripped:
            self.table.lines.append(Line(raw, None))
        elif stripped.startswith((b"#", b'"#')):
            self._take_comment(raw, bare.strip(b'"'))
        elif not self.header_seen and self._take_header(stripped):
            self.header_seen = True
            self.table.preface, self.table.lines = self.table.lines, []
        elif self._take_row(raw) and not self.header_seen:
            self.header_seen = True
            self.table.plain = self.table.plain and not self.format.headless

    def _take_comment(self, raw: bytes, bare: bytes) -> None:
        as_of = _AS_OF.fullmatch(bare)
        if as_of and self.table.as_of is None:
            self.table.as_of = int(as_of[2])
            self.table.newer = int(as_of[1]) > VERSION
        elif self.format.end and bare == self.format.end.encode():
            self.table.whole = True
        else:
            self.table.lines.append(Line(raw, None))

    def _take_header(self, line: bytes) -> bool:
        for delimiter in (",", ";", "\t"):
            try:
                names = [name.strip() for name in parse_line(line, delimiter)]
            except ValueError:
                continue
            if "id" in names and "name" in names:
                while names and not names[-1]:
                    names.pop()
                self.delimiter = delimiter
                self.table.plain = self.table.plain and delimiter == ","
                self.table.columns = self._told_apart(names)
                missing = [name for name in self.format.columns[:4] if name not in names]
                if self.format.headless and missing:
                    self._report(
                        f"the header lacks the columns {', '.join(missing)}; they are taken as they were"
                    )
                return True
        if self.format.headless:
            whole = line.count(b",") >= len(self.format.columns) - 1
            self.table.columns = self.format.columns if whole else self.format.headless
        return False

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
                self.table.plain = False
            told.append(fresh)
        return tuple(told)

    def _take_row(self, raw: bytes) -> bool:
        """Read a line that should be a row; tell whether it is one."""
        try:
            row = self._decode(raw)
        except ValueError as error:
            self._keep_broken(raw, str(error))
            return False
        if row.id in self.table.rows:
            self._keep_broken(raw, f"{row.id} stands in the file twice; this line is not counted")
            return False
        self.table.rows[row.id] = row
        self.table.lines.append(Line(raw, row))
        return True

    def _decode(self, raw: bytes) -> Row:
        if len(raw) > LONGEST_ROW:
            raise ValueError(f"the line is longer than {LONGEST_ROW >> 10} KB")
        values = [value.strip() for value in parse_line(raw, self.delimiter)]
        columns = self.table.columns
        while len(values) > len(columns) and not values[-1]:
            values.pop()
        if len(values) != len(columns):
            raise ValueError(f"has {len(values)} fields, {len(columns)} are expected")
        fields = {**dict.fromkeys(self.format.columns, ""), **self.format.absent}
        extra: dict[str, str] = {}
        for column, value in zip(columns, values, strict=True):
            if column in fields:
                fields[column] = value
            elif value:
                extra[column] = value
        if not fields["id"]:
            raise ValueError("the id is missing")
        return self.format.decode(fields, extra or NO_EXTRA, self.decimals)

    def _keep_broken(self, raw: bytes, reason: str) -> None:
        self._report(reason)
        position = self.table.columns.index("id") if "id" in self.table.columns else 0
        parts = raw[:LONGEST_ROW].decode("utf-8", "replace").split(self.delimiter)
        held = parts[position].strip(' "\r') if position < len(parts) else ""
        self.table.lines.append(Line(raw, None, reason, held))
        self.table.held.add(held)

    def _report(self, reason: str) -> None:
        self.table.problems.append(Problem(self.format.file, self.number, reason))


def write_table(
    format_: TableFormat[Row], table: Table[Row], rows: Mapping[str, Row], as_of: int | None
) -> tuple[bytes, Table[Row]]:
    """Return the file that holds `rows`, with everything of `table` that is the shop's own.

    Args:
        format_: Which table.
        table: The file as last read: comments, order, broken lines, own columns.
        rows: What shall stand in it, by id.
        as_of: The entry that the quantities count up to; None where the table does not say that.

    Returns:
        The bytes of the file, and the table that reading them gives.
    """
    columns = _columns(format_, table, rows)
    as_it_is = table.plain and columns == table.columns
    lines: list[Line[Row]] = []
    for line in _lines_with_rows(table, rows):
        row = line.row
        if row is None or (line.raw and as_it_is and table.rows.get(row.id) == row):
            lines.append(line)
        else:
            fields = {**row.extra, **format_.encode(row)}
            lines.append(Line(format_line([fields.get(column, "") for column in columns])[:-1], row))
    head = b"" if as_of is None else b"# tracker inventory %d, as of entry %d\n" % (VERSION, as_of)
    preface = [_own(line, table) for line in table.preface]
    head += b"".join([line.raw + b"\n" for line in preface])
    body = b"".join([line.raw + b"\n" for line in lines])
    end = format_.end.encode() + b"\n" if format_.end else b""
    kept = Table(columns, lines, {}, as_of=as_of, whole=bool(end), held=table.held, preface=preface)
    kept.rows = {line.row.id: line.row for line in lines if line.row is not None}
    first = 1 if as_of is None else 2
    kept.problems = [
        Problem(format_.file, number, line.problem)
        for number, line in enumerate([*preface, Line[Row](b"", None), *lines], first)
        if line.problem
    ]
    return head + format_line(columns) + body + end, kept


def _lines_with_rows(table: Table[Row], rows: Mapping[str, Row]) -> Iterator[Line[Row]]:
    """Yield what shall stand in the file: the old lines in their order, then the rows that are new.

    A product whose line was spoilt comes just before that line, so that it is the one that counts if the line
    is mended as well.

    Yields:
        Lines; a row that is new has no bytes yet.
    """
    placed: set[str] = set()
    for line in table.lines:
        if line.row is None:
            if line.held in rows and line.held not in table.rows and line.held not in placed:
                placed.add(line.held)
                yield Line(b"", rows[line.held])
            yield _own(line, table)
        elif line.row.id in rows:
            placed.add(line.row.id)
            yield Line(line.raw, rows[line.row.id])
    for row_id, row in rows.items():
        if row_id not in placed:
            yield Line(b"", row)


def _own(line: Line[Row], table: Table[Row]) -> Line[Row]:
    """Return a line that is the shop's own as the house's form has it."""
    return line if table.plain else line._replace(raw=line.raw.removesuffix(b"\r"))


def _columns(format_: TableFormat[Row], table: Table[Row], rows: Mapping[str, Row]) -> tuple[str, ...]:
    """Return the columns of the file: its own order where it has one, missing ones behind."""
    columns = list(table.columns) if table.lines or table.rows else list(format_.columns)
    columns += [column for column in format_.columns if column not in columns]
    known = set(columns)
    for row in rows.values():
        if not row.extra.keys() <= known:
            for column in row.extra:
                if column not in known:
                    known.add(column)
                    columns.append(column)
    if any(_as_written(format_, row, columns[0]).startswith("#") for row in rows.values()):
        safe = "id" if "quantity" not in columns or columns[0] != "id" else "quantity"
        columns.remove(safe)
        columns.insert(0, safe)
    return tuple(columns)


def _as_written(format_: TableFormat[Row], row: Row, column: str) -> str:
    """Return one field of a row; a line that begins with `#` would be taken for a comment."""
    if column == "id":
        return row.id
    return format_.encode(row).get(column, "") if column in format_.columns else row.extra.get(column, "")
