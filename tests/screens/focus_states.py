"""Every state that the focus can be in: on each screen each widget that can have it, and each dialog."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from tempfile import NamedTemporaryFile
from typing import Any, Final

from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from tests.screens.helpers import type_by_hand, type_text, wait_until
from tracker_tui.app import TrackerApp
from tracker_tui.model import Purchase, SaleLine
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.screens.copied import Copied
from tracker_tui.screens.customer_forms import AccountForm, AddCustomerForm, EditCustomerForm
from tracker_tui.screens.day_close import DayClose
from tracker_tui.screens.delivery import Delivery
from tracker_tui.screens.discount_dialog import DiscountDialog
from tracker_tui.screens.entry_dialog import EntryDialog
from tracker_tui.screens.export_dialog import ArchiveDialog, ExportDialog
from tracker_tui.screens.go_dialog import GoDialog
from tracker_tui.screens.import_dialog import ImportDialog
from tracker_tui.screens.import_plan import ImportPlanDialog
from tracker_tui.screens.kept_baskets import KeptBaskets
from tracker_tui.screens.list_dialog import ListDialog
from tracker_tui.screens.movements import Movements
from tracker_tui.screens.movements_day import PastStock
from tracker_tui.screens.pay_dialog import PayDialog
from tracker_tui.screens.period_dialog import PeriodDialog
from tracker_tui.screens.product_forms import (
    AddProductForm,
    AdjustForm,
    CountForm,
    EditProductForm,
    ReceiveForm,
)
from tracker_tui.screens.reason_dialog import ReasonDialog
from tracker_tui.screens.receipt_dialog import ReceiptDialog
from tracker_tui.screens.return_dialog import ReturnDialog
from tracker_tui.screens.shop_screen import ShopScreen
from tracker_tui.screens.stock_count import StockCount
from tracker_tui.screens.stock_lists import StockLists
from tracker_tui.screens.text_dialog import TextDialog
from tracker_tui.screens.unknown_codes import UnknownCodes
from tracker_tui.widgets.customer_panel import CustomerPanel
from tracker_tui.widgets.record_table import RecordTable

FOCUS: Final = {
    "products": ("#products", "FilterLine Input", ""),
    "search": ("#categories", "#results", "FilterLine Input", ""),
    "sell": ("#basket", "#product Input", "#customer Input", ""),
    "customers": ("#customers", "#purchases", "FilterLine Input", ""),
    "report": ("#cards", "#figures", "FilterLine Input", ""),
    "history": ("#history", "FilterLine Input", ""),
}
"""What can have the focus on each main screen; "" is nothing at all. A test holds that this is all of it."""

Enter = Callable[[TrackerApp, Pilot[int]], Awaitable[None]]


@dataclass(frozen=True)
class FocusState:
    """A state of the focus.

    Attributes:
        name: What it is.
        mode: The main screen that is seen, or lies under a dialog.
        enter: Brings the program there from that screen.
        dialog: What lies over the screen; None where nothing does.
        covered: Whether a dialog lies over the screen.
        fills: Whether what is scanned goes into a field of it: the barcodes of a product.
        passes: Whether a scan ends it, so that it is entered anew for the next.
        lists: Whether what is scanned comes on the list of a count or a delivery.
    """

    name: str
    mode: str
    enter: Enter
    dialog: type[Screen[Any]] | None = None
    covered: bool = False
    fills: bool = False
    passes: bool = False
    lists: bool = False


def _focus(selector: str) -> Enter:
    async def enter(app: TrackerApp, pilot: Pilot[int]) -> None:
        app.screen.set_focus(app.screen.query_one(selector) if selector else None)
        await pilot.pause()

    return enter


def _typed(selector: str, text: str) -> Enter:
    """Type into a field, and leave it there."""

    async def enter(app: TrackerApp, pilot: Pilot[int]) -> None:
        await _focus(selector)(app, pilot)
        field = app.screen.query_one(selector, Input)
        field.clear()
        await type_by_hand(pilot, text, ago_s=1)
        await wait_until(pilot, lambda: field.value == text)

    return enter


def _open_list(selector: str, text: str) -> Enter:
    async def enter(app: TrackerApp, pilot: Pilot[int]) -> None:
        await _typed(f"{selector} Input", text)(app, pilot)
        await wait_until(pilot, lambda: app.screen.query_one(selector).has_class("-open"))

    return enter


def _dialog(*keys: str, focus: str = "", on: str = "") -> Enter:
    """Press keys until a dialog lies over the screen, and go to one of its fields.

    Args:
        keys: What to press.
        focus: What shall have the focus then; "" leaves it.
        on: What has the focus on the screen.
    """

    async def enter(app: TrackerApp, pilot: Pilot[int]) -> None:
        if on:
            await _focus(on)(app, pilot)
        for key in keys:
            await pilot.press(key)
        await wait_until(pilot, lambda: not isinstance(app.screen, ShopScreen))
        if focus:
            await _focus(focus)(app, pilot)

    return enter


def _field(key: str, table: str, field: str) -> Enter:
    """Open a form from a table, and go to one of its fields."""
    return _dialog(key, on=table, focus=f"#field-{field} Input")


def _cell(key: str) -> Enter:
    """Begin to type a cell of the basket."""

    async def enter(app: TrackerApp, pilot: Pilot[int]) -> None:
        await _focus("#basket")(app, pilot)
        await pilot.press(key)
        await wait_until(pilot, lambda: app.screen.query_one("#basket-cell").has_focus)

    return enter


def _paying(*keys: str) -> Enter:
    async def enter(app: TrackerApp, pilot: Pilot[int]) -> None:
        if not app.basket.lines:
            await _focus("#product Input")(app, pilot)
            await type_text(pilot, "002\n")
            await wait_until(pilot, lambda: app.basket.lines)
        await pilot.press("f9")
        await wait_until(pilot, lambda: isinstance(app.screen, PayDialog) and app.screen.hears)
        await pilot.press(*keys)
        screen = app.screen
        assert isinstance(screen, PayDialog)
        await wait_until(pilot, lambda: screen.query_one("#pay-cash").display != bool(keys))

    return enter


async def _usual(app: TrackerApp, pilot: Pilot[int]) -> None:
    """Go to the usual products of a customer."""
    if app.basket.customer != "C0001":
        app.basket = app.basket._replace(customer="C0001")
        await wait_until(pilot, lambda: app.screen.query_one(CustomerPanel).is_known)
    await pilot.press("ctrl+l")
    await wait_until(pilot, lambda: app.screen.query_one("#usual").has_focus)


async def _asked_why(app: TrackerApp, pilot: Pilot[int]) -> None:
    """Try to pay for more than there is."""
    app.basket = app.basket.add("003", 5000)
    await wait_until(pilot, lambda: app.screen.query_one("#basket", RecordTable).row_count == 2)
    await _dialog("f9")(app, pilot)


def _receipt(*, saving: bool) -> Enter:
    async def enter(app: TrackerApp, pilot: Pilot[int]) -> None:
        milk = SaleLine("001", "Milk", 1, Decimal(1), Decimal(0), Decimal(1))
        sale = Purchase(9, "amal", "s9", "", "", (milk,), "cash", "", "", datetime.now(UTC))
        dialog = ReceiptDialog(sale, app.snapshot)
        await app.push_screen(dialog)
        if saving:
            await pilot.press("s")
            await wait_until(pilot, lambda: dialog.file.input.has_focus)

    return enter


async def _archiving(app: TrackerApp, pilot: Pilot[int]) -> None:
    await app.run_action("app.archive")
    await wait_until(pilot, lambda: isinstance(app.screen, ArchiveDialog))


def _importing(*, rows: bool, focus: str = "#import-columns") -> Enter:
    """Read a table, and go on to what its import would do, where that is wanted."""

    async def enter(app: TrackerApp, pilot: Pilot[int]) -> None:
        with NamedTemporaryFile("w", suffix=".csv") as file:
            file.write("id,name,price\nT9,Tea,1\n001,Milk,9\n")
            file.flush()
            await _dialog("I", on="#products")(app, pilot)
            app.screen.query_one("#field-file Input", Input).value = file.name
            await pilot.press("ctrl+s")
            await wait_until(pilot, lambda: app.screen.query_one("#import-columns").has_focus)
        if rows:
            await pilot.press("ctrl+s")
            await wait_until(pilot, lambda: app.screen.query_one("#import-rows").has_focus)
            if focus != "#import-columns":
                await _focus(focus)(app, pilot)

    return enter


def _return(*, focus: str) -> Enter:
    async def enter(app: TrackerApp, pilot: Pilot[int]) -> None:
        await pilot.press("ctrl+g")
        await wait_until(pilot, lambda: isinstance(app.screen, ReturnDialog))
        await _focus(focus)(app, pilot)

    return enter


def _past(*, focus: str) -> Enter:
    async def enter(app: TrackerApp, pilot: Pilot[int]) -> None:
        await app.run_action("past_stock")
        await wait_until(pilot, lambda: isinstance(app.screen, PastStock))
        if focus:
            await _focus(focus)(app, pilot)

    return enter


def _list(key: str, dialog: type[ListDialog], *, focus: str, cell: str = "") -> Enter:
    """Begin a count or a delivery with Bread on it, and go to a part of the dialog; with `cell` begin to type one."""

    async def enter(app: TrackerApp, pilot: Pilot[int]) -> None:
        if not isinstance(app.screen, dialog):
            await _dialog(key, on="#products")(app, pilot)
            await pilot.press("ctrl+s")
            await wait_until(pilot, lambda: isinstance(app.screen, dialog))
            await _focus("#list-product Input")(app, pilot)
            await type_text(pilot, "002\n")
            await wait_until(
                pilot, lambda: isinstance(app.screen, ListDialog) and "002" in app.screen.draft.lines
            )
        await _focus(focus)(app, pilot)
        if cell:
            await pilot.press(cell)
            await wait_until(pilot, lambda: app.screen.query_one("#list-cell").has_focus)

    return enter


def _states() -> list[FocusState]:
    states = [
        FocusState(f"{mode}: {selector or 'nothing'}", mode, _focus(selector))
        for mode, selectors in FOCUS.items()
        for selector in selectors
    ]
    states += [
        FocusState(f"{mode}: words in the filter", mode, _typed("FilterLine Input", "mi"))
        for mode in ("products", "search", "customers", "report", "history")
    ]
    states += [
        FocusState("sell: usual products", "sell", _usual),
        FocusState("sell: open list of products", "sell", _open_list("#product", "e")),
        FocusState("sell: open list of customers", "sell", _open_list("#customer", "k")),
    ]
    states += [
        FocusState(f"sell: cell of the {column}", "sell", _cell(key), passes=True)
        for column, key in (("quantity", "e"), ("price", "p"), ("discount", "%"))
    ]
    over: list[tuple[str, str, type[Screen[Any]], Enter]] = [
        ("products", "help", TextDialog, _dialog("f1")),
        ("products", "letters after g", GoDialog, _dialog("g", on="#products")),
        ("products", "commands", CommandPalette, _dialog("ctrl+p")),
        ("products", "problems", TextDialog, _dialog("!", on="#products")),
        ("products", "copied", Copied, _dialog("C", on="#products")),
        ("products", "codes", UnknownCodes, _dialog("ctrl+t")),
        ("products", "export: file", ExportDialog, _dialog("X", on="#products")),
        ("products", "archive: file", ArchiveDialog, _archiving),
        ("products", "import: file", ImportDialog, _dialog("I", on="#products")),
        ("products", "import: columns", ImportDialog, _importing(rows=False)),
        ("products", "import: rows", ImportPlanDialog, _importing(rows=True)),
        ("products", "import: filter", ImportPlanDialog, _importing(rows=True, focus="FilterLine Input")),
        ("products", "remove?", ConfirmDialog, _dialog("d", on="#products")),
        ("products", "receive: pieces", ReceiveForm, _field("i", "#products", "pieces")),
        ("products", "receive: note", ReceiveForm, _field("i", "#products", "note")),
        ("products", "count: pieces", CountForm, _field("c", "#products", "pieces")),
        ("products", "adjust: note", AdjustForm, _field("x", "#products", "note")),
        ("customers", "add: name", AddCustomerForm, _field("a", "#customers", "name")),
        ("customers", "add: phone", AddCustomerForm, _field("a", "#customers", "phone")),
        ("customers", "edit: note", EditCustomerForm, _field("e", "#customers", "note")),
        ("customers", "pay: amount", AccountForm, _field("p", "#customers", "amount")),
        ("report", "days: last", PeriodDialog, _dialog("o", on="#figures", focus="#field-until Input")),
        ("report", "days: calendar", PeriodDialog, _dialog("o", on="#figures", focus="Calendar")),
        ("history", "entry", EntryDialog, _dialog("enter", on="#history")),
        ("history", "undo?", ConfirmDialog, _dialog("u", on="#history")),
        ("history", "return: nothing", ReturnDialog, _return(focus="")),
        ("customers", "return: reason", ReturnDialog, _return(focus="#field-reason Input")),
        ("sell", "return: receipt", ReturnDialog, _return(focus="#field-sale Input")),
        ("sell", "return: lines", ReturnDialog, _return(focus="RecordTable")),
        ("history", "receipt", ReceiptDialog, _receipt(saving=False)),
        ("history", "receipt: file", ReceiptDialog, _receipt(saving=True)),
        ("sell", "receipt", ReceiptDialog, _receipt(saving=False)),
        ("sell", "help", TextDialog, _dialog("f1")),
        ("sell", "commands", CommandPalette, _dialog("ctrl+p")),
        ("sell", "codes", UnknownCodes, _dialog("ctrl+t")),
        ("sell", "discount", DiscountDialog, _dialog("b", on="#basket")),
        ("sell", "baskets: name", KeptBaskets, _dialog("ctrl+o")),
        ("sell", "baskets: list", KeptBaskets, _dialog("ctrl+o", focus="#kept-list")),
        ("sell", "empty?", ConfirmDialog, _dialog("ctrl+n")),
        ("sell", "reason", ReasonDialog, _asked_why),
        ("sell", "pay: cash", PayDialog, _paying()),
        ("sell", "pay: card", PayDialog, _paying("k")),
    ]
    over += [
        ("products", "counts: name", StockLists, _dialog("t", on="#products")),
        ("products", "deliveries: note", StockLists, _dialog("v", on="#products", focus="#field-note Input")),
        ("sell", "close: counted", DayClose, _dialog("ctrl+y", focus="#field-counted Input")),
        ("products", "close: note", DayClose, _dialog("ctrl+y", on="#products", focus="#field-note Input")),
        ("products", "movements: table", Movements, _dialog("w", on="#products")),
        ("search", "movements: day", Movements, _dialog("w", on="#results", focus="#field-day Input")),
        ("products", "past: day", PastStock, _past(focus="")),
        ("products", "past: table", PastStock, _past(focus="#past-table")),
        ("products", "counts: list", StockLists, _dialog("t", on="#products", focus="RecordTable")),
    ]
    lists: tuple[tuple[str, type[ListDialog]], ...] = (("t", StockCount), ("v", Delivery))
    for key, kind in lists:
        for what, focus, cell in (
            ("field", "#list-product Input", ""),
            ("table", "#list-table", ""),
            ("cell", "#list-table", "e"),
        ):
            if cell and kind is StockCount:
                continue  # It has the cells of all such lists.
            enter = _list(key, kind, focus=focus, cell=cell)
            name = f"products, {kind.__name__}: {what}"
            states.append(
                FocusState(name, "products", enter, kind, covered=True, passes=bool(cell), lists=True)
            )
    states += [
        FocusState(f"{mode}, {name}", mode, enter, screen, covered=True) for mode, name, screen, enter in over
    ]
    fields = ("id", "name", "price", "quantity", "categories", "reorder-level", "barcodes", "cost")
    forms: list[tuple[str, type[Screen[Any]], tuple[str, ...], tuple[str, ...]]] = [
        ("add", AddProductForm, ("a",), fields),
        ("edit", EditProductForm, ("down", "e"), ("name", "price", "barcodes")),
    ]
    for what, form, keys, of_it in forms:
        for field in of_it:
            enter = _dialog(*keys, on="#products", focus=f"#field-{field} Input")
            name = f"products, {what}: {field}"
            states.append(FocusState(name, "products", enter, form, covered=True, fills=True))
    return states


STATES: Final = tuple(_states())
