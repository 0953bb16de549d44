"""A button for the mouse. The keyboard has keys of its own, which stand on it."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Button

from tracker_tui.widgets.key_text import key_name


class MouseButton(Button, can_focus=False):
    """A button that never takes the focus, so that no scanner's Enter and no stray Space can press it.

    Its tooltip is that of the key that does the same, where there is one.

    Args:
        label: What stands on it.
        action: What it does.
        hint: Its tooltip, where no key does the same.
        each: Whether each of several quick clicks counts; else those within a fifth of a second are one.
        id: Id of the widget.
        classes: CSS classes of the widget.
    """

    def __init__(
        self,
        label: str,
        action: str,
        *,
        hint: str = "",
        each: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(label, action=action, id=id, classes=classes, compact=True)
        self._does = action
        self._hint = hint
        if each:
            self.active_effect_duration = 0

    def on_enter(self) -> None:
        """Tell the mouse what it does."""
        hint = self._hint or self._hint_of_key()
        self.tooltip = Content(hint) if hint else None

    def _hint_of_key(self) -> str:
        """Return what the key of the same act says; a field may have an act of the same name."""
        for active in self.screen.active_bindings.values():
            action, does = active.binding.action, active.tooltip or active.binding.description
            whole = f"screen.{action}" if active.node is self.screen and "." not in action else action
            if does and self._does == whole:
                return f"{does} ({key_name(active.binding.key)})"
        return ""
