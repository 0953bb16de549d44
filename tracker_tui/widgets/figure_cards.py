"""Headline figures, each in a frame that carries its name; one has the cursor, and can be gone into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from tracker_tui.model.text import visible
from tracker_tui.tuples import NamedTuple
from tracker_tui.widgets.hinted import Hinted
from tracker_tui.widgets.table_columns import fitted


class Card(NamedTuple):
    """One figure.

    Attributes:
        key: Its name in the program.
        label: What people call it.
        figure: It.
        note: What stands in the frame below it, such as how it compares; may be empty.
        hint: What it is of, for the mouse; may be empty.
    """

    key: str
    label: str
    figure: str
    note: str = ""
    hint: str = ""


CARD_LINES = 3


class FigureCards(Hinted, can_focus=True):
    """Rows of cards, as wide together as the screen; arrows and the mouse go to a card, Enter goes into it."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "figure-cards--frame",
        "figure-cards--figure",
        "figure-cards--note",
        "figure-cards--cursor",
    }
    BINDING_GROUP_TITLE = "Figures"
    HELP = """\
## Figures

Arrows go from figure to figure, Enter or a click goes to what is behind it, `y` copies it.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "choose", "What is behind", id="cards.choose", tooltip="Go to what is behind the figure"
        ),
        Binding("left,h", "move(-1)", "Left", show=False),
        Binding("right,l", "move(1)", "Right", show=False),
        Binding("up,k", "move_row(-1)", "Up", show=False),
        Binding("down,j", "move_row(1)", "Down", show=False),
        Binding("y", "copy", "Copy", id="cards.copy", tooltip="Copy the figure", show=False),
    ]

    rows: reactive[tuple[tuple[Card, ...], ...]] = reactive(())
    cursor: reactive[str] = reactive("")

    @dataclass
    class Chosen(Message):
        """Somebody wants to see what is behind a figure."""

        key: str

    def _watch_rows(self) -> None:
        if self.rows and not any(card.key == self.cursor for row in self.rows for card in row):
            self.cursor = self.rows[0][0].key
        self.styles.height = CARD_LINES * max(1, len(self.rows))

    @property
    def card(self) -> Card | None:
        """The card that has the cursor; None while there are none."""
        return next((card for row in self.rows for card in row if card.key == self.cursor), None)

    @property
    def figures(self) -> list[tuple[str, str]]:
        """What each card is called, and its figure."""
        return [(card.label, card.figure) for row in self.rows for card in row]

    def figure(self, key: str) -> str:
        """Return the figure of a card; "" where there is no such card."""
        return next((card.figure for row in self.rows for card in row if card.key == key), "")

    def _widths(self, row: Sequence[Card]) -> list[int]:
        """Share the line: first every figure in full, then names and notes, and what is left evenly."""
        least = [cell_len(visible(card.figure)) + 2 for card in row]
        texts = [max(cell_len(card.label), cell_len(visible(card.note))) for card in row]
        for around in (4, 2):  # Names and notes with blanks around them, or close to the corners.
            wanted = [max(pair[0], pair[1] + around) for pair in zip(least, texts, strict=True)]
            spare = self.size.width - sum(wanted)
            if spare >= 0:
                break
        widths = wanted
        while spare < 0 and widths != least:
            # The widest gives first.
            widest = max(range(len(row)), key=lambda at: widths[at] - least[at])
            widths[widest] -= 1
            spare += 1
        each, more = divmod(max(0, spare), len(row))
        return [width + each + (at < more) for at, width in enumerate(widths)]

    def render(self) -> Content:
        """Draw the cards."""
        lines: list[Content] = []
        for row in self.rows:
            drawn = [self._drawn(card, width) for card, width in zip(row, self._widths(row), strict=True)]
            lines += [Content("").join(parts) for parts in zip(*drawn, strict=True)]
        return Content("\n").join(lines)

    def _drawn(self, card: Card, width: int) -> tuple[Content, Content, Content]:
        inner = max(0, width - 2)
        here = self.has_focus and card.key == self.cursor
        frame = self.get_visual_style("figure-cards--cursor" if here else "figure-cards--frame")
        note_style = frame if here else self.get_visual_style("figure-cards--note")
        marks = "╔═╗║╚╝" if here else "╭─╮│╰╯"
        title, below = (_framed(visible(text), inner) for text in (card.label, card.note))
        shown = visible(card.figure)
        gap = max(0, inner - cell_len(shown))
        middle = fitted(" " * (gap // 2) + shown, inner)
        top = f"{marks[0]}{title}{marks[1] * (inner - cell_len(title))}{marks[2]}"
        bottom = f"{marks[4]}{below}{marks[1] * (inner - cell_len(below))}{marks[5]}"
        figure = Content(marks[3]).stylize(frame) + Content(middle).stylize(
            self.get_visual_style("figure-cards--figure")
        )
        return (
            Content(top).stylize(frame),
            figure + Content(marks[3]).stylize(frame),
            Content(bottom).stylize(note_style),
        )

    def _place(self) -> tuple[int, int]:
        """Return row and column of the cursor."""
        for number, row in enumerate(self.rows):
            for at, card in enumerate(row):
                if card.key == self.cursor:
                    return number, at
        return 0, 0

    def action_move(self, by: int) -> None:
        """Go to the card before or behind."""
        cards = [card.key for row in self.rows for card in row]
        if cards:
            self.cursor = cards[(cards.index(self.cursor) + by) % len(cards)]

    def action_move_row(self, by: int) -> None:
        """Go to the card above or below."""
        if not self.rows:
            return
        row, at = self._place()
        wanted = self.rows[max(0, min(row + by, len(self.rows) - 1))]
        self.cursor = wanted[min(at, len(wanted) - 1)].key

    def action_choose(self) -> None:
        """Go to what is behind the card."""
        if self.cursor:
            self.post_message(self.Chosen(self.cursor))

    def action_copy(self) -> None:
        """Copy the figure."""
        if self.card is not None:
            self.app.copy_to_clipboard(f"{self.card.label}\t{visible(self.card.figure)}")

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Show no cursor."""
        self.refresh()

    def _at(self, x: int, y: int) -> Card | None:
        """Return the card at a cell."""
        number = y // CARD_LINES
        if not 0 <= number < len(self.rows):
            return None
        right = 0
        for card, width in zip(self.rows[number], self._widths(self.rows[number]), strict=True):
            right += width
            if x < right:
                return card
        return None

    def hint_at(self, x: int, y: int) -> str:
        """Return what a figure is of."""
        card = self._at(x, y)
        return card.hint if card is not None else ""

    def on_click(self, event: events.Click) -> None:
        """Go into the card that was clicked."""
        card = self._at(event.x, event.y)
        if card is not None and event.button == 1:
            self.cursor = card.key
            self.action_choose()


def _framed(text: str, inner: int) -> str:
    """Return a text as it stands in a frame: with blanks around it where there is room, else cut."""
    width = cell_len(text)
    return f" {text} " if 0 < width <= inner - 2 else fitted(text, min(width, inner))
