"""What can go wrong, in words for the person at the counter.

Every refusal of the program is a `TrackerError`; its text names the file, line or field and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker_tui.model.records import Product


class FieldProblem(NamedTuple):
    """One thing that is wrong with one field of a form or a command.

    Attributes:
        field: Name of the field, as in the file's column (`price`), or empty for the whole.
        reason: What is wrong and what to do, without the field's name.
    """

    field: str
    reason: str


class Clash(NamedTuple):
    """One field that two people changed at once.

    Attributes:
        field: Name of the field.
        was: Its value when the edit began, as shown.
        theirs: What another session made of it meanwhile.
        yours: What this edit wants it to be.
    """

    field: str
    was: str
    theirs: str
    yours: str


class TrackerError(Exception):
    """A refusal that a person can read."""


class Invalid(TrackerError):
    """What was entered cannot be taken; `problems` has every field's reason."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.field}: {p.reason}" if p.field else p.reason for p in self.problems))


class NotFound(TrackerError):
    """There is no such product, customer, sale or entry."""


class OutOfStock(TrackerError):
    """More is wanted than there is.

    Attributes:
        product: The product as it stands now.
        wanted: Pieces asked for.
        available: Pieces there are.
    """

    def __init__(self, product: Product, wanted: int, available: int) -> None:
        self.product = product
        self.wanted = wanted
        self.available = available
        there = "none is left" if available <= 0 else f"there are {available}"
        super().__init__(f"{product.name} ({product.id}): {wanted} wanted, {there}")


class Conflict(TrackerError):
    """Somebody else's act stands in the way.

    Attributes:
        entry: Number of the entry in the way, where one can be named.
        clashes: The fields that both changed, for an edit.
    """

    def __init__(self, reason: str, *, entry: int | None = None, clashes: Sequence[Clash] = ()) -> None:
        self.entry = entry
        self.clashes = tuple(clashes)
        super().__init__(reason)


class GivenUp(TrackerError):
    """Nobody wants it any more; nothing of it is left."""


class AlreadyThere(TrackerError):
    """A file of that name is there, and nobody said that it may be replaced."""


class Busy(TrackerError):
    """Another session holds the shop's folder; nothing was changed, try again."""


class ReadOnly(TrackerError):
    """This session may look but not change; the text says why."""


class PrinterFailed(TrackerError):
    """A receipt was not printed or saved; the sale itself is booked all the same."""


class StorageError(TrackerError):
    """The disk or a file refused; nothing was booked."""


def check(problems: Iterable[FieldProblem]) -> None:
    """Refuse where anything is wrong.

    Raises:
        Invalid: With all the problems that have a reason.
    """
    found = [problem for problem in problems if problem.reason]
    if found:
        raise Invalid(found)
