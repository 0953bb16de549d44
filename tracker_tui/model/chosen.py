"""Which rows of a shelf are looked at, and in which order, without making them.

What was once found out (the order by a column, the rows that match) is kept and patched: when another session
sells one of 100,000 products, the others are not looked at again. See `Trail`.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import eq

from tracker_tui.model.lazy import LazyRows
from tracker_tui.model.shelf import Shelf
from tracker_tui.model.table_rows import Row
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import TYPE_CHECKING, Any, Final, Generic, overload

if TYPE_CHECKING:
    from _typeshed import SupportsRichComparison as Comparable

_FEW: Final = 3_000
"""So many rows are put in order between two keys."""

_MOST_PATCHES: Final = 150
"""Changed rows that are moved one by one; of more, all are put in order anew."""

_ALIKE: Final = 4
"""Letters by which texts are told apart before they are put in order."""


class Sort(NamedTuple, Generic[Row]):
    """How rows are ordered.

    Attributes:
        of: What a row is ordered by.
        all_of: The same for all rows of a shelf, by place, much quicker; comparable among each other and
            in the order of `of`, not always the same values.
        ranks: Numbers for all rows of a shelf, by place, in that order, where they are known without sorting; negative
            where one is not, None = too many are not.
    """

    of: Callable[[Row], Comparable]
    all_of: Callable[[Shelf[Row]], Sequence[Comparable]]
    ranks: Callable[[Shelf[Row]], Sequence[int] | None] = lambda _shelf: None


class Order(NamedTuple, Generic[Row]):
    """The order of some places.

    Attributes:
        column: Name of the column; "" = ascending places.
        sort: How it orders; None = ascending places.
        reverse: Whether the largest come first.
    """

    column: str = ""
    sort: Sort[Row] | None = None
    reverse: bool = False


BY_PLACE: Final[Order[Any]] = Order()


class Chosen(LazyRows[Row]):
    """Some rows of a shelf in some order; each is made when it is looked at.

    Args:
        shelf: A shelf that nobody changes any more.
        places: Places of rows that are there, in the order that `order` says.
        sorts: How the rows can be ordered, by column.
        order: How they are; None = in none that has a name.
    """

    __slots__ = ("_sorted", "order", "places", "shelf", "sorts")

    def __init__(
        self,
        shelf: Shelf[Row],
        places: Sequence[int],
        sorts: Mapping[str, Sort[Row]] | None = None,
        order: Order[Row] | None = BY_PLACE,
    ) -> None:
        self.shelf = shelf
        self.places = places
        self.sorts: Mapping[str, Sort[Row]] = sorts or {}
        self.order = order
        self._sorted: Chosen[Row] | None = None

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Chosen[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Chosen[Row]:
        """Return the row at a position, or those of a slice."""
        if isinstance(index, slice):
            order = self.order if index.step is None or index.step > 0 else None
            return Chosen(self.shelf, self.places[index], self.sorts, order)
        return _there(self.shelf, self.places[index])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Chosen) and other.shelf is self.shelf and other.places is self.places:
            return True
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]

    def key_at(self, index: int) -> str:
        """Return the id of the row at a position."""
        place = self.places[index]
        row = self.shelf.changed.get(place)
        return self.shelf.rows.key(place) if row is None else row.id

    def place_at(self, index: int) -> int:
        """Return the place of the row at a position."""
        return self.places[index]

    def position(self, key: str) -> int | None:
        """Return where the row of an id stands among these, None if it does not."""
        place = self.shelf.place(key)
        row = None if place is None else self.shelf.row(place)
        if place is None or row is None:
            return None
        if self.order is None:
            return self.places.index(place) if place in self.places else None
        at = _where(self.places, self.shelf, self.order, place, row)
        return at if at < len(self.places) and self.places[at] == place else None

    def changes_since(self, earlier: LazyRows[Row]) -> Collection[int] | None:
        """Return the places whose rows may differ from those of `earlier`; None = any."""
        return self.shelf.changes_since(earlier.shelf) if isinstance(earlier, Chosen) else None

    # In order

    def _wanted(self, column: str, *, reverse: bool) -> Order[Row] | None:
        sort = self.sorts.get(column)
        return self.order if sort is None else Order(column, sort, reverse)

    def is_sorted(self, column: str, *, reverse: bool) -> bool:
        """Tell whether `sorted_by` takes no time worth speaking of."""
        wanted = self._wanted(column, reverse=reverse)
        if wanted is None or self.order == wanted or len(self.shelf) <= _FEW:
            return True
        if self._sorted is not None and self._sorted.order == wanted:
            return True
        last = self.shelf.trail.kept.get(_name_of(wanted))
        return (
            isinstance(last, _Kept)
            and len(self.shelf.changes_since(last.chosen.shelf) or ()) <= _MOST_PATCHES
        )

    def sorted_by(self, column: str, *, reverse: bool) -> Chosen[Row]:
        """Return the rows ordered by a column; rows that are equal in it stand as on the shelf."""
        wanted = self._wanted(column, reverse=reverse)
        if wanted is None or self.order == wanted:
            return self
        made = self._sorted
        if made is None or made.order != wanted:
            made = self._sorted = self._in_order(wanted)
        return made

    def _in_order(self, wanted: Order[Row]) -> Chosen[Row]:
        everything = all_rows(self.shelf, self.sorts, wanted)
        if len(everything) == len(self):
            return everything
        there = bytearray(self.shelf.rows.length + len(self.shelf.new))
        for place in self.places:
            there[place] = 1
        places = array("I", filter(there.__getitem__, everything.places))
        return Chosen(self.shelf, places, self.sorts, wanted)

    # As the shelf changes

    def moved(self, shelf: Shelf[Row], wanted: Callable[[int, Row], bool]) -> Chosen[Row] | None:
        """Return what is chosen of a later or earlier shelf, in the same order; None = not without a new search.

        Args:
            shelf: The other shelf.
            wanted: Tells whether a row, given its place and itself, is to be chosen.
        """
        changes = shelf.changes_since(self.shelf)
        if changes is None or len(changes) > _MOST_PATCHES or self.order is None:
            return None
        if shelf is self.shelf:
            return self
        changed = _patched(self, shelf, self.order, changes, wanted)
        moved = Chosen(shelf, changed, self.sorts, self.order)
        if self._sorted is not None:
            moved._sorted = self._sorted.moved(shelf, wanted)
        return moved


class _Kept(NamedTuple, Generic[Row]):
    about: object
    chosen: Chosen[Row]


def kept(
    shelf: Shelf[Row],
    name: str,
    about: object,
    wanted: Callable[[int, Row], bool],
    choose: Callable[[], Chosen[Row]],
) -> Chosen[Row]:
    """Return what was chosen of this or an earlier shelf, patched; where it was not yet, choose, and keep it.

    Args:
        shelf: A shelf that nobody changes any more.
        name: What it is kept as.
        about: What it depends on, besides the rows; only the last one of a name is kept.
        wanted: Tells whether a row, given its place and itself, is to be chosen.
        choose: Chooses of the whole shelf.
    """
    last = shelf.trail.kept.get(name)
    found: Chosen[Row] | None = None
    if isinstance(last, _Kept) and last.about == about:
        found = last.chosen.moved(shelf, wanted)
    if found is None:
        found = choose()
    shelf.trail.kept[name] = _Kept(about, found)
    return found


def all_rows(
    shelf: Shelf[Row],
    sorts: Mapping[str, Sort[Row]] | None = None,
    order: Order[Row] = BY_PLACE,
) -> Chosen[Row]:
    """Return all rows of a shelf, in an order that is kept for the shelves that come after it.

    Args:
        shelf: A shelf that nobody changes any more.
        sorts: How the rows can be ordered, by column.
        order: How they shall be.
    """

    def choose() -> Chosen[Row]:
        return Chosen(
            shelf, _all_places(shelf) if order.sort is None else _sorted(shelf, order), sorts, order
        )

    found = kept(shelf, _name_of(order), None, lambda _place, _row: True, choose)
    return Chosen(shelf, found.places, sorts, order)


def _name_of(order: Order[Any]) -> str:
    return f"all by {order.column}{', reversed' if order.reverse else ''}"


def _all_places(shelf: Shelf[Row]) -> Sequence[int]:
    places = shelf.rows.places
    if len(shelf) == len(places) and not shelf.new:
        return places
    gone = {place for place, row in shelf.changed.items() if row is None}
    kept = [place for place in places if place not in gone] if gone else places
    return array("I", [*kept, *(place for place in shelf.new.values() if place not in gone)])


def _sorted(shelf: Shelf[Row], order: Order[Row]) -> Sequence[int]:
    assert order.sort is not None
    places = all_rows(shelf).places
    ranked = _ranked(shelf, order, order.sort, places)
    if ranked is not None:
        return ranked
    keys: list[Any] = list(order.sort.all_of(shelf))
    by, reverse = keys.__getitem__, order.reverse
    if not places or not isinstance(keys[places[0]], str):
        return array("I", sorted(places, key=by, reverse=reverse))
    # Texts that begin alike are put in order by themselves: what is compared lies nearer together, and other
    # threads get their turn in between.
    alike: defaultdict[str, list[int]] = defaultdict(list)
    for place in places:
        alike[by(place)[:_ALIKE]].append(place)
    found = array("I")
    for beginning in sorted(alike, reverse=reverse):
        found.extend(sorted(alike[beginning], key=by, reverse=reverse))
    return found


def _ranked(
    shelf: Shelf[Row], order: Order[Row], sort: Sort[Row], places: Sequence[int]
) -> array[int] | None:
    """Return the rows in order where that is known of nearly all; the others are put where they belong."""
    ranks = sort.ranks(shelf)
    if ranks is None:
        return None
    unknown = [place for place in places if ranks[place] < 0]
    if len(unknown) > _MOST_PATCHES:
        return None
    known = [place for place in places if ranks[place] >= 0] if unknown else places
    found = array("I", sorted(known, key=ranks.__getitem__, reverse=order.reverse))
    for place in unknown:
        found.insert(_where(found, shelf, order, place, _there(shelf, place)), place)
    return found


def _there(shelf: Shelf[Row], place: int) -> Row:
    row = shelf.row(place)
    if row is None:
        raise LookupError("a row that was chosen is not there")
    return row


def _where(places: Sequence[int], shelf: Shelf[Row], order: Order[Row], place: int, row: Row) -> int:
    """Return where a row stands among some in order, or would stand."""
    sort = order.sort
    if sort is None:
        return bisect_left(places, place)
    key: Any = sort.of(row)
    low, high = 0, len(places)
    while low < high:
        middle = (low + high) // 2
        other: Any = sort.of(_there(shelf, places[middle]))
        if other == key:
            before = places[middle] < place
        else:
            before = other > key if order.reverse else other < key
        low, high = (middle + 1, high) if before else (low, middle)
    return low


def _is_same_in(order: Order[Row], was: Row, row: Row) -> bool:
    return order.sort is None or order.sort.of(was) == order.sort.of(row)


def _patched(
    chosen: Chosen[Row],
    shelf: Shelf[Row],
    order: Order[Row],
    changes: Iterable[int],
    wanted: Callable[[int, Row], bool],
) -> Sequence[int]:
    """Return the places of another shelf: those that left taken out, then those that came put in."""
    before, places = chosen.shelf, chosen.places
    left: list[int] = []
    came: list[tuple[int, Row]] = []
    for place in sorted(changes):
        was, row = before.row(place), shelf.row(place)
        at = -1
        if was is not None:
            found = _where(places, before, order, place, was)
            at = found if found < len(places) and places[found] == place else -1
        stays = row if row is not None and wanted(place, row) else None
        if at >= 0 and was is not None and stays is not None and _is_same_in(order, was, stays):
            continue
        if at >= 0:
            left.append(at)
        if stays is not None:
            came.append((place, stays))
    if not left and not came:
        return places
    changed = array("I", places)
    for at in sorted(left, reverse=True):
        del changed[at]
    for place, row in came:
        changed.insert(_where(changed, shelf, order, place, row), place)
    return changed


def not_rows(shelf: Shelf[Row]) -> frozenset[int]:
    """Return the places that have a text and no row: a line whose id stands further up."""
    places = shelf.rows.places
    if isinstance(places, range) or not places:
        return frozenset()
    kept = shelf.trail.kept.get("not rows")
    if not isinstance(kept, frozenset):
        kept = frozenset(range(places[0], places[-1])).difference(places)
        shelf.trail.kept["not rows"] = kept
    return kept
