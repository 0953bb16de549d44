"""The rows of a table, as it was read, that hold some words, and how they are found.

Letters that many rows hold are known, see `Texts.rows_with`; all else is looked for in the texts. Of what was found the
texts are kept, so that words that go on are looked for in them alone: many rows in one text each, as Python's collector
looks at each item of a long list, and takes more time for that than the search.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Generator, Iterable, Sequence
from itertools import compress, zip_longest
from typing import Final

from tracker_tui.model.chosen import not_rows
from tracker_tui.model.places import BitPlaces, bits_of
from tracker_tui.model.shelf import Shelf
from tracker_tui.model.table_rows import TEXT_END, Row
from tracker_tui.tuples import NamedTuple

MOST_KEPT: Final = 20_000
"""Rows found whose texts are kept as long as their words stand there."""

_COMMON: Final = 3
_COMMON_LETTER: Final = 6
"""Where one row in so many has a word, or a single letter, to look at each row is quicker than to look for it."""

_FRESH: Final = 4
"""So many stretches, and one in so many, may have to be looked at where it is known which rows of the others hold a
letter. Where it is not known of more, the letter is a rare one or the table is new."""

_PART: Final = 1 << 14
"""Characters from which on a part is large enough."""

_ROW_CHARACTERS: Final = 50
"""About so long is the text of a row."""


class Part(NamedTuple):
    """Some rows that were found.

    Attributes:
        places: Their places, ascending; at least one.
        text: Their texts, `TEXT_END` between two.
    """

    places: Sequence[int]
    text: str


class Hits(NamedTuple):
    """The rows that hold some words.

    Attributes:
        words: The words.
        places: The places, ascending.
        parts: The same places with their texts; None where these are not kept.
    """

    words: tuple[str, ...]
    places: Sequence[int]
    parts: Sequence[Part] | None


class _Parts:
    """What was found, as it is put together to parts of a good size."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._places = array("I")
        self._texts: list[str] = []
        self._size = 0

    def add(self, places: Iterable[int], texts: Sequence[str]) -> None:
        """Add some rows behind the others."""
        self._places.extend(places)
        text = TEXT_END.join(texts)
        self._texts.append(text)
        self._size += len(text)
        if self._size > _PART:
            self._close()

    def _close(self) -> None:
        self.parts.append(Part(self._places, TEXT_END.join(self._texts)))
        self._places, self._texts, self._size = array("I"), [], 0

    def all(self) -> list[Part]:
        """Return what was added."""
        if self._places:
            self._close()
        return self.parts


def hits_of(shelf: Shelf[Row], words: tuple[str, ...], last: Hits | None) -> Hits:
    """Return the rows of a table that hold every word.

    Args:
        shelf: A shelf with the table; what lies over it does not count.
        words: Folded, 1 or more.
        last: What was found in the same table before.
    """
    if last is not None and words == last.words:
        return last
    if last is None or last.parts is None or not _goes_on(last.words, words):
        return _known(shelf, words) or _looked_for(shelf, words)
    parts = last.parts
    for word in frozenset(words).difference(last.words):
        parts = _narrowed(parts, word)
    return Hits(words, _places_of(parts), parts)


def gathered(shelf: Shelf[Row], hits: Hits) -> Generator[None, None, Hits]:
    """Return what was found with its texts, after many small pieces of work.

    Args:
        shelf: A shelf with the table.
        hits: What was found in it.
    """
    places, found, at = array("I", hits.places), _Parts(), 0
    for stretch, following in zip_longest(shelf.rows.texts, shelf.rows.texts[1:]):
        end = len(places) if following is None else bisect_left(places, following.start, at)
        if at < end:
            start, texts, own = stretch.start, stretch.text.split(TEXT_END), places[at:end]
            found.add(own, [texts[place - start] for place in own])
        at = end
        yield
    return Hits(hits.words, places, found.all())


def _narrowed(parts: Sequence[Part], word: str) -> list[Part]:
    """Return those rows that hold one more word."""
    found, is_common = _Parts(), len(word) == 1
    for places, text in parts:
        rows, texts = (_row_by_row if is_common else _hit_by_hit)(text, 0, word)
        is_common = len(rows) * _COMMON * _ROW_CHARACTERS > len(text)
        if rows:
            found.add(map(places.__getitem__, rows), texts)
    return found.all()


def _places_of(parts: Sequence[Part]) -> array[int]:
    places = array("I")
    for part in parts:
        places.extend(part.places)
    return places


def _goes_on(words: tuple[str, ...], further: tuple[str, ...]) -> bool:
    """Tell whether what holds the further words also holds the words."""
    return all(any(word in longer for longer in further) for word in words)


def _known(shelf: Shelf[Row], words: tuple[str, ...]) -> Hits | None:
    """Return the rows that hold some letters, where that is known of most of the table; None = to be looked for."""
    if any(len(word) > 1 for word in words):
        return None
    stretches, found = shelf.rows.texts, -1
    for letter in words:
        known = [stretch.rows_with(letter) for stretch in stretches]
        if known.count(None) > _FRESH + len(known) // _FRESH:
            return None
        bits = 0
        for stretch, held in zip(stretches, known, strict=True):
            if held is None:
                held = bits_of(_row_by_row(stretch.text, 0, letter)[0])  # noqa: PLW2901
            bits |= held << stretch.start
        found &= bits
    return Hits(words, BitPlaces(found & ~bits_of(not_rows(shelf))), None)


def _looked_for(shelf: Shelf[Row], words: tuple[str, ...]) -> Hits:
    """Look through the whole table as it was read."""
    word, *others = sorted(words, key=len, reverse=True)
    common = _COMMON_LETTER if len(word) == 1 else _COMMON
    places, kept_parts, missing = array("I"), _Parts(), not_rows(shelf)
    is_common, kept = len(word) == 1, True
    for stretch in shelf.rows.texts:
        text = stretch.text
        if not all(map(text.__contains__, words)):
            continue
        look = _row_by_row if is_common else _hit_by_hit
        found, parts = look(text, stretch.start, word)
        is_common = len(found) * common * _ROW_CHARACTERS > len(text)
        if others or missing:
            has = [
                place not in missing and all(map(part.__contains__, others))
                for place, part in zip(found, parts, strict=True)
            ]
            found, parts = list(compress(found, has)), list(compress(parts, has))
        places.extend(found)
        kept = kept and not is_common and len(places) <= MOST_KEPT
        if kept and found:
            kept_parts.add(found, parts)
    return Hits(words, places, kept_parts.all() if kept else None)


def _row_by_row(text: str, start: int, word: str) -> tuple[list[int], list[str]]:
    """Look at each row of a stretch."""
    parts = text.split(TEXT_END)
    has = [word in part for part in parts]
    return list(compress(range(start, start + len(parts)), has)), list(compress(parts, has))


def _hit_by_hit(text: str, start: int, word: str) -> tuple[list[int], list[str]]:
    """Look for the word in a stretch, hit by hit."""
    found: list[int] = []
    parts: list[str] = []
    row, end = start, 0
    at = text.find(word)
    while at >= 0:
        row += text.count(TEXT_END, end, at)
        begin = text.rfind(TEXT_END, end, at) + 1
        end = text.find(TEXT_END, at)
        found.append(row)
        parts.append(text[begin : end if end >= 0 else None])
        at = text.find(word, end) if end >= 0 else -1
    return found, parts
