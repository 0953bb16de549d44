"""Lines of a table, made of segments: the header, a row, the text of an empty table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tracker_tui.model.text import visible
from tracker_tui.tuples import NamedTuple
from tracker_tui.widgets.table_columns import GUTTER, PADDING, Column, Placed, fitted

Row = TypeVar("Row")
StyleOf = Callable[[tuple[str, ...]], Style]
"""Gives the style of component classes laid one over the other, the last on top."""

_PAD = " " * PADDING
_SORT_SIGNS = {False: "▲", True: "▼"}


class Sight(NamedTuple):
    """What can be seen of a line, all in cells.

    Attributes:
        seen: Width of the line, gutter included.
        columns: Width of all columns.
        scrolled: How far the columns are scrolled to the left.
    """

    seen: int
    columns: int
    scrolled: int


class Line(Strip):
    """A strip that has its caches only when one of them is asked for: most lines are drawn once, and whole.

    Textual makes seven for each, which takes as long as the line itself; five hundred lines that are kept were
    half of all that Python's collector looked through.

    Args:
        segments: The parts of the line.
        width: Cells that they take.
    """

    __slots__ = ()

    def __init__(self, segments: list[Segment], width: int) -> None:
        self._segments = segments
        self._cell_length = width
        self._render_cache = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a strip has there
        """Return what a new strip has in a place that was left empty, and keep it."""
        value = getattr(Strip((), 0), name)
        setattr(self, name, value)
        return value


def line(gutter: str, pieces: Iterable[tuple[str, Style]], rest: Style, sight: Sight) -> Strip:
    """Join the pieces of a line; the gutter stays where it is when the columns scroll sideways.

    Args:
        gutter: Text of the gutter, `GUTTER` cells wide.
        pieces: Texts and their styles, from left to right.
        rest: Style of the gutter and of what is left of the line.
        sight: What can be seen of the line.

    Returns:
        A strip of exactly `sight.seen` cells.
    """
    spare = sight.seen - GUTTER - sight.columns
    if spare >= 0:
        return Line(_runs([(gutter, rest), *pieces, (" " * spare, rest)]), sight.seen)
    last = sight.scrolled + max(0, sight.seen - GUTTER)
    body = Strip(_runs(pieces), sight.columns).crop(sight.scrolled, last)
    return Strip([Segment(gutter, rest), *body]).adjust_cell_length(sight.seen, rest)


def _runs(pieces: Iterable[tuple[str, Style]]) -> list[Segment]:
    """Make one segment of neighbours of one style: each costs bytes on the way to the terminal."""
    segments: list[Segment] = []
    texts: list[str] = []
    style = Style.null()
    for text, piece_style in pieces:
        if piece_style is not style and piece_style != style:
            if texts:
                segments.append(Segment("".join(texts), style))
            texts = []
            style = piece_style
        texts.append(text)
    if texts:
        segments.append(Segment("".join(texts), style))
    return segments


def row_pieces(
    columns: Sequence[Placed[Row]],
    row: Row,
    below: tuple[str, ...],
    above: tuple[str, ...],
    style_of: StyleOf,
) -> Iterable[tuple[str, Style]]:
    """Draw the cells of `row`, the style of a cell between the classes `below` and `above` it."""
    plain = style_of(below + above)
    texts: list[str] = []
    for column, _, width in columns:
        text = f"{_PAD}{fitted(column.cell(row), width, column.align)}{_PAD}"
        if column.style and (name := column.style(row)):
            yield "".join(texts), plain
            texts = []
            yield text, style_of((*below, name, *above))
        else:
            texts.append(text)
    yield "".join(texts), plain


def header_pieces(
    columns: Sequence[Placed[Row]], sort: str, *, reverse: bool, style_of: StyleOf
) -> Iterable[tuple[str, Style]]:
    """Draw the labels; the column that the rows are sorted by carries an arrow."""
    for column, _, width in columns:
        if column.key == sort:
            style = style_of(("record-table--header", "record-table--header-sorted"))
            yield _PAD + _sorted_label(column, width, _SORT_SIGNS[reverse]), style
        else:
            text = fitted(column.label, width, column.align)
            yield f"{_PAD}{text}{_PAD}", style_of(("record-table--header",))


def _sorted_label(column: Column[Row], width: int, sign: str) -> str:
    """Draw label and arrow in `width` cells and the padding behind them, where the arrow may stand."""
    if cell_len(visible(column.label)) + 2 <= width:
        return fitted(f"{column.label} {sign}", width, column.align) + _PAD
    return fitted(column.label, width, column.align) + sign + _PAD[1:]


def empty_line(text: str, y: int, width: int, height: int, style: Style) -> Strip:
    """Draw line `y` of `height` lines that hold `text` in their middle."""
    lines = text.split("\n")
    number = y - max(0, (height - len(lines)) // 2)
    if not 0 <= number < len(lines):
        return Strip.blank(width, style)
    shown = visible(lines[number].rstrip("\r"))
    left = max(0, (width - cell_len(shown)) // 2)
    return Strip([Segment(fitted(" " * left + shown, width), style)], width)
