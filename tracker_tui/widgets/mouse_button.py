"""A button for the mouse. The keyboard has keys of its own, which stand on it."""

from __future__ import annotations

from textual.widgets import Button


class MouseButton(Button, can_focus=False):
    """A button that never takes the focus, so that no scanner's Enter and no stray Space can press it."""

    def __init__(self, label: str, action: str, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(label, action=action, id=id, classes=classes, compact=True)
