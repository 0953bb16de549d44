"""A field for an amount of money: it takes digits, and leaves letters to the keys of the dialog around it."""

from __future__ import annotations

from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.getters import query_one
from textual.widgets import Label, Static

from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.line_input import LineInput

_TAKES: Final = frozenset("0123456789.,")


class AmountInput(LineInput):
    """The input: what is no part of an amount goes on to whoever has a use for it."""

    deaf_until: float = 0.0

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002 - Textual's signature
        """Tell Textual that letters stay keys of the dialog."""
        return character is not None and character in _TAKES

    def on_key(self, event: events.Key) -> None:
        """Pass on what is no part of an amount, and drop what was typed too early."""
        if event.time < self.deaf_until:
            event.stop()
            event.prevent_default()
        elif event.is_printable and event.character not in _TAKES:
            event.prevent_default()


class AmountField(FormField):
    """A labelled field for an amount, with its error below."""

    amount = query_one(AmountInput)

    @property
    def deaf_until(self) -> float:
        """Keys that were typed before this time, on the monotonic clock, do not count."""
        return self.amount.deaf_until

    @deaf_until.setter
    def deaf_until(self, time: float) -> None:
        self.amount.deaf_until = time

    def compose(self) -> ComposeResult:
        """Lay out the label, the input and the error."""
        with Horizontal():
            yield Label(self._label, markup=False)
            amount = AmountInput(self._first_value, placeholder=self._hint, longest=self._longest)
            amount.restrict = r"[0-9.,]*"
            yield amount
        yield Static("", classes="error", markup=False)
