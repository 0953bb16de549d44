"""A dialog to read: help, and what is wrong in the files."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tracker_tui.model.state import Snapshot
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.shown import content, content_lines

FILES_TITLE: Final = "The shop's files"


class TextDialog(ModalScreen[None]):
    """Shows a text that can be scrolled; any of the usual keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1,question_mark", "close", "Close", id="text.close"),
        Binding(
            "f", "app.show_files", "Files", id="text.files", tooltip="The shop's files and their columns"
        ),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("pagedown,space", "move(10)", "Page down", show=False),
        Binding("pageup", "move(-10)", "Page up", show=False),
    ]

    def __init__(self, title: str, body: Content) -> None:
        super().__init__()
        self._title = title
        self._body = body

    def compose(self) -> ComposeResult:
        """Lay out the title, the text and a way out."""
        with Vertical(classes="dialog -wide -text"):
            yield Static(content(self._title), classes="dialog-title")
            with VerticalScroll(classes="dialog-text", can_focus=False):
                yield Static(self._body, markup=False)
            with Horizontal(classes="dialog-buttons"):
                if self._title != FILES_TITLE:
                    yield MouseButton("The files  f", "app.show_files")
                yield MouseButton("Close  Esc", "screen.close")

    def action_close(self) -> None:
        """Close it."""
        self.dismiss(None)

    def action_move(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def help_dialog(screen: Screen[object]) -> TextDialog:
    """Make the help of a screen."""
    from tracker_tui.screens.help_text import help_body, help_title  # noqa: PLC0415 - as this module, by F1

    return TextDialog(f"Help: {help_title(screen)}", help_body(screen))


def problems_dialog(shop: Snapshot) -> TextDialog:
    """Make the list of what could not be read in the files, and of what was put right."""
    lines = [str(problem) for problem in shop.problems]
    if shop.problems:
        lines += ["", "These lines are kept in the files word for word; all the rest works.", ""]
    lines += [f"{notice.file}: {notice.reason}" for notice in shop.notices]
    if shop.read_only:
        lines += [f"Nothing can be changed: {shop.read_only}"]
    return TextDialog("What is wrong in the files", content_lines("\n".join(lines) or "Nothing is wrong."))
