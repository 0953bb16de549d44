"""The baskets that are kept: parked ones, those that a session left, and those that others have open."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.messages import BasketDiscarded, BasketParked, BasketResumed, KeptWanted
from tracker_tui.model.basket import Basket
from tracker_tui.model.kept import Kept, KeptBasket, park_name
from tracker_tui.model.state import Snapshot
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.tuples import NamedTuple
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.record_table import Column, RecordTable
from tracker_tui.widgets.shown import content, moment, money

_AROUND: Final = 14
"""Lines of the screen that the list leaves to the rest of the dialog."""

_EMPTY = "No other baskets.\n\nWhat you park stands here,\nfor every clerk."


class KeptRow(NamedTuple):
    """One line of the list.

    Attributes:
        kept: The basket.
        total: What it comes to at the prices of now, as text.
        customer: Who buys, by name.
    """

    kept: KeptBasket
    total: str
    customer: str

    @property
    def state(self) -> str:
        """What became of the basket, in a word or two."""
        if self.kept.entry is not None:
            return f"sold: entry {self.kept.entry}"
        if self.kept.in_use:
            return "open"
        return "parked" if self.kept.name else "left"


class _NameField(FormField):
    """What the open basket shall be called; Enter parks it."""

    def on_key(self, event: events.Key) -> None:
        """Park, or go down to the list."""
        if event.key not in ("enter", "down", "up"):
            return
        event.stop()
        event.prevent_default()
        if event.key == "enter":
            self.screen.post_message(BasketParked(self.value.strip()))
            self.screen.dismiss(None)
        else:
            self.screen.query_one(RecordTable).focus()


class KeptBaskets(ModalScreen[None]):
    """Parks the open basket under a name, and lists the others to go on with.

    Args:
        basket: The open one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+o", "close", "Close", id="kept.close"),
        Binding("d", "discard", "Discard", id="kept.discard", tooltip="Throw the basket away; asks first"),
    ]
    HELP = """\
# Baskets

Enter in the field parks the open basket under that name and begins another. Enter on a basket of the list goes on
with it; the open one is parked first. `d` throws one away, after a question. Parked baskets hold no stock, and every
clerk sees them. What a session left when it ended says **left**, what somebody has open just now **open**: whoever
of two pays first books it, and only once.
"""

    table = query_one(RecordTable)

    def __init__(self, basket: Basket) -> None:
        super().__init__()
        self._basket = basket
        self._kept = Kept()
        self._shop = Snapshot()

    def compose(self) -> ComposeResult:
        """Lay out the field for the name, the list and the buttons."""
        with Vertical(classes="dialog -wide", id="kept"):
            yield Static("Baskets", classes="dialog-title", markup=False)
            if self._basket.lines:
                yield _NameField("name", "Park as", hint="Enter parks the open basket", longest=60)
            yield RecordTable[KeptRow](
                _COLUMNS, lambda row: row.kept.basket.sale, empty=_EMPTY, id="kept-list"
            )
            yield Static("", id="form-message", markup=False)
            with Horizontal(classes="dialog-buttons"):
                if self._basket.lines:
                    yield MouseButton("Park", "screen.park", classes="-primary")
                yield MouseButton("Go on  Enter", "screen.resume")
                yield MouseButton("Discard  d", "screen.discard")
                yield MouseButton("Close  Esc", "screen.close")

    def on_mount(self) -> None:
        """Follow the shop and the baskets."""
        self.watch(self.app, "snapshot", self._take_snapshot)
        self.watch(self.app, "kept", self._take_kept)
        self.post_message(KeptWanted())
        field = self.query_one_optional(_NameField)
        if field is None:
            self.table.focus()
        else:
            field.start_with(park_name(self._basket, self._shop, self._kept.others(self._basket.sale)))
            field.input.focus()
            field.input.select_all()

    def _take_snapshot(self, shop: Snapshot) -> None:
        self._shop = shop
        self._fill()

    def _take_kept(self, kept: Kept) -> None:
        self._kept = kept
        self._fill()

    def _fill(self) -> None:
        rows = [self._row(kept) for kept in self._kept.others(self._basket.sale)]
        self.table.styles.height = max(6, min(len(rows) + 1, self.app.size.height - _AROUND))
        self.table.show(rows)
        wrong = self._kept.problems
        text = f"! {wrong[0]}" + (f" and {len(wrong) - 1} more" if len(wrong) > 1 else "") if wrong else ""
        self.query_one("#form-message", Static).update(content(text))

    def _row(self, kept: KeptBasket) -> KeptRow:
        customer = self._shop.customers.get(kept.basket.customer)
        total = money(kept.basket.total(self._shop), self._shop.settings)
        return KeptRow(kept, total, customer.name if customer is not None else kept.basket.customer)

    @on(RecordTable.Chosen)
    def _choose(self) -> None:
        self.action_resume()

    def action_park(self) -> None:
        """Park the open basket under the name in the field."""
        self.post_message(BasketParked(self.query_one(_NameField).value.strip()))
        self.dismiss(None)

    @work(exclusive=True, group="dialog")
    async def action_resume(self) -> None:
        """Go on with the basket under the cursor; asks where somebody has it open."""
        row = self.table.row
        if row is None:
            return
        kept = row.kept
        if kept.in_use:
            question = (
                f"{kept.clerk} has this basket open now. Open it here too? Whoever pays first books it."
            )
            if not await self.app.push_screen_wait(ConfirmDialog(question, "Open it")):
                return
        self.post_message(BasketResumed(kept.basket.sale))
        self.dismiss(None)

    @work(exclusive=True, group="dialog")
    async def action_discard(self) -> None:
        """Throw the basket under the cursor away, after a question."""
        row = self.table.row
        if row is None:
            return
        kept = row.kept
        pieces = f"{kept.basket.pieces:,} {'piece' if kept.basket.pieces == 1 else 'pieces'}, {row.total}"
        whose = f"{kept.name or 'the basket'} of {kept.clerk}"
        question = f"Throw away {whose}: {pieces}? It cannot be brought back; nothing was sold with it."
        if kept.in_use:
            question = f"{kept.clerk} has it open now. {question}"
        if await self.app.push_screen_wait(ConfirmDialog(question, "Throw away")):
            self.post_message(BasketDiscarded(kept.basket.sale))

    def action_close(self) -> None:
        """Close the list."""
        self.dismiss(None)


_COLUMNS: Final = [
    Column[KeptRow]("name", "Name", 14, lambda row: row.kept.name or row.customer or "(no name)", flex=2),
    Column[KeptRow]("clerk", "Clerk", 8, lambda row: row.kept.clerk, flex=1),
    Column[KeptRow](
        "pieces",
        "Pieces",
        6,
        lambda row: f"{row.kept.basket.pieces:,}",
        "right",
        plain=lambda row: row.kept.basket.pieces,
    ),
    Column[KeptRow]("total", "Total", 10, lambda row: row.total, "right"),
    Column[KeptRow](
        "changed",
        "Since",
        16,
        lambda row: moment(row.kept.changed),
        drop=1,
        plain=lambda row: row.kept.changed,
    ),
    Column[KeptRow]("state", "", 8, lambda row: row.state, flex=1),
]
