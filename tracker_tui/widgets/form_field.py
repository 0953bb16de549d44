"""One field of a form: its name, what is typed, and under it what is wrong with that."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Input, Label, Static

from tracker_tui.widgets.line_input import LineInput
from tracker_tui.widgets.shown import content


class FormField(Vertical):
    """A labelled field of one line with its error below.

    Enter goes on to the next field and never sends the form: scanners end each code with Enter.

    Args:
        key: Name of the field, as the rules call it.
        label: What people call it.
        value: What stands in it at first.
        hint: Shown while it is empty.
        longest: Most characters it takes.
        locked: Whether it only shows.
    """

    DEFAULT_CSS = """
    FormField { height: auto; }
    FormField > Horizontal { height: 1; }
    FormField Label { width: 16; }
    FormField Input { width: 1fr; }
    FormField > .error { height: auto; padding-left: 16; display: none; }
    FormField.-wrong > .error { display: block; }
    """

    @dataclass
    class Typed(Message):
        """Something else stands in the field now."""

        field: FormField

    input = query_one(Input)

    def __init__(
        self,
        key: str,
        label: str,
        value: str = "",
        *,
        hint: str = "",
        longest: int = 10_000,
        locked: bool = False,
    ) -> None:
        named = key.isascii() and key.isidentifier()  # a shop's own column may have any name
        super().__init__(id=f"field-{key.replace('_', '-')}" if named else None)
        self.key = key
        self._label = label
        self._first_value = value
        self._hint = hint
        self._longest = longest
        self._locked = locked

    def compose(self) -> ComposeResult:
        """Lay out the label, the input and the error."""
        with Horizontal():
            yield Label(content(self._label))
            yield LineInput(
                self._first_value, placeholder=self._hint, longest=self._longest, disabled=self._locked
            )
        yield Static("", classes="error", markup=False)

    @property
    def value(self) -> str:
        """What is typed."""
        return self.input.value

    @value.setter
    def value(self, text: str) -> None:
        self.input.value = text

    @property
    def is_changed(self) -> bool:
        """Whether something else stands in it than at first."""
        return self.input.value != self._first_value

    def start_with(self, text: str) -> None:
        """Put in another first value."""
        self._first_value = text
        self.input.value = text

    def complain(self, reason: str) -> None:
        """Show what is wrong with the field; nothing if `reason` is empty."""
        self.set_class(bool(reason), "-wrong")
        self.query_one(".error", Static).update(content(f"! {reason}" if reason else ""))

    @on(Input.Changed)
    def _tell(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(self))

    def on_key(self, event: events.Key) -> None:
        """Go on to the next field, or up and down among them."""
        if event.key in ("enter", "down"):
            self.screen.focus_next(Input)
        elif event.key == "up":
            self.screen.focus_previous(Input)
        else:
            return
        event.stop()
        event.prevent_default()
