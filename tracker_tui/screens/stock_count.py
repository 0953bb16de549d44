"""A count of the stock: what is on the shelves, what is not counted yet, and what the differences are worth."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tracker_tui.model.chosen import Chosen
from tracker_tui.model.drafts import Draft, DraftLine, count_summary, several, worth
from tracker_tui.model.finding import product_index
from tracker_tui.model.list_rows import Scope, View, count_rows, left_to_count, products_to_count
from tracker_tui.model.records import Product
from tracker_tui.screens.list_dialog import ListDialog
from tracker_tui.widgets.record_table import Column
from tracker_tui.widgets.shown import money
from tracker_tui.widgets.table_columns import MOST_NAME, MOST_SHORT


class StockCount(ListDialog):
    """One count, open in this session and maybe in others."""

    VIEWS = (View.ALL, View.LEFT, View.OFF)
    HELP = """\
# Count the stock

Scan what is on the shelf, each piece or once with the number before it: `12*code`. Or type an id or part of a name and
Enter; or go to the table and type the number of pieces into the row. A further scan adds to it, typing sets it anew.

Each line keeps the stock of **its own moment**, and the difference is taken from that: what is sold during the count,
before or after, does not disturb it. Where the stock changed between two lines of one product, the row says
**sold since**: look again, and type how many there are now.

`Ctrl+O` shows all, what is not counted yet, or the differences. Other sessions may count the same list at once. **F9
books** all that was counted as one entry, after a question; what was not counted stays as it is. Ctrl+Z takes it back.
"""

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft)
        self._index = product_index()
        self._costs: tuple[int, dict[str, Decimal | None]] = (-1, {})
        self._wanted: tuple[object, Scope] | None = None

    def _products(self) -> Scope:
        """Return what is counted; found anew only where the shop has changed."""
        about = (self.shop.revision, self.draft.category, self.draft.search)
        if self._wanted is None or self._wanted[0] != about:
            if self.draft.search:
                self._index.update(self.shop.products)
            self._wanted = about, products_to_count(self.shop, self.draft, self._index)
        return self._wanted[1]

    def rows(self) -> Chosen[Product]:
        """Return all products of the count, what is left, or the differences."""
        return count_rows(self.shop, self.draft, self._products(), self.view)

    def columns(self) -> Sequence[Column[Product]]:
        """Return what was counted beside what there should be."""
        lines = self.draft.lines

        def text(product: Product, of: str) -> str:
            line = lines.get(product.id)
            return f"{getattr(line, of):,}" if line is not None else ""

        def off(product: Product) -> str:
            line = lines.get(product.id)
            return f"{line.difference:+,}" if line is not None and line.difference else ""

        def warn(product: Product) -> str:
            line = lines.get(product.id)
            return "record-table--warning" if line is not None and (line.difference or line.moved) else ""

        return [
            Column("id", "Id", 5, lambda p: p.id, flex=1, most=MOST_SHORT, drop=2),
            Column("name", "Product", 12, lambda p: p.name, flex=4, most=MOST_NAME),
            Column("pieces", "Counted", 7, lambda p: text(p, "pieces"), "right"),
            Column("stock", "Should be", 9, lambda p: text(p, "stock") or f"{p.quantity:,}", "right"),
            Column("difference", "Diff", 6, off, "right", style=warn),
            Column("value", "At cost", 10, lambda p: self._value(p, lines.get(p.id)), "right"),
            Column("state", "", 10, lambda p: _state(lines.get(p.id)), style=warn),
            Column(
                "clerk", "By", 6, lambda p: line.clerk if (line := lines.get(p.id)) else "", flex=1, drop=1
            ),
        ]

    def _value(self, product: Product, line: DraftLine | None) -> str:
        each = worth(product)
        if line is None or not line.difference:
            return ""
        return money(each * line.difference, self.shop.settings) if each is not None else "?"

    def _cost(self, product_id: str) -> Decimal | None:
        """Return the cost of a product; looked up once, until the shop changes."""
        if self._costs[0] != self.shop.revision:
            self._costs = self.shop.revision, {}
        costs = self._costs[1]
        if product_id not in costs:
            costs[product_id] = worth(self.shop.products.get(product_id))
        return costs[product_id]

    def title_text(self) -> str:
        """Say what is counted and how much of it is."""
        scope = self._products()
        left, of = left_to_count(self.shop, self.draft, scope), len(scope.places)
        which = "" if self.view is View.ALL else f" · shown: {self.view}"
        return f"Count: {self.draft.title} · {of - left:,} of {of:,} counted{which}"

    def sum_text(self) -> str:
        """Say what the differences come to."""
        found = count_summary(self.draft, self._cost)
        counted = f"{several(found.products, 'product')}, {several(found.pieces, 'piece')}"
        if not found.differing:
            return f"{counted}; no differences"
        value = money(found.value, self.shop.settings)
        unknown = f", and {several(found.unvalued, 'piece')} of unknown cost" if found.unvalued else ""
        off = f"{found.differing:,} differ: {found.missing:,} missing, {found.surplus:,} too many"
        return f"{counted}; {off}; {value} at cost{unknown}"

    def empty_text(self) -> str:
        """Say why no products are shown."""
        if self.view is View.LEFT:
            return "All of it is counted.\n\nF9 books the count."
        return "No differences." if self.view is View.OFF else "No product is of this list."

    def question(self) -> str:
        """Ask whether the count shall be booked, with what it does."""
        found = count_summary(self.draft, self._cost)
        if not found.products:
            return ""
        left = left_to_count(self.shop, self.draft, self._products())
        rest = f" {left:,} are not counted and stay as they are." if left else ""
        value = money(found.value, self.shop.settings)
        off = f"{found.differing:,} differ, -{found.missing:,} and +{found.surplus:,} pieces, {value} at cost"
        return f"Book the count of {several(found.products, 'product')}? {off}.{rest} It can be undone."

    def read_cost(self, typed: str) -> Decimal:
        """A count has no costs."""
        raise ValueError(typed)


def _state(line: DraftLine | None) -> str:
    if line is None:
        return ""
    return "sold since" if line.moved else "ok" if not line.difference else ""
