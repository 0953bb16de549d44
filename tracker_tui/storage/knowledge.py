"""Writing down what the reading of a table found out, for the next one; see `known_rows`."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final
from zlib import crc32

from tracker_tui.model.table_rows import TEXT_END
from tracker_tui.storage.codec import parse_line
from tracker_tui.storage.derived import write_derived
from tracker_tui.storage.known_rows import FORM, HEAD_BYTES, PIECES, file_of, way_of_reading
from tracker_tui.storage.letters import EACH, letters_in
from tracker_tui.storage.name_ranks import ranks_in
from tracker_tui.storage.rows import TableRows
from tracker_tui.storage.table import Row, Table, TableFormat

_FRESH_PART: Final = 20
"""It is written anew where one row in so many had to be read."""


def keep_reading(fd: int, mode: int, format_: TableFormat[Row], table: Table[Row]) -> None:
    """Keep what the reading of a table found out, where the next one would have much to read; see `KnownRows`.

    That this fails costs that reading later.
    """
    rows = table.rows
    worth_it = rows.looked_at > len(rows) // _FRESH_PART and not table.problems
    if worth_it:
        write_derived(fd, mode, file_of(format_), knowledge_of(format_, table))
    rows.looked_at = 0


def knowledge_of(format_: TableFormat[Row], table: Table[Row]) -> bytes:
    """Return the file that says what reading a table gave.

    Args:
        format_: Which table.
        table: The table, without problems.
    """
    import json  # noqa: PLC0415 - as above

    rows = table.rows
    texts = [text for stretch in rows.texts for text in stretch.text.split(TEXT_END)]
    pieces = list(_pieces(table))
    blobs = [f"{TEXT_END.join(texts[at : at + many])}{TEXT_END}" for at, many in pieces]
    blob_bytes = [blob.encode("utf-8", "surrogatepass") for blob in blobs]
    begins = [rows.starts[at] for at, _ in pieces]
    ends = [rows.starts[at + many] if at + many < rows.length else len(rows.data) for at, many in pieces]
    bodies = [rows.data[begin:end] for begin, end in zip(begins, ends, strict=True)]
    of_pieces: Mapping[str, Sequence[int]] = {
        "first": [at for at, _ in pieces],
        "count": [many for _, many in pieces],
        "start": begins,
        "size": list(map(len, bodies)),
        "crc": list(map(crc32, bodies)),
        "text_at": list(accumulate(map(len, blob_bytes), initial=0)),
        "text_crc": list(map(crc32, blob_bytes)),
    }
    columns: list[array[Any]] = [array(code, of_pieces[name]) for name, code in PIECES.items()]
    columns += _columns_of_rows(format_, rows)
    letters = letters_in([texts[at : at + many] for at, many in pieces])
    columns.append(array("I", map(crc32, letters.values())))
    ranks = ranks_in(texts).tobytes()
    heads = b"".join(body[:HEAD_BYTES].partition(b"\n")[0].ljust(HEAD_BYTES, b"\0") for body in bodies)
    eager = b"".join([*(column.tobytes() for column in columns), heads])
    about = {
        "form": FORM,
        "order": sys.byteorder,
        "read": way_of_reading(format_, table.columns, table.delimiter, table.decimals),
        "rows": rows.length,
        "pieces": len(pieces),
        "numbers": format_.numbers,
        "kinds": {name: _kind_texts(table, name) for name in format_.kinds},
        "found": len(rows.sorted_marks),
        "letters": [*letters],
        "ranks_crc": crc32(ranks),
        "crc": crc32(eager),
    }
    body = json.dumps(about).encode()
    return b"".join(
        [b"%08x %d " % (crc32(body), len(body)), body, eager, *blob_bytes, *letters.values(), ranks]
    )


def _columns_of_rows(format_: TableFormat[Row], rows: TableRows[Row]) -> list[array[Any]]:
    """Return what is known of each row: where it begins, its mark, its numbers and kinds; last the sorted marks."""
    marks = array("I", [0]) * rows.length
    for entry in rows.sorted_marks:
        marks[entry & ((1 << 24) - 1)] = entry >> 24
    numbers = [array("d", rows.numbers(name)) for name in format_.numbers]
    kinds = [array("I", rows.kinds(name)) for name in format_.kinds]
    return [rows.starts, marks, *numbers, *kinds, rows.sorted_marks]


def _pieces(table: Table[Row]) -> Iterator[tuple[int, int]]:
    """Yield the first place and the number of rows of each piece; every line in one is a row."""
    others = [*sorted(table.rows.others), table.rows.length]
    first = 0
    for other in others:
        for at in range(first, other, EACH):
            yield at, min(EACH, other - at)
        first = other + 1


def _kind_texts(table: Table[Row], column: str) -> list[str]:
    """Return what stands in a column in which many rows are alike, by the number of each kind."""
    kinds = table.rows.kinds(column)
    example: dict[int, int] = {}
    for place, kind in enumerate(kinds):
        example.setdefault(kind, place)
    at = table.columns.index(column) if column in table.columns else -1
    texts = [f"{TEXT_END}{kind}" for kind in range(max(kinds, default=0) + 1)]
    for kind, place in example.items():
        if kind and place not in table.rows.others and at >= 0:
            texts[kind] = parse_line(table.rows.raw(place), table.delimiter)[at]
    texts[0] = ""
    return texts
