"""The counts or the deliveries that are not booked yet: to go on with one, to begin one, to throw one away."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.errors import FieldProblem, Invalid
from tracker_tui.messages import ListAnswered, ListAsked
from tracker_tui.model.drafts import Draft, Kind
from tracker_tui.model.list_asks import Begin, Drop, LookAtAll
from tracker_tui.model.rules import text_problem
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.tuples import NamedTuple
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.record_table import Column, RecordTable
from tracker_tui.widgets.shown import content, moment

_AROUND: Final = 15
"""Lines of the screen that the list leaves to the rest of the dialog."""


class _Words(NamedTuple):
    """What is said of one kind of list.

    Attributes:
        title: Of the dialog.
        empty: What stands in the list where there is none.
        fields: Name, label and hint of what is asked of a new one.
    """

    title: str
    empty: str
    fields: tuple[tuple[str, str, str], ...]


_WORDS: Final = {
    Kind.COUNT: _Words(
        "Count the stock",
        "No count is under way.\n\nSay above what is counted,\nor nothing for all products.",
        (
            ("name", "Name", "such as: front shelf; may be empty"),
            ("category", "Category", "only this one; empty = all"),
            ("search", "Words", "only products that have these; empty = all"),
        ),
    ),
    Kind.DELIVERY: _Words(
        "Receive a delivery",
        "No delivery is being unpacked.\n\nSay above who sent it, or nothing.",
        (
            ("name", "Supplier", "who sent it; may be empty"),
            ("note", "Note", "invoice, order number and so on"),
        ),
    ),
}


class StockLists(ModalScreen[Draft | None]):
    """Closes with the list that is to be worked at, or with None.

    Args:
        kind: Counts or deliveries.
    """

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "begin", "Begin", id="lists.begin", priority=True),
        Binding("d", "drop", "Discard", id="lists.drop", tooltip="Throw the list away; asks first"),
        Binding("escape", "close", "Close", id="lists.close"),
    ]
    HELP = """\
# Lists of the stock room

A count or a delivery is a list until it is booked: it is on disk with every scan, several sessions can work at one
together, and a line that drops loses nothing of it. **Ctrl+S begins a new one** with what stands in the fields, Enter
on one of the list goes on with it, `d` throws it away, after a question. Nothing is in the stock before it is booked.
"""

    table = query_one(RecordTable)

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self._kind = kind
        self._drafts: tuple[Draft, ...] = ()
        self._waiting = False

    def compose(self) -> ComposeResult:
        """Lay out what a new list is asked, the lists there are, and the buttons."""
        words = _WORDS[self._kind]
        with Vertical(classes="dialog", id="stock-lists"):
            yield Static(words.title, classes="dialog-title", markup=False)
            for key, label, hint in words.fields:
                yield FormField(key, label, hint=hint, longest=200)
            yield Static("", id="stock-lists-space", markup=False)
            yield RecordTable[Draft](_COLUMNS, lambda draft: draft.id, empty=words.empty)
            yield Static("", id="form-message", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Begin  Ctrl+S", "screen.begin", classes="-primary")
                yield MouseButton("Go on  Enter", "screen.go_on")
                yield MouseButton("Discard  d", "screen.drop")
                yield MouseButton("Close  Esc", "screen.close")

    def on_mount(self) -> None:
        """Look which lists there are."""
        self.set_focus(self.query_one("#field-name", FormField).input)
        self.post_message(ListAsked(LookAtAll(self._kind), self))

    @on(ListAnswered)
    def _take_answer(self, event: ListAnswered) -> None:
        self._waiting = False
        if event.listed is None:
            self._refuse(event)
        elif isinstance(event.ask, Begin):
            self.dismiss(event.listed.drafts[0])
        elif isinstance(event.ask, Drop):
            self.post_message(ListAsked(LookAtAll(self._kind), self))
        else:
            self._drafts = tuple(draft for draft in event.listed.drafts if draft.is_open)
            self.table.styles.height = max(5, min(len(self._drafts) + 1, self.app.size.height - _AROUND))
            self.table.show(self._drafts)
            wrong = event.listed.problems
            if wrong:
                self._say(f"{wrong[0]}" + (f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""))
            if self._drafts and not any(field.value for field in self.query(FormField)):
                self.set_focus(self.table)

    def _refuse(self, event: ListAnswered) -> None:
        problems = event.error.problems if isinstance(event.error, Invalid) else ()
        homeless = self._complain(problems)
        self._say("; ".join(problem.reason for problem in homeless) if problems else str(event.error))

    def _complain(self, problems: tuple[FieldProblem, ...]) -> list[FieldProblem]:
        """Show what is wrong beside the fields; return what belongs to none."""
        fields = {field.key: field for field in self.query(FormField)}
        for field in fields.values():
            field.complain(next((p.reason for p in problems if p.field == field.key), ""))
        return [problem for problem in problems if problem.field not in fields]

    def _say(self, text: str) -> None:
        message = self.query_one("#form-message", Static)
        message.set_class(bool(text), "-error")
        message.update(content(f"! {text}" if text else ""))

    @on(FormField.Typed)
    def _check_as_typed(self, event: FormField.Typed) -> None:
        event.stop()
        event.field.complain(text_problem(event.field.value))

    def action_begin(self) -> None:
        """Begin a list with what stands in the fields."""
        if not self._waiting:
            self._waiting = True
            typed = {field.key: field.value.strip() for field in self.query(FormField)}
            self.post_message(ListAsked(Begin(self._kind, **typed), self))

    @on(RecordTable.Chosen)
    def _choose(self) -> None:
        self.action_go_on()

    def action_go_on(self) -> None:
        """Go on with the list under the cursor."""
        row = self.table.row
        if row is not None and not self._waiting:
            self.dismiss(row)

    def action_drop(self) -> None:
        """Throw the list under the cursor away, after a question."""
        draft = self.table.row
        if draft is None:
            return
        lines = len(draft.lines)
        what = f"{draft.title}, begun by {draft.clerk} {moment(draft.begun)}, with {lines:,} "
        what += "product" if lines == 1 else "products"
        question = (
            f"Throw away the {draft.kind} {what}? Nothing of it is in the stock; it cannot be brought back."
        )

        def drop(yes: bool | None) -> None:  # noqa: FBT001 - a dialog's answer
            if yes:
                self.post_message(ListAsked(Drop(draft.kind, draft.id), self))

        self.app.push_screen(ConfirmDialog(question, "Throw away"), drop)

    def action_close(self) -> None:
        """Close the list of lists."""
        self.dismiss(None)


_COLUMNS: Final = [
    Column[Draft]("title", "List", 14, lambda draft: draft.title, flex=2),
    Column[Draft]("clerk", "Begun by", 9, lambda draft: draft.clerk, flex=1),
    Column[Draft]("begun", "At", 16, lambda draft: moment(draft.begun)),
    Column[Draft]("products", "Products", 8, lambda draft: f"{len(draft.lines):,}", "right"),
    Column[Draft]("changed", "Last line", 16, lambda draft: moment(draft.changed), drop=1),
]
