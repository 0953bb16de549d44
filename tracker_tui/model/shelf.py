"""Many rows that are not made before somebody looks at them.

A table file of 100,000 lines is kept as its bytes; a row becomes a value when it is asked for. `Shelf` lays
over such rows what has changed since the file was read, so that a change costs the same in any shop.

Every row has a *place*: a number that stays its own while the shelf lives, in the order of the file, with
what is new behind it. Which rows are looked at, and in which order, says `chosen`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from itertools import compress

from tracker_tui.model.table_rows import NamedPart, NoRows, Row, Rows
from tracker_tui.typed import Final


class Trail:
    """What happened to an open shelf and the frozen ones made of it, so that what was found out can be kept.

    Attributes:
        places: The place of every change, in order; it only grows.
        kept: What was found out of the rows of one of these shelves, each with that shelf, by any name.
    """

    __slots__ = ("kept", "places")

    def __init__(self) -> None:
        self.places = array("I")
        self.kept: dict[object, object] = {}


class _Same:
    """Stands for a row that is as it was read."""


_SAME: Final = _Same()


class Shelf(Mapping[str, Row]):
    """Rows by id: those of a table, and over them what has changed since. Never changes.

    Args:
        rows: The table; None = there is none.
        changes: Rows that are other or new, by id.
        like: Another shelf, whose rows this one has instead; it must not change any more, or not its own.
    """

    rows: Rows[Row]
    trail: Trail
    _changed: dict[int, Row | None]
    _new: dict[str, int]
    _places: dict[str, int]

    __slots__ = ("_changed", "_length", "_new", "_places", "_steps", "rows", "trail")

    def __init__(
        self,
        rows: Rows[Row] | None = None,
        changes: Mapping[str, Row] | None = None,
        *,
        like: Shelf[Row] | None = None,
    ) -> None:
        if like is not None:
            self.rows, self._changed, self._new = like.rows, like.changed, like.new
            self.trail, self._steps = like.trail, len(like.trail.places)
            self._places = like.places_found
            self._length = len(like)
            return
        self.rows = NoRows[Row]() if rows is None else rows
        self.trail = Trail()
        self._changed = {}
        self._new = {}
        self._places = {}
        self._length = len(self.rows.places)
        for key, row in (changes or {}).items():
            self._put(key, row)
        self._steps = len(self.trail.places)

    # By id

    def __getitem__(self, key: str) -> Row:
        """Return the row of an id."""
        place = self.place(key)
        row = None if place is None else self.row(place)
        if row is None:
            raise KeyError(key)
        return row

    def get(self, key: str, default: Row | None = None) -> Row | None:  # type: ignore[override]
        """Return the row of an id, or the default."""
        place = self._places.get(key)
        if place is None:
            place = self.place(key)
        row = None if place is None else self._changed.get(place, _SAME)
        if isinstance(row, _Same):
            row = None if place is None else self.rows.row(place)
        return default if row is None else row

    def some(self, keys: Sequence[str]) -> list[Row | None]:
        """Return the row of each of some ids, None where there is none."""
        if not self.rows.length and self._new.keys().isdisjoint(keys):
            return [None] * len(keys)
        return list(map(self.get, keys))

    def __contains__(self, key: object) -> bool:
        place = self.place(key) if isinstance(key, str) else None
        return place is not None and self._changed.get(place, _SAME) is not None

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[str]:
        """Yield the ids in the order of the places."""
        changed, key_at = self._changed, self.rows.key
        for place in self.rows.places:
            if place not in changed or changed[place] is not None:
                yield key_at(place)
        for key, place in self._new.items():
            if changed[place] is not None:
                yield key

    def _put(self, key: str, row: Row) -> None:
        place = self._places.get(key)
        if place is None:
            place = self.place(key)
        if place is None:
            place = self.rows.length + len(self._new)
            self._new[key] = place
            self._length += 1
        elif self._changed.get(place, _SAME) is None:
            self._length += 1
        self._changed[place] = row
        self.trail.places.append(place)
        if place < self.rows.length:
            self._places[key] = place

    def opened(self) -> OpenShelf[Row]:
        """Return a shelf with the same rows that its owner may change."""
        shelf = OpenShelf(like=self)
        shelf.trail = Trail()
        return shelf

    # By place

    def place(self, key: str) -> int | None:
        """Return the place of an id, also where its row is gone; None where it never had one."""
        place = self._places.get(key)
        if place is None:
            place = self._new.get(key)
        return self.rows.place(key) if place is None else place

    def row(self, place: int) -> Row | None:
        """Return the row at a place, None where it is gone or never was one."""
        row = self._changed.get(place, _SAME)
        return self.rows.row(place) if isinstance(row, _Same) else row

    @property
    def changed(self) -> dict[int, Row | None]:
        """What is other than in the table, by place; None = gone. To be looked at only."""
        return self._changed

    @property
    def new(self) -> dict[str, int]:
        """The places of the ids that the table does not have. To be looked at only."""
        return self._new

    def changes_since(self, other: Shelf[Row]) -> frozenset[int] | None:
        """Return the places at which this frozen shelf may differ from another; None = they have little in common."""
        if other.trail is not self.trail:
            return None
        first, last = sorted((self._steps, other._steps))
        return frozenset(self.trail.places[first:last])

    @property
    def places_found(self) -> dict[str, int]:
        """Places in the table of ids that were changed, as they change often; all shelves of a table share them."""
        return self._places

    def named_parts(self) -> Iterator[NamedPart]:
        """Yield places, ids and names of some rows at a time; much quicker than to make the rows."""
        changed = self._changed
        for places, keys, names in self.rows.named_parts():
            if changed.keys().isdisjoint(places):
                yield places, keys, names
                continue
            same = [place not in changed for place in places]
            yield list(compress(places, same)), list(compress(keys, same)), list(compress(names, same))
        rows = {place: row for place, row in changed.items() if row is not None}
        yield list(rows), [row.id for row in rows.values()], [row.name for row in rows.values()]

    def numbers(self, column: str) -> Sequence[float]:
        """Return a column of numbers of the rows of now, by place; to be looked at only.

        Args:
            column: A field of the rows that is a number.
        """
        known = self.rows.numbers(column)
        if not self._changed and len(known) == self.rows.length:
            return known
        numbers = array("d", known)
        if len(numbers) < self.rows.length:
            numbers.extend([0.0] * (self.rows.length - len(numbers)))
        numbers.extend([0.0] * len(self._new))
        for place, row in self._changed.items():
            if row is not None:
                numbers[place] = float(getattr(row, column) or 0)
        return numbers


class OpenShelf(Shelf[Row], MutableMapping[str, Row]):
    """A shelf that its owner changes, and of which others get a frozen one."""

    __slots__ = ("_shared",)

    def __init__(
        self,
        rows: Rows[Row] | None = None,
        changes: Mapping[str, Row] | None = None,
        *,
        like: Shelf[Row] | None = None,
    ) -> None:
        super().__init__(rows, changes, like=like)
        self._shared = like is not None

    def __setitem__(self, key: str, row: Row) -> None:
        if self._shared:
            self._own()
        self._put(key, row)

    def put_all(self, rows: Mapping[str, Row]) -> None:
        """Set many rows by id: `update`, but in a fraction of its time where they are new."""
        self._own()
        new, first = self._new, self.rows.length
        if self.rows.length or not new.keys().isdisjoint(rows):
            for key, row in rows.items():
                self._put(key, row)
            return
        places = range(first + len(new), first + len(new) + len(rows))
        new.update(zip(rows, places, strict=True))
        self._changed.update(zip(places, rows.values(), strict=True))
        self._length += len(rows)
        self.trail.places.extend(places)

    def __delitem__(self, key: str) -> None:
        place = self.place(key)
        if place is None or self._changed.get(place, _SAME) is None or self.row(place) is None:
            raise KeyError(key)
        self._own()
        self._changed[place] = None
        self._length -= 1
        self.trail.places.append(place)

    def _own(self) -> None:
        if self._shared:
            self._changed = dict(self._changed)
            self._new = dict(self._new)
            self._shared = False

    def frozen(self) -> Shelf[Row]:
        """Return the shelf as it is now, for others to keep; it costs nothing until this one changes."""
        self._shared = True
        return Shelf(like=self)


def positions_of(numbers: Sequence[float], wanted: float, start: int = 0) -> Iterator[int]:
    """Yield where a number stands in a column, from a place on."""
    position = start - 1
    while True:
        try:
            position = numbers.index(wanted, position + 1)
        except ValueError:
            return
        yield position
