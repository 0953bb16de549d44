"""Some fields of many rows of a table, from their lines: much quicker than to make a value of each row."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from unicodedata import is_normalized

from tracker_tui.storage.columns import Unusual, columns_of
from tracker_tui.typed import Final

_MOST_LEFT_OUT: Final = 4
"""Where one of so many lines is wanted, all are taken apart; from fewer on the wanted ones are put together."""


def named_in(data: bytes, starts: Sequence[int], places: Sequence[int]) -> list[tuple[str, str]] | None:
    """Return the first two fields of some lines; None = they are no text, or not composed already.

    Args:
        data: The whole file.
        starts: Where each of its lines begins.
        places: Numbers of lines that have more than two fields, ascending.
    """
    try:
        text, lines = _text_of(data, starts, places)
    except UnicodeDecodeError:
        return None
    if not text.isascii() and not is_normalized("NFC", text):
        return None
    if '"' not in text:
        return [(key.strip(), name.strip()) for key, name, _ in [line.split(",", 2) for line in lines]]
    return [(each[0].strip(), each[1].strip()) for each in csv.reader(lines)]


def fields_in(
    data: bytes, starts: Sequence[int], places: Sequence[int], columns: Sequence[str], wanted: Sequence[str]
) -> list[list[str]] | None:
    """Return the fields of some lines in some columns, as they stand; a column that is not there is empty.

    Args:
        data: The whole file.
        starts: Where each of its lines begins.
        places: Numbers of lines, ascending.
        columns: All columns of the file.
        wanted: Those that are asked for.

    Returns:
        The fields column by column; None = one of the lines is no plain one.
    """
    first, last = places[0], places[-1]
    lines = data[starts[first] : starts[last + 1]] if last + 1 < len(starts) else data[starts[first] :]
    try:
        found = columns_of(lines if lines.endswith(b"\n") else lines + b"\n", len(columns))
    except Unusual:
        return None
    of = dict(zip(columns, found, strict=True))
    blank = [b""] * len(found[0])
    fields = (of.get(column, blank) for column in wanted)
    if isinstance(places, range):
        return [list(map(bytes.decode, field)) for field in fields]
    return [[field[place - first].decode() for place in places] for field in fields]


def _text_of(data: bytes, starts: Sequence[int], places: Sequence[int]) -> tuple[str, Sequence[str]]:
    """Return a text that holds the lines at some places, and these lines."""
    last = len(starts) - 1
    if len(places) * _MOST_LEFT_OUT > last:
        text = data.decode()
        lines = text.split("\n")
        return text, [lines[place] for place in places]
    ends = [starts[place + 1] - 1 if place < last else len(data) for place in places]
    text = b"\n".join([data[starts[place] : end] for place, end in zip(places, ends, strict=True)]).decode()
    return text, text.removesuffix("\n").split("\n") if places else []
