"""A reason for something out of the ordinary, which goes into the log. Ctrl+S or a click gives it; Enter never does."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.model.rules import text_problem
from tracker_tui.model.text import normal
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.shown import content


class ReasonDialog(ModalScreen[str | None]):
    """Asks why; closes with the reason, or with None where nothing shall be done.

    Args:
        title: What is out of the ordinary.
        question: What is asked; people's text may be in it.
        yes: What the yes-button says.
        longest: Most characters of the reason.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "submit", "Give the reason", id="reason.give"),
        Binding("escape", "cancel", "Back", id="reason.cancel"),
    ]
    HELP = """\
# Reason

What is asked about is done only with a reason, which everybody can read in History. Ctrl+S gives it, Escape goes back
and nothing is done.
"""

    field = query_one(FormField)

    def __init__(self, title: str, question: str, yes: str, *, longest: int = 200) -> None:
        super().__init__()
        self._title = title
        self._question = question
        self._yes = yes
        self._longest = longest

    def compose(self) -> ComposeResult:
        """Lay out the question, the field and the buttons."""
        with Vertical(classes="dialog"):
            yield Static(content(self._title), classes="dialog-title")
            yield Static(content(self._question), classes="dialog-hint")
            yield FormField("reason", "Reason", hint="why it is done all the same", longest=self._longest)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton(f"{self._yes}  Ctrl+S", "screen.submit", classes="-primary")
                yield MouseButton("Back  Esc", "screen.cancel")

    def on_mount(self) -> None:
        """Begin in the field."""
        self.field.input.focus()

    @on(FormField.Typed)
    def _check_as_typed(self, event: FormField.Typed) -> None:
        event.stop()
        reason = normal(self.field.value)
        self.field.complain(text_problem(reason) if reason else "")

    def action_submit(self) -> None:
        """Close with the reason, if it is one."""
        reason = normal(self.field.value)
        problem = text_problem(reason, required=True, longest=self._longest)
        self.field.complain(problem)
        if not problem:
            self.dismiss(reason)

    def action_cancel(self) -> None:
        """Close without one."""
        self.dismiss(None)
