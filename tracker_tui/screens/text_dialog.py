"""A dialog to read: help, and what is wrong in the files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tracker_tui.model.state import Snapshot
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.shown import content, content_lines

_ANYWHERE = """\
Anywhere
  F1 ?        this help              F2 F3 F4    Products, Search, Sell
  Ctrl+P :    all commands           F6 F7 F8    Customers, Report, History
  F9          pay, and again: book   Ctrl+Z      undo your last change
  Ctrl+S      save a form            Ctrl+Q      quit (nothing needs saving)
  g + letter  p f s c r h: screens   !           what is wrong in the files
  y, then C   copy; show what was copied as plain lines, where the terminal takes no copy
  a scan      on Sell into the basket, elsewhere to the product; Ctrl+T: codes that no product has
"""


class TextDialog(ModalScreen[None]):
    """Shows a text that can be scrolled; any of the usual keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1,question_mark", "close", "Close", id="text.close"),
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
        with Vertical(classes="dialog -wide"):
            yield Static(content(self._title), classes="dialog-title")
            with VerticalScroll(classes="dialog-text", can_focus=False):
                yield Static(self._body, markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Close  Esc", "screen.close")

    def action_close(self) -> None:
        """Close it."""
        self.dismiss(None)

    def action_move(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def help_dialog(screen: Screen[object]) -> TextDialog:
    """Make the help of a screen, its keys taken from the bindings that are in force on it."""
    texts = [getattr(type(screen), "HELP", None) or ""]
    if screen.focused is not None:
        around = (
            node for node in screen.focused.ancestors_with_self if node is not screen and _is_ours(node)
        )
        texts += [node.HELP for node in around if node.HELP]
    parts = [_plain(text) for text in dict.fromkeys(texts) if text]
    keys = "\n".join(_key_lines(screen.active_bindings.values()))
    body = "\n\n".join([*parts, f"Keys here\n{keys}", _ANYWHERE])
    return TextDialog(f"Help: {screen.title or type(screen).__name__}", content_lines(body))


def _is_ours(node: object) -> bool:
    return type(node).__module__.startswith("tracker_tui.")


def _key_lines(bindings: Iterable[ActiveBinding]) -> Iterable[str]:
    keys: dict[str, list[str]] = {}
    for active in bindings:
        binding = active.binding
        if binding.description and _is_ours(active.node) and not isinstance(active.node, App):
            keys.setdefault(active.tooltip or binding.description, []).append(key_name(binding.key))
    for description, names in keys.items():
        yield f"  {' '.join(dict.fromkeys(names)):<14} {description}"


def key_name(key: str) -> str:
    """Return a key as people call it."""
    names = {
        "slash": "/",
        "question_mark": "?",
        "colon": ":",
        "exclamation_mark": "!",
        "plus": "+",
        "minus": "-",
    }
    if key in names:
        return names[key]
    if key.startswith("ctrl+"):
        return f"Ctrl+{key[5:].upper()}"
    return key if len(key) == 1 else key.capitalize()


def _plain(markdown: str) -> str:
    """Return help text without its marks, each paragraph as one line: the reader is a terminal of any width."""
    paragraphs = markdown.strip().replace("**", "").replace("`", "").split("\n\n")
    return "\n\n".join(" ".join(part.split()).lstrip("# ") for part in paragraphs)


def problems_dialog(shop: Snapshot) -> TextDialog:
    """Make the list of what could not be read in the files, and of what was put right."""
    lines = [str(problem) for problem in shop.problems]
    if shop.problems:
        lines += ["", "These lines are kept in the files word for word; all the rest works.", ""]
    lines += [f"{notice.file}: {notice.reason}" for notice in shop.notices]
    if shop.read_only:
        lines += [f"Nothing can be changed: {shop.read_only}"]
    return TextDialog("What is wrong in the files", content_lines("\n".join(lines) or "Nothing is wrong."))
