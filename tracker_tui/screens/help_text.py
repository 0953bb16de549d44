"""What F1 tells of a screen: what it is for, in its own words, and its keys, as they are bound just now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from textual.app import App
from textual.binding import ActiveBinding, Binding
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input

from tracker_tui.screens.shop_screen import ShopScreen
from tracker_tui.widgets.key_text import key_name
from tracker_tui.widgets.shown import content

_HEADING: Final = "bold $text-primary"
_KEY: Final = "bold $text-primary"
_MARKED: Final = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*")
_KEYS_WIDTH: Final = 15
MOVES: Final = ("cursor_", "page_", "scroll_", "top", "bottom", "move(", "move_", "choose")
"""How actions begin that only move about: they come last in the help, and nobody looks for them by name."""

_TEXTUALS: Final = frozenset(
    binding.action
    for kind in (Screen, ScrollableContainer, App, Input)
    for binding in kind.BINDINGS
    if isinstance(binding, Binding)
)
"""What Textual has bound for its own widgets; the program's own bindings of that name have an id."""

_COMMANDS: Final = """\
# Commands

Type part of a name and press Enter: everything that a key does is here by name, with its key beside it. Escape leaves.
"""
"""Of the palette, which is none of ours."""

_SCANS: Final = """\
## A scan

Wherever the cursor is: on Sell the product goes into the basket, elsewhere the cursor goes to the product.
"""


def help_title(screen: Screen[object]) -> str:
    """Return what a screen is called in its help."""
    return _help_of(screen).lstrip("# ").partition("\n")[0]


def help_body(screen: Screen[object]) -> Content:
    """Return the help of a screen, its keys taken from the bindings that are in force on it."""
    own = _help_of(screen)
    focused = screen.focused.ancestors_with_self if screen.focused is not None else []
    around = [node.HELP for node in focused if node is not screen and is_ours(node) and node.HELP]
    here, anywhere = _sections(screen)
    parts = [*_paragraphs([own.partition("\n")[2]])]
    if here:
        parts.append(_listed("Keys here", here))
    parts += _paragraphs(dict.fromkeys(text for text in around if text != own))
    if isinstance(screen, ShopScreen):
        parts += _paragraphs([_SCANS])
    if anywhere:
        parts.append(_listed("Anywhere", anywhere))
    return Content("\n\n").join(parts)


def _help_of(screen: Screen[object]) -> str:
    return (getattr(type(screen), "HELP", None) if is_ours(screen) else None) or _COMMANDS


def files_body(opening: str, files: Sequence[tuple[str, str, Sequence[tuple[str, str]]]]) -> Content:
    """Draw what is told of the shop's files.

    Args:
        opening: What holds for all of them.
        files: Of each its name, what it is, and its columns with what stands in them.
    """
    parts = [*_paragraphs([opening])]
    for name, what, columns in files:
        parts.append(Content.styled(name, _HEADING))
        parts += _paragraphs([what])
        parts.append(Content("\n").join(_line(column, means) for column, means in columns))
    return Content("\n\n").join(parts)


def is_ours(node: object) -> bool:
    """Tell a widget, a screen or an app of the program from Textual's own."""
    return type(node).__module__.startswith("tracker_tui.")


def help_keys(screen: Screen[object]) -> Iterator[tuple[ActiveBinding, str]]:
    """Yield the bindings in force that are the program's own, and what each does, in the order of the help.

    First those of the line of keys, then the others, then those that only move about. What Textual has bound for
    its own widgets is left out.
    """
    found = [
        active
        for active in screen.active_bindings.values()
        if active.binding.description
        and is_ours(active.node)
        and (active.binding.id or active.binding.action not in _TEXTUALS)
    ]
    found.sort(key=_place)
    for active in found:
        yield active, active.tooltip or active.binding.description


def _place(active: ActiveBinding) -> int:
    if active.binding.show:
        return 0
    return 2 if active.binding.action.startswith(MOVES) else 1


def _sections(screen: Screen[object]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the keys of the screen and those of the program, by what they do."""
    here: dict[str, list[str]] = {}
    anywhere: dict[str, list[str]] = {}
    for active, does in help_keys(screen):
        keys = (anywhere if isinstance(active.node, App) else here).setdefault(does, [])
        keys.append(key_name(active.binding.key))
    return here, anywhere


def _listed(heading: str, keys: dict[str, list[str]]) -> Content:
    """Draw a list of keys under a heading."""
    lines = [Content.styled(heading, _HEADING)]
    for does, names in keys.items():
        lines.append(_line(" ".join(names), does))
    return Content("\n").join(lines)


def _line(name: str, does: str) -> Content:
    """Draw a key, or the name of a column, and what it does or holds."""
    return Content.styled(f"  {name:<{_KEYS_WIDTH}}  ", _KEY) + content(does)


def _paragraphs(texts: Iterable[str]) -> Iterator[Content]:
    """Draw paragraphs, each as one line: the reader is a terminal of any width."""
    for text in texts:
        for part in text.strip().split("\n\n"):
            words = " ".join(part.split())
            if words.startswith("#"):
                yield Content.styled(words.lstrip("# "), _HEADING)
            elif words:
                yield _marked(words)


def _marked(text: str) -> Content:
    """Draw a paragraph with its keys and its important words."""
    drawn: list[Content] = []
    end = 0
    for found in _MARKED.finditer(text):
        drawn.append(Content(text[end : found.start()]))
        drawn.append(Content.styled(found[1], _KEY) if found[1] else Content.styled(found[2], "bold"))
        end = found.end()
    return Content("").join([*drawn, Content(text[end:])])
