"""Finding rows by words, without making the rows.

What was read with the table is looked at where it lies; of what changed since, the text is kept from snapshot
to snapshot, for all that search the same shelf.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import Final, Generic

from tracker_tui.model.chosen import Chosen, Sort, all_rows, not_rows
from tracker_tui.model.places import BitPlaces, bits_of
from tracker_tui.model.shelf import TEXT_END, Row, Shelf
from tracker_tui.model.text import folded
from tracker_tui.tuples import NamedTuple

_MOST_KEPT: Final = 20_000
"""Rows found whose texts are kept while somebody types on, so that the others are not looked at again."""

_FEW: Final = 300
"""So many changed rows are looked up among those found, one by one."""

_COMMON: Final = 3
_COMMON_LETTER: Final = 6
"""Where one row in so many has a word, or a single letter, to look at each row is quicker than to look for it."""

_FRESH: Final = 4
"""So many stretches, and one in so many, may have to be looked at where it is known which rows of the others hold a
letter. Where it is not known of more, the letter is a rare one or the table is new."""

_ROW_CHARACTERS: Final = 50
"""About so long is the text of a row."""


class _Hits(NamedTuple):
    """The rows of the table, as it was read, that hold some words.

    Attributes:
        words: The words.
        places: The places, ascending.
        texts: Their texts; None where they are too many to be kept.
    """

    words: tuple[str, ...]
    places: Sequence[int]
    texts: Sequence[str] | None


class TextIndex(Generic[Row]):
    """Finds rows by words in any order and case.

    Args:
        text_of: The text of a row that has changed since the table was read.
        sorts: How the rows can be ordered, by column.
    """

    def __init__(self, text_of: Callable[[Row], str], sorts: Mapping[str, Sort[Row]] | None = None) -> None:
        self._text_of = text_of
        self._sorts = sorts
        self._shelf: Shelf[Row] = Shelf()
        self._texts: Mapping[int, str] = {}
        self._hits: _Hits | None = None
        self._found: tuple[tuple[str, ...], Chosen[Row]] | None = None

    def update(self, rows: Mapping[str, Row]) -> None:
        """Take over the rows of a new snapshot, by id."""
        if rows is self._shelf:
            return
        shelf = rows if isinstance(rows, Shelf) else Shelf(changes=rows)
        if shelf.rows is not self._shelf.rows:
            self._hits = None
        self._shelf = shelf
        self._texts = _changed_texts(shelf, self._text_of)

    def matching(self, typed: str) -> Chosen[Row]:
        """Return the rows that hold every word of `typed`, in their order.

        The same words again, for a later snapshot, cost no more than what changed; words that go on from the
        last ones are looked for in what those gave.

        Args:
            typed: Words, in any order and case; empty = all rows.
        """
        words = tuple(folded(typed).split())
        if not words:
            self._hits = self._found = None
            return all_rows(self._shelf, self._sorts)
        if self._found is not None and self._found[0] == words:
            moved = self._found[1].moved(self._shelf, lambda place, row: self._holds(place, row, words))
            if moved is not None:
                self._found = (words, moved)
                return moved
        chosen = Chosen(self._shelf, self.places(words), self._sorts)
        self._found = (words, chosen)
        return chosen

    def _holds(self, place: int, row: Row, words: tuple[str, ...]) -> bool:
        text = self._texts.get(place) or folded(self._text_of(row))
        return all(word in text for word in words)

    def places(self, words: Sequence[str]) -> Sequence[int]:
        """Return the places of the rows that hold every word, ascending.

        Args:
            words: Folded, 1 or more.
        """
        self._hits = hits = self._hits_of(tuple(words))
        changed = self._shelf.changed
        if not changed:
            return hits.places
        fresh = [place for place, text in self._texts.items() if all(word in text for word in words)]
        if isinstance(hits.places, BitPlaces):
            return hits.places.changed(changed, fresh)
        if len(changed) > _FEW:
            kept = [place for place in hits.places if place not in changed]
            return array("I", sorted([*kept, *fresh]))
        found = array("I", hits.places)
        for place in changed:
            at = bisect_left(found, place)
            if at < len(found) and found[at] == place:
                del found[at]
        for place in fresh:
            insort(found, place)
        return found

    def _hits_of(self, words: tuple[str, ...]) -> _Hits:
        last = self._hits
        if last is None or last.texts is None or not _goes_on(last.words, words):
            return _known(self._shelf, words) or _looked_for(self._shelf, words)
        places, texts = last.places, last.texts
        for word in frozenset(words).difference(last.words):
            has = [word in text for text in texts]
            places, texts = array("I", compress(places, has)), list(compress(texts, has))
        return _Hits(words, places, texts)


def _goes_on(words: tuple[str, ...], further: tuple[str, ...]) -> bool:
    """Tell whether what holds the further words also holds the words."""
    return all(any(word in longer for longer in further) for word in words)


def _known(shelf: Shelf[Row], words: tuple[str, ...]) -> _Hits | None:
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
                held = bits_of(_row_by_row(stretch.text, 0, letter, with_texts=False)[0])  # noqa: PLW2901
            bits |= held << stretch.start
        found &= bits
    return _Hits(words, BitPlaces(found & ~bits_of(not_rows(shelf))), None)


def _looked_for(shelf: Shelf[Row], words: tuple[str, ...]) -> _Hits:
    """Look through the whole table as it was read."""
    word, *others = sorted(words, key=len, reverse=True)
    common = _COMMON_LETTER if len(word) == 1 else _COMMON
    places, texts = array("I"), list[str]()
    is_common, kept = len(word) == 1, True
    for stretch in shelf.rows.texts:
        text = stretch.text
        if not all(map(text.__contains__, words)):
            continue
        look = _row_by_row if is_common else _hit_by_hit
        found, parts = look(text, stretch.start, word, with_texts=kept or bool(others))
        is_common = len(found) * common * _ROW_CHARACTERS > len(text)
        if others:
            both = [pair for pair in zip(found, parts, strict=True) if all(w in pair[1] for w in others)]
            found, parts = [at for at, _ in both], [part for _, part in both]
        places.extend(found)
        if kept:
            texts += parts
            kept = len(texts) <= _MOST_KEPT and not is_common
    if missing := not_rows(shelf):
        there = [at for at, place in enumerate(places) if place not in missing]
        texts = [texts[at] for at in there] if kept else []
        places = array("I", [places[at] for at in there])
    return _Hits(words, places, texts if kept else None)


def _row_by_row(text: str, start: int, word: str, *, with_texts: bool) -> tuple[list[int], list[str]]:
    """Look at each row of a stretch."""
    parts = text.split(TEXT_END)
    found = [at for at, part in enumerate(parts, start) if word in part]
    return found, [parts[at - start] for at in found] if with_texts else []


def _hit_by_hit(text: str, start: int, word: str, *, with_texts: bool) -> tuple[list[int], list[str]]:
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
        if with_texts:
            parts.append(text[begin : end if end >= 0 else None])
        at = text.find(word, end) if end >= 0 else -1
    return found, parts


class _Changed(NamedTuple, Generic[Row]):
    """The texts of the rows that have changed since the table was read, by place."""

    shelf: Shelf[Row]
    texts: Mapping[int, str]


def _changed_texts(shelf: Shelf[Row], text_of: Callable[[Row], str]) -> Mapping[int, str]:
    """Return the texts of what has changed since the table was read, by place."""
    kept = shelf.trail.kept.get(text_of)
    changes = shelf.changes_since(kept.shelf) if isinstance(kept, _Changed) else None
    if isinstance(kept, _Changed) and changes is not None:
        if not changes:
            return kept.texts
        texts, looked_at = dict(kept.texts), changes
    else:
        texts, looked_at = {}, frozenset(shelf.changed)
    for place in looked_at:
        row = shelf.changed.get(place)
        if row is None:
            texts.pop(place, None)
        else:
            texts[place] = folded(text_of(row))
    shelf.trail.kept[text_of] = _Changed(shelf, texts)
    return texts
