"""What a shelf asks of the table that it lays over: its rows by place and by id, and what is known of many at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracker_tui.model.records import Customer, Product
from tracker_tui.typed import Final, Generic, Protocol, TypeAlias, TypeVar

Row = TypeVar("Row", bound=Product | Customer)
Row_co = TypeVar("Row_co", bound=Product | Customer, covariant=True)

TEXT_END: Final = "\0"
"""Stands between the texts of two rows; no row holds it."""


NamedPart: TypeAlias = tuple[Sequence[int], Sequence[str], Sequence[str]]
"""Places, ids and names of some rows."""


Fields: TypeAlias = Sequence[Sequence[str]]
"""The fields of some rows, column by column."""


class Texts(Protocol):
    """The lower-case text of the rows of one stretch of a table.

    Attributes:
        start: Place of the first of them.
        text: Their texts, `TEXT_END` between two; what is no row has a text as well.
    """

    @property
    def start(self) -> int: ...  # noqa: D102 - see above
    @property
    def text(self) -> str: ...  # noqa: D102 - see above
    def rows_with(self, letter: str) -> int | None:
        """Return which of the rows hold a letter, where that is known without a look at the text.

        Args:
            letter: Folded.

        Returns:
            A bit for each row, the lowest one for the first; None = not known.
        """


class Rows(Protocol[Row_co]):
    """The rows of a table as it was read. Never changes."""

    @property
    def length(self) -> int:
        """Number of places, those without a row among them."""

    @property
    def places(self) -> Sequence[int]:
        """The places that have a row, ascending."""

    @property
    def texts(self) -> Sequence[Texts]:
        """What a search looks at, stretch by stretch."""

    def row(self, place: int) -> Row_co | None:
        """Return the row at a place, None where there is none."""

    def key(self, place: int) -> str:
        """Return the id of the row at a place that has one; much quicker than the row."""

    def place(self, key: str) -> int | None:
        """Return the place of a row by its id."""

    def named(self, places: Sequence[int]) -> list[tuple[str, str]]:
        """Return id and name of the rows at some places that have one; much quicker than the rows."""

    def named_parts(self) -> Iterator[NamedPart]:
        """Yield places, ids and names of some rows at a time, in their order; much quicker than to make the rows."""

    def name_ranks(self) -> Sequence[int] | None:
        """Return a number for each place in the order of the folded names, where that is known without sorting them.

        Returns:
            The same number for the same name; negative where the name is none of those that were sorted; None = it is
            known of too few. What is no row has any number.
        """

    def plain_fields(self, columns: Sequence[str]) -> Iterator[tuple[Sequence[int], Fields | None]]:
        """Yield places of some rows at a time, and their fields as they stand in some columns; None = look at each.

        What the table lacks, or what is left out, is an empty text.
        """

    def numbers(self, column: str) -> Sequence[float]:
        """Return a column of numbers, by place; what is no row has any number."""

    def kinds(self, column: str) -> Sequence[int]:
        """Return a number for each place; where two rows have the same one, they are alike in the column."""


class NoRows(Generic[Row]):
    """A table without rows."""

    length = 0
    places: Sequence[int] = ()
    texts: Sequence[Texts] = ()

    def row(self, place: int) -> Row | None:  # noqa: ARG002 - as in Rows
        """Return the row at a place, None where there is none."""
        return None

    def key(self, place: int) -> str:
        """Return the id of the row at a place."""
        raise IndexError(place)

    def place(self, key: str) -> int | None:  # noqa: ARG002 - as in Rows
        """Return the place of a row by its id."""
        return None

    def named(self, places: Sequence[int]) -> list[tuple[str, str]]:
        """Return id and name of the rows at some places."""
        if places:
            raise IndexError(places[0])
        return []

    def named_parts(self) -> Iterator[NamedPart]:
        """Yield nothing."""
        return iter(())

    def name_ranks(self) -> Sequence[int] | None:
        """Return nothing: there is no name."""
        return None

    def plain_fields(
        self,
        columns: Sequence[str],  # noqa: ARG002 - as in Rows
    ) -> Iterator[tuple[Sequence[int], Fields | None]]:
        """Yield nothing."""
        return iter(())

    def numbers(self, column: str) -> Sequence[float]:  # noqa: ARG002 - as in Rows
        """Return a column of numbers, by place."""
        return ()

    def kinds(self, column: str) -> Sequence[int]:  # noqa: ARG002 - as in Rows
        """Return a number for each place."""
        return ()
