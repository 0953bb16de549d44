"""The last line of every main screen: the keys that do something where the focus is, each a click away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from tracker_tui.tuples import NamedTuple


class ShownKey(NamedTuple):
    """One key of the line.

    Attributes:
        key: As a press of it is called.
        name: As people call it.
        label: What it does, in a word or two.
        tooltip: What it does, in a sentence.
        enabled: Whether it does anything now.
    """

    key: str
    name: str
    label: str
    tooltip: str
    enabled: bool


@runtime_checkable
class Refusing(Protocol):
    """A screen some of whose keys only say why they do nothing in this session: the line leaves them out."""

    @property
    def refused_actions(self) -> frozenset[str]:
        """Their actions."""


class KeyLine(Widget):
    """Shows the bindings in force, as `Footer` does, which makes a widget of each key.

    These take longer to make, style and lay out than all else on a screen together, at each change of the focus.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"key-line--key", "key-line--under"}
    DEFAULT_CSS = "KeyLine { height: 1; dock: bottom; }"

    keys: reactive[tuple[ShownKey, ...]] = reactive(())
    under: reactive[ShownKey | None] = reactive(None)
    """The key that the mouse points at."""

    def on_mount(self) -> None:
        """Follow what the focus brings."""
        self.screen.bindings_updated_signal.subscribe(self, self._take_bindings)

    def on_unmount(self) -> None:
        """Follow no more."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def _take_bindings(self, screen: Screen[object]) -> None:
        # While the terminal itself has no focus no widget has it either: the keys stay as they were.
        if self.app.app_focus:
            self.keys = tuple(self._shown(screen))

    def _shown(self, screen: Screen[object]) -> Iterator[ShownKey]:
        shown: dict[str, ShownKey] = {}
        refused = screen.refused_actions if isinstance(screen, Refusing) else frozenset()
        for active in screen.active_bindings.values():
            binding = active.binding
            if not binding.show or binding.action in refused:
                continue
            name, label = self.app.get_key_display(binding), binding.description
            known = shown.get(binding.action)
            # Of the keys for one act the one that takes least room.
            if known is None or len(name) < len(known.name):
                key = ShownKey(binding.key, name, label, active.tooltip or label, active.enabled)
                shown[binding.action] = key
        yield from shown.values()

    def _kept(self) -> tuple[list[ShownKey], int]:
        """Return the keys that there is room for, each whole, and the cells between two.

        Where not all of them fit, the last one stays, which is the help that has them all.
        """
        keys = list(self.keys)
        taken, room = sum(map(_width, keys)), self.size.width
        if taken + 2 * (len(keys) - 1) <= room:
            return keys, 2
        while len(keys) > 1 and taken + len(keys) - 1 > room:
            taken -= _width(keys.pop(-2))
        return keys if taken <= room else [], 1

    def _places(self) -> Iterator[tuple[int, ShownKey]]:
        """Yield where each key begins."""
        keys, gap = self._kept()
        x = 0
        for shown in keys:
            yield x, shown
            x += _width(shown) + gap

    def _at(self, x: int) -> ShownKey | None:
        return next((shown for begin, shown in self._places() if begin <= x < begin + _width(shown)), None)

    def render(self) -> Content:
        """Draw the line."""
        key_style = self.get_visual_style("key-line--key")
        parts: list[Content] = []
        keys, gap = self._kept()
        for shown in keys:
            part = Content(f"{shown.name} {shown.label}").stylize(key_style, 0, len(shown.name))
            if not shown.enabled:
                part = part.stylize("dim")
            if shown == self.under:
                part = part.stylize(self.get_visual_style("key-line--under"))
            parts.append(part)
        return Content(" " * gap).join(parts)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Mark the key under the mouse, and let the tooltip tell of it."""
        self.under = self._at(event.x)
        self.tooltip = Content(self.under.tooltip) if self.under else None

    def on_leave(self) -> None:
        """Mark none."""
        self.under = None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Press the key that was clicked."""
        shown = self._at(event.x)
        if shown is None:
            return
        if shown.enabled:
            self.app.simulate_key(shown.key)
        else:
            self.app.bell()


def _width(shown: ShownKey) -> int:
    return len(shown.name) + 1 + len(shown.label)
