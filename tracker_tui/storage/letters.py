"""Which rows of a table hold a letter, as it is kept beside their texts.

Who begins to type finds half of all rows, and to look at each of them takes longer than to paint the first ones. So
there is a bit for each row and letter: 12 kB for 100,000 rows, read when somebody types that letter. What only few rows
hold is quickly looked for without.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from zlib import crc32

from tracker_tui.errors import StorageError
from tracker_tui.typed import Final

COMMON: Final = 64
"""A letter that one row in so many holds is kept."""
MOST: Final = 96
"""Of more letters than these, those are kept that stand in most pieces."""
EACH: Final = 64
"""Rows of a piece, a bit for each."""
_WIDTH: Final = EACH // 8
_DIGITS: Final = b"01" + bytes(254)


def letters_in(pieces: Sequence[Sequence[str]]) -> dict[str, bytes]:
    """Return the letters that many rows hold, each with eight bytes for a piece; the lowest bit is its first row.

    Args:
        pieces: The texts of the rows of each piece, folded, at most `EACH`.
    """
    rows = sum(map(len, pieces))
    seen = Counter(chain.from_iterable(set("".join(texts)) for texts in pieces))
    often = sorted(filter(_is_typed, seen), key=lambda letter: (-seen[letter], letter))[:MOST]
    texts = [text for piece in pieces for text in _filled_up(piece)]
    found: dict[str, bytes] = {}
    for letter in often:
        has = bytes([letter in text for text in texts])
        if has.count(1) * COMMON >= rows:
            found[letter] = int(has.translate(_DIGITS)[::-1], 2).to_bytes(len(pieces) * _WIDTH, "little")
    return found


def _is_typed(letter: str) -> bool:
    """Tell whether it may stand in a word; half a character by itself is nothing that one looks for."""
    return not letter.isspace() and not "\ud800" <= letter <= "\udfff"


def _filled_up(texts: Sequence[str]) -> Iterable[str]:
    return [*texts, *[""] * (EACH - len(texts))]


class Letters:
    """What `letters_in` gave, read from a file as it is asked for.

    Attributes:
        size: Bytes of all of it.

    Args:
        read_at: Reads so many bytes of the file from a place on.
        begin: Where the bits of the first letter begin; those of the others stand behind them.
        names: The letters, in their order.
        sums: The check sum of the bits of each.
        pieces: How many pieces there are.
    """

    def __init__(
        self,
        read_at: Callable[[int, int], bytes],
        begin: int,
        names: Sequence[str],
        sums: Sequence[int],
        pieces: int,
    ) -> None:
        self._read_at = read_at
        self._begin = begin
        self._names = names
        self._sums = sums
        self._size = pieces * _WIDTH
        self.size = len(names) * self._size
        self._last = "", b""

    def rows_with(self, letter: str, first: int, end: int) -> int | None:
        """Return which rows of some pieces hold a letter, the lowest bit being the first row; None = not known.

        Args:
            letter: Folded.
            first: The first piece.
            end: Behind the last one; the others are full.
        """
        last = self._last
        if last[0] != letter:
            last = self._last = letter, self._bits_of(letter)
        bits = last[1]
        return int.from_bytes(bits[first * _WIDTH : end * _WIDTH], "little") if bits else None

    def _bits_of(self, letter: str) -> bytes:
        """Read what is kept of a letter; empty where nothing is, or it is spoilt."""
        if letter not in self._names:
            return b""
        at = self._names.index(letter)
        try:
            bits = self._read_at(self._begin + at * self._size, self._size)
        except (OSError, StorageError):
            return b""
        return bits if len(bits) == self._size and crc32(bits) == self._sums[at] else b""
