"""A question before something is done. `y` or a click says yes; Enter and Space never do."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.shown import content


class ConfirmDialog(ModalScreen[bool]):
    """Asks one question.

    Args:
        question: What is asked; people's text may be in it.
        yes: What the yes-button says.
        no: What the no-button says.
        later: Whether Escape leaves the question open; else it is a no.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="confirm.yes"),
        Binding("n", "answer(False)", "No", id="confirm.no"),
        Binding("escape", "leave", "Leave it", id="confirm.leave"),
    ]

    HELP = """\
# A question

`y` or a click says yes, `n` says no; Enter and Space never do, as a scanner sends Enter behind each code. Escape leaves
it: nothing is done.
"""

    def __init__(self, question: str, yes: str = "Yes", no: str = "No", *, later: bool = False) -> None:
        super().__init__()
        self._question = question
        self._yes = yes
        self._no = no
        self._later = later

    def compose(self) -> ComposeResult:
        """Lay out the question and the two answers."""
        with Vertical(classes="dialog -small"):
            yield Static(content(self._question), classes="dialog-question")
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton(f"{self._yes}  y", "screen.answer(True)", classes="-primary")
                yield MouseButton(f"{self._no}  n", "screen.answer(False)")
                if self._later:
                    yield MouseButton("Later  Esc", "screen.leave")

    def action_answer(self, yes: bool) -> None:  # noqa: FBT001 - an action's signature
        """Close with the answer."""
        self.dismiss(yes)

    def action_leave(self) -> None:
        """Close without an answer, where that is one."""
        self.dismiss(None if self._later else False)
