"""The order of the names of a table, as it is kept beside its texts: to sort 100,000 texts takes the longest of all."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from zlib import crc32

from tracker_tui.errors import StorageError
from tracker_tui.model.sorts import ranks
from tracker_tui.typed import Final

UNKNOWN: Final = -1
"""Stands for the rank of a name that was not there."""
_CODE: Final = "i"


def name_in(text: str) -> str:
    """Return the name in the text of a row, of which it is the second field."""
    _, _, rest = text.partition("\n")
    return rest.partition("\n")[0]


def ranks_in(texts: Sequence[str]) -> array[int]:
    """Return the rank of the name of each row; rows of one name have one rank.

    Args:
        texts: The text of each row, folded.
    """
    names = list(map(name_in, texts))
    return array(_CODE, map(ranks(names).__getitem__, names))


def ranks_at(read_at: Callable[[int, int], bytes], begin: int, rows: int, crc: int) -> array[int] | None:
    """Read what `ranks_in` gave; None where that is spoilt.

    Args:
        read_at: Reads so many bytes of the file from a place on.
        begin: Where it begins.
        rows: How many rows there were.
        crc: Its check sum.
    """
    found = array(_CODE)
    size = rows * found.itemsize
    try:
        data = read_at(begin, size)
    except (OSError, StorageError):
        return None
    if len(data) != size or crc32(data) != crc:
        return None
    found.frombytes(data)
    return found


def no_ranks(length: int) -> array[int]:
    """Return so many ranks that are not known."""
    return array(_CODE, [UNKNOWN]) * length
