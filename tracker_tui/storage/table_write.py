"""Writing a table that people read and edit, with everything of it that is the shop's own.

Comments, the order of the rows, the shop's own columns and lines that cannot be understood survive each save;
a row that did not change is written back byte for byte. Where only some rows of a file in the house's form
changed, their lines are spliced in and the rest is copied in long pieces.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from tracker_tui.model.shelf import Shelf
from tracker_tui.storage.codec import format_line
from tracker_tui.storage.rows import Line
from tracker_tui.storage.table import VERSION, Row, Table, TableFormat, read_table
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Final, Generic

_MANY: Final = 100
"""Rows from which it is worth while to load what writes many at a time."""
_TOGETHER: Final = 1_000


def write_table(
    format_: TableFormat[Row],
    table: Table[Row],
    rows: Mapping[str, Row],
    as_of: int | None,
    decimals: int = 2,
) -> tuple[bytes, Table[Row]]:
    """Return the file that holds `rows`, and the table that reading it gives.

    Args:
        format_: Which table.
        table: The file as last read: comments, order, broken lines, own columns.
        rows: What shall stand in it, by id.
        as_of: The entry that the quantities count up to; None where the table does not say that.
        decimals: The shop's decimals.
    """
    columns = _columns(format_, table, rows)
    as_it_is = table.house_form and columns == table.columns
    above: list[bytes] = []
    lines: list[bytes] = []
    for line in _lines_with_rows(table, rows):
        if line.other is not None:
            raw = line.other.raw
            (above if line.other.above else lines).append(
                raw if table.house_form else raw.removesuffix(b"\r")
            )
        elif line.row is not None:
            if line.raw is not None and as_it_is and table.decode(line.raw) == line.row:
                lines.append(line.raw)
            else:
                lines.append(_as_line(format_, columns, line.row))
    end = [format_.end.encode()] if format_.end else []
    header = format_line(columns)[:-1]
    data = b"\n".join([*_head(as_of), *above, header, *lines, *end, b""])
    return data, read_table(format_, data, decimals)


def splice_table(
    format_: TableFormat[Row], table: Table[Row], rows: Shelf[Row], as_of: int | None
) -> bytes | None:
    """Return what `write_table` does, at the cost of what changed; None where that does not go.

    Args:
        format_: Which table.
        table: The file as last read.
        rows: Rows that lie over those of the table.
        as_of: The entry that the quantities count up to.
    """
    head = _head(as_of)
    first, last = len(head) + 1, table.rows.length - bool(format_.end)
    fresh = not table.rows.length and not rows.rows.length and table.house_form
    if not fresh and not (rows.rows is table.rows and _is_in_order(format_, table, first, last)):
        return None
    places = sorted(rows.changed)
    changed = [row for place in places if (row := rows.row(place)) is not None]
    if not _fit_all(format_, table, changed):
        return None
    lines = iter(_lines_of(format_, table, changed))
    parts = [line + b"\n" for line in (*head, format_line(table.columns)[:-1])]
    at, behind = first, bisect_left(places, last)
    for place in places[:behind]:
        row = rows.row(place)
        parts.append(_copied(table, at, place))
        at = max(at, place + 1)
        if row is not None:
            line = next(lines)
            parts.append((table.rows.raw(place) if table.rows.row(place) == row else line) + b"\n")
    parts.append(_copied(table, at, last))
    parts += [line + b"\n" for line in lines]
    if format_.end:
        parts.append(format_.end.encode() + b"\n")
    return b"".join(parts)


def _is_in_order(format_: TableFormat[Row], table: Table[Row], first: int, last: int) -> bool:
    """Tell whether the program's own lines, and only they, stand before `first` and from `last` on."""
    rows = table.rows
    own = [place for place, line in rows.others.items() if not line.kept]
    return (
        table.house_form
        and rows.data.endswith(b"\n")
        and own == [*range(first), *range(last, rows.length)]
        and rows.raw(first - 1) + b"\n" == format_line(table.columns)
        and {*table.columns} >= {*format_.columns}
    )


def _fit_all(format_: TableFormat[Row], table: Table[Row], rows: Sequence[Row]) -> bool:
    """Tell whether rows can be written into the file without a change of anything else in it."""
    columns, first = {*table.columns}, table.columns[0]
    ids = [row.id for row in rows]
    begins = ids if first == "id" else [_as_written(format_, row, first) for row in rows]
    return (
        table.held.isdisjoint(ids)
        and all(row.extra.keys() <= columns for row in rows if row.extra)
        and not any(begin.startswith("#") for begin in begins)
    )


def _lines_of(format_: TableFormat[Row], table: Table[Row], rows: Sequence[Row]) -> list[bytes]:
    """Return the lines of rows, without their newlines; of plain ones many at a time."""
    if len(rows) < _MANY or table.columns != format_.columns:
        return [_as_line(format_, table.columns, row) for row in rows]
    lines: list[bytes] = []
    for start in range(0, len(rows), _TOGETHER):
        piece = rows[start : start + _TOGETHER]
        lines += format_.many(piece) or [_as_line(format_, table.columns, row) for row in piece]
    return lines


def _copied(table: Table[Row], at: int, until: int) -> bytes:
    """Return the lines at some places, with their newlines."""
    rows = table.rows
    if at >= until:
        return b""
    return rows.data[rows.starts[at] : rows.starts[until] if until < rows.length else len(rows.data)]


def _head(as_of: int | None) -> list[bytes]:
    return [] if as_of is None else [b"# tracker inventory %d, as of entry %d" % (VERSION, as_of)]


def _as_line(format_: TableFormat[Row], columns: tuple[str, ...], row: Row) -> bytes:
    fields = {**row.extra, **format_.encode(row)}
    return format_line([fields.get(column, "") for column in columns])[:-1]


class _Standing(NamedTuple, Generic[Row]):
    """What shall stand in the file.

    Attributes:
        other: A line that is no row.
        row: The row, where it is one.
        raw: The row's line as it stood; None where it is new.
    """

    other: Line | None
    row: Row | None = None
    raw: bytes | None = None


def _lines_with_rows(table: Table[Row], rows: Mapping[str, Row]) -> Iterator[_Standing[Row]]:
    """Yield what shall stand in the file: the old lines in their order, then the rows that are new.

    A product whose line was spoilt comes just before that line, so that it is the one that counts if the line
    is mended as well.
    """
    read = table.rows
    placed: set[str] = set()
    for place in range(read.length):
        other = read.others.get(place)
        if other is None:
            raw = read.raw(place)
            key = read.key(place)
            row = rows.get(key)
            if row is not None:
                placed.add(key)
                yield _Standing(None, row, raw)
        elif other.kept:
            held = rows.get(other.held)
            if held is not None and other.held not in read and other.held not in placed:
                placed.add(other.held)
                yield _Standing(None, held)
            yield _Standing(other)
    for key, row in rows.items():
        if key not in placed:
            yield _Standing(None, row)


def _columns(format_: TableFormat[Row], table: Table[Row], rows: Mapping[str, Row]) -> tuple[str, ...]:
    """Return the columns of the file: its own order where it has one, missing ones behind."""
    columns = list(table.columns) if table.rows.length else list(format_.columns)
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
