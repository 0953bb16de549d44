"""What a table looks like: its rows in sight, as lines, and how little of them is drawn anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, Self

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tracker_tui.model.lazy import LazyRows
from tracker_tui.model.text import visible
from tracker_tui.widgets import table_paint
from tracker_tui.widgets.hinted import Hinted
from tracker_tui.widgets.lines_ahead import LinesAhead
from tracker_tui.widgets.plain_rows import PlainRows
from tracker_tui.widgets.table_bar import TableBar
from tracker_tui.widgets.table_columns import GUTTER, Column, Placed, Row, placed, total_width
from tracker_tui.widgets.table_paint import Sight

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.scrollbar import ScrollBar


class TableView(Hinted, ScrollView, Generic[Row], can_focus=True):
    """The sight of a table, without keys, mouse and order: those are `RecordTable`'s.

    Lines are kept as they were drawn, by the place of the row and its state, until the row, columns, width or
    colours change; `_repaint` then compares them with what stands on the screen.

    The vertical scrollbar is always there (`overflow-y: scroll`): if it came and went with the rows, every key
    in a filter would lay the screen out anew and move the columns. A stylesheet must leave that as it is.

    Args:
        columns: What is shown, from left to right.
        key: Names a row; no two rows share a name.
        empty: Text that stands in the middle where there are no rows.
        id: Id of the widget.
        classes: CSS classes of the widget.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "record-table--header",
        "record-table--header-sorted",
        "record-table--cursor",
        "record-table--cursor-blurred",
        "record-table--marked",
        "record-table--changed",
        "record-table--warning",
        "record-table--muted",
        "record-table--odd",
        "record-table--bar",
    }
    DEFAULT_CSS = """
    TableView {
        width: 1fr;
        height: 1fr;
        overflow: auto scroll;
        scrollbar-size: 1 1;

        & > .record-table--header { background: $panel; color: $foreground; text-style: bold; }
        & > .record-table--header-sorted { color: $text-primary; }
        & > .record-table--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        & > .record-table--cursor-blurred { background: $block-cursor-blurred-background; }
        & > .record-table--marked { color: $text-accent; text-style: bold; }
        & > .record-table--changed { background: $success-muted; }
        & > .record-table--warning { color: $text-warning; }
        & > .record-table--muted { color: $text-muted; }
        & > .record-table--bar { color: $primary; }
    }
    """

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], str],
        *,
        empty: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._columns = tuple(columns)
        self._key = key
        self._empty = empty
        self._sort = ""
        self._reverse = False
        self._rows: LazyRows[Row] = PlainRows((), key, lambda _column: None)
        self._cursor = 0
        self._marked: frozenset[str] = frozenset()
        self._changed: frozenset[str] = frozenset()
        self._placed: tuple[Placed[Row], ...] = ()
        self._placed_for: Size | None = None
        self._width = 0
        self._styles_of: dict[tuple[str, ...], Style] = {}
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(512)
        self._drawn: list[Strip] = []
        self._ahead = LinesAhead(self._draw_ahead)

    @property
    def rows(self) -> Sequence[Row]:
        """The rows in the order they are shown."""
        return self._rows.rows if isinstance(self._rows, PlainRows) else self._rows

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    @property
    def row(self) -> Row | None:
        """The row under the cursor; None if there are no rows."""
        return self._rows[self._cursor] if self._rows else None

    @property
    def marked(self) -> frozenset[str]:
        """The keys of the marked rows."""
        return self._marked

    def say_when_empty(self, text: str) -> None:
        """Stand another text in the middle where there are no rows."""
        if text != self._empty:
            self._empty = text
            if not self._rows:
                self._repaint()

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """The scrollbar on the right."""
        # Private to Textual, which makes its own scrollbar here in the same way and has no other place for one.
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = TableBar(thickness=self.scrollbar_size_vertical)
            self._vertical_scrollbar.display = False
            self.app._start_widget(self, self._vertical_scrollbar)  # noqa: SLF001
        return self._vertical_scrollbar

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Draw other columns."""
        if self.show_horizontal_scrollbar:
            self.horizontal_scrollbar.position = new_value
        if round(old_value) != round(new_value):
            self._repaint()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw other rows."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value
        if round(old_value) != round(new_value):
            self._repaint()

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        if not self._drawn:
            self._drawn = self._lines()
        return self._drawn[y] if y < len(self._drawn) else self._below()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw some lines. Where nothing stands around them, they are what is sent: see `_style_of`.

        They end where the scrollbar begins, which covers what is behind them.
        """
        if self.styles.gutter or self.opacity != 1:
            return super().render_lines(crop)
        lines = [self.render_line(y) for y in crop.line_range]
        left, right = crop.column_span
        return [line.crop(left, right) for line in lines] if left or right < self._width else lines

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Have regions drawn, or all of it anew."""
        if not regions:
            self._drawn = []
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Forget what was drawn in the colours there were."""
        super().notify_style_update()
        self._styles_of.clear()
        self._forget_lines()
        self._drawn = []

    def on_resize(self) -> None:
        """Share the new width among the columns and keep the cursor in sight."""
        self._placed_for = None
        self._measure()
        self._reveal()
        self._repaint()

    @property
    def _page(self) -> int:
        """How many rows are in sight."""
        return max(1, self.scrollable_size.height - 1)

    @property
    def _places(self) -> tuple[Placed[Row], ...]:
        """The columns in their places, found anew when the size has changed."""
        if self._placed_for != self.outer_size:
            self._placed_for = self.outer_size
            self._width = self.scrollable_size.width
            self._placed = placed(self._columns, self._width)
            self._strips.clear()
        return self._placed

    def _measure(self) -> None:
        """Tell the scrollbars how much there is to see, without a new layout where none is needed."""
        places = self._places
        width = self._width
        whole = max(width, total_width([place.width for place in places])) if width else 0
        virtual = Size(whole, len(self._rows) + 1)
        if (whole > width) != self.show_horizontal_scrollbar:
            self.virtual_size = virtual
            return
        self.set_reactive(TableView.virtual_size, virtual)
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = virtual.height
        if self.show_horizontal_scrollbar:
            self.horizontal_scrollbar.window_virtual_size = whole

    def _scroll_to_row(self, top: int) -> bool:
        """Scroll so that row `top` comes first, or as near to it as there are rows; False if it does."""
        top = max(0, min(top, self.max_scroll_y))
        if not self._width or top == self.scroll_offset.y:
            return False
        self.scroll_to(y=top, animate=False, force=True)
        return True

    def _reveal(self) -> bool:
        """Scroll as little as shows the cursor; False if it is in sight."""
        top = self.scroll_offset.y
        return self._scroll_to_row(max(self._cursor - self._page + 1, min(top, self._cursor)))

    def hint_at(self, x: int, y: int) -> str:
        """Return what a click on the header or at the left edge does."""
        if y:
            return "Mark the row (Space)" if x < GUTTER and y <= len(self._rows) else ""
        at = x - GUTTER + round(self.scroll_x)
        column = next((place.column for place in self._places if place.left <= at < place.right), None)
        if column is None or x < GUTTER or column.sort is None:
            return ""
        return f"Sort by {visible(column.label)}; again: the other way round (s, S)"

    def _forget_lines(self, changed: Collection[int] | None = None) -> None:
        """Forget the lines of the rows at some places as they were drawn; None = of all."""
        if changed is None:
            self._strips.clear()
        elif changed:
            for known in [known for known in self._strips.keys() if known[0] in changed]:  # noqa: SIM118
                self._strips.discard(known)

    def _repaint(self) -> None:
        """Have those lines drawn that look different from what was drawn last."""
        if not self._drawn:
            super().refresh()
            return
        before, self._drawn = self._drawn, self._lines()
        if len(before) != len(self._drawn):
            super().refresh()
            return
        width = self._width
        regions: list[Region] = []
        for y, (was, line) in enumerate(zip(before, self._drawn, strict=True)):
            if was is line or was == line:
                continue
            if regions and regions[-1].bottom == y:
                regions[-1] = Region(0, regions[-1].y, width, regions[-1].height + 1)
            else:
                regions.append(Region(0, y, width, 1))
        if regions:
            self.refresh(*regions)

    def _lines(self) -> list[Strip]:
        """Draw all lines in sight; those that were drawn before are kept."""
        places, height = self._places, self.scrollable_size.height
        scrolled, top = self.scroll_offset
        if height <= 0:
            return []
        lines = [self._header(places, scrolled)]
        if not self._rows:
            style = self._style_of(("record-table--muted",))
            lines += [
                table_paint.empty_line(self._empty, y, self._width, height - 1, style)
                for y in range(height - 1)
            ]
            return lines
        last = min(len(self._rows), top + height - 1)
        lines += [self._row_line(places, index, scrolled) for index in range(top, last)]
        lines += [self._below()] * (height - len(lines))
        return lines

    def _look_ahead(self, rows: int) -> None:
        """Draw the rows so much further on in a moment: who turned a page often turns another."""
        top = max(0, self.scroll_offset.y + rows)
        self._ahead.begin(range(top, min(top + self._page, len(self._rows))))

    def _draw_ahead(self, index: int) -> bool:
        """Draw the line of a row that is not in sight, and keep it; False where there is no such row any more."""
        if not self.is_running or index >= len(self._rows):
            return False
        self._row_line(self._places, index, self.scroll_offset.x)
        return True

    def _below(self) -> Strip:
        return Strip.blank(self._width, self._style_of(()))

    def _header(self, places: Sequence[Placed[Row]], scrolled: int) -> Strip:
        known = (None, self._sort, self._reverse, scrolled)
        if (strip := self._strips.get(known)) is None:
            pieces = table_paint.header_pieces(
                places, self._sort, reverse=self._reverse, style_of=self._style_of
            )
            rest = self._style_of(("record-table--header",))
            strip = self._join(" " * GUTTER, pieces, rest, scrolled)
            self._strips[known] = strip
        return strip

    def _row_line(self, places: Sequence[Placed[Row]], index: int, scrolled: int) -> Strip:
        rows = self._rows
        cursor = index == self._cursor
        focused = cursor and self.has_focus
        key = rows.key_at(index) if self._marked or self._changed else ""
        marked, changed = key in self._marked, key in self._changed
        known = (rows.place_at(index), index % 2, scrolled, cursor, focused, marked, changed)
        if (strip := self._strips.get(known)) is None:
            row = rows[index]
            below = ("record-table--odd",) * (index % 2)
            below += ("record-table--changed",) * changed + ("record-table--marked",) * marked
            above = ("record-table--cursor" if focused else "record-table--cursor-blurred",) * cursor
            gutter = (">" if cursor else " ") + ("*" if marked else "~" if changed else " ")
            pieces = table_paint.row_pieces(places, row, below, above, self._style_of)
            strip = self._join(gutter, pieces, self._style_of(below + above), scrolled)
            self._strips[known] = strip
        return strip

    def _join(self, gutter: str, pieces: Iterable[tuple[str, Style]], rest: Style, scrolled: int) -> Strip:
        columns = self._places[-1].right if self._places else 0
        return table_paint.line(gutter, pieces, rest, Sight(self._width, columns, scrolled))

    def _style_of(self, names: tuple[str, ...]) -> Style:
        """Lay component classes over the table's own style, the last on top, as the terminal gets it."""
        if (style := self._styles_of.get(names)) is None:
            style = self.get_visual_style(*names).rich_style
            if any(self.get_component_styles(name).text_style.reverse for name in names):
                style += Style(reverse=True)
            for line_filter in self.get_line_filters():
                ((_, filtered, _),) = line_filter.apply([Segment("", style)], self.background_colors[1])
                style = filtered or Style.null()
            self._styles_of[names] = style
        return style
