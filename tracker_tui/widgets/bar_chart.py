"""Amounts over time as bars with axes, drawn with characters: it needs no colour and no package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import ClassVar, Final

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from tracker_tui.model.text import visible
from tracker_tui.tuples import NamedTuple
from tracker_tui.widgets.hinted import Hinted

_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_WIDEST_BAR: Final = 7
_NEARLY: Final = 1 - 1e-6
_ROUND: Final = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
"""How the amounts of two ticks may differ, by powers of ten."""


class Bar(NamedTuple):
    """One bar.

    Attributes:
        key: Names it.
        label: What stands under it, where there is room.
        value: How high it is; below 0 it hangs down.
        told: What the mouse is told of it.
    """

    key: str
    label: str
    value: float
    told: str = ""


class Scale(NamedTuple):
    """Where amounts stand on the lines of a chart.

    Attributes:
        line: The amount that a line is high.
        above: How many lines there are above 0.
        below: How many there are below it: whole ones, so that bars stand on a line and hang from it.
        every: How many lines lie between two ticks, one of which is at 0.
    """

    line: float
    above: int
    below: int
    every: int

    @property
    def height(self) -> int:
        """How many lines there are in all."""
        return self.above + self.below

    def ticks(self) -> dict[int, str]:
        """Return the texts of the ticks by the line whose upper edge they mean, the highest line being 0."""
        return {
            y: short_amount((self.above - y) * self.line)
            for y in range(self.height + 1)
            if (self.above - y) % self.every == 0
        }

    def column(self, value: float) -> str:
        """Return what a bar has on each line, from above: eighths of a block, or of what hangs down halves."""
        eighths = max(1, round(abs(value) / self.line * 8))
        if value > 0:
            standing = [_EIGHTHS[max(0, min(8, eighths - 8 * away))] for away in range(self.above)]
            return "".join(reversed(standing)) + " " * self.below
        if not value:
            return " " * self.height
        hanging = [eighths - 8 * away for away in range(self.below)]
        return " " * self.above + "".join(["█" if part > 4 else "▀" if part > 0 else " " for part in hanging])


def scale_of(values: Sequence[float], height: int) -> Scale:
    """Return an axis with round numbers, as far from each other as lines are, that holds all values.

    Args:
        values: Them.
        height: How many lines there are, 1 or more; there is one more where values on both sides of 0 need it.
    """
    high, low = max([0.0, *values]), min([0.0, *values])
    if high == low:
        high = 1.0
    height = max(height, 2) if low < 0 < high else height
    every = 1 if height < 4 else 2 if height < 12 else 4
    power = 10.0 ** floor(log10((high - low) / height * every))
    steps = [factor * size for size in (power, 10 * power) for factor in _ROUND]
    for line in (step / every for step in steps):
        above, below = (ceil(abs(value) / line * _NEARLY) for value in (high, low))
        if above + below <= height:
            break
    return Scale(line, height - below, below, every)


def short_amount(value: float) -> str:
    """Write an amount in few characters: `950`, `1.5k`, `2M`."""
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


class BarChart(Hinted):
    """Bars with an axis of amounts on the left and one of time below; a click chooses a bar.

    Where there are more bars than there is room for, those around the chosen one are shown.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "bar-chart--axis",
        "bar-chart--bar",
        "bar-chart--cursor",
    }
    DEFAULT_CSS = "BarChart { height: 1fr; }"

    bars: reactive[tuple[Bar, ...]] = reactive(())
    cursor: reactive[str] = reactive("")
    empty: reactive[str] = reactive("")

    @dataclass
    class Chosen(Message):
        """A bar was clicked."""

        key: str

    @property
    def _plot_height(self) -> int:
        return max(1, self.size.height - 2)

    def _layout(self) -> tuple[list[Bar], Scale, int, int, int]:
        """Return the bars in sight, the axis, the width of its labels, and the width of a bar with its gap."""
        scale = scale_of([bar.value for bar in self.bars], self._plot_height)
        left = max(map(len, scale.ticks().values())) + 2
        room = max(1, self.size.width - left)
        each = max(1, min(_WIDEST_BAR + 1, room // max(1, len(self.bars))))
        fit = room // each
        shown = list(self.bars)
        if len(shown) > fit:
            at = next((at for at, bar in enumerate(shown) if bar.key == self.cursor), len(shown) - 1)
            first = max(0, min(at - fit // 2, len(shown) - fit))
            shown = shown[first : first + fit]
        return shown, scale, left, each, each - 1 if each > 1 else 1

    def render(self) -> Content:
        """Draw the chart."""
        if not self.bars:
            return self._nothing()
        shown, scale, left, each, width = self._layout()
        axis = self.get_visual_style("bar-chart--axis")
        plain = self.get_visual_style("bar-chart--bar")
        chosen = self.get_visual_style("bar-chart--cursor")
        labels = scale.ticks()
        columns = [scale.column(bar.value) for bar in shown]
        gap = " " * (each - width)
        here = next((left + at * each for at, bar in enumerate(shown) if bar.key == self.cursor), None)
        lines: list[Content] = []
        for y in range(scale.height):
            mark = f"{labels.get(y, ''):>{left - 2}} {'┤' if y in labels else '│'}"
            text = mark + "".join([column[y] * width + gap for column in columns])
            line = Content(text).stylize(axis, 0, left).stylize(plain, left)
            lines.append(line.stylize(chosen, here, here + width) if here is not None else line)
        lines.append(
            Content(self._foot(labels.get(scale.height, ""), shown, left, each, width)).stylize(axis)
        )
        lines.append(Content(visible(self._names(shown, left, each))).stylize(axis))
        return Content("\n").join(lines)

    def _nothing(self) -> Content:
        """Draw axes without bars, and say why."""
        width, height = self.size
        text = visible(self.empty)[: max(0, width - 2)]
        lines = ["│"] * max(0, height - 1)
        if lines:
            lines[len(lines) // 2] = f"│{text.center(max(0, width - 1))}"
        lines.append("└" + "─" * max(0, width - 1))
        return Content("\n".join(lines)).stylize(self.get_visual_style("bar-chart--axis"))

    def _foot(self, label: str, shown: Sequence[Bar], left: int, each: int, width: int) -> str:
        """Return the line under the bars, with its amount, and with a mark under the chosen bar."""
        line = f"{label:>{left - 2}} └"
        for bar in shown:
            line += ("▲" * width if bar.key == self.cursor else "─" * width) + "─" * (each - width)
        return line

    def _names(self, shown: Sequence[Bar], left: int, each: int) -> str:
        """Return the names of as many bars as there is room for; the last one always has one."""
        line = [" "] * self.size.width
        last = -2
        for at, bar in enumerate(shown):
            start = left + at * each
            if start < last + 2 or start + len(bar.label) > self.size.width:
                continue
            line[start : start + len(bar.label)] = bar.label
            last = start + len(bar.label) - 1
        return "".join(line)

    def _at(self, x: int) -> Bar | None:
        """Return the bar at a column of cells."""
        if not self.bars:
            return None
        shown, _, left, each, _ = self._layout()
        at = (x - left) // each
        return shown[at] if 0 <= at < len(shown) and x >= left else None

    def hint_at(self, x: int, y: int) -> str:  # noqa: ARG002 - a bar is as high as the chart
        """Return what a bar stands for."""
        bar = self._at(x)
        return bar.told if bar is not None else ""

    def on_click(self, event: events.Click) -> None:
        """Choose the bar that was clicked."""
        bar = self._at(event.x)
        if bar is not None and event.button == 1:
            self.post_message(self.Chosen(bar.key))
