"""A dialog that shows one entry in full: who, when, what, and all of its lines, old and new."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.model.account import is_account_payment, paid_on_account
from tracker_tui.model.day_close import read_close
from tracker_tui.model.exports import Plain
from tracker_tui.model.history import HistoryRow, field_changes, note_of, what
from tracker_tui.model.records import Change, Purchase, Settings
from tracker_tui.model.tax import goods_of, tax_words, taxes_of
from tracker_tui.tuples import NamedTuple
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.record_table import Column, RecordTable
from tracker_tui.widgets.shown import content, content_lines, money

RECEIPT: Final = "\0receipt"
"""What the dialog closes with where the receipt is wanted; no product has such an id."""

_AROUND: Final = 16
"""Lines of the screen that the table of lines leaves to the rest of the dialog."""


class EntryLine(NamedTuple):
    """One line of the table: what was sold, or one field that was changed.

    Attributes:
        key: Tells the lines apart.
        product_id: The product it is about.
        cells: The texts of its columns.
        text: All of it in one line: cells may be cut off.
        plain: Of a sale, the same as it is exported.
    """

    key: str
    product_id: str
    cells: tuple[str, ...]
    text: str
    plain: tuple[Plain, ...] = ()


class EntryDialog(ModalScreen[str]):
    """Shows one entry; closes with the id of the product that was chosen in it, `RECEIPT`, or nothing.

    Args:
        row: The entry.
        settings: For how amounts are written.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "receipt", "Receipt", id="entry.receipt", tooltip="Show the receipt of the sale"),
        Binding("escape,q", "close", "Close", id="entry.close"),
    ]
    HELP = """\
# Entry

All lines of one entry. Enter on a line goes to its product, `y` copies the line, Ctrl+R shows the
receipt of a sale, Escape closes.
"""

    table = query_one(RecordTable)

    def __init__(self, row: HistoryRow, settings: Settings) -> None:
        super().__init__()
        self._row = row
        self._settings = settings

    def compose(self) -> ComposeResult:
        """Lay out the facts, the lines and a way out."""
        entry = self._row.entry
        is_sale = isinstance(entry, Purchase)
        with Vertical(classes="dialog -wide"):
            yield Static(content(f"Entry {entry.entry}: {what(entry)}"), classes="dialog-title")
            yield Static(content_lines("\n".join(_facts(self._row, self._settings))), id="entry-facts")
            yield RecordTable[EntryLine](_SALE_COLUMNS if is_sale else _CHANGE_COLUMNS, lambda line: line.key)
            yield Static("", id="entry-line", markup=False)
            with Horizontal(classes="dialog-buttons"):
                if is_sale:
                    yield MouseButton("Receipt  Ctrl+R", "screen.receipt")
                yield MouseButton("Close  Esc", "screen.close")

    def on_mount(self) -> None:
        """Show the lines."""
        lines = tuple(_lines(self._row, self._settings))
        self.table.styles.height = max(2, min(len(lines) + 1, self.app.size.height - _AROUND))
        self.table.show(lines)
        self.table.focus()

    @on(RecordTable.Highlighted)
    def _show_line(self) -> None:
        """Show the line under the cursor in full."""
        line = self.table.row
        self.query_one("#entry-line", Static).update(content(line.text if line is not None else ""))

    @on(RecordTable.Chosen)
    def _choose(self) -> None:
        line = self.table.row
        self.dismiss(line.product_id if line is not None else "")

    def action_receipt(self) -> None:
        """Show the receipt of the sale."""
        if isinstance(self._row.entry, Purchase):
            self.dismiss(RECEIPT)

    def action_close(self) -> None:
        """Close it."""
        self.dismiss("")


def _facts(row: HistoryRow, settings: Settings) -> Iterator[str]:
    entry = row.entry
    yield f"{entry.time:%Y-%m-%d %H:%M:%S} by {entry.clerk}"
    if row.undone_by is not None:
        yield f"Undone by entry {row.undone_by}"
    if entry.undoes is not None:
        yield f"Takes back entry {entry.undoes}"
    if isinstance(entry, Purchase):
        buyer = f"{entry.customer} {f'({entry.customer_id})' if entry.customer_id else ''}".strip()
        pieces = f"{entry.units:,} {'piece' if abs(entry.units) == 1 else 'pieces'}"
        if is_account_payment(entry):
            yield f"{money(paid_on_account(entry), settings)} paid: {entry.payment}"
        else:
            yield f"{money(entry.total, settings)} for {pieces}, paid by {entry.payment or 'unknown means'}"
        yield f"Customer: {buyer or 'nobody in particular'}"
        yield f"Sale: {entry.sale}" + (f", takes back {entry.returns}" if entry.returns else "")
    if isinstance(entry, Change) and (close := read_close(entry)) is not None:
        parts = (close.opening, close.sales, close.refunds, close.account, close.expected)
        opening, sales, refunds, account, expected = (money(part, settings) for part in parts)
        yield f"Opening {opening} + cash sales {sales} - refunds {refunds} + on account {account} = {expected}"
        counted, banked = money(close.counted, settings), money(close.banked, settings)
        yield f"Counted {counted}, difference {money(close.difference, settings)}; to the bank {banked}"
    if note := note_of(entry):
        yield f"Note: {note}"


def _lines(row: HistoryRow, settings: Settings) -> Iterator[EntryLine]:
    entry = row.entry
    if isinstance(entry, Purchase):
        goods = goods_of(entry)
        for number, sold in enumerate(goods):
            price, total = money(sold.price, settings), money(sold.total, settings)
            less = money(sold.discount, settings) if sold.discount else ""
            cells = (sold.product_id, sold.product, f"{sold.quantity:,}", price, less, total)
            text = f"{sold.product}: {sold.quantity:,} x {price}{f' less {less}' if less else ''} = {total}"
            plain = (
                sold.product_id,
                sold.product,
                sold.quantity,
                sold.price,
                sold.discount or None,
                sold.total,
            )
            yield EntryLine(str(number), sold.product_id, cells, text, plain)
        for number, tax in enumerate(taxes_of(entry), len(goods)):
            amount, words = money(tax.tax, settings), tax_words(tax)
            text = f"{words}: {money(tax.net, settings)} + {amount} = {money(tax.gross, settings)}"
            cells = ("", words, "", "", "", amount)
            yield EntryLine(str(number), "", cells, text, ("", words, None, None, None, tax.tax))
    else:
        for number, change in enumerate(field_changes(row, settings)):
            yield EntryLine(str(number), change.product_id, change, f"{change.name}: {change}")


_SALE_COLUMNS = [
    Column[EntryLine]("id", "Id", 6, lambda line: line.cells[0], flex=1),
    Column[EntryLine]("product", "Product", 14, lambda line: line.cells[1], flex=4),
    Column[EntryLine](
        "pieces", "Pieces", 6, lambda line: line.cells[2], "right", plain=lambda line: line.plain[2]
    ),
    Column[EntryLine](
        "price", "Price", 9, lambda line: line.cells[3], "right", plain=lambda line: line.plain[3]
    ),
    Column[EntryLine](
        "discount",
        "Discount",
        8,
        lambda line: line.cells[4],
        "right",
        drop=1,
        plain=lambda line: line.plain[4],
    ),
    Column[EntryLine](
        "total", "Total", 10, lambda line: line.cells[5], "right", plain=lambda line: line.plain[5]
    ),
]
_CHANGE_COLUMNS = [
    Column[EntryLine]("id", "Id", 6, lambda line: line.cells[0], flex=1),
    Column[EntryLine]("product", "Product", 10, lambda line: line.cells[1], flex=3),
    Column[EntryLine]("field", "Field", 13, lambda line: line.cells[2]),
    Column[EntryLine]("was", "Old", 10, lambda line: line.cells[3], flex=2),
    Column[EntryLine]("now", "New", 10, lambda line: line.cells[4], flex=2),
]
