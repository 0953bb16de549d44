"""A delivery being unpacked: what came, at which cost, and what is low in stock all the same."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tracker_tui.messages import CodeForgotten
from tracker_tui.model.acts import AddProduct, Outcome
from tracker_tui.model.chosen import Chosen
from tracker_tui.model.drafts import delivery_summary, several
from tracker_tui.model.list_rows import View, count_still_low, delivery_rows
from tracker_tui.model.money import parse_amount, written
from tracker_tui.model.records import Product
from tracker_tui.model.scan import UnknownCode
from tracker_tui.screens.list_dialog import ListDialog
from tracker_tui.screens.product_forms import AddProductForm
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.record_table import Column
from tracker_tui.widgets.shown import money
from tracker_tui.widgets.table_columns import MOST_NAME, MOST_SHORT


class Delivery(ListDialog):
    """One delivery, open in this session and maybe in others."""

    VIEWS = (View.CAME, View.LOW)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+n", "new_product", "New product", id="delivery.new", tooltip="Make a product that is new"
        ),
    ]
    HELP = """\
# Receive a delivery

Scan what you unpack, each piece or once with the number before it: `24*code`. Or type an id or part of a name and
Enter. In the table digits set the pieces, Tab goes on to the cost of one piece, which becomes the product's cost; 0
pieces take it off again.

A code that no product has rings and is kept: **Ctrl+N makes a product** of the latest such code, and puts on the list
what was scanned of it. `Ctrl+O` shows what stays low in stock after this delivery: digits there put it on the list.

It is on disk with every scan. **F9 books** it as one entry, after a question, and once only; Ctrl+Z takes it back.
"""

    def compose_buttons(self) -> ComposeResult:
        """Yield what else can be done."""
        yield MouseButton("New  Ctrl+N", "screen.new_product")
        yield from super().compose_buttons()

    def rows(self) -> Chosen[Product]:
        """Return what came, or what stays low."""
        return delivery_rows(self.shop, self.draft, self.view)

    def columns(self) -> Sequence[Column[Product]]:
        """Return what came beside what there is."""
        lines, settings = self.draft.lines, self.shop.settings

        def pieces(product: Product) -> int:
            line = lines.get(product.id)
            return line.pieces if line is not None else 0

        def cost(product: Product) -> Decimal | None:
            line = lines.get(product.id)
            return line.cost if line is not None and line.cost is not None else product.cost

        def priced(product: Product, times: int) -> str:
            each = cost(product)
            return money(each * times, settings) if each is not None and times else ""

        return [
            Column("id", "Id", 5, lambda p: p.id, flex=1, most=MOST_SHORT, drop=2),
            Column("name", "Product", 12, lambda p: p.name, flex=4, most=MOST_NAME),
            Column("pieces", "Came", 6, lambda p: f"{pieces(p):,}" if pieces(p) else "", "right"),
            Column("cost", "Cost", 10, lambda p: priced(p, 1), "right"),
            Column("total", "Total", 10, lambda p: priced(p, pieces(p)), "right", drop=1),
            Column("stock", "In stock", 8, lambda p: f"{p.quantity:,}", "right"),
            Column("after", "After", 7, lambda p: f"{p.quantity + pieces(p):,}", "right"),
            Column(
                "level", "Reorder", 7, lambda p: f"{p.reorder_level or settings.low_stock:,}", "right", drop=3
            ),
        ]

    def title_text(self) -> str:
        """Say which delivery this is."""
        note = f" ({self.draft.note})" if self.draft.note else ""
        which = "" if self.view is View.CAME else f" · shown: {self.view}"
        return f"Delivery: {self.draft.title}{note}{which}"

    def sum_text(self) -> str:
        """Say what came, what it cost, and what is still missing."""
        found = delivery_summary(self.draft, self.shop.products)
        value = money(found.value, self.shop.settings)
        came = (
            f"{found.products:,} {'product' if found.products == 1 else 'products'}, {found.pieces:,} pieces"
        )
        unknown = f" without {found.unvalued:,} of unknown cost" if found.unvalued else ""
        low = count_still_low(self.shop, self.draft)
        missing = f"still to be ordered: {low:,}" if low else "nothing is low in stock after it"
        return f"{came}, {value}{unknown}; {missing}"

    def empty_text(self) -> str:
        """Say why no products are shown."""
        if self.view is View.LOW:
            return "Nothing is low in stock after this delivery."
        return (
            "Nothing is unpacked yet.\n\nScan a code, or type an id or part of a name above.\n24*code is 24."
        )

    def question(self) -> str:
        """Ask whether the delivery shall be booked."""
        found = delivery_summary(self.draft, self.shop.products)
        if not found.products:
            return ""
        value = money(found.value, self.shop.settings)
        came = f"{several(found.products, 'product')}, {several(found.pieces, 'piece')}"
        return f"Book the delivery of {came}, {value}? It can be undone."

    def cell_text(self, product_id: str, column: str) -> str:
        """Return what stands in a cell that is about to be typed."""
        if column != "cost":
            return super().cell_text(product_id, column)
        line, product = self.draft.lines.get(product_id), self.shop.products.get(product_id)
        cost = line.cost if line is not None and line.cost is not None else product.cost if product else None
        return "" if cost is None else written(cost)

    def read_cost(self, typed: str) -> Decimal:
        """Read what a piece costs.

        Raises:
            ValueError: It is no amount.
        """
        settings = self.shop.settings
        return parse_amount(typed, settings.decimals, currency=settings.currency)

    def action_new_product(self) -> None:
        """Make a product, of the code that was scanned in vain last; what was scanned of it comes on the list."""
        codes: tuple[UnknownCode, ...] = getattr(self.app, "unknown_codes", ())
        unknown = codes[0] if codes else None

        def made(outcome: Outcome | None) -> None:
            if outcome is None or not isinstance(outcome.act, AddProduct):
                return
            product = outcome.act.product
            pieces = 1
            if unknown is not None and unknown.code in (product.id, *product.barcodes):
                pieces = unknown.pieces
                self.post_message(CodeForgotten(unknown.code))
            self.put(product.id, pieces, more=True)

        self.app.push_screen(
            AddProductForm(self.shop.own_columns, unknown.code if unknown is not None else ""), made
        )
