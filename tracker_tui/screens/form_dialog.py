"""A form in a dialog: fields with their errors, sent with Ctrl+S, kept open until the shop has answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.errors import Conflict, FieldProblem, Invalid, TrackerError
from tracker_tui.messages import ActDone, ActFailed, ActRequested
from tracker_tui.model.acts import Act, Outcome
from tracker_tui.model.state import Snapshot
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.shown import content

FORM_KEYS: Final = """\
Enter, Tab and the arrows go from field to field; **Ctrl+S saves**, Escape leaves (and asks first where
something was typed). What cannot be taken is said under its field."""
"""What holds for every form, for its help."""


class FormDialog(ModalScreen[Outcome | None]):
    """A form that makes one act.

    The act is made by `make_act` from what is typed; while the shop works on it the form waits, and closes
    only when it is on disk. What is refused is shown beside its field, and what was typed stays.

    Args:
        title: What the form is for.
        fields: Its fields, from the top.
        hint: A line under the title.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "submit", "Save", id="form.save", priority=True),
        Binding("escape", "cancel", "Cancel", id="form.cancel"),
    ]
    HELP = f"""\
# Form

{FORM_KEYS}
"""

    def __init__(self, title: str, fields: Sequence[FormField], hint: str = "") -> None:
        super().__init__()
        self._title = title
        self._fields = {field.key: field for field in fields}
        self._hint = hint
        self._touched: set[str] = set()
        self._waiting = False
        self._asked_to_leave = False
        self._news = ""
        self.shop = Snapshot()

    def compose(self) -> ComposeResult:
        """Lay out the title, the fields and the buttons."""
        with Vertical(classes="dialog"):
            yield Static(content(self._title), classes="dialog-title")
            if self._hint:
                yield Static(content(self._hint), classes="dialog-hint")
            with VerticalScroll(classes="dialog-fields", can_focus=False):
                yield from self._fields.values()
            yield Static("", id="form-message", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Save  Ctrl+S", "screen.submit", classes="-primary")
                yield MouseButton("Cancel  Esc", "screen.cancel")

    def on_mount(self) -> None:
        """Follow the shop."""
        self.watch(self.app, "snapshot", self._take_snapshot)

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        self.shop = snapshot
        self.shop_changed(snapshot)

    def shop_changed(self, shop: Snapshot) -> None:
        """Look at a new snapshot while the form is open; what is typed stays."""

    def make_act(self, typed: Mapping[str, str]) -> Act | None:
        """Return the act of what is typed; None where nothing was changed.

        Raises:
            Invalid: Something cannot be taken.
        """
        raise NotImplementedError

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the fields."""
        return {key: field.value for key, field in self._fields.items()}

    @property
    def is_changed(self) -> bool:
        """Whether anything was typed."""
        return any(field.is_changed for field in self._fields.values())

    def field(self, key: str) -> FormField:
        """Return a field by its name."""
        return self._fields[key]

    def tell_news(self, text: str) -> None:
        """Say what others did meanwhile; it stays while one goes on typing."""
        self._news = text
        self.say(text)

    def say(self, text: str, *, error: bool = False) -> None:
        """Show a line above the buttons."""
        message = self.query_one("#form-message", Static)
        message.set_class(error, "-error")
        message.update(content(text))

    @on(FormField.Typed)
    def _check_as_typed(self, event: FormField.Typed) -> None:
        event.stop()
        if event.field.is_changed:
            self._touched.add(event.field.key)
        self._asked_to_leave = False
        self._show_problems(self._problems(), self._touched)
        self.say(self._news)

    def _problems(self) -> tuple[FieldProblem, ...]:
        try:
            self.make_act(self.typed)
        except Invalid as error:
            return error.problems
        except TrackerError:
            return ()
        return ()

    def _show_problems(self, problems: Iterable[FieldProblem], fields: Iterable[str]) -> list[FieldProblem]:
        """Show what is wrong beside these fields; return what belongs to no field."""
        reasons: dict[str, str] = {}
        homeless: list[FieldProblem] = []
        for problem in problems:
            if problem.field in self._fields:
                reasons.setdefault(problem.field, problem.reason)
            else:
                homeless.append(problem)
        shown = set(fields)
        for key, field in self._fields.items():
            field.complain(reasons.get(key, "") if key in shown else "")
        return homeless

    def action_submit(self) -> None:
        """Send the form, if nothing is wrong with it."""
        if self._waiting:
            return
        try:
            act = self.make_act(self.typed)
        except TrackerError as error:
            self.refuse(error)
            return
        if act is None:
            self.dismiss(None)
            return
        self._waiting = True
        self.say("Saving…")
        self.post_message(ActRequested(act, self))

    def refuse(self, error: TrackerError) -> None:
        """Show why the act was refused; everything that was typed stays."""
        problems = error.problems if isinstance(error, Invalid) else ()
        homeless = self._show_problems(problems, self._fields)
        self._touched.update(self._fields)
        wrong = next((key for key in self._fields if any(p.field == key for p in problems)), None)
        if wrong is not None:
            self._fields[wrong].input.focus()
        if homeless or not problems:
            text = "; ".join(f"{p.field}: {p.reason}" if p.field else p.reason for p in homeless) or str(
                error
            )
            self.say(f"! {text}", error=True)
        else:
            self.say("")
        if isinstance(error, Conflict) and error.clashes:
            self.show_conflict(error)

    def show_conflict(self, error: Conflict) -> None:
        """Show what somebody else changed meanwhile, and how to go on."""

    @on(ActDone)
    def _finish(self, event: ActDone) -> None:
        self.dismiss(event.outcome)

    @on(ActFailed)
    def _show_failure(self, event: ActFailed) -> None:
        self._waiting = False
        self.refuse(event.error)

    def action_cancel(self) -> None:
        """Leave; where something was typed, only at the second time."""
        if self._waiting:
            return
        if self.is_changed and not self._asked_to_leave:
            self._asked_to_leave = True
            self.say("! Not saved yet. Escape again throws away what you typed; Ctrl+S saves it.", error=True)
            return
        self.dismiss(None)
