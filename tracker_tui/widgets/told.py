"""A text about what the cursor is on: it changes with every key, so it costs little where it can."""

from __future__ import annotations

from textual.widgets import Static

from tracker_tui.widgets.shown import content


class Told(Static):
    """People's text in some lines; the screen is laid out anew only where it takes more or fewer than before.

    Args:
        id: Id of the widget.
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__("", id=id, markup=False)
        self._text = ""
        self._lines = 0
        self._width = 0

    def tell(self, text: str) -> None:
        """Show another text."""
        if text == self._text:
            return
        self._text = text
        shown = content(text)
        width = self.content_size.width
        fits = not width or not self.styles.is_auto_height or 0 < shown.cell_length <= width
        lines = 1 if fits else shown.get_height({}, width)
        layout = (lines, width) != (self._lines, self._width) and self.styles.is_auto_height
        self._lines, self._width = lines, width
        self.update(shown, layout=layout)
