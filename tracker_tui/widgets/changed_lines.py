"""A frame of some lines, drawn by the widgets that are seen there and by no others.

Textual's compositor draws all widgets that touch the changed part of a screen, also those that are covered, cuts every
line of each at all edges of all widgets, and then sends few of the pieces. For a page of a table that is as much work
as making its rows.
"""

from __future__ import annotations

from itertools import pairwise

from rich.console import Console

# Private to Textual: frames are made here and nowhere else, and no option changes how.
from textual._compositor import Compositor, CompositorUpdate
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tracker_tui.tuples import NamedTuple


class Stretch(NamedTuple):
    """Some cells of a line of the screen between two edges, and the widget that is seen there.

    Attributes:
        left: First cell.
        right: First cell behind them.
        widget: The widget.
        cuts: Where its line is cut, counted from its own first cell in sight.
        piece: Which of the pieces stands here.
    """

    left: int
    right: int
    widget: Widget
    cuts: tuple[int, ...]
    piece: int

    def part_of(self, line: Strip) -> Strip | None:
        """Return what stands here of the widget's line; None where the line is shorter than the widget."""
        if self.piece == 0 and line.cell_length == self.cuts[0]:
            return line
        parts = line.divide(self.cuts)
        return parts[self.piece] if self.piece < len(parts) else None


class LinesUpdate(CompositorUpdate):
    """Pieces of lines, each with the column and the line of the screen where it begins."""

    def __init__(self, pieces: list[tuple[int, int, Strip]]) -> None:
        self.pieces = pieces

    def render_segments(self, console: Console) -> str:
        """Return what the terminal is sent."""
        return "".join([f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in self.pieces])


class ChangedLines(Compositor):
    """Textual's compositor; only frames of a part of the screen are made in a shorter way, to the same result."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[int, list[Stretch]] = {}
        self._lines_for: tuple[object, object] = (None, None)

    def render_partial_update(self) -> CompositorUpdate | None:  # type: ignore[override]
        """Draw what is dirty, and no other lines and widgets than have to be."""
        if not self._dirty_regions:
            return None
        dirty = [
            (y, stretch, min(stretch.right, right))
            for y, left, right in self._regions_to_spans(self._dirty_regions)
            for stretch in self._line(y)
            if stretch.left < right and left < stretch.right
        ]
        asked: dict[Widget, list[int]] = {}
        for y, stretch, _ in dirty:
            asked.setdefault(stretch.widget, [y, y])[1] = y
        drawn = {widget: self._draw(widget, *lines) for widget, lines in asked.items()}
        pieces: list[tuple[int, int, Strip]] = []
        for y, stretch, right in dirty:
            line = y - asked[stretch.widget][0]
            strips = drawn[stretch.widget]
            part = stretch.part_of(strips[line]) if line < len(strips) else None
            if part is None:  # Where a widget draws less than it has, what lies under it is seen.
                return super().render_partial_update()
            if right != stretch.right:
                part = part.crop(0, right - stretch.left)
            pieces.append((stretch.left, y, part))
        self._dirty_regions.clear()
        return LinesUpdate(pieces)

    def _draw(self, widget: Widget, top: int, bottom: int) -> list[Strip]:
        """Have a widget draw some lines of the screen, as far as it is not cut off."""
        region, clip = self.visible_widgets[widget]
        seen = region.intersection(clip)
        return widget.render_lines(Region(seen.x - region.x, top - region.y, seen.width, bottom + 1 - top))

    def _line(self, y: int) -> list[Stretch]:
        """Return what is seen on a line, from left to right; cells where no widget is are left out."""
        widgets, cuts = self.visible_widgets, self.cuts
        if self._lines_for[0] is not widgets or self._lines_for[1] is not cuts:
            self._lines, self._lines_for = {}, (widgets, cuts)
        if (line := self._lines.get(y)) is None:
            line = self._lines[y] = _seen(y, cuts[y], widgets) if y < len(cuts) else []
        return line


def _seen(y: int, cuts: list[int], widgets: dict[Widget, tuple[Region, Region]]) -> list[Stretch]:
    """Tell which widget is seen between each two cuts of a line; `widgets` are in order, the foremost first."""
    line: list[Stretch] = []
    for left, right in pairwise(cuts):
        for widget, (region, clip) in widgets.items():
            seen = region.intersection(clip)
            if seen.contains(left, y):
                own = [cut - seen.x for cut in cuts if seen.x < cut <= seen.right]
                line.append(Stretch(left, right, widget, tuple(own), own.index(right - seen.x)))
                break
    return line
