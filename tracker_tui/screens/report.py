"""Report: the shop's figures as cards, who bought, and what is low in stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Static

from tracker_tui.messages import ShowCustomer, ShowProduct
from tracker_tui.model.goods import PRODUCT_SORTS
from tracker_tui.model.queries import Report, customers_named, report
from tracker_tui.model.records import Product, Settings
from tracker_tui.model.state import Snapshot
from tracker_tui.model.tax import percent
from tracker_tui.model.text import visible
from tracker_tui.screens.product_columns import product_columns, quantity_cell
from tracker_tui.screens.shop_screen import ShopScreen
from tracker_tui.widgets.record_table import Column, RecordTable
from tracker_tui.widgets.shown import content, money

_CARDS = (
    ("total", "Total sales"),
    ("customers", "Customers"),
    ("purchases", "Sales"),
    ("returns", "Returns"),
    ("units", "Units"),
)
_NO_SALES = "No sales yet.\n\nF4 makes one; F9, F9 books it."
_NO_NAMES = "Nobody gave a name yet."
_NO_PRODUCTS = "No products yet.\n\nF2, then a adds the first one."
_NONE_LOW = "Nothing is low in stock."


class Card(Static):
    """One figure in a frame that carries its name.

    Args:
        label: The name.
        id: Id of the widget.
    """

    def __init__(self, label: str, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__("…", id=id, markup=False)
        self.border_title = label

    def show(self, figure: str) -> None:
        """Show another figure."""
        self.update(content(figure))


class ReportScreen(ShopScreen):
    """Figures above, in the middle the names and the lowest stock, below all that is low."""

    MODE = "report"
    AUTO_FOCUS = "#low"
    TITLE = "Report"
    HELP = """\
# Report

Sales, returns and units of all days; what was undone does not count, and returns are taken off. **Customers** are
the people who bought, told apart by their ids; **unique names** are their different names. **Lowest stock** are all
products that share the lowest quantity; **low stock** is what has come down to its reorder level.

Where sales keep taxes, each rate has its tax and what it is on, without the tax; it is rounded on each sale.

Tab goes from list to list. Enter on a product goes to it, on a name to the customer. `y` copies the row, `Y` all
figures.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "Next list", id="report.next", tooltip="Go to the next list"),
        Binding("Y", "copy_figures", "Copy all", id="report.copy", tooltip="Copy all figures as text"),
    ]

    names = query_one("#names", RecordTable)
    lowest = query_one("#lowest", RecordTable)
    low = query_one("#low", RecordTable)

    @dataclass
    class _Computed(Message):
        """The figures of a snapshot are there."""

        shop: Snapshot
        report: Report

    def __init__(self) -> None:
        super().__init__()
        self._settings: Settings | None = None
        self._report: Report | None = None
        self._report_revision = -1

    def compose_body(self) -> ComposeResult:
        """Lay out the cards and the three lists."""
        with Horizontal(id="cards"):
            for key, label in _CARDS:
                yield Card(label, f"card-{key}")
        yield Static("", id="taxes", markup=False)
        with Horizontal(id="report-lists"):
            yield RecordTable[str](_NAME_COLUMNS, lambda name: name, id="names")
            yield RecordTable[Product](_short_columns(Settings()), lambda product: product.id, id="lowest")
        yield RecordTable[Product](product_columns(Settings()), lambda product: product.id, id="low")

    def on_mount(self) -> None:
        """Begin on what is low in stock."""
        super().on_mount()
        self.names.border_title = "Unique names"
        self.lowest.border_title = "Lowest stock"
        self.low.border_title = "Low stock"
        self.low.focus()

    def show_shop(self, shop: Snapshot) -> None:
        """Have the figures computed; the old ones stand until then."""
        self._compute(shop)

    @work(thread=True, exclusive=True, group="report")
    def _compute(self, shop: Snapshot) -> None:
        self.post_message(self._Computed(shop, report(shop)))

    @on(_Computed)
    def _show(self, event: _Computed) -> None:
        """Show figures, unless newer ones came before them."""
        shop = event.shop
        if shop.revision <= self._report_revision:
            return
        self._report_revision = shop.revision
        self._report = event.report
        if shop.settings != self._settings:
            self._settings = shop.settings
            self.lowest.set_columns(_short_columns(shop.settings))
            self.low.set_columns(product_columns(shop.settings))
        for key, figure in _figures(event.report, shop.settings).items():
            self.query_one(f"#card-{key}", Card).show(figure)
        taxes = self.query_one("#taxes", Static)
        taxes.display = bool(event.report.taxes)
        taxes.update(content("   ".join(_tax_texts(event.report, shop.settings))))
        self._show_lists(shop, event.report)

    def _show_lists(self, shop: Snapshot, figures: Report) -> None:
        sold = figures.purchases or figures.returns
        self.names.say_when_empty(_NO_NAMES if sold else _NO_SALES)
        self.lowest.say_when_empty(_NO_PRODUCTS)
        self.low.say_when_empty(_NONE_LOW if shop.products else _NO_PRODUCTS)
        self.names.show(figures.customer_names)
        self.lowest.show(figures.lowest_stock)
        self.low.show(figures.low_stock)
        self.names.border_title = f"Unique names: {len(figures.customer_names):,}"
        self.lowest.border_title = _lowest_title(figures.lowest_stock)
        self.low.border_title = f"Low stock: {len(figures.low_stock):,} to reorder"

    @on(RecordTable.Chosen, "#lowest, #low")
    def _choose_product(self, event: RecordTable.Chosen) -> None:
        self.post_message(ShowProduct(event.key))

    @on(RecordTable.Chosen, "#names")
    def _choose_name(self, event: RecordTable.Chosen) -> None:
        namesakes = customers_named(self.snapshot.customers, event.key)
        if namesakes:
            self.post_message(ShowCustomer(namesakes[0].id))
        else:
            self.tell(f"{event.key} has no entry among the customers")

    def action_copy_figures(self) -> None:
        """Copy all figures as text."""
        if self._report is None:
            return
        settings = self.snapshot.settings
        figures = _figures(self._report, settings)
        names = ", ".join(self._report.customer_names)
        tied = ", ".join(f"{p.name} ({p.id}): {p.quantity}" for p in self._report.lowest_stock)
        told = [(label, figures[key]) for key, label in _CARDS]
        told += [("Tax", text) for text in _tax_texts(self._report, settings)]
        told += [("Unique names", names), ("Lowest stock", tied)]
        self.app.copy_to_clipboard("\n".join(f"{label}\t{visible(text)}" for label, text in told))
        self.tell("The figures are copied")


def _lowest_title(tied: Sequence[Product]) -> str:
    if not tied:
        return "Lowest stock"
    return (
        f"Lowest stock: {len(tied):,} {'product' if len(tied) == 1 else 'products'} at {tied[0].quantity:,}"
    )


def _figures(figures: Report, settings: Settings) -> dict[str, str]:
    return {
        "total": money(figures.total_sales, settings),
        "customers": f"{figures.customers:,}",
        "purchases": f"{figures.purchases:,}",
        "returns": f"{figures.returns:,}",
        "units": f"{figures.units:,}",
    }


def _tax_texts(figures: Report, settings: Settings) -> list[str]:
    """Say for each rate what the tax comes to, and on how much."""
    return [
        f"{percent(tax.rate)} tax: {money(tax.tax, settings)} on {money(tax.net, settings)}"
        for tax in figures.taxes
    ]


_NAME_COLUMNS = [
    Column[str]("name", "Name", 12, lambda name: name, flex=1, sort=lambda name: name.casefold())
]


def _short_columns(settings: Settings) -> list[Column[Product]]:
    """Return the columns of a narrow table of products: name, id and quantity."""
    return [
        Column("name", "Name", 12, lambda p: p.name, flex=3, sort=PRODUCT_SORTS["name"].of),
        Column("id", "Id", 6, lambda p: p.id, flex=1, sort=PRODUCT_SORTS["id"].of),
        Column(
            "quantity",
            "Quantity",
            8,
            quantity_cell(settings),
            "right",
            sort=PRODUCT_SORTS["quantity"].of,
            plain=lambda p: p.quantity,
        ),
    ]
