"""The scrollbar beside a table: what of it looks the same is neither drawn nor sent again."""

from __future__ import annotations

from typing import Self

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip


class TableBar(ScrollBar):
    """A vertical scrollbar, one line a cell.

    Textual's own is drawn whole, in many steps, whenever the position changes, which costs as much as all
    rows of a page; where there are many rows most pages leave it as it looks.

    Args:
        thickness: Its width, in cells.
    """

    def __init__(self, *, thickness: int) -> None:
        super().__init__(vertical=True, name="vertical", thickness=thickness)
        self._strips: dict[Segment, Strip] = {}
        self._drawn: list[Strip] = []

    def notify_style_update(self) -> None:
        """Forget what was drawn in the colours there were."""
        super().notify_style_update()
        self._strips.clear()
        self._drawn = []

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw some lines."""
        self._drawn = self._lines()
        return [self._drawn[y].crop(crop.x, crop.right) for y in crop.line_range]

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Have the lines drawn that look different from what was drawn last."""
        lines = self._lines() if self._drawn and repaint and not (regions or layout or recompose) else []
        if not lines or len(lines) != len(self._drawn):
            return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        changed = [y for y, line in enumerate(lines) if line is not self._drawn[y]]
        if changed:
            super().refresh(Region(0, changed[0], self.size.width, changed[-1] + 1 - changed[0]))
        return self

    def _lines(self) -> list[Strip]:
        width, height = self.size
        bar = self.render()
        if not isinstance(bar, ScrollBarRender) or not isinstance(bar.style, Style):
            return []
        drawn = bar.render_bar(
            size=height,
            virtual_size=bar.virtual_size,
            window_size=bar.window_size,
            position=bar.position,
            thickness=width,
            back_color=bar.style.bgcolor or Color.default(),
            bar_color=bar.style.color or Color.default(),
        )
        return [self._strip(segment) for segment in drawn.segments]

    def _strip(self, segment: Segment) -> Strip:
        strip = self._strips.get(segment)
        if strip is None:
            strip = Strip([segment], self.size.width)
            for line_filter in self.get_line_filters():
                strip = strip.apply_filter(line_filter, self.background_colors[1])
            self._strips[segment] = strip
        return strip
