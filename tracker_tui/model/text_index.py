"""Finding rows by words, without making the rows.

What was read with the table is looked at where it lies; of what changed since, the text is kept from snapshot
to snapshot, for all that search the same shelf.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping, Sequence

from tracker_tui.model.chosen import Chosen, Sort, all_rows
from tracker_tui.model.hits import MOST_KEPT, Hits, gathered, hits_of
from tracker_tui.model.places import BitPlaces
from tracker_tui.model.shelf import Shelf
from tracker_tui.model.table_rows import Row
from tracker_tui.model.text import folded
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Final, Generic

_FEW: Final = 300
"""So many changed rows are looked up among those found, one by one."""


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
        self._hits: Hits | None = None
        self._past: Hits | None = None
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
            self._past, self._hits, self._found = self._hits, None, None
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
        hits = hits_of(self._shelf, tuple(words), self._hits)
        self._past, self._hits = self._hits, hits
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

    # Between two letters

    def get_ahead(self) -> Iterator[None]:
        """Make ready for a further letter, in many small pieces: gather the texts of what was found last."""
        self._past = (
            None  # to forget many texts takes time too, which the letter that was typed need not wait for
        )
        hits = self._hits
        if hits is not None and hits.parts is None:
            fuller = yield from gathered(self._shelf, hits)
            if self._hits is hits:
                self._hits = fuller

    def let_go(self) -> None:
        """Keep no more than may be kept while nobody types."""
        self._past = None
        if self._hits is not None and len(self._hits.places) > MOST_KEPT:
            self._hits = self._hits._replace(parts=None)


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
