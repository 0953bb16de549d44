"""What the dialogs of a count and of a delivery share: products come in by scan, by code or by words, cells are typed.

Everything is on disk at once, also what other sessions do, and nothing is in the stock before the list is booked.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.errors import TrackerError
from tracker_tui.messages import ActDone, ActFailed, ActRequested, ListAnswered, ListAsked
from tracker_tui.model.acts import BookList, Outcome
from tracker_tui.model.chosen import Chosen
from tracker_tui.model.drafts import Draft
from tracker_tui.model.list_asks import LookAt, Put
from tracker_tui.model.list_rows import View
from tracker_tui.model.money import parse_count
from tracker_tui.model.records import Customer, Product
from tracker_tui.model.scan import Scan
from tracker_tui.model.state import Snapshot
from tracker_tui.model.text import visible
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.widgets.cell_editor import LIKE_A_CODE, CellEditor, is_like_a_code
from tracker_tui.widgets.cell_table import CellTable
from tracker_tui.widgets.customer_picker import People
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.product_picker import ProductPicker
from tracker_tui.widgets.record_table import Column
from tracker_tui.widgets.shown import content, content_lines

LOOK_EVERY_S: Final = 0.5
"""How soon is seen what another session does to the list."""


class _Nobody(People):
    """The customers that a list of goods has to do with."""

    def known(self, typed: str) -> list[Customer]:  # noqa: ARG002 - as in People
        """Find nobody."""
        return []

    def whole(self, typed: str) -> Customer | None:  # noqa: ARG002 - as in People
        """Find nobody."""
        return None

    def fresh(self, typed: str) -> Customer | None:  # noqa: ARG002 - as in People
        """Make nobody."""
        return None


class ListTable(CellTable[Product]):
    """The products of a list."""

    EDITABLE = ("pieces", "cost")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus", "screen.change(1)", "One more", id="list.more", key_display="+", show=False),
        Binding("minus", "screen.change(-1)", "One fewer", id="list.fewer", key_display="-", show=False),
        Binding(
            "e,enter", "edit('pieces')", "Pieces", id="list.pieces", tooltip="Type the pieces", show=False
        ),
    ]


class ListDialog(ModalScreen[Outcome | None]):
    """One list, open. Closes with the entry that it became, or with None: it stays as it is then.

    Args:
        draft: The list as it was when it was chosen.
    """

    AUTO_FOCUS = ""
    VIEWS: ClassVar[tuple[View, ...]] = ()
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "book", "Book", id="list.book"),
        Binding(
            "ctrl+o", "next_view", "Show others", id="list.view", tooltip="Show other products of the list"
        ),
        Binding("escape", "leave", "Leave", id="list.leave", tooltip="Leave; the list stays on disk"),
    ]

    table = query_one(ListTable)
    picker = query_one(ProductPicker)
    editor = query_one(CellEditor)

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft
        self.shop = Snapshot()
        self.view = self.VIEWS[0]
        self._kept = 0
        self._looking = False
        self._answered = False
        self._booking = False
        self._asking: ConfirmDialog | None = None
        self._shown: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the title, the field, the products, what they come to, and the buttons."""
        with Vertical(classes="dialog -full", id="list"):
            yield Static("", id="list-title", classes="dialog-title", markup=False)
            yield ProductPicker(_Nobody(), id="list-product")
            with Vertical(id="list-area"):
                yield ListTable([], lambda product: product.id, id="list-table")
                yield CellEditor(id="list-cell")
            yield Static("", id="list-sum", markup=False)
            yield Static("", id="form-message", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield from self.compose_buttons()
                yield MouseButton("Book  F9", "screen.book", classes="-primary")
                yield MouseButton("Leave  Esc", "screen.leave")

    def compose_buttons(self) -> ComposeResult:
        """Yield the buttons of one kind of list."""
        yield MouseButton("Show…  Ctrl+O", "screen.next_view")

    def on_mount(self) -> None:
        """Follow the shop and the list, and begin in the field."""
        self.watch(self.app, "snapshot", self._take_snapshot)
        self.set_focus(self.picker.field)
        self.set_interval(LOOK_EVERY_S, self._look)
        self._look()

    # For children

    def rows(self) -> Chosen[Product]:
        """Return the products that are shown."""
        raise NotImplementedError

    def columns(self) -> Sequence[Column[Product]]:
        """Return what is shown of them."""
        raise NotImplementedError

    def title_text(self) -> str:
        """Say which list this is."""
        raise NotImplementedError

    def sum_text(self) -> str:
        """Say what the list comes to."""
        raise NotImplementedError

    def empty_text(self) -> str:
        """Say why no products are shown."""
        raise NotImplementedError

    def question(self) -> str:
        """Ask whether the list shall be booked; empty where there is nothing to book."""
        raise NotImplementedError

    def cell_text(self, product_id: str, column: str) -> str:
        """Return what stands in a cell that is about to be typed."""
        line = self.draft.lines.get(product_id)
        return str(line.pieces) if line is not None and column == "pieces" else ""

    def read_cost(self, typed: str) -> Decimal:
        """Read what was typed into the cell of the cost.

        Raises:
            ValueError: It is no amount.
        """
        raise NotImplementedError

    # What is shown

    def _take_snapshot(self, shop: Snapshot) -> None:
        self.shop = shop
        self.picker.show_shop(shop)
        self.show()

    def show(self) -> None:
        """Show the list as it is now, where anything of it differs."""
        state = (self.shop.revision, self.draft, self.view)
        if state == self._shown:
            return
        self._shown = state
        self.query_one("#list-title", Static).update(content(self.title_text()))
        self.table.say_when_empty(self.empty_text())
        self.table.set_columns(self.columns())
        self.table.show(self.rows())
        self.query_one("#list-sum", Static).update(content_lines(self.sum_text()))

    def say(self, text: str, *, error: bool = False) -> None:
        """Show a line above the buttons."""
        message = self.query_one("#form-message", Static)
        message.set_class(error, "-error")
        message.update(content(f"! {text}" if error else text))

    def action_next_view(self) -> None:
        """Show other products of the list."""
        self.take_open_cell()
        self.view = self.VIEWS[(self.VIEWS.index(self.view) + 1) % len(self.VIEWS)]
        self.show()

    # What others do, and what came of what was asked

    def _look(self) -> None:
        """Ask for the list as it is, unless an answer is on its way."""
        if not (self._booking or self._looking or self._kept):
            self._looking = True
            self._answered = False
            self.post_message(ListAsked(LookAt(self.draft.kind, self.draft.id), self))

    @on(ListAnswered)
    def _take_answer(self, event: ListAnswered) -> None:
        if isinstance(event.ask, LookAt):
            self._looking = False
            if self._answered:  # It may be older than what was kept since.
                return
        else:
            self._answered = True
        if isinstance(event.ask, Put):
            self._kept -= 1
        if event.listed is None:
            self._refuse(event.error)
            return
        self._take_draft(event.listed.drafts[0])
        if isinstance(event.ask, Put) and self.table.go_to(event.ask.product_id):
            self.table.flash([event.ask.product_id])

    def _refuse(self, error: TrackerError | None) -> None:
        self.app.bell()
        self.say(f"{error}", error=True)

    def _take_draft(self, draft: Draft) -> None:
        """Show the list; close where another session booked it or threw it away."""
        if not draft.is_open and not self._booking:
            became = f"is booked by now: entry {draft.entry}" if draft.entry else "was thrown away"
            self.notify(visible(f"The {draft.kind} {draft.title} {became}"), markup=False, timeout=10)
            if self.is_active:
                self.dismiss(None)
            return
        if draft.damaged:
            numbers = ", ".join(map(str, draft.damaged[:5]))
            self.say(f"lines of its file that cannot be understood do not count: {numbers}", error=True)
        self.draft = draft
        self.show()

    # Products come in

    def take_scan(self, scan: Scan) -> bool:
        """Put what was scanned on the list, also while something lies over it."""
        if not scan.product_id or self._booking:
            return False
        if self._asking is not None and self._asking.is_active:
            self._asking.dismiss(False)
        self.take_open_cell()
        self.put(scan.product_id, scan.pieces * self.picker.take_count(), more=True)
        if not self.is_active:
            self.notify(
                visible(f"On the list: {scan.pieces:,} x {self.name_of(scan.product_id)}"), markup=False
            )
        return True

    def name_of(self, product_id: str) -> str:
        """Return what a product is called, with its id."""
        product = self.shop.products.get(product_id)
        return f"{product.name} ({product_id})" if product is not None else product_id

    @on(ProductPicker.Taken)
    def _take_product(self, event: ProductPicker.Taken) -> None:
        self.put(event.product_id, event.pieces, more=True)

    @on(ProductPicker.Left)
    def _go_to_table(self) -> None:
        self.set_focus(self.table)

    def put(self, product_id: str, pieces: int, *, more: bool = False, cost: Decimal | None = None) -> None:
        """Have it kept how many pieces of a product there are, or how many more."""
        if self._booking:
            return
        self._kept += 1
        self.say("")
        ask = Put(self.draft.kind, self.draft.id, product_id, pieces, more, cost)
        self.post_message(ListAsked(ask, self))

    def action_change(self, pieces: int) -> None:
        """Count one more or one fewer of the product under the cursor."""
        key = self.table.cursor_key
        line = self.draft.lines.get(key or "")
        if key is not None and (line.pieces if line is not None else 0) + pieces >= 0:
            self.put(key, pieces, more=True)

    # Cells

    @on(CellTable.EditWanted)
    def _open_cell(self, event: CellTable.EditWanted) -> None:
        self._edit(event.product_id, event.column, event.typed)

    def _edit(self, product_id: str, column: str, typed: str = "") -> None:
        region = self.table.cell_region(product_id, column)
        if region is not None:
            self.editor.open(product_id, column, region, self.cell_text(product_id, column), typed)
        else:
            self._leave_cell()

    @on(CellEditor.Left)
    def _leave_cell(self) -> None:
        had_focus = self.editor.has_focus
        self.editor.close()
        if had_focus:
            self.set_focus(self.table)

    @on(CellEditor.Typed)
    def _take_cell(self, event: CellEditor.Typed) -> None:
        if not self._take_typed(event.key, event.column, event.text, event.by):
            return
        if event.move:
            columns = self.table.EDITABLE
            self._edit(event.key, columns[(columns.index(event.column) + event.move) % len(columns)])
        else:
            self._leave_cell()

    @on(CellEditor.Passed)
    def _settle_cell(self) -> None:
        if not self.take_open_cell():
            self._leave_cell()

    def take_open_cell(self) -> bool:
        """Take what stands in a cell that is being typed; False where it cannot be taken, which is said."""
        editor = self.editor
        if not editor.is_open:
            return True
        taken = self._take_typed(editor.row, editor.column, editor.value, "")
        if taken:
            self._leave_cell()
        return taken

    def _take_typed(self, product_id: str, column: str, text: str, by: str) -> bool:
        typed = text.strip()
        if typed == self.cell_text(product_id, column):
            return True
        try:
            if column == "cost":
                line = self.draft.lines.get(product_id)
                self.put(product_id, line.pieces if line is not None else 0, cost=self.read_cost(typed))
            elif is_like_a_code(typed) and by != "ctrl+s":
                raise ValueError(LIKE_A_CODE)
            else:
                self.put(product_id, parse_count(typed))
        except ValueError as error:
            self.editor.refuse()
            self.say(str(error), error=True)
            return False
        return True

    # Booking

    def action_book(self) -> None:
        """Ask whether the list shall be booked; the answer is `y` or a click, never Enter."""
        if self._booking or not self.take_open_cell():
            return
        question = self.question()
        if self._kept:
            self.say("the last lines are still being kept; F9 again", error=True)
        elif not question:
            self.say("nothing is on the list yet", error=True)
        else:
            asked = self.draft
            self._asking = ConfirmDialog(question, "Book it")
            self.app.push_screen(self._asking, lambda yes: self._book(asked) if yes else None)

    def _book(self, asked: Draft) -> None:
        if self.draft.lines != asked.lines or self._kept:
            self.say("the list has changed since the question; F9 asks again", error=True)
            return
        self._booking = True
        self.say("Booking…")
        self.post_message(ActRequested(BookList(asked.kind, asked.id), self))

    @on(ActDone)
    def _finish(self, event: ActDone) -> None:
        self.dismiss(event.outcome)

    @on(ActFailed)
    def _show_failure(self, event: ActFailed) -> None:
        self._booking = False
        self.say(f"{event.error}. Nothing was booked.", error=True)

    def action_leave(self) -> None:
        """Leave the list; what was said to be on it is kept."""
        if not self._booking and self.take_open_cell():
            self.dismiss(None)
