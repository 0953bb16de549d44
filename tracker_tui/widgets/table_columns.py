"""Columns of a table: what they show, and how they share the width of the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar

from rich.cells import cell_len, set_cell_size

from tracker_tui.model.text import visible
from tracker_tui.tuples import NamedTuple

if TYPE_CHECKING:
    from _typeshed import SupportsRichComparison as SupportsLessThan

    from tracker_tui.model.exports import Plain

MOST_SHORT: Final = 14
"""Cells that a column of ids or clerks may take, so that numbers stay near what they are of."""
MOST_TEXT: Final = 40
"""Those of a person, a category or an address."""
MOST_NAME: Final = 48
"""Those of a product's name."""

Row = TypeVar("Row")

GUTTER: Final = 2
"""Cells left of the first column: the cursor's sign and the mark's."""

PADDING: Final = 1
"""Empty cells on either side of each column."""

_ELLIPSIS: Final = "…"


class Column(NamedTuple, Generic[Row]):
    """One column of a table.

    Attributes:
        key: Its name in the program, such as `price`.
        label: Header text.
        width: Least width, in cells.
        cell: Text of the cell; people's text, drawn as it is and never as markup.
        align: Side that the text and the header keep to.
        flex: Share of the width that is left over; 0 keeps the column at `width`.
        most: How wide it may become by that, so that a number stays near its name; 0 = as wide as there is room.
        sort: What rows are ordered by, comparable among all rows; None if they cannot be.
        style: Name of a component class to lay over the cell, "" for none.
        drop: Where the table is too narrow, the column with the highest goes first; 0 never goes.
        plain: What stands in the cell without ornaments, for export; None = its text.
    """

    key: str
    label: str
    width: int
    cell: Callable[[Row], str]
    align: Literal["left", "right"] = "left"
    flex: int = 0
    most: int = 0
    sort: Callable[[Row], SupportsLessThan] | None = None
    style: Callable[[Row], str] | None = None
    drop: int = 0
    plain: Callable[[Row], Plain] | None = None


class Placed(NamedTuple, Generic[Row]):
    """A column that found its place; `left` counts from the gutter and includes the padding."""

    column: Column[Row]
    left: int
    width: int

    @property
    def right(self) -> int:
        """First cell behind the column and its padding."""
        return self.left + self.width + 2 * PADDING


def total_width(widths: Sequence[int]) -> int:
    """Return the cells that columns of these widths take, with padding and gutter."""
    return GUTTER + sum(widths) + 2 * PADDING * len(widths)


def placed(columns: Sequence[Column[Row]], available: int) -> tuple[Placed[Row], ...]:
    """Lay `columns` out from left to right.

    Args:
        columns: All columns, in their order on the screen.
        available: Width of the table in cells, gutter included.

    Returns:
        The columns that stay. They may still be wider than `available`: then the table scrolls.
    """
    kept = list(columns)
    while total_width([column.width for column in kept]) > available:
        goes = max(kept, key=lambda column: column.drop, default=None)
        if goes is None or not goes.drop:
            break
        kept.remove(goes)
    spare = max(0, available - total_width([column.width for column in kept]))
    places: list[Placed[Row]] = []
    left = 0
    for column, width in zip(kept, _widened(kept, spare), strict=True):
        places.append(Placed(column, left, width))
        left = places[-1].right
    return tuple(places)


def _widened(columns: Sequence[Column[Row]], spare: int) -> list[int]:
    """Share `spare` cells among the columns that take more; return the width of each."""
    widths = [column.width for column in columns]
    taking = [at for at, column in enumerate(columns) if column.flex]
    while taking:
        shares = sum(columns[at].flex for at in taking)
        full = [
            at
            for at in taking
            if columns[at].most and widths[at] + spare * columns[at].flex // shares > columns[at].most
        ]
        for at in full:
            spare -= columns[at].most - widths[at]
            widths[at] = columns[at].most
        if not full:
            break
        taking = [at for at in taking if at not in full]
    given = seen = 0
    for at in taking:
        seen += columns[at].flex
        extra = spare * seen // shares - given
        given += extra
        widths[at] += extra
    return widths


def fitted(text: str, width: int, align: Literal["left", "right"] = "left") -> str:
    """Return `text`, fit for a terminal, in exactly `width` cells; what is cut ends with `…`."""
    if not (text.isascii() and text.isprintable()):
        text = visible(text)
    taken = len(text) if text.isascii() else cell_len(text)
    if taken > width:
        return set_cell_size(text, width - 1) + _ELLIPSIS if width > 0 else ""
    padded = width + len(text) - taken
    return text.rjust(padded) if align == "right" else text.ljust(padded)
