"""Rows that are made when they are looked at, and that can be counted, found and ordered without."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from operator import eq

from tracker_tui.typed import Generic, TypeVar, overload

Row = TypeVar("Row")


class Counted(Sequence[Row], Generic[Row]):
    """Rows of which only is known how many there are, until somebody looks at one of them.

    Args:
        length: How many.
        make: Makes them.
    """

    __slots__ = ("_length", "_made", "_make")

    def __init__(self, length: int, make: Callable[[], Sequence[Row]]) -> None:
        self._length = length
        self._make = make
        self._made: Sequence[Row] | None = None

    @property
    def made(self) -> Sequence[Row]:
        """The rows themselves, made when they are first asked for."""
        if self._made is None:
            self._made = self._make()
        return self._made

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        """Return the row at a position, or those of a slice."""
        return self.made[index]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.made)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]


class LazyRows(Sequence[Row], Generic[Row]):
    """Rows in some order, as a table shows them. They never change.

    A row has a place: a number that is its own as long as there are rows like these.
    """

    __slots__ = ()

    @abstractmethod
    def key_at(self, index: int) -> str:
        """Return the key of the row at a position, without making the row where that is possible."""

    @abstractmethod
    def place_at(self, index: int) -> int:
        """Return the place of the row at a position."""

    @abstractmethod
    def position(self, key: str) -> int | None:
        """Return where the row of a key stands, None if it does not."""

    @abstractmethod
    def sorted_by(self, column: str, *, reverse: bool) -> LazyRows[Row]:
        """Return the rows ordered by a column; rows that are equal in it keep their order.

        May take long where `is_sorted` says no, so belongs in a thread then.

        Args:
            column: Its name; "" and names that the rows do not know = the rows' own order.
            reverse: The largest first.
        """

    @abstractmethod
    def is_sorted(self, column: str, *, reverse: bool) -> bool:
        """Tell whether `sorted_by` takes no time worth speaking of."""

    def whole_rows(self) -> Iterator[Row]:
        """Yield all rows with all that can be looked up of them; may take long, so belongs in a thread.

        Raises:
            StorageError: What they are made of cannot be read.
        """
        return iter(self)

    @abstractmethod
    def changes_since(self, earlier: LazyRows[Row]) -> Collection[int] | None:
        """Return the places whose rows may differ from those of `earlier`; None = any."""
