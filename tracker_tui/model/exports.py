"""What is written for other programs: rows of plain values, as CSV that no spreadsheet computes with, or as JSON."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

from tracker_tui.model.money import written
from tracker_tui.model.text import escaped
from tracker_tui.tuples import NamedTuple

Plain: TypeAlias = str | int | Decimal | date | AbstractSet[str] | Sequence[str] | None
"""A value without ornaments: a number, an amount, a day or time, a text, several texts, or nothing."""

FORMATS: Final = ("csv", "json")
"""What can be written, each the ending of a file too."""

_ENDING: Final = "\r\n"
"""How `csv` ends lines: it puts quotes only around those line breaks that it ends lines with."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)


class Listing(NamedTuple):
    """A table as it is to be written.

    Attributes:
        name: What it is, in a word that can be the name of a file.
        columns: Names of all columns.
        row_count: How many rows there are.
        rows: Makes the rows, from the first on: values by column, of which any may be missing. It may take long
            and raise `StorageError`, so belongs in a thread.
        decimals: Fewest decimals of amounts.
    """

    name: str
    columns: tuple[str, ...]
    row_count: int
    rows: Callable[[], Iterable[Mapping[str, Plain]]]
    decimals: int = 0


def lines_of(listing: Listing, file_format: str) -> Iterator[str]:
    """Yield what a file of a table holds, about a line for each row.

    Args:
        listing: The table.
        file_format: One of `FORMATS`.
    """
    return _json_lines(listing) if file_format == "json" else _csv_lines(listing)


def _csv_lines(listing: Listing) -> Iterator[str]:
    writer = csv.writer(_Echo(), lineterminator=_ENDING)
    yield str(writer.writerow([defused(column) for column in listing.columns]))
    for row in listing.rows():
        yield str(writer.writerow([_cell(row.get(column), listing.decimals) for column in listing.columns]))


class _Echo:
    """A file that hands back what is written to it, as `csv` passes it on, with the line's end that is wanted."""

    def write(self, line: str) -> str:
        return f"{line.removesuffix(_ENDING)}\n"


def _cell(value: Plain, decimals: int) -> str:
    plain = as_json(value, decimals)
    if plain is None:
        return ""
    return defused("|".join(plain) if isinstance(plain, list) else str(plain))


def defused(text: str) -> str:
    """Put a `'` before what a spreadsheet would take for a formula; numbers are none."""
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def _json_lines(listing: Listing) -> Iterator[str]:
    encode = json.JSONEncoder(ensure_ascii=False).encode
    before = "[\n  "
    for row in listing.rows():
        values = {column: as_json(value, listing.decimals) for column, value in row.items()}
        yield before + escaped(encode(values))
        before = ",\n  "
    yield "[]\n" if before.startswith("[") else "\n]\n"


def as_json(value: Plain, decimals: int) -> str | int | list[str] | None:
    """Return a value as JSON knows it: numbers as numbers, amounts and times as text, several texts as a list.

    Args:
        value: The value.
        decimals: Fewest decimals of an amount.
    """
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Decimal):
        return written(value + Decimal(0).scaleb(-decimals))
    if isinstance(value, date):
        return value.isoformat()
    return sorted(value) if isinstance(value, AbstractSet) else list(value)
