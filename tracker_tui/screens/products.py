"""Products: all of them in one table, to find, add, edit, receive, count and remove."""

from __future__ import annotations

from time import monotonic
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one

from tracker_tui.messages import ActDone, ActFailed, ActRequested, AddToBasket, MovementsWanted
from tracker_tui.model.acts import AddProduct, Outcome, RemoveProduct
from tracker_tui.model.finding import product_index
from tracker_tui.model.news import news
from tracker_tui.model.records import Product, Settings
from tracker_tui.model.rules import join_set
from tracker_tui.model.state import READING, Snapshot
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.screens.filtered_screen import FilteredScreen
from tracker_tui.screens.form_dialog import FormDialog
from tracker_tui.screens.product_columns import product_columns
from tracker_tui.screens.product_forms import (
    AddProductForm,
    AdjustForm,
    CountForm,
    EditProductForm,
    ReceiveForm,
)
from tracker_tui.widgets.filter_line import FilterLine
from tracker_tui.widgets.record_table import RecordTable
from tracker_tui.widgets.shown import money
from tracker_tui.widgets.spare_time import SpareTime
from tracker_tui.widgets.told import Told

MARKED_S: Final = 3.0
"""How long a row that somebody else changed stays marked at least; then until the next key or news."""

_EMPTY = """\
No products yet.

a adds the first one, I imports a file,
D opens a made-up shop to try it all."""


_NONE_MATCH = """\
No product has all these words.

Esc takes the filter away."""


class ProductsScreen(FilteredScreen):
    """The table of products, a filter above it and the details of one below."""

    MODE = "products"
    SHOWS_FIRST_ROWS = True
    CHANGING = frozenset({"add", "edit", "receive", "count", "remove"})
    AUTO_FOCUS = "RecordTable"
    TITLE = "Products"
    HELP = """\
# Products

All products of the shop. Type `/` and any words to see only the products that have them all, in id, name,
categories, barcodes or your own columns. A quantity at or below its reorder level says **low**.

The quantity changes by selling, receiving (`i`), counting (`c`) and adjusting (`x`), never by editing. `v` receives a
delivery of several products, `t` counts whole shelves, alone or together. `w` shows what became of a product: its
movements, its prices, its stock on any day.
Every change can be undone with `u` or Ctrl+Z.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", id="products.filter"),
        Binding("a", "add", "Add", id="products.add", tooltip="Add a product"),
        Binding("e", "edit", "Edit", id="products.edit", tooltip="Edit the product"),
        Binding(
            "i",
            "receive",
            "Receive",
            id="products.receive",
            tooltip="Receive pieces of the product (goods in)",
        ),
        Binding("c", "count", "Count", id="products.count", tooltip="Set the stock to what you counted"),
        Binding(
            "x", "adjust", "Adjust", id="products.adjust", tooltip="Adjust the stock for a reason", show=False
        ),
        Binding("d", "remove", "Remove", id="products.remove", tooltip="Remove the product"),
        Binding("b", "basket", "Basket", id="products.basket", tooltip="Put one piece into the basket"),
        Binding("D", "app.demo", "Demo", id="products.demo", tooltip="Open a made-up shop", show=False),
        Binding(
            "w", "movements", "Movements", id="products.movements", tooltip="What became of it", show=False
        ),
        Binding("t", "app.count_stock", "Count the stock", id="products.count_stock", show=False),
        Binding(
            "I",
            "app.import",
            "Import",
            id="products.import",
            tooltip="Import products from a file",
            show=False,
        ),
        Binding("v", "app.receive_delivery", "Receive a delivery", id="products.delivery", show=False),
        Binding("escape", "clear", "Clear the filter", id="products.clear", show=False),
    ]

    table = query_one("#products", RecordTable)
    details = query_one(Told)

    def __init__(self) -> None:
        super().__init__()
        self._index = product_index()
        self._spare_time = SpareTime()
        self._settings: Settings | None = None
        self._seen: int | None = None
        self._news: dict[str, tuple[str, float]] = {}
        self._offers_first_steps = False

    def compose_body(self) -> ComposeResult:
        """Lay out the filter, the table and the details."""
        yield FilterLine("Filter", "any words, in any order")
        yield RecordTable[Product](
            product_columns(Settings()), lambda product: product.id, empty=_EMPTY, id="products"
        )
        yield Told(id="product-details")

    def on_mount(self) -> None:
        """Begin on the table."""
        super().on_mount()
        self.table.focus()

    def show_shop(self, shop: Snapshot) -> None:
        """Show the products as they are now."""
        if shop.settings != self._settings:
            self._settings = shop.settings
            self.table.set_columns(product_columns(shop.settings))
        self._index.update(shop.products)
        told = self._take_news(shop)
        self._drop_old_news()
        self._fill()
        if told:
            self.paint()

    def _take_news(self, shop: Snapshot) -> bool:
        """Mark the rows that other clerks changed, and say who; False where there are none."""
        if shop.loading:
            return False
        seen, self._seen = self._seen, shop.entry
        told = news(shop, seen, self.clerk) if seen is not None else {}
        if told:
            now = monotonic()
            self._news |= {key: (text, now) for key, text in told.items()}
        return bool(told)

    def _drop_old_news(self) -> None:
        """Take away the marks that have stood for a while, with what is painted anyway.

        A frame for that alone would cost a session that nobody looks at more than the news did.
        """
        long_ago = monotonic() - MARKED_S
        old = [key for key, (_, at) in self._news.items() if at <= long_ago]
        for key in old:
            del self._news[key]
        if old:
            self.table.unflash(old)

    def _fill(self, *, top: bool = False) -> None:
        self._filled_for = self.filter_line.text
        rows = self._index.matching(self._filled_for)
        self.table.say_when_empty(_NONE_MATCH if self.snapshot.products else _EMPTY)
        self.table.show(rows, top=top, changed=self._news)
        if self.snapshot.loading:
            self.filter_line.say(READING)
        else:
            self.filter_line.count(len(rows), len(self.snapshot.products))
            self._offer_first_steps()
        self._show_details()

    def _get_ahead(self) -> None:
        self._spare_time.use(self._index.get_ahead(), self._index.let_go)

    def _offer_first_steps(self) -> None:
        """Offer how to begin while nothing has happened in the shop."""
        wanted = not self.snapshot.products and not self.snapshot.entry and not self.clerk_mode
        if wanted == self._offers_first_steps:
            return
        self._offers_first_steps = wanted
        if wanted:
            from tracker_tui.widgets.first_steps import FirstSteps  # noqa: PLC0415 - only an empty shop needs it

            self.mount(FirstSteps(), before=self.details)
        else:
            self.query("#first-steps").remove()

    def _show_details(self) -> None:
        self._drop_old_news()
        product = self._product()
        if product is None:
            self.details.tell("")
            return
        parts = [product.name]
        if product.id in self._news:
            parts.append(self._news[product.id][0])
        if product.cost is not None:
            parts.append(f"cost {money(product.cost, self.snapshot.settings)}")
        if product.barcodes:
            parts.append(f"barcode {join_set(product.barcodes, ', ')}")
        if product.categories:
            parts.append(join_set(product.categories, ", "))
        parts += [f"{column}: {value}" for column, value in product.extra.items()]
        self.details.tell("  ·  ".join(parts))

    def _product(self) -> Product | None:
        key = self.table.cursor_key
        return self.snapshot.products.get(key) if key is not None else None

    def go_to(self, product_id: str) -> None:
        """Put the cursor on a product, taking the filter away where it hides it."""
        self._show_if_new()
        if not self.table.go_to(product_id):
            self.filter_line.clear()
            self._fill()
            self.table.go_to(product_id)
        self.table.focus()

    @on(RecordTable.Highlighted)
    def _highlight(self) -> None:
        self._show_details()

    @on(RecordTable.Chosen)
    def _choose(self) -> None:
        self.action_edit()

    def action_add(self) -> None:
        """Add a product."""
        if self.may_change(products=True):
            self._open(AddProductForm(self.snapshot.own_columns))

    def action_edit(self) -> None:
        """Edit the product under the cursor."""
        product = self._product()
        if product is not None and self.may_change(products=True):
            self._open(EditProductForm(product, self.snapshot.own_columns))

    def action_receive(self) -> None:
        """Receive a delivery of the product under the cursor."""
        product = self._product()
        if product is not None and self.may_change(products=True):
            self._open(ReceiveForm(product))

    def action_count(self) -> None:
        """Count the product under the cursor."""
        product = self._product()
        if product is not None and self.may_change(products=True):
            self._open(CountForm(product))

    def action_adjust(self) -> None:
        """Adjust the stock of the product under the cursor."""
        product = self._product()
        if product is not None and self.may_change(products=True):
            self._open(AdjustForm(product))

    def action_movements(self) -> None:
        """Show what became of the product under the cursor."""
        product = self._product()
        if product is not None:
            self.post_message(MovementsWanted(product.id))

    def action_basket(self) -> None:
        """Put a piece of the product under the cursor into the basket."""
        product = self._product()
        if product is not None and self.may_change():
            self.post_message(AddToBasket(product.id))

    def action_remove(self) -> None:
        """Remove the product under the cursor, after a question."""
        product = self._product()
        if product is None or not self.may_change(products=True):
            return
        stock = f" {product.quantity} are in stock." if product.quantity else ""
        question = f"Remove {product.name} ({product.id})?{stock} Its sales stay, and u brings it back."

        def remove(yes: bool | None) -> None:  # noqa: FBT001 - a dialog's answer
            if yes:
                self.post_message(ActRequested(RemoveProduct(product.id), self))

        self.open_dialog(ConfirmDialog(question, "Remove"), remove)

    def _open(self, form: FormDialog) -> None:
        self.open_dialog(form, self._after_form)

    def _after_form(self, outcome: Outcome | None) -> None:
        if outcome is not None:
            self._tell_outcome(outcome)
            if isinstance(outcome.act, AddProduct):
                self.go_to(outcome.act.product.id)

    @on(ActDone)
    def _show_done(self, event: ActDone) -> None:
        self._tell_outcome(event.outcome)

    @on(ActFailed)
    def _show_failure(self, event: ActFailed) -> None:
        self.tell(str(event.error), error=True)

    def _tell_outcome(self, outcome: Outcome) -> None:
        self.tell(f"{outcome.text}. Ctrl+Z undoes it." if outcome.entry else outcome.text)
