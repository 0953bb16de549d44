"""The entries that are not in memory: what an index of them in the logs can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from tracker_tui.model.records import Change, Entry, Purchase
from tracker_tui.model.tally import Bought, DayTally, Ranked, Tally
from tracker_tui.typed import TYPE_CHECKING, Final, Protocol, TypeAlias

if TYPE_CHECKING:
    from tracker_tui.model.later import Later

Told: TypeAlias = Callable[[int, int], None]
"""Told how much of how much is done."""


class Past(Protocol):
    """Entries that are not in memory: all up to some number. Never changes."""

    @property
    def last(self) -> int:
        """Number of the last of them, 0 where there are none."""

    @property
    def taken_back_by(self) -> Mapping[int, int]:
        """Number of the undo by number of what it undoes."""

    @property
    def gaps(self) -> Sequence[tuple[int, int]]:
        """The first and the last number of each run of numbers that none of them has."""

    @property
    def merges(self) -> Sequence[tuple[int, str]]:
        """Number and note of each change that took an edit of `inventory.txt` over."""

    @property
    def named(self) -> Mapping[str, int]:
        """Number of the first change of each id that a change has of its own, see `own_id_of`."""

    @property
    def closes(self) -> Sequence[int]:
        """Number of each close of a day, oldest first."""

    @property
    def changed(self) -> int:
        """How many of them are changes of products."""

    def __len__(self) -> int: ...

    def at(self, position: int) -> Entry:
        """Return the entry at a position, counted from the oldest."""

    def entries(self, start: int, stop: int) -> Iterator[Entry]:
        """Yield the entries from one position to before another, oldest first."""

    def position(self, number: int) -> int:
        """Return how many of them have a smaller number."""

    def find(self, number: int) -> Entry | None:
        """Return the entry with this number."""

    def find_sale(self, sale: str) -> Purchase | None:
        """Return the purchase with this sale id."""

    def returns_of(self, sale: str) -> list[Purchase]:
        """Return the returns of a sale, oldest first, those that were undone too."""

    def purchases_of(self, customer_id: str, most: int | None = None) -> list[Purchase]:
        """Return the sales and returns of a customer, oldest first, those that were undone too.

        Args:
            customer_id: Id of the customer.
            most: How many of the latest; None = all.
        """

    def changes_of(self, ids: frozenset[str]) -> Iterator[Change]:
        """Yield the changes of some products, oldest first."""

    def touching(self, product_id: str, after: int) -> Iterator[Entry]:
        """Yield what touched a product after an entry, oldest first."""

    def count_changes(self, number: int, later: Later, told: Told) -> None:
        """Count the changes after a number in, in ascending order.

        Args:
            number: Of an entry.
            later: What counts.
            told: Told from time to time how much of how much is done; what it raises ends it.
        """

    def count_sales(self, number: int, later: Later, told: Told) -> None:
        """Count the sales after a number in, as `count_changes` does."""

    def tally(self, since: date | None, until: date | None) -> Tally:
        """Return what a span of days brought; the caller may change it."""

    def days(self, since: date | None, until: date | None) -> dict[date, DayTally]:
        """Return what each day of a span brought, days in their order; the caller may change it."""

    def bought(self, customer_id: str) -> Bought:
        """Return what a customer bought in all."""

    def ranking(self, by: Ranked) -> dict[str, float]:
        """Return a number to order customers by, by id; the caller may change it."""


class NoPast:
    """The past of a shop whose entries are all in memory."""

    last = 0
    taken_back_by: Mapping[int, int] = {}
    gaps: Sequence[tuple[int, int]] = ()
    merges: Sequence[tuple[int, str]] = ()
    named: Mapping[str, int] = {}
    closes: Sequence[int] = ()
    changed = 0

    def __len__(self) -> int:
        return 0

    def at(self, position: int) -> Entry:
        """Return the entry at a position."""
        raise IndexError(position)

    def entries(self, start: int, stop: int) -> Iterator[Entry]:  # noqa: ARG002 - as in Past
        """Yield nothing."""
        return iter(())

    def position(self, number: int) -> int:  # noqa: ARG002 - as in Past
        """Return that there are none before."""
        return 0

    def find(self, number: int) -> Entry | None:  # noqa: ARG002 - as in Past
        """Return nothing."""
        return None

    def find_sale(self, sale: str) -> Purchase | None:  # noqa: ARG002 - as in Past
        """Return nothing."""
        return None

    def returns_of(self, sale: str) -> list[Purchase]:  # noqa: ARG002 - as in Past
        """Return nothing."""
        return []

    def purchases_of(self, customer_id: str, most: int | None = None) -> list[Purchase]:  # noqa: ARG002 - as in Past
        """Return nothing."""
        return []

    def changes_of(self, ids: frozenset[str]) -> Iterator[Change]:  # noqa: ARG002 - as in Past
        """Yield nothing."""
        return iter(())

    def touching(self, product_id: str, after: int) -> Iterator[Entry]:  # noqa: ARG002 - as in Past
        """Yield nothing."""
        return iter(())

    def count_changes(self, number: int, later: Later, told: Told) -> None:
        """Count nothing."""

    def count_sales(self, number: int, later: Later, told: Told) -> None:
        """Count nothing."""

    def tally(self, since: date | None, until: date | None) -> Tally:  # noqa: ARG002 - as in Past
        """Return that nothing was bought."""
        return Tally()

    def days(self, since: date | None, until: date | None) -> dict[date, DayTally]:  # noqa: ARG002 - as in Past
        """Return nothing."""
        return {}

    def bought(self, customer_id: str) -> Bought:  # noqa: ARG002 - as in Past
        """Return that nothing was bought."""
        return Bought()

    def ranking(self, by: Ranked) -> dict[str, float]:  # noqa: ARG002 - as in Past
        """Return that nothing was bought."""
        return {}


NO_PAST: Final = NoPast()
